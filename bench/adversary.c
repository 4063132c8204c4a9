/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the adversary of the proof costs: one callback query under `eliminate` for all 2^20 parities of 20
 * bits (learner's process, board, oracle, one transform, the windows of all members), against evaluating
 * the same machine code at the 2 x 2^20 points, in blocks of columns, in one process. Both pinned to one
 * CPU, turn about, in CPU time. The goal is 1.5 times for a clipped ridge through all columns; beside it
 * y x_0, which costs nothing to evaluate. And the sparse profiles: a character, and a bent function times a
 * character.
 *
 *     adversary RIDGE SIGN      (plugins; STATBED_HOST names statbed-host) */
#include "base/memory.h"
#include "chain.h"
#include "estimate/profile.h"
#include "oracles/families/families.h"
#include "query/eval.h"

#include <dlfcn.h>
#include <sched.h>
#include <string.h>

enum { ROUNDS = 7, DIM = 20, ASKS = 4 };
static const double goal = 1.5, tolerance = 0.05;

static void pin(void)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* Seconds to evaluate at every point of the cube with both labels. */
static double in_process(sb_phi *phi)
{
    static uint64_t bits[SB_BLOCK];
    static double x[DIM][SB_BLOCK], y[2][SB_BLOCK], f[SB_BLOCK];
    const double *columns[DIM];
    const double start = bench_cpu();

    for (int j = 0; j < DIM; j++)
        columns[j] = x[j];
    for (int i = 0; i < SB_BLOCK; i++) {
        y[0][i] = -1;
        y[1][i] = 1;
    }
    for (uint64_t at = 0; at < UINT64_C(1) << DIM; at += SB_BLOCK) {
        for (int i = 0; i < SB_BLOCK; i++)
            bits[i] = at + (uint64_t)i;
        for (int j = 0; j < DIM; j++)
            for (int i = 0; i < SB_BLOCK; i++)
                x[j][i] = (double)(int)(bits[i] >> j & 1);
        for (int l = 0; l < 2; l++) {
            const struct sb_block block = { sizeof block, DIM, SB_BLOCK, columns, bits, y[l] };

            phi(NULL, &block, f);
            __asm__ volatile("" : : "r"(f) : "memory");
        }
    }
    return bench_cpu() - start;
}

/* CPU seconds of a cell of so many queries. */
static double cell(const char *plugin, uint64_t n_queries)
{
    struct chain chain = { .plugin = plugin,
                           .dimension = DIM,
                           .tolerance = tolerance,
                           .policy = "eliminate",
                           .n_queries = n_queries };

    return chain_run(&chain) || chain.answered != (int64_t)n_queries ? -1 : chain.cpu;
}

static int compare(const char *what, const char *plugin, const char *name, double most)
{
    void *object = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    void *phi = object ? dlsym(object, name) : NULL;
    double ours[ROUNDS], direct[ROUNDS], ratio[ROUNDS], middle;

    if (!phi)
        return 2;
    for (int i = 0; i < ROUNDS; i++) {
        const double one = cell(plugin, 1), many = cell(plugin, 1 + ASKS);

        if (one < 0 || many < 0)
            return 2;
        direct[i] = in_process((sb_phi *)(uintptr_t)phi);
        ours[i] = (many - one) / ASKS;
        ratio[i] = ours[i] / direct[i];
    }
    middle = bench_median(ratio, ROUNDS);
    printf("%s, d = %d: a query under eliminate %.4g ms, its 2 x 2^%d values alone %.4g ms, ratio "
           "%.2f",
           what, DIM, 1e3 * bench_median(ours, ROUNDS), DIM, 1e3 * bench_median(direct, ROUNDS),
           middle);
    if (most > 0)
        printf(", goal <= %.2f: %s", most, middle <= most ? "met" : "NOT met");
    printf("\n");
    return most > 0 && middle > most;
}

/* ---- sparse profiles ---- */

static struct sb_family *parities(struct sb_values *values)
{
    const struct sb_given given[] = { { .name = "dimension", .text = "20" } };
    const struct sb_family_class *class = NULL;
    struct sb_family *family = NULL;

    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, "parity") == 0)
            class = sb_families[i];
    if (!class || sb_values_parse(&class->params, 1, given, 1, NULL, 0, "family", values, NULL))
        return NULL;
    return sb_family_new(class, values, &family, NULL) ? NULL : family;
}

/* Prints what an expression's profile costs, and its program alone. */
static int sparse(const struct sb_family *family, struct sb_pool *pool, const char *what,
                  const char *text, int n)
{
    struct sb_profile profile;
    struct sb_profile_task task = { .family = family, .pool = pool, .lo = -1, .hi = 1 };
    double start, program, all;
    int error = 0;

    task.expr = sb_expr_parse(pool, text, NULL);
    if (!task.expr)
        return 2;
    sb_profile_init(&profile);
    error = sb_profile_of(&task, &profile);
    start = bench_now();
    for (int i = 0; i < n; i++)
        sb_program_free(sb_program_new(pool, task.expr));
    program = bench_now() - start;
    start = bench_now();
    for (int i = 0; i < n && !error; i++)
        error = sb_profile_of(&task, &profile);
    all = bench_now() - start;
    printf("%s, d = %d: profile %.3g us, its program alone %.3g us, %llu members listed\n", what,
           DIM, 1e6 * all / n, 1e6 * program / n, (unsigned long long)profile.n);
    sb_profile_fini(&profile);
    return error ? 2 : 0;
}

static int sparse_profiles(void)
{
    struct sb_values values = { 0 };
    struct sb_family *family = parities(&values);
    struct sb_pool *pool = family ? sb_pool_new(&family->space) : NULL;
    int status = pool ? 0 : 2;

    if (!status)
        status = sparse(family, pool, "y chi(T)", "y*chi(1,4,7,12,17,19)", 20000);
    if (!status)
        status = sparse(family, pool, "y chi(T) times a bent function of 10 bits",
                        "y*chi(11,13,19)*(1 - 2*x0*x1)*(1 - 2*x2*x3)*(1 - 2*x4*x5)*(1 - 2*x6*x7)"
                        "*(1 - 2*x8*x9)",
                        500);
    if (!status)
        status =
            sparse(family, pool, "an expression of all bits",
                   "y*clip(dot(1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1)/4, -1, 1)", 5);
    sb_pool_free(pool);
    sb_family_free(family);
    sb_values_fini(&values);
    return status;
}

int main(int argc, char **argv)
{
    int missed;

    if (argc != 3) {
        printf("usage: adversary RIDGE SIGN\n");
        return 2;
    }
    pin();
    missed = sparse_profiles();
    missed |= compare("a clipped ridge", argv[1], "bench_ridge", goal);
    missed |= compare("y x_0", argv[2], "bench_phi", 0);
    return missed;
}
