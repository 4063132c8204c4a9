/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Experiments in the catalog: found by name, read and checked. */
#include "cli/experiments.h"

#include "base/memory.h"
#include "cli/catalog.h"

#include <errno.h>
#include <stdio.h>

/* Found by name, or its recorded text under the name of its file. */
struct source {
    const char *name, *text; /* text NULL: that of the file which the name is of */
};

static int read_source(const struct source *source, const struct sb_learner_resolver *resolver,
                       struct sb_experiment **out, struct sb_diag *diag)
{
    char *path SB_FREE = NULL;
    int error;

    if (source->text)
        return sb_experiment_read_text(source->text, source->name, &sb_shipped_catalog, resolver,
                                       out, diag);
    error = sb_experiment_find(source->name, &path, diag);
    return error ? error : sb_experiment_read(path, &sb_shipped_catalog, resolver, out, diag);
}

static int open_source(const struct source *source, uint32_t isolation, struct sb_open *out,
                       struct sb_diag *diag)
{
    struct sb_open open = { .plugins = sb_plugins_new(isolation) };
    struct sb_learner_resolver resolver;
    int error = open.plugins ? 0 : -ENOMEM;

    if (!error) {
        resolver = sb_plugins_resolver(open.plugins);
        error = read_source(source, &resolver, &open.experiment, diag);
    }
    if (error)
        sb_close_experiment(&open);
    else
        *out = open;
    return error;
}

int sb_open_experiment(const char *name, uint32_t isolation, struct sb_open *out,
                       struct sb_diag *diag)
{
    const struct source source = { .name = name };

    return open_source(&source, isolation, out, diag);
}

int sb_open_recorded(const char *text, const char *file, uint32_t isolation, struct sb_open *out,
                     struct sb_diag *diag)
{
    const struct source source = { .name = file, .text = text };

    return open_source(&source, isolation, out, diag);
}

void sb_tell_isolation(const struct sb_open *open, uint32_t asked)
{
    const uint32_t got = sb_plugins_isolation(open->plugins);

    if (got != asked)
        fprintf(stderr,
                "statbed: this kernel has no %s: learners run with isolation '%s', and "
                "docs/isolation.md says what they can reach\n",
                got == SB_ISOLATION_PROCESS ? "system-call filters" : "Landlock",
                sb_isolation_name(got));
}

void sb_close_experiment(struct sb_open *open)
{
    sb_experiment_free(open->experiment);
    sb_plugins_free(open->plugins);
    *open = (struct sb_open){ 0 };
}

uint64_t sb_count_cells(const struct sb_experiment *experiment)
{
    return experiment->n_points * experiment->repeat;
}

static int add_experiment(uint32_t isolation, const char *name, struct sb_things *out)
{
    struct sb_open open;
    int error = sb_open_experiment(name, isolation, &open, NULL);

    if (error == -ENOMEM)
        return error;
    if (error)
        return sb_things_add(out, name, "(has mistakes: statbed validate tells which)");
    error = sb_things_add(out, name, open.experiment->claim);
    sb_close_experiment(&open);
    return error;
}

int sb_experiments_list(uint32_t isolation, bool with_summary, struct sb_things *out,
                        struct sb_diag *diag)
{
    struct sb_names names;
    int error = sb_experiment_list(&names);

    (void)diag;
    for (size_t i = 0; i < names.n && !error; i++)
        error = with_summary ? add_experiment(isolation, names.items[i], out)
                             : sb_things_add(out, names.items[i], NULL);
    sb_names_fini(&names);
    return error;
}

static void print_values(const char *section, const char *type, const struct sb_values *values,
                         struct sb_buf *out)
{
    sb_buf_printf(out, "  %-9s %s", section, type);
    for (size_t i = 0; i < values->n; i++)
        sb_buf_printf(out, "%s%s=%s",
                      i       ? ", "
                      : *type ? ": "
                              : "",
                      values->items[i].param->name, values->items[i].text);
    sb_buf_puts(out, "\n");
}

/* The first point stands for all; the labels say what the grid changes. */
static void print_point(const struct sb_point *p, struct sb_buf *out)
{
    print_values("family", p->family->name, &p->family_values, out);
    sb_buf_printf(out, "  %-9s %s\n", "policy", p->policy->name);
    print_values("oracle", p->access->name, &p->oracle_values, out);
    if (p->grants)
        sb_buf_printf(out, "  %-9s %s\n", "grant", p->grants_text);
    print_values("learner", p->learner_type, &p->learner_values, out);
    print_values("goal", p->goal->name, &p->goal_values, out);
    print_values("budget", "", &p->budget_values, out);
}

static void print_experiment(const struct sb_experiment *e, struct sb_buf *out)
{
    sb_buf_printf(out, "experiment %s\n  %s\n  file: %s\n  seed: %s\n", e->name,
                  e->claim ? e->claim : "", e->file,
                  e->fresh ? "fresh (drawn by each statbed run)" : e->seed);
    sb_buf_printf(out, "  %llu cells: %zu points, %llu repeats each\n\n",
                  (unsigned long long)sb_count_cells(e), e->n_points,
                  (unsigned long long)e->repeat);
    sb_buf_puts(out, e->n_points > 1 ? "  The first point\n" : "  The point\n");
    print_point(&e->points[0], out);
    if (e->n_points == 1)
        return;
    sb_buf_puts(out, "\n  The grid\n");
    for (size_t i = 0; i < e->n_points; i++)
        sb_buf_printf(out, "  %5zu  %s\n", i + 1, e->points[i].label);
}

bool sb_experiments_is_file(const char *name)
{
    return sb_name_ends(name, ".yaml");
}

int sb_experiments_show(uint32_t isolation, const char *name, struct sb_buf *out,
                        struct sb_diag *diag)
{
    struct sb_open open;
    int error = sb_open_experiment(name, isolation, &open, diag);

    if (error)
        return error;
    print_experiment(open.experiment, out);
    sb_close_experiment(&open);
    return 0;
}
