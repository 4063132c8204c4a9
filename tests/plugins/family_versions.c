/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family built against another family.h: its descriptor and its parameters have fields that this
 * statbed does not know, and its head says what the macros do. Dictators: the label is coordinate i. */
#include <statbed/family.h>

#ifndef MAJOR
#define MAJOR SB_FAMILY_ABI_MAJOR
#endif
#ifndef BYTES
#define BYTES sizeof(struct later_family)
#endif
#ifndef PARAM_BYTES
#define PARAM_BYTES sizeof(struct later_param)
#endif

struct later_param {
    struct sb_param param;
    double more[3];
};
struct later_family {
    struct sb_family_plugin family;
    const void *more[5];
};

static const double labels[2] = { 0, 1 };

static void label(const void *self, uint64_t member, const struct sb_block *block, double *out)
{
    (void)self;
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = (double)(block->bits[i] >> member & 1);
}

static void weight(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out)
{
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0.5;
    if (member == SB_NULL)
        return;
    label(self, member, block, out);
    for (uint64_t i = 0; i < block->n && l == 0; i++)
        out[i] = 1 - out[i];
}

static void value(const void *self, uint64_t member, double *out)
{
    (void)self;
    *out = (double)member;
}

static int32_t create(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out)
{
    facts->domain = SB_CUBE;
    facts->dim = (uint32_t)host->param_int(host->self, "dimension");
    facts->n_members = facts->dim;
    facts->n_labels = 2;
    facts->label_set = labels;
    facts->n_value = (uint64_t)host->param_int(host->self, "numbers");
    *self_out = 0;
    return 0;
}

static const struct later_param params[] = {
    { { "dimension", SB_INT, 0, "5", "[1,63]", "number of coordinates" }, { 1, 2, 3 } },
    { { "numbers", SB_INT, 0, "1", "[1,1]", "that name a member" }, { 4, 5, 6 } },
    { { NULL, 0, 0, NULL, NULL, NULL }, { 0 } }
};

SB_EXPORT const struct later_family statbed_family;
const struct later_family statbed_family = { { .abi_major = MAJOR,
                                               .abi_minor = SB_FAMILY_ABI_MINOR + 7,
                                               .struct_size = BYTES,
                                               .param_size = PARAM_BYTES,
                                               .name = "versions",
                                               .summary = "dictators of a later version",
                                               .source = "a test",
                                               .recover = "the coordinate",
                                               .params = &params[0].param,
                                               .create = create,
                                               .label = label,
                                               .weight = weight,
                                               .value = value },
                                             { labels, labels, labels, labels, labels } };
