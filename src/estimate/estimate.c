/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E_D[query] with a certificate: the tolerance rules and the choice of route. */
#include "estimate/estimate.h"

#include "base/memory.h"
#include "numeric/ball.h"

#include <errno.h>
#include <math.h>

static const struct {
    const char *name, *tag;
} methods[] = {
    { "none", "none" },
    [SB_CLOSED_FORM] = { "closed-form", "certified" },
    [SB_ENUMERATION] = { "enumeration", "certified" },
    [SB_MONTE_CARLO] = { "monte-carlo", "certified" },
    [SB_TRANSFORM] = { "transform", "certified" },
    [SB_PUBLIC_DOMAIN] = { "public-domain", "certified" },
    [SB_PUBLIC_POINTS] = { "public-points", "certified" },
    [SB_FRESH_EXAMPLES] = { "fresh-examples", "none" },
    [SB_QUADRATURE] = { "quadrature", "estimated" },
};

const char *sb_method_name(uint32_t method)
{
    return methods[method < SB_COUNT(methods) ? method : 0].name;
}

const char *sb_method_tag(uint32_t method)
{
    return methods[method < SB_COUNT(methods) ? method : 0].tag;
}

const char *sb_tolerance_name(uint32_t rule)
{
    static const char *const name[] = { "none", "stat", "bernoulli", "variance" };

    return name[rule < SB_COUNT(name) ? rule : 0];
}

static double square_root_lb(double v, double t)
{
    /* two roundings, each at most half a unit in the last place */
    return v > 0 ? sqrt(v / t) * (1 - 0x1p-51) : 0;
}

double sb_tolerance_lb(struct sb_tolerance tolerance, double lo, double hi, double variance_lb)
{
    const double t = tolerance.value;
    double least = 1 / t, at_lo, at_hi, root;

    if (tolerance.rule == SB_RULE_STAT)
        return tolerance.value;
    if (sb_significant_bits(t) != 1)
        least *= 1 - 0x1p-52; /* 1/t may have been rounded up */
    if (tolerance.rule == SB_RULE_VARIANCE) {
        root = square_root_lb(variance_lb, t);
        return root > least ? root : least;
    }
    /* p(1-p) is concave: least at an end of the interval */
    lo = lo < 0 ? 0 : lo;
    hi = hi > 1 ? 1 : hi;
    at_lo = square_root_lb(lo * (1 - lo) * (1 - 0x1p-51), t);
    at_hi = square_root_lb(hi * (1 - hi) * (1 - 0x1p-51), t);
    root = at_lo < at_hi ? at_lo : at_hi;
    return root > least ? root : least;
}

static int exact(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct sb_law_class *class = task->law->class;
    int error = class && class->expectation ? class->expectation(task, out) : 1;

    if (error == 1)
        error = sb_estimate_closed_form(task, out);
    if (error == 1)
        error = sb_estimate_enumeration(task, out);
    return error == 1 ? sb_estimate_quadrature(task, out) : error;
}

/* Var = E f^2 - (E f)^2, by the exact routes once more */
static int exact_variance(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const sb_expr pair[2] = { task->expr, task->expr };
    struct sb_estimate_task square = *task;
    struct sb_estimate second;
    double variance, error_bound;
    int error;

    square.expr = sb_pool_op(task->pool, SB_MUL, NULL, 0, pair, 2);
    if (!square.expr)
        return 1; /* too large to square: the caller samples */
    error = exact(&square, &second);
    if (error)
        return error;
    variance = second.value - out->value * out->value;
    /* squaring rounds once at evaluation, once here, and the difference once; |f| <= 1 */
    error_bound = second.half_width + 2 * out->half_width + 0x1p-50;
    out->variance_lb = variance > error_bound ? variance - error_bound : 0;
    return 0;
}

/* Terms far larger than their sum have rounding errors of their size. The share is for samples: exact routes
 * use next to nothing, or are no good. */
static bool is_narrow(const struct sb_estimate_task *task, const struct sb_estimate *e)
{
    const double lo = e->value - e->half_width, hi = e->value + e->half_width;

    if (e->widest > sb_tolerance_lb(task->tolerance, 0, 0, 0) / 4)
        return false;
    return e->half_width <= sb_tolerance_lb(task->tolerance, lo, hi, e->variance_lb) / 4;
}

static int by_exact_routes(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    int error = exact(task, out);

    if (!error && task->tolerance.rule == SB_RULE_VARIANCE)
        error = exact_variance(task, out);
    return error || is_narrow(task, out) ? error : 1;
}

int sb_estimate_many(const struct sb_estimate_task *tasks, size_t n, struct sb_estimate *out,
                     int *status)
{
    for (size_t i = 0; i < n; i++) {
        status[i] = by_exact_routes(&tasks[i], &out[i]);
        if (status[i] < 0)
            return status[i];
    }
    return sb_estimate_monte_carlo_many(tasks, n, out, status);
}

int sb_estimate(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    int status;
    const int error = sb_estimate_many(task, 1, out, &status);

    return error ? error : status;
}
