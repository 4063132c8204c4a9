/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which labels are possible: the same at every point, or public functions of it. */
#include "query/space.h"

void sb_space_label(const struct sb_space *space, uint32_t l, const struct sb_block *block,
                    double *out)
{
    if (!space->n_labels) {
        space->labelling->at(space->labelling->self, l, block, out);
        return;
    }
    for (uint64_t i = 0; i < block->n; i++)
        out[i] = space->labels[l];
}

bool sb_space_label_range(const struct sb_space *space, double *lo_out, double *hi_out)
{
    const struct sb_labelling *labelling = space->labelling;

    if (space->n_labels) {
        *lo_out = space->labels[0];
        *hi_out = space->labels[space->n_labels - 1];
        return true;
    }
    if (!labelling || labelling->miss > 0)
        return false;
    *lo_out = labelling->lo;
    *hi_out = labelling->hi;
    return true;
}
