/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many cells at a time, and when to stop. */
#include "cli/jobs.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static uint64_t count_cpus(void)
{
    cpu_set_t allowed;
    const int n = sched_getaffinity(0, sizeof allowed, &allowed) ? 1 : CPU_COUNT(&allowed);

    return n < 1 ? 1 : n > SB_JOBS_MAX ? SB_JOBS_MAX : (uint64_t)n;
}

static int take_number(const struct sb_args *args, uint64_t *out, struct sb_diag *diag)
{
    const char *given = sb_args_value(args, "jobs");

    if (!given)
        *out = count_cpus();
    else if (!sb_parse_u64(given, out) || !*out || *out > SB_JOBS_MAX)
        return sb_diag_fail(diag, -EINVAL, "%s: --jobs expects a number from 1 to %d, found '%s'",
                            args->verb->name, SB_JOBS_MAX, given);
    return 0;
}

int sb_take_jobs(const struct sb_args *args, struct sb_run_options *options_out,
                 struct sb_diag *diag)
{
    const bool here = options_out->isolation == SB_ISOLATION_NONE;
    uint64_t jobs;
    int error = take_number(args, &jobs, diag);

    if (!error && here && jobs > 1 && sb_args_given(args, "jobs"))
        error = sb_diag_fail(diag, -EINVAL,
                             "%s: --isolation=none runs learners in this process, one cell after "
                             "the other: leave out --jobs, or choose another isolation",
                             args->verb->name);
    if (sb_args_given(args, "keep-going") && sb_args_given(args, "fail-fast"))
        error = sb_diag_fail(diag, -EINVAL,
                             "%s: --keep-going and --fail-fast exclude each other: give one",
                             args->verb->name);
    if (error)
        return error;
    options_out->jobs = here ? 0 : jobs;
    options_out->fail_fast = sb_args_given(args, "fail-fast");
    return 0;
}

int sb_tell_stopped(int result, const char *verb, const struct sb_run_outcome *outcome,
                    const char *then, struct sb_diag *diag)
{
    const char *name = sigabbrev_np(result - 128);

    return sb_diag_fail(diag, result,
                        "%s: stopped by SIG%s: %zu of %zu cells are done, %zu that were under way "
                        "were discarded; %s%s%s",
                        verb, name ? name : "?", outcome->n_done + outcome->n_skipped,
                        outcome->n_cells, outcome->n_discarded, then,
                        *outcome->seed ? "; this run's seed was " : "", outcome->seed);
}
