/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verbs that run cells share: --jobs, --keep-going, --fail-fast, and what they say of a run
 * that was stopped. */
#ifndef SB_CLI_JOBS_H
#define SB_CLI_JOBS_H

#include "cli/cli.h"
#include "runner/runner.h"

/* Sets jobs and fail_fast, for an isolation that is set: without --jobs one a CPU that may be used,
 * and none where learners run in this process. -EINVAL with a line. */
int sb_take_jobs(const struct sb_args *args, struct sb_run_options *options_out,
                 struct sb_diag *diag);
/* One line on a run that ended with 128 + a signal: what was done, and `then`. Returns the result. */
int sb_tell_stopped(int result, const char *verb, const struct sb_run_outcome *outcome,
                    const char *then, struct sb_diag *diag);

#endif
