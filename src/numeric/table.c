/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of 2^n doubles: whether there is room, and where it is. */
#include "numeric/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { VECTOR = 64 };
#define HUGE_PAGE (UINT64_C(1) << 21)

/* What the system could give without swapping; all that there could be where it does not say. */
static uint64_t free_bytes(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    unsigned long long kib = UINT64_MAX >> 10;
    char line[128];

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (uint64_t)kib << 10;
}

static uint64_t available(void)
{
    const uint64_t bytes = free_bytes();
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > bytes)
        return bytes;
    return limit.rlim_cur;
}

static double *allocate(uint64_t bytes)
{
    double *table;

    if (bytes < HUGE_PAGE)
        return aligned_alloc(VECTOR, bytes < VECTOR ? VECTOR : bytes);
    table = aligned_alloc(HUGE_PAGE, bytes);
    if (table)
        madvise(table, bytes, MADV_HUGEPAGE); /* a wish */
    return table;
}

int sb_table_new(uint32_t n, double **out, struct sb_diag *diag)
{
    const uint64_t bytes = n <= SB_TABLE_MOST_BITS ? (uint64_t)sizeof(double) << n : 0;
    const uint64_t room = bytes >= HUGE_PAGE ? available() : bytes;
    double *table;

    if (!bytes)
        return sb_diag_fail(diag, -ENOMEM, "a table of 2^%u numbers is too large: at most 2^%d", n,
                            SB_TABLE_MOST_BITS);
    table = bytes <= room ? allocate(bytes) : NULL;
    if (!table)
        return sb_diag_fail(diag, -ENOMEM,
                            "a table of 2^%u numbers needs %llu bytes of memory, and %llu are "
                            "available",
                            n, (unsigned long long)bytes, (unsigned long long)room);
    *out = table;
    return 0;
}
