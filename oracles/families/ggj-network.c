/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-hidden-layer ReLU networks of 2^k units over the standard Gaussian, without noise [GGJ20]:
 *     y = f_S(x)/scale,  f_S(x) = sum over z in {-1,1}^k of z_1 .. z_k R(<z, x_S>/sqrt k),  |S| = k.
 * f_S is odd in each coordinate of S, so that two members are orthogonal under every law that is
 * symmetric in each coordinate: correlational queries learn nothing cheaply. The labels are real numbers
 * that name the member nearly always [VW19]. Of odd k, z and -z have opposite signs, R(t) - R(-t) = t, and
 * what remains, sum z_1 .. z_k <z, x_S>, is 0 for k >= 3: refused. k = 1, which is x_j, is refused, too.
 *
 * Since z and -z have one sign, f_S is half the sum of z_1 .. z_k |<z, x_S>|/sqrt k. Members are the
 * k-subsets, by increasing mask. */
#include "base/memory.h"
#include "numeric/network.h"
#include "numeric/subsets.h"
#include "oracles/families/noiseless.h"
#include "query/arith.h"

#include <errno.h>
#include <math.h>
#include <sleef.h>

enum { MOST_SIZE = 12 };

struct ggj {
    struct sb_noiseless common;
    uint32_t dim, size;
    double scale;
};

/* sum over z with z_1 = 1 of z_1 .. z_k |<z, t>|; t: k numbers. Projections double with each coordinate:
 * bit j - 1 of their index says whether z_(j+1) = -1. */
static double alternating_sum(uint32_t k, const double *t)
{
    double along[1 << (MOST_SIZE - 1)], sum = 0;

    along[0] = t[0];
    for (uint32_t j = 1; j < k; j++) {
        const uint32_t n = UINT32_C(1) << (j - 1);

        for (uint32_t i = 0; i < n; i++) {
            along[n + i] = sb_minus(along[i], t[j]);
            along[i] = sb_plus(along[i], t[j]);
        }
    }
    for (uint32_t i = 0; i < UINT32_C(1) << (k - 1); i++)
        sum = sb_plus(sum, __builtin_parity(i) ? -fabs(along[i]) : fabs(along[i]));
    return sum;
}

static void ggj_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct ggj *g = self;
    const double divisor = sqrt(g->size) * g->scale;
    const uint64_t set = sb_subset_unrank(g->size, index);
    double t[MOST_SIZE];

    for (uint64_t i = 0; i < block->n; i++) {
        uint32_t k = 0;

        for (uint64_t left = set; left != 0; left &= left - 1)
            t[k++] = block->x[__builtin_ctzll(left)][i];
        out[i] = alternating_sum(k, t) / divisor;
    }
}

/* Unit i is that of z with z_j = -1 where bit j - 1 of i is set. */
static int ggj_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                       struct sb_diag *diag)
{
    const struct ggj *g = family->self;
    const uint64_t set = sb_subset_unrank(g->size, member);
    const uint32_t sizes[2] = { UINT32_C(1) << g->size, 1 };
    const double weight = 1 / sqrt(g->size);
    int error = sb_network_new(g->dim, 2, sizes, out, diag);

    for (uint32_t i = 0; i < sizes[0] && !error; i++) {
        uint32_t k = 0;

        for (uint64_t left = set; left != 0; left &= left - 1, k++)
            (*out)->layer[0].weight[(size_t)i * g->dim + (uint32_t)__builtin_ctzll(left)] =
                i >> k & 1 ? -weight : weight;
        (*out)->layer[1].weight[i] = (__builtin_parity(i) ? -1 : 1) / g->scale;
    }
    return error;
}

/* E R(<u,x>) R(<v,x>) of unit vectors with <u,v> = rho */
static double two_units(double rho)
{
    const double pi = 3.14159265358979323846, side = sqrt(1 - rho * rho);

    return (side + rho * (pi - Sleef_cinz_atan2d1_u10purec(side, rho))) / (2 * pi);
}

/* E f_S^2/scale^2: of each of 2^k units with all, by the number of signs in which they differ. */
static double square(const struct ggj *g)
{
    const double k = g->size;
    double sum = 0;

    for (uint32_t j = 0; j <= g->size; j++)
        sum += (j % 2 ? -1 : 1) * (double)sb_binomial(g->size, j) * two_units(1 - 2 * j / k);
    return sum * (double)(UINT64_C(1) << g->size) / (g->scale * g->scale);
}

/* Clipped labels are odd in each coordinate of S, too: of mean 0 and orthogonal. Rounding of the sum, of
 * 2^k terms 2^k times, is far below 1e-9. */
static int ggj_inner_products(const struct sb_family *family, struct sb_correlations *out)
{
    const struct ggj *g = family->self;
    const double n = (double)family->n_members;

    out->level = SB_NEW_ARRAY(struct sb_correlation_level, 2);
    if (!out->level)
        return -ENOMEM;
    out->lambda_ub = out->diagonal_ub = square(g) * (1 + 1e-9);
    out->lambda_lb = 0;
    out->off_abs_ub = out->off_ub = 0;
    out->orthogonal = true;
    out->level[out->n_levels++] = (struct sb_correlation_level){ out->diagonal_ub, n };
    if (n > 1)
        out->level[out->n_levels++] = (struct sb_correlation_level){ 0, n * n - n };
    return 0;
}

/* As of parities (parity.c): orthogonal functions of square s, h within max of m of them: m <= s/(s - max).
 * label_square is s within 5%, four standard deviations of its own. */
static uint64_t ggj_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const double share = 1.05 * (loss == SB_LOSS_SQUARED ? max / family->label_square : max);
    double most;

    if (!(share < 1))
        return family->n_members;
    most = 1 / (1 - share);
    return most < (double)family->n_members ? (uint64_t)most : family->n_members;
}

static bool ggj_recovered(const struct sb_family *family, uint64_t member, const double *value,
                          uint64_t n)
{
    const struct ggj *g = family->self;
    const uint64_t set = sb_subset_unrank(g->size, member);

    if (n != g->dim)
        return false;
    for (uint32_t j = 0; j < g->dim; j++)
        if (value[j] != (double)(set >> j & 1))
            return false;
    return true;
}

static char *ggj_describe(const struct sb_family *family, uint64_t member)
{
    const struct ggj *g = family->self;
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(&text, "S = {");
    for (uint64_t left = sb_subset_unrank(g->size, member), n = 0; left != 0; left &= left - 1)
        sb_buf_printf(&text, n++ ? ",%d" : "%d", __builtin_ctzll(left));
    sb_buf_puts(&text, "}");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

static int check(uint32_t dim, uint32_t size, struct sb_diag *diag)
{
    if (size % 2)
        return sb_diag_fail(
            diag, -EINVAL,
            "family ggj-network: size = %u is odd, and then the network is %s; give "
            "an even number",
            size, size == 1 ? "a coordinate" : "0 everywhere");
    if (size > dim)
        return sb_diag_fail(diag, -EINVAL,
                            "family ggj-network: size = %u is more than dimension = %u; give at "
                            "most the dimension",
                            size, dim);
    return 0;
}

static int ggj_create(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag)
{
    const uint32_t dim = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t size = (uint32_t)sb_values_int(params, "size");
    const int error = check(dim, size, diag);
    struct ggj *g;

    if (error)
        return error;
    g = SB_NEW(struct ggj);
    if (!g)
        return -ENOMEM;
    g->dim = dim;
    g->size = size;
    g->scale = sb_values_real(params, "scale");
    g->common = (struct sb_noiseless){ .label = ggj_label,
                                       .self = g,
                                       .dim = dim,
                                       .n_members = sb_binomial(dim, size),
                                       .alike = true };
    out->self = g;
    sb_noiseless_init(&g->common, out);
    out->inner_products = ggj_inner_products;
    out->network = ggj_network;
    out->n_good = ggj_n_good;
    out->recovered = ggj_recovered;
    out->describe = ggj_describe;
    return 0;
}

static void ggj_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[2,63]", "number of coordinates d" },
    { "size", SB_INT, 0, "4", "[1,12]",
      "k: coordinates that the network reads, an even number; it has 2^k units" },
    { "scale", SB_REAL, 0, "4", "[1,1e6]", "labels are the network's values over this" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_ggj_network = {
    .name = "ggj-network",
    .summary = "pairwise orthogonal one-hidden-layer ReLU networks over the Gaussian, real labels "
               "without noise",
    .source = "[GGJ20]",
    .recover = "the subset: d values 0 or 1",
    .params = params,
    .create = ggj_create,
    .destroy = ggj_destroy,
};
