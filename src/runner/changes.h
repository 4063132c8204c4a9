/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has changed since the runs that a database holds of an experiment were done: the statbed that
 * did them, the file that they belong to. */
#ifndef SB_RUNNER_CHANGES_H
#define SB_RUNNER_CHANGES_H

#include "runner/plan.h"

/* Tells each in one line by options->note (NULL: nobody asks), where there is something to tell. To be
 * asked after stale runs were marked and before the experiment's own row is made. 0, or a negative
 * errno with a message. */
int sb_changes_tell(const struct sb_experiment *experiment, struct sb_store *store,
                    const struct sb_run_options *options, struct sb_diag *diag);

#endif
