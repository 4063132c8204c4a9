/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parities chi_S over the uniform cube, S any subset of the coordinates or any of a given size,
 * labels flipped with probability eta (the noise rate) [Kearns98, BFJ94]. The null has fair random
 * labels. K = (1 - 2 eta)^2 I: distinct characters are orthogonal [theorems.md C0]. Member S of "all
 * subsets" has S's bit mask as its index; k-sparse ones are numbered by increasing mask. */
#include "base/memory.h"
#include "base/threads.h"
#include "estimate/table_pair.h"
#include "numeric/network_build.h"
#include "numeric/subsets.h"
#include "numeric/transform.h"
#include "oracles/families/families.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct parity {
    struct sb_candidates candidates;
    uint32_t dim, sparsity; /* 0: all subsets */
    double signal;          /* 1 - 2 eta */
    double label[2];        /* increasing */
    int plus;               /* index of the label that stands for chi = +1 */
    double sigma[64];       /* label by the sum over S of x */
};

static uint64_t member_mask(const struct parity *p, uint64_t member)
{
    return p->sparsity ? sb_subset_unrank(p->sparsity, member) : member;
}

static void law_with_signal(const struct parity *p, uint64_t mask, double signal,
                            struct sb_law *out)
{
    *out = (struct sb_law){ .dim = p->dim, .alpha = { 0.5, 0.5 }, .chi = mask };
    for (int l = 0; l < 2; l++) {
        out->label[l] = p->label[l];
        out->beta[l] = l == p->plus ? signal / 2 : -signal / 2;
    }
}

static void parity_law(const struct sb_family *family, uint64_t member, bool clean,
                       struct sb_law *out)
{
    const struct parity *p = family->self;

    law_with_signal(p, member_mask(p, member), clean ? 1 : p->signal, out);
}

static void parity_null_law(const struct sb_family *family, struct sb_law *out)
{
    law_with_signal(family->self, 0, 0, out);
}

static double label_of(const struct parity *p, uint64_t mask, uint64_t x)
{
    return p->label[__builtin_popcountll(mask & x) & 1 ? 1 - p->plus : p->plus];
}

static void parity_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct parity *p = self;
    const uint64_t mask = member_mask(p, index);

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = label_of(p, mask, block->bits[i]);
}

/* The one S of the family whose parity at x is `odd`, where there is just one. Among all subsets
 * half agree (or all, or none, at x = 0); those of size k split by j = |S & x|, of which C(w,j)
 * C(d-w,k-j) exist, w = |x|. */
static uint64_t only_subset(const struct parity *p, uint64_t x, bool odd)
{
    const uint64_t all = (UINT64_C(1) << p->dim) - 1;
    const uint32_t k = p->sparsity, d = p->dim, w = (uint32_t)__builtin_popcountll(x);
    uint64_t found = UINT64_MAX, count = 0;

    if (!k)
        return d == 1 && x == 1 ? (uint64_t)odd : UINT64_MAX;
    for (uint32_t j = odd; j <= k; j += 2) {
        const uint64_t n = sb_binomial(w, j) * sb_binomial(d - w, k - j);

        count = count + n < count ? UINT64_MAX : count + n;
        if (n == 1) /* each part is empty or full */
            found = sb_subset_rank((j ? x : 0) | (k - j ? all & ~x : 0));
    }
    return count == 1 ? found : UINT64_MAX;
}

static void parity_agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    const struct parity *p = self;

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = only_subset(p, block->bits[i], block->y[i] != p->label[p->plus]);
}

/* How often an x has a member that is alone with its label there, over all x: as often each member is. */
static double unambiguous(const struct parity *p, uint64_t n_members)
{
    double sum = 0;

    for (uint32_t w = 0; w <= p->dim; w++)
        for (int odd = 0; odd <= 1; odd++)
            if (only_subset(p, (UINT64_C(1) << w) - 1, odd) != UINT64_MAX)
                sum += ldexp((double)sb_binomial(p->dim, w), -(int)p->dim);
    return sum / (double)n_members;
}

static bool parity_form(void *self, uint64_t index, uint64_t *mask_out)
{
    *mask_out = member_mask(self, index);
    return true;
}

/* E_S f = mean of (f_0 + f_1)/2 + signal * the Walsh coefficient of (f_plus - f_minus)/2 at S, and that is
 * 0 unless S is a sum of forms that f sees: walsh[a] 2^-(n+1) at the sum of those
 * with bit a_j. Returns the mean. */
static double transform(const struct parity *p, const struct sb_seen *seen, double *walsh,
                        double *half_width_out)
{
    const uint32_t n = seen->forms->n;
    const double scale = 0.5 / (double)(UINT64_C(1) << n), signal = seen->clean ? 1 : p->signal;
    const struct sb_table_pair pair =
        sb_table_pair(seen->f[p->plus], seen->f[1 - p->plus], n, true, walsh);

    sb_walsh_hadamard_threads(n, walsh, sb_threads_count());
    /* the product with the signal and the last sum round once; where the values are not dyadic each
     * difference does, too, and each of n levels, relative to sums of 2^n terms */
    *half_width_out = pair.exact && signal == 1 ? 0
                      : pair.exact              ? 0x1p-51
                                                : (double)(n + 4) * 0x1p-52 * pair.largest +
                                         pair.error * scale * (1 + 0x1p-40);
    return pair.sum * scale;
}

/* Names the members among the sums of forms, and moves their numbers to the front; members without any
 * that differs from the base are not named. Of all subsets on the whole cube there is nothing to do. */
static void name_members(const struct parity *p, const struct sb_forms *forms,
                         struct sb_profile *out)
{
    const bool whole = forms->n == p->dim;
    uint64_t sum = 0, rank = 0, n = 0;

    for (uint64_t a = 0; a < UINT64_C(1) << forms->n; sb_forms_next(forms, a++, &sum)) {
        const bool member = !p->sparsity || (uint32_t)__builtin_popcountll(sum) == p->sparsity;
        const uint64_t index = !p->sparsity ? sum : whole ? rank : 0;

        rank += member;
        if (!member || (out->value[a] == 0 && (!out->second || out->second[a] == 0)))
            continue;
        out->member[n] = p->sparsity && !whole ? sb_subset_rank(sum) : index;
        out->value[n] = out->value[a];
        if (out->second)
            out->second[n] = out->second[a];
        n++;
    }
    out->n = n;
}

/* From Walsh sums over 2^(n+1) values to expectations. */
static void finish(const struct parity *p, const struct sb_seen *seen, double base,
                   uint64_t n_values, double *value)
{
    const double scale = 0.5 / (double)(UINT64_C(1) << seen->forms->n);
    const double signal = seen->clean ? 1 : p->signal;

    for (uint64_t i = 0; i < n_values; i++)
        value[i] = base + signal * (value[i] * scale);
}

static int parity_profile(const struct sb_family *family, const struct sb_seen *seen,
                          struct sb_profile *out)
{
    const struct parity *p = family->self;
    const uint32_t n = seen->forms->n;
    const bool all = !p->sparsity && n == p->dim;
    double second_half_width = 0;

    if (sb_profile_list(out, UINT64_C(1) << n, !all, seen->squares))
        return -ENOMEM;
    out->base = transform(p, seen, out->value, &out->half_width);
    if (seen->squares) {
        const bool exact = sb_table_square(seen->f[0], UINT64_C(2) << n); /* both */

        out->base_second = transform(p, seen, out->second, &second_half_width);
        second_half_width += exact ? 0 : 0x1p-53; /* |f| <= 1 */
    }
    if (second_half_width > out->half_width)
        out->half_width = second_half_width;
    if (!all)
        name_members(p, seen->forms, out);
    finish(p, seen, out->base, out->n, out->value);
    if (seen->squares)
        finish(p, seen, out->base_second, out->n, out->second);
    return 0;
}

static int parity_correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const double n = (double)family->n_members;

    out->level = SB_NEW_ARRAY(struct sb_correlation_level, 2);
    if (!out->level)
        return -ENOMEM;
    out->lambda_ub = out->diagonal_ub = family->lambda_max_ub;
    out->lambda_lb = family->lambda_max_ub * (1 - 0x1p-48);
    out->off_abs_ub = out->off_ub = 0;
    out->orthogonal = true;
    out->level[out->n_levels++] = (struct sb_correlation_level){ out->diagonal_ub, n };
    if (n > 1)
        out->level[out->n_levels++] = (struct sb_correlation_level){ 0, n * n - n };
    return 0;
}

static double parity_correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct parity *p = family->self;

    return i == j ? p->signal * p->signal : 0;
}

/* Characters f near one hypothesis h, by the squares of h's coefficients <h,f>, which sum to at
 * most a = E h^2. Zero-one: h = +-1, <h,f> >= 1 - 2 max, and below 1/4 two cannot be that near,
 * being 1/2 apart. Squared: <h,f> >= (a + 1 - max)/2, and 4a/(a + 1 - max)^2 is largest, 1/(1 -
 * max), at a = 1 - max; labels {0,1} have a quarter of the squared loss of {-1,1}. */
static uint64_t parity_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct parity *p = family->self;
    const double signal = loss == SB_LOSS_ZERO_ONE ? (1 - 2 * max) * (1 - 2 * max)
                          : p->label[0] < 0        ? 1 - max
                                                   : 1 - 4 * max;
    double most;

    if (loss == SB_LOSS_ZERO_ONE && max < 0.25)
        return 1;
    if (signal <= 0 || (loss == SB_LOSS_ZERO_ONE && max >= 0.5))
        return family->n_members;
    most = 1 / signal * (1 + 0x1p-40);
    return most < (double)family->n_members ? (uint64_t)most : family->n_members;
}

static bool parity_recovered(const struct sb_family *family, uint64_t member, const double *value,
                             uint64_t n)
{
    const struct parity *p = family->self;
    const uint64_t mask = member_mask(p, member);

    if (n != p->dim)
        return false;
    for (uint32_t j = 0; j < p->dim; j++)
        if (value[j] != (double)(mask >> j & 1))
            return false;
    return true;
}

static char *parity_describe(const struct sb_family *family, uint64_t member)
{
    const struct parity *p = family->self;
    const uint64_t mask = member_mask(p, member);
    struct sb_buf text;

    sb_buf_init(&text);
    sb_buf_puts(&text, "chi(");
    for (uint32_t j = 0, n = 0; j < p->dim; j++)
        if (mask >> j & 1)
            sb_buf_printf(&text, n++ ? ",%u" : "%u", j);
    sb_buf_puts(&text, ")");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

static void parity_compress(const struct sb_family *family, uint64_t member, double *w,
                            struct sb_compressed *out)
{
    const struct parity *p = family->self;
    const uint64_t mask = member_mask(p, member);

    for (uint32_t j = 0; j < p->dim; j++)
        w[j] = (double)(mask >> j & 1);
    *out = (struct sb_compressed){ w, (uint32_t)__builtin_popcountll(mask) + 1, p->sigma };
}

/* The triangle wave of the sum over S of x [DV21]. */
static int parity_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                          struct sb_diag *diag)
{
    double w[63];
    struct sb_compressed f;

    parity_compress(family, member, w, &f);
    return sb_network_of_table(family->space.dim, w, f.n_t, f.sigma, out, diag);
}

static int parity_create(const struct sb_values *params, struct sb_family *out,
                         struct sb_diag *diag)
{
    const uint32_t dim = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t sparsity = (uint32_t)sb_values_int(params, "sparsity");
    const bool pm1 = strcmp(sb_values_text(params, "labels"), "pm1") == 0;
    struct parity *p;

    if (sparsity > dim)
        return sb_diag_fail(
            diag, -EINVAL,
            "family parity: sparsity = %u is more than dimension = %u; give at most "
            "the dimension, or 0 for all subsets",
            sparsity, dim);
    p = SB_NEW(struct parity);
    if (!p)
        return -ENOMEM;
    p->candidates = (struct sb_candidates){
        .self = p, .label = parity_label, .agreeing = parity_agreeing, .form = parity_form
    };
    p->dim = dim;
    p->sparsity = sparsity;
    p->signal = 1 - 2 * sb_values_real(params, "noise");
    p->label[0] = pm1 ? -1 : 0;
    p->label[1] = 1;
    p->plus = pm1 ? 1 : 0;
    for (int t = 0; t < 64; t++)
        p->sigma[t] = p->label[t & 1 ? 1 - p->plus : p->plus];
    out->self = p;
    out->n_members = sparsity ? sb_binomial(dim, sparsity) : UINT64_C(1) << dim;
    out->space = (struct sb_space){ .domain = SB_CUBE,
                                    .dim = dim,
                                    .modulus = 2,
                                    .n_labels = 2,
                                    .labels = p->label,
                                    .n_candidates = out->n_members,
                                    .candidates = &p->candidates };
    out->law = parity_law;
    out->null_law = parity_null_law;
    out->profile = parity_profile;
    out->sight = SB_SIGHT_FORMS;
    out->most_seen = SB_PROFILE_MEMBERS_BITS;
    out->no_profile = sb_family_no_profile(out);
    out->unambiguous_lb = unambiguous(p, out->n_members);
    out->unambiguous_ub = out->unambiguous_lb;
    out->correlations = parity_correlations;
    out->correlation = parity_correlation;
    out->lambda_max_ub = p->signal * p->signal * (1 + 0x1p-50);
    out->n_good = parity_n_good;
    out->recovered = parity_recovered;
    out->describe = parity_describe;
    out->compress = pm1 ? NULL : parity_compress; /* to [0,1] */
    out->network = parity_network;
    return 0;
}

static void parity_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates d" },
    { "sparsity", SB_INT, 0, "0", "[0,63]",
      "size of the hidden subset; 0: any of the 2^d subsets" },
    { "noise", SB_REAL, 0, "0", "[0,0.5)", "rate eta at which labels are flipped" },
    { "labels", SB_TEXT, 0, "pm1", "pm1|01",
      "label set {-1,1} (chi_S) or {0,1} (sum over S mod 2)" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_parity = {
    .name = "parity",
    .summary = "parities over the uniform cube: all subsets or k-sparse, with label noise",
    .source = "[Kearns98; BFJ94]",
    .recover = "the subset: d values 0 or 1",
    .params = params,
    .create = parity_create,
    .destroy = parity_destroy,
};
