/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random expressions over all operators, on three spaces, with points to evaluate them at. */
#ifndef SB_TESTS_RANDOM_EXPR_H
#define SB_TESTS_RANDOM_EXPR_H

#include "rng.h"

#include "query/expr.h"
#include "unit.h"

#include <float.h>
#include <math.h>

enum { N_SPACES = 3, RANDOM_DIM = 6, RANDOM_CANDIDATES = 12 };

/* Small integers, halves, ordinary numbers, and corners. */
static inline double rng_number(struct rng *r)
{
    static const double corner[] = { 0,      -0.0,    1,      -1,     DBL_MAX, -DBL_MAX,
                                     5e-324, -5e-324, 1e300,  -1e300, 1e-300,  1e308,
                                     -1e-20, DBL_MIN, 0.1,    1e16,   -1e16,   0x1p52,
                                     1e-160, 1e155,   709.78, -745,   1e22,    3 };

    switch (rng_below(r, 6)) {
    case 0:
        return corner[rng_below(r, SB_COUNT(corner))];
    case 1:
        return (double)rng_below(r, 9) / 2 - 2;
    case 2:
        return rng_uniform(r) * 2e3 - 1e3;
    default:
        return rng_uniform(r) * 6 - 3;
    }
}

/* The candidates of the tests: candidate f is a threshold of the first coordinate. */
static inline uint64_t fake_index(const struct sb_block *block, uint64_t i)
{
    const double x = block->bits ? (double)(block->bits[i] % 13) : block->x[0][i];
    const double y = block->y ? block->y[i] : 0;

    if (!(fabs(x) < 1e6) || !(fabs(y) < 1e6))
        return UINT64_MAX;
    return (uint64_t)(fabs(floor(x)) + fabs(floor(y)));
}

static inline double fake_label(const struct sb_space *space, uint64_t index, double x0)
{
    const uint64_t n = space->n_labels ? space->n_labels : 1;
    const double pick = fmod(fabs(floor(x0)) + (double)index, (double)n);

    return space->n_labels ? space->labels[(size_t)pick] : x0 + (double)index;
}

static inline void fake_labels(void *self, uint64_t index, const struct sb_block *block,
                               double *out)
{
    const struct sb_space *space = self;

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = fake_label(space, index,
                            block->bits ? (double)(block->bits[i] & 1) : block->x[0][i] / 2);
}

static inline void fake_agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = fake_index(block, i);
}

static const double signs_of_y[] = { -1, 1 }, residues[] = { 0, 1, 2, 3, 4, 5, 6 };

static struct sb_space random_spaces[N_SPACES];
static struct sb_candidates random_candidates[N_SPACES];

static inline const struct sb_space *random_space(uint32_t which)
{
    const struct sb_space spaces[N_SPACES] = {
        { .domain = SB_CUBE,
          .dim = RANDOM_DIM,
          .modulus = 2,
          .n_labels = 2,
          .labels = signs_of_y,
          .n_candidates = RANDOM_CANDIDATES },
        { .domain = SB_ZQ,
          .dim = 3,
          .modulus = 7,
          .n_labels = 7,
          .labels = residues,
          .n_candidates = RANDOM_CANDIDATES },
        { .domain = SB_GAUSS, .dim = 4, .n_candidates = RANDOM_CANDIDATES },
    };

    random_spaces[which] = spaces[which];
    random_candidates[which] = (struct sb_candidates){ .self = &random_spaces[which],
                                                       .label = fake_labels,
                                                       .agreeing = fake_agreeing };
    random_spaces[which].candidates = &random_candidates[which];
    return &random_spaces[which];
}

static inline uint64_t random_chi(struct rng *r, uint32_t dim, double *num)
{
    uint64_t n = 0;

    for (uint32_t j = 0; j < dim; j++)
        if (rng_below(r, 2))
            num[n++] = j;
    return n;
}

/* Numbers for a node of the operator; returns how many. */
static inline uint64_t random_numbers(struct rng *r, const struct sb_space *space, uint32_t op,
                                      double *num)
{
    num[0] = rng_number(r);
    num[1] = rng_number(r);
    switch (op) {
    case SB_CONST:
        return 1;
    case SB_X:
        num[0] = rng_below(r, space->dim);
        return 1;
    case SB_DOT:
        for (uint32_t j = 0; j < space->dim; j++)
            num[j] = rng_below(r, 3) ? rng_number(r) : 0;
        return space->dim;
    case SB_CHI:
        return random_chi(r, space->dim, num);
    case SB_HERMITE:
        num[0] = rng_below(r, rng_below(r, 4) ? 6 : 65);
        return 1;
    case SB_CANDIDATE:
        num[0] = rng_below(r, RANDOM_CANDIDATES);
        return 1;
    case SB_CANDIDATE_BIT:
        num[0] = rng_below(r, rng_below(r, 2) ? 4 : 64);
        return 1;
    case SB_NEAR:
        num[0] = fabs(num[0]);
        return 1;
    case SB_CLIP:
        if (num[0] > num[1]) {
            const double t = num[0];

            num[0] = num[1];
            num[1] = t;
        }
        return 2;
    default:
        return 0;
    }
}

static inline uint32_t random_leaf(struct rng *r, const struct sb_space *space)
{
    static const uint32_t leaves[] = { SB_CONST,     SB_Y,   SB_X,
                                       SB_X,         SB_DOT, SB_CHI,
                                       SB_CANDIDATE, SB_DOT, SB_CANDIDATE_BIT };
    const uint32_t op = leaves[rng_below(r, SB_COUNT(leaves))];

    return op == SB_CHI && space->domain != SB_CUBE ? SB_X : op;
}

static inline uint32_t n_arguments(uint32_t op)
{
    switch (op) {
    case SB_ADD:
    case SB_SUB:
    case SB_MUL:
    case SB_DIV:
    case SB_MIN:
    case SB_MAX:
    case SB_MOD:
    case SB_LT:
    case SB_LE:
    case SB_EQ:
    case SB_NEAR:
        return 2;
    case SB_HERMITE:
        return 1;
    default:
        return op > SB_CANDIDATE_BIT ? 1 : 0;
    }
}

static inline sb_expr random_expr(struct sb_pool *pool, struct rng *r, uint32_t depth)
{
    const struct sb_space *space = sb_pool_space(pool);
    double num[RANDOM_DIM + 2];
    sb_expr arg[2] = { 0, 0 }, e;
    uint32_t op = SB_HERMITE + rng_below(r, SB_EXP - SB_HERMITE + 1);
    uint64_t n_num;

    if (!depth || rng_below(r, 8) == 0 || n_arguments(op) == 0)
        op = random_leaf(r, space);
    for (uint32_t k = 0; k < n_arguments(op); k++)
        arg[k] = random_expr(pool, r, depth - 1);
    if (arg[1] && rng_below(r, 10) == 0)
        arg[1] = arg[0]; /* shared nodes */
    n_num = random_numbers(r, space, op, num);
    e = sb_pool_op(pool, op, num, n_num, arg, n_arguments(op));
    if (!e)
        fail_msg("operator %u: %s", op, sb_pool_error(pool));
    return e;
}

/* n random points of the space. */
struct points {
    struct sb_block block;
    uint64_t bits[SB_BLOCK];
    double x[RANDOM_DIM][SB_BLOCK], y[SB_BLOCK];
    const double *columns[RANDOM_DIM];
};

static inline double random_coordinate(struct rng *r, const struct sb_space *space)
{
    if (space->domain == SB_ZQ)
        return rng_below(r, space->modulus);
    return rng_number(r) + 0.0;
}

static inline void random_points(struct rng *r, const struct sb_space *space, uint64_t n,
                                 struct points *p)
{
    const bool cube = space->domain == SB_CUBE;

    for (uint64_t i = 0; i < n; i++) {
        p->bits[i] = rng_next(r) & ((1u << RANDOM_DIM) - 1);
        for (uint32_t j = 0; j < space->dim; j++)
            p->x[j][i] = cube ? (double)(p->bits[i] >> j & 1) : random_coordinate(r, space);
        p->y[i] = space->n_labels ? space->labels[rng_below(r, (uint32_t)space->n_labels)]
                                  : rng_number(r);
    }
    for (uint32_t j = 0; j < RANDOM_DIM; j++)
        p->columns[j] = p->x[j];
    p->block = (struct sb_block){
        .n = n, .x = cube ? NULL : p->columns, .bits = cube ? p->bits : NULL, .y = p->y
    };
}

static inline char *text_of(const struct sb_pool *pool, sb_expr e)
{
    struct sb_buf b;
    char *text;

    sb_buf_init(&b);
    sb_expr_print(pool, e, NULL, &b);
    text = sb_strdup(sb_buf_str(&b));
    sb_buf_fini(&b);
    return text;
}

#endif
