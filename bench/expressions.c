/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten queries that the shipped learners ask, d = 32, on one block of 1024 examples: as expressions,
 * beside C loops written by hand for each. With both labels, but for a predictor, which has
 * none. */
#include "expressions.h"
#include "bench.h"

#include "query/eval.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 41 };
static const double slice = 2e-4; /* seconds that one side is timed for at a time, about */

const uint64_t bench_sets[8] = {
    0x3, 0x90000001, 0xf0f, 0x80, 0x12345678, 0xffffffff, 0x41, 0xa5a5
};
const double bench_weights[8] = { 0.31, -0.22, 0.17, 0.9, -0.05, 0.125, 0.4, -0.6 };
const double bench_u[BENCH_DIM] = {
    0.12, -0.31, 0.05,  0.22, 0.17,  -0.08, 0.29, -0.14, 0.02,  0.11, -0.27,
    0.19, 0.07,  -0.21, 0.16, 0.3,   0.09,  0.13, 0.24,  -0.18, 0.04, 0.21,
    -0.1, 0.15,  0.26,  0.01, -0.06, 0.2,   0.23, -0.12, 0.08,  0.1,
};

void bench_candidate(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = __builtin_popcountll(block->bits[i] & index) & 1 ? -1 : 1;
}

static char text_of_bent[1024], text_of_characters[1024], text_of_ridge[2048],
    text_of_gradient[16384], text_of_parity[256], text_of_low_degree[256];

static size_t put_set(char *out, size_t at, size_t n, uint64_t set)
{
    const char *comma = "";

    at += (size_t)snprintf(out + at, n - at, "chi(");
    for (int j = 0; j < BENCH_DIM; j++)
        if (set >> j & 1) {
            at += (size_t)snprintf(out + at, n - at, "%s%d", comma, j);
            comma = ", ";
        }
    return at + (size_t)snprintf(out + at, n - at, ")");
}

static void write_texts(void)
{
    char set[128], u[1024] = "";
    size_t at = 0;

    put_set(set, 0, sizeof set, BENCH_SET);
    snprintf(text_of_parity, sizeof text_of_parity, "y*%s", set);
    snprintf(text_of_low_degree, sizeof text_of_low_degree, "0.5*(1 + y*%s)", set);
    at = (size_t)snprintf(text_of_bent, sizeof text_of_bent, "y*(1");
    for (int j = 0; j < BENCH_DIM; j += 2)
        at += (size_t)snprintf(text_of_bent + at, sizeof text_of_bent - at, "*(1 - 2*(x%d*x%d))", j,
                               j + 1);
    snprintf(text_of_bent + at, sizeof text_of_bent - at, ")*%s", set);
    at = 0;
    for (int k = 0; k < 8; k++) {
        at += (size_t)snprintf(text_of_characters + at, sizeof text_of_characters - at, "%s%.17g*",
                               k ? " + " : "", bench_weights[k]);
        at = put_set(text_of_characters, at, sizeof text_of_characters, bench_sets[k]);
    }
    for (int j = 0; j < BENCH_DIM; j++)
        snprintf(u + strlen(u), sizeof u - strlen(u), "%s%.17g", j ? ", " : "", bench_u[j]);
    snprintf(text_of_ridge, sizeof text_of_ridge, "y*clip(relu(dot(%s)), 0, 1)", u);
    snprintf(
        text_of_gradient, sizeof text_of_gradient,
        "clip((y - sin(dot(%s))*exp(-0.5*(dot(%s)*dot(%s))))*((cos(dot(%s)) - dot(%s)*sin(dot(%s)))"
        "*exp(-0.5*(dot(%s)*dot(%s)))), -1, 1)",
        u, u, u, u, u, u, u, u);
}

/* One row a query. */
static const struct query {
    const char *name, *text;
    uint32_t domain;
    uint32_t n_labels; /* 1: it is not looked at */
} queries[BENCH_QUERIES] = {
    { "parity-correlation", text_of_parity, SB_CUBE, 2 },
    { "low-degree, VSTAT", text_of_low_degree, SB_CUBE, 2 },
    { "parity-bent", text_of_bent, SB_CUBE, 2 },
    { "conjunction", "(1 - x5)*y", SB_CUBE, 2 },
    { "hypothesis-selection", "eq(y, candidate(77))", SB_CUBE, 2 },
    { "kushilevitz-mansour", text_of_characters, SB_CUBE, 1 },
    { "halfspace", "y*clip(x7, -3, 3)/3", SB_GAUSS, 2 },
    { "clipped ReLU ridge", text_of_ridge, SB_GAUSS, 2 },
    { "network gradient", text_of_gradient, SB_GAUSS, 2 },
    { "hermite product", "y*(clip(hermite(2, x3)*hermite(3, x9), -8, 8)*0.125)", SB_GAUSS, 2 },
};

/* on lines of the cache, for both sides */
#define ALIGNED _Alignas(64)
static ALIGNED uint64_t bits[SB_BLOCK];
static ALIGNED double columns[BENCH_DIM][SB_BLOCK], ours[2][SB_BLOCK], theirs[2][SB_BLOCK];
static const double *x[BENCH_DIM];
static const double labels[2] = { -1, 1 };

/* Sums of twelve uniforms are near enough to Gaussians. */
static void draw(void)
{
    uint64_t word = 0x9e3779b97f4a7c15;

    for (int i = 0; i < SB_BLOCK; i++) {
        for (int j = 0; j < BENCH_DIM; j++) {
            columns[j][i] = -6;
            for (int k = 0; k < 12; k++) {
                word ^= word << 13, word ^= word >> 7, word ^= word << 17;
                columns[j][i] += (double)(word >> 11) * 0x1p-53;
            }
            x[j] = columns[j];
        }
        bits[i] = word & 0xffffffff;
    }
}

struct sides {
    struct sb_program *program;
    bench_loop *by_hand;
    struct sb_block block;
    uint32_t n_labels;
};

static void run(const struct sides *s, bool by_hand)
{
    if (by_hand)
        s->by_hand(&s->block, labels, (double *const[2]){ theirs[0], theirs[1] });
    else
        sb_program_run_labels(s->program, &s->block, labels, s->n_labels,
                              (double *const[2]){ ours[0], ours[1] });
}

/* Seconds for one block, n times in a row. */
static double time_of(const struct sides *s, bool by_hand, int n)
{
    const double start = bench_now();

    for (int i = 0; i < n; i++)
        run(s, by_hand);
    return (bench_now() - start) / n;
}

/* Both are the same function, but for the last digits. */
static void check(const struct query *q, const struct sides *s)
{
    for (uint32_t l = 0; l < s->n_labels; l++)
        for (int i = 0; i < SB_BLOCK; i++)
            if (!(fabs(ours[l][i] - theirs[l][i]) <= 1e-9)) {
                printf("%s: example %d, label %g: %.17g by hand %.17g\n", q->name, i, labels[l],
                       ours[l][i], theirs[l][i]);
                exit(2);
            }
}

static int compare(const struct query *q, const struct sides *s)
{
    static const double goal = 1.5;
    double mine[ROUNDS], hand[ROUNDS], a, b;
    int n = 1;

    run(s, false);
    run(s, true);
    check(q, s);
    while (n < 10000 && time_of(s, true, n) * n < slice)
        n *= 2;
    for (int i = 0; i < ROUNDS; i++) {
        mine[i] = time_of(s, false, n);
        hand[i] = time_of(s, true, n);
    }
    a = bench_median(mine, ROUNDS) / SB_BLOCK * 1e9;
    b = bench_median(hand, ROUNDS) / SB_BLOCK * 1e9;
    printf("%-9s %-22s %8.3f ns  by hand %8.3f ns  ratio %5.2f, goal <= %.1f: %s\n",
           sb_isa_name(sb_isa()), q->name, a, b, a / b, goal, a / b <= goal ? "met" : "NOT met");
    return a / b <= goal ? 0 : 1;
}

int main(void)
{
    static bench_loop *const *const loops[SB_ISAS] = SB_ISA_TABLE(bench_loops);
    const struct sb_candidates candidates = { .label = bench_candidate };
    int missed = 0;

    write_texts();
    draw();
    for (int isa = 0; isa < SB_ISAS; isa++) {
        if (!sb_isa_has((enum sb_isa)isa))
            continue;
        sb_isa_limit((enum sb_isa)isa);
        for (int k = 0; k < BENCH_QUERIES; k++) {
            const struct query *q = &queries[k];
            const struct sb_space space = { .domain = q->domain,
                                            .dim = BENCH_DIM,
                                            .modulus = 2,
                                            .n_labels = 2,
                                            .labels = labels,
                                            .n_candidates = 100,
                                            .candidates = &candidates };
            struct sb_pool *pool = sb_pool_new(&space);
            const sb_expr e = sb_expr_parse(pool, q->text, NULL);
            struct sides s = { .program = e ? sb_program_new(pool, e) : NULL,
                               .by_hand = loops[isa][k],
                               .n_labels = q->n_labels };

            s.block = (struct sb_block){ .n = SB_BLOCK };
            if (q->domain == SB_CUBE)
                s.block.bits = bits;
            else
                s.block.x = x;
            if (!s.program) {
                printf("%s: %s\n", q->name, sb_pool_error(pool));
                return 2;
            }
            missed += compare(q, &s);
            sb_program_free(s.program);
            sb_pool_free(pool);
        }
    }
    return missed ? 1 : 0;
}
