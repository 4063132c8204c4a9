/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family whose laws are of no product form, by the parameter `over`:
 *   cube       x uniform over {0,1}^d
 *   residues   x uniform over Z_5^d
 *   steps      domain R^d, x_j = (number of ones among 16 fair bits - 8) / 2, and so not Gaussian
 * Member i looks at the coordinates j where bit j mod 6 of i is set: v = their sum, rounded down, mod
 * 7. The label is -0.5 or 1, and 1 with probability (1 + v)/8 (the null: 3/8); without noise it is 1
 * where v >= 3. Compiled with VOTES_REAL it is v/4 + k/16, k uniform in {0, 1, 2, 3} (the null: v = 0); without
 * noise v/4. */
#include <statbed/family.h>

#include <stdlib.h>
#include <string.h>

enum { CUBE, RESIDUES, STEPS };
enum { Q = 5, N_MEMBERS = 64, NOISE = 63 }; /* NOISE: the column of k */

struct family {
    uint32_t dim;
    int over, real;
};

static const double labels[2] = { -0.5, 1 };

static double entry(const struct sb_block *block, uint32_t j, uint64_t i)
{
    return block->x ? block->x[j][i] : (double)(block->bits[i] >> j & 1);
}

static int votes(const struct family *f, uint64_t member, const struct sb_block *block, uint64_t i)
{
    double sum = 0;
    int64_t down;

    for (uint32_t j = 0; j < f->dim; j++)
        if (member >> (j % 6) & 1)
            sum += entry(block, j, i);
    down = (int64_t)sum - (sum < (double)(int64_t)sum);
    return (int)((down % 7 + 7) % 7);
}

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    const struct family *f = self;

    for (uint64_t i = 0; i < block->n; i++) {
        const int v = votes(f, member, block, i);

        out[i] = f->real ? v / 4.0 : labels[v >= 3];
    }
}

#ifndef VOTES_REAL
static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    for (uint64_t i = 0; i < block->n; i++) {
        const double one = member == SB_NULL ? 0.375 : (1 + votes(self, member, block, i)) / 8.0;

        out[i] = l ? one : 1 - one;
    }
}
#endif

#ifndef VOTES_CUBE
static double step(uint64_t word)
{
    double ones = 0;

    for (int b = 0; b < 16; b++)
        ones += (double)(word >> b & 1);
    return (ones - 8) / 2;
}

static void points(const void *self, const struct sb_stream *stream, const struct sb_draw *out)
{
    const struct family *f = self;
    uint64_t words[1024];

    for (uint32_t j = 0; j < f->dim; j++) {
        stream->words(stream->self, j, words);
        for (uint64_t i = 0; i < out->n; i++) {
            if (f->over == CUBE)
                out->bits[i] = (j ? out->bits[i] : 0) | (words[i] >> 63) << j;
            else
                out->x[j][i] = f->over == STEPS ? step(words[i]) : (double)(words[i] % Q);
        }
    }
}

#endif

#ifdef VOTES_REAL
static void sample(const void *self, uint64_t member, const struct sb_stream *stream,
                   const struct sb_draw *out)
{
    struct sb_block block = { sizeof block, out->dim, out->n, NULL, out->bits, NULL };
    uint64_t words[1024];

    block.x = (const double *const *)(uintptr_t)out->x;
    points(self, stream, out);
    stream->words(stream->self, NOISE, words);
    for (uint64_t i = 0; i < out->n; i++)
        out->y[i] = (member == SB_NULL ? 0 : votes(self, member, &block, i)) / 4.0 +
                    (double)(words[i] >> 62) / 16;
}
#endif

static void value(const void *self, uint64_t member, double *out)
{
    (void)self;
    *out = (double)member;
}

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    const char *over = host->param_text(host->self, "over");
    struct family *f = calloc(1, sizeof *f);

    if (!f)
        return host->fail(host->self, "out of memory");
    f->dim = (uint32_t)host->param_int(host->self, "dimension");
    f->over = strcmp(over, "cube") == 0 ? CUBE : strcmp(over, "residues") == 0 ? RESIDUES : STEPS;
#ifdef VOTES_REAL
    f->real = 1;
#endif
    facts->domain = f->over == CUBE ? SB_CUBE : f->over == RESIDUES ? SB_ZQ : SB_GAUSS;
    facts->dim = f->dim;
    facts->modulus = Q;
    facts->n_members = N_MEMBERS;
    facts->n_labels = f->real ? 0 : 2;
    facts->label_set = f->real ? NULL : labels;
    facts->n_value = 1;
    *self_out = f;
    return 0;
}

static const struct sb_param params[] = {
    { "over", SB_TEXT, 0, "cube", "cube|residues|steps", "the domain" },
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

/* VOTES: labels by weight, off the cube; VOTES_CUBE: on it; VOTES_REAL: real labels */
#ifdef VOTES_REAL
#define LAW .sample = sample
#elif defined(VOTES_CUBE)
#define LAW .weight = weight
#else
#define LAW .weight = weight, .points = points
#endif
SB_FAMILY(.name = "votes", .summary = "labels by votes", .source = "a test",
          .recover = "the member's number", .params = params, .create = create, .destroy = free,
          .label = label, .value = value, LAW);
