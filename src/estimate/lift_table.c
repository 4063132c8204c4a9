/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of lifted queries: the forms, pattern by pattern, and means under a law of the base. */
#include "estimate/lift_table.h"

#include "base/memory.h"
#include "estimate/lift_full.h"
#include "estimate/lift_line.h"
#include "estimate/points.h"
#include "numeric/sum.h"
#include "query/eval.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* ---- without the label ---- */

/* e at patterns start .. start+n-1 of the forms; columns: room for n_leaves of SB_BLOCK. */
static void evaluate(const struct sb_signs *signs, struct sb_program *program, uint64_t start,
                     uint64_t n, double *columns, double *out)
{
    const double *x[SB_SIGN_COLUMNS + 1];
    double leaf[SB_SIGN_COLUMNS] = { 0 };
    const struct sb_block block = { .n = n, .dim = signs->n_leaves, .x = x };

    for (uint64_t i = 0; i < n; i++) {
        sb_signs_leaves(signs, start + i, leaf);
        for (uint32_t k = 0; k < signs->n_leaves; k++)
            columns[k * SB_BLOCK + i] = leaf[k];
    }
    for (uint32_t k = 0; k <= signs->n_leaves; k++)
        x[k] = columns + k * SB_BLOCK;
    sb_program_run(program, &block, out);
}

static int without_label(const struct sb_lift_query *query, const struct sb_signs *signs,
                         double *value)
{
    const uint64_t size = UINT64_C(1) << signs->forms.n;
    struct sb_program *program = sb_program_new(signs->rest, signs->e);
    double *columns SB_FREE = SB_NEW_ARRAY(double, (signs->n_leaves + 1) * (size_t)SB_BLOCK);
    int error = program && columns ? 0 : -ENOMEM;

    for (uint64_t start = 0; start < size && !error; start += SB_BLOCK) {
        evaluate(signs, program, start, size - start < SB_BLOCK ? size - start : SB_BLOCK, columns,
                 value + start);
        if (sb_fuse_blown(query->fuse))
            error = -ETIME;
    }
    sb_program_free(program);
    return error;
}

/* ---- the whole ---- */

/* Coordinates behind the base's have signs that nothing depends on. Their forms come last, for they have the
 * highest bits: means over these. */
static void fold(struct sb_lift_table *t, uint32_t dim)
{
    while (t->forms.n && t->forms.form[t->forms.n - 1] >> dim) {
        const uint64_t half = UINT64_C(1) << --t->forms.n;

        t->forms.pivots &= (UINT64_C(1) << dim) - 1;
        for (uint32_t l = 0; l < t->n_labels; l++)
            for (uint64_t a = 0; a < half; a++)
                t->value[l * half + a] =
                    (t->value[2 * l * half + a] + t->value[(2 * l + 1) * half + a]) / 2;
    }
}

static int fill(const struct sb_lift_query *query, const struct sb_signs *signs,
                struct sb_lift_table *t)
{
    const uint64_t size = UINT64_C(1) << signs->forms.n;
    const bool quadrature = signs->label || signs->n_full;
    int error;

    if (signs->forms.n > (quadrature ? SB_LIFT_PATTERNS_BITS : SB_LIFT_FORMS_BITS) ||
        signs->n_full > 1)
        return 1;
    t->value = SB_NEW_ARRAY(double, t->n_labels *size);
    if (!t->value)
        return -ENOMEM;
    t->half_width = 0x1p-50 * query->size;
    if (signs->n_full)
        return sb_lift_full_means(query, signs, t->value, &t->half_width);
    if (signs->label)
        return sb_lift_line_means(query, signs, t->value, &t->half_width);
    error = without_label(query, signs, t->value);
    for (uint32_t l = 1; l < t->n_labels; l++)
        memcpy(t->value + l * size, t->value, size * sizeof *t->value);
    return error;
}

int sb_lift_table_new(const struct sb_lift_query *query, struct sb_lift_table *out)
{
    const struct sb_space *base = &query->lifting->base->space;
    struct sb_signs signs;
    int r;

    *out = (struct sb_lift_table){ .n_labels = (uint32_t)base->n_labels };
    if (base->domain != SB_CUBE || !(query->size <= 0x1p20))
        return 1;
    r = sb_signs_find(query->pool, query->expr, &signs);
    if (r)
        return r;
    out->forms = signs.forms;
    out->label = signs.label;
    r = fill(query, &signs, out);
    if (!r)
        fold(out, base->dim);
    else
        sb_lift_table_fini(out);
    sb_signs_fini(&signs);
    return r;
}

void sb_lift_table_fini(struct sb_lift_table *table)
{
    free(table->value);
    table->value = NULL;
}

/* ---- means ---- */

/* The character chi as one of the table's: the bits of a whose parity it is. False: it is none of them. */
static bool is_seen(const struct sb_forms *forms, uint64_t chi, uint64_t *which_out)
{
    uint64_t which = 0, sum = 0;

    for (uint32_t j = 0; j < forms->n; j++) {
        const int pivot = 63 - __builtin_clzll(forms->form[j]);

        if (chi >> pivot & 1) {
            which |= UINT64_C(1) << j;
            sum ^= forms->form[j];
        }
    }
    *which_out = which;
    return sum == chi;
}

/* Pr[label l | x] = alpha + beta chi(x) */
static double mean_of_parity(const struct sb_lift_table *t, const struct sb_law *law)
{
    const uint64_t size = UINT64_C(1) << t->forms.n;
    struct sb_sum sum = { 0 };
    uint64_t which;
    const bool seen = is_seen(&t->forms, law->chi, &which);
    double ignored;

    for (uint32_t l = 0; l < t->n_labels; l++)
        for (uint64_t a = 0; a < size; a++) {
            const double chi = !seen ? 0 : __builtin_parityll(a & which) ? -1 : 1;

            sb_sum_add(&sum, (law->alpha[l] + law->beta[l] * chi) * t->value[l * size + a]);
        }
    return sb_sum_value(&sum, &ignored) / (double)size;
}

uint64_t sb_lift_table_pattern(const struct sb_forms *forms, uint64_t x)
{
    uint64_t a = 0;

    for (uint32_t j = 0; j < forms->n; j++)
        a |= (uint64_t)__builtin_parityll(x & forms->form[j]) << j;
    return a;
}

/* By the weights at every point of the base's cube. */
static double mean_over_cube(const struct sb_lift_table *t, const struct sb_law *law)
{
    const uint64_t size = UINT64_C(1) << law->dim;
    uint64_t bits[SB_BLOCK], place[SB_BLOCK];
    struct sb_sum sum = { 0 };
    double w[SB_BLOCK], ignored;

    for (uint64_t start = 0; start < size; start += SB_BLOCK) {
        const uint64_t n = size - start < SB_BLOCK ? size - start : SB_BLOCK;
        const struct sb_block block = {
            .struct_size = sizeof block, .dim = law->dim, .n = n, .bits = bits
        };

        for (uint64_t i = 0; i < n; i++) {
            bits[i] = start + i;
            place[i] = sb_lift_table_pattern(&t->forms, start + i);
        }
        for (uint32_t l = 0; l < t->n_labels; l++) {
            sb_law_weights(law, &block, l, w);
            for (uint64_t i = 0; i < n; i++)
                sb_sum_add(&sum, w[i] * t->value[(uint64_t)l << t->forms.n | place[i]]);
        }
    }
    return sb_sum_value(&sum, &ignored) / (double)size;
}

static double mean_without_label(const struct sb_lift_table *t)
{
    const uint64_t size = UINT64_C(1) << t->forms.n;
    struct sb_sum sum = { 0 };
    double ignored;

    for (uint64_t a = 0; a < size; a++)
        sb_sum_add(&sum, t->value[a]);
    return sb_sum_value(&sum, &ignored) / (double)size;
}

static bool is_parity(const struct sb_law *law)
{
    return !law->class && !law->pos && !law->neg;
}

bool sb_lift_table_has_means(const struct sb_lift_table *table, const struct sb_family *base)
{
    struct sb_law null, member;

    if (!table->label || base->space.dim <= SB_WHOLE_DOMAIN_BITS)
        return true;
    base->null_law(base, &null);
    base->law(base, 0, false, &member);
    return is_parity(&null) && is_parity(&member);
}

int sb_lift_table_mean(const struct sb_lift_table *table, const struct sb_law *base, double *out)
{
    if (!table->label)
        *out = mean_without_label(table);
    else if (is_parity(base))
        *out = mean_of_parity(table, base);
    else if (base->dim <= SB_WHOLE_DOMAIN_BITS)
        *out = mean_over_cube(table, base);
    else
        return 1;
    return 0;
}
