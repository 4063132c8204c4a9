/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in parts on several threads: who is free takes the next part. */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MOST_THREADS = 64 };

struct work {
    sb_part *f;
    void *context;
    size_t n_parts;
    atomic_size_t next;
};

static cpu_set_t kept;
static bool have_kept;

void sb_threads_keep_cpus(void)
{
    have_kept = sched_getaffinity(0, sizeof kept, &kept) == 0;
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
static bool start(pthread_t *thread, struct work *work)
{
    pthread_attr_t attr;
    bool started;

    if (pthread_attr_init(&attr))
        return false;
    if (have_kept)
        pthread_attr_setaffinity_np(&attr, sizeof kept, &kept);
    started = pthread_create(thread, &attr, thread_main, work) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

void sb_threads_run(size_t n_threads, size_t n_parts, sb_part *f, void *context)
{
    const size_t useful = n_threads < n_parts ? n_threads : n_parts;
    const size_t most = useful < MOST_THREADS ? useful : MOST_THREADS;
    struct work work = { .f = f, .context = context, .n_parts = n_parts };
    pthread_t thread[MOST_THREADS];
    size_t n = 0;

    while (n + 1 < most && start(&thread[n], &work))
        n++;
    take_parts(&work);
    for (size_t i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
}
