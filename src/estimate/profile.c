/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member's value of a query. */
#include "estimate/profile.h"

#include "base/memory.h"
#include "estimate/estimate.h"
#include "numeric/table.h"
#include "query/eval.h"

#include <errno.h>
#include <string.h>

void sb_profile_init(struct sb_profile *profile)
{
    *profile = (struct sb_profile){ 0 };
}

void sb_profile_fini(struct sb_profile *profile)
{
    free(profile->scratch);
    free(profile->value);
    free(profile->second_room);
    free(profile->member_room);
    *profile = (struct sb_profile){ 0 };
}

static uint32_t bits_for(uint64_t n)
{
    uint32_t bits = 0;

    while (bits < 63 && UINT64_C(1) << bits < n)
        bits++;
    return bits;
}

int sb_profile_room(struct sb_profile *profile, uint64_t n, struct sb_diag *diag)
{
    const uint32_t bits = bits_for(n);
    double *grown;
    int error;

    if (n <= profile->cap_scratch)
        return 0;
    error = sb_table_new(bits, &grown, diag);
    if (error)
        return error;
    free(profile->scratch);
    profile->scratch = grown;
    profile->cap_scratch = UINT64_C(1) << bits;
    return 0;
}

/* room for n values, and second moments where they are wanted */
static int make_room(struct sb_profile *profile, uint64_t n, bool squares)
{
    double *grown = sb_grow(profile->value, &profile->cap_value, n, sizeof *grown);

    if (!grown)
        return -ENOMEM;
    profile->value = grown;
    if (squares) {
        grown = sb_grow(profile->second_room, &profile->cap_second, n, sizeof *grown);
        if (!grown)
            return -ENOMEM;
        profile->second_room = grown;
    }
    profile->second = squares ? profile->second_room : NULL;
    return 0;
}

/* f[l][x]: the query at every point of the cube, with every label */
static int tabulate(const struct sb_space *space, const struct sb_pool *pool, sb_expr expr,
                    double *const f[2])
{
    const uint64_t size = UINT64_C(1) << space->dim;
    struct sb_program *program = sb_program_new(pool, expr);
    uint64_t bits[SB_BLOCK];

    if (!program)
        return -ENOMEM;
    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { .n = n, .bits = bits };

        for (uint64_t i = 0; i < n; i++)
            bits[i] = start + i;
        sb_program_run_labels(program, &block, space->labels, 2,
                              (double *const[2]){ f[0] + start, f[1] + start });
    }
    sb_program_free(program);
    return 0;
}

static void square(double *f, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        f[i] *= f[i];
}

static int by_table(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    const uint64_t size = UINT64_C(1) << family->space.dim, n = family->n_members;
    double *const f[2] = { out->scratch, out->scratch + size };
    double *copy SB_FREE = NULL;
    int error = 0;

    if (task->squares) {
        error = sb_table_new(family->space.dim + 1, &copy, NULL);
        if (error)
            return error;
        memcpy(copy, out->scratch, 2 * size * sizeof *copy);
    }
    error = family->profile(family, task->clean, f, out);
    if (!error && task->squares) {
        const double first = out->half_width;
        double *const value = out->value;

        square(copy, 2 * size);
        out->value = out->second;
        error = family->profile(family, task->clean, (double *const[2]){ copy, copy + size }, out);
        out->value = value;
        out->half_width += 0x1p-53; /* squaring rounds; |f| <= 1 */
        if (first > out->half_width)
            out->half_width = first;
    }
    out->n = n;
    return error;
}

int sb_profile_of(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_space *space = &task->family->space;
    const uint64_t size = UINT64_C(1) << space->dim, n = task->family->n_members;
    int error = make_room(out, n, task->squares);

    if (!error && task->expr)
        error = sb_profile_room(out, 2 * (size > n ? size : n), NULL);
    if (!error && task->expr)
        error = tabulate(space, task->pool, task->expr,
                         (double *const[2]){ out->scratch, out->scratch + size });
    out->member = NULL;
    out->method = SB_TRANSFORM;
    out->samples = 0;
    return error ? error : by_table(task, out);
}

uint64_t sb_profile_find(const struct sb_profile *profile, uint64_t i)
{
    uint64_t lo = 0, hi = profile->n;

    if (!profile->member)
        return i;
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo) / 2;

        if (profile->member[mid] < i)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < profile->n && profile->member[lo] == i ? lo : UINT64_MAX;
}

double sb_profile_value(const struct sb_profile *profile, uint64_t i)
{
    const uint64_t at = sb_profile_find(profile, i);

    return at == UINT64_MAX ? profile->base : profile->value[at];
}
