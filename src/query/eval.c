/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a program: piece after piece of a block, first the steps that do not depend on the label,
 * then those that do, with every label in turn. */
#include "query/eval.h"

#include "query/program.h"

#include <string.h>

/* Where a run puts its values. */
struct run {
    const double *labels; /* n_labels; NULL: the one label of each example is the block's */
    uint32_t n_labels;
    double *const *out; /* [expression * n_labels + label] */
};

/* Steps from .. to - 1 on a piece; the values of expression r go to out[r * n_labels]. */
static void run_steps(struct sb_program *p, struct sb_lane *lane, uint32_t from, uint32_t to,
                      double *const *out, uint32_t n_labels, uint64_t start)
{
    for (uint32_t i = from; i < to; i++) {
        const struct sb_step *s = &p->steps[i];
        double *where = s->output == SB_NO_OUTPUT ? p->registers + s->reg * p->width
                                                  : out[s->output * n_labels] + start;

        if (s->constant && p->filled >= lane->block->n)
            continue;
        p->value[i] =
            s->kernel(lane, s->num, s->n_num, p->value[s->arg[0]], p->value[s->arg[1]], where);
    }
}

/* What is wanted at this label and stands elsewhere: a column of the block, a constant, an expression
 * that is asked for twice or does not depend on the label. */
static void hand_out(const struct sb_program *p, const struct run *run, uint32_t l, uint64_t start,
                     uint64_t n)
{
    for (uint32_t r = 0; r < p->n_outputs; r++) {
        double *where = run->out[r * run->n_labels + l] + start;
        const double *value = p->value[p->outputs[r]];

        if (value != where)
            memcpy(where, value, n * sizeof *where);
    }
}

/* A block of at most `width` examples, which are examples start, start + 1, ... of the whole. */
static void run_piece(struct sb_program *p, struct sb_block *piece, uint64_t start,
                      const struct run *run)
{
    struct sb_lane lane = { &p->space, piece, p->agreeing, false };

    run_steps(p, &lane, 0, p->n_fixed, run->out, run->n_labels, start);
    if (p->filled < piece->n)
        p->filled = piece->n;
    for (uint32_t l = 0; l < run->n_labels; l++) {
        if (run->labels && p->label) {
            for (uint64_t i = 0; i < piece->n; i++)
                p->label[i] = run->labels[l];
            piece->y = p->label;
            lane.agreed = false;
        }
        run_steps(p, &lane, p->n_fixed, p->n_steps, run->out + l, run->n_labels, start);
        hand_out(p, run, l, start, piece->n);
    }
}

/* Examples start, start + 1, ... of the block, up to `width` of them. */
static struct sb_block cut(struct sb_program *p, const struct sb_block *block, uint64_t start)
{
    struct sb_block piece = { .n = block->n - start };

    if (piece.n > p->width)
        piece.n = p->width;
    if (block->bits)
        piece.bits = block->bits + start;
    if (block->y)
        piece.y = block->y + start;
    piece.x = block->x;
    if (block->x && p->x) {
        for (uint32_t j = 0; j < p->space.dim; j++)
            p->x[j] = block->x[j] + start;
        piece.x = p->x;
    }
    return piece;
}

static void run_block(struct sb_program *p, const struct sb_block *block, const struct run *run)
{
    for (uint64_t start = 0; start < block->n; start += p->width) {
        struct sb_block piece = cut(p, block, start);

        run_piece(p, &piece, start, run);
    }
}

void sb_program_run(struct sb_program *program, const struct sb_block *block, double *out)
{
    run_block(program, block, &(struct run){ NULL, 1, &out });
}

void sb_program_run_labels(struct sb_program *program, const struct sb_block *block,
                           const double *labels, uint32_t n_labels, double *const *out)
{
    run_block(program, block, &(struct run){ labels, n_labels, out });
}
