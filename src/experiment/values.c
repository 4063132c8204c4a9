/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of a section: checked against the tables of the classes that it names. */
#include "experiment/work.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* Names of params, with commas between; malloc'd. */
static char *list_params(const struct sb_param *params)
{
    struct sb_buf out;
    char *text;

    sb_buf_init(&out);
    for (; params && params->name; params++)
        sb_buf_printf(&out, "%s%s", out.n ? ", " : "", params->name);
    text = sb_strdup(out.n ? sb_buf_str(&out) : "no parameter");
    sb_buf_fini(&out);
    return text;
}

/* Is the item unknown here, but a parameter of another class of one of the section's kinds? Then
 * that is said, and true returned. */
static bool belongs_elsewhere(struct sb_work *w, size_t section, const struct sb_item *item)
{
    const struct sb_catalog *c = w->reader->catalog;
    const struct sb_view_section *s = &w->view.section[section];

    for (size_t t = 0; t < s->n_tables; t++) {
        if (sb_params_find(s->tables[t], item->name))
            return false;
    }
    for (size_t k = 0; k < SB_KINDS_MAX && w->kinds[section] && w->kinds[section][k]; k++) {
        const struct sb_class_kind *kind = w->kinds[section][k];
        const size_t own = w->chosen[section][k];

        for (size_t i = 0; kind->name(c, i); i++) {
            char *takes SB_FREE = NULL;

            if (strcmp(item->name, kind->key) == 0 ||
                !sb_params_find(kind->params(c, i), item->name))
                continue;
            takes = list_params(kind->params(c, own));
            sb_mistake(w->reader->mistakes, item->line, item->column,
                       "%s: '%s' belongs to %s %s; %s takes %s", sb_section_names[section],
                       item->name, kind->noun, kind->name(c, i), kind->name(c, own),
                       takes ? takes : "others");
            return true;
        }
    }
    return false;
}

/* Messages of sb_values_parse get a place where they have none (what is missing has none), and
 * those on a formula its text and its point. */
static void pass_on(struct sb_work *w, const struct sb_diag *diag, size_t section)
{
    const struct sb_view_section *s = &w->view.section[section];

    for (size_t i = 0; i < diag->n_items; i++) {
        const struct sb_diag_item *d = &diag->items[i];
        const char *formula = d->line ? sb_view_formula_at(&w->view, d->line, d->column) : NULL;

        if (formula)
            sb_mistake(w->reader->mistakes, d->line, d->column, "%s ('%s'%s%s)", d->text, formula,
                       *w->label ? " at " : "", w->label);
        else
            sb_mistake(w->reader->mistakes, d->line ? d->line : s->line,
                       d->line ? d->column : s->column, "%s", d->text);
    }
}

/* The items of a section as sb_values_parse wants them. */
static struct sb_given *list_given(struct sb_work *w, size_t section, size_t *n_out,
                                   bool *strange_out)
{
    const struct sb_view_section *s = &w->view.section[section];
    struct sb_given *given = SB_NEW_ARRAY(struct sb_given, s->n);
    size_t n = 0;

    for (size_t i = 0; given && i < s->n; i++) {
        const struct sb_item *item = &s->items[i];
        const struct sb_yaml *v = item->value;

        if (belongs_elsewhere(w, section, item)) {
            *strange_out = true;
            continue;
        }
        given[n++] = (struct sb_given){ item->name,
                                        item->text,
                                        w->reader->mistakes->file,
                                        item->line,
                                        item->column,
                                        v ? v->line : item->line,
                                        v ? v->column : item->column };
    }
    *n_out = n;
    return given;
}

/* where: "family parity" */
static int parse_section(struct sb_work *w, size_t section, const char *where,
                         struct sb_values *out)
{
    const struct sb_view_section *s = &w->view.section[section];
    const char *known[SB_KINDS_MAX] = { "type" }; /* of a learner; others as their kinds say */
    size_t n_known = section == SB_SECTION_LEARNER;
    bool strange = false;
    size_t n;
    struct sb_given *given SB_FREE = list_given(w, section, &n, &strange);
    struct sb_diag diag;
    int error;

    if (!given || !where)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    for (; n_known < SB_KINDS_MAX && sb_section_kinds[section][n_known]; n_known++)
        known[n_known] = sb_section_kinds[section][n_known]->key;
    sb_diag_init(&diag);
    error = sb_values_parse(s->tables, s->n_tables, given, n, known, n_known, where, out, &diag);
    pass_on(w, &diag, section);
    sb_diag_fini(&diag);
    if (error == -ENOMEM)
        return sb_mistakes_worse(w->reader->mistakes, error);
    return error ? error : strange ? -EINVAL : 0;
}

int sb_oracle_parse(struct sb_work *w)
{
    struct sb_point *p = w->point;

    p->access = w->reader->catalog->accesses[w->chosen[SB_SECTION_ORACLE][0]];
    p->policy = w->reader->catalog->policies[w->chosen[SB_SECTION_ORACLE][1]];
    return parse_section(w, SB_SECTION_ORACLE, "oracle", &p->oracle_values);
}

/* The common values come behind the plugin's own: they move to the point. */
static void split_learner_values(struct sb_point *p)
{
    const size_t n_common = sb_params_count(sb_learner_common_params);
    struct sb_values *v = &p->learner_values;

    p->coins = (uint64_t)sb_values_int(v, "coins");
    for (size_t i = 0; i < n_common; i++) {
        v->n--;
        free(v->items[v->n].text);
        free(v->items[v->n].vector);
    }
}

int sb_learner_parse(struct sb_work *w, const struct sb_known_learner *l)
{
    struct sb_point *p = w->point;
    char *where SB_FREE = sb_printf("learner %s", l->type);
    int error = parse_section(w, SB_SECTION_LEARNER, where, &p->learner_values);

    if (error)
        return error;
    split_learner_values(p);
    p->learner_type = sb_strdup(l->type);
    p->learner_path = sb_strdup(l->path);
    if (!p->learner_type || (l->path && !p->learner_path))
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    return 0;
}

static int parse_named(struct sb_work *w, size_t section, const char *name, struct sb_values *out)
{
    char *where SB_FREE = sb_printf("%s %s", sb_section_names[section], name);

    return parse_section(w, section, where, out);
}

int sb_family_parse(struct sb_work *w)
{
    struct sb_point *p = w->point;

    return parse_named(w, SB_SECTION_FAMILY, p->family->name, &p->family_values);
}

int sb_goal_parse(struct sb_work *w)
{
    struct sb_point *p = w->point;

    p->goal = &sb_goals[w->chosen[SB_SECTION_GOAL][0]];
    return parse_named(w, SB_SECTION_GOAL, p->goal->name, &p->goal_values);
}

int sb_budget_parse(struct sb_work *w)
{
    return parse_section(w, SB_SECTION_BUDGET, "budget", &w->point->budget_values);
}
