/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid in the schema, and what depends on it: a section that the grid gives another type, or the
 * missing key, cannot be judged by itself. */
#ifndef SB_EXPERIMENT_SCHEMA_GRID_H
#define SB_EXPERIMENT_SCHEMA_GRID_H

#include "base/json.h"
#include "experiment/schema_model.h"

void sb_schema_grid(struct sb_json *json, const char *key, const char *help,
                    const struct sb_schema_model *model);
/* The definitions "grid-sets-NAME" (anything of the section, or of what is granted) and
 * "grid-names-NAME" (what it names), true of whole files. */
void sb_schema_grid_definitions(struct sb_json *json, const struct sb_schema_model *model);
/* Members of the file's "allOf": the rules of one section beside the grid. */
void sb_schema_grid_rules(struct sb_json *json, const struct sb_schema_model *model,
                          size_t section);

#endif
