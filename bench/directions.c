/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ridge query under every one of 10^5 hidden directions at once, d = 32, as policy eliminate asks for it; beside it
 * the same values asked for one by one, some of them. Goals: 100 times faster than one by one, and the same values
 * within the certificates. */
#include "bench.h"

#include "estimate/estimate.h"
#include "estimate/ngca.h"
#include "estimate/profile.h"

#include <math.h>

enum { N = 100000, D = 32, SINGLE = 200, REPEATS = 5 };

/* The three-node Gauss-Hermite rule with noise 0.1 [DKS17]. */
static struct sb_line *law(void)
{
    static const double node[3] = { -1.7320508075688772, 0, 1.7320508075688772 };
    static const double weight[3] = { 1.0 / 6, 2.0 / 3, 1.0 / 6 };
    struct sb_line_piece piece[3];
    struct sb_line *line = NULL;

    for (int i = 0; i < 3; i++)
        piece[i] = (struct sb_line_piece){
            .lo = -INFINITY, .hi = INFINITY, .offset = node[i] * sqrt(0.99), .weight = weight[i]
        };
    return sb_line_mixture(3, piece, 0.1, 5, NULL, 0, &line, NULL) ? NULL : line;
}

static double *unit_vectors(void)
{
    double *v = malloc((size_t)N * D * sizeof *v);

    if (!v)
        return NULL;
    sb_random_gauss((struct sb_key){ { 2017, 3 } }, 0, 0, (uint64_t)N * D, v);
    for (size_t i = 0; i < N; i++) {
        double square = 0;

        for (size_t j = 0; j < D; j++)
            square += v[i * D + j] * v[i * D + j];
        for (size_t j = 0; j < D; j++)
            v[i * D + j] /= sqrt(square);
    }
    return v;
}

/* Along a direction that is a member's own, and along one that is none's. */
static sb_expr query(struct sb_pool *pool, const double *v, int k)
{
    const double threshold = 0.4, ends[2] = { -1, 1 };
    double u[D];
    sb_expr arg[2];

    for (size_t j = 0; j < D; j++)
        u[j] = k % 2 ? v[7 * D + j] : (double)(j % 5) - 2;
    arg[0] = sb_pool_op(pool, SB_DOT, u, D, NULL, 0);
    if (k > 1)
        return sb_pool_op(pool, SB_CLIP, ends, 2, arg, 1);
    arg[1] = sb_pool_op(pool, SB_CONST, &threshold, 1, NULL, 0);
    arg[0] = sb_pool_op(pool, SB_SUB, NULL, 0, arg, 2);
    return sb_pool_op(pool, SB_STEP, NULL, 0, arg, 1);
}

/* Seconds of all at once, the median; of one alone, on average; how many differ. */
static int compare(const struct sb_family *family, struct sb_pool *pool, sb_expr e, double *all_out,
                   double *single_out)
{
    const struct sb_profile_task task = { .family = family,
                                          .pool = pool,
                                          .expr = e,
                                          .lo = -1,
                                          .hi = 1,
                                          .half_width = 1e-4,
                                          .delta = 1e-6 };
    double all[REPEATS], begin;
    struct sb_profile profile;
    int bad = 0;

    sb_profile_init(&profile);
    for (int i = 0; i < REPEATS; i++) {
        begin = bench_now();
        bad += sb_profile_of(&task, &profile) != 0 || profile.samples != 0;
        all[i] = bench_now() - begin;
    }
    *all_out = bench_median(all, REPEATS);
    begin = bench_now();
    for (uint64_t i = 0; i < SINGLE && !bad; i++) {
        struct sb_law law;
        struct sb_estimate alone;
        const struct sb_estimate_task single = {
            .law = &law, .pool = pool, .expr = e, .lo = -1, .hi = 1
        };

        family->law(family, i * (N / SINGLE), false, &law);
        bad += law.class->expectation(&single, &alone) != 0;
        bad += !(fabs(alone.value - profile.value[i * (N / SINGLE)]) <=
                 alone.half_width + profile.half_width);
    }
    *single_out = (bench_now() - begin) / SINGLE;
    sb_profile_fini(&profile);
    return bad;
}

int main(void)
{
    static const char *const name[] = { "step", "step along a member", "clip",
                                        "clip along a member" };
    struct sb_ngca ngca = {
        .line = law(), .dim = D, .directions = unit_vectors(), .overlap_ub = 1
    };
    struct sb_family family = { .n_members = N };
    struct sb_pool *pool;
    int failed = 0;

    if (!ngca.line || !ngca.directions)
        return 1;
    sb_ngca_init(&ngca, &family);
    pool = sb_pool_new(&family.space);
    for (int k = 0; pool && k < 4; k++) {
        double all, single;
        const int bad = compare(&family, pool, query(pool, ngca.directions, k), &all, &single);

        printf(
            "%s, %d directions, d = %d: all at once %.1f ms, one by one %.0f ms: %.0f times (goal: "
            "100); %d differ\n",
            name[k], N, D, 1e3 * all, 1e3 * single * N, single * N / all, bad);
        failed |= bad || single * N / all < 100;
    }
    sb_pool_free(pool);
    free((void *)ngca.directions);
    sb_line_free((struct sb_line *)ngca.line);
    return failed;
}
