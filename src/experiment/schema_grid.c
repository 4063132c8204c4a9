/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid in the schema. */
#include "experiment/schema_grid.h"

#include "base/memory.h"
#include "experiment/schema_sections.h"
#include "experiment/schema_values.h"

#include <string.h>

static char *dotted(struct sb_json *json, const char *section, const char *key)
{
    char *text = sb_printf("%s.%s", section, key);

    json->out->failed = json->out->failed || !text;
    return text;
}

static void open_list(struct sb_json *json, const char *key)
{
    sb_json_object(json, key);
    sb_json_text(json, "type", "array");
    sb_json_raw(json, "minItems", "1");
}

/* { "required": [key], "properties": { key: { */
static void open_within(struct sb_json *json, const char *at, const char *key)
{
    sb_json_object(json, at);
    sb_json_array(json, "required");
    sb_json_text(json, NULL, key);
    sb_json_end_array(json);
    sb_json_object(json, "properties");
    sb_json_object(json, key);
}

static void close_within(struct sb_json *json)
{
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

/* The lists */

static void put_lists_of(struct sb_json *json, const struct sb_schema_section *s)
{
    open_list(json, s->name);
    sb_schema_ref(json, "items", s->name, ".typed");
    sb_json_end_object(json);
    for (size_t k = 0; k < s->n_kinds; k++) {
        char *key SB_FREE = dotted(json, s->name, s->kinds[k].key);

        open_list(json, key);
        sb_schema_choice(json, "items", &s->kinds[k]);
        sb_json_end_object(json);
    }
    for (size_t i = 0; i < s->n_params; i++) {
        char *key SB_FREE = dotted(json, s->name, s->params[i]->name);

        if (!sb_schema_is_first(s, i))
            continue;
        open_list(json, key);
        sb_schema_any_value(json, "items", s, i);
        sb_json_end_object(json);
    }
}

static void put_cases(struct sb_json *json, const struct sb_schema_model *model)
{
    open_list(json, "case");
    sb_json_text(json, "description", "maps over several sections at once");
    sb_json_object(json, "items");
    sb_json_text(json, "type", "object");
    sb_json_object(json, "properties");
    for (size_t i = 0; i < SB_SECTIONS; i++)
        sb_schema_ref(json, model->section[i].name, model->section[i].name, ".typed");
    sb_schema_ref(json, "grant", "grant", "");
    sb_json_end_object(json);
    sb_json_bool(json, "additionalProperties", false);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

void sb_schema_grid(struct sb_json *json, const char *key, const char *help,
                    const struct sb_schema_model *model)
{
    sb_json_object(json, key);
    sb_json_text(json, "description", help);
    sb_json_text(json, "type", "object");
    sb_json_object(json, "properties");
    for (size_t i = 0; i < SB_SECTIONS; i++)
        put_lists_of(json, &model->section[i]);
    put_cases(json, model);
    open_list(json, "grant");
    sb_schema_ref(json, "items", "grant", "");
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_object(json, "patternProperties"); /* of plugins */
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        char *pattern SB_FREE = sb_printf("^%s[.].", model->section[i].name);

        if (!model->section[i].plugins)
            continue;
        json->out->failed |= !pattern;
        open_list(json, pattern);
        sb_json_end_object(json);
    }
    sb_json_end_object(json);
    sb_json_bool(json, "additionalProperties", false);
    sb_json_end_object(json);
}

/* What the grid sets */

/* A grid that has this key. */
static void put_has(struct sb_json *json, const char *key)
{
    sb_json_object(json, NULL);
    sb_json_array(json, "required");
    sb_json_text(json, NULL, key);
    sb_json_end_array(json);
    sb_json_end_object(json);
}

/* A grid with a case that has this section. */
static void put_has_case(struct sb_json *json, const char *section)
{
    sb_json_object(json, NULL);
    sb_json_raw(json, "required", "[\"case\"]");
    sb_json_object(json, "properties");
    sb_json_object(json, "case");
    sb_json_object(json, "contains");
    sb_json_array(json, "required");
    sb_json_text(json, NULL, section);
    sb_json_end_array(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

/* A grid with a key that begins with "section.". */
static void put_has_dotted(struct sb_json *json, const char *section)
{
    sb_json_object(json, NULL);
    sb_json_object(json, "not");
    sb_json_object(json, "propertyNames");
    sb_json_object(json, "not");
    sb_json_printf(json, "pattern", "^%s[.]", section);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static void put_definition(struct sb_json *json, const struct sb_schema_section *s, bool any)
{
    char *name SB_FREE = sb_printf(any ? "grid-sets-%s" : "grid-names-%s", s->name);

    json->out->failed |= !name;
    sb_json_object(json, name);
    sb_json_raw(json, "required", "[\"grid\"]");
    sb_json_object(json, "properties");
    sb_json_object(json, "grid");
    sb_json_array(json, "anyOf");
    put_has(json, s->name);
    put_has_case(json, s->name);
    for (size_t k = 0; k < s->n_kinds && !any; k++) {
        char *key SB_FREE = dotted(json, s->name, s->kinds[k].key);

        put_has(json, key);
    }
    if (any)
        put_has_dotted(json, s->name);
    sb_json_end_array(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

void sb_schema_grid_definitions(struct sb_json *json, const struct sb_schema_model *model)
{
    static const struct sb_schema_section grant = { .name = "grant" };

    put_definition(json, &grant, true);
    for (size_t i = 0; i < SB_SECTIONS; i++) {
        put_definition(json, &model->section[i], true);
        put_definition(json, &model->section[i], false);
    }
}

/* Rules of a section beside the grid */

/* { "if": grid-WHAT-NAME, "else": { */
static void open_unless_grid(struct sb_json *json, const char *what, const char *name)
{
    char *definition SB_FREE = sb_printf("grid-%s-", what);

    json->out->failed |= !definition;
    sb_json_object(json, NULL);
    sb_schema_ref(json, "if", definition ? definition : "", name);
    sb_json_object(json, "else");
}

/* Unless the grid names its class, the section does, and lives by it; unless the grid sets any of it,
 * nothing may be missing. */
static void put_section_rules(struct sb_json *json, const struct sb_schema_section *s)
{
    open_unless_grid(json, "names", s->name);
    if (s->n_kinds) {
        sb_json_array(json, "required");
        sb_json_text(json, NULL, s->name);
        sb_json_end_array(json);
    }
    sb_json_object(json, "properties");
    sb_json_object(json, s->name);
    if (s->n_kinds)
        sb_json_raw(json, "required", "[\"type\"]");
    sb_json_array(json, "allOf");
    sb_schema_ref(json, NULL, s->name, ".typed");
    sb_json_end_array(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);

    open_unless_grid(json, "sets", s->name);
    sb_json_object(json, "properties");
    sb_schema_ref(json, s->name, s->name, ".full");
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

/* The lists over parameters of the class that the section names; those of others are refused. */
static void put_typed_lists(struct sb_json *json, const struct sb_schema_section *s, size_t k,
                            const struct sb_choice *choice)
{
    for (size_t i = 0; i < s->n_params; i++) {
        const struct sb_param *own = sb_params_find(choice->params, s->params[i]->name);
        char *key SB_FREE = dotted(json, s->name, s->params[i]->name);

        if (!sb_schema_is_first(s, i) || sb_schema_beside(s, k, s->params[i]->name))
            continue;
        if (!own) {
            sb_json_bool(json, key, false);
            continue;
        }
        sb_json_object(json, key);
        sb_schema_value(json, "items", own, SB_SCHEMA_SECTION);
        sb_json_end_object(json);
    }
}

static void put_list_rules(struct sb_json *json, const struct sb_schema_section *s, size_t k,
                           const struct sb_choice *choice)
{
    open_unless_grid(json, "names", s->name);
    open_within(json, "if", s->name);
    sb_schema_names(json, s->kinds[k].key, choice->name);
    close_within(json);
    sb_json_object(json, "then");
    sb_json_object(json, "properties");
    sb_json_object(json, "grid");
    sb_json_object(json, "properties");
    put_typed_lists(json, s, k, choice);
    for (size_t i = 0; i < 6; i++)
        sb_json_end_object(json);
}

/* Where no plugin is named, all names of parameters are known */

static void put_path(struct sb_json *json, const char *key)
{
    sb_json_raw(json, key, "{\"type\": \"string\", \"pattern\": \"/\"}");
}

/* A map whose type is a path. */
static void put_names_path(struct sb_json *json, const char *key)
{
    sb_json_object(json, key);
    sb_json_raw(json, "required", "[\"type\"]");
    sb_json_object(json, "properties");
    put_path(json, "type");
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static void put_names_plugin(struct sb_json *json, const struct sb_schema_section *s)
{
    char *type SB_FREE = dotted(json, s->name, "type");

    sb_json_array(json, "anyOf");
    sb_json_object(json, NULL);
    sb_json_array(json, "required");
    sb_json_text(json, NULL, s->name);
    sb_json_end_array(json);
    sb_json_object(json, "properties");
    put_names_path(json, s->name);
    sb_json_end_object(json);
    sb_json_end_object(json);

    open_within(json, NULL, "grid");
    sb_json_array(json, "anyOf");
    open_within(json, NULL, type);
    put_path(json, "contains");
    close_within(json);
    open_within(json, NULL, s->name);
    put_names_path(json, "contains");
    close_within(json);
    open_within(json, NULL, "case");
    open_within(json, "contains", s->name);
    sb_json_raw(json, "required", "[\"type\"]");
    sb_json_object(json, "properties");
    put_path(json, "type");
    sb_json_end_object(json);
    close_within(json);
    close_within(json);
    sb_json_end_array(json);
    close_within(json);
    sb_json_end_array(json);
}

/* "propertyNames": the names of the section. */
static void put_known_names(struct sb_json *json, const struct sb_schema_section *s)
{
    sb_json_object(json, "propertyNames");
    sb_json_array(json, "enum");
    for (size_t k = 0; k < s->n_kinds; k++)
        sb_json_text(json, NULL, s->kinds[k].key);
    for (size_t i = 0; i < s->n_params; i++)
        if (sb_schema_is_first(s, i))
            sb_json_text(json, NULL, s->params[i]->name);
    sb_json_end_array(json);
    sb_json_end_object(json);
}

static void put_known_pattern(struct sb_json *json, const struct sb_schema_section *s)
{
    struct sb_buf pattern;

    sb_buf_init(&pattern);
    sb_buf_printf(&pattern, "^%s[.](?!(type", s->name);
    for (size_t i = 0; i < s->n_params; i++)
        if (sb_schema_is_first(s, i))
            sb_buf_printf(&pattern, "|%s", s->params[i]->name);
    sb_buf_puts(&pattern, ")$)");
    json->out->failed = json->out->failed || pattern.failed;
    sb_json_object(json, "propertyNames");
    sb_json_object(json, "not");
    sb_json_text(json, "pattern", pattern.failed ? "" : sb_buf_str(&pattern));
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_buf_fini(&pattern);
}

static void put_plugin_rule(struct sb_json *json, const struct sb_schema_section *s)
{
    sb_json_object(json, NULL);
    sb_json_object(json, "if");
    put_names_plugin(json, s);
    sb_json_end_object(json);
    sb_json_object(json, "else");
    sb_json_object(json, "properties");
    sb_json_object(json, s->name);
    put_known_names(json, s);
    sb_json_end_object(json);
    sb_json_object(json, "grid");
    put_known_pattern(json, s);
    sb_json_object(json, "properties");
    sb_json_object(json, s->name);
    sb_json_object(json, "items");
    put_known_names(json, s);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_object(json, "case");
    sb_json_object(json, "items");
    sb_json_object(json, "properties");
    sb_json_object(json, s->name);
    put_known_names(json, s);
    for (size_t i = 0; i < 9; i++)
        sb_json_end_object(json);
}

void sb_schema_grid_rules(struct sb_json *json, const struct sb_schema_model *model, size_t section)
{
    const struct sb_schema_section *s = &model->section[section];

    put_section_rules(json, s);
    for (size_t k = 0; k < s->n_kinds; k++)
        for (size_t i = 0; i < s->kinds[k].n; i++)
            put_list_rules(json, s, k, &s->kinds[k].items[i]);
    if (s->plugins)
        put_plugin_rule(json, s);
}
