/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conjunctions of k literals over the uniform cube, labels {0,1}: the control that SQ learners do
 * learn [Kearns98]. k is public, so that Pr[y = 1] = p = 2^-k gives nothing away; the null draws y
 * independent of x with that bias.
 *
 * Correlations [theorems.md C0]: K_fg = (Pr[f = g = 1] - p^2) / (p (1 - p)), which is (2^o - 1) / (2^k
 * - 1) where f and g share o variables and agree on their signs, and -1 / (2^k - 1) where they do not. Its
 * largest eigenvalue in closed form: monotone ones, K >= 0 with equal row sums, so it is a row sum (Perron); with
 * negations, the Gram matrix is diagonal in the Fourier basis (signs average out), with value
 * C(d-a,k-a)/(1-p) at characters of degree a >= 1, largest at a = 1. */
#include "base/memory.h"
#include "estimate/table_pair.h"
#include "numeric/network_build.h"
#include "numeric/subsets.h"
#include "oracles/families/families.h"
#include "query/reason.h"

#include <errno.h>
#include <math.h>

/* coordinates that a query may depend on for its profile: 2^24 and 3^14 numbers */
enum { MOST_SEEN = 24, MOST_SEEN_SIGNED = 14 };

struct conjunction {
    struct sb_candidates candidates;
    uint32_t dim, k;
    bool negations;
    double p; /* 2^-k */
};

static const double labels[2] = { 0, 1 };

/* Spread the low bits of `bits` over the elements of mask, lowest first. */
static uint64_t deposit(uint64_t bits, uint64_t mask)
{
    uint64_t out = 0;

    for (; mask; mask &= mask - 1, bits >>= 1)
        if (bits & 1)
            out |= mask & -mask;
    return out;
}

/* Member (subset number) 2^k + (signs): bit i of signs negates the i-th variable of the subset. */
static void member_masks(const struct conjunction *c, uint64_t member, uint64_t *pos, uint64_t *neg)
{
    const uint64_t rank = c->negations ? member >> c->k : member;
    const uint64_t set = sb_subset_unrank(c->k, rank);

    *neg = c->negations ? deposit(member & ((UINT64_C(1) << c->k) - 1), set) : 0;
    *pos = set & ~*neg;
}

static void conjunction_law(const struct sb_family *family, uint64_t member, bool clean,
                            struct sb_law *out)
{
    const struct conjunction *c = family->self;

    (void)clean; /* there is no noise */
    *out =
        (struct sb_law){ .dim = c->dim, .label = { 0, 1 }, .alpha = { 1, 0 }, .beta = { -1, 1 } };
    member_masks(c, member, &out->pos, &out->neg);
}

static void conjunction_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct conjunction *c = family->self;

    *out = (struct sb_law){ .dim = c->dim, .label = { 0, 1 }, .alpha = { 1 - c->p, c->p } };
}

static void conjunction_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    uint64_t pos, neg;

    member_masks(self, index, &pos, &neg);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = (block->bits[i] & pos) == pos && !(block->bits[i] & neg);
}

static uint64_t index_of(const struct conjunction *c, uint64_t set, uint64_t neg)
{
    uint64_t index = sb_subset_rank(set), signs = 0, i = 0;

    if (!c->negations)
        return index;
    for (; set; set &= set - 1, i++)
        signs |= (uint64_t)((neg & set & -set) != 0) << i;
    return index << c->k | signs;
}

/* The one member that agrees with (x, y). Monotone, y = 1: subsets of x, one iff |x| = k; y = 0:
 * sets that leave x, one iff k = 1 and one coordinate of x is 0, or k = d (and x is not all ones).
 * With negations, y = 1: one on each set, so k = d; y = 0: 2^k - 1 on each set, so k = d = 1. */
static uint64_t only_member(const struct conjunction *c, uint64_t x, bool y)
{
    const uint64_t all = (UINT64_C(1) << c->dim) - 1, zeros = all & ~x;
    const bool full = c->k == c->dim;

    if (c->negations) {
        if (!full || (!y && c->k > 1))
            return UINT64_MAX;
        return index_of(c, all, y ? zeros : x);
    }
    if (y)
        return (uint32_t)__builtin_popcountll(x) == c->k ? index_of(c, x, 0) : UINT64_MAX;
    if (full)
        return zeros ? 0 : UINT64_MAX;
    return c->k == 1 && __builtin_popcountll(zeros) == 1 ? index_of(c, zeros, 0) : UINT64_MAX;
}

static void conjunction_agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = only_member(self, block->bits[i], block->y[i] == 1);
}

/* E_i f = mean of f_0 + the sum of g = f_1 - f_0 over the subcube where member i is 1, over 2^d. f sees u
 * coordinates; of a member's k literals o are among them, and the others are 1 on 2^(o-k) of the rest:
 *     E_i f = mean of f_0 + 2^(o-k-u) times the sum of g where those o literals are 1.
 * All such sums come from one transform: of monotone ones sums over supersets, 2^u of them; with
 * negations 3^u, a digit a coordinate: 0 free, 1 set, 2 clear. */
struct sums {
    const struct conjunction *c;
    uint64_t seen;       /* mask of u coordinates */
    const double *table; /* 2^u or 3^u */
    double mean_of_0, scale;
    uint64_t digit[64]; /* 2^j or 3^j for coordinate number j of those seen, at its place */
};

static void superset_sums(uint32_t u, double *g)
{
    const uint64_t size = UINT64_C(1) << u;

    for (uint64_t bit = 1; bit < size; bit *= 2)
        for (uint64_t block = 0; block < size; block += 2 * bit)
            for (uint64_t i = block; i < block + bit; i++)
                g[i] += g[i + bit];
}

/* out: 3^u; spare: 2^u, as is g, which is left alone. */
static void ternary_sums(uint32_t u, const double *g, double *spare, double *out)
{
    const uint64_t half = UINT64_C(1) << u >> 1;
    uint64_t third = 1;

    if (!u) {
        *out = *g;
        return;
    }
    for (uint32_t j = 1; j < u; j++)
        third *= 3;
    for (uint64_t i = 0; i < half; i++)
        spare[i] = g[i] + g[half + i];
    ternary_sums(u - 1, spare, spare + half, out);
    ternary_sums(u - 1, g + half, spare + half, out + third);
    ternary_sums(u - 1, g, spare + half, out + 2 * third);
}

/* E_i f of the member whose literals are in set, those in neg negated; *inexact_out is set where the last
 * sum rounds. */
static double value_of(const struct sums *s, uint64_t set, uint64_t neg, bool *inexact_out)
{
    uint64_t index = 0, left = set & s->seen;
    const int outside = __builtin_popcountll(set & ~s->seen);
    double part, value, back;

    for (; left; left &= left - 1) {
        const int j = __builtin_ctzll(left);

        index += s->digit[j] << (neg >> j & 1);
    }
    part = s->table[index] * s->scale / (double)(UINT64_C(1) << outside);
    value = s->mean_of_0 + part;
    back = value - s->mean_of_0;
    *inexact_out |= (s->mean_of_0 - (value - back)) + (part - back) != 0;
    return value;
}

/* The next set of as many elements, by increasing mask. */
static uint64_t next_set(uint64_t set)
{
    const uint64_t low = set & -set, up = set + low;

    return up | ((set ^ up) / low) >> 2;
}

/* Every member's, in order. Returns whether a last sum rounds. */
static bool all_values(const struct sums *s, uint64_t n_members, double *value)
{
    const uint64_t n_signs = s->c->negations ? UINT64_C(1) << s->c->k : 1;
    uint64_t set = (UINT64_C(1) << s->c->k) - 1;
    bool inexact = false;

    for (uint64_t i = 0; i < n_members; i += n_signs, set = next_set(set))
        for (uint64_t signs = 0; signs < n_signs; signs++)
            value[i + signs] = value_of(s, set, deposit(signs, set), &inexact);
    return inexact;
}

static void set_digits(struct sums *s)
{
    const uint64_t base = s->c->negations ? 3 : 2;
    uint64_t digit = 1;

    for (uint64_t left = s->seen; left; left &= left - 1, digit *= base)
        s->digit[__builtin_ctzll(left)] = digit;
}

static uint64_t power_of_3(uint32_t n)
{
    uint64_t power = 1;

    while (n--)
        power *= 3;
    return power;
}

/* value: n_members; g: room for 2^u, f[1] itself or elsewhere; *half_width_out gets that of all values. */
static int moment(const struct sb_family *family, const struct sb_seen *seen, double *g,
                  double *value, double *half_width_out)
{
    const uint32_t u = seen->forms->n;
    const double scale = 1 / (double)(UINT64_C(1) << u);
    const struct sb_table_pair pair = sb_table_pair(seen->f[1], seen->f[0], u, false, g);
    struct sums s = { family->self, seen->forms->pivots, g, pair.sum * scale, scale, { 0 } };
    double *table SB_FREE = NULL;
    bool inexact;

    if (s.c->negations) {
        const uint64_t n = power_of_3(u);

        table = SB_NEW_ARRAY(double, n + (UINT64_C(1) << u));
        if (!table)
            return -ENOMEM;
        ternary_sums(u, g, table + n, table);
        s.table = table;
    } else {
        superset_sums(u, g);
    }
    set_digits(&s);
    inexact = all_values(&s, family->n_members, value);
    /* each difference rounds once, each of u levels once, relative to sums of 2^u terms of 2 |f| at most */
    *half_width_out = pair.exact ? inexact ? 0x1p-53 : 0
                                 : (double)(u + 2) * 0x1p-52 * pair.largest * (1 + 0x1p-40) +
                                       pair.error * scale * (1 + 0x1p-40);
    return 0;
}

static int conjunction_profile(const struct sb_family *family, const struct sb_seen *seen,
                               struct sb_profile *out)
{
    const uint64_t size = UINT64_C(1) << seen->forms->n, n = family->n_members;
    double second = 0;
    int error = sb_profile_list(out, n > size ? n : size, false, seen->squares);

    if (error)
        return error;
    out->n = n;
    error = moment(family, seen, seen->squares ? out->second : seen->f[1], out->value,
                   &out->half_width);
    if (!error && seen->squares) {
        const bool exact = sb_table_square(seen->f[0], 2 * size); /* both */

        error = moment(family, seen, seen->f[1], out->second, &second);
        second += exact ? 0 : 0x1p-53; /* |f| <= 1 */
    }
    if (second > out->half_width)
        out->half_width = second;
    return error;
}

/* Two members differ on at least p of the cube, so one hypothesis is within p/2 (zero-one), or
 * within sqrt(p)/2 in L2 (squared), of one of them only; beyond, nothing is claimed: at p the
 * constant 0 is near all. */
static uint64_t conjunction_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct conjunction *c = family->self;
    const double reach = loss == SB_LOSS_ZERO_ONE ? 2 * max : 4 * max;

    return reach < c->p ? 1 : family->n_members;
}

static bool conjunction_recovered(const struct sb_family *family, uint64_t member,
                                  const double *value, uint64_t n)
{
    const struct conjunction *c = family->self;
    uint64_t pos, neg;

    if (n != c->dim)
        return false;
    member_masks(c, member, &pos, &neg);
    for (uint32_t j = 0; j < c->dim; j++)
        if (value[j] != (double)(pos >> j & 1) - (double)(neg >> j & 1))
            return false;
    return true;
}

static char *conjunction_describe(const struct sb_family *family, uint64_t member)
{
    const struct conjunction *c = family->self;
    struct sb_buf text;
    uint64_t pos, neg;

    member_masks(c, member, &pos, &neg);
    sb_buf_init(&text);
    for (uint32_t j = 0; j < c->dim; j++)
        if ((pos | neg) >> j & 1)
            sb_buf_printf(&text, "%s%sx%u", text.n ? " and " : "", neg >> j & 1 ? "not " : "", j);
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

static double lambda_max(const struct conjunction *c)
{
    const uint32_t d = c->dim, k = c->k;
    double row = 0, overlap = c->p; /* Pr[both are 1 | one is], at overlap o: 2^(o-k) */

    if (c->negations)
        return (double)sb_binomial(d - 1, k - 1) / (1 - c->p) * (1 + 0x1p-40);
    for (uint32_t o = 0; o <= k; o++, overlap *= 2)
        row += (double)sb_binomial(k, o) * (double)sb_binomial(d - k, k - o) * (overlap - c->p);
    return row / (1 - c->p) * (1 + 0x1p-40);
}

static double conjunction_correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct conjunction *c = family->self;
    uint64_t pos[2], neg[2], shared;

    member_masks(c, i, &pos[0], &neg[0]);
    member_masks(c, j, &pos[1], &neg[1]);
    if ((pos[0] & neg[1]) | (neg[0] & pos[1]))
        return -c->p / (1 - c->p);
    shared = UINT64_C(1) << __builtin_popcountll((pos[0] & pos[1]) | (neg[0] & neg[1]));
    return (double)(shared - 1) * c->p / (1 - c->p);
}

/* Of the others' N: how many share o variables with one member, and of these how many agree on every
 * shared sign. */
static double sharing(const struct conjunction *c, uint32_t o, double *agreeing_out)
{
    const uint32_t d = c->dim, k = c->k;
    const double sets = (double)sb_binomial(k, o) * (double)sb_binomial(d - k, k - o);

    *agreeing_out = c->negations ? ldexp(sets, (int)(k - o)) : sets;
    return c->negations ? ldexp(sets, (int)k) : sets;
}

/* Levels o = k .. 2 where signs agree, then |K| = 1/(2^k - 1): o = 1, and all that clash; then 0. */
static void conjunction_levels(const struct sb_family *family, struct sb_correlations *out)
{
    const struct conjunction *c = family->self;
    const double n = (double)family->n_members, unit = c->p / (1 - c->p) * (1 + 0x1p-50);
    struct sb_correlation_level small = { unit, 0 };

    for (uint32_t o = c->k; o >= 1; o--) {
        double agreeing;
        const double all = sharing(c, o, &agreeing);

        small.pairs += n * (o == 1 ? all : all - agreeing);
        if (o > 1 && agreeing > 0)
            out->level[out->n_levels++] =
                (struct sb_correlation_level){ (double)((UINT64_C(1) << o) - 1) * unit,
                                               n * agreeing };
    }
    if (small.pairs > 0)
        out->level[out->n_levels++] = small;
    small.pairs = n * sharing(c, 0, &small.size);
    small.size = 0;
    if (small.pairs > 0)
        out->level[out->n_levels++] = small;
}

/* Of two different members at most k - 1 variables are shared with the same signs. */
static int conjunction_correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const struct conjunction *c = family->self;
    const double unit = c->p / (1 - c->p) * (1 + 0x1p-50);
    const double shared = c->dim > c->k ? (double)((UINT64_C(1) << (c->k - 1)) - 1) : 0;

    out->level = SB_NEW_ARRAY(struct sb_correlation_level, c->k + 2);
    if (!out->level)
        return -ENOMEM;
    conjunction_levels(family, out);
    out->lambda_ub = family->lambda_max_ub;
    out->lambda_lb = out->lambda_ub * (1 - 0x1p-38);
    out->diagonal_ub = 1;
    out->off_ub = shared * unit;
    out->off_abs_ub = c->negations && shared < 1 ? unit : shared * unit;
    out->orthogonal = !(out->off_abs_ub > 0);
    return 0;
}

static int check(uint32_t dim, uint32_t k, bool negations, struct sb_diag *diag)
{
    if (k > dim)
        return sb_diag_fail(
            diag, -EINVAL, "family conjunction: literals = %u is more than dimension = %u", k, dim);
    if (negations && sb_binomial(dim, k) > (UINT64_C(1) << (63 - k)))
        return sb_diag_fail(diag, -EINVAL,
                            "family conjunction: dimension = %u, literals = %u with negations has "
                            "more than 2^63 members; lower one of them",
                            dim, k);
    return 0;
}

/* R(1 - number of literals that are not met) */
static int conjunction_network(const struct sb_family *family, uint64_t member,
                               struct sb_network **out, struct sb_diag *diag)
{
    const struct conjunction *c = family->self;
    struct sb_build b;
    uint64_t pos, neg;
    uint32_t next;
    int error;

    member_masks(c, member, &pos, &neg);
    sb_build_init(&b, c->dim, diag);
    next = sb_build_next(&b, 0);
    sb_build_next_of(&b, 1, sb_build_unit(&b, 1 - (double)__builtin_popcountll(pos)));
    for (uint32_t j = 0; j < c->dim; j++)
        if ((pos | neg) >> j & 1)
            sb_build_unit_of(&b, pos >> j & 1 ? 1 : -1, j);
    sb_build_layer(&b);
    error = sb_build_network(&b, next, out);
    sb_build_fini(&b);
    return error;
}

static int conjunction_create(const struct sb_values *params, struct sb_family *out,
                              struct sb_diag *diag)
{
    const uint32_t dim = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t k = (uint32_t)sb_values_int(params, "literals");
    const bool negations = sb_values_int(params, "negations") != 0;
    const int error = check(dim, k, negations, diag);
    struct conjunction *c;

    if (error)
        return error;
    c = SB_NEW(struct conjunction);
    if (!c)
        return -ENOMEM;
    *c = (struct conjunction){
        { .self = c, .label = conjunction_label, .agreeing = conjunction_agreeing },
        dim,
        k,
        negations,
        1 / (double)(UINT64_C(1) << k)
    };
    out->self = c;
    out->n_members = sb_binomial(dim, k) << (negations ? k : 0);
    out->space = (struct sb_space){ .domain = SB_CUBE,
                                    .dim = dim,
                                    .modulus = 2,
                                    .n_labels = 2,
                                    .labels = labels,
                                    .n_candidates = out->n_members,
                                    .candidates = &c->candidates };
    out->law = conjunction_law;
    out->null_law = conjunction_null_law;
    out->profile = conjunction_profile;
    out->sight = SB_SIGHT_COORDINATES;
    out->most_seen = negations ? MOST_SEEN_SIGNED : MOST_SEEN;
    out->no_profile = sb_family_no_profile(out);
    out->correlations = conjunction_correlations;
    out->correlation = conjunction_correlation;
    out->lambda_max_ub = lambda_max(c);
    out->n_good = conjunction_n_good;
    out->recovered = conjunction_recovered;
    out->describe = conjunction_describe;
    out->network = conjunction_network;
    return 0;
}

static void conjunction_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates d" },
    { "literals", SB_INT, 0, NULL, "[1,62]", "number k of literals, public" },
    { "negations", SB_BOOL, 0, "false", NULL, "whether literals may be negated" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_conjunction = {
    .name = "conjunction",
    .summary = "conjunctions of k literals over the uniform cube, labels {0,1}: the control that "
               "SQ learns",
    .source = "[Kearns98]",
    .recover = "the literals: d values, 1 for x_j, -1 for its negation, 0 for none",
    .params = params,
    .create = conjunction_create,
    .destroy = conjunction_destroy,
};
