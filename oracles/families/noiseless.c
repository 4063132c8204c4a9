/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws and candidates of noiseless real labels: examples, the null's labels, the mean square. */
#include "oracles/families/noiseless.h"
#include "estimate/agreeing.h"

#include <math.h>

enum {
    LABELS = SB_NOISELESS_MOST_COORDINATES, /* of a sample's streams: members; then columns of z */
    PIECE = 64,                             /* of the null's labels, drawn at once */
    SQUARES = 1 << 14                       /* labels whose squares' mean is label_square */
};

static const struct sb_noiseless *of(const struct sb_law *law)
{
    return law->self;
}

static void label(const struct sb_noiseless *z, uint64_t member, const struct sb_block *block,
                  double *out)
{
    z->label(z->self, member, block, out);
}

static void candidate(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    label(self, index, block, out);
}

static void agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    const struct sb_noiseless *z = self;

    sb_agreeing_look(&z->candidates, z->n_members, SB_AGREE, block, out);
}

static void points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * SB_NOISELESS_MOST_COORDINATES + j, start, n, out->x[j]);
}

/* Nearly uniform in {0..n-1}: u is one of 2^53 numbers in [0,1). */
static uint64_t below(uint64_t n, double u)
{
    const double k = u * (double)n;

    return k < (double)n ? (uint64_t)k : n - 1;
}

/* Number start + i under this key, i < n <= PIECE: the label of another member at another point. */
static void null_piece(const struct sb_noiseless *z, struct sb_key key, uint64_t start, uint64_t n,
                       double *y)
{
    double column[SB_NOISELESS_MOST_COORDINATES][PIECE];
    const double *x[SB_NOISELESS_MOST_COORDINATES];
    double u[PIECE];
    struct sb_block block = { .struct_size = sizeof block, .dim = z->dim, .n = n, .x = x };

    sb_random_uniform(key, LABELS, start, n, u);
    for (uint32_t j = 0; j < z->dim; j++) {
        sb_random_gauss(key, LABELS + 1 + j, start, n, column[j]);
        x[j] = column[j];
    }
    if (z->alike) {
        label(z, 0, &block, y);
        return;
    }
    block.n = 1;
    for (uint64_t i = 0; i < n; i++) {
        label(z, below(z->n_members, u[i]), &block, &y[i]);
        for (uint32_t j = 0; j < z->dim; j++)
            x[j]++;
    }
}

static void null_labels(const struct sb_noiseless *z, struct sb_key key, uint64_t start, uint64_t n,
                        double *y)
{
    for (uint64_t i = 0; i < n; i += PIECE)
        null_piece(z, key, start + i, n - i < PIECE ? n - i : PIECE, y + i);
}

static void labels(const struct sb_law *law, struct sb_key key, uint64_t start,
                   const struct sb_block *block, double *y)
{
    if (law->planted)
        label(of(law), law->member, block, y);
    else
        null_labels(of(law), key, start, block->n, y);
}

static void sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    const struct sb_block block = {
        .struct_size = sizeof block, .dim = law->dim, .n = n, .x = (const double *const *)out->x
    };

    points(law, key, 0, start, n, out);
    labels(law, key, start, &block, y);
}

static const struct sb_law_class noiseless_law = {
    .points = points, .sample = sample, .labels = labels, .gaussian = true
};

static void member_law(const struct sb_family *family, uint64_t member, bool clean,
                       struct sb_law *out)
{
    const struct sb_noiseless *z = family->space.candidates->self;

    *out = (struct sb_law){ .class = &noiseless_law,
                            .dim = z->dim,
                            .self = z,
                            .member = member,
                            .planted = true,
                            .clean = clean };
}

static void null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct sb_noiseless *z = family->space.candidates->self;

    *out = (struct sb_law){ .class = &noiseless_law, .dim = z->dim, .self = z };
}

static int correlations(const struct sb_family *family, struct sb_correlations *out)
{
    (void)family;
    out->unknown = "correlations are infinite: labels are functions of x, without noise";
    return 0;
}

static uint64_t n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    (void)loss;
    (void)max;
    return family->n_members;
}

/* The mean of y^2, clipped, over labels of the null under a fixed key: as public as the law, and the same
 * everywhere. */
static double mean_square(const struct sb_noiseless *z)
{
    const struct sb_key key = sb_key_derive("labels' square", "", 0);
    double y[SB_BLOCK], sum = 0;

    for (uint64_t start = 0; start < SQUARES; start += SB_BLOCK) {
        null_labels(z, key, start, SB_BLOCK, y);
        for (uint64_t i = 0; i < SB_BLOCK; i++) {
            const double clipped = y[i] < -1 ? -1 : y[i] > 1 ? 1 : y[i];

            sum += clipped * clipped;
        }
    }
    return sum / SQUARES;
}

void sb_noiseless_init(struct sb_noiseless *z, struct sb_family *out)
{
    z->candidates = (struct sb_candidates){
        .self = z,
        .label = candidate,
        .agreeing = z->n_members <= SB_AGREEING_MOST ? agreeing : NULL,
    };
    out->n_members = z->n_members;
    out->space = (struct sb_space){ .domain = SB_GAUSS,
                                    .dim = z->dim,
                                    .n_candidates = z->n_members,
                                    .candidates = &z->candidates };
    out->law = member_law;
    out->null_law = null_law;
    out->no_public_points = "its labels are real numbers; ask an expression";
    out->no_profile = sb_family_no_profile(out);
    out->correlations = correlations;
    out->unambiguous_lb = z->generic ? 1 : 0;
    out->lambda_max_ub = INFINITY;
    out->n_good = n_good;
    out->label_lo = -1;
    out->label_hi = 1;
    out->label_square = mean_square(z);
}
