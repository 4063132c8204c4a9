/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads: each part is done once, however many threads there are; on which CPUs, with which signals;
 * and none is left. */
#include "unit.h"

#include "base/threads.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST_PARTS = 100 };

struct counted {
    atomic_int times[MOST_PARTS];
    size_t plain[MOST_PARTS]; /* read by the caller afterwards, without a lock */
};

static void count_part(void *context, size_t part)
{
    struct counted *c = context;

    c->times[part]++;
    c->plain[part] = part;
}

static void test_each_part_is_done_once(void **state)
{
    (void)state;
    for (size_t n_threads = 0; n_threads < 6; n_threads++)
        for (size_t n_parts = 0; n_parts <= MOST_PARTS; n_parts += 25) {
            struct counted c = { { 0 }, { 0 } };

            sb_threads_run(n_threads, n_parts, count_part, &c);
            for (size_t i = 0; i < MOST_PARTS; i++) {
                assert_int_equal(c.times[i], i < n_parts);
                assert_int_equal(c.plain[i], i < n_parts ? i : 0);
            }
        }
}

struct met {
    atomic_int here;
    cpu_set_t cpus[2];
};

/* Parts that wait for each other: they can only end when two threads run. */
static void meet(void *context, size_t part)
{
    struct met *m = context;

    m->here++;
    while (m->here < 2)
        sched_yield();
    sched_getaffinity(0, sizeof m->cpus[part], &m->cpus[part]);
}

/* The caller is pinned to one CPU; the other thread may use all that were kept. */
static void test_pinned_caller(void **state)
{
    struct met m = { 0 };
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    sb_threads_keep_cpus();
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    sb_threads_run(2, 2, meet, &m);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    assert_int_equal(CPU_EQUAL(&m.cpus[0], &one) + CPU_EQUAL(&m.cpus[1], &one),
                     CPU_COUNT(&all) == 1 ? 2 : 1);
    assert_true(CPU_EQUAL(&m.cpus[0], &all) || CPU_EQUAL(&m.cpus[1], &all));
}

struct masked {
    atomic_int here, n_blocked;
};

static void look_at_signals(void *context, size_t part)
{
    struct masked *m = context;
    sigset_t mask;

    (void)part;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    m->n_blocked += sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT);
    m->here++;
    while (m->here < 3)
        sched_yield();
}

static unsigned n_alive(void)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *entry;
    unsigned n = 0;

    assert_non_null(tasks);
    while ((entry = readdir(tasks)))
        n += entry->d_name[0] != '.';
    closedir(tasks);
    return n;
}

static void test_signals_are_left_to_the_caller(void **state)
{
    const unsigned before = n_alive(); /* ThreadSanitizer has one of its own */
    struct masked m = { 0 };
    sigset_t mask;

    (void)state;
    sb_threads_run(3, 3, look_at_signals, &m);
    assert_int_equal(m.n_blocked, 2);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGTERM));
    assert_int_equal(n_alive(), before);
}

static void assert_count(const char *wanted, uint32_t count)
{
    if (wanted)
        setenv("STATBED_THREADS", wanted, 1);
    else
        unsetenv("STATBED_THREADS");
    sb_threads_keep_cpus();
    assert_int_equal(sb_threads_count(), count);
}

/* As many as CPUs, at most STATBED_THREADS; what is no number is no limit. */
static void test_count(void **state)
{
    static const char *const none[] = { NULL, "0", "", "x", "1x", "-1", " 1", "999" };
    cpu_set_t all, one;
    uint32_t n;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    n = (uint32_t)CPU_COUNT(&all);
    n = n < SB_THREADS_MAX ? n : SB_THREADS_MAX;
    for (size_t i = 0; i < SB_COUNT(none); i++)
        assert_count(none[i], n);
    assert_count("1", 1);
    assert_int_equal(sb_threads_limit("7"), 7);
    assert_int_equal(sb_threads_limit("999"), SB_THREADS_MAX);
    assert_int_equal(sb_threads_limit("1x"), 0);
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_count(NULL, 1);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    sb_threads_force(5);
    assert_int_equal(sb_threads_count(), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_is_done_once),
        cmocka_unit_test(test_pinned_caller),
        cmocka_unit_test(test_signals_are_left_to_the_caller),
        cmocka_unit_test(test_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
