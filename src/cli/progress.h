/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line that follows the run of an experiment, on a terminal only. */
#ifndef SB_CLI_PROGRESS_H
#define SB_CLI_PROGRESS_H

#include "cli/cli.h"
#include "runner/runner.h"

/* What is remembered from call to call. */
struct sb_progress_line {
    uint64_t start;   /* of the first call */
    size_t n_skipped; /* done before it */
    char last[256];   /* on the cell that was the last to end */
};
/* Sets the options' `progress` and `self`; with `quiet`, or without a terminal, there is no line. End
 * takes it away. */
void sb_progress_begin(struct sb_progress_line *line, struct sb_run_options *options, bool quiet);
void sb_progress_end(const struct sb_run_options *options);

/* Runs the experiment with such a line (none with `quiet`), which is gone at the end, and with
 * a line on standard error for each thing that has changed since the runs on record. The options'
 * `progress` and `note` are set here. */
int sb_run_with_progress(const struct sb_experiment *experiment, struct sb_store *store,
                         const struct sb_run_options *options, bool quiet,
                         struct sb_run_outcome *out, struct sb_diag *diag);

#endif
