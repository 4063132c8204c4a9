/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which variant of the columns' kernel runs. */
#include "query/columns.h"

typedef void kernel(const uint64_t *bits, uint32_t dim, double *out);

static kernel *const variant[SB_ISAS] = SB_ISA_TABLE(sb_columns_of_bits);

void sb_columns_of_bits(const uint64_t *bits, uint32_t dim, double *out)
{
    variant[sb_isa()](bits, dim, out);
}
