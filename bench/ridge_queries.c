/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries of one projection under a hidden direction, d = 32, the law of moment-matching bumps with m = 7, sigma = 0.1:
 * 10^4 of them by the exact route, each a function of another random direction; and by examples at tolerance 0.01, as
 * many as their certificate takes, for some of them. Goals: 10^4 in a second on one thread, half-widths of 4e-12 at
 * most, and the same answers within the certificates. */
#include "bench.h"

#include "construct/moments.h"
#include "estimate/estimate.h"
#include "estimate/ngca.h"

#include <math.h>
#include <string.h>

enum { QUERIES = 10000, SAMPLED = 12, D = 32 };

struct bench {
    struct sb_moments *moments;
    struct sb_line *line;
    struct sb_ngca ngca;
    struct sb_family family;
    double direction[D];
    struct sb_pool *pool;
};

static void random_unit(uint64_t k, double *v)
{
    double square = 0;

    sb_random_gauss((struct sb_key){ { 2022, 8 } }, k, 0, D, v);
    for (int j = 0; j < D; j++)
        square += v[j] * v[j];
    for (int j = 0; j < D; j++)
        v[j] /= sqrt(square);
}

static int make(struct bench *b)
{
    if (sb_moments_new(7, 0, &b->moments, NULL) || sb_moments_line(b->moments, 0.1, &b->line, NULL))
        return 1;
    random_unit(0, b->direction);
    b->ngca =
        (struct sb_ngca){ .line = b->line, .dim = D, .directions = b->direction, .overlap_ub = 1 };
    b->family.n_members = 1;
    sb_ngca_init(&b->ngca, &b->family);
    b->pool = sb_pool_new(&b->family.space);
    return !b->pool;
}

static sb_expr query(struct sb_pool *pool, uint32_t k)
{
    static const char *const shape[4] = { "cos(1.7*%s)", "clip(%s, 0, 1)", "step(%s-0.9)",
                                          "le(0.2, %s)*cos(3*%s)" };
    char sum[D * 32] = "", text[2 * sizeof sum + 64];
    size_t used = 0;
    double u[D];

    random_unit(k + 1, u);
    for (uint32_t j = 0; j < D; j++)
        used += (size_t)snprintf(sum + used, sizeof sum - used, "%s%.17g", j ? "," : "dot(", u[j]);
    snprintf(sum + used, sizeof sum - used, ")");
    snprintf(text, sizeof text, shape[k % 4], sum, sum);
    return sb_expr_parse(pool, text, NULL);
}

static struct sb_estimate_task task_of(const struct sb_law *law, struct sb_pool *pool, uint32_t k)
{
    return (struct sb_estimate_task){ .law = law,
                                      .pool = pool,
                                      .expr = query(pool, k),
                                      .lo = -1,
                                      .hi = 1,
                                      .tolerance = { SB_RULE_STAT, 0.01 },
                                      .share = 0.5,
                                      .delta = 1e-9,
                                      .key = { { 2022, 7 } },
                                      .stream = k };
}

struct times {
    double exact, drawn, widest;
    int bad;
};

/* Times alone what answers, not what parses. */
static void run(struct bench *b, const struct sb_law *law, struct times *out)
{
    const uint32_t mark = sb_pool_mark(b->pool);

    for (uint32_t k = 0; k < QUERIES; k++) {
        const struct sb_estimate_task task = task_of(law, b->pool, k);
        struct sb_estimate exact = { 0 }, drawn;
        double begin = bench_cpu();

        out->bad += law->class->expectation(&task, &exact) != 0;
        out->exact += bench_cpu() - begin;
        out->widest = exact.half_width > out->widest ? exact.half_width : out->widest;
        if (k < SAMPLED) {
            begin = bench_cpu();
            out->bad += sb_estimate_monte_carlo(&task, &drawn) != 0;
            out->drawn += bench_cpu() - begin;
            out->bad += !(fabs(exact.value - drawn.value) <= exact.half_width + drawn.half_width);
        }
        sb_pool_forget(b->pool, mark);
    }
}

int main(void)
{
    struct bench b = { 0 };
    struct times t = { 0 };
    struct sb_law law;

    if (make(&b))
        return 1;
    b.family.law(&b.family, 0, false, &law);
    run(&b, &law, &t);
    printf("ridge queries, d = %d, m = 7, sigma = 0.1: %d in %.2f s (goal: 1), half-widths at most "
           "%.1e; by examples at 0.01 %.0f us a query, %.0f times as long; %d differ\n",
           D, QUERIES, t.exact, t.widest, 1e6 * t.drawn / SAMPLED,
           t.drawn / SAMPLED / (t.exact / QUERIES), t.bad);
    sb_pool_free(b.pool);
    sb_line_free(b.line);
    sb_moments_free(b.moments);
    return t.bad || t.exact > 1 || t.widest > 4e-12;
}
