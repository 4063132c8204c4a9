/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clipped Hermite products of degree 8 under a hidden direction, d = 16, m = 7: the queries that the learner
 * hermite-moments asks, 490314 of them. Goals: 5 10^5 in a minute on one thread, half-widths that serve a tolerance of
 * 1e-8. */
#include "bench.h"

#include "base/memory.h"
#include "construct/moments.h"
#include "estimate/estimate.h"
#include "estimate/ngca.h"

#include <math.h>
#include <string.h>

enum { DIM = 16, PRODUCTS = 100000, DEGREE = 8 };

struct rig {
    struct sb_line *line;
    struct sb_ngca ngca;
    struct sb_family family;
    struct sb_law law;
    struct sb_pool *pool;
    double v[DIM];
};

static void unit(double *v)
{
    double square = 0;

    sb_random_gauss((struct sb_key){ { 8, 2022 } }, 0, 0, DIM, v);
    for (int j = 0; j < DIM; j++)
        square += v[j] * v[j];
    for (int j = 0; j < DIM; j++)
        v[j] /= sqrt(square);
}

static bool open_rig(struct rig *r)
{
    struct sb_moments *moments = NULL;

    memset(r, 0, sizeof *r);
    if (sb_moments_new(7, 0, &moments, NULL) || sb_moments_line(moments, 0.1, &r->line, NULL))
        return false;
    sb_moments_free(moments);
    unit(r->v);
    r->ngca = (struct sb_ngca){ .line = r->line, .dim = DIM, .directions = r->v, .overlap_ub = 1 };
    r->family.n_members = 1;
    sb_ngca_init(&r->ngca, &r->family);
    r->family.law(&r->family, 0, false, &r->law);
    r->pool = sb_pool_new(&r->family.space);
    return r->pool != NULL;
}

static void close_rig(struct rig *r)
{
    sb_pool_free(r->pool);
    sb_line_free(r->line);
}

/* Queries */

static struct sb_estimate_task task_of(const struct rig *r, sb_expr e)
{
    return (struct sb_estimate_task){ .law = &r->law,
                                      .pool = r->pool,
                                      .expr = e,
                                      .lo = -1,
                                      .hi = 1,
                                      .tolerance = { SB_RULE_STAT, 1e-8 },
                                      .share = 0.5,
                                      .delta = 1e-9 };
}

/* Product number k, in no order: its degree falls on coordinates at random. */
static sb_expr product(struct sb_pool *pool, uint64_t k)
{
    uint64_t words[DEGREE];
    uint32_t degree[DIM] = { 0 };
    char text[512] = "clip(1e-4";
    size_t n = strlen(text);

    sb_random_words((struct sb_key){ { 3, 4 } }, k, 0, DEGREE, words);
    for (int i = 0; i < DEGREE; i++)
        degree[words[i] % DIM]++;
    for (int j = 0; j < DIM; j++)
        if (degree[j])
            n += (size_t)snprintf(text + n, sizeof text - n, "*hermite(%u,x%d)", degree[j], j);
    snprintf(text + n, sizeof text - n, ",-1,1)");
    return sb_expr_parse(pool, text, NULL);
}

/* Times alone what answers, not what parses. */
int main(void)
{
    uint64_t bad = 0;
    struct rig r;
    double seconds = 0;
    uint32_t mark;

    if (!open_rig(&r))
        return 1;
    mark = sb_pool_mark(r.pool);
    for (uint64_t k = 0; k < PRODUCTS; k++) {
        const struct sb_estimate_task task = task_of(&r, product(r.pool, k));
        struct sb_estimate e;
        const double begin = bench_cpu();
        const int status = sb_ngca_expectation(&task, &e);

        seconds += bench_cpu() - begin;
        bad += status != 0 || !(e.half_width <= 2.5e-9);
        sb_pool_forget(r.pool, mark);
    }
    printf("clipped products of degree %d, d = %d: %.1f us each, 5 10^5 in %.1f s (goal: 60 s); "
           "%llu not to 2.5e-9\n",
           DEGREE, DIM, 1e6 * seconds / PRODUCTS, 5e5 * seconds / PRODUCTS,
           (unsigned long long)bad);
    close_rig(&r);
    return seconds > 60.0 * PRODUCTS / 5e5 || bad;
}
