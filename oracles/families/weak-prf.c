/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weak pseudorandom function candidate of alternating moduli [BIPSW18]: for a secret bit matrix K, m x n,
 *
 *     F_K(x) = (sum over i of (K x mod 2)_i) mod 3, and the label is 1 where that is not 0, else 0.
 *
 * Random examples are all that it is meant to withstand. Labels at chosen points give it away: over F_3
 * each (K x mod 2)_i is (1 - chi_i(x))/2 = chi_i(x) - 1, so that F_K is a sum of m characters less m, and its
 * Hankel matrix (F_K(u, v)) over F_3, u and v the two halves of x, has rank at most m + 1 however x is cut
 * [theorems.md S0-PRFw]; the label, F_K^2 over F_3, has rank at most (m + 1)^2.
 *
 * Members are keys. toeplitz: K_ij = k_(i - j + n - 1), of n + m - 1 bits; full: K_ij = k_(in + j), of n m
 * bits. Member number k is the key with these bits. Keys without full rank are among them; some label
 * frequencies differ from the null's, which are those of a key of rank m: sum ~ Binomial(m, 1/2). */
#include "base/memory.h"
#include "numeric/network_build.h"
#include "oracles/families/boolean.h"

#include <errno.h>
#include <string.h>

enum { MOST_ROWS = 63 };

struct weak_prf {
    struct sb_boolean boolean;
    uint32_t n, m, key_bits;
    bool toeplitz;
};

/* row[i]: mask of row i */
static void find_rows(const struct weak_prf *f, uint64_t key, uint64_t *row)
{
    for (uint32_t i = 0; i < f->m; i++) {
        row[i] = 0;
        for (uint32_t j = 0; j < f->n; j++)
            row[i] |= (key >> (f->toeplitz ? i + f->n - 1 - j : i * f->n + j) & 1) << j;
    }
}

static void weak_value(const void *self, uint64_t member, const uint64_t *bits, uint64_t n,
                       uint8_t *out)
{
    const struct weak_prf *f = self;
    uint64_t row[MOST_ROWS];
    uint32_t sum[SB_BLOCK] = { 0 };

    find_rows(f, member, row);
    for (uint32_t i = 0; i < f->m; i++)
        for (uint64_t k = 0; k < n; k++)
            sum[k] += (uint32_t)__builtin_parityll(row[i] & bits[k]);
    for (uint64_t k = 0; k < n; k++)
        out[k] = sum[k] % 3 != 0;
}

/* Keys are told apart up to the order of their rows, which F_K does not see. */
static void sort(uint64_t *row, uint32_t m)
{
    for (uint32_t i = 1; i < m; i++)
        for (uint32_t k = i; k && row[k] < row[k - 1]; k--) {
            const uint64_t swap = row[k];

            row[k] = row[k - 1];
            row[k - 1] = swap;
        }
}

static bool weak_recovered(const struct sb_family *family, uint64_t member, const double *value,
                           uint64_t n)
{
    const struct weak_prf *f = family->self;
    uint64_t row[MOST_ROWS], given[MOST_ROWS] = { 0 };

    if (n != (uint64_t)f->n * f->m)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        if (value[i] != 0 && value[i] != 1)
            return false;
        given[i / f->n] |= (uint64_t)value[i] << i % f->n;
    }
    find_rows(f, member, row);
    sort(row, f->m);
    sort(given, f->m);
    return memcmp(row, given, f->m * sizeof *row) == 0;
}

/* Orders of m rows. */
static uint64_t weak_n_recovered(const struct sb_family *family)
{
    const struct weak_prf *f = family->self;
    uint64_t most = 1;

    for (uint32_t i = 2; i <= f->m; i++) {
        if (most > family->n_members / i)
            return family->n_members;
        most *= i;
    }
    return most;
}

static char *weak_describe(const struct sb_family *family, uint64_t member)
{
    const struct weak_prf *f = family->self;
    uint64_t row[MOST_ROWS];
    struct sb_buf text;

    find_rows(f, member, row);
    sb_buf_init(&text);
    sb_buf_puts(&text, "K = ");
    for (uint32_t i = 0; i < f->m; i++) {
        sb_buf_puts(&text, i ? "," : "");
        for (uint32_t j = 0; j < f->n; j++)
            sb_buf_puts(&text, row[i] >> j & 1 ? "1" : "0");
    }
    if (!sb_buf_str(&text)) {
        sb_buf_fini(&text);
        return NULL;
    }
    return (char *)text.data;
}

/* Two hidden layers: each row's sum mod 2, then the label of their sum; triangle waves between whole numbers. */
static int weak_network(const struct sb_family *family, uint64_t member, struct sb_network **out,
                        struct sb_diag *diag)
{
    const struct weak_prf *f = family->self;
    uint64_t row[MOST_ROWS];
    double odd[64], label[64];
    struct sb_build b;
    uint32_t sum;
    int error;

    for (uint32_t t = 0; t < 64; t++) {
        odd[t] = t % 2;
        label[t] = t % 3 != 0;
    }
    find_rows(f, member, row);
    sb_build_init(&b, f->n, diag);
    for (uint32_t i = 0; i < f->m; i++) {
        const uint32_t of = sb_build_sum(&b, 0);

        for (uint32_t j = 0; j < f->n; j++)
            if (row[i] >> j & 1)
                sb_build_sum_of(&b, 1, j);
        sb_build_table(&b, of, (uint32_t)__builtin_popcountll(row[i]) + 1, odd);
    }
    sb_build_layer(&b);
    sum = sb_build_sum(&b, 0);
    for (uint32_t i = 0; i < f->m; i++)
        sb_build_sum_of(&b, 1, i);
    sum = sb_build_table(&b, sum, f->m + 1, label);
    sb_build_layer(&b);
    error = sb_build_network(&b, sum, out);
    sb_build_fini(&b);
    return error;
}

static size_t weak_facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    const struct weak_prf *f = family->self;
    const struct sb_fact facts[] = {
        { "key-bits", f->key_bits, "bits of a key" },
        { "ones", f->boolean.ones,
          "Pr[label 1] under the null, and of keys of rank m: Pr[3 does not divide Bin(m, 1/2)]; "
          "exact" },
    };
    size_t n = 0;

    for (; n < SB_COUNT(facts) && n < most; n++)
        out[n] = facts[n];
    return n;
}

/* Pr[3 does not divide Binomial(m, 1/2)]: sums of halves, exact to m = 53. */
static double share_of_ones(uint32_t m)
{
    double mass[3] = { 1, 0, 0 };

    for (uint32_t i = 0; i < m; i++) {
        const double a = mass[0], b = mass[1], c = mass[2];

        mass[0] = (a + c) / 2;
        mass[1] = (a + b) / 2;
        mass[2] = (b + c) / 2;
    }
    return mass[1] + mass[2];
}

static int weak_create(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag)
{
    const uint32_t n = (uint32_t)sb_values_int(params, "dimension");
    const uint32_t rows = (uint32_t)sb_values_int(params, "rows"), m = rows ? rows : n;
    const bool toeplitz = strcmp(sb_values_text(params, "keys"), "toeplitz") == 0;
    const uint32_t bits = toeplitz ? n + m - 1 : n * m;
    struct weak_prf *f;

    if (bits > 63)
        return sb_diag_fail(
            diag, -EINVAL,
            "family weak-prf: %s keys of %u rows and %u columns have %u bits, and at "
            "most 63 are numbered; lower dimension or rows%s",
            toeplitz ? "toeplitz" : "full", m, n, bits,
            toeplitz ? "" : ", or take keys = toeplitz");
    f = SB_NEW(struct weak_prf);
    if (!f)
        return -ENOMEM;
    f->n = n;
    f->m = m;
    f->key_bits = bits;
    f->toeplitz = toeplitz;
    f->boolean = (struct sb_boolean){ .value = weak_value,
                                      .self = f,
                                      .dim = n,
                                      .n_members = UINT64_C(1) << bits,
                                      .ones = share_of_ones(m) };
    out->self = f;
    sb_boolean_init(&f->boolean, out);
    out->recovered = weak_recovered;
    out->n_recovered = weak_n_recovered;
    out->describe = weak_describe;
    out->network = weak_network;
    out->facts = weak_facts;
    return 0;
}

static void weak_destroy(struct sb_family *family)
{
    free(family->self);
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "n, number of coordinates" },
    { "rows", SB_INT, 0, "0", "[0,63]", "m, rows of the key; 0: n" },
    { "keys", SB_TEXT, 0, "toeplitz", "toeplitz|full",
      "keys of n + m - 1 bits, constant along diagonals, or of n m bits; at most 63 bits" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_weak_prf = {
    .name = "weak-prf",
    .summary = "a weak pseudorandom function candidate: sums mod 2, their sum mod 3, is it 0",
    .source = "[BIPSW18]",
    .recover = "the key matrix by rows, in any order: m n values 0 or 1",
    .params = params,
    .create = weak_create,
    .destroy = weak_destroy,
};
