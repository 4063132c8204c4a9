/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The definitions of the schema: for each section NAME
 *   NAME        what it may hold whatever it names;
 *   NAME.typed  the same, and what it names refuses what belongs to others;
 *   NAME.full   the same, and nothing is missing. */
#ifndef SB_EXPERIMENT_SCHEMA_SECTIONS_H
#define SB_EXPERIMENT_SCHEMA_SECTIONS_H

#include "base/json.h"
#include "experiment/schema_model.h"

void sb_schema_section(struct sb_json *json, const struct sb_schema_model *model, size_t section);
/* The schema of a parameter whatever the section names: any of those of this name. */
void sb_schema_any_value(struct sb_json *json, const char *key,
                         const struct sb_schema_section *section, size_t i);
/* Of the key that names a class of this kind. */
void sb_schema_choice(struct sb_json *json, const char *key, const struct sb_choices *kind);
/* "required": [key], "properties": { key: { "const": name } } */
void sb_schema_names(struct sb_json *json, const char *key, const char *name);
void sb_schema_ref(struct sb_json *json, const char *key, const char *section, const char *what);

#endif
