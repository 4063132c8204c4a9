/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learner under check, as its checks share it: described, given its parameters, with the tasks
 * that it may be tried on. */
#ifndef SB_CHECK_SUBJECT_H
#define SB_CHECK_SUBJECT_H

#include "check/trial.h"

struct sb_subject {
    struct sb_check_context *context;
    struct sb_learner_process *process; /* waits, and is never run */
    const struct sb_descriptor *descriptor;
    struct sb_values values;
    struct sb_trial_tasks tasks;
    struct sb_diag diag;
};

/* 0; -EINVAL with the context's line said: a mistake on the command line (sb_check_usage); a
 * positive enum sb_check_result: said, too, the plugin does not load; another negative errno.
 * `large`: of tasks. fini in any case. */
int sb_subject_init(struct sb_subject *subject, struct sb_check_context *context, bool large);
void sb_subject_fini(struct sb_subject *subject);

/* One trial: 0 with *out filled; otherwise as sb_subject_init, and nothing to be freed. setup: the
 * context and the parameters (unless set) are put in here. */
int sb_subject_try(struct sb_subject *subject, struct sb_trial_setup setup, struct sb_trial *out);

/* Calls visit for each task that the check `tasks` chose, until one returns non-zero, and returns
 * that; 0 where all returned 0. */
int sb_subject_each(struct sb_subject *subject,
                    int (*visit)(struct sb_subject *subject, const struct sb_trial_task *task,
                                 void *self),
                    void *self);

/* The same conversation, or the same counts where the learner is not bit for bit? Otherwise *frame_out
 * is the first message that differs, from 1. */
bool sb_subject_alike(const struct sb_subject *subject, const struct sb_trial *a,
                      const struct sb_trial *b, uint64_t *frame_out);

/* How a trial ended, in words: "run() returned 1; it printed last: ...". */
void sb_trial_words(const struct sb_trial *trial, char *out, size_t n);

/* The suite, one function a check. */
int sb_check_file(struct sb_check_context *context);
int sb_check_descriptor(struct sb_check_context *context);
int sb_check_parameters(struct sb_check_context *context);
int sb_check_tasks(struct sb_check_context *context);
int sb_check_ends(struct sb_check_context *context);
int sb_check_determinism(struct sb_check_context *context);
int sb_check_budget(struct sb_check_context *context);
int sb_check_stop(struct sb_check_context *context);
int sb_check_ranges(struct sb_check_context *context);
int sb_check_purity(struct sb_check_context *context);
int sb_check_memory(struct sb_check_context *context);
int sb_check_leaks(struct sb_check_context *context);
int sb_check_traffic(struct sb_check_context *context);

#endif
