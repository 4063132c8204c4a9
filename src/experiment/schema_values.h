/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of one value of an experiment file. */
#ifndef SB_EXPERIMENT_SCHEMA_VALUES_H
#define SB_EXPERIMENT_SCHEMA_VALUES_H

#include "base/json.h"
#include "base/params.h"

/* What a declared parameter takes; in a section numbers may be formulas. */
enum sb_schema_place { SB_SCHEMA_TOP, SB_SCHEMA_SECTION };
void sb_schema_value(struct sb_json *json, const char *key, const struct sb_param *param,
                     enum sb_schema_place place);
/* The members of "enum" for one word as YAML may read it: 01 is a number there, and true no text. */
void sb_schema_word(struct sb_json *json, const char *word, size_t n);

#endif
