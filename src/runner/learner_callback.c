/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a callback of the learner's says of points, from the runner's side: the points go onto the
 * board, POINTS and VALUES over the wire, and the values are copied from the board before anybody
 * looks at them, for the learner can change them at any time. */
#include "runner/learner_talk.h"

#include <errno.h>
#include <string.h>

/* What came back for POINTS: VALUES, or the end of the run. */
static void handle_values(struct sb_talk *talk, const struct sb_frame *frame)
{
    sb_talk_tap(talk, false, frame->type, frame->body.p, frame->body.n);
    if (frame->type == SB_FRAME_FAIL)
        sb_talk_fail(talk, frame->body);
    else if (frame->type != SB_FRAME_VALUES || frame->body.n)
        sb_talk_protocol(talk, "the learner's process sent a message out of turn");
}

static int how_it_ended(const struct sb_talk *talk)
{
    if (talk->state != SB_TALK_OVER)
        return 0;
    return talk->end->end == SB_END_SECONDS ? -ETIME : -ECONNABORTED;
}

/* One round trip about the n points on the board. */
static int exchange(struct sb_talk *talk, uint64_t place, bool labels, uint64_t n)
{
    struct sb_buf *b = &talk->points;
    struct sb_frame reply;
    int error;

    if (sb_fuse_blown(&talk->fuse))
        sb_talk_end(talk, SB_END_SECONDS, 0, NULL);
    error = how_it_ended(talk);
    if (error)
        return error;
    sb_frame_begin(b, SB_FRAME_POINTS);
    sb_buf_u64(b, place);
    sb_buf_u32(b, labels);
    sb_buf_u64(b, n);
    error = sb_talk_close(talk, b, SB_FRAME_POINTS);
    if (!error)
        error = talk->reach.exchange(talk->reach.self, b, &reply);
    if (!error)
        handle_values(talk, &reply);
    return talk->state == SB_TALK_OVER ? how_it_ended(talk) : error;
}

static void put_points(const struct sb_board *board, uint32_t b, const struct sb_block *block)
{
    if (board->cube)
        memcpy(sb_board_bits(board, b), block->bits, block->n * sizeof *block->bits);
    for (uint32_t j = 0; !board->cube && j < board->dim; j++)
        memcpy(sb_board_column(board, b, j), block->x[j], block->n * sizeof(double));
}

/* Made of our own points, and of nothing hidden. */
static void put_labels(const struct sb_talk *talk, uint32_t b, const struct sb_block *block)
{
    for (uint32_t l = 0; l < talk->board.n_shown; l++)
        sb_space_label(&talk->space, l, block, sb_board_label(&talk->board, b, l));
}

/* As many blocks as the board has room for. */
static int few_values(const struct sb_talk_callback *c, const struct sb_block *blocks,
                      uint32_t n_blocks, uint32_t n_slots, bool labels, double *out)
{
    const struct sb_board *board = &c->talk->board;
    uint64_t n = 0;
    int error;

    for (uint32_t b = 0; b < n_blocks; b++) {
        put_points(board, b, &blocks[b]);
        if (labels)
            put_labels(c->talk, b, &blocks[b]);
        n += blocks[b].n;
    }
    error = exchange(c->talk, c->place, labels, n);
    for (uint32_t b = 0; b < n_blocks && !error; b++)
        for (uint32_t l = 0; l < n_slots; l++)
            memcpy(out + ((size_t)b * n_slots + l) * SB_BLOCK, sb_board_values(board, b, l),
                   blocks[b].n * sizeof *out);
    return error;
}

static int values(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                  double *out)
{
    const struct sb_talk_callback *c = self;
    const struct sb_board *board = &c->talk->board;
    const uint32_t n_slots = labels ? board->n_slots : 1;
    int error = 0;

    if (!board->base || !board->n_blocks)
        return -EMSGSIZE; /* points, or labels, too many for the board */
    for (size_t done = 0; done < n_blocks && !error; done += board->n_blocks) {
        const size_t left = n_blocks - done;

        error =
            few_values(c, blocks + done, left < board->n_blocks ? (uint32_t)left : board->n_blocks,
                       n_slots, labels, out + done * n_slots * SB_BLOCK);
    }
    return error;
}

void sb_talk_callback_init(struct sb_talk_callback *callback, struct sb_talk *talk, uint64_t place,
                           const char *name)
{
    callback->callback = (struct sb_callback){ .self = callback, .name = name, .values = values };
    callback->talk = talk;
    callback->place = place;
}
