/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From nodes to slots and kernels. Per node, its values are kept in the least that holds them: a
 * number, two numbers and a bit of the example that chooses (bits.h), a column. Saturation is left
 * out where the node's range ends before the largest double: rounding is monotone, so that what is
 * computed without it lies between the ends as well. Two operators become one pass where nobody
 * else looks at the first. No value changes by any of this. */
#include "base/memory.h"
#include "query/bits.h"
#include "query/op.h"
#include "query/pool.h"
#include "query/program.h"

#include <errno.h>
#include <float.h>
#include <string.h>

/* What is known of a node. */
struct node {
    struct sb_interval range;
    uint32_t n_uses;
    uint32_t number; /* slot of its one or two numbers; 0: it is a column */
    uint32_t column; /* slot of its column; 0: not made, or not yet */
    bool label, pair;
    struct sb_bits bits; /* of a pair */
    double value[2][2];  /* [label][bit]: its numbers, where labels_known */
    enum sb_kind kind;   /* of the column's kernel */
    bool plain, fused;
};

struct work {
    const struct sb_compiler *c;
    struct sb_code *code;
    const struct sb_kernels *kernels;
    struct node *nodes;
    uint32_t *parities; /* hash table of slots; its size is a power of two */
    uint32_t n_parities;
    uint32_t n_numbers;
    bool labels_known; /* two labels, each a number in turn */
};

static double *numbers(const struct work *w)
{
    return w->c->program->numbers;
}

static uint32_t put_numbers(struct work *w, const void *num, size_t n)
{
    const uint32_t place = w->n_numbers;

    if (n)
        memcpy(numbers(w) + place, num, n * sizeof(double));
    w->n_numbers += (uint32_t)n;
    return place;
}

static uint32_t new_slot(struct work *w, const struct sb_slot *slot)
{
    w->code->slots[w->code->n_slots] = *slot;
    w->code->slots[w->code->n_slots].output = SB_NO_OUTPUT;
    return w->code->n_slots++;
}

/* A slot for numbers that stand at `place`. */
static uint32_t slot_of_numbers(struct work *w, uint32_t place, uint32_t n)
{
    return new_slot(w, &(struct sb_slot){ .n = n, .place = place });
}

static const double *numbers_of(const struct work *w, uint32_t slot)
{
    return slot ? numbers(w) + w->code->slots[slot].place : NULL;
}

/* A slot of n numbers that are computed of those in `in`: now, or for each label. */
static uint32_t computed_numbers(struct work *w, struct sb_slot slot)
{
    const double *in[3];
    struct sb_lane lane = { .n = slot.n };

    slot.place = w->n_numbers;
    w->n_numbers += 2;
    if (!slot.label) {
        for (int k = 0; k < 3; k++)
            in[k] = numbers_of(w, slot.in[k]);
        slot.kernel(&lane, numbers(w) + slot.num, slot.n_num, in, numbers(w) + slot.place);
        slot.kernel = NULL;
    }
    return new_slot(w, &slot);
}

/* Numbers of nodes, known here for each of the two labels */

static void know(struct work *w, struct node *node, const struct sb_slot *slot,
                 const struct node *a, const struct node *b)
{
    for (int l = 0; l < 2; l++) {
        const double *in[3] = { a->value[l], b ? b->value[l] : numbers_of(w, slot->in[1]),
                                numbers_of(w, slot->in[2]) };
        struct sb_lane lane = { .n = slot->n };

        slot->kernel(&lane, numbers(w) + slot->num, slot->n_num, in, node->value[l]);
    }
}

static bool is_known(const struct work *w, const struct node *node)
{
    return node->number && (!node->label || w->labels_known);
}

static bool same_bits(const double *a, const double *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* op(a's number i, b's number j) at label l */
static void tabulate(struct work *w, const struct sb_slot *slot, const struct node *a,
                     const struct node *b, double table[2][2][2])
{
    struct sb_lane lane = { .n = 1 };

    for (int l = 0; l < 2; l++)
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++) {
                const double *in[3] = { &a->value[l][i], &b->value[l][j],
                                        numbers_of(w, slot->in[2]) };

                slot->kernel(&lane, NULL, 0, in, &table[l][i][j]);
            }
}

/* Does the value depend on the sum of the bits alone? */
static bool is_sum(double t[2][2][2])
{
    for (int l = 0; l < 2; l++)
        if (!same_bits(&t[l][0][0], &t[l][1][1]) || !same_bits(&t[l][0][1], &t[l][1][0]))
            return false;
    return true;
}

/* Is the value the same but for the bits (i, j)? */
static bool is_corner(double t[2][2][2], int i, int j)
{
    for (int l = 0; l < 2; l++)
        if (!same_bits(&t[l][!i][j], &t[l][i][!j]) || !same_bits(&t[l][!i][j], &t[l][!i][!j]))
            return false;
    return true;
}

/* Two pairs whose bits differ. With a's number i fixed the values are those of b's bit: where only
 * the sum of the bits matters i = 0 and the bit is the sum; where one corner (i, j) is unlike the
 * others it is their product, in which 1 - a stands for a where i = 0, and likewise b; as a sum of
 * a, b and ab this is ab, b + ab, a + ab, and for (0, 0) its opposite a + b + ab. Sets out->bits
 * and which operand is fixed, at which of its numbers; false where neither is so. */
static bool combine(struct work *w, const struct sb_slot *slot, const struct node *a,
                    const struct node *b, struct node *out, bool *fix_b, int *at)
{
    double table[2][2][2];
    struct sb_bits both, sum;

    *fix_b = false;
    *at = 0;
    if (!is_known(w, a) || !is_known(w, b))
        return false;
    tabulate(w, slot, a, b, table);
    if (is_sum(table))
        return sb_bits_sum(&a->bits, &b->bits, &out->bits);
    if (!sb_bits_product(&a->bits, &b->bits, &both) || !sb_bits_sum(&a->bits, &b->bits, &sum))
        return false;
    if (is_corner(table, 1, 1)) {
        *at = 1;
        out->bits = both;
        return true;
    }
    if (is_corner(table, 0, 1))
        return sb_bits_sum(&both, &b->bits, &out->bits);
    if (is_corner(table, 1, 0)) {
        *fix_b = true;
        return sb_bits_sum(&both, &a->bits, &out->bits);
    }
    return is_corner(table, 0, 0) && sb_bits_sum(&both, &sum, &out->bits);
}

/* The numbers of a node, number `at` first. */
static uint32_t numbers_from(struct work *w, const struct node *node, int at)
{
    const struct sb_slot *slot = &w->code->slots[node->number];

    return at ? slot_of_numbers(w, slot->place + 1, 1) : node->number;
}

/* The node of an operator whose arguments are numbers: false where it is a column all the same. */
static bool make_number(struct work *w, struct node *node, struct sb_slot slot,
                        const struct node *a, const struct node *b,
                        const struct sb_op_kernels *kernels)
{
    struct node fixed;
    bool fix_b = false;
    int at = 0;

    if (!a->number || (b && !b->number))
        return false;
    node->pair = a->pair || (b && b->pair);
    slot.n = node->pair ? 2 : 1;
    slot.in[0] = a->number;
    if (b)
        slot.in[1] = b->number;
    slot.kernel = kernels->total[SB_VV];
    node->bits = a->pair ? a->bits : b ? b->bits : a->bits;
    if (b && a->pair && b->pair && !sb_bits_equal(&a->bits, &b->bits)) {
        if (!combine(w, &slot, a, b, node, &fix_b, &at))
            return false;
        slot.in[fix_b] = numbers_from(w, fix_b ? b : a, at);
        slot.kernel = kernels->total[fix_b ? SB_VC : SB_CV];
        fixed = fix_b ? *b : *a;
        for (int l = 0; l < 2; l++)
            fixed.value[l][0] = fixed.value[l][at];
        a = fix_b ? a : &fixed;
        b = fix_b ? &fixed : b;
    } else if (b && a->pair != b->pair) {
        slot.kernel = kernels->total[a->pair ? SB_VC : SB_CV];
    }
    if (!node->label || w->labels_known)
        know(w, node, &slot, a, b);
    node->number = computed_numbers(w, slot);
    return true;
}

/* Columns */

static uint32_t hash_bits(const struct sb_bits *b)
{
    const uint64_t t = (b->linear ^ b->product * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;

    return (uint32_t)(t >> 32) ^ b->shift;
}

/* The slot of the words whose signs are this bit; equal bits are one slot. */
static uint32_t parity_slot(struct work *w, const struct sb_bits *b)
{
    uint64_t num[4] = { b->linear, b->product, b->shift, 0 };
    uint32_t at = hash_bits(b), up, folds;
    struct sb_slot slot = { .n_num = 4 };

    sb_bits_span(b, &up, &folds);
    num[3] = up;
    for (;; at++) {
        const uint32_t found = w->parities[at & (w->n_parities - 1)];

        if (!found)
            break;
        if (memcmp(numbers(w) + w->code->slots[found].num, num, sizeof num) == 0)
            return found;
    }
    slot.kernel = b->product ? w->kernels->product_parity[folds] : w->kernels->parity[folds];
    slot.num = put_numbers(w, num, 4);
    return w->parities[at & (w->n_parities - 1)] = new_slot(w, &slot);
}

/* The slot of the node's column, made of its two numbers if need be. */
static uint32_t column_of(struct work *w, struct node *node)
{
    struct sb_slot slot = { .in = { 0, node->number, 0 }, .label = node->label };
    if (node->column || !node->pair)
        return node->column;
    if (sb_bits_single(&node->bits)) {
        slot.kernel = w->kernels->choose_bit;
        slot.num = put_numbers(w, &node->bits.linear, 1);
        slot.n_num = 1;
    } else {
        slot.kernel = w->kernels->choose;
        slot.in[0] = parity_slot(w, &node->bits);
    }
    return node->column = new_slot(w, &slot);
}

static bool inside(struct sb_interval range)
{
    return range.lo > -DBL_MAX && range.hi < DBL_MAX;
}

/* Can neither the result leave the doubles nor the divisor be 0? */
static bool is_plain(const struct sb_node *visit, const struct node *node, const struct node *b)
{
    return inside(node->range) && (visit->op != SB_DIV || b->range.lo > 0 || b->range.hi < 0);
}

static sb_kernel *find_fused(const struct sb_kernels *k, uint32_t first, enum sb_kind first_kind,
                             uint32_t second, enum sb_kind second_kind)
{
    for (uint32_t i = 0; i < k->n_fused; i++)
        if (k->fused[i].first == first && k->fused[i].first_kind == first_kind &&
            k->fused[i].second == second && k->fused[i].second_kind == second_kind)
            return k->fused[i].kernel;
    return NULL;
}

/* Does it make no difference to operator op whether what it is given was saturated? Not if it gives
 * the same for all values beyond some double. */
static bool absorbs(uint32_t op)
{
    return op == SB_CLIP || op == SB_STEP;
}

/* Makes node's step and that of its column argument `first` one, if there is a kernel for them and
 * nobody else looks at the argument. `numbers`: slot of what the second operator needs besides. */
static bool fuse(struct work *w, struct node *node, const struct sb_visit *visit,
                 const struct sb_visit *first_visit, struct node *first, uint32_t numbers_slot,
                 struct sb_slot *slot)
{
    struct sb_slot *before = &w->code->slots[first->column];
    sb_kernel *kernel;

    if (!node->plain || !(first->plain || absorbs(visit->node->op)) || first->pair ||
        first->fused || first->n_uses != 1 || before->label != node->label || !before->kernel)
        return false;
    kernel =
        find_fused(w->kernels, first_visit->node->op, first->kind, visit->node->op, node->kind);
    if (!kernel)
        return false;
    *slot = *before;
    slot->kernel = kernel;
    slot->in[2] = numbers_slot;
    before->kernel = NULL;
    node->fused = true;
    return true;
}

/* The column of an operator with arguments. */
static void make_column(struct work *w, struct node *node, const struct sb_visit *v,
                        struct sb_slot slot, struct node *a, struct node *b,
                        const struct sb_op_kernels *kernels)
{
    const struct sb_visit *visits = w->c->visits;
    const bool swap =
        b && a->number && !a->pair && (v->node->op == SB_ADD || v->node->op == SB_MUL);
    const uint32_t arg[2] = { v->arg[swap], v->arg[!swap] };
    struct sb_slot one;
    sb_kernel *plain;

    if (swap) {
        struct node *t = a;

        a = b;
        b = t;
    }
    node->kind = b ? (a->number && !a->pair   ? SB_CV
                      : b->number && !b->pair ? SB_VC
                                              : SB_VV)
                   : (v->node->op == SB_CLIP ? SB_VC : SB_VV);
    slot.in[0] = node->kind == SB_CV ? a->number : column_of(w, a);
    if (b)
        slot.in[1] = node->kind == SB_VC ? b->number : column_of(w, b);
    plain = kernels->plain[node->kind];
    node->plain = v->node->op == SB_CLIP || v->node->op == SB_RELU || v->node->op == SB_STEP ||
                  (plain && is_plain(v->node, node, b));
    slot.kernel = plain && node->plain ? plain : kernels->total[node->kind];
    if (node->kind == SB_CV
            ? fuse(w, node, v, &visits[arg[1]], b, a->number, &one)
            : (!b || node->kind == SB_VC) && fuse(w, node, v, &visits[arg[0]], a, slot.in[1], &one))
        slot = one;
    node->column = new_slot(w, &slot);
}

/* An operator with arguments: its own numbers stand where its kernels look for them. */
static void make_operator(struct work *w, struct node *node, const struct sb_visit *v)
{
    const struct sb_op_kernels *kernels = &w->kernels->op[v->node->op];
    struct node *a = &w->nodes[v->arg[0]], *b = v->node->n_arg > 1 ? &w->nodes[v->arg[1]] : NULL;
    struct sb_slot slot = { .n_num = v->node->n_num, .label = node->label };

    slot.num = put_numbers(w, v->node->num, v->node->n_num);
    if (v->node->n_num)
        slot.in[b ? 2 : 1] = slot_of_numbers(w, slot.num, v->node->n_num);
    if (!make_number(w, node, slot, a, b, kernels)) {
        node->pair = false;
        make_column(w, node, v, slot, a, b, kernels);
    }
}

/* Leaves */

static void make_constants(struct work *w, struct node *node, const double *value, uint32_t n)
{
    node->number = slot_of_numbers(w, put_numbers(w, value, 2), n);
    node->pair = n == 2;
    for (int l = 0; l < 2; l++)
        memcpy(node->value[l], value, 2 * sizeof *value);
}

static void make_leaf(struct work *w, struct node *node, const struct sb_node *leaf)
{
    struct sb_slot slot = { .kernel = w->kernels->op[leaf->op].total[SB_VV],
                            .n_num = leaf->n_num,
                            .label = node->label };

    slot.num = put_numbers(w, leaf->num, leaf->n_num);
    node->column = new_slot(w, &slot);
}

static void make_constant(struct work *w, struct node *node, const struct sb_node *leaf)
{
    make_constants(w, node, (const double[2]){ leaf->num[0], leaf->num[0] }, 1);
}

static void make_label(struct work *w, struct node *node, const struct sb_node *leaf)
{
    const struct sb_space *space = &w->c->program->space;

    if (w->c->labels == SB_LABEL_COLUMN) {
        make_leaf(w, node, leaf);
        return;
    }
    w->code->label_place = put_numbers(w, (const double[2]){ 0, 0 }, 2);
    node->number = slot_of_numbers(w, w->code->label_place, 1);
    for (int l = 0; l < 2 && w->labels_known; l++)
        node->value[l][0] = node->value[l][1] = space->labels[l];
}

static void make_coordinate(struct work *w, struct node *node, const struct sb_node *leaf)
{
    if (w->c->program->space.domain != SB_CUBE) {
        make_leaf(w, node, leaf);
        return;
    }
    make_constants(w, node, (const double[2]){ 0, 1 }, 2);
    node->bits.linear = UINT64_C(1) << (uint32_t)leaf->num[0];
}

static void make_character(struct work *w, struct node *node, const struct sb_node *leaf)
{
    make_constants(w, node, (const double[2]){ 1, -1 }, 2);
    for (uint32_t k = 0; k < leaf->n_num; k++)
        node->bits.linear |= UINT64_C(1) << (uint32_t)leaf->num[k];
}

typedef void leaf_maker(struct work *w, struct node *node, const struct sb_node *leaf);
static leaf_maker *const leaves[SB_OPS] = {
    [SB_CONST] = make_constant,     [SB_Y] = make_label,  [SB_X] = make_coordinate,
    [SB_CHI] = make_character,      [SB_DOT] = make_leaf, [SB_CANDIDATE] = make_leaf,
    [SB_CANDIDATE_BIT] = make_leaf,
};

static void look_at(struct work *w, uint32_t i)
{
    const struct sb_visit *v = &w->c->visits[i];
    const struct sb_op_row *row = sb_op_row(v->node->op);
    struct node *node = &w->nodes[i];
    const struct sb_bounds in = { &w->c->program->space, v->node, w->nodes[v->arg[0]].range,
                                  w->nodes[v->arg[1]].range, v->arg[0] == v->arg[1] };

    node->range = row->range(&in);
    node->label = row->label;
    for (uint32_t k = 0; k < v->node->n_arg; k++) {
        node->label |= w->nodes[v->arg[k]].label;
        w->nodes[v->arg[k]].n_uses++;
    }
}

/* The values of an expression go straight to where they are wanted, unless they are no column or a
 * second expression is the same. */
static void make_outputs(struct work *w)
{
    for (uint32_t r = 0; r < w->c->program->n_outputs; r++) {
        struct node *node = &w->nodes[w->c->roots[r]];
        const uint32_t column = column_of(w, node);

        w->code->outputs[r] = column ? column : node->number;
        if (column && w->code->slots[column].output == SB_NO_OUTPUT)
            w->code->slots[column].output = r;
    }
}

int sb_compile(const struct sb_compiler *c)
{
    struct node *nodes SB_FREE = SB_NEW_ARRAY(struct node, c->n_visits);
    uint32_t n_parities = 16, *parities SB_FREE = NULL;
    struct work w = { .c = c, .code = c->code, .kernels = sb_kernels(), .nodes = nodes };

    while (n_parities < 2 * c->n_visits)
        n_parities *= 2;
    parities = SB_NEW_ARRAY(uint32_t, n_parities);
    if (!nodes || !parities)
        return -ENOMEM;
    w.parities = parities;
    w.n_parities = n_parities;
    w.n_numbers = (uint32_t)c->program->n_numbers;
    w.labels_known = c->labels == SB_LABEL_NUMBER && c->program->space.n_labels == 2;
    c->code->n_slots = 1;
    for (uint32_t i = 0; i < c->n_visits; i++)
        look_at(&w, i);
    for (uint32_t r = 0; r < c->program->n_outputs; r++)
        nodes[c->roots[r]].n_uses += 2; /* wanted itself: no first of a pair */
    for (uint32_t i = 0; i < c->n_visits; i++) {
        const struct sb_visit *v = &c->visits[i];

        if (v->node->n_arg)
            make_operator(&w, &nodes[i], v);
        else
            leaves[v->node->op](&w, &nodes[i], v->node);
    }
    make_outputs(&w);
    c->program->n_numbers = w.n_numbers;
    return 0;
}
