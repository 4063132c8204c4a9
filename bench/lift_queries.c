/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries of a lifted parity, d = 16, m = 2, delta = d^-2, by the exact route: 10^4 of them, each of another product
 * of signs, by quadrature over the label; and by examples at tolerance 0.01, as many as their certificate takes, for
 * some of them. Goals: 100 times faster a query, and the same answers within the certificates. */
#include "bench.h"

#include "estimate/estimate.h"
#include "oracles/families/families.h"

#include <math.h>
#include <string.h>

enum { QUERIES = 10000, SAMPLED = 30, D = 16 };

static struct sb_family *make(struct sb_values *values)
{
    static const struct sb_given given[] = { { .name = "dimension", .text = "16" },
                                             { .name = "m", .text = "2" } };
    const struct sb_family_class *class = NULL;
    struct sb_family *family = NULL;

    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, "lifted") == 0)
            class = sb_families[i];
    if (!class || sb_values_parse(&class->params, 1, given, 2, NULL, 0, "lifted", values, NULL) ||
        sb_family_new(class, values, &family, NULL))
        return NULL;
    return family;
}

/* A correlation, a threshold in the label, or a smooth function of it, each times signs. */
static sb_expr query(struct sb_pool *pool, uint32_t k)
{
    static const char *const shape[3] = { "clip(y%s, -1, 1)", "le(0.5, y)*(0.5+0.5%s)",
                                          "exp(0-y)*(0.3%s+0.2*step(x15))" };
    char signs[D * 24] = "", text[sizeof signs + 64];
    size_t used = 0;

    for (uint32_t j = 0; j < D; j++)
        if ((k * 40503u + 977u) >> j & 1)
            used += (size_t)snprintf(signs + used, sizeof signs - used, "*(2*step(x%u)-1)", j);
    snprintf(text, sizeof text, shape[k % 3], signs);
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

/* Times alone what answers, not what parses. */
static int run(const struct sb_law *law, struct sb_pool *pool, double *exact_out, double *drawn_out)
{
    const uint32_t mark = sb_pool_mark(pool);
    int bad = 0;

    for (uint32_t k = 0; k < QUERIES; k++) {
        const struct sb_estimate_task task = task_of(law, pool, k);
        struct sb_estimate exact, drawn;
        double begin = bench_now();

        bad += law->class->expectation(&task, &exact) != 0;
        *exact_out += bench_now() - begin;
        if (k < SAMPLED) {
            begin = bench_now();
            bad += sb_estimate_monte_carlo(&task, &drawn) != 0;
            *drawn_out += bench_now() - begin;
            bad += !(fabs(exact.value - drawn.value) <= exact.half_width + drawn.half_width);
        }
        sb_pool_forget(pool, mark);
    }
    return bad;
}

int main(void)
{
    double exact = 0, drawn = 0, ratio;
    struct sb_values values;
    struct sb_family *family = make(&values);
    struct sb_pool *pool = family ? sb_pool_new(&family->space) : NULL;
    struct sb_law law;
    int bad;

    if (!pool)
        return 1;
    family->law(family, 977, false, &law);
    bad = run(&law, pool, &exact, &drawn);
    ratio = drawn / SAMPLED / (exact / QUERIES);
    printf("lifted parity, d = %d, a query: exact %.1f us, by examples at 0.01 %.0f us: %.0f times "
           "(goal: 100); %d differ\n",
           D, 1e6 * exact / QUERIES, 1e6 * drawn / SAMPLED, ratio, bad);
    sb_pool_free(pool);
    sb_family_free(family);
    sb_values_fini(&values);
    return bad || ratio < 100;
}
