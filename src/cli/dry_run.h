/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `statbed run` would do, and what bounds say of it beforehand. */
#ifndef SB_CLI_DRY_RUN_H
#define SB_CLI_DRY_RUN_H

#include "base/buffer.h"
#include "runner/runner.h"

/* The cells of an experiment (of a shard), what the database has of each, and what the strongest bound
 * predicts of it; then totals. path: the database, which need not exist; nothing is run, nothing
 * written. 0, or a negative errno with a message. */
int sb_dry_run(const struct sb_experiment *experiment, const struct sb_run_options *options,
               const char *path, struct sb_buf *out, struct sb_diag *diag);

#endif
