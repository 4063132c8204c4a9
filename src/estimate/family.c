/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families: making and unmaking one; every member's value of a query. */
#include "estimate/family.h"

#include "base/memory.h"
#include "numeric/table.h"
#include "query/eval.h"

#include <errno.h>

int sb_family_new(const struct sb_family_class *class, const struct sb_values *params,
                  struct sb_family **out, struct sb_diag *diag)
{
    struct sb_family *family = SB_NEW(struct sb_family);
    int error;

    if (!family)
        return -ENOMEM;
    family->class = class;
    family->params = params;
    error = class->create(params, family, diag);
    if (error) {
        free(family);
        return error;
    }
    *out = family;
    return 0;
}

void sb_family_law(const struct sb_family *family, struct sb_hidden hidden, bool clean,
                   struct sb_law *out)
{
    if (hidden.planted)
        family->law(family, hidden.member, clean, out);
    else
        family->null_law(family, out);
}

void sb_family_free(struct sb_family *family)
{
    if (!family)
        return;
    if (family->class->destroy)
        family->class->destroy(family);
    free(family);
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

int sb_family_values_of(const struct sb_family *family, double *table, bool clean, double *out,
                        double *second, double *half_width_out)
{
    const uint64_t size = UINT64_C(1) << family->space.dim;
    const double *const f[2] = { table, table + size };
    double second_half_width = 0;
    int error = family->values(family, clean, f, out, half_width_out);

    if (!error && second) {
        square(table, 2 * size);
        error = family->values(family, clean, f, second, &second_half_width);
        second_half_width += 0x1p-53; /* squaring rounds; |f| <= 1 */
        if (second_half_width > *half_width_out)
            *half_width_out = second_half_width;
    }
    return error;
}

int sb_family_values(const struct sb_family *family, const struct sb_pool *pool, sb_expr expr,
                     bool clean, double *out, double *second, double *half_width_out)
{
    const uint64_t size = UINT64_C(1) << family->space.dim;
    double *table SB_FREE = NULL;
    int error = sb_table_new(family->space.dim + 1, &table, NULL);

    if (!error)
        error = tabulate(&family->space, pool, expr, (double *const[2]){ table, table + size });
    if (!error)
        error = sb_family_values_of(family, table, clean, out, second, half_width_out);
    return error;
}
