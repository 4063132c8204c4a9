/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms over {0,1}^n. */
#include "numeric/transform.h"

#include "numeric/kernels.h"

void sb_walsh_hadamard(uint32_t n, double *a)
{
    static void (*const variant[SB_ISAS])(uint32_t, double *) = SB_ISA_TABLE(sb_walsh_hadamard);

    variant[sb_isa()](n, a);
}
