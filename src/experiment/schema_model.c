/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the reader, gathered a section each. */
#include "experiment/schema_model.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

static int add_choice(struct sb_choices *kind, const char *name, const char *summary,
                      const struct sb_param *params)
{
    struct sb_choice *items = sb_grow(kind->items, &kind->cap, kind->n + 1, sizeof *items);

    if (!items)
        return -ENOMEM;
    kind->items = items;
    items[kind->n++] = (struct sb_choice){ name, summary, params };
    return 0;
}

static int add_class_kind(struct sb_schema_section *s, const struct sb_class_kind *class,
                          const struct sb_catalog *catalog)
{
    struct sb_choices *kind = &s->kinds[s->n_kinds++];
    int error = 0;

    kind->key = class->key;
    for (size_t i = 0; class->name(catalog, i) && !error; i++)
        error = add_choice(kind, class->name(catalog, i), class->summary(catalog, i),
                           class->params(catalog, i));
    return error;
}

static int add_learners(struct sb_schema_section *s, const struct sb_schema_learner *learners,
                        size_t n)
{
    struct sb_choices *kind = &s->kinds[s->n_kinds++];
    int error = 0;

    kind->key = "type";
    for (size_t i = 0; i < n && !error; i++)
        error = add_choice(kind, learners[i].name, learners[i].summary, learners[i].params);
    return error;
}

static int add_params(struct sb_schema_section *s, const struct sb_param *params)
{
    for (; params && params->name; params++) {
        const struct sb_param **all =
            sb_grow(s->params, &s->cap_params, s->n_params + 1, sizeof *all);

        if (!all)
            return -ENOMEM;
        s->params = all;
        all[s->n_params++] = params;
    }
    return 0;
}

static int list_params(struct sb_schema_section *s)
{
    int error = 0;

    for (size_t k = 0; k < s->n_kinds; k++)
        for (size_t i = 0; i < s->kinds[k].n && !error; i++)
            error = add_params(s, s->kinds[k].items[i].params);
    return error ? error : add_params(s, s->common);
}

int sb_schema_model_init(struct sb_schema_model *model, const struct sb_catalog *catalog,
                         const struct sb_schema_learner *learners, size_t n_learners)
{
    int error = 0;

    *model = (struct sb_schema_model){ catalog, learners, n_learners, { { 0 } } };
    for (size_t i = 0; i < SB_SECTIONS && !error; i++) {
        struct sb_schema_section *s = &model->section[i];

        s->name = sb_section_names[i];
        s->help = sb_section_helps[i];
        s->common = sb_section_common(catalog, i);
        s->plugins = i == SB_SECTION_LEARNER || i == SB_SECTION_FAMILY;
        for (size_t k = 0; k < SB_KINDS_MAX && sb_section_kinds[i][k] && !error; k++)
            error = add_class_kind(s, sb_section_kinds[i][k], catalog);
        if (i == SB_SECTION_LEARNER && !error)
            error = add_learners(s, learners, n_learners);
        s->kinds[0].plugins = s->plugins;
        error = error ? error : list_params(s);
    }
    return error;
}

void sb_schema_model_fini(struct sb_schema_model *model)
{
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        for (size_t k = 0; k < SB_KINDS_MAX; k++)
            free(model->section[i].kinds[k].items);
        free(model->section[i].params);
    }
}

bool sb_schema_is_first(const struct sb_schema_section *section, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(section->params[j]->name, section->params[i]->name) == 0)
            return false;
    return true;
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool sb_schema_is_variant(const struct sb_schema_section *section, size_t i)
{
    const struct sb_param *p = section->params[i];

    for (size_t j = 0; j < i; j++) {
        const struct sb_param *q = section->params[j];

        if (strcmp(p->name, q->name) == 0 && p->type == q->type && same(p->range, q->range))
            return false;
    }
    return true;
}

bool sb_schema_beside(const struct sb_schema_section *section, size_t k, const char *name)
{
    bool found = sb_params_find(section->common, name);

    for (size_t other = 0; other < section->n_kinds; other++)
        for (size_t i = 0; i < section->kinds[other].n && other != k; i++)
            found = found || sb_params_find(section->kinds[other].items[i].params, name);
    return found;
}
