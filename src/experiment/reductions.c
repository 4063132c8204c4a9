/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands between learner and oracle: `reduction: lift`, at the top level, of all points alike. */
#include "experiment/work.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { NAMES_MAX = 32 };

static int fail_name(const struct sb_point_reader *reader, const struct sb_yaml *value)
{
    const struct sb_reduction_class *const *classes = reader->catalog->reductions;
    const char *names[NAMES_MAX] = { SB_NO_REDUCTION };
    const char *near;
    size_t n = 1;

    for (; classes && classes[n - 1] && n < NAMES_MAX; n++)
        names[n] = classes[n - 1]->name;
    near = sb_nearest(value->text, names, n);
    return sb_mistake(reader->mistakes, value->line, value->column,
                      "experiment: unknown reduction '%s'%s%s%s; see statbed list reductions",
                      strpbrk(value->text, "\n\t") ? "..." : value->text,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int sb_reduction_read(struct sb_point_reader *reader, const struct sb_yaml *root)
{
    const struct sb_yaml_entry *e = sb_yaml_find(root, "reduction");

    reader->gap_at = sb_yaml_find(root, "gap");
    if (!e)
        return 0;
    reader->reduction_at = e;
    reader->reduction_unknown = true;
    if (e->value->flawed)
        return -EINVAL;
    if (e->value->kind != SB_YAML_SCALAR)
        return sb_mistake(reader->mistakes, e->value->line, e->value->column,
                          "experiment: reduction expects one value, found %s",
                          sb_yaml_found(e->value));
    reader->reduction = sb_reduction_find(reader->catalog->reductions, e->value->text);
    if (!reader->reduction && strcmp(e->value->text, SB_NO_REDUCTION) != 0)
        return fail_name(reader, e->value);
    reader->reduction_unknown = false;
    return 0;
}

int sb_reduction_check_gap(const struct sb_point_reader *reader)
{
    const struct sb_yaml_entry *at = reader->gap_at;

    if (!(reader->gap > 0) || reader->reduction || reader->reduction_unknown)
        return 0;
    return sb_mistake(reader->mistakes, at->value->line, at->value->column,
                      "experiment: gap goes with a reduction (reduction: lift): without one what "
                      "the learner returns is its answer");
}

/* The gap is of the test that says what is hidden. */
static int check_gap(struct sb_work *w, bool goal_known)
{
    const struct sb_yaml_entry *at = w->reader->gap_at;

    if (!(w->reader->gap > 0) || !goal_known || w->point->goal->goal == SB_DISTINGUISH)
        return 0;
    return sb_mistake(
        w->reader->mistakes, at->value->line, at->value->column,
        "gap: goes with goal distinguish, where a test of the learner's predictor says "
        "what is hidden; the goal is %s",
        w->point->goal->name);
}

int sb_reduction_check(struct sb_work *w, const struct sb_family *family, bool goal_known)
{
    const struct sb_point *p = w->point;
    const struct sb_yaml *at = w->reader->reduction_at->value;
    const struct sb_value *queries = sb_values_find(&p->budget_values, "queries");
    const struct sb_oracle_setup oracle = { .access = p->access,
                                            .policy = p->policy,
                                            .values = &p->oracle_values,
                                            .grants = p->grants,
                                            .budget = queries ? (uint64_t)queries->i : 1 };
    const struct sb_reduction_setup setup = { .family = family,
                                              .oracle = &oracle,
                                              .goal = goal_known ? p->goal->goal : 0,
                                              .gap = w->reader->gap };
    struct sb_reduction reduction;
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = sb_reduction_init(w->reader->reduction, &setup, &reduction, &diag);
    for (size_t i = 0; error == -EINVAL && i < diag.n_items; i++)
        sb_mistake_of_point(w->reader->mistakes, at->line, at->column, w->label,
                            diag.items[i].text);
    if (error && error != -EINVAL)
        sb_mistakes_worse(w->reader->mistakes, error);
    sb_reduction_fini(&reduction);
    sb_diag_fini(&diag);
    return error ? error : check_gap(w, goal_known);
}
