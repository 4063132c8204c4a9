/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: expressions as a list of steps over registers. A register holds a piece of a column;
 * pieces are as wide as keeps all registers in the first cache, so that the memory of a program is
 * bounded by its number of steps, however it is shaped. */
#include "base/memory.h"
#include "query/pool.h"
#include "query/program.h"

#include <string.h>

enum {
    CACHE = 8192,   /* doubles in all registers together, if they are few enough */
    NARROWEST = 16, /* lanes of a register otherwise */
};

/* What is known of the nodes while they become steps. */
struct compilation {
    const struct sb_visit *visits; /* n */
    uint32_t n;
    uint32_t *order; /* step -> node */
    uint32_t *place; /* node -> step */
    uint32_t *last;  /* step -> the last step that uses it; n: used at every label anew */
    uint32_t *spare; /* registers that are free again */
    bool *label;     /* node: does it depend on the label? */
    uint32_t n_spare, n_registers;
};

/* The nodes that do not depend on the label come first, each kind in the order of the walk. Returns
 * how many. */
static uint32_t put_in_order(struct compilation *c)
{
    uint32_t n_fixed = 0, at = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const struct sb_visit *v = &c->visits[i];

        c->label[i] = sb_op_row(v->node->op)->label;
        for (uint32_t k = 0; k < v->node->n_arg; k++)
            c->label[i] |= c->label[v->arg[k]];
        n_fixed += !c->label[i];
    }
    for (int label = 0; label < 2; label++) {
        for (uint32_t i = 0; i < c->n; i++) {
            if (c->label[i] != label)
                continue;
            c->order[at] = i;
            c->place[i] = at++;
        }
    }
    return n_fixed;
}

static void find_last_uses(struct compilation *c, uint32_t n_fixed)
{
    for (uint32_t s = 0; s < c->n; s++) {
        const struct sb_visit *v = &c->visits[c->order[s]];

        for (uint32_t k = 0; k < v->node->n_arg; k++) {
            const uint32_t arg = c->place[v->arg[k]];

            c->last[arg] = arg < n_fixed && s >= n_fixed ? c->n : s;
        }
    }
}

/* A constant's register is its own from the start: it is filled once, and then run over and over. */
static uint32_t take_register(struct compilation *c, bool constant)
{
    if (constant)
        return c->n_registers++;
    return c->n_spare ? c->spare[--c->n_spare] : c->n_registers++;
}

static void release(struct compilation *c, const struct sb_step *steps, uint32_t user, uint32_t arg)
{
    if (c->last[arg] == user && !steps[arg].constant && steps[arg].output == SB_NO_OUTPUT) {
        c->spare[c->n_spare++] = steps[arg].reg;
        c->last[arg] = UINT32_MAX; /* once, where both arguments are the same */
    }
}

/* The values of an expression go straight to where they are wanted, but for constants and where a
 * second expression is the same. */
static void find_outputs(struct sb_program *p, const struct compilation *c, const uint32_t *roots)
{
    for (uint32_t s = 0; s < p->n_steps; s++)
        p->steps[s].output = SB_NO_OUTPUT;
    for (uint32_t r = 0; r < p->n_outputs; r++) {
        struct sb_step *step = &p->steps[c->place[roots[r]]];
        const struct sb_visit *v = &c->visits[roots[r]];

        p->outputs[r] = c->place[roots[r]];
        if (step->output == SB_NO_OUTPUT && !sb_op_row(v->node->op)->constant)
            step->output = r;
    }
}

/* Fills steps, outputs and numbers. */
static void compile(struct sb_program *p, struct compilation *c, const uint32_t *roots)
{
    double *num = p->numbers;

    p->n_fixed = put_in_order(c);
    find_last_uses(c, p->n_fixed);
    find_outputs(p, c, roots);
    for (uint32_t s = 0; s < p->n_steps; s++) {
        const struct sb_visit *v = &c->visits[c->order[s]];
        const struct sb_node *node = v->node;
        const struct sb_op_row *row = sb_op_row(node->op);
        struct sb_step *step = &p->steps[s];

        step->kernel = row->eval;
        step->num = num;
        step->n_num = node->n_num;
        step->arg[0] = c->place[v->arg[0]];
        step->arg[1] = c->place[v->arg[1]];
        step->constant = row->constant;
        if (step->output == SB_NO_OUTPUT)
            step->reg = take_register(c, row->constant);
        if (node->n_num)
            memcpy(num, node->num, node->n_num * sizeof *num);
        num += node->n_num;
        for (uint32_t k = 0; k < node->n_arg; k++)
            release(c, p->steps, s, step->arg[k]);
    }
    p->n_registers = c->n_registers;
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

/* The memory of the code: the same for all instances. */
static bool make_room(struct sb_program *p)
{
    p->steps = SB_NEW_ARRAY(struct sb_step, p->n_steps);
    p->outputs = SB_NEW_ARRAY(uint32_t, p->n_outputs);
    p->numbers = SB_NEW_ARRAY(double, p->n_numbers);
    return p->steps && p->outputs && p->numbers;
}

/* The width of a register, and the memory that an instance works in. */
static bool make_registers(struct sb_program *p, bool candidates)
{
    const uint32_t n = p->n_registers ? p->n_registers : 1;
    const bool columns = p->space.domain != SB_CUBE;

    p->width = SB_BLOCK;
    while (p->width > NARROWEST && n * p->width > CACHE)
        p->width /= 2;
    p->value = SB_NEW_ARRAY(const double *, p->n_steps);
    /* written before they are read, so they need not be zeroed */
    p->registers = malloc(n * p->width * sizeof *p->registers);
    if (candidates)
        p->agreeing = SB_NEW_ARRAY(uint64_t, p->width);
    if (p->n_fixed < p->n_steps)
        p->label = SB_NEW_ARRAY(double, p->width);
    if (p->width < SB_BLOCK && columns)
        p->x = SB_NEW_ARRAY(const double *, p->space.dim);
    return p->value && p->registers && (p->agreeing || !candidates) &&
           (p->label || p->n_fixed == p->n_steps) && (p->x || p->width == SB_BLOCK || !columns);
}

static bool build(struct sb_program *p, const struct sb_visit *visits, const uint32_t *roots)
{
    const uint32_t n = p->n_steps;
    uint32_t *scratch SB_FREE = SB_NEW_ARRAY(uint32_t, 4 * (size_t)n);
    bool *label SB_FREE = SB_NEW_ARRAY(bool, n);

    p->n_numbers = count_numbers(visits, n);
    if (!scratch || !label || !make_room(p))
        return false;
    compile(p,
            &(struct compilation){ .visits = visits,
                                   .n = n,
                                   .order = scratch,
                                   .place = scratch + n,
                                   .last = scratch + 2 * (size_t)n,
                                   .spare = scratch + 3 * (size_t)n,
                                   .label = label },
            roots);
    return make_registers(p, needs_candidates(visits, n));
}

struct sb_program *sb_program_new_batch(const struct sb_pool *pool, const sb_expr *e, size_t n_e)
{
    uint32_t *roots SB_FREE = SB_NEW_ARRAY(uint32_t, n_e);
    const struct sb_visit *visits;
    struct sb_program *p;
    uint32_t n;

    visits = roots ? sb_pool_walk_all(pool, e, n_e, roots, &n) : NULL;
    if (!visits || (!sb_pool_space(pool)->candidates && needs_candidates(visits, n)))
        return NULL;
    p = SB_NEW(struct sb_program);
    if (!p)
        return NULL;
    p->space = *sb_pool_space(pool);
    p->n_steps = n;
    p->n_outputs = (uint32_t)n_e;
    if (!build(p, visits, roots)) {
        sb_program_free(p);
        return NULL;
    }
    return p;
}

struct sb_program *sb_program_new(const struct sb_pool *pool, sb_expr e)
{
    return sb_program_new_batch(pool, &e, 1);
}

struct sb_program *sb_program_clone(const struct sb_program *program)
{
    struct sb_program *p = SB_NEW(struct sb_program);

    if (!p)
        return NULL;
    p->space = program->space;
    p->n_steps = program->n_steps;
    p->n_fixed = program->n_fixed;
    p->n_outputs = program->n_outputs;
    p->n_numbers = program->n_numbers;
    p->n_registers = program->n_registers;
    if (!make_room(p) || !make_registers(p, program->agreeing != NULL)) {
        sb_program_free(p);
        return NULL;
    }
    memcpy(p->steps, program->steps, p->n_steps * sizeof *p->steps);
    memcpy(p->outputs, program->outputs, p->n_outputs * sizeof *p->outputs);
    memcpy(p->numbers, program->numbers, p->n_numbers * sizeof *p->numbers);
    for (uint32_t s = 0; s < p->n_steps; s++)
        p->steps[s].num = p->numbers + (program->steps[s].num - program->numbers);
    return p;
}

void sb_program_free(struct sb_program *program)
{
    if (!program)
        return;
    free(program->steps);
    free(program->numbers);
    free(program->outputs);
    free(program->value);
    free(program->registers);
    free(program->agreeing);
    free(program->label);
    free(program->x);
    free(program);
}
