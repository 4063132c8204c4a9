/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle, the goal and the rest that options of `statbed bound` give. */
#include "cli/bound.h"

#include "cli/named.h"
#include "oracles/access/oracle.h"
#include "runner/setting.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void sb_bound_options_fini(struct sb_bound_options *options)
{
    sb_values_fini(&options->oracle_values);
    sb_values_fini(&options->goal_values);
}

static int find_oracle(struct sb_bound_options *g, const struct sb_args *args, struct sb_diag *diag)
{
    static const char *const options[] = { "tolerance", "t", "lambda", "rule" };
    const char *name = sb_args_value(args, "oracle");
    const void *class = NULL;
    char *where SB_FREE = sb_printf("oracle %s", name);
    const struct sb_param *tables[1];
    const struct sb_option_section section = {
        where, where, tables, 1, options, SB_COUNT(options)
    };
    int error = where ? sb_class_find(args, "oracle", name, &class, diag) : -ENOMEM;

    if (error)
        return error;
    g->access = class;
    if (g->access->kind != SB_ACCESS_QUERY)
        return sb_diag_fail(diag, -EINVAL,
                            "bound: oracle %s has no tolerance (%s), and no lower bound on queries "
                            "is stated of it; name stat, vstat, csq or lipschitz",
                            name, g->access->summary);
    tables[0] = g->access->params;
    return sb_options_values(args, &section, &g->oracle_values, diag);
}

static int find_goal(struct sb_bound_options *g, const struct sb_args *args,
                     struct sb_bound_case *c, struct sb_diag *diag)
{
    static const char *const options[] = { "loss", "max", "success" };
    const char *name = sb_args_value(args, "goal");
    const void *class = NULL;
    char *where SB_FREE = sb_printf("goal %s", name);
    const struct sb_param *tables[1];
    const struct sb_option_section section = {
        where, where, tables, 1, options, SB_COUNT(options)
    };
    int error = where ? sb_class_find(args, "goal", name, &class, diag) : -ENOMEM;

    if (error)
        return error;
    c->goal = class;
    tables[0] = c->goal->params;
    error = sb_options_values(args, &section, &g->goal_values, diag);
    if (error)
        return error;
    if (sb_goal_has_loss(c->goal->goal)) {
        c->loss = sb_goal_loss_name(c->goal->goal, &g->goal_values);
        c->max = sb_values_real(&g->goal_values, "max");
    }
    return 0;
}

/* --range: of queries that may be any function to [-1,1]. */
static int find_convention(const struct sb_bound_options *g, const struct sb_args *args,
                           uint32_t *out, struct sb_diag *diag)
{
    const struct sb_tolerance granted = g->access->granted(&g->oracle_values);

    *out = sb_convention_of(granted);
    if (!sb_args_given(args, "range"))
        return 0;
    if (granted.rule != SB_RULE_STAT || g->access->without_label)
        return sb_diag_fail(diag, -EINVAL,
                            "bound: --range says what oracle stat or lipschitz takes; leave it out "
                            "with oracle %s",
                            g->access->name);
    if (strcmp(sb_args_value(args, "range"), "01") == 0)
        *out = SB_CONVENTION_STAT01;
    return 0;
}

static int find_number(const struct sb_args *args, const char *name, double below, double *out,
                       struct sb_diag *diag)
{
    const char *text = sb_args_value(args, name);

    if (!text || (sb_parse_real(text, out) && *out >= 0 && *out < below))
        return 0;
    return sb_diag_fail(diag, -EINVAL, "bound: --%s=%s: expected a number in [0,%g)", name, text,
                        below);
}

int sb_bound_queries(const struct sb_args *args, struct sb_bound_case *c, struct sb_diag *diag)
{
    c->after = sb_args_given(args, "queries");
    return find_number(args, "queries", INFINITY, &c->setting.n_queries, diag);
}

int sb_bound_options_read(struct sb_bound_options *g, const struct sb_args *args,
                          struct sb_bound_case *c, struct sb_diag *diag)
{
    struct sb_bound_setting *s = &c->setting;
    int error = find_oracle(g, args, diag);
    int other = find_goal(g, args, c, diag);

    error = error ? error : other;
    other = find_number(args, "noise", 0.5, &c->noise, diag);
    error = error ? error : other;
    other = sb_bound_queries(args, c, diag);
    error = error ? error : other;
    if (!error)
        error = find_convention(g, args, &s->convention, diag);
    if (error)
        return error;
    c->oracle = g->access->name;
    c->grants = "";
    s->at_tolerance = g->access->granted(&g->oracle_values).value;
    s->policy = "reference";
    s->policy_carries_bound = true;
    s->null_is_hidden_half = c->goal->goal == SB_DISTINGUISH;
    s->recovers = c->goal->goal == SB_RECOVER;
    s->n_good = 1;
    s->success = sb_values_real(&g->goal_values, "success");
    return 0;
}
