/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a learner's conduct: does it take no for an answer, and tell nothing but what the answers
 * tell? */
#include "check/subject.h"

enum { WORDS = 512, STOP_SECONDS = 5, TRAFFIC_BUDGET = 24 };

/* Budgets and stops: what a free run does is cut at its first, second, third, middle and last call
 * or query. */

enum { CUTS = 5 };

struct cut {
    bool stop; /* cut by SB_STOP, else by the budget */
    size_t n_runs;
};

static int cut_at(struct sb_subject *s, const struct sb_trial_task *task, struct cut *cut,
                  uint64_t at)
{
    struct sb_trial_setup setup = { .task = task, .isolation = s->context->isolation };
    struct sb_trial trial;
    char words[WORDS];
    int result;

    if (cut->stop) {
        setup.stop_at = at;
        setup.seconds = s->context->seconds / 4 < STOP_SECONDS ? 0 : STOP_SECONDS;
    } else {
        setup.budget = at;
    }
    result = sb_subject_try(s, setup, &trial);
    if (result)
        return result;
    cut->n_runs++;
    sb_trial_words(&trial, words, sizeof words);
    if (!sb_trial_polite(&trial))
        result = sb_check_fail(s->context, "task %s, %s %llu: %s; %s", task->name,
                               cut->stop ? "told to stop at call" : "with a budget of",
                               (unsigned long long)at, words,
                               cut->stop ? "return from run() at once when a call says SB_STOP"
                                         : "end the run when a call says SB_BUDGET");
    sb_trial_fini(&trial);
    return result;
}

static int cut_task(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct cut *cut = self;
    struct sb_trial trial;
    uint64_t places[CUTS], last = 0;
    int result = sb_subject_try(
        s, (struct sb_trial_setup){ .task = task, .isolation = s->context->isolation }, &trial);

    if (result)
        return result;
    places[4] = cut->stop ? trial.n_calls : trial.cost ? trial.cost - 1 : 0;
    places[3] = places[4] / 2;
    sb_trial_fini(&trial);
    for (uint64_t i = 0; i < 3; i++)
        places[i] = i + 1;
    for (size_t i = 0; i < CUTS && !result; i++)
        if (places[i] > last && places[i] <= places[4]) {
            last = places[i];
            result = cut_at(s, task, cut, last);
        }
    return result;
}

static int check_cuts(struct sb_check_context *context, bool stop)
{
    struct sb_subject subject;
    struct cut cut = { .stop = stop };
    int result = sb_subject_init(&subject, context, false);

    if (!result)
        result = sb_subject_each(&subject, cut_task, &cut);
    if (!result && !cut.n_runs)
        result = sb_check_skip(context, "it asks nothing that could be cut short");
    else if (!result)
        result = sb_check_ok(context, "%zu run%s cut short, each returned", cut.n_runs,
                             cut.n_runs == 1 ? "" : "s");
    sb_subject_fini(&subject);
    return result;
}

int sb_check_budget(struct sb_check_context *context)
{
    return check_cuts(context, false);
}

int sb_check_stop(struct sb_check_context *context)
{
    return check_cuts(context, true);
}

/* Traffic: two hidden members that draw the same answers. The policy `reference` answers for the
 * null while it can, and these tasks are too large for the budget to find the member. */

static int compare_secrets(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    size_t *n_same = self;
    struct sb_trial_setup setup = { .task = task,
                                    .isolation = s->context->isolation,
                                    .budget = TRAFFIC_BUDGET };
    struct sb_trial a, b;
    uint64_t frame;
    int result;

    if (task->access->kind != SB_ACCESS_QUERY)
        return 0; /* labels and examples differ with the member */
    result = sb_subject_try(s, setup, &a);
    if (result)
        return result;
    setup.secret = 1;
    result = sb_subject_try(s, setup, &b);
    if (!result && a.n_answered && !a.n_from_truth && !b.n_from_truth) {
        ++*n_same;
        if (!sb_subject_alike(s, &a, &b, &frame))
            result = sb_check_fail(s->context,
                                   "task %s: two hidden members drew the same answers, and "
                                   "message %llu of the conversation differs; see the check "
                                   "'determinism', else report it",
                                   task->name, (unsigned long long)frame);
    }
    if (b.frames.data)
        sb_trial_fini(&b);
    sb_trial_fini(&a);
    return result;
}

int sb_check_traffic(struct sb_check_context *context)
{
    struct sb_subject subject;
    size_t n_same = 0;
    int result = sb_subject_init(&subject, context, true);

    if (!result)
        result = sb_subject_each(&subject, compare_secrets, &n_same);
    if (!result && !n_same)
        result = sb_check_skip(context,
                               "no task in which it asks queries, and two members draw the same "
                               "answers");
    else if (!result)
        result = sb_check_ok(context, "two hidden members in %zu task%s: the same bytes", n_same,
                             n_same == 1 ? "" : "s");
    sb_subject_fini(&subject);
    return result;
}
