/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plugin whose constructor never returns: it talks to the runner by itself, as statbed-host would,
 * while only the first filter stands. SERVE names what else it does. */
#include <statbed/learner.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLAIM 1   /* says that both filters stand */
#define DENY 2    /* says that this kernel has none */
#define PRETEND 3 /* loads another filter, for there to be two */
#define COMPLY 4  /* loads the second filter where it lies, and is a learner like any other */

enum { DESCRIBE = 1, READY = 3, DONE = 7, PROCESS = 1, SECCOMP = 2, PROGRAM_AT = 1 << 20 };

static void put(uint32_t type, const void *payload, uint32_t n)
{
    uint8_t frame[128];
    const uint32_t head[2] = { n, type };

    memcpy(frame, head, sizeof head);
    memcpy(frame + sizeof head, payload, n);
    if (write(3, frame, sizeof head + n) != (ssize_t)(sizeof head + n))
        _exit(0);
}

static void describe(void)
{
    /* isolation, minor version, access, flags, three texts of a byte, no parameters */
    uint8_t payload[16 + 3 * 5 + 4] = { SERVE == DENY ? PROCESS : SECCOMP };

    payload[8] = SB_STAT;
    for (int i = 0; i < 3; i++) {
        payload[16 + 5 * i] = 1;
        payload[20 + 5 * i] = 'x';
    }
    put(DESCRIBE, payload, sizeof payload);
}

static void await(void)
{
    static uint8_t frame[1 << 16];

    if (read(3, frame, sizeof frame) <= 0)
        _exit(0);
}

static long load_filter(const void *program)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program);
}

static void filter(void)
{
    static struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    static const struct sock_fprog any = { 1, &all };

    if (SERVE == PRETEND && load_filter(&any) == 0)
        return;
    if (SERVE == COMPLY && load_filter((const void *)(uintptr_t)PROGRAM_AT))
        _exit(0);
}

__attribute__((constructor)) static void load(int argc, char **argv)
{
    static const uint8_t nothing[5 * 4];

    (void)argv;
    if (argc != 6) /* not in statbed-host */
        return;
    filter();
    describe();
    await(); /* CONFIG */
    put(READY, nothing, 0);
    await(); /* START: the member is drawn */
    put(DONE, nothing, sizeof nothing);
    _exit(0);
}

static int32_t run(const struct sb_host *h, void *self)
{
    (void)h;
    (void)self;
    return 0;
}

SB_LEARNER(SB_STAT, 0, "x", "x", "x", NULL, NULL, run, NULL);
