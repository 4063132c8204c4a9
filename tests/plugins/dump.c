/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that prints all of its memory that it can find, once a few queries are answered: program,
 * stack, heap, and the mappings around the C library, the board among them. What cannot be read is
 * found by a futex that would wait for a word there. Before that, it draws a few of its coins. */
#include <statbed/learner.h>

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, QUERIES = 20 };

static bool is_readable(const char *page)
{
    const struct timespec at_once = { 0, 0 };

    return syscall(SYS_futex, page, FUTEX_WAIT_PRIVATE, 0x5eac0deu, &at_once, NULL, 0) == 0 ||
           errno == EAGAIN || errno == ETIMEDOUT;
}

static bool is_zero(const char *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/* Pages around p, `below` and `above` it in bytes. */
static void print_around(const void *p, uintptr_t below, uintptr_t above)
{
    const uintptr_t here = (uintptr_t)p & ~(uintptr_t)(PAGE - 1);

    for (uintptr_t at = here - below; at < here + above; at += PAGE) {
        const char *page = (const char *)at;

        if (is_readable(page) && !is_zero(page) && write(1, page, PAGE) != PAGE)
            return;
    }
}

static int32_t run(const struct sb_host *h, void *self)
{
    const uintptr_t mib = 1 << 20;
    double u[4], answer = 0;

    (void)self;
    h->uniform(h->self, 4, u);
    for (uint64_t i = 0; i < QUERIES; i++)
        sb_ask1(h, sb_mul(h, sb_y(h), sb_chi_mask(h, i)), &answer);
    print_around(&answer, 1 * mib, 2 * mib);                         /* stack, arguments */
    print_around(h, 1 * mib, 1 * mib);                               /* wherever the session is */
    print_around(h->facts(h->self)->family, 8 * mib, 8 * mib);       /* heap */
    print_around((const void *)(uintptr_t)h->ask, 2 * mib, 2 * mib); /* statbed-host */
    print_around((const void *)(uintptr_t)printf, 256 * mib, 64 * mib);
    return 0;
}

SB_LEARNER(SB_STAT, 0, "dump", "prints its memory", "a test", NULL, NULL, run, NULL);
