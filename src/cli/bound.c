/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the chosen calculators state of a case. */
#include "cli/bound.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Is `name` among the words of "spectral,szorenyi"? NULL: all are. */
static bool is_chosen(const char *list, const char *name)
{
    const size_t n = strlen(name);

    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, n) == 0 && (!at[n] || at[n] == ','))
            return true;
    }
    return !list;
}

static int unknown(const char *word, size_t n, struct sb_diag *diag)
{
    char *name SB_FREE = sb_strndup(word, n);
    const char *names[64], *near;
    size_t n_names = 0;

    if (!name)
        return -ENOMEM;
    for (; sb_bounds[n_names] && n_names < SB_COUNT(names); n_names++)
        names[n_names] = sb_bounds[n_names]->name;
    near = sb_nearest(name, names, n_names);
    return sb_diag_fail(diag, -EINVAL,
                        "bound: unknown calculator '%s'%s%s%s; see statbed list bounds", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int check_list(const char *list, struct sb_diag *diag)
{
    for (const char *at = list; at; at = strchr(at, ',')) {
        size_t n, i = 0;

        at += *at == ',';
        n = strcspn(at, ",");
        while (sb_bounds[i] &&
               (strlen(sb_bounds[i]->name) != n || strncmp(sb_bounds[i]->name, at, n) != 0))
            i++;
        if (!sb_bounds[i])
            return unknown(at, n, diag);
    }
    return 0;
}

/* "returns a hypothesis of zero-one loss at most 0.1" */
static void set_task(struct sb_bound_case *c)
{
    char max[32];

    sb_format_real(c->max, max);
    if (c->goal->goal == SB_PREDICT)
        snprintf(c->task, sizeof c->task, "returns a hypothesis of %s loss at most %s", c->loss,
                 max);
    else if (c->goal->goal == SB_LEARN)
        snprintf(c->task, sizeof c->task, "learns the distribution to total variation %s", max);
    else
        snprintf(c->task, sizeof c->task, "%s",
                 c->goal->goal == SB_DISTINGUISH ? "tells a member from the null"
                                                 : "names the hidden member");
    c->setting.task = c->task;
}

int sb_bound_case_state(struct sb_bound_case *c, struct sb_diag *diag)
{
    size_t n = 0;
    const int error = check_list(c->chosen, diag);

    if (error)
        return error;
    while (sb_bounds[n])
        n++;
    c->stated = SB_NEW_ARRAY(struct sb_bound_stated, n);
    if (!c->stated)
        return -ENOMEM;
    set_task(c);
    for (size_t i = 0; i < n; i++) {
        struct sb_bound_stated *stated = &c->stated[c->n_stated];

        if (!is_chosen(c->chosen, sb_bounds[i]->name))
            continue;
        if (!sb_bound_concerns(sb_bounds[i], &c->setting))
            continue;
        stated->class = sb_bounds[i];
        sb_bound_compute(stated->class, &c->setting, &stated->bound);
        c->n_stated++;
    }
    return 0;
}

void sb_bound_case_fini(struct sb_bound_case *c)
{
    free(c->stated);
    c->stated = NULL;
}

/* By more than rounding, or where nothing was needed so far. */
static bool is_stronger(const struct sb_bound *bound, const struct sb_bound *known)
{
    if (isnan(known->log2_queries))
        return !isnan(bound->log2_queries);
    return bound->log2_queries > known->log2_queries + 0x1p-30;
}

const struct sb_bound_stated *sb_bound_case_strongest(const struct sb_bound_case *c)
{
    const struct sb_bound_stated *best = NULL;

    for (size_t i = 0; i < c->n_stated; i++) {
        const struct sb_bound_stated *s = &c->stated[i];

        if (s->bound.applies && !s->bound.measure.elsewhere &&
            (!best || is_stronger(&s->bound, &best->bound)))
            best = s;
    }
    return best;
}

double sb_correlations_mean_ub(const struct sb_correlations *k)
{
    const double pairs = k->n * k->n;
    double sum = 0;

    if (k->n_levels) {
        for (size_t i = 0; i < k->n_levels; i++)
            sum += k->level[i].size * k->level[i].pairs;
        return sum / pairs * (1 + 0x1p-39 + (double)k->n_levels * 0x1p-52);
    }
    if (k->matrix) {
        const size_t n = (size_t)k->n;

        for (size_t i = 0; i < n * n; i++)
            sum += fabs(k->matrix[i]) + k->matrix_error;
        return sum / pairs * (1 + 0x1p-30);
    }
    return (k->diagonal_ub + (k->n - 1) * k->off_abs_ub) / k->n * (1 + 0x1p-50);
}

int sb_bound_put(struct sb_bound_case *c, const struct sb_args *args,
                 const struct sb_bound_writer *writer, bool first, struct sb_buf *out,
                 struct sb_diag *diag)
{
    int error;

    c->chosen = sb_args_value(args, "bound");
    error = sb_bound_case_state(c, diag);
    if (!error)
        writer->put(c, first, out);
    sb_bound_case_fini(c);
    return error;
}

int sb_bound_put_one(struct sb_bound_case *c, const struct sb_args *args,
                     const struct sb_bound_writer *writer, struct sb_buf *out, struct sb_diag *diag)
{
    int error;

    if (writer->begin)
        writer->begin(out);
    error = sb_bound_put(c, args, writer, true, out, diag);
    if (writer->end)
        writer->end(out);
    return error;
}
