/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making programs: the order of their steps, and the memory they work in. A register holds a piece
 * of a column; pieces are as wide as keeps all registers in the first cache, so that the memory of
 * a program is bounded by its number of steps, however it is shaped. */
#include "query/program.h"

#include "base/memory.h"
#include "query/op.h"
#include "query/pool.h"

#include <string.h>

enum {
    CACHE = 4096,   /* doubles in all registers together, if they are few enough */
    NARROWEST = 16, /* lanes of a register otherwise */
    LINE = 64,      /* bytes; a vector that crosses it is slow */
};

/* Slots in their order, those that do not depend on the label first. */
static void put_in_order(struct sb_code *code)
{
    for (int label = 0; label < 2; label++) {
        for (uint32_t s = 1; s < code->n_slots; s++)
            if (code->slots[s].kernel && code->slots[s].label == label)
                code->steps[code->n_steps++] = s;
        if (!label)
            code->n_fixed = code->n_steps;
    }
}

/* last[slot]: the last step that uses it; n_steps where it is used at every label anew. */
static void find_last_uses(const struct sb_code *code, uint32_t *last)
{
    for (uint32_t i = 0; i < code->n_steps; i++) {
        const struct sb_slot *user = &code->slots[code->steps[i]];

        for (int k = 0; k < 3; k++)
            last[user->in[k]] = user->label && !code->slots[user->in[k]].label ? code->n_steps : i;
    }
}

/* Does the slot's column lie in a register? Not where it is looked up in the block or written to
 * where it is wanted. */
static bool has_register(const struct sb_slot *s)
{
    return s->kernel && !s->n && s->output == SB_NO_OUTPUT && s->kernel != sb_eval_column &&
           s->kernel != sb_eval_y;
}

/* Registers are given out in the order of the steps and taken back after the last use. */
static bool give_registers(struct sb_code *code)
{
    uint32_t *last SB_FREE = SB_NEW_ARRAY(uint32_t, code->n_slots);
    uint32_t *spare SB_FREE = SB_NEW_ARRAY(uint32_t, code->n_slots);
    uint32_t n_spare = 0;

    if (!last || !spare)
        return false;
    find_last_uses(code, last);
    for (uint32_t i = 0; i < code->n_steps; i++) {
        struct sb_slot *s = &code->slots[code->steps[i]];

        if (has_register(s))
            s->place = n_spare ? spare[--n_spare] : code->n_registers++;
        for (int k = 0; k < 3; k++) {
            const uint32_t in = s->in[k];

            if (has_register(&code->slots[in]) && last[in] == i) {
                spare[n_spare++] = code->slots[in].place;
                last[in] = UINT32_MAX; /* once, where both operands are the same */
            }
        }
    }
    return true;
}

/* Room for the code of n_slots slots. */
static bool make_code(struct sb_code *code, size_t n_slots, size_t n_outputs)
{
    code->slots = SB_NEW_ARRAY(struct sb_slot, n_slots);
    code->steps = SB_NEW_ARRAY(uint32_t, n_slots);
    code->outputs = SB_NEW_ARRAY(uint32_t, n_outputs);
    return code->slots && code->steps && code->outputs;
}

/* Where the values are that no step makes. */
static bool find_values(struct sb_program *p, struct sb_code *code)
{
    code->value = SB_NEW_ARRAY(const double *, code->n_slots);
    for (uint32_t s = 1; code->value && s < code->n_slots; s++)
        if (code->slots[s].n)
            code->value[s] = p->numbers + code->slots[s].place;
    return code->value;
}

/* The width of a register, and the memory that an instance works in. */
static bool make_registers(struct sb_program *p)
{
    const bool columns = p->space.domain != SB_CUBE;
    uint32_t n = 1;

    for (uint32_t k = 0; k < p->n_ways; k++) {
        if (!find_values(p, &p->code[k]))
            return false;
        n = p->code[k].n_registers > n ? p->code[k].n_registers : n;
    }
    p->width = SB_BLOCK;
    while (p->width > NARROWEST && n * p->width > CACHE)
        p->width /= 2;
    /* written before they are read, so they need not be zeroed */
    p->registers = aligned_alloc(LINE, n * p->width * sizeof *p->registers);
    if (p->looks_up) {
        p->agreeing = SB_NEW_ARRAY(uint64_t, p->width);
        p->label = SB_NEW_ARRAY(double, p->width);
    }
    if (p->width < SB_BLOCK && columns)
        p->x = SB_NEW_ARRAY(const double *, p->space.dim);
    return p->registers && ((p->agreeing && p->label) || !p->looks_up) &&
           (p->x || p->width == SB_BLOCK || !columns);
}

struct needs {
    bool label, candidates, agreeing;
    size_t numbers;
};

static struct needs needs_of(const struct sb_visit *visits, uint32_t n)
{
    struct needs needs = { 0 };

    for (uint32_t i = 0; i < n; i++) {
        const struct sb_node *node = visits[i].node;

        needs.label |= sb_op_row(node->op)->label;
        needs.agreeing |= node->op == SB_CANDIDATE_BIT;
        needs.candidates |= node->op == SB_CANDIDATE;
        needs.numbers += node->n_num;
    }
    needs.candidates |= needs.agreeing;
    return needs;
}

static bool build(struct sb_program *p, const struct sb_visit *visits, uint32_t n,
                  const uint32_t *roots, struct needs needs)
{
    p->n_ways = needs.label ? SB_LABEL_WAYS : 1;
    p->looks_up = needs.agreeing;
    p->numbers = SB_NEW_ARRAY(double, p->n_ways *(needs.numbers + (size_t)n * SB_NUMBERS_A_NODE));
    if (!p->numbers)
        return false;
    for (uint32_t k = 0; k < p->n_ways; k++) {
        struct sb_code *code = &p->code[k];

        if (!make_code(code, 1 + (size_t)n * SB_SLOTS_A_NODE, p->n_outputs) ||
            sb_compile(&(struct sb_compiler){ p, code, (enum sb_labels)k, visits, n, roots }))
            return false;
        put_in_order(code);
        if (!give_registers(code))
            return false;
    }
    return make_registers(p);
}

struct sb_program *sb_program_new_batch(const struct sb_pool *pool, const sb_expr *e, size_t n_e)
{
    uint32_t *roots SB_FREE = SB_NEW_ARRAY(uint32_t, n_e);
    const struct sb_visit *visits;
    struct sb_program *p;
    struct needs needs;
    uint32_t n;

    visits = roots ? sb_pool_walk_all(pool, e, n_e, roots, &n) : NULL;
    if (!visits)
        return NULL;
    needs = needs_of(visits, n);
    if (needs.candidates && !sb_pool_space(pool)->candidates)
        return NULL;
    p = SB_NEW(struct sb_program);
    if (!p)
        return NULL;
    p->space = *sb_pool_space(pool);
    p->n_outputs = (uint32_t)n_e;
    if (!build(p, visits, n, roots, needs)) {
        sb_program_free(p);
        return NULL;
    }
    return p;
}

struct sb_program *sb_program_new(const struct sb_pool *pool, sb_expr e)
{
    return sb_program_new_batch(pool, &e, 1);
}

static bool copy_code(struct sb_code *code, const struct sb_code *from, uint32_t n_outputs)
{
    *code = *from;
    code->value = NULL;
    if (!make_code(code, from->n_slots, n_outputs))
        return false;
    memcpy(code->slots, from->slots, from->n_slots * sizeof *from->slots);
    memcpy(code->steps, from->steps, from->n_steps * sizeof *from->steps);
    memcpy(code->outputs, from->outputs, n_outputs * sizeof *from->outputs);
    return true;
}

struct sb_program *sb_program_clone(const struct sb_program *program)
{
    struct sb_program *p = SB_NEW(struct sb_program);
    bool good;

    if (!p)
        return NULL;
    p->space = program->space;
    p->n_outputs = program->n_outputs;
    p->n_ways = program->n_ways;
    p->n_numbers = program->n_numbers;
    p->looks_up = program->looks_up;
    p->numbers = SB_NEW_ARRAY(double, p->n_numbers);
    good = p->numbers;
    for (uint32_t k = 0; k < p->n_ways && good; k++)
        good = copy_code(&p->code[k], &program->code[k], p->n_outputs);
    if (good) {
        memcpy(p->numbers, program->numbers, p->n_numbers * sizeof *p->numbers);
        good = make_registers(p);
    }
    if (good)
        return p;
    sb_program_free(p);
    return NULL;
}

void sb_program_free(struct sb_program *program)
{
    if (!program)
        return;
    for (uint32_t k = 0; k < program->n_ways; k++) {
        free(program->code[k].slots);
        free(program->code[k].steps);
        free(program->code[k].outputs);
        free(program->code[k].value);
    }
    free(program->numbers);
    free(program->registers);
    free(program->agreeing);
    free(program->label);
    free(program->x);
    free(program);
}
