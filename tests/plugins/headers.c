/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uses all of the public headers; compiled as C99, C11 and C++17 with every warning an error. */
#include <statbed/family.h>
#include <statbed/learner.h>

static int32_t run(const struct sb_host *h, void *self)
{
    const double u[2] = { 0.0, 1.0 };
    uint64_t n = 0;
    double answer = 0.0;
    sb_expr e = sb_mul(h, sb_y(h), sb_chi(h, u, 2));

    (void)self;
    e = sb_add(h, e, sb_sub(h, sb_x(h, 1), sb_num(h, 0.5)));
    e = sb_eq(h, e, sb_step(h, sb_candidate(h, 3)));
    if (SB_HAS(h, family_vector) && h->family_vector(h->self, "directions", &n))
        e = sb_mul(h, e, sb_num(h, (double)n));
    return sb_ask1(h, sb_mul(h, e, sb_chi_mask(h, 5)), &answer) == SB_OK ? 0 : 1;
}

static const struct sb_param params[] = {
    { "count", SB_INT, 0, "5", "[1,9]", "a number" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "headers", "compiles", "a test", params, NULL, run, NULL);

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    static const double labels[2] = { -1.0, 1.0 };

    if (host->param_int(host->self, "count") > 8)
        return host->fail(host->self, "count is above 8");
    facts->domain = SB_CUBE;
    facts->dim = 8;
    facts->n_members = 8;
    facts->n_labels = 2;
    facts->label_set = labels;
    facts->n_value = 1;
    *self_out = NULL;
    return 0;
}

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = block->bits[i] >> member & 1 ? -1.0 : 1.0;
}

static void sample(const void *self, uint64_t member, const struct sb_stream *stream,
                   const struct sb_draw *out)
{
    stream->words(stream->self, 0, out->bits);
    stream->uniform(stream->self, 1, out->y);
    for (uint64_t i = 0; i < out->n; i++) {
        out->bits[i] &= 255;
        out->y[i] = (member == SB_NULL ? out->y[i] < 0.5 : out->bits[i] >> member & 1) ? -1.0 : 1.0;
    }
    (void)self;
}

static void product(const void *self, uint64_t member, int32_t clean, struct sb_product *out)
{
    (void)self;
    (void)clean;
    out->alpha[0] = out->alpha[1] = 0.5;
    out->beta[1] = member == SB_NULL ? 0.0 : 0.5;
    out->beta[0] = -out->beta[1];
    out->chi = member == SB_NULL ? 0 : UINT64_C(1) << member;
}

static void value(const void *self, uint64_t member, double *out)
{
    (void)self;
    out[0] = (double)member;
}

SB_FAMILY(SB_NOT_BITWISE, 0, "headers", "compiles", "a test", "its number", params, create, NULL,
          label, NULL, NULL, sample, product, NULL, NULL, value, NULL, NULL, NULL, NULL);
