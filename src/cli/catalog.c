/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalog: what has a name, listed and described from the registries. */
#include "cli/catalog.h"

#include "base/memory.h"
#include "bounds/bounds.h"
#include "cli/construct.h"
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "report/figure.h"
#include "store/table.h"

#include <errno.h>
#include <string.h>

int sb_things_add(struct sb_things *things, const char *name, const char *summary)
{
    struct sb_thing *items = sb_grow(things->items, &things->cap, things->n + 1, sizeof *items);
    struct sb_thing thing;

    if (!items)
        return -ENOMEM;
    things->items = items;
    thing = (struct sb_thing){ sb_strdup(name), sb_strdup(summary ? summary : "") };
    if (!thing.name || !thing.summary) {
        free(thing.name);
        free(thing.summary);
        return -ENOMEM;
    }
    items[things->n++] = thing;
    return 0;
}

void sb_things_fini(struct sb_things *things)
{
    for (size_t i = 0; i < things->n; i++) {
        free(things->items[i].name);
        free(things->items[i].summary);
    }
    free(things->items);
    memset(things, 0, sizeof *things);
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = { [SB_INT] = "integer",
                                         [SB_REAL] = "number",
                                         [SB_BOOL] = "true|false",
                                         [SB_TEXT] = "text",
                                         [SB_VECTOR] = "numbers" };

    return type < SB_COUNT(names) && names[type] ? names[type] : "unknown";
}

void sb_param_form(const struct sb_param *p, struct sb_buf *out)
{
    const bool words = p->type == SB_TEXT && p->range;

    sb_buf_puts(out, words ? p->range : type_name(p->type));
    if (p->range && !words)
        sb_buf_printf(out, " in %s", p->range);
    if (p->fallback)
        sb_buf_printf(out, ", default %s", *p->fallback ? p->fallback : "(empty)");
    else
        sb_buf_puts(out, ", required");
}

void sb_params_print(const char *title, const struct sb_param *params, struct sb_buf *out)
{
    if (!sb_params_count(params))
        return;
    sb_buf_printf(out, "  %s\n", title);
    for (const struct sb_param *p = params; p->name; p++) {
        sb_buf_printf(out, "    %-14s ", p->name);
        sb_param_form(p, out);
        sb_buf_puts(out, "\n");
        if (p->help)
            sb_buf_printf(out, "      %s\n", p->help);
    }
}

bool sb_name_ends(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);

    return n > m && strcmp(name + n - m, end) == 0;
}

static bool family_entry(size_t i, struct sb_entry *out)
{
    const struct sb_family_class *c = sb_families[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->source, c->params, c };
    return c;
}

static void family_details(const struct sb_entry *entry, struct sb_buf *out)
{
    sb_family_print(entry->class, out);
}

static bool oracle_entry(size_t i, struct sb_entry *out)
{
    const struct sb_access_class *c = sb_accesses[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->source, c->params, c };
    return c;
}

static void oracle_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_access_class *c = entry->class;

    if (c->kind == SB_ACCESS_EXAMPLES)
        sb_buf_printf(out, "  can be granted beside another oracle, too: grant: [%s]\n", c->name);
    if (c->kind != SB_ACCESS_QUERY)
        sb_buf_puts(out, "  takes no policy; lower bounds are not claimed\n");
    sb_params_print("parameters (oracle: { type: ..., ... })", entry->params, out);
    sb_params_print("and of every oracle", sb_oracle_params, out);
}

static bool reduction_entry(size_t i, struct sb_entry *out)
{
    const struct sb_reduction_class *c = sb_reductions[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->source, NULL, c };
    return c;
}

static void reduction_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_reduction_class *c = entry->class;

    sb_buf_printf(out,
                  "  stands between learner and oracle (reduction: %s); the family is %s, and the "
                  "oracle\n  is asked of its base at %g of the tolerance\n",
                  c->name, c->outer, c->tolerance_part);
}

static bool policy_entry(size_t i, struct sb_entry *out)
{
    const struct sb_policy_class *c = sb_policies[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->source, c->params, c };
    return c;
}

static void policy_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_policy_class *c = entry->class;

    sb_buf_printf(out, "  lower bounds %s against it\n",
                  c->carries_bound ? "hold" : "are not claimed");
    if (c->lazy)
        sb_buf_puts(out, "  no member is hidden before the learner has finished\n");
    sb_params_print("parameters (oracle: { policy: ..., ... })", c->params, out);
}

static bool goal_entry(size_t i, struct sb_entry *out)
{
    const struct sb_goal_class *c = &sb_goals[i];

    if (c->name)
        *out = (struct sb_entry){ c->name, c->summary, NULL, c->params, c };
    return c->name;
}

static void goal_details(const struct sb_entry *entry, struct sb_buf *out)
{
    sb_params_print("parameters (goal: { type: ..., ... })", entry->params, out);
}

static bool bound_entry(size_t i, struct sb_entry *out)
{
    const struct sb_bound_class *c = sb_bounds[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->theorem, NULL, c };
    return c;
}

static void bound_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_bound_class *c = entry->class;

    if (c->value_name)
        sb_buf_printf(out, "  %s: %s\n", c->value_name, c->definition);
    sb_buf_printf(out, "  regime: %s\n  made %s\n", c->regime,
                  c->quick ? "for every run and by statbed bound" : "by statbed bound");
}

static bool construction_entry(size_t i, struct sb_entry *out)
{
    const struct sb_construction *c = sb_constructions[i];

    if (c)
        *out = (struct sb_entry){ c->name, c->summary, c->source, c->params, c };
    return c;
}

static void construction_details(const struct sb_entry *entry, struct sb_buf *out)
{
    sb_params_print("parameters (statbed construct)", entry->params, out);
}

static bool view_entry(size_t i, struct sb_entry *out)
{
    const struct sb_view *v = &sb_views[i];

    if (v->name)
        *out = (struct sb_entry){ v->name, v->summary, NULL, NULL, v };
    return v->name;
}

static void view_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_view *v = entry->class;

    sb_buf_printf(out, "  printed by statbed table %s; its SQL:\n\n%s\n", v->name, v->sql);
}

static bool figure_entry(size_t i, struct sb_entry *out)
{
    const struct sb_figure *figure = &sb_figures[i];

    if (figure->view)
        *out = (struct sb_entry){ figure->view, figure->title, NULL, NULL, figure };
    return figure->view;
}

static void figure_details(const struct sb_entry *entry, struct sb_buf *out)
{
    const struct sb_figure *figure = entry->class;

    sb_buf_printf(out, "  drawn by statbed plot %s\n\n%s\n", figure->view, figure->caption);
}

const struct sb_kind sb_kinds[] = {
    { .name = "family",
      .plural = "families",
      .entry = family_entry,
      .details = family_details,
      .show = sb_families_show,
      .is_file = sb_families_is_file },
    { .name = "oracle", .plural = "oracles", .entry = oracle_entry, .details = oracle_details },
    { .name = "policy", .plural = "policies", .entry = policy_entry, .details = policy_details },
    { .name = "reduction",
      .plural = "reductions",
      .entry = reduction_entry,
      .details = reduction_details },
    { .name = "goal", .plural = "goals", .entry = goal_entry, .details = goal_details },
    { .name = "learner",
      .plural = "learners",
      .list = sb_learners_list,
      .show = sb_learners_show,
      .is_file = sb_learners_is_file },
    { .name = "experiment",
      .plural = "experiments",
      .list = sb_experiments_list,
      .show = sb_experiments_show,
      .is_file = sb_experiments_is_file },
    { .name = "bound", .plural = "bounds", .entry = bound_entry, .details = bound_details },
    { .name = "construction",
      .plural = "constructions",
      .entry = construction_entry,
      .details = construction_details },
    { .name = "view", .plural = "views", .entry = view_entry, .details = view_details },
    { .name = "figure", .plural = "figures", .entry = figure_entry, .details = figure_details },
    { 0 },
};

int sb_kind_list(const struct sb_kind *kind, uint32_t isolation, bool with_summary,
                 struct sb_things *out, struct sb_diag *diag)
{
    struct sb_entry entry;
    int error = 0;

    if (kind->list)
        error = kind->list(isolation, with_summary, out, diag);
    for (size_t i = 0; !error && kind->entry && kind->entry(i, &entry); i++)
        error = sb_things_add(out, entry.name, entry.summary);
    return error;
}

int sb_kind_show(const struct sb_kind *kind, uint32_t isolation, const char *name,
                 struct sb_buf *out, struct sb_diag *diag)
{
    struct sb_entry entry;

    for (size_t i = 0; kind->entry && kind->entry(i, &entry); i++) {
        if (strcmp(entry.name, name) != 0)
            continue;
        sb_buf_printf(out, "%s %s\n  %s\n", kind->name, name, entry.summary);
        if (entry.source)
            sb_buf_printf(out, "  source: %s\n", entry.source);
        if (kind->details)
            kind->details(&entry, out);
        return 0;
    }
    return kind->show ? kind->show(isolation, name, out, diag) : 0;
}
