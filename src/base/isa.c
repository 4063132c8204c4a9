/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the kernels' variants runs. */
#include "base/isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* SB_ISAS: not looked for yet */
static atomic_int in_use = SB_ISAS;

const char *sb_isa_name(enum sb_isa isa)
{
    static const char *const name[SB_ISAS] = { "baseline", "avx2", "avx512" };

    return name[isa];
}

bool sb_isa_has(enum sb_isa isa)
{
#ifdef SB_WITH_X86_ISAS
    if (isa == SB_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    if (isa == SB_ISA_AVX2)
        return __builtin_cpu_supports("avx2");
#endif
    return isa == SB_ISA_BASELINE;
}

void sb_isa_limit(enum sb_isa most)
{
    while (!sb_isa_has(most))
        most--;
    in_use = (int)most;
}

enum sb_isa sb_isa_named(const char *name)
{
    int i = 0;

    while (i < SB_ISAS && strcmp(name, sb_isa_name((enum sb_isa)i)) != 0)
        i++;
    return (enum sb_isa)i;
}

/* A name that is none is no limit: all variants give the same results. */
static enum sb_isa wanted(void)
{
    const char *name = getenv("STATBED_ISA");
    const enum sb_isa isa = name ? sb_isa_named(name) : SB_ISAS;

    return isa < SB_ISAS ? isa : SB_ISA_AVX512;
}

enum sb_isa sb_isa(void)
{
    if (in_use == SB_ISAS)
        sb_isa_limit(wanted());
    return (enum sb_isa)in_use;
}
