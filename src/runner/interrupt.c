/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals that ask for the end, noted by a handler. Held signals are blocked, and let through by
 * ppoll alone: there is no moment between looking at the flag and going to sleep. */
#include "runner/interrupt.h"

#include "base/memory.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static const int asking[] = { SIGINT, SIGTERM, SIGHUP };

/* A signal's disposition belongs to the process: so does what is known of it. */
static volatile sig_atomic_t first, count;
static struct {
    struct sigaction action[SB_COUNT(asking)], pipe;
    sigset_t mask; /* before, and in ppoll */
    bool caught;
} before;

static void note(int signal)
{
    if (!first)
        first = signal;
    count = count + 1;
}

static bool is_ignored(int signal)
{
    struct sigaction now;

    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void sb_interrupt_catch(bool held)
{
    struct sigaction action = { .sa_handler = note,
                                .sa_flags = held ? 0 : SA_RESTART | (int)SA_RESETHAND };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < SB_COUNT(asking); i++)
        sigaddset(&set, asking[i]);
    action.sa_mask = set;
    first = count = 0;
    if (held)
        sigprocmask(SIG_BLOCK, &set, &before.mask);
    else
        sigprocmask(SIG_BLOCK, NULL, &before.mask);
    for (size_t i = 0; i < SB_COUNT(asking); i++) {
        sigaction(asking[i], NULL, &before.action[i]);
        if (!is_ignored(asking[i]))
            sigaction(asking[i], &action, NULL);
    }
    sigaction(SIGPIPE, &ignore, &before.pipe);
    before.caught = true;
}

void sb_interrupt_release(void)
{
    if (!before.caught)
        return;
    for (size_t i = 0; i < SB_COUNT(asking); i++)
        sigaction(asking[i], &before.action[i], NULL);
    sigaction(SIGPIPE, &before.pipe, NULL);
    sigprocmask(SIG_SETMASK, &before.mask, NULL);
    before.caught = false;
    first = count = 0;
}

int sb_interrupt_signal(void)
{
    return first;
}

unsigned sb_interrupt_count(void)
{
    return (unsigned)count;
}

/* Where descriptors are ready ppoll does not let signals in: they would wait for as long as there is
 * always something to read. */
static void let_through(void)
{
    sigset_t held;

    if (sigprocmask(SIG_SETMASK, &before.mask, &held) == 0)
        sigprocmask(SIG_SETMASK, &held, NULL);
}

int sb_interrupt_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    const struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
    const int ready =
        ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, before.caught ? &before.mask : NULL);

    if (before.caught && ready > 0)
        let_through();
    return ready < 0 && errno == EINTR ? 0 : ready;
}

void sb_interrupt_ignore(void)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigset_t none;

    for (size_t i = 0; i < SB_COUNT(asking); i++)
        sigaction(asking[i], &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
