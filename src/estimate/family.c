/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families: making and unmaking one. */
#include "estimate/family.h"

#include "base/memory.h"
#include "estimate/unambiguous.h"

#include <errno.h>

int sb_family_new(const struct sb_family_class *class, const struct sb_values *params,
                  struct sb_family **out, struct sb_diag *diag)
{
    struct sb_family *family = SB_NEW(struct sb_family);
    int error;

    if (!family)
        return -ENOMEM;
    family->class = class;
    family->params = params;
    family->unambiguous_ub = 1;
    error = class->create(params, family, diag);
    if (error) {
        free(family);
        return error;
    }
    *out = family;
    return 0;
}

void sb_family_law(const struct sb_family *family, struct sb_hidden hidden, bool clean,
                   struct sb_law *out)
{
    if (hidden.planted)
        family->law(family, hidden.member, clean, out);
    else
        family->null_law(family, out);
}

void sb_family_free(struct sb_family *family)
{
    if (!family)
        return;
    if (family->class->destroy)
        family->class->destroy(family);
    free(family);
}

size_t sb_family_vectors(const struct sb_family *family,
                         struct sb_public_vector out[SB_VECTORS_MAX])
{
    return family->vectors ? family->vectors(family, out, SB_VECTORS_MAX) : 0;
}

size_t sb_family_facts(const struct sb_family *family, struct sb_fact out[SB_FACTS_MAX])
{
    const size_t n = family->facts ? family->facts(family, out, SB_FACTS_MAX) : 0;

    return n + sb_unambiguous_facts(family, out + n, SB_FACTS_MAX - n);
}
