/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinks: each node as a function of one number t, in pieces, each a polynomial or known to be
 * smooth. Arithmetic keeps pieces; an operator that switches (relu, lt, clip, ...) cuts them at the
 * roots of a polynomial. Where a switch hangs on a smooth piece that is no polynomial, it must be
 * proven not to switch, or the answer is "unknown".
 *
 * Saturation is a kink too. It is excluded by interval arithmetic for |t| <= 64 |u|, which a
 * Gaussian leaves with probability below e^-2000 - nothing, even against the largest double. */
#include "base/memory.h"
#include "query/arith.h"
#include "query/kernels.h"
#include "query/op.h"
#include "query/poly.h"
#include "query/pool.h"

#include <errno.h>
#include <string.h>

enum {
    MAX_PIECES = 1 << 13, /* of one node */
    MAX_WORK = 1 << 20,   /* pieces made in all */
    UNKNOWN = 1,
};

struct piece {
    double to; /* its right end; it begins where the one before ends */
    struct sb_poly p;
};

struct function {
    struct piece *pieces; /* owned; the last one ends at infinity */
    size_t n, cap;
    uint32_t n_users; /* that have not been computed yet */
};

/* One stretch on which both arguments are one piece. */
struct sb_kinks {
    const struct sb_space *space;
    const struct sb_node *node;
    struct sb_interval a_range, b_range, range;
    double y, reach;
    double from, to;
    struct sb_poly a, b;
    struct function *out;
    size_t work;
};

static int emit(struct sb_kinks *k, double to, struct sb_poly p)
{
    struct piece *pieces;

    if (k->out->n >= MAX_PIECES || ++k->work > MAX_WORK)
        return UNKNOWN;
    pieces = sb_grow(k->out->pieces, &k->out->cap, k->out->n + 1, sizeof *pieces);
    if (!pieces)
        return -ENOMEM;
    k->out->pieces = pieces;
    pieces[k->out->n++] = (struct piece){ to, p };
    return 0;
}

static int emit_all(struct sb_kinks *k, struct sb_poly p)
{
    return emit(k, k->to, p);
}

/* Leaves and smooth operators */

int sb_kinks_const(struct sb_kinks *k)
{
    return emit_all(k, sb_poly_constant(k->node->num[0]));
}

int sb_kinks_label(struct sb_kinks *k)
{
    return emit_all(k, sb_poly_constant(k->y));
}

int sb_kinks_other(struct sb_kinks *k)
{
    (void)k;
    return UNKNOWN;
}

static bool saturates(struct sb_interval range)
{
    return range.lo <= -DBL_MAX || range.hi >= DBL_MAX;
}

static int emit_unsaturated(struct sb_kinks *k, struct sb_poly p)
{
    return saturates(k->range) ? UNKNOWN : emit_all(k, p);
}

int sb_kinks_add(struct sb_kinks *k)
{
    return emit_unsaturated(k, sb_poly_add(&k->a, &k->b, 1));
}

int sb_kinks_sub(struct sb_kinks *k)
{
    return emit_unsaturated(k, sb_poly_add(&k->a, &k->b, -1));
}

int sb_kinks_mul(struct sb_kinks *k)
{
    return emit_unsaturated(k, sb_poly_mul(&k->a, &k->b));
}

int sb_kinks_neg(struct sb_kinks *k)
{
    return emit_all(k, sb_poly_scale(&k->a, -1));
}

int sb_kinks_hermite(struct sb_kinks *k)
{
    const uint32_t degree = (uint32_t)k->node->num[0];
    struct sb_poly before = sb_poly_constant(0), h = sb_poly_constant(1);

    for (uint32_t i = 0; i < degree; i++) {
        const struct sb_poly grown = sb_poly_mul(&k->a, &h);
        const struct sb_poly next = sb_poly_add(&grown, &before, -sqrt(i));

        before = h;
        h = sb_poly_scale(&next, 1 / sqrt(i + 1.0));
    }
    return emit_unsaturated(k, h);
}

/* sin, cos, exp: smooth, and a constant of a constant. */
int sb_kinks_smooth(struct sb_kinks *k)
{
    struct sb_lane one = { .n = 1 };
    double v;

    if (!sb_poly_is_constant(&k->a))
        return emit_unsaturated(k, sb_poly_smooth());
    sb_kernels()->op[k->node->op].total[SB_VV](&one, NULL, 0, (const double *[3]){ k->a.c }, &v);
    return emit_all(k, sb_poly_constant(v));
}

/* Operators that switch */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* A point inside the stretch (from, to), ends maybe infinite. */
static double inside(double from, double to)
{
    if (from == -INFINITY && to == INFINITY)
        return 0;
    if (from == -INFINITY)
        return to - 1 - fabs(to);
    if (to == INFINITY)
        return from + 1 + fabs(from);
    return from + (to - from) / 2;
}

/* What an operator is on a stretch where its switch has the value v. */
typedef struct sb_poly chooser(const struct sb_kinks *k, double v);

/* The points inside the stretch where d meets one of the levels; increasing.
 * Returns how many, or SIZE_MAX: unknown. */
static size_t crossings(const struct sb_kinks *k, const struct sb_poly *d, const double *levels,
                        size_t n_levels, double *out)
{
    size_t n = 0;

    for (size_t i = 0; i < n_levels; i++) {
        const struct sb_poly level = sb_poly_constant(levels[i]);
        const struct sb_poly gap = sb_poly_add(d, &level, -1);
        double roots[SB_POLY_ROOTS];
        const size_t n_roots = sb_poly_roots(&gap, k->reach, roots);

        if (n_roots > SB_POLY_ROOTS)
            return SIZE_MAX;
        for (size_t j = 0; j < n_roots; j++)
            if (roots[j] > k->from && roots[j] < k->to)
                out[n++] = roots[j];
    }
    qsort(out, n, sizeof *out, compare);
    return n;
}

static int cut_at_levels(struct sb_kinks *k, const struct sb_poly *d, const double *levels,
                         size_t n_levels, chooser *choose)
{
    double *at SB_FREE = SB_NEW_ARRAY(double, n_levels *SB_POLY_ROOTS + 1);
    double from = k->from;
    size_t n;

    if (!at)
        return -ENOMEM;
    n = crossings(k, d, levels, n_levels, at);
    if (n == SIZE_MAX)
        return UNKNOWN;
    at[n] = k->to;
    for (size_t i = 0; i <= n; i++) {
        int r;

        if (at[i] <= from)
            continue;
        r = emit(k, at[i], choose(k, sb_poly_value(d, inside(from, at[i]))));
        if (r)
            return r;
        from = at[i];
    }
    return 0;
}

/* Between which levels all values of d lie, by its range; *v_out: a value from there. One that ends within a few
 * roundings of a level, as that of exp(t), t <= 0, does of 1, counts as ending there: operators are continuous. */
static bool settled(struct sb_interval d, const double *levels, size_t n_levels, double *v_out)
{
    for (size_t i = 0; i < n_levels; i++) {
        const double room = 0x1p-49 * fabs(levels[i]);

        if (d.lo < levels[i] - room && levels[i] + room < d.hi)
            return false;
    }
    *v_out = d.lo / 2 + d.hi / 2;
    return true;
}

/* Operators that pick one of their arguments are continuous where d touches a level. */
static int picks(struct sb_kinks *k, const struct sb_poly *d, struct sb_interval d_range,
                 const double *levels, size_t n_levels, chooser *choose)
{
    double v;

    if (d->degree >= 0)
        return cut_at_levels(k, d, levels, n_levels, choose);
    return settled(d_range, levels, n_levels, &v) ? emit_all(k, choose(k, v)) : UNKNOWN;
}

/* Operators with values 0 and 1 jump even there, so they must be constant by their own range. */
static int indicates(struct sb_kinks *k, const struct sb_poly *d, const double *levels,
                     size_t n_levels, chooser *choose)
{
    if (d->degree >= 0)
        return cut_at_levels(k, d, levels, n_levels, choose);
    return k->range.lo == k->range.hi ? emit_all(k, sb_poly_constant(k->range.lo)) : UNKNOWN;
}

static const double at_zero[1] = { 0 };

static struct sb_interval difference(const struct sb_kinks *k)
{
    return (struct sb_interval){ sb_minus(k->a_range.lo, k->b_range.hi),
                                 sb_minus(k->a_range.hi, k->b_range.lo) };
}

static struct sb_poly choose_abs(const struct sb_kinks *k, double v)
{
    return sb_poly_scale(&k->a, v < 0 ? -1 : 1);
}

static struct sb_poly choose_relu(const struct sb_kinks *k, double v)
{
    return v > 0 ? k->a : sb_poly_constant(0);
}

static struct sb_poly choose_min(const struct sb_kinks *k, double v)
{
    return v < 0 ? k->a : k->b;
}

static struct sb_poly choose_max(const struct sb_kinks *k, double v)
{
    return v > 0 ? k->a : k->b;
}

static struct sb_poly choose_clip(const struct sb_kinks *k, double v)
{
    const double lo = k->node->num[0], hi = k->node->num[1];

    if (v <= lo)
        return sb_poly_constant(lo);
    return v >= hi ? sb_poly_constant(hi) : k->a;
}

static struct sb_poly choose_step(const struct sb_kinks *k, double v)
{
    (void)k;
    return sb_poly_constant(v >= 0 ? 1 : 0);
}

static struct sb_poly choose_lt(const struct sb_kinks *k, double v)
{
    (void)k;
    return sb_poly_constant(v < 0 ? 1 : 0);
}

static struct sb_poly choose_le(const struct sb_kinks *k, double v)
{
    (void)k;
    return sb_poly_constant(v <= 0 ? 1 : 0);
}

static struct sb_poly choose_eq(const struct sb_kinks *k, double v)
{
    (void)k;
    return sb_poly_constant(v == 0 ? 1 : 0);
}

static struct sb_poly choose_near(const struct sb_kinks *k, double v)
{
    return sb_poly_constant(fabs(v) <= k->node->num[0] ? 1 : 0);
}

int sb_kinks_abs(struct sb_kinks *k)
{
    return picks(k, &k->a, k->a_range, at_zero, 1, choose_abs);
}

int sb_kinks_relu(struct sb_kinks *k)
{
    return picks(k, &k->a, k->a_range, at_zero, 1, choose_relu);
}

int sb_kinks_clip(struct sb_kinks *k)
{
    return picks(k, &k->a, k->a_range, k->node->num, 2, choose_clip);
}

int sb_kinks_min(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);

    return picks(k, &d, difference(k), at_zero, 1, choose_min);
}

int sb_kinks_max(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);

    return picks(k, &d, difference(k), at_zero, 1, choose_max);
}

int sb_kinks_step(struct sb_kinks *k)
{
    return indicates(k, &k->a, at_zero, 1, choose_step);
}

int sb_kinks_lt(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);

    return indicates(k, &d, at_zero, 1, choose_lt);
}

int sb_kinks_le(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);

    return indicates(k, &d, at_zero, 1, choose_le);
}

int sb_kinks_eq(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);

    return indicates(k, &d, at_zero, 1, choose_eq);
}

int sb_kinks_near(struct sb_kinks *k)
{
    const struct sb_poly d = sb_poly_add(&k->a, &k->b, -1);
    const double levels[2] = { -k->node->num[0], k->node->num[0] };

    return indicates(k, &d, levels, 2, choose_near);
}

/* Division and remainder */

static struct sb_poly choose_smooth(const struct sb_kinks *k, double v)
{
    (void)k;
    (void)v;
    return sb_poly_smooth();
}

int sb_kinks_div(struct sb_kinks *k)
{
    const bool zero = k->b_range.lo <= 0 && k->b_range.hi >= 0;
    struct sb_poly quotient;

    if (sb_poly_is_constant(&k->b)) {
        if (k->b.c[0] == 0)
            return emit_all(k, sb_poly_constant(0));
        if (sb_poly_is_constant(&k->a))
            return emit_all(k, sb_poly_constant(sb_over(k->a.c[0], k->b.c[0])));
        /* zero: b is other constants elsewhere, and the range says nothing about this stretch */
        if (!zero && saturates(k->range))
            return UNKNOWN;
        quotient = sb_poly_scale(&k->a, 1 / k->b.c[0]);
        return quotient.degree < 0 && k->a.degree >= 0 ? UNKNOWN : emit_all(k, quotient);
    }
    if (!zero)
        return emit_unsaturated(k, sb_poly_smooth());
    return k->b.degree < 0 ? UNKNOWN : cut_at_levels(k, &k->b, at_zero, 1, choose_smooth);
}

static struct sb_poly choose_rest(const struct sb_kinks *k, double v)
{
    const double b = k->b.c[0];
    const struct sb_poly floors = sb_poly_constant(b * sb_floor(v / b));

    return sb_poly_add(&k->a, &floors, -1);
}

/* The least and largest value of a on the stretch, which is finite. False: unknown. */
static bool extent(const struct sb_kinks *k, struct sb_interval *out)
{
    const double ends[2] = { sb_poly_value(&k->a, k->from), sb_poly_value(&k->a, k->to) };
    struct sb_interval range = { sb_least(ends[0], ends[1]), sb_most(ends[0], ends[1]) };
    const struct sb_poly slope = sb_poly_derivative(&k->a);
    double at[SB_POLY_ROOTS];
    const size_t n = sb_poly_roots(&slope, k->reach, at);

    if (n > SB_POLY_ROOTS)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (at[i] > k->from && at[i] < k->to) {
            range.lo = sb_least(range.lo, sb_poly_value(&k->a, at[i]));
            range.hi = sb_most(range.hi, sb_poly_value(&k->a, at[i]));
        }
    }
    *out = range;
    return true;
}

int sb_kinks_mod(struct sb_kinks *k)
{
    struct sb_interval range;
    double *levels SB_FREE = NULL;
    double b, first, n;

    if (!sb_poly_is_constant(&k->b) || k->a.degree < 0)
        return UNKNOWN;
    b = k->b.c[0];
    if (b <= 0)
        return emit_all(k, sb_poly_constant(0));
    if (sb_poly_is_constant(&k->a))
        return emit_all(k, sb_poly_constant(sb_mod(k->a.c[0], b)));
    /* on half a line there are infinitely many */
    if (k->from == -INFINITY || k->to == INFINITY || !extent(k, &range))
        return UNKNOWN;
    first = sb_floor(range.lo / b);
    n = sb_floor(range.hi / b) - first + 1;
    if (!(n <= MAX_PIECES))
        return UNKNOWN;
    levels = SB_NEW_ARRAY(double, (size_t)n);
    if (!levels)
        return -ENOMEM;
    for (size_t i = 0; i < (size_t)n; i++)
        levels[i] = (first + (double)i) * b;
    return cut_at_levels(k, &k->a, levels, (size_t)n, choose_rest);
}

/* The walk */

struct walk {
    const struct sb_visit *visits;
    uint32_t n;
    struct function *functions; /* n */
    struct sb_interval *ranges; /* n; for the t and y that count */
    struct sb_interval of_range;
    sb_expr of;
};

static int whole_line(struct sb_kinks *k, struct sb_poly p)
{
    return emit(k, INFINITY, p);
}

static const struct piece no_argument = { INFINITY, { 0, { 0 }, { 0 }, 0 } };

/* Runs the node's operator on each stretch where its arguments are one piece each. */
static int compute(struct sb_kinks *k, const struct function *a, const struct function *b)
{
    const struct piece *pa = a ? a->pieces : &no_argument, *pb = b ? b->pieces : &no_argument;

    k->from = -INFINITY;
    for (;;) {
        int r;

        k->to = sb_least(pa->to, pb->to);
        k->a = pa->p;
        k->b = pb->p;
        r = sb_op_row(k->node->op)->kinks(k);
        if (r || k->to == INFINITY)
            return r;
        k->from = k->to;
        pa += pa->to == k->from;
        pb += pb->to == k->from;
    }
}

static void release(struct function *f)
{
    if (--f->n_users == 0) {
        free(f->pieces);
        f->pieces = NULL;
    }
}

static void find_range(struct sb_kinks *k, struct walk *w, uint32_t i)
{
    const struct sb_visit *v = &w->visits[i];
    const struct sb_bounds in = { k->space, v->node, w->ranges[v->arg[0]], w->ranges[v->arg[1]],
                                  v->arg[0] == v->arg[1] };

    if (v->e == w->of)
        w->ranges[i] = w->of_range;
    else if (v->node->op == SB_Y)
        w->ranges[i] = (struct sb_interval){ k->y, k->y };
    else
        w->ranges[i] = sb_op_row(v->node->op)->range(&in);
    k->a_range = in.a;
    k->b_range = in.b;
    k->range = w->ranges[i];
}

static int visit(struct sb_kinks *k, struct walk *w, uint32_t i)
{
    const struct sb_poly identity = { 1, { 0, 1 }, { 0, 1 }, 0 };
    const struct sb_visit *v = &w->visits[i];
    struct function *arg[2] = { NULL, NULL };
    int r;

    for (uint32_t j = 0; j < v->node->n_arg; j++)
        arg[j] = &w->functions[v->arg[j]];
    k->node = v->node;
    k->out = &w->functions[i];
    find_range(k, w, i);
    r = v->e == w->of ? whole_line(k, identity) : compute(k, arg[0], arg[1]);
    for (uint32_t j = 0; j < v->node->n_arg; j++)
        release(arg[j]);
    return r;
}

static int copy_kinks(const struct function *f, double **out, size_t *n_out)
{
    double *at = SB_NEW_ARRAY(double, f->n);

    if (!at)
        return -ENOMEM;
    for (size_t i = 0; i + 1 < f->n; i++)
        at[i] = f->pieces[i].to;
    *out = at;
    *n_out = f->n - 1;
    return 0;
}

static int walk_all(struct sb_kinks *k, struct walk *w, double **out, size_t *n_out)
{
    int r = 0;

    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t j = 0; j < w->visits[i].node->n_arg; j++)
            w->functions[w->visits[i].arg[j]].n_users++;
    w->functions[w->n - 1].n_users = 1; /* the caller */
    for (uint32_t i = 0; i < w->n && !r; i++)
        r = visit(k, w, i);
    return r ? r : copy_kinks(&w->functions[w->n - 1], out, n_out);
}

/* Where t lives: 64 standard deviations, or the values of the dot on a finite domain. */
static struct sb_interval range_of(const struct sb_space *space, const struct sb_node *node,
                                   double scale)
{
    const struct sb_bounds in = { .space = space, .node = node };
    double sum_sq = 0, reach;

    if (space->domain != SB_GAUSS)
        return sb_op_row(node->op)->range(&in);
    for (uint32_t j = 0; j < node->n_num && node->op == SB_DOT; j++)
        sum_sq = sb_plus(sum_sq, sb_times(node->num[j], node->num[j]));
    reach = sb_times(64, sb_times(scale, node->op == SB_DOT ? sqrt(sum_sq) : 1));
    return (struct sb_interval){ -reach, reach };
}

int sb_expr_kinks(const struct sb_pool *pool, sb_expr e, sb_expr of, double scale, double y,
                  double **out, size_t *n_out)
{
    const struct sb_node *t = sb_pool_node(pool, of);
    struct sb_kinks k = { .space = sb_pool_space(pool), .y = y };
    struct walk w = { .of = of };
    int r = -ENOMEM;

    if (!sb_pool_node(pool, e) || !t || (t->op != SB_DOT && t->op != SB_X))
        return -EINVAL;
    w.of_range = range_of(k.space, t, scale);
    k.reach = sb_most(fabs(w.of_range.lo), fabs(w.of_range.hi));
    w.visits = sb_pool_walk(pool, e, &w.n);
    if (!w.visits)
        return -ENOMEM;
    w.functions = SB_NEW_ARRAY(struct function, w.n);
    w.ranges = SB_NEW_ARRAY(struct sb_interval, w.n);
    if (w.functions && w.ranges)
        r = walk_all(&k, &w, out, n_out);
    for (uint32_t i = 0; i < w.n && w.functions; i++)
        free(w.functions[i].pieces);
    free(w.functions);
    free(w.ranges);
    return r;
}
