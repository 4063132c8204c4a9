/* SPDX-License-Identifier: MIT */
/* NAME: a family of distributions for statbed. This file is yours; build, check and run it:
 *
 *     cc -shared -fPIC -O2 $(pkg-config --cflags statbed) -o NAME.so NAME.c
 *     statbed check ./NAME.so
 *     statbed run NAME.yaml
 *     statbed table --db results/NAME.db
 *
 * As written: x is uniform over {0,1}^d; a member is a set of three coordinates; the label is 1 where
 * most of the three are 1, else -1, and is flipped with probability `noise`. The null's labels are fair
 * coins. statbed draws from what weight() says; nothing here needs random numbers. docs/family.md has
 * what else a family can say. It runs in statbed's own process and is trusted. */
#include <statbed/family.h>

#include <stdio.h>
#include <stdlib.h>

struct family {
    uint32_t dim;
    uint64_t n_members;
    double noise;
};

static const double labels[2] = { -1, 1 };

/* ===== EDIT FROM HERE ===== the members, the label function and its noise. */

/* Member number i, as a mask: the sets {a < b < c} in increasing order of c, then b, then a. */
static uint64_t mask_of(uint64_t i)
{
    uint64_t c = 2, b = 1;

    for (; i >= c * (c - 1) / 2; c++)
        i -= c * (c - 1) / 2;
    for (; i >= b; b++)
        i -= b;
    return UINT64_C(1) << c | UINT64_C(1) << b | UINT64_C(1) << i;
}

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    const uint64_t mask = mask_of(member);

    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = __builtin_popcountll(block->bits[i] & mask) >= 2 ? 1 : -1;
}

/* Pr[the label is labels[l] | x], of a member or the null. */
static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    const struct family *f = self;

    if (member != SB_NULL)
        label(self, member, block, out);
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = member == SB_NULL ? 0.5 : out[i] == labels[l] ? 1 - f->noise : f->noise;
}

/* K_ij = E[f_i f_j] (1 - 2 noise)^2 with labels -1 and 1, and fair labels in the null. By the Fourier
 * expansion (x_a + x_b + x_c - x_a x_b x_c) / 2 that is a quarter of how many coordinates the two
 * share, and another quarter where they are the same. */
static double correlation(const void *self, uint64_t i, uint64_t j)
{
    const struct family *f = self;
    const double signal = 1 - 2 * f->noise;

    return signal * signal * (__builtin_popcountll(mask_of(i) & mask_of(j)) + (i == j)) / 4;
}

/* K has no negative entry and equal sums of its rows, so its largest eigenvalue is that sum
 * (Perron): two sets share 9/d coordinates on average. */
static double lambda_max(const struct family *f)
{
    const double signal = 1 - 2 * f->noise;

    return signal * signal * ((double)f->n_members * 9 / f->dim + 1) / 4 * (1 + 1e-9);
}

/* What a learner returns to name a member (goal recover): d numbers, 1 at its coordinates. */
static void value(const void *self, uint64_t member, double *out)
{
    const struct family *f = self;

    for (uint32_t j = 0; j < f->dim; j++)
        out[j] = (double)(mask_of(member) >> j & 1);
}

static void describe(const void *self, uint64_t member, char *out, uint64_t size)
{
    const uint64_t mask = mask_of(member);
    int n = snprintf(out, size, "majority(");

    for (uint32_t j = 0, k = 0; j < ((const struct family *)self)->dim; j++)
        if (mask >> j & 1)
            n += snprintf(out + n, size - (uint64_t)n, k++ ? ",%u" : "%u", j);
    snprintf(out + n, size - (uint64_t)n, ")");
}
/* ===== TO HERE; the parameters that create() reads are declared below ===== */

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, "8", "[3,63]", "number of coordinates d" },
    { "noise", SB_REAL, 0, "0.1", "[0,0.5)", "rate at which labels are flipped" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    struct family *f = malloc(sizeof *f);

    if (!f)
        return host->fail(host->self, "out of memory");
    f->dim = (uint32_t)host->param_int(host->self, "dimension");
    f->noise = host->param_real(host->self, "noise");
    f->n_members = (uint64_t)f->dim * (f->dim - 1) * (f->dim - 2) / 6;
    facts->domain = SB_CUBE;
    facts->dim = f->dim;
    facts->n_members = f->n_members;
    facts->n_labels = 2;
    facts->label_set = labels;
    facts->n_value = f->dim;
    facts->lambda_max = lambda_max(f);
    *self_out = f;
    return 0;
}

SB_FAMILY(.name = "NAME", .summary = "majorities of three hidden coordinates of the uniform cube",
          .source = "the template of statbed new family",
          .recover = "d values, 1 at the three coordinates, else 0", .params = params,
          .create = create, .destroy = free, .label = label, .weight = weight,
          .correlation = correlation, .value = value, .describe = describe);
