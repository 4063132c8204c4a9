/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a hidden parity from labels at chosen points: at 0 and at the d unit vectors e_i. S holds the
 * i whose label differs from that of 0.
 *
 * Labels: d + 1 without noise. With noise eta each point is asked `repeats` times and the majority
 * counts: the least odd r with 2 ln((d+1)/delta) / (1-2 eta)^2 <= r, for then each majority is wrong
 * with probability at most exp(-r (1-2 eta)^2 / 2) [Hoeffding63], all together with delta.
 * Under goal `distinguish` only 0 is asked, where every parity is even: 8 ln(1/delta) / (1-2 eta)^2
 * times, for then the mean label is off by half of 1 - 2 eta with probability at most delta, both
 * under a member and under the null, whose labels are fair coins, drawn anew each time.
 *
 * Logarithms are rounded up to multiples of ln 2, which needs no libm: the counts are the same on
 * every machine. */
#include <statbed/learner.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM_MAX = 64, CHUNK = 1 << 13 };

static int32_t fail(const char *why)
{
    fprintf(stderr, "parity-membership: %s\n", why);
    return 1;
}

/* The least multiple of ln 2 that is at least ln x, and at least ln 2. */
static double ln_ub(double x)
{
    double ln = 0.6931471805599454;

    for (double power = 2; power < x; power *= 2)
        ln += 0.6931471805599454;
    return ln;
}

/* x up to the next whole number, at most 2^53. */
static uint64_t up(double x)
{
    const uint64_t n = x < 0x1p53 ? (uint64_t)x : UINT64_C(1) << 53;

    return n + (x < 0x1p53 && (double)n < x);
}

static uint64_t repeats_of(const struct sb_host *h)
{
    const struct sb_facts *f = h->facts(h->self);
    const double signal = 1 - 2 * h->family_real(h->self, "noise");
    const double delta = h->param_real(h->self, "delta");
    const uint64_t given = (uint64_t)h->param_int(h->self, "repeats");

    if (given)
        return given;
    if (f->goal == SB_DISTINGUISH)
        return up(8 * ln_ub(1 / delta) / (signal * signal));
    if (signal == 1)
        return 1;
    return up(2 * ln_ub((f->dim + 1) / delta) / (signal * signal)) | 1;
}

/* Asks n times for each of the points 0, e_0, e_1, .. (n_points of them) and counts in odd[] how
 * often the label was that of an odd sum. 0, or what run() is to return. */
static int32_t count_odd(const struct sb_host *h, uint64_t n_points, uint64_t n, double *x,
                         double *y, uint64_t *odd)
{
    const struct sb_facts *f = h->facts(h->self);

    for (uint64_t begin = 0, total = n_points * n; begin < total; begin += CHUNK) {
        const uint64_t size = total - begin < CHUNK ? total - begin : CHUNK;
        int32_t status;

        memset(x, 0, size * f->dim * sizeof *x);
        for (uint64_t i = 0; i < size; i++) {
            const uint64_t point = (begin + i) % n_points;

            if (point)
                x[i * f->dim + point - 1] = 1;
        }
        status = h->labels(h->self, size, x, y);
        if (status != SB_OK)
            return status == SB_STOP ? SB_STOP : fail(h->message(h->self));
        for (uint64_t i = 0; i < size; i++)
            odd[(begin + i) % n_points] += f->label_set[0] < 0 ? y[i] < 0 : y[i] > 0;
    }
    return 0;
}

static int32_t conclude(const struct sb_host *h, const uint64_t *odd, uint64_t n)
{
    const struct sb_facts *f = h->facts(h->self);
    const int zero = 2 * odd[0] > n;
    uint64_t mask = 0;
    double bit[DIM_MAX];
    sb_expr chi;

    if (f->goal == SB_DISTINGUISH) {
        const double mean = 1 - 2 * (double)odd[0] / (double)n;

        return h->verdict(h->self, mean > (1 - 2 * h->family_real(h->self, "noise")) / 2);
    }
    for (uint32_t j = 0; j < f->dim; j++) {
        const int is_in = (2 * odd[j + 1] > n) != zero;

        bit[j] = is_in;
        mask |= (uint64_t)is_in << j;
    }
    if (f->goal == SB_RECOVER)
        return h->recovered(h->self, bit, f->dim);
    chi = sb_chi_mask(h, mask);
    if (f->label_set[0] == 0)
        chi = sb_mul(h, sb_num(h, 0.5), sb_sub(h, sb_num(h, 1), chi));
    return h->predict_expr(h->self, chi);
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    const uint64_t n_points = f->goal == SB_DISTINGUISH ? 1 : f->dim + 1;
    uint64_t odd[DIM_MAX] = { 0 }, n;
    double *x, *y;
    int32_t end;

    (void)self;
    if (strcmp(f->family, "parity") != 0)
        return fail("learns the family parity only");
    n = repeats_of(h);
    if (f->n_label_queries / n < n_points) {
        fprintf(stderr,
                "parity-membership: needs the labels at %llu points %llu times, the budget is %llu "
                "labels\n",
                (unsigned long long)n_points, (unsigned long long)n,
                (unsigned long long)f->n_label_queries);
        return 1;
    }
    x = malloc((uint64_t)CHUNK * f->dim * sizeof *x);
    y = malloc(CHUNK * sizeof *y);
    end = x && y ? count_odd(h, n_points, n, x, y, odd) : fail("out of memory");
    free(x);
    free(y);
    return end != 0 ? end : conclude(h, odd, n);
}

static const struct sb_param params[] = {
    { "repeats", SB_INT, 0, "0", "[0,1000000000]",
      "times that each point is asked (a tie is even); 0: as many as noise and delta take" },
    { "delta", SB_REAL, 0, "0.01", "[1e-12,0.5]", "probability of failing, where repeats is 0" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_LABEL, SB_TWO_LABELS, "parity-membership",
           "reads the parity off the labels at 0 and e_i", "label queries; not an SQ learner",
           params, NULL, run, NULL);
