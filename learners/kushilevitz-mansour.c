/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds all large Fourier coefficients of a Boolean function on the cube from labels at chosen points
 * [GL89; KM93], and predicts the sign of what they sum to.
 *
 * Let f be the mean label at a point, as +1 or -1: with noise eta, 1 - 2 eta times the clean one.
 * The bucket (J, k), J a set of the first k coordinates, holds every S that agrees with J there, and
 *     W(J, k) = sum over S in the bucket of f^(S)^2
 *             = E[label(x z) label(x' z) chi_J(x) chi_J(x')],
 * x, x' uniform on the first k coordinates, z on the others, every label drawn anew. From k = 0 on,
 * each bucket is split in two by coordinate k; a half is kept where its estimate is at least th^2/2. At
 * k = d each bucket is one set; its coefficient is estimated to +-th/4, and those of size at least
 * 3 th/4 are returned.
 *
 * Labels: per coordinate (32/th^4) ln(2/delta') pairs estimate W to +-th^2/4, each with probability
 * 1 - delta' [Hoeffding63]. One sample of pairs serves all buckets of a level: it is drawn after they
 * are fixed, and each estimate may fail by itself. There are at most 8/th^2 of them, since at most
 * 4/th^2 buckets have W >= th^2/4. Then (32/th^2) ln(2/delta') labels for the coefficients. delta' is
 * delta over the number of all estimates, and logarithms are rounded up to multiples of ln 2, which
 * needs no libm: the counts are the same on every machine.
 * What holds with probability 1 - delta: every S with |f^(S)| >= th is found, and none with
 * |f^(S)| < th/2. For parities th = 1 - 2 eta unless it is given: just the hidden set. */
#include <statbed/learner.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM_MAX = 64, CHUNK = 1 << 12 }; /* pairs a call */

/* One bucket: the set J, and the sum of the pairs' products. */
struct bucket {
    uint64_t set;
    int64_t sum;
};

struct search {
    const struct sb_host *h;
    const struct sb_facts *f;
    double threshold;
    uint64_t n_pairs, n_last; /* a level's pairs, labels for the coefficients */
    uint64_t cap;             /* buckets alive: 4/th^2 */
    uint64_t n;
    struct bucket *buckets;        /* 2 cap */
    uint64_t points[2 * CHUNK];    /* as bits */
    double x[2 * CHUNK * DIM_MAX]; /* as rows of dim */
    double y[2 * CHUNK];
    double u[4 * CHUNK];
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "kushilevitz-mansour: %s\n", why);
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

/* x up to the next whole number, at most 2^50. */
static uint64_t up(double x)
{
    const uint64_t n = x < 0x1p50 ? (uint64_t)x : UINT64_C(1) << 50;

    return n + (x < 0x1p50 && (double)n < x);
}

static uint64_t mask_below(uint32_t k)
{
    return k < 64 ? (UINT64_C(1) << k) - 1 : UINT64_MAX;
}

/* n uniform words, in points. */
static void draw_words(struct search *s, uint64_t n)
{
    s->h->uniform(s->h->self, 2 * n, s->u);
    for (uint64_t i = 0; i < n; i++)
        s->points[i] = (uint64_t)(s->u[2 * i] * 4294967296.0) << 32 |
                       (uint64_t)(s->u[2 * i + 1] * 4294967296.0);
}

/* The labels of the first n points as +1 or -1, in y. 0, or what run() is to return. */
static int32_t label(struct search *s, uint64_t n)
{
    const uint32_t dim = s->f->dim;
    const double middle = (s->f->label_set[0] + s->f->label_set[1]) / 2;
    const int sign = s->f->label_set[0] == 0 ? -1 : 1; /* in {0,1}, 1 stands for an odd sum: -1 */
    int32_t status;

    for (uint64_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < dim; j++)
            s->x[i * dim + j] = (double)(s->points[i] >> j & 1);
    status = s->h->labels(s->h->self, n, s->x, s->y);
    if (status != SB_OK)
        return status == SB_STOP ? SB_STOP : fail(s->h->message(s->h->self));
    for (uint64_t i = 0; i < n; i++)
        s->y[i] = s->y[i] > middle ? sign : -sign;
    return 0;
}

static int chi(uint64_t set, uint64_t x)
{
    return __builtin_popcountll(set & x) & 1 ? -1 : 1;
}

/* Estimates all buckets, sets of the first k coordinates, from one sample of pairs (x z, x' z). */
static int32_t weigh(struct search *s, uint32_t k)
{
    for (uint64_t begin = 0; begin < s->n_pairs; begin += CHUNK) {
        const uint64_t n = s->n_pairs - begin < CHUNK ? s->n_pairs - begin : CHUNK;
        int32_t end;

        draw_words(s, 2 * n);
        for (uint64_t i = 0; i < n; i++)
            s->points[n + i] = (s->points[n + i] & mask_below(k)) | (s->points[i] & ~mask_below(k));
        end = label(s, 2 * n);
        if (end != 0)
            return end;
        for (uint64_t b = 0; b < s->n; b++)
            for (uint64_t i = 0; i < n; i++)
                s->buckets[b].sum += (int64_t)(s->y[i] * s->y[n + i]) *
                                     chi(s->buckets[b].set, s->points[i] ^ s->points[n + i]);
    }
    return 0;
}

/* Splits every bucket by coordinate k, and keeps what is heavy enough. */
static int32_t split(struct search *s, uint32_t k)
{
    const double least = s->threshold * s->threshold / 2;
    uint64_t n_kept = 0;
    int32_t end;

    for (uint64_t b = 0; b < s->n; b++) {
        s->buckets[b].sum = 0;
        s->buckets[s->n + b] = (struct bucket){ s->buckets[b].set | UINT64_C(1) << k, 0 };
    }
    s->n *= 2;
    end = weigh(s, k + 1);
    for (uint64_t b = 0; b < s->n && end == 0; b++)
        if ((double)s->buckets[b].sum >= least * (double)s->n_pairs)
            s->buckets[n_kept++] = s->buckets[b];
    s->n = n_kept;
    if (end == 0 && s->n > s->cap)
        return fail("more heavy buckets than Parseval allows: an estimate failed, as one run in "
                    "1/delta may");
    return end;
}

/* Keeps the sets whose coefficients are large; their sums are over n_last labels. */
static int32_t measure(struct search *s)
{
    const double least = 0.75 * s->threshold * (double)s->n_last;
    uint64_t n_kept = 0;

    for (uint64_t b = 0; b < s->n; b++)
        s->buckets[b].sum = 0;
    for (uint64_t begin = 0; begin < s->n_last; begin += CHUNK) {
        const uint64_t n = s->n_last - begin < CHUNK ? s->n_last - begin : CHUNK;
        int32_t end;

        draw_words(s, n);
        end = label(s, n);
        if (end != 0)
            return end;
        for (uint64_t b = 0; b < s->n; b++)
            for (uint64_t i = 0; i < n; i++)
                s->buckets[b].sum += (int64_t)s->y[i] * chi(s->buckets[b].set, s->points[i]);
    }
    for (uint64_t b = 0; b < s->n; b++)
        if ((double)llabs(s->buckets[b].sum) >= least)
            s->buckets[n_kept++] = s->buckets[b];
    s->n = n_kept;
    return 0;
}

static int32_t recovered(const struct search *s)
{
    const struct bucket *heaviest = s->buckets;
    double bit[DIM_MAX];

    for (uint64_t b = 1; b < s->n; b++)
        if (llabs(s->buckets[b].sum) > llabs(heaviest->sum))
            heaviest = &s->buckets[b];
    for (uint32_t j = 0; j < s->f->dim; j++)
        bit[j] = (double)(heaviest->set >> j & 1);
    return s->h->recovered(s->h->self, bit, s->f->dim);
}

/* The label nearest to the sum of the coefficients found, times their characters. */
static int32_t predict(const struct search *s)
{
    const struct sb_host *h = s->h;
    sb_expr sum = 0;

    for (uint64_t b = 0; b < s->n; b++) {
        const double coefficient = (double)s->buckets[b].sum / (double)s->n_last;
        const sb_expr term = sb_mul(h, sb_num(h, coefficient), sb_chi_mask(h, s->buckets[b].set));

        sum = b ? sb_add(h, sum, term) : term;
    }
    if (s->f->label_set[0] == 0)
        sum = sb_mul(h, sb_num(h, 0.5), sb_sub(h, sb_num(h, 1), sum));
    return h->predict_expr(h->self, sum);
}

static int32_t conclude(const struct search *s)
{
    if (s->f->goal == SB_DISTINGUISH)
        return s->h->verdict(s->h->self, s->n > 0);
    if (!s->n) {
        fprintf(stderr, "kushilevitz-mansour: no coefficient of size %g was found\n", s->threshold);
        return 0;
    }
    return s->f->goal == SB_RECOVER ? recovered(s) : predict(s);
}

static int32_t search(struct search *s)
{
    int32_t end = 0;

    s->n = 1;
    s->buckets[0] = (struct bucket){ 0, 0 };
    for (uint32_t k = 0; k < s->f->dim && s->n && end == 0; k++)
        end = split(s, k);
    if (end == 0 && s->n)
        end = measure(s);
    return end != 0 ? end : conclude(s);
}

/* How much is asked, all of it fixed before the first label. */
static int32_t plan(struct search *s)
{
    const struct sb_host *h = s->h;
    const int is_parity = strcmp(s->f->family, "parity") == 0;
    double th = h->param_real(h->self, "threshold"), th_sq, n_estimates, ln;
    uint64_t need;

    if (s->f->domain != SB_CUBE || s->f->n_labels != 2 || s->f->dim > 63)
        return fail("needs two labels on a cube of at most 63 coordinates");
    if (!is_parity && (th == 0 || s->f->goal != SB_PREDICT))
        return fail("predicts other families than parity only, and needs a threshold there");
    if (th == 0)
        th = 1 - 2 * h->family_real(h->self, "noise");
    th_sq = th * th;
    n_estimates = s->f->dim * 8 / th_sq + 4 / th_sq;
    ln = ln_ub(2 * n_estimates / h->param_real(h->self, "delta"));
    s->threshold = th;
    s->n_pairs = up(32 / (th_sq * th_sq) * ln);
    s->n_last = up(32 / th_sq * ln);
    s->cap = up(4 / th_sq);
    need = s->n_pairs * 2 * s->f->dim + s->n_last;
    if (need <= s->f->n_label_queries)
        return 0;
    fprintf(stderr, "kushilevitz-mansour: threshold %g takes %llu labels, the budget is %llu\n", th,
            (unsigned long long)need, (unsigned long long)s->f->n_label_queries);
    return 1;
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct search *s = calloc(1, sizeof *s);
    int32_t end;

    (void)self;
    if (!s)
        return fail("out of memory");
    s->h = h;
    s->f = h->facts(h->self);
    end = plan(s);
    if (end == 0) {
        s->buckets = calloc(2 * s->cap, sizeof *s->buckets);
        end = s->buckets ? search(s) : fail("out of memory");
    }
    free(s->buckets);
    free(s);
    return end;
}

static const struct sb_param params[] = {
    { "threshold", SB_REAL, 0, "0", "[0,1]",
      "finds every coefficient of at least this size, noise included; 0: 1 - 2 noise, for "
      "parities" },
    { "delta", SB_REAL, 0, "0.01", "[1e-12,0.5]", "probability of failing" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_LABEL, SB_TWO_LABELS, "kushilevitz-mansour",
           "finds all large Fourier coefficients by weighing sets of them, prefix by prefix",
           "[GL89; KM93]; label queries; not an SQ learner", params, NULL, run, NULL);
