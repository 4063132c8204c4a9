/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learners, asked what they are. */
#ifndef SB_CLI_LEARNERS_H
#define SB_CLI_LEARNERS_H

#include "runner/runner.h"

/* Starts the learner `name`; the descriptor lives as long as `plugins`. *path_out is malloc'd, on
 * failure, too, or NULL if it was. */
int sb_learner_describe(struct sb_plugins *plugins, const char *name, char **path_out,
                        const struct sb_descriptor **out, struct sb_diag *diag);

#endif
