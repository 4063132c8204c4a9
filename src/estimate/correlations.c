/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers that bounds are made of. */
#include "estimate/correlations.h"

#include "base/memory.h"

void sb_correlations_fini(struct sb_correlations *k)
{
    free(k->level);
    free(k->matrix);
    *k = (struct sb_correlations){ 0 };
}
