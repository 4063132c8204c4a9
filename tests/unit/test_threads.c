/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads: each part is done once, however many threads there are. */
#include "unit.h"

#include "base/threads.h"

#include <sched.h>
#include <stdatomic.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_is_done_once),
        cmocka_unit_test(test_pinned_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
