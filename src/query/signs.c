/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of signs within an expression. */
#include "query/signs.h"

#include "base/memory.h"
#include "query/arith.h"
#include "query/op.h"
#include "query/pool.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MOST_NODES = 4096, PATTERNS = 1 << SB_SIGN_FORMS, COORDINATES = 63 };

/* A node as a function of forms: the interval where each pattern of them holds. One that is opaque may still be
 * another node times such a function with values -1, 0, 1: products by these never round, so that those of many
 * signs, one after the other, are as good as one. */
struct view {
    bool opaque;   /* sees the label, or more than can be listed */
    uint32_t core; /* of an opaque one: the other node's place plus 1; 0: none */
    bool settled;  /* every interval is a point */
    uint32_t n;
    uint64_t form[SB_SIGN_FORMS];
    struct sb_interval at[PATTERNS];
};

struct search {
    const struct sb_pool *pool;
    const struct sb_visit *visits;
    uint32_t n_visits;
    struct view *views; /* n_visits */
    bool *wanted;       /* n_visits: part of what is left */
    struct sb_signs *out;
};

static unsigned parity(uint64_t bits)
{
    return (unsigned)__builtin_parityll(bits);
}

/* ---- views ---- */

static struct view constant(double v)
{
    return (struct view){ .settled = true, .at = { { v, v } } };
}

/* c x_j, on both sides of 0 */
static struct view coordinate(uint32_t j, double c)
{
    const struct sb_interval at = { c > 0 ? c * 0x1p-200 : c * 0x1p10,
                                    c > 0 ? c * 0x1p10 : c * 0x1p-200 };

    if (j >= COORDINATES || !(fabs(c) > 0x1p-60 && fabs(c) < 0x1p60))
        return (struct view){ .opaque = true };
    return (struct view){ .n = 1, .form = { UINT64_C(1) << j }, .at = { { -at.hi, -at.lo }, at } };
}

/* The one coordinate that a dot looks at; its number of coordinates where there is none or several. */
static uint32_t only_coordinate(const struct sb_node *node)
{
    uint32_t at = node->n_num, n = 0;

    for (uint32_t j = 0; j < node->n_num; j++)
        if (node->num[j] != 0) {
            at = j;
            n++;
        }
    return n == 1 ? at : node->n_num;
}

/* Which forms of `into` sum to `form`, one bit each; one more is added where none do. False: no room. */
static bool express(struct view *into, uint64_t form, uint32_t *which_out)
{
    for (uint32_t which = 0; which < 1u << into->n; which++) {
        uint64_t sum = 0;

        for (uint32_t k = 0; k < into->n; k++)
            sum ^= which >> k & 1 ? into->form[k] : 0;
        if (sum == form) {
            *which_out = which;
            return true;
        }
    }
    if (into->n == SB_SIGN_FORMS)
        return false;
    *which_out = 1u << into->n;
    into->form[into->n++] = form;
    return true;
}

/* Where a pattern of the joint forms puts the argument. */
static const struct sb_interval *argument_at(const struct view *arg, const uint32_t *which,
                                             uint32_t a)
{
    uint32_t own = 0;

    for (uint32_t k = 0; k < arg->n; k++)
        own |= parity(a & which[k]) << k;
    return &arg->at[own];
}

/* The forms of which the function is one: those that vanish on all shifts that leave it as it is. */
static void reduce(struct view *v)
{
    struct view less = { .settled = true };
    uint32_t which[SB_SIGN_FORMS] = { 0 }, ignored;
    bool free_shift[PATTERNS] = { false };

    for (uint32_t c = 0; c < 1u << v->n; c++) {
        free_shift[c] = true;
        for (uint32_t a = 0; a < 1u << v->n; a++)
            free_shift[c] &= v->at[a].lo == v->at[a ^ c].lo;
    }
    for (uint32_t f = 1; f < 1u << v->n; f++) {
        const uint32_t before = less.n;
        uint64_t form = 0;
        bool vanishes = true;

        for (uint32_t c = 0; c < 1u << v->n; c++)
            vanishes &= !free_shift[c] || !parity(f & c);
        for (uint32_t k = 0; k < v->n; k++)
            form ^= f >> k & 1 ? v->form[k] : 0;
        if (vanishes && express(&less, form, &ignored) && less.n > before)
            which[before] = f;
    }
    for (uint32_t a = 0; a < 1u << v->n; a++) {
        uint32_t own = 0;

        for (uint32_t k = 0; k < less.n; k++)
            own |= parity(a & which[k]) << k;
        less.at[own] = v->at[a];
    }
    *v = less;
}

/* An operator of views. */
static struct view apply(const struct sb_space *space, const struct sb_visit *visit,
                         const struct view *views)
{
    const struct view *arg[2] = { &views[visit->arg[0]], &views[visit->arg[1]] };
    uint32_t which[2][SB_SIGN_FORMS] = { { 0 } };
    struct view out = { .settled = true };

    for (uint32_t i = 0; i < visit->node->n_arg; i++) {
        if (arg[i]->opaque)
            return (struct view){ .opaque = true };
        for (uint32_t k = 0; k < arg[i]->n; k++)
            if (!express(&out, arg[i]->form[k], &which[i][k]))
                return (struct view){ .opaque = true };
    }
    for (uint32_t a = 0; a < 1u << out.n; a++) {
        struct sb_bounds in = { .space = space,
                                .node = visit->node,
                                .same = visit->arg[0] == visit->arg[1] };

        if (visit->node->n_arg > 0)
            in.a = *argument_at(arg[0], which[0], a);
        if (visit->node->n_arg > 1)
            in.b = *argument_at(arg[1], which[1], a);
        out.at[a] = sb_op_row(visit->node->op)->range(&in);
        out.settled &= out.at[a].lo == out.at[a].hi;
    }
    if (out.settled)
        reduce(&out);
    return out;
}

static struct view view_of(const struct search *s, const struct sb_visit *visit)
{
    const struct sb_node *node = visit->node;
    uint32_t j;

    switch (node->op) {
    case SB_CONST:
        return constant(node->num[0]);
    case SB_X:
        return coordinate((uint32_t)node->num[0], 1);
    case SB_DOT:
        j = only_coordinate(node);
        return j < node->n_num ? coordinate(j, node->num[j]) : (struct view){ .opaque = true };
    default:
        return node->n_arg ? apply(sb_pool_space(s->pool), visit, s->views)
                           : (struct view){ .opaque = true };
    }
}

static bool is_sign(const struct view *v)
{
    bool sign = v->settled;

    for (uint32_t a = 0; a < 1u << v->n; a++)
        sign &= v->at[a].lo == 0 || v->at[a].lo == 1 || v->at[a].lo == -1;
    return sign;
}

/* Node i, opaque, as a factor of signs times an earlier node: of products of an opaque node by signs. */
static void take_factor(struct search *s, uint32_t i)
{
    const struct sb_visit *visit = &s->visits[i];
    struct view *v = &s->views[i], product;

    if (!v->opaque || visit->node->op != SB_MUL)
        return;
    for (uint32_t k = 0; k < 2; k++) {
        const struct view *a = &s->views[visit->arg[k]], *b = &s->views[visit->arg[1 - k]];
        struct view factors[2] = { a->core ? *a : constant(1), *b };
        struct sb_visit pair = { .node = visit->node, .arg = { 0, 1 } };

        if (!a->opaque || b->opaque || !is_sign(b))
            continue;
        factors[0].opaque = false;
        product = apply(sb_pool_space(s->pool), &pair, factors);
        if (product.opaque || !is_sign(&product))
            return;
        *v = product;
        v->opaque = true;
        v->core = a->core ? a->core : visit->arg[k] + 1;
        return;
    }
}

/* ---- what is left ---- */

/* The coordinate, c times which the node is; false: none. */
static bool is_coordinate(const struct sb_node *node, uint32_t *j_out, double *c_out)
{
    *j_out = node->op == SB_X     ? (uint32_t)node->num[0]
             : node->op == SB_DOT ? only_coordinate(node)
                                  : COORDINATES;
    if ((node->op != SB_X && node->op != SB_DOT) || *j_out >= COORDINATES ||
        (node->op == SB_DOT && *j_out == node->n_num))
        return false;
    *c_out = node->op == SB_X ? 1 : node->num[*j_out];
    return true;
}

/* Its place among those seen in full; false: there is no room. */
static bool place_full(struct sb_signs *out, uint32_t j, uint32_t *place_out)
{
    for (*place_out = 0; *place_out < out->n_full; ++*place_out)
        if (out->full[*place_out] == j)
            return true;
    if (out->n_full == SB_SIGN_FULL)
        return false;
    out->full[out->n_full++] = j;
    return true;
}

/* One node that is wanted: what it asks for. False: e sees x otherwise. */
static bool want(struct search *s, uint32_t i)
{
    const struct sb_visit *visit = &s->visits[i];
    const struct view *v = &s->views[i];
    uint32_t j, place;
    double c;

    if (!v->opaque && v->settled) {
        s->out->n_leaves += v->n > 0;
        return s->out->n_leaves <= SB_SIGN_COLUMNS;
    }
    if (v->core) {
        s->wanted[v->core - 1] = true;
        s->out->n_leaves += v->n > 0;
        return s->out->n_leaves <= SB_SIGN_COLUMNS;
    }
    if (is_coordinate(visit->node, &j, &c))
        return place_full(s->out, j, &place);
    if (visit->node->op == SB_Y)
        s->out->label = true;
    else if (!visit->node->n_arg)
        return false;
    for (uint32_t k = 0; k < visit->node->n_arg; k++)
        s->wanted[visit->arg[k]] = true;
    return true;
}

static sb_expr column(struct sb_pool *pool, uint32_t k)
{
    const double number = k;

    return sb_pool_op(pool, SB_X, &number, 1, NULL, 0);
}

/* Keeps the leaf, and returns it as a column of the rest. */
static sb_expr take_leaf(struct sb_signs *out, const struct view *v)
{
    struct sb_sign_leaf *leaf = &out->leaf[out->n_leaves];

    if (!v->n)
        return sb_pool_op(out->rest, SB_CONST, &v->at[0].lo, 1, NULL, 0);
    leaf->n = v->n;
    memcpy(leaf->form, v->form, sizeof leaf->form);
    for (uint32_t a = 0; a < 1u << v->n; a++)
        leaf->value[a] = v->at[a].lo;
    return column(out->rest, out->n_leaves++);
}

static sb_expr take_full(struct sb_signs *out, uint32_t n_leaves, uint32_t j, double c)
{
    sb_expr pair[2];
    uint32_t place;

    place_full(out, j, &place);
    pair[0] = column(out->rest, n_leaves + place);
    if (c == 1)
        return pair[0];
    pair[1] = sb_pool_op(out->rest, SB_CONST, &c, 1, NULL, 0);
    return sb_pool_op(out->rest, SB_MUL, NULL, 0, pair, 2);
}

static sb_expr take(struct search *s, uint32_t i, uint32_t n_leaves, const sb_expr *map)
{
    const struct sb_visit *visit = &s->visits[i];
    const sb_expr arg[2] = { map[visit->arg[0]], map[visit->arg[1]] };
    uint32_t j;
    double c;

    if (!s->views[i].opaque && s->views[i].settled)
        return take_leaf(s->out, &s->views[i]);
    if (s->views[i].core) {
        const sb_expr pair[2] = { map[s->views[i].core - 1], take_leaf(s->out, &s->views[i]) };

        return sb_pool_op(s->out->rest, SB_MUL, NULL, 0, pair, 2);
    }
    if (is_coordinate(visit->node, &j, &c))
        return take_full(s->out, n_leaves, j, c);
    return sb_pool_op(s->out->rest, visit->node->op, visit->node->num, visit->node->n_num, arg,
                      visit->node->n_arg);
}

/* The rest of the expression, leaf by leaf. 0, 1 or -ENOMEM. */
static int build(struct search *s)
{
    struct sb_signs *out = s->out;
    const uint32_t n_leaves = out->n_leaves, n_columns = n_leaves + out->n_full;
    sb_expr *map SB_FREE = SB_NEW_ARRAY(sb_expr, s->n_visits);
    struct sb_space space = *sb_pool_space(s->pool);

    space.dim = n_columns ? n_columns : 1;
    space.n_candidates = 0;
    space.candidates = NULL;
    out->rest = sb_pool_new(&space);
    out->leaf = SB_NEW_ARRAY(struct sb_sign_leaf, n_leaves);
    if (!map || !out->rest || !out->leaf)
        return -ENOMEM;
    out->n_leaves = 0;
    for (uint32_t i = 0; i < s->n_visits; i++) {
        if (!s->wanted[i])
            continue;
        map[i] = take(s, i, n_leaves, map);
        if (!map[i])
            return *sb_pool_error(out->rest) ? 1 : -ENOMEM;
    }
    out->e = map[s->n_visits - 1];
    return 0;
}

/* All forms of all leaves, and signs of coordinates seen in full, in reduced echelon form. */
static void find_forms(struct sb_signs *out)
{
    struct sb_echelon echelon = { { 0 } };

    for (uint32_t i = 0; i < out->n_leaves; i++)
        for (uint32_t k = 0; k < out->leaf[i].n; k++)
            sb_echelon_add(&echelon, out->leaf[i].form[k]);
    for (uint32_t k = 0; k < out->n_full; k++)
        sb_echelon_add(&echelon, UINT64_C(1) << out->full[k]);
    sb_echelon_reduce(&echelon, &out->forms);
}

static int search(struct search *s)
{
    for (uint32_t i = 0; i < s->n_visits; i++) {
        s->views[i] = view_of(s, &s->visits[i]);
        take_factor(s, i);
    }
    s->wanted[s->n_visits - 1] = true;
    for (uint32_t i = s->n_visits; i-- > 0;)
        if (s->wanted[i] && !want(s, i))
            return 1;
    return build(s);
}

int sb_signs_find(const struct sb_pool *pool, sb_expr e, struct sb_signs *out)
{
    struct search s = { .pool = pool, .out = out };
    int r;

    *out = (struct sb_signs){ 0 };
    if (sb_pool_space(pool)->domain != SB_GAUSS || !sb_pool_node(pool, e))
        return -EINVAL;
    s.visits = sb_pool_walk(pool, e, &s.n_visits);
    if (!s.visits)
        return -ENOMEM;
    if (s.n_visits > MOST_NODES)
        return 1;
    s.views = SB_NEW_ARRAY(struct view, s.n_visits);
    s.wanted = SB_NEW_ARRAY(bool, s.n_visits);
    r = s.views && s.wanted ? search(&s) : -ENOMEM;
    free(s.views);
    free(s.wanted);
    if (r)
        sb_signs_fini(out);
    else
        find_forms(out);
    return r;
}

void sb_signs_fini(struct sb_signs *signs)
{
    free(signs->leaf);
    sb_pool_free(signs->rest);
    *signs = (struct sb_signs){ 0 };
}

/* The forms are those of the echelon where a point has the bits a at the pivots, and 0 elsewhere. */
void sb_signs_leaves(const struct sb_signs *signs, uint64_t a, double *out)
{
    uint64_t x = 0, pivots = signs->forms.pivots;

    for (; pivots; pivots &= pivots - 1, a >>= 1)
        x |= a & 1 ? pivots & -pivots : 0;
    for (uint32_t i = 0; i < signs->n_leaves; i++) {
        const struct sb_sign_leaf *leaf = &signs->leaf[i];
        uint32_t own = 0;

        for (uint32_t k = 0; k < leaf->n; k++)
            own |= parity(x & leaf->form[k]) << k;
        out[i] = leaf->value[own];
    }
}
