/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of experiment files as schemas. */
#include "experiment/schema_sections.h"

#include "base/memory.h"
#include "experiment/schema_values.h"

#include <string.h>

void sb_schema_ref(struct sb_json *json, const char *key, const char *section, const char *what)
{
    sb_json_object(json, key);
    sb_json_printf(json, "$ref", "#/definitions/%s%s", section, what);
    sb_json_end_object(json);
}

void sb_schema_names(struct sb_json *json, const char *key, const char *name)
{
    sb_json_array(json, "required");
    sb_json_text(json, NULL, key);
    sb_json_end_array(json);
    sb_json_object(json, "properties");
    sb_json_object(json, key);
    sb_json_text(json, "const", name);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

/* What the section may hold whatever it names */

static void put_names(struct sb_json *json, const struct sb_choices *kind)
{
    sb_json_array(json, "enum");
    for (size_t i = 0; i < kind->n; i++)
        sb_json_text(json, NULL, kind->items[i].name);
    sb_json_end_array(json);
}

static void describe_choices(struct sb_json *json, const struct sb_choices *kind)
{
    struct sb_buf text;

    sb_buf_init(&text);
    for (size_t i = 0; i < kind->n; i++)
        sb_buf_printf(&text, "%s: %s\n", kind->items[i].name, kind->items[i].summary);
    if (kind->plugins)
        sb_buf_puts(&text, "or the path of a plugin, with a slash in it\n");
    if (!text.failed && text.n)
        sb_json_printf(json, "description", "%.*s", (int)(text.n - 1), sb_buf_str(&text));
    json->out->failed = json->out->failed || text.failed;
    sb_buf_fini(&text);
}

void sb_schema_choice(struct sb_json *json, const char *key, const struct sb_choices *kind)
{
    sb_json_object(json, key);
    describe_choices(json, kind);
    if (kind->plugins) {
        sb_json_array(json, "anyOf");
        sb_json_object(json, NULL);
        put_names(json, kind);
        sb_json_end_object(json);
        sb_json_raw(json, NULL, "{\"type\": \"string\", \"pattern\": \"/\"}");
        sb_json_end_array(json);
    } else {
        put_names(json, kind);
    }
    sb_json_end_object(json);
}

void sb_schema_any_value(struct sb_json *json, const char *key,
                         const struct sb_schema_section *section, size_t i)
{
    const char *name = section->params[i]->name;
    size_t n = 0;

    for (size_t j = 0; j < section->n_params; j++)
        n += strcmp(section->params[j]->name, name) == 0 && sb_schema_is_variant(section, j);
    if (n == 1) {
        sb_schema_value(json, key, section->params[i], SB_SCHEMA_SECTION);
        return;
    }
    sb_json_object(json, key);
    sb_json_array(json, "anyOf");
    for (size_t j = 0; j < section->n_params; j++)
        if (strcmp(section->params[j]->name, name) == 0 && sb_schema_is_variant(section, j))
            sb_schema_value(json, NULL, section->params[j], SB_SCHEMA_SECTION);
    sb_json_end_array(json);
    sb_json_end_object(json);
}

static void put_any(struct sb_json *json, const struct sb_schema_section *s)
{
    sb_json_object(json, s->name);
    sb_json_text(json, "description", s->help);
    sb_json_text(json, "type", "object");
    sb_json_object(json, "properties");
    for (size_t k = 0; k < s->n_kinds; k++)
        sb_schema_choice(json, s->kinds[k].key, &s->kinds[k]);
    for (size_t i = 0; i < s->n_params; i++)
        if (sb_schema_is_first(s, i))
            sb_schema_any_value(json, s->params[i]->name, s, i);
    sb_json_end_object(json);
    if (!s->plugins)
        sb_json_bool(json, "additionalProperties", false);
    sb_json_end_object(json);
}

/* What a class that is named allows, and needs */

/* Oracles that draw fresh examples take no policy but that which goes without saying. */
static void put_policies(struct sb_json *json, const struct sb_catalog *c,
                         const struct sb_access_class *access)
{
    sb_json_object(json, "policy");
    sb_json_array(json, "enum");
    for (size_t i = 0; c->policies[i]; i++)
        if (c->policies[i]->fresh == (access->kind != SB_ACCESS_QUERY))
            sb_json_text(json, NULL, c->policies[i]->name);
    sb_json_end_array(json);
    sb_json_end_object(json);
}

/* Is kind k that of the oracle's accesses? */
static bool is_access(const struct sb_schema_model *model, const struct sb_schema_section *s,
                      size_t k)
{
    return s == &model->section[SB_SECTION_ORACLE] && k == 0;
}

static void put_own(struct sb_json *json, const struct sb_schema_model *model,
                    const struct sb_schema_section *s, size_t k, size_t i)
{
    const struct sb_param *p = s->kinds[k].items[i].params;

    sb_json_object(json, "properties");
    for (size_t other = 0; other < s->n_kinds; other++)
        if (!is_access(model, s, k) || other == k)
            sb_json_bool(json, s->kinds[other].key, true);
    if (is_access(model, s, k))
        put_policies(json, model->catalog, model->catalog->accesses[i]);
    for (; p && p->name; p++)
        sb_schema_value(json, p->name, p, SB_SCHEMA_SECTION);
    for (size_t j = 0; j < s->n_params; j++)
        if (sb_schema_is_first(s, j) && sb_schema_beside(s, k, s->params[j]->name))
            sb_json_bool(json, s->params[j]->name, true);
    sb_json_end_object(json);
    sb_json_bool(json, "additionalProperties", false);
}

static void open_if_named(struct sb_json *json, const char *key, const char *name)
{
    sb_json_object(json, NULL);
    sb_json_object(json, "if");
    sb_schema_names(json, key, name);
    sb_json_end_object(json);
    sb_json_object(json, "then");
}

static void close_if_named(struct sb_json *json)
{
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static char *definition_name(struct sb_json *json, const struct sb_schema_section *s,
                             const char *what)
{
    char *name = sb_printf("%s%s", s->name, what);

    json->out->failed = json->out->failed || !name;
    return name;
}

static void put_typed(struct sb_json *json, const struct sb_schema_model *model,
                      const struct sb_schema_section *s)
{
    char *name SB_FREE = definition_name(json, s, ".typed");

    sb_json_object(json, name);
    sb_json_array(json, "allOf");
    sb_schema_ref(json, NULL, s->name, "");
    for (size_t k = 0; k < s->n_kinds; k++) {
        for (size_t i = 0; i < s->kinds[k].n; i++) {
            open_if_named(json, s->kinds[k].key, s->kinds[k].items[i].name);
            put_own(json, model, s, k, i);
            close_if_named(json);
        }
    }
    sb_json_end_array(json);
    sb_json_end_object(json);
}

static void put_required(struct sb_json *json, const struct sb_schema_model *model,
                         const struct sb_schema_section *s, size_t k, size_t i)
{
    sb_json_array(json, "required");
    if (is_access(model, s, k) && model->catalog->accesses[i]->kind == SB_ACCESS_QUERY)
        sb_json_text(json, NULL, s->kinds[1].key);
    for (const struct sb_param *p = s->kinds[k].items[i].params; p && p->name; p++)
        if (!p->fallback)
            sb_json_text(json, NULL, p->name);
    sb_json_end_array(json);
}

static void put_full(struct sb_json *json, const struct sb_schema_model *model,
                     const struct sb_schema_section *s)
{
    char *name SB_FREE = definition_name(json, s, ".full");

    sb_json_object(json, name);
    sb_json_array(json, "allOf");
    sb_schema_ref(json, NULL, s->name, ".typed");
    for (size_t k = 0; k < s->n_kinds; k++) {
        for (size_t i = 0; i < s->kinds[k].n; i++) {
            open_if_named(json, s->kinds[k].key, s->kinds[k].items[i].name);
            put_required(json, model, s, k, i);
            close_if_named(json);
        }
    }
    sb_json_end_array(json);
    sb_json_end_object(json);
}

void sb_schema_section(struct sb_json *json, const struct sb_schema_model *model, size_t section)
{
    const struct sb_schema_section *s = &model->section[section];

    put_any(json, s);
    put_typed(json, model, s);
    put_full(json, model, s);
}
