/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the kernels' variants runs. A kernel is a file of loops that is compiled once for each
 * instruction set, by SB_ISA_NAME() under a name of its own each time; a table indexed by sb_isa()
 * chooses. All variants give the same bits: the sources are the same operations in the same order,
 * and nothing is contracted (docs/architecture.md). */
#ifndef SB_BASE_ISA_H
#define SB_BASE_ISA_H

#include <stdbool.h>

enum sb_isa {
    SB_ISA_BASELINE, /* what the compiler takes for granted: SSE2, or NEON */
    SB_ISA_AVX2,
    SB_ISA_AVX512, /* F, DQ, VL, BW */
    SB_ISAS
};

/* The one in use: the best that the CPU has, unless STATBED_ISA names a lesser one. Asked for often,
 * and the same throughout the process. */
enum sb_isa sb_isa(void);
/* For tests: from now on the best that is at most `most`. */
void sb_isa_limit(enum sb_isa most);
/* Does the CPU have it, and was it compiled? */
bool sb_isa_has(enum sb_isa isa);
const char *sb_isa_name(enum sb_isa isa); /* "baseline", "avx2", "avx512" */
/* The one of this name, or SB_ISAS. */
enum sb_isa sb_isa_named(const char *name);

/* In a kernel file, compiled with -DSB_ISA=avx2 and the like: SB_ISA_NAME(f) is f_avx2. */
#define SB_ISA_PASTE2(name, isa) name##_##isa
#define SB_ISA_PASTE(name, isa) SB_ISA_PASTE2(name, isa)
#define SB_ISA_NAME(name) SB_ISA_PASTE(name, SB_ISA)

/* A table of one function's variants: SB_ISA_TABLE(f) is { f_baseline, f_avx2, f_avx512 }. */
#ifdef SB_WITH_X86_ISAS
#define SB_ISA_TABLE(name)                                                                         \
    {                                                                                              \
        name##_baseline, name##_avx2, name##_avx512                                                \
    }
#else
#define SB_ISA_TABLE(name)                                                                         \
    {                                                                                              \
        name##_baseline, name##_baseline, name##_baseline                                          \
    }
#endif

#endif
