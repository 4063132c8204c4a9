/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON Schema (draft-07) of experiment files, for editors. Made from the tables that the reader
 * checks files against. It takes every file that the reader takes, but for what it says of values that
 * the grid replaces at every point, and refuses what a schema can: docs/experiment.md lists what
 * it cannot. */
#ifndef SB_EXPERIMENT_SCHEMA_H
#define SB_EXPERIMENT_SCHEMA_H

#include "experiment/experiment.h"

/* A learner that is known by name; borrowed. */
struct sb_schema_learner {
    const char *name, *summary;
    const struct sb_param *params;
    uint32_t access; /* bits of enum sb_access, one of which it must be granted; 0: none */
};

/* 0 or -ENOMEM. */
int sb_experiment_schema(const struct sb_catalog *catalog, const struct sb_schema_learner *learners,
                         size_t n_learners, struct sb_buf *out);

#endif
