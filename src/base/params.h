/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Declared parameters and their values. Families, oracles, policies, goals, budgets and learner
 * plugins all declare `struct sb_param` tables (name, type, default, range, help); this file turns
 * text into checked values, so that every error reads alike, and prints values canonically. */
#ifndef SB_BASE_PARAMS_H
#define SB_BASE_PARAMS_H

#include "base/buffer.h"
#include "base/diag.h"
#include "statbed/learner.h"

/* One value that a user gave: name and text, with its place for messages. Borrowed. */
struct sb_given {
    const char *name, *text; /* text NULL: wrong in a way already reported; nothing more is said */
    const char *file;        /* NULL on the command line */
    uint32_t name_line, name_column, line, column; /* of the name, of the value; 0: unknown */
};

struct sb_value {
    const struct sb_param *param; /* borrowed */
    int64_t i;                    /* SB_INT, SB_BOOL */
    double r;                     /* SB_REAL, and SB_INT as a double */
    char *text;                   /* SB_TEXT: the word; all types: the canonical text; owned */
    double *vector;               /* SB_VECTOR, owned */
    size_t n_vector;
};

/* The values of one or more tables, in the order of the declarations. */
struct sb_values {
    struct sb_value *items;
    size_t n;
};

/* How many entries a NULL-ended table has; NULL counts 0. */
size_t sb_params_count(const struct sb_param *params);
/* The entry of a table by name; NULL where there is none, or no table. */
const struct sb_param *sb_params_find(const struct sb_param *params, const char *name);

/* A number's declared range; none is the whole line. */
struct sb_range {
    double lo, hi;
    bool lo_open, hi_open;
};
/* false: the declaration is malformed. */
bool sb_param_range(const struct sb_param *param, struct sb_range *out);

/* Parse `given` against `n_tables` tables together: unknown names (with the nearest known one),
 * duplicates, missing ones, wrong types and values out of range each add one message to diag;
 * `where` names the section ("family parity") in them. All mistakes are reported in one go. `known`
 * are further names that the caller handles itself ("type"): skipped, and offered as nearest names.
 * Returns 0, -EINVAL or -ENOMEM; *out is written on success only, and to be freed by fini. */
int sb_values_parse(const struct sb_param *const *tables, size_t n_tables,
                    const struct sb_given *given, size_t n_given, const char *const *known,
                    size_t n_known, const char *where, struct sb_values *out, struct sb_diag *diag);
void sb_values_fini(struct sb_values *values);

/* By name; NULL where there is none. */
const struct sb_value *sb_values_find(const struct sb_values *values, const char *name);
/* The value of a declared parameter; for code that declared it itself. 0 or NULL otherwise. */
int64_t sb_values_int(const struct sb_values *values, const char *name);
double sb_values_real(const struct sb_values *values, const char *name);
const char *sb_values_text(const struct sb_values *values, const char *name);

/* As a JSON object, in declaration order. */
void sb_values_json(const struct sb_values *values, struct sb_buf *out);
void sb_json_string(const char *s, struct sb_buf *out); /* quoted and escaped */

#endif
