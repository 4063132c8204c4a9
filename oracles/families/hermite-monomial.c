/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hermite polynomials over the standard Gaussian, without noise: y = f(x)/scale, f one of
 *     product  the C(d+l-1, l) products h_a1(x_1) .. h_ad(x_d) of degree a_1 + .. + a_d = l, which are
 *              orthonormal [CGKM22, Section 1.1]
 *     ridge    h_l(<v,x>) for v among a public set of directions; E f_v f_w = <v,w>^l
 * with h_k = He_k/sqrt(k!). Orthogonality makes them hard for correlational queries; the labels are
 * real numbers that name the member, and so they are easy for others [VW19; APVZ14]. The scale keeps
 * most labels in [-1,1], which is what CSQ speaks of: E y^2 = 1/scale^2.
 *
 * Product number i is the multiset of coordinates j_1 <= .. <= j_l with {j_t + t - 1} subset number i of
 * {0..d+l-2}. Direction i is Gaussian number 0 .. d-1 of stream i under a fixed key, over their length. */
#include "base/memory.h"
#include "numeric/subsets.h"
#include "oracles/families/noiseless.h"
#include "query/arith.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MOST_DEGREE = 16, SHOWN = 6 };

/* A direction is recovered where it is so near. */
#define NEAR 1e-6

struct hermite {
    struct sb_noiseless common;
    uint32_t dim, degree;
    bool ridge;
    double scale, up[MOST_DEGREE], back[MOST_DEGREE];
    struct sb_key directions;
};

/* exponent: dim numbers. */
static void exponents(const struct hermite *h, uint64_t member, uint8_t *exponent)
{
    uint64_t set = sb_subset_unrank(h->degree, member);

    memset(exponent, 0, h->dim);
    for (uint32_t t = 0; set != 0; set &= set - 1, t++)
        exponent[(uint32_t)__builtin_ctzll(set) - t]++;
}

/* v: dim numbers */
static void direction(const struct hermite *h, uint64_t member, double *v)
{
    double square = 0;

    sb_random_gauss(h->directions, member, 0, h->dim, v);
    for (uint32_t j = 0; j < h->dim; j++)
        square += v[j] * v[j];
    for (uint32_t j = 0; j < h->dim; j++)
        v[j] /= sqrt(square); /* no Gaussian of ours is 0 */
}

/* out[i] *= h_degree(t[i]) */
static void times_hermite(const struct hermite *h, uint32_t degree, uint64_t n, const double *t,
                          double *restrict out)
{
    double before[SB_BLOCK] = { 0 }, value[SB_BLOCK];

    for (uint64_t i = 0; i < n; i++)
        value[i] = 1;
    for (uint32_t k = 0; k < degree; k++)
        for (uint64_t i = 0; i < n; i++) {
            const double next = sb_hermite_next(t[i], value[i], before[i], h->up[k], h->back[k]);

            before[i] = value[i];
            value[i] = next;
        }
    for (uint64_t i = 0; i < n; i++)
        out[i] = sb_times(out[i], value[i]);
}

static void product_label(const struct hermite *h, uint64_t member, const struct sb_block *block,
                          double *out)
{
    uint8_t exponent[SB_NOISELESS_MOST_COORDINATES];

    exponents(h, member, exponent);
    for (uint32_t j = 0; j < h->dim; j++)
        if (exponent[j])
            times_hermite(h, exponent[j], block->n, block->x[j], out);
}

static void ridge_label(const struct hermite *h, uint64_t member, const struct sb_block *block,
                        double *out)
{
    double v[SB_NOISELESS_MOST_COORDINATES], t[SB_BLOCK] = { 0 };

    direction(h, member, v);
    for (uint32_t j = 0; j < h->dim; j++)
        for (uint64_t i = 0; i < block->n; i++)
            t[i] = sb_plus(t[i], sb_times(v[j], block->x[j][i]));
    times_hermite(h, h->degree, block->n, t, out);
}

static void hermite_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct hermite *h = self;

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 1;
    if (h->ridge)
        ridge_label(h, index, block, out);
    else
        product_label(h, index, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] /= h->scale;
}

static double pow_of(double base, uint32_t exponent)
{
    double power = 1;

    for (; exponent > 0; exponent--)
        power *= base;
    return power;
}

/* At least |e|, e = y - clip(y, -1, 1). For every p >= 2, (|y| - 1)^2 <= c y^(2p) where |y| > 1, c =
 * (p-1)^(2p-2) / p^(2p) (equal at |y| = p/(p-1)); and E f^(2p) <= (2p-1)^(p l) for f of degree l with
 * E f^2 = 1 (hypercontractivity, [ODonnell14, Chapter 11]). */
static double clipped_off(const struct hermite *h)
{
    enum { MOST_POWER = 64 };
    double least = 1 / (h->scale * h->scale);

    for (uint32_t p = 2; p <= MOST_POWER; p++) {
        const double shrink = (p - 1.0) / p, moment = pow_of(2.0 * p - 1, h->degree);
        double bound = pow_of(shrink, 2 * p - 2) / (p * (double)p);

        for (uint32_t k = 0; k < p; k++)
            bound *= moment / (h->scale * h->scale);
        least = bound < least ? bound : least;
    }
    return sqrt(least) * (1 + 1e-9);
}

/* y' - c = y + r, |r| <= |e| + |c| <= 2 |e| for c = -E_0 e: an inner product differs from that of the labels,
 * which is 1/scale^2 or 0, by 2 |r|/scale + |r|^2 at most. */
static int hermite_inner_products(const struct sb_family *family, struct sb_correlations *out)
{
    const struct hermite *h = family->self;
    const double n = (double)family->n_members, norm = 1 / h->scale;
    const double r = 2 * clipped_off(h), off = (2 * r * norm + r * r) * (1 + 1e-9);

    if (h->ridge) {
        out->unknown = "those of directions are not computed; take form = product";
        return 0;
    }
    out->level = SB_NEW_ARRAY(struct sb_correlation_level, 2);
    if (!out->level)
        return -ENOMEM;
    out->diagonal_ub = (norm + r) * (norm + r) * (1 + 1e-9);
    out->lambda_ub = out->diagonal_ub + (n - 1) * off;
    out->lambda_lb = 0;
    out->off_abs_ub = out->off_ub = off;
    out->level[out->n_levels++] = (struct sb_correlation_level){ out->diagonal_ub, n };
    if (n > 1)
        out->level[out->n_levels++] = (struct sb_correlation_level){ off, n * n - n };
    return 0;
}

/* v points along w, or, where the degree is even, along -w. */
static bool points_along(const struct hermite *h, const double *w, const double *v)
{
    double square = 0, along = 0, apart = 0;

    for (uint32_t j = 0; j < h->dim; j++) {
        square += v[j] * v[j];
        along += v[j] * w[j];
    }
    if (!(square > 0 && square < INFINITY))
        return false;
    for (uint32_t j = 0; j < h->dim; j++) {
        const double to = along < 0 && h->degree % 2 == 0 ? -w[j] : w[j];
        const double gap = v[j] / sqrt(square) - to;

        apart += gap * gap;
    }
    return apart <= NEAR * NEAR;
}

static bool hermite_recovered(const struct sb_family *family, uint64_t member, const double *value,
                              uint64_t n)
{
    const struct hermite *h = family->self;
    double v[SB_NOISELESS_MOST_COORDINATES];
    uint8_t exponent[SB_NOISELESS_MOST_COORDINATES];

    if (n != h->dim)
        return false;
    if (h->ridge) {
        direction(h, member, v);
        return points_along(h, v, value);
    }
    exponents(h, member, exponent);
    for (uint32_t j = 0; j < h->dim; j++)
        if (value[j] != (double)exponent[j])
            return false;
    return true;
}

static void describe_product(const struct hermite *h, uint64_t member, struct sb_buf *text)
{
    uint8_t exponent[SB_NOISELESS_MOST_COORDINATES];

    exponents(h, member, exponent);
    for (uint32_t j = 0, n = 0; j < h->dim; j++)
        if (exponent[j])
            sb_buf_printf(text, n++ ? " h%u(x%u)" : "h%u(x%u)", exponent[j], j);
}

static void describe_ridge(const struct hermite *h, uint64_t member, struct sb_buf *text)
{
    double v[SB_NOISELESS_MOST_COORDINATES];

    direction(h, member, v);
    sb_buf_printf(text, "h%u(<v,x>), v = (", h->degree);
    for (uint32_t j = 0; j < h->dim && j < SHOWN; j++)
        sb_buf_printf(text, j ? ", %.4f" : "%.4f", v[j]);
    sb_buf_puts(text, h->dim > SHOWN ? ", ...)" : ")");
}

static char *hermite_describe(const struct sb_family *family, uint64_t member)
{
    const struct hermite *h = family->self;
    struct sb_buf text;

    sb_buf_init(&text);
    if (h->ridge)
        describe_ridge(h, member, &text);
    else
        describe_product(h, member, &text);
    sb_buf_printf(&text, " / %g", h->scale);
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

static int check(uint32_t dim, uint32_t degree, bool ridge, struct sb_diag *diag)
{
    if (!ridge && dim + degree > 64)
        return sb_diag_fail(
            diag, -EINVAL,
            "family hermite-monomial: dimension + degree = %u is above 64, the most "
            "of form = product; lower either, or take form = ridge",
            dim + degree);
    return 0;
}

static int hermite_create(const struct sb_values *params, struct sb_family *out,
                          struct sb_diag *diag)
{
    const uint32_t dim = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t degree = (uint32_t)sb_values_int(params, "degree");
    const bool ridge = strcmp(sb_values_text(params, "form"), "ridge") == 0;
    const int error = check(dim, degree, ridge, diag);
    struct hermite *h;

    if (error)
        return error;
    h = SB_NEW(struct hermite);
    if (!h)
        return -ENOMEM;
    h->dim = dim;
    h->degree = degree;
    h->ridge = ridge;
    h->scale = sb_values_real(params, "scale");
    h->directions = sb_key_derive("hermite-monomial directions", "", 0);
    for (uint32_t k = 0; k < degree; k++) {
        h->up[k] = sb_hermite_up(k);
        h->back[k] = sb_hermite_back(k);
    }
    h->common = (struct sb_noiseless){
        .label = hermite_label,
        .self = h,
        .dim = dim,
        .n_members = ridge ? (uint64_t)sb_values_int(params, "directions")
                           : sb_binomial(dim + degree - 1, degree),
        .generic = true,
        .alike = ridge,
    };
    out->self = h;
    sb_noiseless_init(&h->common, out);
    out->inner_products = hermite_inner_products;
    out->recovered = hermite_recovered;
    out->describe = hermite_describe;
    return 0;
}

static void hermite_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,64]", "number of coordinates d" },
    { "degree", SB_INT, 0, "2", "[1,16]", "degree l of the polynomials" },
    { "form", SB_TEXT, 0, "product", "product|ridge",
      "products of Hermite polynomials of single coordinates, or one of <v,x>" },
    { "directions", SB_INT, 0, "64", "[1,65536]", "form ridge: number of directions v" },
    { "scale", SB_REAL, 0, "8", "[1,1e6]", "labels are the polynomials' values over this" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_hermite_monomial = {
    .name = "hermite-monomial",
    .summary = "Hermite polynomials over the Gaussian, products or ridge functions, real labels "
               "without noise",
    .source = "[APVZ14]",
    .recover = "form product: d exponents; ridge: d values of any length that point along v",
    .params = params,
    .create = hermite_create,
    .destroy = hermite_destroy,
};
