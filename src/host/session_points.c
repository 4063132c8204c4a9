/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A callback at work: it is shown the points on the board, on the cube as columns, too, with every
 * label in turn, and writes its values there, where NaN stands before each call, so that what it
 * leaves out is found. It may not, but can, write all over the board: the runner has points of its
 * own, and who changes what is shown misleads nobody but itself. */
#include "base/memory.h"
#include "host/session_internal.h"
#include "query/columns.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void sb_scratch_fini(struct sb_scratch *scratch)
{
    free(scratch->memory);
    free(scratch->x);
    memset(scratch, 0, sizeof *scratch);
}

static bool make_scratch(struct sb_session *s)
{
    struct sb_scratch *scratch = &s->scratch;

    if (scratch->memory)
        return true;
    scratch->x = SB_NEW_ARRAY(double *, s->space.dim);
    scratch->memory =
        SB_NEW_ARRAY(double, ((s->board.cube ? (size_t)s->space.dim : 0) + 1) * SB_BLOCK);
    if (scratch->x && scratch->memory)
        return true;
    sb_scratch_fini(scratch);
    return false;
}

/* The columns of a block. */
static void show_points(struct sb_session *s, uint32_t block)
{
    struct sb_scratch *scratch = &s->scratch;
    const struct sb_board *board = &s->board;

    double *const columns = scratch->memory + SB_BLOCK;

    for (uint32_t j = 0; j < board->dim; j++)
        scratch->x[j] =
            board->cube ? columns + (size_t)j * SB_BLOCK : sb_board_column(board, block, j);
    if (board->cube) /* of a full block, however many points it has */
        sb_columns_of_bits(sb_board_bits(board, block), board->dim, columns);
}

/* Label number l of each point of a block, as the learner sees it. */
static void show_labels(struct sb_session *s, uint32_t block, uint32_t l)
{
    double *const y = s->scratch.memory;

    for (int i = 0; i < SB_BLOCK; i++)
        y[i] = s->board.n_shown ? sb_board_label(&s->board, block, l)[i] : s->space.labels[l];
}

/* One call: the points of a block, already shown, and their labels, unless it is to be without them. */
static void evaluate(struct sb_session *s, const struct sb_called *called, uint32_t block,
                     uint32_t slot, bool labels, uint64_t n)
{
    double *const y = s->scratch.memory, *const out = sb_board_values(&s->board, block, slot);
    /* not const, for to the compiler that is a promise, and a callback may break it */
    struct sb_block shown = { .struct_size = (uint32_t)sizeof shown,
                              .dim = s->space.dim,
                              .n = n,
                              .x = (const double *const *)s->scratch.x,
                              .bits = s->board.cube ? sb_board_bits(&s->board, block) : NULL,
                              .y = labels ? y : NULL };

    if (labels)
        show_labels(s, block, slot);
    for (int i = 0; i < SB_BLOCK; i++)
        out[i] = NAN;
    called->phi(called->user, &shown, out);
}

static void evaluate_all(struct sb_session *s, const struct sb_called *called, bool labels,
                         uint64_t n)
{
    const uint32_t n_slots = labels ? s->board.n_slots : 1;

    for (uint64_t start = 0; start < n; start += SB_BLOCK) {
        const uint64_t here = n - start < SB_BLOCK ? n - start : SB_BLOCK;

        show_points(s, (uint32_t)(start / SB_BLOCK));
        for (uint32_t l = 0; l < n_slots && !s->ended; l++)
            evaluate(s, called, (uint32_t)(start / SB_BLOCK), l, labels, here);
    }
}

static const struct sb_called *called_at(const struct sb_session *s, uint64_t place)
{
    const struct sb_called *called = &s->predictor;

    if (place != SB_POINTS_PREDICTOR)
        called = place < s->n_called ? &s->called[place] : NULL;
    return called && called->phi ? called : NULL;
}

int sb_session_points(void *self, const struct sb_frame *points, struct sb_buf *values)
{
    struct sb_session *s = self;
    struct sb_reader r = points->body;
    const struct sb_called *called = called_at(s, sb_read_u64(&r));
    const uint32_t labels = sb_read_u32(&r);
    const uint64_t n = sb_read_u64(&r);
    const enum sb_phase phase = s->phase;

    if (points->type != SB_FRAME_POINTS || r.failed || r.n || !called || !n || !s->board.base ||
        n > (uint64_t)s->board.n_blocks * SB_BLOCK || labels > 1 ||
        (labels && !s->space.n_labels && !s->board.n_shown))
        return -EPROTO;
    if (!make_scratch(s)) {
        sb_session_no_memory(s);
        return -ENOMEM;
    }
    s->phase = SB_EVALUATING;
    evaluate_all(s, called, labels, n);
    if (s->ended)
        return -EPIPE;
    s->phase = phase;
    sb_frame_begin(values, SB_FRAME_VALUES);
    return sb_frame_end(values);
}
