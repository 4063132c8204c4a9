/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families off the cube, by the parameter `over`:
 *   residues    x uniform over Z_7^d, label -1 or 1 by the half in which <s,x> mod 7 lies, with noise
 *   halfspaces  x near Gaussian, label the sign of <s,x>, s a vector of signs, with noise
 *   real        the same x, y = <s,x> / d + noise * a uniform number; the null's <s,x> is another's
 * With skew: 1 the sampler's first coordinate is not that of points(). */
#ifdef FROZEN
#include "family_1_0.h"
#elif defined FROZEN_1_1
#include "family_1_1.h"
#else
#include <statbed/family.h>
#endif

#include <stdlib.h>
#include <string.h>

enum { Q = 7 };

struct family {
    uint32_t dim;
    uint64_t n_members;
    double noise;
    int residues, real, skew;
};

static const double labels[2] = { -1, 1 };

/* Entry j of member i's vector: a digit to base Q, or a sign. */
static double entry(const struct family *f, uint64_t i, uint32_t j)
{
    if (!f->residues)
        return i >> j & 1 ? -1 : 1;
    while (j--)
        i /= Q;
    return (double)(i % Q);
}

static double product_of(const struct family *f, uint64_t member, double *const *x, uint64_t i)
{
    double sum = 0;

    for (uint32_t j = 0; j < f->dim; j++)
        sum += entry(f, member, j) * x[j][i];
    return sum;
}

static double label_at(const struct family *f, uint64_t member, double *const *x, uint64_t i)
{
    const double p = product_of(f, member, x, i);

    if (f->real)
        return p / f->dim;
    return (f->residues ? (int64_t)p % Q < (Q + 1) / 2 : p >= 0) ? 1 : -1;
}

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = label_at(self, member, (double *const *)(uintptr_t)block->x, i);
}

static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    const struct family *f = self;

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = member == SB_NULL ? 0.5
                 : label_at(f, member, (double *const *)(uintptr_t)block->x, i) == labels[l]
                     ? 1 - f->noise
                     : f->noise;
}

/* Twelve uniform numbers less 6 a coordinate, or one residue. */
static void draw_x(const struct family *f, const struct sb_stream *stream,
                   const struct sb_draw *out)
{
    double u[1024];

#ifdef GAUSSIAN
    for (uint32_t j = 0; !f->residues && j < f->dim; j++)
        stream->gauss(stream->self, j, out->x[j]);
    if (!f->residues)
        return;
#endif
    for (uint32_t j = 0; j < f->dim; j++) {
        for (uint64_t i = 0; i < out->n; i++)
            out->x[j][i] = f->residues ? 0 : -6;
        for (uint32_t k = 0; k < (f->residues ? 1 : 12); k++) {
            stream->uniform(stream->self, (uint64_t)j * 12 + k, u);
            for (uint64_t i = 0; i < out->n; i++)
                out->x[j][i] += f->residues ? (double)(int)(u[i] * Q) : u[i];
        }
    }
}

#ifndef GAUSSIAN
static void points(const void *self, const struct sb_stream *stream, const struct sb_draw *out)
{
    draw_x(self, stream, out);
}
#endif

static void sample(const void *self, uint64_t member, const struct sb_stream *stream,
                   const struct sb_draw *out)
{
    const struct family *f = self;
    const uint64_t label_column = (uint64_t)f->dim * 12;

    draw_x(f, stream, out);
    for (uint64_t i = 0; f->skew && member != SB_NULL && i < out->n; i++)
        out->x[0][i] = f->residues ? (double)((int)out->x[0][i] / 2) : out->x[0][i] + 0.3;
    stream->uniform(stream->self, label_column, out->y);
    for (uint64_t i = 0; i < out->n; i++) {
        const uint64_t of = member == SB_NULL ? 0 : member;
        const double rate = member == SB_NULL ? 0.5 : f->noise;
        const double clean = label_at(f, of, out->x, i);

        if (f->real)
            out->y[i] = clean + f->noise * out->y[i];
        else
            out->y[i] = out->y[i] < rate ? -clean : clean;
    }
}

static void value(const void *self, uint64_t member, double *out)
{
    for (uint32_t j = 0; j < ((const struct family *)self)->dim; j++)
        out[j] = entry(self, member, j);
}

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    const char *over = host->param_text(host->self, "over");
    struct family *f = calloc(1, sizeof *f);

    if (!f)
        return host->fail(host->self, "out of memory");
    f->dim = (uint32_t)host->param_int(host->self, "dimension");
    f->noise = host->param_real(host->self, "noise");
    f->skew = host->param_int(host->self, "skew") != 0;
    f->residues = strcmp(over, "residues") == 0;
    f->real = strcmp(over, "real") == 0;
    f->n_members = 1;
    for (uint32_t j = 0; j < f->dim; j++)
        f->n_members *= f->residues ? Q : 2;
    facts->domain = f->residues ? SB_ZQ : SB_GAUSS;
    facts->dim = f->dim;
    facts->modulus = Q;
    facts->n_members = f->n_members;
    facts->n_labels = f->real ? 0 : 2;
    facts->label_set = f->real ? NULL : labels;
    facts->n_value = f->dim;
    *self_out = f;
    return 0;
}

static const struct sb_param params[] = {
    { "over", SB_TEXT, 0, "residues", "residues|halfspaces|real", "which of them" },
    { "dimension", SB_INT, 0, "3", "[1,8]", "number of coordinates" },
    { "noise", SB_REAL, 0, "0.1", "[0,0.5)", "rate" },
    { "skew", SB_BOOL, 0, "false", NULL, "a wrong marginal" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

/* GAUSSIAN: its halfspaces are over statbed's own Gaussian x; FROZEN: built against version 1.0 */
#ifdef GAUSSIAN
#define POINTS NULL
#else
#define POINTS points
#endif
SB_FAMILY(.name = "domains", .summary = "families off the cube", .source = "a test",
          .recover = "the vector", .params = params, .create = create, .destroy = free,
          .label = label, .weight = weight, .points = POINTS, .sample = sample, .value = value);
