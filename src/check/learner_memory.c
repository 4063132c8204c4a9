/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a learner's memory: what it does with little, and whether it gives back what it took. */
#include "base/memory.h"
#include "check/subject.h"

#include <malloc.h>

enum { LITTLE_MIB = 64, WARM_UP = 10, RUNS = 50, WORDS = 512 };

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
        result = sb_check_ok(context, "%zu tasks with %d MiB, each ended by itself", n, LITTLE_MIB);
    sb_subject_fini(&subject);
    return result;
}

/* Leaks: many runs in one process. What the allocator keeps ready for its next caller counts as in
 * use, so that the sum also grows now and then without a leak, less and less often; with one it
 * grows at (almost) every run. */

/* Bytes in use, 0 where the allocator does not count (sanitizers, valgrind). */
static size_t in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* How many of RUNS runs, after those to warm up, left more in use than they found. */
static int count_growth(struct sb_subject *s, const struct sb_trial_task *task, int *n_out,
                        size_t *bytes_out)
{
    const struct sb_trial_setup setup = { .task = task, .isolation = SB_ISOLATION_NONE };
    size_t before = 0, first = 0;

    *n_out = 0;
    for (int i = 0; i < WARM_UP + RUNS; i++) {
        struct sb_trial trial;
        const int result = sb_subject_try(s, setup, &trial);

        if (result)
            return result;
        sb_trial_fini(&trial);
        if (i == WARM_UP)
            first = before;
        *n_out += i >= WARM_UP && in_use() > before;
        before = in_use();
    }
    *bytes_out = before > first ? before - first : 0;
    return 0;
}

static int run_often(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    size_t *n = self, bytes = 0;
    int grew;
    const int result = count_growth(s, task, &grew, &bytes);

    ++*n;
    if (result || grew < RUNS * 4 / 5)
        return result;
    return sb_check_fail(
        s->context,
        "task %s: %d of %d runs left memory behind, about %zu bytes a run; free in "
        "run() what it allocates, in destroy() what create() does",
        task->name, grew, RUNS, bytes / RUNS);
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
        result = sb_check_ok(context, "%zu tasks, %d runs each: nothing left behind", n, RUNS);
    sb_subject_fini(&subject);
    return result;
}
