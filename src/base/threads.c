/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in parts on several threads: who is free takes the next part. Why each step is here:
 *
 *   CPUs                a thread inherits the CPUs of the one that makes it, and the runner binds its
 *                       own to the learner's CPU (learner_process.c): new ones get those that there
 *                       were before.
 *   signals             a handler is to find the process's own thread, not one that ends in a moment.
 *   no pool             idle threads would be alive where the runner forks; making one costs some
 *                       20 us.
 */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct work {
    sb_part *f;
    void *context;
    size_t n_parts;
    atomic_size_t next;
};

/* Written by the process's own thread, between calls. */
static cpu_set_t kept;
static bool have_kept;
static uint32_t count; /* 0: not asked for yet */

uint32_t sb_threads_limit(const char *text)
{
    char *end;
    unsigned long n;

    if (*text < '0' || *text > '9')
        return 0;
    n = strtoul(text, &end, 10);
    if (*end)
        return 0;
    return n < SB_THREADS_MAX ? (uint32_t)n : SB_THREADS_MAX;
}

/* STATBED_THREADS; what is not a number from 1 is no limit: results are the same for all. */
static uint32_t wanted(void)
{
    const char *text = getenv("STATBED_THREADS");
    const uint32_t n = text ? sb_threads_limit(text) : 0;

    return n ? n : SB_THREADS_MAX;
}

void sb_threads_keep_cpus(void)
{
    const uint32_t most = wanted();

    have_kept = sched_getaffinity(0, sizeof kept, &kept) == 0;
    count = have_kept ? (uint32_t)CPU_COUNT(&kept) : 1;
    count = count < most ? count : most;
}

uint32_t sb_threads_count(void)
{
    if (!count)
        sb_threads_keep_cpus();
    return count;
}

void sb_threads_force(uint32_t n)
{
    sb_threads_keep_cpus();
    count = n < SB_THREADS_MAX ? n : SB_THREADS_MAX;
}

static void take_parts(struct work *work)
{
    size_t part;

    while ((part = atomic_fetch_add(&work->next, 1)) < work->n_parts)
        work->f(work->context, part);
}

static void *thread_main(void *work)
{
    take_parts(work);
    return NULL;
}

/* An attribute that fails leaves the caller's CPUs, which is slower and right. */
static size_t start(pthread_t *thread, size_t most, struct work *work)
{
    sigset_t all, before;
    pthread_attr_t attr;
    size_t n = 0;

    if (most == 0 || pthread_attr_init(&attr))
        return 0;
    if (have_kept)
        pthread_attr_setaffinity_np(&attr, sizeof kept, &kept);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (n < most && pthread_create(&thread[n], &attr, thread_main, work) == 0)
        n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return n;
}

void sb_threads_run(size_t n_threads, size_t n_parts, sb_part *f, void *context)
{
    const size_t useful = n_threads < n_parts ? n_threads : n_parts;
    const size_t most = useful < SB_THREADS_MAX ? useful : SB_THREADS_MAX;
    struct work work = { .f = f, .context = context, .n_parts = n_parts };
    pthread_t thread[SB_THREADS_MAX];
    size_t n;

    if (!count)
        sb_threads_keep_cpus();
    n = start(thread, most > 1 ? most - 1 : 0, &work);
    take_parts(&work);
    for (size_t i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
}
