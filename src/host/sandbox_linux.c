/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Linux parts of the learner's process: privileges, limits and the two system-call filters.
 *
 * What is protected: the hidden member, which lives in the runner, and the rule that a learner sees
 * nothing of it but answers. Why each rule is here:
 *
 *   no_new_privs        a filter may then be loaded without being root, and exec gains nothing.
 *   capabilities        root's CAP_SYS_PTRACE would read the runner's memory through /proc/PID/mem
 *                       although the runner has PR_SET_DUMPABLE 0.
 *   PR_SET_PDEATHSIG    a runner that is killed must not leave learners behind.
 *   RLIMIT_CORE         no dumps of plugins in the user's folders.
 *   RLIMIT_FSIZE        the log is the only file that can be written: its cap. SIGXFSZ is ignored,
 *                       so that a write beyond it fails instead of killing.
 *   RLIMIT_DATA         an allocation without end gets NULL, not the machine's memory.
 *   RLIMIT_AS           what RLIMIT_DATA does not count: an unlimited stack, and the page tables of
 *                       memory that is only read. Room for code is left beside the data.
 *
 * Filter 1 stands during dlopen, because constructors run in it: what dlopen needs (files
 * read-only, private mappings, also executable ones), and nothing that outlives it. No clone: a
 * thread started here would not be bound by filter 2. No signal handlers, no timers, no sockets. A
 * constructor can keep the process at filter 1 by never returning, and talk to the runner by
 * itself; it could then read files while it asks, the results of its own run among them. This is
 * not defended, and README.md says so; /proc of the runner is closed to it all the same, by the
 * missing capabilities.
 *
 * Filter 2 stands while the learner runs. Everything is refused with EPERM but:
 *   read 3; write 1, 2, 3  the channel; the log can be written, never read. (writev for 1 and 2:
 *                          the C library's last words before abort().)
 *   mmap                   anonymous, private, not executable: memory. A shared mapping, or one of
 *                          a file, would be seen by other processes, or change under our eyes.
 *                          Not a second stack (MAP_GROWSDOWN), which RLIMIT_DATA does not count;
 *                          filter 1 refuses that, too.
 *   brk, munmap, mremap    memory. mprotect is not needed: malloc uses it only to grow the heaps of
 *                          further threads, and returns NULL where it is refused.
 *   madvise                MADV_DONTNEED only: how malloc gives memory back.
 *   futex                  private ones only: a shared futex on a page of the C library's text is a
 *                          channel to every process that maps it.
 *   clock_gettime          usually no system call at all, so that refusing it would protect nothing.
 *   exit_group, rt_sigreturn, restart_syscall
 *                          the end, and what signals need.
 *   getpid, gettid, tgkill(self, SIGABRT)
 *                          abort() and assert() end with the signal that they are known by.
 *
 * What no filter hides is time: how long an answer takes can be measured by counting alone.
 * EPERM, not kill: qsort asks for the size of memory, libraries try to start threads; they live on.
 */
#include "host/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CODE_ROOM = 1 << 30 }; /* bytes of addresses for all that is not data */

static int limit(__rlimit_resource_t what, rlim_t value)
{
    struct rlimit now, wanted = { value, value };

    if (getrlimit(what, &now))
        return -errno;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
        wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
    return setrlimit(what, &wanted) ? -errno : 0;
}

/* The bounding and ambient sets need rights to be emptied; without those rights they give none. */
static int drop_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

    memset(none, 0, sizeof none);
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &head, none) ? -errno : 0;
}

int sb_sandbox_restrict(const struct sb_sandbox_limits *limits)
{
    int error;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    if (getppid() != limits->parent)
        return -ESRCH;
    signal(SIGXFSZ, SIG_IGN);
    error = drop_capabilities();
    if (!error)
        error = limit(RLIMIT_CORE, 0);
    if (!error)
        error = limit(RLIMIT_FSIZE, limits->file_bytes);
    if (!error && limits->memory)
        error = limit(RLIMIT_DATA, limits->memory);
    if (!error && limits->memory)
        error = limit(RLIMIT_AS, limits->memory + CODE_ROOM);
    return error;
}

/* Rules are added until the first failure; `error` keeps it. */
struct filter {
    scmp_filter_ctx ctx;
    int error;
};

static void allow(struct filter *f, int call, unsigned n, const struct scmp_arg_cmp *when)
{
    if (!f->error)
        f->error = seccomp_rule_add_array(f->ctx, SCMP_ACT_ALLOW, call, n, when);
}

static void allow_all(struct filter *f, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        allow(f, calls[i], 0, NULL);
}

static void allow_if(struct filter *f, int call, struct scmp_arg_cmp when)
{
    allow(f, call, 1, &when);
}

static void allow_writes(struct filter *f)
{
    for (scmp_datum_t fd = STDOUT_FILENO; fd <= SB_CHANNEL_FD; fd++)
        allow_if(f, SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, fd, 0));
    allow_if(f, SCMP_SYS(writev), SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO, 0));
    allow_if(f, SCMP_SYS(writev), SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0));
}

/* What both filters allow, for the second can only take away from the first. */
static void allow_running(struct filter *f)
{
    static const int calls[] = {
        SCMP_SYS(brk),           SCMP_SYS(munmap),       SCMP_SYS(mremap),
        SCMP_SYS(exit_group),    SCMP_SYS(getpid),       SCMP_SYS(gettid),
        SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
    };
    const struct scmp_arg_cmp abort_self[] = {
        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0),
        SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0),
    };

    allow_all(f, calls, sizeof calls / sizeof *calls);
    allow_writes(f);
    allow_if(f, SCMP_SYS(madvise), SCMP_A2(SCMP_CMP_EQ, MADV_DONTNEED, 0));
    allow_if(f, SCMP_SYS(futex),
             SCMP_A1(SCMP_CMP_MASKED_EQ, FUTEX_PRIVATE_FLAG, FUTEX_PRIVATE_FLAG));
    allow(f, SCMP_SYS(tgkill), 2, abort_self);
}

static void allow_memory_only(struct filter *f)
{
    const scmp_datum_t kind = MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN;
    const struct scmp_arg_cmp memory[] = {
        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
        SCMP_A3(SCMP_CMP_MASKED_EQ, kind, MAP_PRIVATE | MAP_ANONYMOUS),
    };

    allow(f, SCMP_SYS(mmap), 2, memory);
}

static void allow_loading(struct filter *f)
{
    static const int calls[] = {
        SCMP_SYS(read),     SCMP_SYS(pread64),    SCMP_SYS(lseek),       SCMP_SYS(close),
        SCMP_SYS(fstat),    SCMP_SYS(newfstatat), SCMP_SYS(stat),        SCMP_SYS(statx),
        SCMP_SYS(mprotect), SCMP_SYS(getrandom),  SCMP_SYS(close_range), SCMP_SYS(seccomp),
    };
    const scmp_datum_t kind = MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN;
    const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;

    allow_all(f, calls, sizeof calls / sizeof *calls);
    allow_if(f, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    allow_if(f, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    allow_if(f, SCMP_SYS(mmap), SCMP_A3(SCMP_CMP_MASKED_EQ, kind, MAP_PRIVATE));
}

static int load(void (*rules)(struct filter *))
{
    struct filter f = { .ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM)) };

    if (!f.ctx)
        return -ENOMEM;
    /* no_new_privs is set already, and prctl is refused under the first filter */
    f.error = seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_NNP, 0);
    rules(&f);
    if (!f.error)
        f.error = seccomp_load(f.ctx);
    seccomp_release(f.ctx);
    return f.error;
}

static void loading_rules(struct filter *f)
{
    allow_running(f);
    allow_loading(f);
}

static void running_rules(struct filter *f)
{
    allow_running(f);
    allow_memory_only(f);
    allow_if(f, SCMP_SYS(read), SCMP_A0(SCMP_CMP_EQ, SB_CHANNEL_FD, 0));
}

int sb_sandbox_filter_loading(void)
{
    return load(loading_rules);
}

int sb_sandbox_filter_running(void)
{
    return load(running_rules);
}

int sb_sandbox_close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return 0;
    if (errno != ENOSYS)
        return -errno;
    for (int fd = (int)first; fd < 65536; fd++)
        close(fd);
    return 0;
}
