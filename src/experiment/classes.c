/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The classes that a section names with `type` or `policy`: found by name, or reported. */
#include "experiment/work.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static const char *family_name(const struct sb_catalog *c, size_t i)
{
    return c->families[i] ? c->families[i]->name : NULL;
}
static const char *family_summary(const struct sb_catalog *c, size_t i)
{
    return c->families[i]->summary;
}
static const struct sb_param *family_params(const struct sb_catalog *c, size_t i)
{
    return c->families[i]->params;
}
static const char *access_name(const struct sb_catalog *c, size_t i)
{
    return c->accesses[i] ? c->accesses[i]->name : NULL;
}
static const char *access_summary(const struct sb_catalog *c, size_t i)
{
    return c->accesses[i]->summary;
}
static const struct sb_param *access_params(const struct sb_catalog *c, size_t i)
{
    return c->accesses[i]->params;
}
static const char *policy_name(const struct sb_catalog *c, size_t i)
{
    return c->policies[i] ? c->policies[i]->name : NULL;
}
static const char *policy_summary(const struct sb_catalog *c, size_t i)
{
    return c->policies[i]->summary;
}
static const struct sb_param *policy_params(const struct sb_catalog *c, size_t i)
{
    return c->policies[i]->params;
}
static const char *goal_name(const struct sb_catalog *c, size_t i)
{
    (void)c;
    return sb_goals[i].name;
}
static const char *goal_summary(const struct sb_catalog *c, size_t i)
{
    (void)c;
    return sb_goals[i].summary;
}
static const struct sb_param *goal_params(const struct sb_catalog *c, size_t i)
{
    (void)c;
    return sb_goals[i].params;
}

static const struct sb_class_kind family_kind = {
    SB_SECTION_FAMILY, "type", "family", family_name, family_summary, family_params
};
static const struct sb_class_kind access_kind = {
    SB_SECTION_ORACLE, "type", "oracle type", access_name, access_summary, access_params
};
static const struct sb_class_kind policy_kind = {
    SB_SECTION_ORACLE, "policy", "policy", policy_name, policy_summary, policy_params
};
static const struct sb_class_kind goal_kind = { SB_SECTION_GOAL, "type",       "goal",
                                                goal_name,       goal_summary, goal_params };

const struct sb_class_kind *const sb_section_kinds[SB_SECTIONS][SB_KINDS_MAX] = {
    [SB_SECTION_FAMILY] = { &family_kind },
    [SB_SECTION_ORACLE] = { &access_kind, &policy_kind },
    [SB_SECTION_GOAL] = { &goal_kind },
};

const struct sb_param *sb_section_common(const struct sb_catalog *catalog, size_t section)
{
    switch (section) {
    case SB_SECTION_ORACLE:
        return catalog->oracle_params;
    case SB_SECTION_LEARNER:
        return sb_learner_common_params;
    case SB_SECTION_BUDGET:
        return sb_budget_params;
    default:
        return NULL;
    }
}

/* Those to choose from: policy fresh goes without saying where it is meant. */
static const char **list_classes(const struct sb_catalog *c, const struct sb_class_kind *kind,
                                 size_t *n_out, char **text_out)
{
    const char **names;
    struct sb_buf out;
    size_t n_all = 0, n = 0;

    while (kind->name(c, n_all))
        n_all++;
    names = sb_new(n_all, sizeof *names);
    sb_buf_init(&out);
    for (size_t i = 0; names && i < n_all; i++) {
        if (kind == &policy_kind && c->policies[i]->fresh)
            continue;
        sb_buf_printf(&out, "%s%s", n ? ", " : "", kind->name(c, i));
        names[n++] = kind->name(c, i);
    }
    *text_out = sb_buf_str(&out) ? sb_strdup(sb_buf_str(&out)) : NULL;
    sb_buf_fini(&out);
    *n_out = n;
    return names;
}

int sb_section_missing(struct sb_work *w, size_t section)
{
    const struct sb_view_section *s = &w->view.section[section];

    return sb_mistake(w->reader->mistakes, s->line, s->column,
                      "experiment: '%s' is missing (a map with a type and its parameters)",
                      sb_section_names[section]);
}

bool sb_section_misspelt(struct sb_work *w, size_t section, const char *key)
{
    const struct sb_view_section *s = &w->view.section[section];

    for (size_t i = 0; i < s->n; i++) {
        if (!sb_nearest(s->items[i].name, &key, 1))
            continue;
        sb_mistake(w->reader->mistakes, s->items[i].line, s->items[i].column,
                   "%s: unknown parameter '%s'; did you mean '%s'?", sb_section_names[section],
                   s->items[i].name, key);
        return true;
    }
    return false;
}

static int fail_class(struct sb_work *w, const struct sb_class_kind *kind,
                      const struct sb_item *item)
{
    const struct sb_view_section *s = &w->view.section[kind->section];
    const char *section = sb_section_names[kind->section];
    char *all SB_FREE = NULL;
    size_t n;
    const char **names SB_FREE = list_classes(w->reader->catalog, kind, &n, &all);
    const char *near;

    if (!names || !all)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    if (!item && sb_section_misspelt(w, kind->section, kind->key))
        return -EINVAL;
    if (!item)
        return s->given ? sb_mistake(w->reader->mistakes, s->line, s->column,
                                     "%s: '%s' is missing (one of %s)", section, kind->key, all)
                        : sb_section_missing(w, kind->section);
    near = sb_nearest(item->text, names, n);
    return sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
                      "%s: unknown %s '%s'%s%s%s (one of %s)", section, kind->noun, item->text,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", all);
}

static bool find_class(const struct sb_catalog *c, const struct sb_class_kind *kind,
                       const char *word, size_t *out)
{
    for (size_t i = 0; kind->name(c, i); i++) {
        if (strcmp(kind->name(c, i), word) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* The class that a section names: its number in *out. */
static int choose(struct sb_work *w, const struct sb_class_kind *kind, size_t *out)
{
    const struct sb_catalog *c = w->reader->catalog;
    bool given;
    const char *word = sb_view_word(&w->view, kind->section, kind->key, &given);

    if (given && !word)
        return -EINVAL;
    if (word && find_class(c, kind, word, out))
        return 0;
    return fail_class(w, kind, word ? sb_view_find(&w->view, kind->section, kind->key) : NULL);
}

/* Oracles that draw fresh examples leave a policy nothing to choose: `fresh` goes without saying,
 * and no other does; the others take every policy but that. access: NULL where it is not known. */
static int choose_policy(struct sb_work *w, const struct sb_access_class *access, size_t *out)
{
    const struct sb_catalog *c = w->reader->catalog;
    const struct sb_item *item = sb_view_find(&w->view, SB_SECTION_ORACLE, "policy");
    const bool draws = access && access->kind != SB_ACCESS_QUERY;
    int error;

    for (size_t i = 0; !item && draws && c->policies[i]; i++) {
        *out = i;
        if (c->policies[i]->fresh)
            return 0;
    }
    error = choose(w, &policy_kind, out);
    if (error || !access || c->policies[*out]->fresh == draws)
        return error;
    if (draws)
        return sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
                          "oracle: %s draws fresh examples, which leaves policy %s nothing to "
                          "choose: leave policy out",
                          access->name, item->text);
    return sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
                      "oracle: policy %s is that of oracles which draw fresh examples, and %s "
                      "answers within a tolerance: name another",
                      item->text, access->name);
}

static int choose_kind(struct sb_work *w, const struct sb_class_kind *kind, size_t *out)
{
    const bool known = !w->view.section[kind->section].unknown;

    if (kind != &policy_kind)
        return choose(w, kind, out);
    return choose_policy(
        w, known ? w->reader->catalog->accesses[w->chosen[SB_SECTION_ORACLE][0]] : NULL, out);
}

void sb_section_add_table(struct sb_work *w, size_t section, const struct sb_param *table)
{
    struct sb_view_section *s = &w->view.section[section];

    s->tables[s->n_tables++] = table;
}

bool sb_classes_choose(struct sb_work *w, size_t section)
{
    const struct sb_class_kind *const *kinds = sb_section_kinds[section];
    struct sb_view_section *s = &w->view.section[section];
    const bool hidden = s->unknown;

    w->kinds[section] = kinds;
    for (size_t k = 0; k < SB_KINDS_MAX; k++) {
        if (!kinds[k] || (hidden && !sb_view_find(&w->view, section, kinds[k]->key)))
            continue;
        if (choose_kind(w, kinds[k], &w->chosen[section][k]))
            s->unknown = true;
    }
    for (size_t k = 0; k < SB_KINDS_MAX && !s->unknown; k++) {
        if (kinds[k])
            sb_section_add_table(w, section,
                                 kinds[k]->params(w->reader->catalog, w->chosen[section][k]));
    }
    if (!s->unknown && sb_section_common(w->reader->catalog, section))
        sb_section_add_table(w, section, sb_section_common(w->reader->catalog, section));
    return !s->unknown;
}
