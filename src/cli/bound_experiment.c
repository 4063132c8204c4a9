/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of an experiment: of every family, oracle, policy and goal of its grid, once each. */
#include "cli/bound.h"

#include "bounds/correlate.h"
#include "cli/experiments.h"
#include "runner/setting.h"

#include <errno.h>
#include <string.h>

/* A family that several points share, with its correlations, which may take a while to be had. */
struct loaded {
    struct sb_family *family;
    struct sb_correlations k;
};

static void unload(struct loaded *l)
{
    sb_correlations_fini(&l->k);
    sb_family_free(l->family);
}

static int load(struct loaded *l, const struct sb_point *point, struct sb_diag *diag)
{
    const struct sb_family *inner;
    const int error = sb_family_new(point->family, &point->family_values, &l->family, diag);

    if (error)
        return error;
    inner =
        sb_reduction_inner(point->reduction, l->family); /* there is one: the point was checked */
    return sb_correlations_of(inner, SB_EFFORT_FULL, &l->k, diag);
}

static bool same_family(const struct sb_point *a, const struct sb_point *b)
{
    return memcmp(&a->family_key, &b->family_key, sizeof a->family_key) == 0;
}

static bool same_values(const struct sb_values *a, const struct sb_values *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->items[i].param != b->items[i].param || strcmp(a->items[i].text, b->items[i].text))
            return false;
    return true;
}

static bool same_case(const struct sb_point *a, const struct sb_point *b)
{
    return same_family(a, b) && a->access == b->access && a->policy == b->policy &&
           a->grants == b->grants && same_values(&a->oracle_values, &b->oracle_values) &&
           a->goal == b->goal && same_values(&a->goal_values, &b->goal_values);
}

/* Which of several points stand for all: of those that are the same, the first. */
struct firsts {
    size_t *index, n; /* owned; room for all points */
};

/* Is no point before it the same? Points come in their order; it is then one of the firsts. */
static bool is_first(struct firsts *firsts, const struct sb_experiment *e, size_t i,
                     bool (*same)(const struct sb_point *a, const struct sb_point *b))
{
    for (size_t k = 0; k < firsts->n; k++)
        if (same(&e->points[firsts->index[k]], &e->points[i]))
            return false;
    firsts->index[firsts->n++] = i;
    return true;
}

static struct sb_bound_case case_of(const struct sb_point *point, const struct loaded *l)
{
    struct sb_bound_case c = {
        .family = point->family->name,
        .values = &point->family_values,
        .oracle = point->access->name,
        .policy = point->policy->name,
        .grants = point->grants_text,
        .goal = point->goal,
        .setting = sb_setting_of(point, l->family, &l->k),
    };

    if (sb_goal_has_loss(c.goal->goal)) {
        c.loss = sb_goal_loss_name(c.goal->goal, &point->goal_values);
        c.max = sb_values_real(&point->goal_values, "max");
    }
    return c;
}

struct writing {
    const struct sb_experiment *experiment;
    const struct sb_args *args;
    const struct sb_bound_writer *writer;
    struct sb_buf *out;
    struct sb_diag *diag;
};

/* All cases of the family of point number `first`. */
static int put_family(const struct writing *w, size_t first)
{
    const struct sb_point *points = w->experiment->points;
    size_t *index SB_FREE = SB_NEW_ARRAY(size_t, w->experiment->n_points);
    struct firsts cases = { .index = index };
    struct loaded loaded = { 0 };
    int error = index ? load(&loaded, &points[first], w->diag) : -ENOMEM;

    for (size_t i = first; i < w->experiment->n_points && !error; i++) {
        struct sb_bound_case c;

        if (!same_family(&points[first], &points[i]) ||
            !is_first(&cases, w->experiment, i, same_case))
            continue;
        c = case_of(&points[i], &loaded);
        error = sb_bound_queries(w->args, &c, w->diag);
        if (!error)
            error = sb_bound_put(&c, w->args, w->writer, i == 0, w->out, w->diag);
    }
    unload(&loaded);
    return error;
}

static int put_families(const struct writing *w)
{
    size_t *index SB_FREE = SB_NEW_ARRAY(size_t, w->experiment->n_points);
    struct firsts families = { .index = index };
    int error = index ? 0 : -ENOMEM;

    for (size_t i = 0; i < w->experiment->n_points && !error; i++)
        if (is_first(&families, w->experiment, i, same_family))
            error = put_family(w, i);
    return error;
}

/* The experiment says itself what the other options would. */
static int check_options(const struct sb_args *args, struct sb_diag *diag)
{
    static const char *const own[] = { "oracle", "tolerance", "t",   "lambda",  "rule", "range",
                                       "goal",   "loss",      "max", "success", "noise" };

    if (args->n_operands > 1)
        return sb_diag_fail(diag, -EINVAL,
                            "bound: an experiment has its parameters itself, found '%s'",
                            args->operands[1]);
    for (size_t i = 0; i < SB_COUNT(own); i++)
        if (sb_args_given(args, own[i]))
            return sb_diag_fail(
                diag, -EINVAL,
                "bound: an experiment has its family, oracle and goal itself; leave "
                "out --%s",
                own[i]);
    return 0;
}

int sb_bound_experiment(const struct sb_args *args, const struct sb_bound_writer *writer,
                        struct sb_buf *out, struct sb_diag *diag)
{
    const uint32_t isolation = sb_args_isolation(args);
    struct sb_open open;
    int error = check_options(args, diag);

    if (!error)
        error = sb_open_experiment(args->operands[0], isolation, &open, diag);
    if (error)
        return error;
    if (writer->begin)
        writer->begin(out);
    error = put_families(&(struct writing){ open.experiment, args, writer, out, diag });
    if (writer->end)
        writer->end(out);
    sb_close_experiment(&open);
    return error;
}
