/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learners, asked what they are. */
#ifndef SB_CLI_LEARNERS_H
#define SB_CLI_LEARNERS_H

#include "experiment/schema.h"
#include "runner/runner.h"

/* Starts the learner `name`; the descriptor lives as long as `plugins`. *path_out is malloc'd, on
 * failure, too, or NULL if it was. */
int sb_learner_describe(struct sb_plugins *plugins, const char *name, char **path_out,
                        const struct sb_descriptor **out, struct sb_diag *diag);

/* All shipped learners. */
struct sb_described {
    struct sb_plugins *plugins;
    struct sb_names names;
    struct sb_schema_learner
        *learners; /* names.n; owned, what is in them borrowed from the others */
};
/* 0, or what the first one that does not start says; to be finished in either case. */
int sb_learners_describe(uint32_t isolation, struct sb_described *out, struct sb_diag *diag);
void sb_described_fini(struct sb_described *all);

#endif
