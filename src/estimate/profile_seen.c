/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles that a family makes itself, on the cube: the query's values where the forms or coordinates
 * that it sees vary. */
#include "estimate/profile_ways.h"

#include "base/memory.h"
#include "query/eval.h"
#include "query/reason.h"

#include <errno.h>

/* out[l * 2^n + a]: the query with label l at the point whose bits at the n places of `pivots` are those
 * of a, lowest first, and 0 elsewhere. 0, -ENOMEM or -ETIME. */
static int tabulate(const struct sb_profile_task *task, uint64_t pivots, double *out)
{
    const struct sb_space *space = &task->family->space;
    const uint64_t size = UINT64_C(1) << __builtin_popcountll(pivots);
    const uint32_t n_labels = (uint32_t)space->n_labels;
    struct sb_program *program = sb_program_new(task->pool, task->expr);
    double **f SB_FREE = SB_NEW_ARRAY(double *, n_labels);
    uint64_t bits[SB_BLOCK], x = 0;
    int error = program && f ? 0 : -ENOMEM;

    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = { .n = n, .bits = bits };

        for (uint64_t i = 0; i < n; i++, x = (x - pivots) & pivots)
            bits[i] = x;
        for (uint32_t l = 0; l < n_labels; l++)
            f[l] = out + l * size + start;
        sb_program_run_labels(program, &block, space->labels, n_labels, f);
        if (sb_fuse_blown(task->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    return error;
}

static uint64_t coordinates_of(const struct sb_forms *forms)
{
    uint64_t mask = 0;

    for (uint32_t j = 0; j < forms->n; j++)
        mask |= forms->form[j];
    return mask;
}

/* A callback sees all coordinates. */
static int find_forms(const struct sb_profile_task *task, struct sb_forms *out)
{
    const uint64_t all = (UINT64_C(1) << task->family->space.dim) - 1;
    int error = 0;

    if (task->expr)
        error = sb_expr_forms(task->pool, task->expr, out);
    else
        sb_forms_of_coordinates(all, out);
    if (!error && task->family->sight == SB_SIGHT_COORDINATES)
        sb_forms_of_coordinates(coordinates_of(out), out);
    return error;
}

/* The table with both labels, and all members where the family lists them. */
static bool is_cheap(const struct sb_profile_task *task, const struct sb_forms *forms)
{
    return sb_profile_is_cheap(task, UINT64_C(2) << forms->n) &&
           (task->family->sight == SB_SIGHT_FORMS ||
            sb_profile_is_cheap(task, task->family->n_members));
}

int sb_profile_seen(const struct sb_profile_task *task, struct sb_profile *out)
{
    const struct sb_family *family = task->family;
    struct sb_seen seen = { .clean = task->clean, .squares = task->squares };
    struct sb_forms forms;
    int error;

    if (!family->profile || family->space.n_labels != 2)
        return 1;
    error = find_forms(task, &forms);
    if (error)
        return error;
    if (forms.n > family->most_seen || !is_cheap(task, &forms))
        return 1;
    if (task->expr)
        error = sb_profile_room(out, UINT64_C(2) << forms.n, NULL);
    if (error)
        return error;
    seen.forms = &forms;
    seen.f[0] = out->scratch;
    seen.f[1] = out->scratch + (UINT64_C(1) << forms.n);
    if (task->expr)
        error = tabulate(task, forms.pivots, out->scratch);
    out->method = SB_TRANSFORM;
    return error ? error : family->profile(family, &seen, out);
}
