/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parities as a plugin, saying all that a family can say. Without -DFLAW it is the shipped family of
 * all subsets, and `statbed check` passes it; each flaw is to be caught by the check named beside it. */
#include <statbed/family.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum flaw {
    NONE,
    WRONG_NULL,        /* null */
    BIASED_SAMPLER,    /* sampler: more noise than it says */
    BIASED_NULL,       /* null: its sampler */
    SWAPPED_LABELS,    /* label: the weights are those of the other label */
    SWAPPED_SAMPLE,    /* sampler: so are its labels */
    WRONG_CORRELATION, /* correlations: one factor forgotten */
    WRONG_DIAGONAL,    /* correlations */
    SMALL_LAMBDA,      /* lambda */
    NO_SUM,            /* weights: at one point in 256 */
    OWN_MARGINAL,      /* marginal: that of odd members is another */
    BLOCK_SPLIT,       /* draws: example i of a block, not of the sample */
    MEMORY,            /* draws: a state goes on from call to call */
    OUTSIDE,           /* draws: a coordinate too many */
    WRONG_PRODUCT,     /* product: the mask of another member */
    WRONG_CLEAN,       /* product: noise where there is to be none */
    WRONG_LABEL,       /* label: that of the next member */
    BLOCK_LABEL,       /* pure: depends on the place in the block */
    ANY_VALUE,         /* scorer */
    NO_VALUE,          /* scorer: not even the own one */
    TWIN_VALUE,        /* scorer: members 100 and 101 share one */
    SMALL_N_GOOD,      /* n_good */
    SAME_LINE,         /* describe */
    CRASH,             /* sampler, marginal, draws: it writes through a null pointer */
    LOUD,              /* parameters: create() prints without end */
    /* no flaws */
    WEIGHED, /* weights alone: no product form, no sampler, no scorer of its own */
    ODD      /* create() does as the parameter `odd` says */
};
#ifndef FLAW
#define FLAW NONE
#endif

struct family {
    uint32_t dim;
    double signal; /* 1 - 2 noise */
};

static const double labels[2] = { -1, 1 };

static double character(uint64_t mask, uint64_t x)
{
    return __builtin_popcountll(mask & x) & 1 ? -1 : 1;
}

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = character(member ^ (FLAW == WRONG_LABEL) ^ (FLAW == BLOCK_LABEL && i == 101),
                           block->bits[i]);
}

static double weight_at(const struct family *f, uint64_t member, uint32_t l, uint64_t x)
{
    const double sign = (l ? 1 : -1) * (FLAW == SWAPPED_LABELS ? -1 : 1);

    if (member == SB_NULL)
        return FLAW != WRONG_NULL ? 0.5 : l ? 0.55 : 0.45;
    if (FLAW == NO_SUM && (x & 255) == 77 && l)
        return 0;
    return 0.5 + sign * f->signal / 2 * character(member, x);
}

static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = weight_at(self, member, l, block->bits[i]);
}

/* By how much labels are +1 more often than they are to be. */
static double excess(uint64_t member)
{
    if (FLAW == BIASED_NULL && member == SB_NULL)
        return 0.05;
    return 0;
}

static void sample(const void *self, uint64_t member, const struct sb_stream *stream,
                   const struct sb_draw *out)
{
    static uint64_t calls;
    struct family f = *(const struct family *)self;

    if (FLAW == BIASED_SAMPLER)
        f.signal -= 0.1;
    if (FLAW == SWAPPED_SAMPLE)
        f.signal = -f.signal;
    calls++;
    stream->words(stream->self, 0, out->bits);
    stream->uniform(stream->self, 1, out->y);
    for (uint64_t i = 0; i < out->n; i++) {
        const double plus = 0.5 + (member == SB_NULL ? 0 : f.signal / 2);
        uint64_t x = out->bits[i];

        if (FLAW == BLOCK_SPLIT)
            x ^= i << 3;
        if (FLAW == MEMORY)
            x ^= calls;
        if (FLAW == OWN_MARGINAL && member != SB_NULL && member & 1 && (x >> 40 & 7) == 0)
            x &= ~UINT64_C(1);
        x &= (UINT64_C(1) << (f.dim + (FLAW == OUTSIDE))) - 1;
        out->bits[i] = x;
        out->y[i] = (out->y[i] < plus + excess(member) ? 1 : -1) *
                    (member == SB_NULL ? 1 : character(member, x));
    }
    if (FLAW == CRASH)
        *(volatile int *)0 = 0;
}

static void product(const void *self, uint64_t member, int32_t clean, struct sb_product *out)
{
    const struct family *f = self;
    const double signal = member == SB_NULL ? 0 : clean && FLAW != WRONG_CLEAN ? 1 : f->signal;

    out->alpha[0] = out->alpha[1] = 0.5;
    out->beta[1] = signal / 2;
    out->beta[0] = -signal / 2;
    out->chi = member == SB_NULL ? 0 : member ^ (FLAW == WRONG_PRODUCT);
}

static double correlation(const void *self, uint64_t i, uint64_t j)
{
    const struct family *f = self;

    return i != j ? 0 : FLAW == WRONG_CORRELATION ? f->signal : f->signal * f->signal;
}

/* As the shipped family's. */
static uint64_t n_good(const void *self, uint32_t loss, double max)
{
    const double signal = loss == SB_ZERO_ONE ? (1 - 2 * max) * (1 - 2 * max) : 1 - max;

    (void)self;
    if ((loss == SB_ZERO_ONE && max < 0.25) || FLAW == SMALL_N_GOOD)
        return 1;
    return signal > 0 && max < 0.5 ? (uint64_t)(1 / signal * (1 + 1e-12)) : UINT64_MAX;
}

static void value(const void *self, uint64_t member, double *out)
{
    if (FLAW == TWIN_VALUE && member == 101)
        member = 100;
    for (uint32_t j = 0; j < ((const struct family *)self)->dim; j++)
        out[j] = (double)(member >> j & 1);
}

static int32_t recovered(const void *self, uint64_t member, const double *v, uint64_t n)
{
    const struct family *f = self;

    if (FLAW == ANY_VALUE)
        return 1;
    for (uint32_t j = 0; n == f->dim && j < f->dim; j++)
        if (!(v[j] == (double)(member >> j & 1)))
            return 0;
    return n == f->dim && FLAW != NO_VALUE;
}

static void describe(const void *self, uint64_t member, char *out, uint64_t size)
{
    const uint32_t dim = ((const struct family *)self)->dim;
    int n = snprintf(out, size, "chi(");

    for (uint32_t j = 0, k = 0; j < dim && FLAW != SAME_LINE; j++)
        if (member >> j & 1)
            n += snprintf(out + n, size - (uint64_t)n, k++ ? ",%u" : "%u", j);
    snprintf(out + n, size - (uint64_t)n, ")");
}

/* Facts that are none. */
static int32_t be_odd(const struct sb_family_host *host, struct sb_family_facts *facts)
{
    static const double backwards[2] = { 1, -1 };

    switch (host->param_int(host->self, "odd")) {
    case 1:
        return host->fail(host->self, "odd = 1 makes no family; take another");
    case 2:
        facts->n_members = 0;
        break;
    case 3:
        facts->dim = 64;
        break;
    case 4:
        facts->label_set = backwards;
        break;
    case 5:
        facts->n_labels = 3;
        break;
    case 6:
        facts->n_value = 0;
        break;
    case 7:
        facts->lambda_max = INFINITY;
        break;
    case 8:
        facts->domain = SB_ZQ;
        facts->modulus = 3;
        break;
    case 9:
        host->param_real(host->self, "odd");
        break;
    default:
        break;
    }
    return 0;
}

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    struct family *f = malloc(sizeof *f);

    if (!f)
        return host->fail(host->self, "out of memory");
    while (FLAW == LOUD)
        puts("and another line, as long as it takes to fill what there is of memory in a little "
             "while");
    f->dim = (uint32_t)host->param_int(host->self, "dimension");
    f->signal = 1 - 2 * host->param_real(host->self, "noise");
    facts->domain = SB_CUBE;
    facts->dim = f->dim;
    facts->n_members = UINT64_C(1) << f->dim;
    facts->n_labels = 2;
    facts->label_set = labels;
    facts->n_value = f->dim;
    facts->diagonal = f->signal * f->signal * (1 + 0x1p-50);
    if (FLAW == WRONG_DIAGONAL)
        facts->diagonal = f->signal;
    if (FLAW == SMALL_LAMBDA) {
        facts->diagonal = 0;
        facts->lambda_max = f->signal * f->signal / 2;
    }
    if (FLAW == ODD && be_odd(host, facts)) {
        free(f);
        return 1;
    }
    *self_out = f;
    return 0;
}

static const struct sb_param params[] = {
    { "dimension", SB_INT, 0, "8", "[1,62]", "number of coordinates d" },
    { "noise", SB_REAL, 0, "0.1", "[0,0.5)", "rate at which labels are flipped" },
    { "odd", SB_INT, 0, "0", "[0,9]", "which mistake create() makes" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

#define UNLESS_WEIGHED(function) FLAW == WEIGHED ? NULL : function
SB_FAMILY(.name = "plugin-parity", .summary = "parities, as a plugin", .source = "a test",
          .recover = "the subset: d values 0 or 1", .params = params, .create = create,
          .destroy = free, .label = label, .weight = weight, .sample = UNLESS_WEIGHED(sample),
          .product = UNLESS_WEIGHED(product), .correlation = correlation, .n_good = n_good,
          .value = value, .recovered = UNLESS_WEIGHED(recovered), .describe = describe);
