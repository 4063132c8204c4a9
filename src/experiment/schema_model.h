/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What experiment files may say, as tables: sections, the kinds of classes that each names, their
 * parameters. Borrowed from the catalog that the reader uses. */
#ifndef SB_EXPERIMENT_SCHEMA_MODEL_H
#define SB_EXPERIMENT_SCHEMA_MODEL_H

#include "experiment/schema.h"
#include "experiment/work.h"

/* A family, an access, a learner, ... */
struct sb_choice {
    const char *name, *summary;
    const struct sb_param *params;
};

/* What one key of a section chooses from. */
struct sb_choices {
    const char *key;         /* "type", "policy" */
    struct sb_choice *items; /* owned */
    size_t n, cap;
    bool plugins; /* or the path of a file, whose parameters are not known */
};

struct sb_schema_section {
    const char *name, *help;
    struct sb_choices kinds[SB_KINDS_MAX];
    size_t n_kinds;
    const struct sb_param *common;
    const struct sb_param **params; /* of all choices, then the common ones; owned array */
    size_t n_params, cap_params;
    bool plugins;
};

struct sb_schema_model {
    const struct sb_catalog *catalog;
    const struct sb_schema_learner *learners;
    size_t n_learners;
    struct sb_schema_section section[SB_SECTIONS];
};

/* 0 or -ENOMEM; fini in either case. */
int sb_schema_model_init(struct sb_schema_model *model, const struct sb_catalog *catalog,
                         const struct sb_schema_learner *learners, size_t n_learners);
void sb_schema_model_fini(struct sb_schema_model *model);

/* Is params[i] the first of its name? */
bool sb_schema_is_first(const struct sb_schema_section *section, size_t i);
/* Is params[i] the first of its name, type and range? */
bool sb_schema_is_variant(const struct sb_schema_section *section, size_t i);
/* May `name` stand beside this choice of kind k: is it a common parameter, or one of another kind's? */
bool sb_schema_beside(const struct sb_schema_section *section, size_t k, const char *name);

#endif
