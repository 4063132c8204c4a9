/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a program: piece after piece of a block, first the steps that do not depend on the label,
 * then those that do, with every label in turn. */
#include "query/eval.h"

#include "query/program.h"

#include <string.h>

/* One run: which way the labels come, and where the values go. */
struct run {
    struct sb_program *program;
    const struct sb_code *code;
    const double *labels; /* n_labels; NULL: the one label of each example is the block's */
    uint32_t n_labels;
    double *const *out; /* [expression * n_labels + label] */
};

/* Steps from .. to - 1 on a piece that is examples start, start + 1, ... of the block; the values
 * of expression r go to out[r * n_labels + l]. */
static void run_steps(const struct run *run, struct sb_lane *lane, uint32_t from, uint32_t to,
                      uint32_t l, uint64_t start)
{
    struct sb_program *p = run->program;
    const double **value = run->code->value;

    for (uint32_t i = from; i < to; i++) {
        const struct sb_slot *s = &run->code->slots[run->code->steps[i]];
        const double *const in[3] = { value[s->in[0]], value[s->in[1]], value[s->in[2]] };
        double *where = s->n ? p->numbers + s->place
                        : s->output == SB_NO_OUTPUT
                            ? p->registers + s->place * p->width
                            : run->out[s->output * run->n_labels + l] + start;

        lane->n = s->n ? s->n : lane->block->n;
        value[run->code->steps[i]] = s->kernel(lane, p->numbers + s->num, s->n_num, in, where);
    }
}

/* What is wanted at this label and stands elsewhere: a number, a column of the block, an expression
 * that is asked for twice or does not depend on the label. */
static void hand_out(const struct run *run, uint32_t l, uint64_t start, uint64_t n)
{
    for (uint32_t r = 0; r < run->program->n_outputs; r++) {
        double *where = run->out[r * run->n_labels + l] + start;
        const uint32_t slot = run->code->outputs[r];
        const double *value = run->code->value[slot];

        if (run->code->slots[slot].n)
            for (uint64_t i = 0; i < n; i++)
                where[i] = *value;
        else if (value != where)
            memcpy(where, value, n * sizeof *where);
    }
}

/* Label l for the whole piece. */
static void set_label(const struct run *run, struct sb_lane *lane, struct sb_block *piece,
                      uint32_t l)
{
    struct sb_program *p = run->program;

    p->numbers[run->code->label_place] = run->labels[l];
    if (!p->looks_up)
        return;
    for (uint64_t i = 0; i < piece->n; i++)
        p->label[i] = run->labels[l];
    piece->y = p->label;
    lane->agreed = false;
}

static void run_piece(const struct run *run, struct sb_block *piece, uint64_t start)
{
    const struct sb_code *code = run->code;
    struct sb_lane lane = { &run->program->space, piece, 0, run->program->agreeing, false };

    run_steps(run, &lane, 0, code->n_fixed, 0, start);
    for (uint32_t l = 0; l < run->n_labels; l++) {
        if (run->labels && run->program->n_ways > 1)
            set_label(run, &lane, piece, l);
        run_steps(run, &lane, code->n_fixed, code->n_steps, l, start);
        hand_out(run, l, start, piece->n);
    }
}

/* Examples start, start + 1, ... of the block, up to `width` of them. */
static struct sb_block cut(struct sb_program *p, const struct sb_block *block, uint64_t start)
{
    struct sb_block piece = { .n = block->n - start, .x = block->x };

    if (piece.n > p->width)
        piece.n = p->width;
    if (block->bits)
        piece.bits = block->bits + start;
    if (block->y)
        piece.y = block->y + start;
    if (block->x && p->x) {
        for (uint32_t j = 0; j < p->space.dim; j++)
            p->x[j] = block->x[j] + start;
        piece.x = p->x;
    }
    return piece;
}

static void run_block(const struct run *run, const struct sb_block *block)
{
    for (uint64_t start = 0; start < block->n; start += run->program->width) {
        struct sb_block piece = cut(run->program, block, start);

        run_piece(run, &piece, start);
    }
}

void sb_program_run(struct sb_program *program, const struct sb_block *block, double *out)
{
    run_block(&(struct run){ program, &program->code[SB_LABEL_COLUMN], NULL, 1, &out }, block);
}

void sb_program_run_labels(struct sb_program *program, const struct sb_block *block,
                           const double *labels, uint32_t n_labels, double *const *out)
{
    const struct sb_code *code = &program->code[labels ? program->n_ways - 1 : SB_LABEL_COLUMN];

    run_block(&(struct run){ program, code, labels, n_labels, out }, block);
}
