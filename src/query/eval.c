/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: an expression as a list of steps over registers. A register holds a piece of a column;
 * pieces are as wide as keeps all registers in the first cache, so that the memory of a program is
 * bounded by its number of steps, however it is shaped. */
#include "query/eval.h"

#include "base/memory.h"
#include "query/op.h"
#include "query/pool.h"

#include <string.h>

enum {
    CACHE = 8192,   /* doubles in all registers together, if they are few enough */
    NARROWEST = 16, /* lanes of a register otherwise */
};

struct step {
    sb_kernel *kernel;
    const double *num; /* owned by the program */
    uint32_t n_num;
    uint32_t arg[2]; /* steps */
    uint32_t reg;
    bool constant; /* keeps its register, and is filled once */
};

struct sb_program {
    struct sb_space space;
    struct step *steps;
    uint32_t n_steps;
    double *numbers;
    const double **value; /* n_steps: where the values of a step are */
    double *registers;    /* n_registers x width */
    uint64_t width;
    uint64_t filled;    /* lanes of the constants that hold their value */
    uint64_t *agreeing; /* width, with candidates */
    const double **x;   /* dim: columns of a piece; NULL on the cube */
};

/* Registers, given out in the order of the steps and taken back after the last use. */
struct allocation {
    uint32_t *last; /* step -> the last step that uses it */
    uint32_t *spare;
    uint32_t n_spare, n;
};

/* A constant's register is its own from the start: it is filled once, and then run over and over.
 */
static uint32_t take_register(struct allocation *a, bool constant)
{
    if (constant)
        return a->n++;
    return a->n_spare ? a->spare[--a->n_spare] : a->n++;
}

static void release(struct allocation *a, const struct step *steps, uint32_t user, uint32_t arg)
{
    if (a->last[arg] == user && !steps[arg].constant) {
        a->spare[a->n_spare++] = steps[arg].reg;
        a->last[arg] = UINT32_MAX; /* once, where both arguments are the same */
    }
}

static void find_last_uses(const struct sb_visit *visits, uint32_t n, uint32_t *last)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < visits[i].node->n_arg; k++)
            last[visits[i].arg[k]] = i;
}

/* Fills steps and numbers; returns the number of registers. */
static uint32_t compile(struct sb_program *p, const struct sb_visit *visits, struct allocation *a)
{
    double *num = p->numbers;

    find_last_uses(visits, p->n_steps, a->last);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct sb_node *node = visits[i].node;
        const struct sb_op_row *row = sb_op_row(node->op);
        struct step *step = &p->steps[i];

        *step = (struct step){ row->eval,
                               num,
                               node->n_num,
                               { visits[i].arg[0], visits[i].arg[1] },
                               take_register(a, row->constant),
                               row->constant };
        if (node->n_num)
            memcpy(num, node->num, node->n_num * sizeof *num);
        num += node->n_num;
        for (uint32_t k = 0; k < node->n_arg; k++)
            release(a, p->steps, i, visits[i].arg[k]);
    }
    return a->n;
}

static bool needs_candidates(const struct sb_visit *visits, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (visits[i].node->op == SB_CANDIDATE || visits[i].node->op == SB_CANDIDATE_BIT)
            return true;
    return false;
}

static size_t count_numbers(const struct sb_visit *visits, uint32_t n)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += visits[i].node->n_num;
    return sum;
}

/* The width of a register, and the memory that depends on it. */
static bool make_registers(struct sb_program *p, uint32_t n_registers, bool candidates)
{
    p->width = SB_BLOCK;
    while (p->width > NARROWEST && n_registers * p->width > CACHE)
        p->width /= 2;
    /* written before they are read, so they need not be zeroed */
    p->registers = malloc(n_registers * p->width * sizeof *p->registers);
    if (candidates)
        p->agreeing = SB_NEW_ARRAY(uint64_t, p->width);
    if (p->width < SB_BLOCK && p->space.domain != SB_CUBE)
        p->x = SB_NEW_ARRAY(const double *, p->space.dim);
    return p->registers && (p->agreeing || !candidates) &&
           (p->x || p->width == SB_BLOCK || p->space.domain == SB_CUBE);
}

static bool build(struct sb_program *p, const struct sb_visit *visits, uint32_t n)
{
    struct allocation a = { 0 };
    uint32_t *scratch = SB_NEW_ARRAY(uint32_t, 2 * (size_t)n);
    bool good;

    p->n_steps = n;
    p->steps = SB_NEW_ARRAY(struct step, n);
    p->value = SB_NEW_ARRAY(const double *, n);
    p->numbers = SB_NEW_ARRAY(double, count_numbers(visits, n));
    good = scratch && p->steps && p->value && p->numbers;
    if (good) {
        a.last = scratch;
        a.spare = scratch + n;
        good = make_registers(p, compile(p, visits, &a), needs_candidates(visits, n));
    }
    free(scratch);
    return good;
}

struct sb_program *sb_program_new(const struct sb_pool *pool, sb_expr e)
{
    uint32_t n;
    const struct sb_visit *visits = sb_pool_walk(pool, e, &n);
    struct sb_program *p;

    if (!visits || (!sb_pool_space(pool)->candidates && needs_candidates(visits, n)))
        return NULL;
    p = SB_NEW(struct sb_program);
    if (!p)
        return NULL;
    p->space = *sb_pool_space(pool);
    if (!build(p, visits, n)) {
        sb_program_free(p);
        return NULL;
    }
    return p;
}

void sb_program_free(struct sb_program *program)
{
    if (!program)
        return;
    free(program->steps);
    free(program->numbers);
    free(program->value);
    free(program->registers);
    free(program->agreeing);
    free(program->x);
    free(program);
}

/* Runs all steps on a block of at most `width` examples; returns where the values are. */
static const double *run_piece(struct sb_program *p, const struct sb_block *piece)
{
    struct sb_lane lane = { &p->space, piece, p->agreeing, false };

    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct step *s = &p->steps[i];

        if (s->constant && p->filled >= piece->n)
            continue;
        p->value[i] = s->kernel(&lane, s->num, s->n_num, p->value[s->arg[0]], p->value[s->arg[1]],
                                p->registers + s->reg * p->width);
    }
    if (p->filled < piece->n)
        p->filled = piece->n;
    return p->value[p->n_steps - 1];
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
    if (block->x && p->x) {
        for (uint32_t j = 0; j < p->space.dim; j++)
            p->x[j] = block->x[j] + start;
        piece.x = p->x;
    }
    return piece;
}

void sb_program_run(struct sb_program *program, const struct sb_block *block, double *out)
{
    if (block->n <= program->width) {
        memcpy(out, run_piece(program, block), block->n * sizeof *out);
        return;
    }
    for (uint64_t start = 0; start < block->n; start += program->width) {
        const struct sb_block piece = cut(program, block, start);

        memcpy(out + start, run_piece(program, &piece), piece.n * sizeof *out);
    }
}
