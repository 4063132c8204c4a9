/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of an experiment as a table. Bounds are computed once a point: all its repeats share
 * them. */
#include "cli/dry_run.h"

#include "base/memory.h"
#include "runner/plan.h"
#include "runner/setting.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const state_words[] = {
    [SB_CELL_MISSING] = "missing",
    [SB_CELL_STALE] = "stale",
    [SB_CELL_CUT] = "cut short",
    [SB_CELL_DONE] = "done",
};

struct dry_run {
    const struct sb_experiment *experiment;
    const struct sb_run_options *options;
    struct sb_plan plan;
    struct sb_prediction *predictions; /* owned; by point, of those in the plan */
    bool *predicted;                   /* owned; by point */
    struct sb_buf *out;
    struct sb_diag *diag;
};

static void dry_run_fini(struct dry_run *d)
{
    sb_plan_fini(&d->plan);
    free(d->predictions);
    free(d->predicted);
}

/* A database that is not there yet, or has nothing in it yet, has done nothing. */
static bool is_there(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && (!S_ISREG(s.st_mode) || s.st_size > 0);
}

static int plan(struct dry_run *d, const char *path)
{
    struct sb_store *store = NULL;
    int error = is_there(path) ? sb_store_open(path, SB_STORE_READ, &store, d->diag) : 0;

    if (!error)
        error = sb_plan_init(d->experiment, store, d->options, &d->plan, d->diag);
    sb_store_close(store, NULL);
    return error;
}

static int predict(struct dry_run *d)
{
    int error = 0;

    d->predictions = SB_NEW_ARRAY(struct sb_prediction, d->experiment->n_points);
    d->predicted = SB_NEW_ARRAY(bool, d->experiment->n_points);
    if (!d->predictions || !d->predicted)
        return sb_diag_fail(d->diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < d->plan.n && !error; i++) {
        const size_t p = d->plan.cells[i].point;

        if (!d->predicted[p])
            error = sb_predict(&d->experiment->points[p], &d->predictions[p], d->diag);
        d->predicted[p] = true;
    }
    return error;
}

/* Widths of the columns that vary. */
struct widths {
    int cell, repeat, learner;
};

static int at_least(int width, size_t n)
{
    return n > (size_t)width ? (int)n : width;
}

static int digits(uint64_t n)
{
    return snprintf(NULL, 0, "%llu", (unsigned long long)n);
}

static struct widths measure(const struct dry_run *d)
{
    struct widths w = { .cell = (int)strlen("cell"),
                        .repeat = (int)strlen("repeat"),
                        .learner = (int)strlen("learner") };

    for (size_t i = 0; i < d->plan.n; i++) {
        const struct sb_planned *cell = &d->plan.cells[i];

        w.cell = at_least(w.cell, (size_t)digits(cell->number));
        w.repeat = at_least(w.repeat, (size_t)digits(cell->repeat));
        w.learner = at_least(w.learner, strlen(d->experiment->points[cell->point].learner_type));
    }
    return w;
}

/* "-" where no bound applies; no query is shown to be needed where guessing may do. */
static void print_queries(const struct sb_prediction *p, char log2_out[16], char queries_out[16])
{
    const bool guessing = p->bound && isnan(p->log2_queries);

    snprintf(log2_out, 16, "%s", "-");
    snprintf(queries_out, 16, "%s", guessing ? "0" : "-");
    if (!p->bound || guessing)
        return;
    snprintf(log2_out, 16, "%.3f", p->log2_queries);
    snprintf(queries_out, 16, "%.4g", exp2(p->log2_queries));
}

static void put_cells(const struct dry_run *d)
{
    const struct widths w = measure(d);

    sb_buf_printf(d->out, "%*s  state      %*s  %-*s  %8s  %9s  point\n", w.cell, "cell", w.repeat,
                  "repeat", w.learner, "learner", "log2_q", "queries");
    for (size_t i = 0; i < d->plan.n; i++) {
        const struct sb_planned *cell = &d->plan.cells[i];
        const struct sb_point *point = &d->experiment->points[cell->point];
        char log2_text[16], queries[16];

        print_queries(&d->predictions[cell->point], log2_text, queries);
        sb_buf_printf(d->out, "%*llu  %-9s  %*llu  %-*s  %8s  %9s  %s\n", w.cell,
                      (unsigned long long)cell->number, state_words[cell->state], w.repeat,
                      (unsigned long long)cell->repeat, w.learner, point->learner_type, log2_text,
                      queries, point->label[0] ? point->label : "-");
    }
}

/* "24 cells: 20 missing, 4 done; 20 to run" */
static void put_totals(const struct dry_run *d, const char *path)
{
    static const enum sb_cell_state order[] = { SB_CELL_MISSING, SB_CELL_CUT, SB_CELL_STALE,
                                                SB_CELL_DONE };
    size_t n[SB_COUNT(state_words)] = { 0 };
    const char *between = ": ";

    for (size_t i = 0; i < d->plan.n; i++)
        n[d->plan.cells[i].state]++;
    sb_buf_printf(d->out, "\n%s", d->experiment->name);
    if (d->options->n_shards)
        sb_buf_printf(d->out, ", shard %llu of %llu", (unsigned long long)d->options->shard,
                      (unsigned long long)d->options->n_shards);
    sb_buf_printf(d->out, ": %zu cells", d->plan.n);
    for (size_t i = 0; i < SB_COUNT(order); i++) {
        if (!n[order[i]])
            continue;
        sb_buf_printf(d->out, "%s%zu %s", between, n[order[i]], state_words[order[i]]);
        between = ", ";
    }
    sb_buf_printf(d->out, "; %zu to run; %s %s\n", d->plan.n_todo,
                  is_there(path) ? "in" : "not there yet:", path);
}

/* The bounds that were used, once each. */
static void put_bounds(const struct dry_run *d)
{
    const char *between =
        "log2_q, queries: the least with which any learner reaches goal.success, at "
        "the tolerance granted (sampled answers leave less of it), by ";

    for (size_t b = 0; sb_bounds[b]; b++) {
        bool used = false;

        for (size_t i = 0; i < d->plan.n && !used; i++)
            used = d->predictions[d->plan.cells[i].point].bound == sb_bounds[b];
        if (!used)
            continue;
        sb_buf_printf(d->out, "%s%s %s", between, sb_bounds[b]->name, sb_bounds[b]->theorem);
        between = "; ";
    }
    if (strcmp(between, "; ") == 0)
        sb_buf_puts(d->out, "\n");
}

/* Why no bound applies, and to how many cells. */
struct reason {
    const char *why;
    size_t n;
};

static void count_reason(struct reason *reasons, size_t *n, const char *why)
{
    size_t i = 0;

    while (i < *n && strcmp(reasons[i].why, why) != 0)
        i++;
    if (i == *n)
        reasons[(*n)++] = (struct reason){ .why = why };
    reasons[i].n++;
}

/* Each reason once. */
static int put_reasons(const struct dry_run *d)
{
    struct reason *reasons SB_FREE = SB_NEW_ARRAY(struct reason, d->experiment->n_points);
    size_t n = 0;

    if (!reasons)
        return sb_diag_fail(d->diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < d->plan.n; i++) {
        const struct sb_prediction *p = &d->predictions[d->plan.cells[i].point];

        if (!p->bound)
            count_reason(reasons, &n, p->why);
    }
    for (size_t i = 0; i < n; i++)
        sb_buf_printf(d->out, "no bound for %zu cells: %s\n", reasons[i].n, reasons[i].why);
    return 0;
}

int sb_dry_run(const struct sb_experiment *experiment, const struct sb_run_options *options,
               const char *path, struct sb_buf *out, struct sb_diag *diag)
{
    struct dry_run d = { .experiment = experiment, .options = options, .out = out, .diag = diag };
    int error = plan(&d, path);

    if (!error)
        error = predict(&d);
    if (!error) {
        put_cells(&d);
        put_totals(&d, path);
        put_bounds(&d);
        error = put_reasons(&d);
    }
    dry_run_fini(&d);
    return error;
}
