/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning with rounding: f_w(x) = (round-half-up(p (<w,x> mod q)/q) mod p)/p of a secret w over x uniform in
 * Z_q^n [BPR12; CGKM22, Def. 1.2], without noise. The null's label does not depend on x and has the law
 * rho of f at a uniform residue, which is uniform on {0, 1/p, ..., (p-1)/p} if and only if p divides q: against
 * uniform labels their frequencies alone would tell [theorems.md S0-D1.2].
 *
 * Form binary, q = 2^l: the same function of the bits of x, x_j = sum_b 2^b beta_(jl+b), over {0,1}^(nl)
 * [CGKM22, Cor. 4.3].
 *
 * Members are the w other than 0: for w = 0 the label is constant, not of law rho, and no secret [S0-AppF].
 * Member i has the digits of i + 1 to the base q, w_0 the lowest. Where q is composite there are w with
 * gcd(w, q) > 1; they are members, and <w,x> is uniform on the multiples of gcd(w, q). */
#include "base/memory.h"
#include "numeric/network_build.h"
#include "numeric/residues.h"
#include "oracles/families/families.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MOST_COORDINATES = 63, /* q^n <= 2^63 */
    MOST_SIGMA = 1 << 20,  /* values of h for which sigma is written down */
    COLUMNS = 64           /* random columns a stream: coordinates, and the null's residue */
};

struct lwr {
    struct sb_candidates candidates;
    uint32_t n, q, p;
    uint32_t bits;    /* l; 0: over Z_q */
    uint32_t *number; /* q: of the label at each residue */
    double *label;    /* p */
    double *rho;      /* p */
    double *sigma;    /* n_t, or NULL: too many */
    uint32_t n_t;     /* values of h */
    struct sb_residues *residues;
    double lambda_lb, lambda_ub;
    double agreement; /* two members that differ agree with this probability at most */
    double same;      /* at most so many members are one function */
    double mean, variance,
        least_variance; /* of the label: null's; of any member about that mean, at least */
};

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* Members */

static void secret(const struct lwr *f, uint64_t member, uint32_t *w)
{
    uint64_t rest = member + 1;

    for (uint32_t j = 0; j < f->n; j++, rest /= f->q)
        w[j] = (uint32_t)(rest % f->q);
}

/* t[i] = <w, x_i> mod q; the sum is below 63 (q-1)^2 < 2^32 */
static void residues(const struct lwr *f, uint64_t member, const struct sb_block *block,
                     uint32_t *t)
{
    uint32_t w[MOST_COORDINATES];

    secret(f, member, w);
    memset(t, 0, block->n * sizeof *t);
    for (uint32_t j = 0; j < f->n; j++) {
        const uint32_t shift = j * f->bits;

        if (f->bits)
            for (uint64_t i = 0; i < block->n; i++)
                t[i] += w[j] * (uint32_t)(block->bits[i] >> shift & (f->q - 1));
        else
            for (uint64_t i = 0; i < block->n; i++)
                t[i] += w[j] * (uint32_t)block->x[j][i];
    }
    for (uint64_t i = 0; i < block->n; i++)
        t[i] %= f->q;
}

static void labels(const struct lwr *f, uint64_t member, const struct sb_block *block, double *out)
{
    uint32_t t[SB_BLOCK];

    residues(f, member, block, t);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = f->label[f->number[t[i]]];
}

static void lwr_label(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    labels(self, index, block, out);
}

/* <w,x> takes each of its values for at least q^(n-1) secrets w: only n = 1 can leave just one. */
static uint64_t only_secret(const struct lwr *f, uint32_t x, double y)
{
    uint64_t found = UINT64_MAX, count = 0;

    for (uint32_t w = 1; w < f->q && f->n == 1; w++)
        if (f->label[f->number[w * x % f->q]] == y) {
            found = w - 1;
            count++;
        }
    return count == 1 ? found : UINT64_MAX;
}

static void lwr_agreeing(void *self, const struct sb_block *block, uint64_t *out)
{
    const struct lwr *f = self;

    for (uint64_t i = 0; i < block->n; i++) {
        const uint32_t x =
            f->bits ? (uint32_t)block->bits[i] & (f->q - 1) : (uint32_t)block->x[0][i];

        out[i] = only_secret(f, x, block->y[i]);
    }
}

/* Laws */

/* out[i] = floor(q u), u a word over 2^64: within q 2^-64 of uniform */
static void draw_residues(uint32_t q, struct sb_key key, uint64_t column, uint64_t start,
                          uint64_t n, double *out)
{
    uint64_t word[SB_BLOCK];

    sb_random_words(key, column, start, n, word);
    for (uint64_t i = 0; i < n; i++)
        out[i] = (double)(((word[i] >> 32) * q + ((word[i] & UINT32_MAX) * q >> 32)) >> 32);
}

static void lwr_points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                       uint64_t n, const struct sb_points *out)
{
    const struct lwr *f = law->self;
    const struct sb_law uniform = { .dim = law->dim };

    if (f->bits)
        sb_law_points(&uniform, key, stream * COLUMNS, start, n, out);
    for (uint32_t j = 0; j < f->n && !f->bits; j++)
        draw_residues(f->q, key, stream * COLUMNS + j, start, n, out->x[j]);
}

static void lwr_weights(const struct sb_law *law, const struct sb_block *block, uint32_t l,
                        double *out)
{
    const struct lwr *f = law->self;
    uint32_t t[SB_BLOCK];

    if (!law->planted) {
        for (uint64_t i = 0; i < block->n; i++)
            out[i] = f->rho[l];
        return;
    }
    residues(f, law->member, block, t);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = f->number[t[i]] == l;
}

static void lwr_sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                       const struct sb_points *out, double *y)
{
    const struct lwr *f = law->self;
    const struct sb_block block = { sizeof block, law->dim, n, (const double *const *)out->x,
                                    out->bits,    NULL };

    lwr_points(law, key, 0, start, n, out);
    if (law->planted) {
        labels(f, law->member, &block, y);
        return;
    }
    draw_residues(f->q, key, COLUMNS - 1, start, n, y);
    for (uint64_t i = 0; i < n; i++)
        y[i] = f->label[f->number[(uint32_t)y[i]]];
}

static const struct sb_law_class law_class = { .points = lwr_points,
                                               .weights = lwr_weights,
                                               .sample = lwr_sample };

static void lwr_law(const struct sb_family *family, uint64_t member, bool clean, struct sb_law *out)
{
    *out = (struct sb_law){ .class = &law_class,
                            .dim = family->space.dim,
                            .self = family->self,
                            .member = member,
                            .planted = true,
                            .clean = clean };
}

static void lwr_null_law(const struct sb_family *family, struct sb_law *out)
{
    *out = (struct sb_law){ .class = &law_class, .dim = family->space.dim, .self = family->self };
}

/* Correlations */

/* All pairs with gcd(w, q) = a: one level for each of their numbers; v = 0 is no member. */
static size_t levels_of(const struct sb_residues *r, uint32_t i, struct sb_correlation_level *out)
{
    const double members = sb_residues_members(r, r->divisor[i]);
    size_t n = 0;

    for (uint32_t j = 0; j < r->n_divisors; j++) {
        const double pairs = members * sb_residues_partners(r, r->divisor[j]);
        const struct sb_residue_values *value = r->value + r->place[i * r->n_divisors + j];

        for (uint32_t b = r->divisor[j] == r->q; b < r->divisor[j] && pairs > 0; b++)
            out[n++] = (struct sb_correlation_level){ fabs(value[b].k) * (1 + 0x1p-40), pairs };
    }
    return n;
}

static int by_size(const void *a, const void *b)
{
    const double x = ((const struct sb_correlation_level *)a)->size;
    const double y = ((const struct sb_correlation_level *)b)->size;

    return (x < y) - (x > y);
}

/* Levels of one size, but for rounding, become one. */
static size_t merge(struct sb_correlation_level *level, size_t n)
{
    size_t kept = 0;

    qsort(level, n, sizeof *level, by_size);
    for (size_t i = 0; i < n; i++)
        if (kept && level[i].size >= level[kept - 1].size * (1 - 0x1p-38))
            level[kept - 1].pairs += level[i].pairs;
        else
            level[kept++] = level[i];
    return kept;
}

/* Of the pairs i, j of divisors: K's largest diagonal entry, K_ij and |K_ij| elsewhere. */
static void add_extremes(const struct sb_residues *r, struct sb_correlations *out)
{
    for (uint32_t i = 0; i + 1 < r->n_divisors; i++)
        for (uint32_t j = 0; j < r->n_divisors; j++)
            for (uint32_t b = r->divisor[j] == r->q; b < r->divisor[j]; b++) {
                const double k = r->value[r->place[i * r->n_divisors + j] + b].k;
                const bool diagonal = r->divisor[j] == r->q && b == r->divisor[i];

                if (!(sb_residues_partners(r, r->divisor[j]) > 0))
                    continue;
                if (diagonal) {
                    out->diagonal_ub = greater(out->diagonal_ub, k * (1 + 0x1p-40));
                    continue;
                }
                out->off_ub = greater(out->off_ub, k * (1 + 0x1p-40));
                out->off_abs_ub = greater(out->off_abs_ub, fabs(k) * (1 + 0x1p-40));
            }
}

static int lwr_correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const struct lwr *f = family->self;
    const struct sb_residues *r = f->residues;
    size_t n = 0;

    for (uint32_t j = 0; j < r->n_divisors; j++)
        n += (size_t)r->divisor[j] * r->n_divisors;
    out->level = SB_NEW_ARRAY(struct sb_correlation_level, n);
    if (!out->level)
        return -ENOMEM;
    n = 0;
    for (uint32_t i = 0; i + 1 < r->n_divisors; i++)
        n += levels_of(r, i, out->level + n);
    out->n_levels = merge(out->level, n);
    out->lambda_lb = f->lambda_lb;
    out->lambda_ub = f->lambda_ub;
    out->diagonal_ub = out->off_ub = out->off_abs_ub = 0;
    add_extremes(r, out);
    return 0;
}

static double lwr_correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct lwr *f = family->self;
    uint32_t w[MOST_COORDINATES], v[MOST_COORDINATES];

    secret(f, i, w);
    secret(f, j, v);
    return sb_residues_at(f->residues, sb_residue_pair_of(f->q, f->n, w, v))->k;
}

/* How alike members can be. */
static void compare_members(struct lwr *f)
{
    const struct sb_residues *r = f->residues;

    for (uint32_t i = 0; i + 1 < r->n_divisors; i++) {
        double same = 0;

        for (uint32_t j = 0; j < r->n_divisors; j++) {
            const double partners = sb_residues_partners(r, r->divisor[j]);

            for (uint32_t b = r->divisor[j] == r->q; b < r->divisor[j] && partners > 0; b++) {
                const double agreement = r->value[r->place[i * r->n_divisors + j] + b].agreement;

                same += agreement >= 1 ? partners : 0;
                if (r->divisor[j] != r->q || b != r->divisor[i])
                    f->agreement = greater(f->agreement, agreement);
            }
        }
        f->same = greater(f->same, same);
    }
}

/* Scores */

/* Members near a predictor h, by C3: sum over w of (E_w phi - E_0 phi)^2 <= lambda_max E_0 phi^2.
 *   zero-one  phi = [h predicts y]: E_0 phi <= r, rho's largest, and E_w phi >= 1 - max;
 *             and two that h agrees with on 1 - max each agree with one another on 1 - 2 max.
 *   squared   phi = (h - m)(y - m), m the null's mean label: E_0 phi = 0, E_0 phi^2 = a V, a = E (h - m)^2,
 *             E_w phi = (a + V_w - loss)/2. With V_w >= v the number is at most 4 lambda a V/(a + v - max)^2,
 *             which is largest at a = v - max. */
static uint64_t lwr_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct lwr *f = family->self;
    double most = INFINITY, r = 0;

    for (uint32_t y = 0; y < f->p; y++)
        r = greater(r, f->rho[y]);
    if (loss == SB_LOSS_SQUARED && max < f->least_variance)
        most = f->lambda_ub * f->variance / (f->least_variance - max);
    if (loss == SB_LOSS_ZERO_ONE && 1 - max > r)
        most = f->lambda_ub * r / ((1 - max - r) * (1 - max - r));
    if (loss == SB_LOSS_ZERO_ONE && 1 - 2 * max > f->agreement)
        most = 1;
    most *= 1 + 0x1p-40;
    return most < (double)family->n_members ? (uint64_t)most : family->n_members;
}

static uint64_t lwr_n_recovered(const struct sb_family *family)
{
    const struct lwr *f = family->self;

    return f->same < (double)family->n_members ? (uint64_t)f->same : family->n_members;
}

/* w itself, or a vector that gives the same labels everywhere: for p = 2 and odd q -w does. */
static bool lwr_recovered(const struct sb_family *family, uint64_t member, const double *value,
                          uint64_t n)
{
    const struct lwr *f = family->self;
    uint32_t w[MOST_COORDINATES], v[MOST_COORDINATES];

    if (n != f->n)
        return false;
    for (uint32_t j = 0; j < f->n; j++) {
        if (!(value[j] >= 0 && value[j] < f->q) || value[j] != (double)(uint32_t)value[j])
            return false;
        v[j] = (uint32_t)value[j];
    }
    secret(f, member, w);
    return sb_residues_at(f->residues, sb_residue_pair_of(f->q, f->n, w, v))->agreement >= 1;
}

static char *lwr_describe(const struct sb_family *family, uint64_t member)
{
    const struct lwr *f = family->self;
    uint32_t w[MOST_COORDINATES];
    struct sb_buf text;

    secret(f, member, w);
    sb_buf_init(&text);
    sb_buf_puts(&text, "w = (");
    for (uint32_t j = 0; j < f->n; j++)
        sb_buf_printf(&text, j ? ",%u" : "%u", w[j]);
    sb_buf_puts(&text, ")");
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

/* As a compressible function [theorems.md S0-D2.1]: h = <w,x> over the integers */
static void lwr_compress(const struct sb_family *family, uint64_t member, double *w,
                         struct sb_compressed *out)
{
    const struct lwr *f = family->self;
    const uint32_t bits = f->bits ? f->bits : 1;
    uint32_t of[MOST_COORDINATES];

    secret(f, member, of);
    for (uint32_t j = 0; j < f->n; j++)
        for (uint32_t b = 0; b < bits; b++)
            w[j * bits + b] = (double)((uint64_t)of[j] << b);
    *out = (struct sb_compressed){ .w = w, .n_t = f->n_t, .sigma = f->sigma };
}

/* One hidden layer over h's values for this w: 0 .. (q-1) sum w_j. */
static int lwr_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                       struct sb_diag *diag)
{
    const struct lwr *f = family->self;
    uint32_t of[MOST_COORDINATES], sum = 0;
    double w[MOST_COORDINATES];
    struct sb_compressed h;

    secret(f, member, of);
    for (uint32_t j = 0; j < f->n; j++)
        sum += of[j];
    lwr_compress(family, member, w, &h);
    return sb_network_of_table(family->space.dim, w, (f->q - 1) * sum + 1, f->sigma, out, diag);
}

static size_t lwr_facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    const struct lwr *f = family->self;
    double tv = 0;
    size_t n = 0;

    for (uint32_t y = 0; y < f->p; y++)
        tv += fabs(f->rho[y] - 1.0 / f->p) / 2;
    const struct sb_fact facts[] = {
        { "label-tv", tv,
          "total variation between rho, the null's label law, and uniform labels; exact" },
        { "label-mean", f->mean, "E y under the null; exact" },
        { "label-variance", f->variance,
          "Var y under the null: the loss of the best constant; exact" },
        { "half-loss", f->variance + (f->mean - 0.5) * (f->mean - 0.5),
          "the squared loss of the constant 1/2; exact" },
        { "h-values", f->n_t, "h = <w,x> over the integers takes values among so many" },
        { "lambda-max", f->lambda_ub, "the correlations' largest eigenvalue, at most" },
        { "agreement", f->agreement, "two members agree with this probability at most; exact" },
    };

    for (; n < SB_COUNT(facts) && n < most; n++)
        out[n] = facts[n];
    return n;
}

/* Making */

static int check(uint32_t n, uint32_t q, uint32_t p, bool binary, struct sb_diag *diag)
{
    uint32_t most = 0;

    if (p >= q)
        return sb_diag_fail(
            diag, -EINVAL,
            "family lwr: p = %u is not below q = %u; rounding leaves p of q values, "
            "so give a smaller p or a larger q",
            p, q);
    if (binary && q & (q - 1))
        return sb_diag_fail(
            diag, -EINVAL,
            "family lwr: form = binary writes residues in bits and needs q a power of "
            "2, not %u; give one, or take form = zq",
            q);
    for (uint64_t power = q; power <= UINT64_C(1) << 63; power *= q) {
        most++;
        if (power > (UINT64_C(1) << 63) / q)
            break;
    }
    if (n > most)
        return sb_diag_fail(diag, -EINVAL,
                            "family lwr: q^dimension = %u^%u secrets are more than 2^63; dimension "
                            "can be at most %u at this q",
                            q, n, most);
    return 0;
}

static void fill_labels(struct lwr *f)
{
    double square = 0;

    for (uint32_t y = 0; y < f->p; y++)
        f->label[y] = (double)y / f->p;
    for (uint32_t t = 0; t < f->q; t++) {
        f->number[t] = (2 * f->p * t + f->q) / (2 * f->q) % f->p;
        f->rho[f->number[t]] += 1.0;
    }
    for (uint32_t y = 0; y < f->p; y++) {
        f->mean += f->rho[y] * f->label[y] / f->q;
        square += f->rho[y] * f->label[y] * f->label[y] / f->q;
        f->rho[y] /= f->q;
    }
    f->variance = square - f->mean * f->mean;
    for (uint32_t t = 0; f->sigma && t < f->n_t; t++)
        f->sigma[t] = f->label[f->number[t % f->q]];
}

/* Of members with gcd(w, q) = a the label is f at a uniform multiple of a. */
static void find_least_variance(struct lwr *f)
{
    f->least_variance = INFINITY;
    for (uint32_t a = 1; a < f->q; a++) {
        double square = 0;

        for (uint32_t t = 0; t < f->q && f->q % a == 0; t += a) {
            const double gap = f->label[f->number[t]] - f->mean;

            square += gap * gap * a / f->q;
        }
        if (f->q % a == 0)
            f->least_variance = square < f->least_variance ? square : f->least_variance;
    }
}

static void lwr_free(struct lwr *f)
{
    if (!f)
        return;
    free(f->number);
    free(f->label);
    free(f->rho);
    free(f->sigma);
    sb_residues_free(f->residues);
    free(f);
}

static struct lwr *lwr_new(uint32_t n, uint32_t q, uint32_t p, bool binary)
{
    struct lwr *f = SB_NEW(struct lwr);
    bool whole;

    if (!f)
        return NULL;
    *f = (struct lwr){ .n = n, .q = q, .p = p, .n_t = n * (q - 1) * (q - 1) + 1 };
    f->candidates =
        (struct sb_candidates){ .self = f, .label = lwr_label, .agreeing = lwr_agreeing };
    while (binary && UINT32_C(1) << f->bits < q)
        f->bits++;
    f->number = SB_NEW_ARRAY(uint32_t, q);
    f->label = SB_NEW_ARRAY(double, p);
    f->rho = SB_NEW_ARRAY(double, p);
    f->sigma = f->n_t <= MOST_SIGMA ? SB_NEW_ARRAY(double, f->n_t) : NULL;
    whole = f->number && f->label && f->rho && (f->sigma || f->n_t > MOST_SIGMA);
    if (whole) {
        fill_labels(f);
        find_least_variance(f);
        f->residues = sb_residues_new(q, n, p, f->number);
    }
    if (!f->residues || sb_residues_lambda(f->residues, &f->lambda_lb, &f->lambda_ub)) {
        lwr_free(f);
        return NULL;
    }
    compare_members(f);
    return f;
}

static void fill_family(struct lwr *f, struct sb_family *out)
{
    out->self = f;
    out->n_members = 1;
    for (uint32_t j = 0; j < f->n; j++)
        out->n_members *= f->q;
    out->n_members--; /* not 0 */
    out->space = (struct sb_space){ .domain = f->bits ? SB_CUBE : SB_ZQ,
                                    .dim = f->n * (f->bits ? f->bits : 1),
                                    .modulus = f->bits ? 2 : f->q,
                                    .uniform = true,
                                    .n_labels = f->p,
                                    .labels = f->label,
                                    .n_candidates = out->n_members,
                                    .candidates = &f->candidates };
    out->law = lwr_law;
    out->null_law = lwr_null_law;
    out->no_profile = sb_family_no_profile(out);
    out->correlations = lwr_correlations;
    out->correlation = lwr_correlation;
    out->lambda_max_ub = f->lambda_ub;
    out->n_good = lwr_n_good;
    out->n_recovered = lwr_n_recovered;
    out->recovered = lwr_recovered;
    out->describe = lwr_describe;
    out->compress = f->sigma ? lwr_compress : NULL;
    out->network = f->sigma ? lwr_network : NULL;
    out->facts = lwr_facts;
}

static int lwr_create(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag)
{
    const uint32_t n = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t q = (uint32_t)sb_values_int(params, "q");
    const uint32_t p = (uint32_t)sb_values_int(params, "p");
    const bool binary = strcmp(sb_values_text(params, "form"), "binary") == 0;
    const int error = check(n, q, p, binary, diag);
    struct lwr *f;

    if (error)
        return error;
    f = lwr_new(n, q, p, binary);
    if (!f)
        return -ENOMEM;
    fill_family(f, out);
    return 0;
}

static void lwr_destroy(struct sb_family *family)
{
    lwr_free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]",
      "n, entries of the secret; q^n is at most 2^63. The cube of form binary has n log2 q "
      "coordinates" },
    { "q", SB_INT, 0, NULL, "[2,1024]", "the modulus" },
    { "p", SB_INT, 0, "2", "[2,1023]", "labels are multiples of 1/p, p < q" },
    { "form", SB_TEXT, 0, "zq", "zq|binary",
      "x over Z_q^n, or its bits over {0,1}^(n log2 q), q a power of 2" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_lwr = {
    .name = "lwr",
    .summary = "learning with rounding: <w,x> mod q rounded to p values, over Z_q^n or its bits",
    .source = "[BPR12; CGKM22, Definition 1.2, Corollary 4.3]",
    .recover = "the secret w: n residues; or another with the same labels everywhere",
    .params = params,
    .create = lwr_create,
    .destroy = lwr_destroy,
};
