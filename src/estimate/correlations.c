/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers that bounds are made of. */
#include "estimate/correlations.h"

#include "base/memory.h"

void sb_correlations_fini(struct sb_correlations *k)
{
    if (k->correlational)
        sb_correlations_fini(k->correlational);
    free(k->correlational);
    free(k->level);
    free(k->matrix);
    *k = (struct sb_correlations){ 0 };
}

const struct sb_correlations *sb_correlations_at(const struct sb_correlations *k,
                                                 bool correlational)
{
    return correlational && k->correlational ? k->correlational : k;
}
