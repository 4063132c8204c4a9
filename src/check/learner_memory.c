/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a learner's memory: what it does with little, and whether it gives back what it took. */
#include "base/memory.h"
#include "check/subject.h"

#include <malloc.h>
#include <pthread.h>

enum { LITTLE_MIB = 64, WARM_UP = 10, RUNS = 30, WORDS = 512 };

static int run_in_little(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    size_t *n = self;
    struct sb_trial trial;
    char words[WORDS];
    int result = sb_subject_try(s,
                                (struct sb_trial_setup){ .task = task,
                                                         .isolation = s->context->isolation,
                                                         .memory_mib = LITTLE_MIB },
                                &trial);

    if (result)
        return result;
    ++*n;
    sb_trial_words(&trial, words, sizeof words);
    if (!sb_trial_polite(&trial))
        result = sb_check_fail(s->context,
                               "task %s with %d MiB: %s; return 1 where malloc() returns NULL",
                               task->name, LITTLE_MIB, words);
    sb_trial_fini(&trial);
    return result;
}

int sb_check_memory(struct sb_check_context *context)
{
    struct sb_subject subject;
    size_t n = 0;
    int result;

    if (context->isolation == SB_ISOLATION_NONE)
        return sb_check_skip(context, "memory is limited in a process of its own only: leave out "
                                      "--isolation=none");
    result = sb_subject_init(&subject, context, false);
    if (!result)
        result = sb_subject_each(&subject, run_in_little, &n);
    if (!result)
        result = sb_check_ok(context, "%zu task%s with %d MiB, each ended by itself", n,
                             n == 1 ? "" : "s", LITTLE_MIB);
    sb_subject_fini(&subject);
    return result;
}

/* Leaks: many runs in one process. What the allocator keeps ready for its next caller counts as in
 * use, so that the sum also grows now and then without a leak, less and less often; with one it
 * grows at (almost) every run. Most of that is kept for a thread and given back at its end: each run is on
 * a thread of its own, or with families that need numbers of many sizes it would take a hundred runs to
 * come to rest. */

/* Bytes in use, 0 where the allocator does not count (sanitizers, valgrind). */
static size_t in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

struct attempt {
    struct sb_subject *subject;
    const struct sb_trial_task *task;
    int result;
};

static void *attempt(void *self)
{
    struct attempt *a = self;
    struct sb_trial trial;

    a->result = sb_subject_try(
        a->subject, (struct sb_trial_setup){ .task = a->task, .isolation = SB_ISOLATION_NONE },
        &trial);
    if (!a->result)
        sb_trial_fini(&trial);
    return NULL;
}

static int attempt_aside(struct attempt *a)
{
    pthread_t thread;
    const int error = pthread_create(&thread, NULL, attempt, a);

    if (error)
        return -error;
    pthread_join(thread, NULL);
    return a->result;
}

/* What RUNS runs, after those to warm up, left behind each. */
static int measure(struct sb_subject *s, const struct sb_trial_task *task, size_t grew[RUNS])
{
    struct attempt a = { .subject = s, .task = task };
    size_t before = 0;

    for (int i = -WARM_UP; i < RUNS; i++) {
        const int result = attempt_aside(&a);
        size_t after;

        if (result)
            return result;
        after = in_use();
        if (i >= 0)
            grew[i] = after > before ? after - before : 0;
        before = after;
    }
    return 0;
}

static int by_size(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static int run_often(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    size_t *n = self, grew[RUNS], n_still = 0;
    const int result = measure(s, task, grew);

    if (result)
        return result;
    ++*n;
    qsort(grew, RUNS, sizeof *grew, by_size);
    while (n_still < RUNS && grew[n_still] == 0)
        n_still++;
    if (n_still > RUNS / 5)
        return 0;
    return sb_check_fail(
        s->context,
        "task %s: %zu of %d runs left memory behind, the least of them %zu bytes; free "
        "in run() what it allocates, in destroy() what create() does",
        task->name, RUNS - n_still, RUNS, grew[n_still]);
}

int sb_check_leaks(struct sb_check_context *context)
{
    struct sb_subject subject;
    size_t n = 0;
    int result;

    if (!in_use())
        return sb_check_skip(context, "this allocator does not count");
    result = sb_subject_init(&subject, context, false);
    if (!result)
        result = sb_subject_each(&subject, run_often, &n);
    if (!result)
        result = sb_check_ok(context, "%d runs of %zu task%s: nothing left behind", RUNS, n,
                             n == 1 ? "" : "s");
    sb_subject_fini(&subject);
    return result;
}
