/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of whole experiment files: the top level, and what its sections must be to each other. */
#include "experiment/schema.h"

#include "base/json.h"
#include "base/memory.h"
#include "experiment/schema_grid.h"
#include "experiment/schema_model.h"
#include "experiment/schema_sections.h"
#include "experiment/schema_values.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_grantable(const struct sb_access_class *access)
{
    return access->kind == SB_ACCESS_EXAMPLES;
}

/* The top level */

static const char *help_of(const char *key)
{
    for (const struct sb_top_key *k = sb_top_keys; k->name; k++)
        if (strcmp(k->name, key) == 0)
            return k->help;
    return "";
}

/* A name made of digits alone, or "true", is no text to YAML. */
static void put_name(struct sb_json *json, const struct sb_param *name)
{
    sb_json_object(json, name->name);
    sb_json_text(json, "description", name->help);
    sb_json_raw(json, "type", "[\"string\", \"integer\", \"boolean\", \"null\"]");
    sb_json_printf(json, "pattern", "^[a-z0-9][a-z0-9-]{0,%d}$", SB_EXPERIMENT_NAME_MAX - 1);
    sb_json_raw(json, "minimum", "0");
    sb_json_end_object(json);
}

/* 32 hexadecimal digits may all be decimal ones: a number of YAML's. */
static void put_seed(struct sb_json *json)
{
    sb_json_object(json, "seed");
    sb_json_text(json, "description", help_of("seed"));
    sb_json_array(json, "anyOf");
    sb_json_raw(json, NULL,
                "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 18446744073709551615}");
    sb_json_raw(json, NULL,
                "{\"type\": \"string\", \"pattern\": "
                "\"^(fresh|[0-9a-fA-F]{32}|(0|[1-9][0-9]{0,19})([.]0+)?([eE][+]?[0-9]+)?)$\"}");
    sb_json_raw(json, NULL,
                "{\"type\": \"integer\", \"minimum\": 1e31, \"exclusiveMaximum\": 1e32}");
    sb_json_end_array(json);
    sb_json_end_object(json);
}

static void put_grant(struct sb_json *json, const struct sb_catalog *catalog)
{
    sb_json_object(json, "grant");
    sb_json_text(json, "description", help_of("grant"));
    sb_json_text(json, "type", "array");
    sb_json_bool(json, "uniqueItems", true);
    sb_json_object(json, "items");
    sb_json_array(json, "enum");
    for (size_t i = 0; catalog->accesses[i]; i++)
        if (is_grantable(catalog->accesses[i]))
            sb_json_text(json, NULL, catalog->accesses[i]->name);
    sb_json_end_array(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static void put_reduction(struct sb_json *json, const struct sb_catalog *catalog)
{
    sb_json_object(json, "reduction");
    sb_json_text(json, "description", help_of("reduction"));
    sb_json_text(json, "default", SB_NO_REDUCTION);
    sb_json_array(json, "enum");
    sb_json_text(json, NULL, SB_NO_REDUCTION);
    for (size_t i = 0; catalog->reductions && catalog->reductions[i]; i++)
        sb_json_text(json, NULL, catalog->reductions[i]->name);
    sb_json_end_array(json);
    sb_json_end_object(json);
}

static void put_properties(struct sb_json *json, const struct sb_schema_model *model)
{
    sb_json_object(json, "properties");
    put_name(json, &sb_top_params[0]);
    for (const struct sb_param *p = sb_top_params + 1; p->name; p++)
        sb_schema_value(json, p->name, p, SB_SCHEMA_TOP);
    put_seed(json);
    for (size_t i = 0; i < SB_SECTIONS; i++)
        sb_schema_ref(json, model->section[i].name, model->section[i].name, "");
    sb_schema_ref(json, "grant", "grant", "");
    put_reduction(json, model->catalog);
    sb_schema_ref(json, "grid", "grid", "");
    sb_json_end_object(json);
}

static void put_required(struct sb_json *json)
{
    sb_json_array(json, "required");
    for (const struct sb_param *p = sb_top_params; p->name; p++)
        if (!p->fallback)
            sb_json_text(json, NULL, p->name);
    sb_json_text(json, NULL, "seed");
    sb_json_end_array(json);
}

/* Sections among each other, where the grid leaves them alone */

/* { "if": { "allOf": [ the grid sets neither the sections nor what is granted, ... */
static void open_fixed(struct sb_json *json, const size_t *sections, size_t n)
{
    sb_json_object(json, NULL);
    sb_json_object(json, "if");
    sb_json_array(json, "allOf");
    for (size_t i = 0; i < n; i++) {
        sb_json_object(json, NULL);
        sb_schema_ref(json, "not", "grid-sets-", sb_section_names[sections[i]]);
        sb_json_end_object(json);
    }
    sb_json_object(json, NULL);
    sb_schema_ref(json, "not", "grid-sets-", "grant");
    sb_json_end_object(json);
}

/* The section is there and names this class. */
static void put_section_names(struct sb_json *json, size_t section, const char *key,
                              const char *name)
{
    sb_json_object(json, NULL);
    sb_json_array(json, "required");
    sb_json_text(json, NULL, sb_section_names[section]);
    sb_json_end_array(json);
    sb_json_object(json, "properties");
    sb_json_object(json, sb_section_names[section]);
    sb_schema_names(json, key, name);
    sb_json_end_object(json);
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static void open_then(struct sb_json *json)
{
    sb_json_end_array(json);
    sb_json_end_object(json);
    sb_json_object(json, "then");
}

static void close_fixed(struct sb_json *json)
{
    sb_json_end_object(json);
    sb_json_end_object(json);
}

static void put_not_granted(struct sb_json *json, const char *key, const char *name,
                            const char *grant)
{
    static const size_t oracle = SB_SECTION_ORACLE;

    open_fixed(json, &oracle, 1);
    put_section_names(json, oracle, key, name);
    open_then(json);
    sb_json_object(json, "properties");
    sb_json_raw(json, "grant", grant);
    sb_json_end_object(json);
    close_fixed(json);
}

/* What is the oracle already is not granted, and beside a policy that hides nothing before the end
 * nothing is. */
static void put_grant_rules(struct sb_json *json, const struct sb_catalog *c)
{
    for (size_t i = 0; c->accesses[i]; i++) {
        char grant[128];

        snprintf(grant, sizeof grant, "{\"not\": {\"contains\": {\"const\": \"%.60s\"}}}",
                 c->accesses[i]->name);
        if (is_grantable(c->accesses[i]))
            put_not_granted(json, "type", c->accesses[i]->name, grant);
    }
    for (size_t i = 0; c->policies[i]; i++)
        if (c->policies[i]->lazy)
            put_not_granted(json, "policy", c->policies[i]->name, "{\"maxItems\": 0}");
}

static void put_accesses(struct sb_json *json, const struct sb_catalog *c, uint32_t access)
{
    sb_json_array(json, "enum");
    for (size_t i = 0; c->accesses[i]; i++)
        if (c->accesses[i]->bit & access)
            sb_json_text(json, NULL, c->accesses[i]->name);
    sb_json_end_array(json);
}

/* A learner is granted one of those that it asks. */
static void put_learner_rule(struct sb_json *json, const struct sb_catalog *c,
                             const struct sb_schema_learner *l)
{
    static const size_t sections[] = { SB_SECTION_ORACLE, SB_SECTION_LEARNER };

    open_fixed(json, sections, SB_COUNT(sections));
    put_section_names(json, SB_SECTION_LEARNER, "type", l->name);
    open_then(json);
    sb_json_array(json, "anyOf");
    sb_json_object(json, NULL);
    sb_json_object(json, "properties");
    sb_json_object(json, "oracle");
    sb_json_object(json, "properties");
    sb_json_object(json, "type");
    put_accesses(json, c, l->access);
    for (size_t i = 0; i < 5; i++)
        sb_json_end_object(json);
    sb_json_object(json, NULL);
    sb_json_raw(json, "required", "[\"grant\"]");
    sb_json_object(json, "properties");
    sb_json_object(json, "grant");
    sb_json_object(json, "contains");
    put_accesses(json, c, l->access);
    for (size_t i = 0; i < 4; i++)
        sb_json_end_object(json);
    sb_json_end_array(json);
    close_fixed(json);
}

static void put_rules(struct sb_json *json, const struct sb_schema_model *model)
{
    sb_json_array(json, "allOf");
    for (size_t i = 0; i < SB_SECTIONS; i++)
        sb_schema_grid_rules(json, model, i);
    put_grant_rules(json, model->catalog);
    for (size_t i = 0; i < model->n_learners; i++)
        if (model->learners[i].access)
            put_learner_rule(json, model->catalog, &model->learners[i]);
    sb_json_end_array(json);
}

static void put_definitions(struct sb_json *json, const struct sb_schema_model *model)
{
    sb_json_object(json, "definitions");
    for (size_t i = 0; i < SB_SECTIONS; i++)
        sb_schema_section(json, model, i);
    put_grant(json, model->catalog);
    sb_schema_grid(json, "grid", help_of("grid"), model);
    sb_schema_grid_definitions(json, model);
    sb_json_end_object(json);
}

int sb_experiment_schema(const struct sb_catalog *catalog, const struct sb_schema_learner *learners,
                         size_t n_learners, struct sb_buf *out)
{
    struct sb_json json = { .out = out };
    struct sb_schema_model model;
    int error = sb_schema_model_init(&model, catalog, learners, n_learners);

    if (!error) {
        sb_json_object(&json, NULL);
        sb_json_text(&json, "$schema", "http://json-schema.org/draft-07/schema#");
        sb_json_text(&json, "title", "statbed experiment");
        sb_json_text(&json, "description", "An experiment of statbed: docs/experiment.md");
        sb_json_text(&json, "type", "object");
        put_properties(&json, &model);
        put_required(&json);
        sb_json_bool(&json, "additionalProperties", false);
        put_rules(&json, &model);
        put_definitions(&json, &model);
        sb_json_end_object(&json);
        sb_buf_puts(out, "\n");
        error = out->failed ? -ENOMEM : 0;
    }
    sb_schema_model_fini(&model);
    return error;
}
