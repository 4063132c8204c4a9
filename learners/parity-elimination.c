/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden parity from examples, by Gaussian elimination over GF(2): what no learner can do
 * with few statistical queries [Kearns98].
 *
 * An example (x, chi_S(x)) is one linear equation <S, x> = b over GF(2). d + `extra` of them are
 * solved by the Method of the Four Russians [ABH10] (the library m4ri), and the solution is held
 * against `fresh` further examples.
 *
 * Examples: d + extra + fresh; time O(d^3 / log d), 64 unknowns a word.
 * Why it is right, labels without noise: the equations always have the solution S, and it is the
 * only one unless x spans less than GF(2)^d, which d + e examples do with probability below 2^-e.
 * A wrong solution disagrees with a fresh example with probability 1/2, so passes with 2^-fresh.
 * Told from the null: its labels, being fair coins, have a solution that passes with probability at
 * most 2^-(extra + fresh).
 * With noise the equations contradict one another: it says so and returns nothing (verdict: none). The
 * answer is exact arithmetic over GF(2), so the same bits on every machine. */
#include <statbed/learner.h>

#include <m4ri/m4ri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM_MAX = 64 };

struct examples {
    uint64_t n;
    double *x, *y; /* n rows of dim, n */
};

struct solution {
    uint64_t mask; /* coordinates that the equations leave free are not in it */
    uint32_t rank;
    int exists;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "parity-elimination: %s\n", why);
    return 1;
}

static void examples_fini(struct examples *e)
{
    free(e->x);
    free(e->y);
}

/* 0, or what run() is to return. */
static int32_t draw(const struct sb_host *h, uint64_t n, struct examples *out)
{
    const uint32_t dim = h->facts(h->self)->dim;
    int32_t status;

    out->n = n;
    out->x = malloc((n * dim + 1) * sizeof *out->x);
    out->y = malloc((n + 1) * sizeof *out->y);
    if (!out->x || !out->y)
        return fail("out of memory");
    status = n ? h->samples(h->self, n, out->x, out->y) : SB_OK;
    return status == SB_OK || status == SB_STOP ? status : fail(h->message(h->self));
}

/* Does the label say that the sum over S is odd? */
static int is_odd(const struct sb_facts *f, double y)
{
    return f->label_set[0] < 0 ? y < 0 : y > 0;
}

static void solve(const struct sb_facts *f, const struct examples *e, struct solution *out)
{
    const rci_t dim = (rci_t)f->dim;
    mzd_t *m = mzd_init((rci_t)e->n, dim + 1); /* aborts where there is no memory */
    rci_t rank;

    for (rci_t i = 0; i < (rci_t)e->n; i++) {
        for (rci_t j = 0; j < dim; j++)
            mzd_write_bit(m, i, j, e->x[(uint64_t)i * f->dim + (uint64_t)j] != 0);
        mzd_write_bit(m, i, dim, is_odd(f, e->y[i]));
    }
    rank = mzd_echelonize(m, 1);
    *out = (struct solution){ 0, 0, 1 };
    for (rci_t i = 0; i < rank; i++) {
        rci_t pivot = 0;

        while (!mzd_read_bit(m, i, pivot))
            pivot++;
        out->exists = pivot < dim; /* the last row may say 0 = 1 */
        out->rank += pivot < dim;
        if (pivot < dim && mzd_read_bit(m, i, dim))
            out->mask |= UINT64_C(1) << pivot;
    }
    mzd_free(m);
}

/* How many examples the parity over `mask` is wrong on. */
static uint64_t count_wrong(const struct sb_facts *f, const struct examples *e, uint64_t mask)
{
    uint64_t n_wrong = 0;

    for (uint64_t i = 0; i < e->n; i++) {
        int odd = 0;

        for (uint32_t j = 0; j < f->dim; j++)
            odd ^= (mask >> j & 1) && e->x[i * f->dim + j] != 0;
        n_wrong += odd != is_odd(f, e->y[i]);
    }
    return n_wrong;
}

static int32_t conclude(const struct sb_host *h, uint64_t mask)
{
    const struct sb_facts *f = h->facts(h->self);
    sb_expr chi = sb_chi_mask(h, mask);
    double bit[DIM_MAX];

    if (f->goal == SB_RECOVER) {
        for (uint32_t j = 0; j < f->dim; j++)
            bit[j] = (double)(mask >> j & 1);
        return h->recovered(h->self, bit, f->dim);
    }
    if (f->label_set[0] == 0)
        chi = sb_mul(h, sb_num(h, 0.5), sb_sub(h, sb_num(h, 1), chi));
    return h->predict_expr(h->self, chi);
}

/* Says why there is no parity; for the goals that want one, nothing is returned. */
static int32_t give_up(const struct sb_host *h, uint64_t n_equations, uint64_t n_fresh,
                       uint64_t n_wrong, const struct solution *s)
{
    const struct sb_facts *f = h->facts(h->self);

    if (!s->exists)
        fprintf(stderr,
                "parity-elimination: no parity fits the %llu examples: the labels are noisy, or "
                "there is no parity\n",
                (unsigned long long)n_equations);
    else
        fprintf(stderr,
                "parity-elimination: the solution of %llu equations of rank %u of %u errs on %llu "
                "of %llu fresh examples: the labels are noisy, there is no parity, or `extra` is "
                "too small\n",
                (unsigned long long)n_equations, s->rank, f->dim, (unsigned long long)n_wrong,
                (unsigned long long)n_fresh);
    return f->goal == SB_DISTINGUISH ? h->verdict(h->self, 0) : 0;
}

static int32_t check_task(const struct sb_host *h, uint64_t n_needed)
{
    const struct sb_facts *f = h->facts(h->self);

    if (strcmp(f->family, "parity") != 0)
        return fail("learns the family parity only");
    if (f->n_samples < n_needed) {
        fprintf(stderr, "parity-elimination: needs %llu examples, the budget is %llu\n",
                (unsigned long long)n_needed, (unsigned long long)f->n_samples);
        return 1;
    }
    return 0;
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint64_t n = f->dim + (uint64_t)h->param_int(h->self, "extra");
    const uint64_t n_fresh = (uint64_t)h->param_int(h->self, "fresh");
    struct examples equations = { 0, NULL, NULL }, fresh = { 0, NULL, NULL };
    struct solution s = { 0, 0, 0 };
    uint64_t n_wrong = 0;
    int32_t end = check_task(h, n + n_fresh);

    (void)self;
    if (end != 0)
        return end;
    end = draw(h, n, &equations);
    if (end == 0)
        solve(f, &equations, &s);
    if (end == 0 && s.exists)
        end = draw(h, n_fresh, &fresh);
    if (end == 0 && s.exists)
        n_wrong = count_wrong(f, &fresh, s.mask);
    examples_fini(&equations);
    examples_fini(&fresh);
    if (end != 0)
        return end;
    if (!s.exists || n_wrong)
        return give_up(h, n, n_fresh, n_wrong, &s);
    return f->goal == SB_DISTINGUISH ? h->verdict(h->self, 1) : conclude(h, s.mask);
}

static const struct sb_param params[] = {
    { "extra", SB_INT, 0, "10", "[0,4096]", "examples beyond d: fewer span the cube less surely" },
    { "fresh", SB_INT, 0, "10", "[0,4096]", "further examples that the solution is held against" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_SAMPLE, SB_TWO_LABELS, "parity-elimination",
           "solves for the parity from examples, by elimination over GF(2)",
           "Gaussian elimination; the Method of the Four Russians [ABH10]; not an SQ learner",
           params, NULL, run, NULL);
