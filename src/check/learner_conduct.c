/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a learner's conduct: does it do the same again, take no for an answer, and tell nothing
 * but what the answers tell? */
#include "base/fuse.h"
#include "base/memory.h"
#include "check/subject.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 512, STOP_SECONDS = 5, TRAFFIC_BUDGET = 24 };

/* Determinism. The second run of a task is in another process, at other addresses, in a later
 * second, with more in its environment; the third in a process whose fresh memory is not 0. */

enum { ROUNDS = 3 };

struct rounds {
    struct sb_trial first[SB_TASKS_MAX];
    size_t n; /* first trials kept */
    size_t at;
    int round;
    bool by_counts; /* the learner says that it is not bit for bit */
};

static const char *const differences[ROUNDS] = {
    "",
    "run again a second later, at other addresses",
    "run where fresh memory is not 0 (it reads what it never wrote)",
};

/* Fresh memory that is not 0, on the stack and on the heap. */
static __attribute__((noinline)) void spoil(uint8_t byte)
{
    volatile uint8_t stack[1 << 18];

    for (size_t i = 0; i < sizeof stack; i++)
        stack[i] = byte;
    mallopt(M_PERTURB, (uint8_t)~byte); /* which is what malloc then fills with `byte` */
}

static void later_second(void)
{
    const time_t now = time(NULL);
    const struct timespec nap = { 0, 20000000 };

    while (time(NULL) == now)
        nanosleep(&nap, NULL);
}

static bool alike(const struct rounds *r, const struct sb_trial *a, const struct sb_trial *b,
                  uint64_t *frame_out)
{
    if (!r->by_counts)
        return sb_trial_same(a, b, frame_out);
    *frame_out = 0;
    return a->n_calls == b->n_calls && a->n_queries == b->n_queries;
}

static int again(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct rounds *r = self;
    const struct sb_trial_setup setup = { .task = task,
                                          .isolation = r->round == ROUNDS - 1
                                                           ? (uint32_t)SB_ISOLATION_NONE
                                                           : s->context->isolation };
    struct sb_trial trial;
    uint64_t frame;
    int result;

    if (r->round == ROUNDS - 1)
        spoil(0xa5);
    result = sb_subject_try(s, setup, &trial);
    if (result)
        return result;
    if (r->round == 0) {
        r->first[r->n++] = trial;
        return 0;
    }
    if (!alike(r, &r->first[r->at++], &trial, &frame))
        result = sb_check_fail(s->context,
                               "task %s: %s, message %llu of the conversation was another one; "
                               "draw random numbers from uniform() alone, and let nothing hang on "
                               "time, addresses or uninitialised memory",
                               task->name, differences[r->round], (unsigned long long)frame);
    sb_trial_fini(&trial);
    return result;
}

int sb_check_determinism(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct rounds r = { .n = 0 };
    char more[2048];
    int result = sb_subject_init(&subject, context, false);

    if (!result)
        r.by_counts = (subject.descriptor->flags & SB_NOT_BITWISE) != 0;
    for (r.round = 0; r.round < ROUNDS && !result; r.round++) {
        r.at = 0;
        result = sb_subject_each(&subject, again, &r);
        if (r.round)
            continue;
        later_second();
        memset(more, 'x', sizeof more - 1); /* the one variable that learners are handed on */
        more[sizeof more - 1] = '\0';
        setenv("OPENBLAS_STATBED_CHECK", more, 1);
    }
    if (!result)
        result = sb_check_ok(context, "%d runs of %zu task%s%s", ROUNDS, r.n, r.n == 1 ? "" : "s",
                             r.by_counts ? ", compared by counts" : "");
    for (size_t i = 0; i < r.n; i++)
        sb_trial_fini(&r.first[i]);
    sb_subject_fini(&subject);
    return result;
}

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
        if (!sb_trial_same(&a, &b, &frame))
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
