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
 *                       memory that is only read. Room for code and for the board is left beside
 *                       the data.
 *   the board           the one shared mapping, made before any filter: a memfd of fixed size, for
 *                       public points and the values of callbacks. Its descriptor is closed, and
 *                       nothing shared can be mapped afterwards.
 *
 * Landlock stands before filter 1, from Linux 5.13 on: what a constructor can open is what dlopen
 * opens. The plugin itself, *.so and *.so.N in its folder, the folders of the system's libraries,
 * ld.so's cache, and the facts about the processor that OpenBLAS looks for. Not /proc, not the
 * experiment with its seed, not the results with earlier members. A file that was opened early could
 * be mapped, and read from that memory as it changes; no later filter would see that.
 *
 * Filter 1 stands during dlopen, because constructors run in it: what dlopen needs (files
 * read-only, private mappings, also executable ones), and nothing that outlives it. No clone: a
 * thread started here would not be bound by filter 2. No signal handlers, no timers, no sockets.
 *   seccomp                with one program only, which is filter 2. It lies in a page at a fixed low
 *                          address, read-only, and no memory call may touch addresses below its
 *                          end. The runner counts the filters of this process before it draws the
 *                          hidden member (learner_process.c): a constructor that never returns and
 *                          talks to the runner by itself is found out, or is behind filter 2.
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

#include "wire/board.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    CODE_ROOM = 1 << 30,    /* bytes of addresses for all that is not data */
    PROGRAM_AT = 1 << 20,   /* where filter 2 lies while filter 1 stands: above any mmap_min_addr,
                              below where anything else is loaded */
    PROGRAM_BYTES = 1 << 16 /* room for all instructions that the kernel takes */
};

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
        error = limit(RLIMIT_AS, limits->memory + CODE_ROOM + SB_BOARD_BYTES);
    return error;
}

void *sb_sandbox_map_board(void)
{
    void *board = mmap(NULL, SB_BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, SB_BOARD_FD, 0);

    close(SB_BOARD_FD);
    return board == MAP_FAILED ? NULL : board;
}

/* Landlock. The C library has no wrappers. */

/* What is not there needs no rule; a rule that cannot be had only allows less. */
static void allow_reading(int rules, const char *path)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE };

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

/* "libm4ri.so", "libm4ri.so.1", and not "by.source.db". */
static bool is_library(const char *name)
{
    const char *end = strstr(name, ".so");

    return end && (end[3] == '\0' || (end[3] == '.' && end[4] >= '0' && end[4] <= '9'));
}

/* The libraries in the plugin's folder, for plugins that are linked with $ORIGIN. */
static void allow_neighbours(int rules, const char *plugin)
{
    const char *slash = strrchr(plugin, '/');
    const int n_folder = slash ? (int)(slash - plugin) : 0;
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *folder;

    snprintf(path, sizeof path, "%.*s/", n_folder, plugin);
    folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        struct stat facts;

        snprintf(path, sizeof path, "%.*s/%s", n_folder, plugin, entry->d_name);
        if (is_library(entry->d_name) && stat(path, &facts) == 0 && S_ISREG(facts.st_mode))
            allow_reading(rules, path);
    }
    if (folder)
        closedir(folder);
}

int sb_sandbox_close_files(const char *plugin)
{
    static const char *const system[] = { "/lib",
                                          "/lib32",
                                          "/lib64",
                                          "/usr/lib",
                                          "/usr/lib32",
                                          "/usr/lib64",
                                          "/opt",
                                          "/usr/local/lib",
                                          "/usr/local/lib64",
                                          "/etc/ld.so.cache",
                                          "/sys/devices/system/cpu" };
    /* all that the first version knows; what later ones add is refused by the filters */
    const struct landlock_ruleset_attr all = { .handled_access_fs =
                                                   (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
    const int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);

    int error;

    if (rules < 0)
        return -errno;
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        allow_reading(rules, system[i]);
    allow_reading(rules, plugin);
    allow_neighbours(rules, plugin);
    error = syscall(SYS_landlock_restrict_self, rules, 0) ? -errno : 0;
    close(rules);
    return error;
}

/* The filters. Rules are added until the first failure; `error` keeps it. */
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

/* Only at addresses behind the program of filter 2. */
#define BEHIND_PROGRAM SCMP_A0(SCMP_CMP_GE, PROGRAM_AT + PROGRAM_BYTES, 0)

/* What both filters allow, for the second can only take away from the first. */
static void allow_running(struct filter *f)
{
    static const int calls[] = {
        SCMP_SYS(brk),
        SCMP_SYS(exit_group),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(restart_syscall),
    };
    const scmp_datum_t other_flags = ~(scmp_datum_t)MREMAP_MAYMOVE & UINT32_MAX;
    const struct scmp_arg_cmp remap[] = {
        BEHIND_PROGRAM,
        SCMP_A3(SCMP_CMP_MASKED_EQ, other_flags, 0),
    };
    const struct scmp_arg_cmp give_back[] = {
        BEHIND_PROGRAM,
        SCMP_A2(SCMP_CMP_EQ, MADV_DONTNEED, 0),
    };
    const struct scmp_arg_cmp abort_self[] = {
        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0),
        SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0),
    };

    allow_all(f, calls, sizeof calls / sizeof *calls);
    allow_writes(f);
    allow_if(f, SCMP_SYS(munmap), BEHIND_PROGRAM);
    allow(f, SCMP_SYS(mremap), 2, remap);
    allow(f, SCMP_SYS(madvise), 2, give_back);
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

/* Private mappings of files, too, where the kernel chooses or behind the program of filter 2. */
static void allow_private_mappings(struct filter *f)
{
    const scmp_datum_t kind = MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN;
    const scmp_datum_t fixed = MAP_FIXED | MAP_FIXED_NOREPLACE;
    const struct scmp_arg_cmp anywhere[] = {
        SCMP_A0(SCMP_CMP_EQ, 0, 0),
        SCMP_A3(SCMP_CMP_MASKED_EQ, kind | fixed, MAP_PRIVATE),
    };
    const struct scmp_arg_cmp behind[] = {
        BEHIND_PROGRAM,
        SCMP_A3(SCMP_CMP_MASKED_EQ, kind, MAP_PRIVATE),
    };

    allow(f, SCMP_SYS(mmap), 2, anywhere);
    allow(f, SCMP_SYS(mmap), 2, behind);
}

static void allow_loading(struct filter *f)
{
    static const int calls[] = {
        SCMP_SYS(read),      SCMP_SYS(pread64),     SCMP_SYS(lseek), SCMP_SYS(close),
        SCMP_SYS(fstat),     SCMP_SYS(stat),        SCMP_SYS(statx), SCMP_SYS(newfstatat),
        SCMP_SYS(getrandom), SCMP_SYS(close_range),
    };
    const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    const struct scmp_arg_cmp filter_2[] = {
        SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER, 0),
        SCMP_A1(SCMP_CMP_EQ, 0, 0),
        SCMP_A2(SCMP_CMP_EQ, PROGRAM_AT, 0),
    };

    allow_all(f, calls, sizeof calls / sizeof *calls);
    allow_if(f, SCMP_SYS(mprotect), BEHIND_PROGRAM);
    allow_if(f, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    allow_if(f, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    allow_private_mappings(f);
    allow(f, SCMP_SYS(seccomp), 3, filter_2);
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

static int load(const struct filter *f)
{
    return seccomp_load(f->ctx);
}

/* The page of filter 2: the head that seccomp(2) takes, its instructions behind it. */
static int lay_out(const struct filter *f)
{
    struct sock_fprog *program;
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    struct stat facts;
    ssize_t n = -1;
    void *page;

    if (fd < 0)
        return -errno;
    page = mmap((void *)(uintptr_t)PROGRAM_AT, PROGRAM_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    program = page;
    if (page == (void *)(uintptr_t)PROGRAM_AT && seccomp_export_bpf(f->ctx, fd) == 0 &&
        fstat(fd, &facts) == 0 && (size_t)facts.st_size <= PROGRAM_BYTES - sizeof *program)
        n = pread(fd, program + 1, (size_t)facts.st_size, 0);
    close(fd);
    if (n <= 0)
        return -EIO;
    program->filter = (struct sock_filter *)(program + 1);
    program->len = (unsigned short)((size_t)n / sizeof *program->filter);
    return mprotect(page, PROGRAM_BYTES, PROT_READ) ? -errno : 0;
}

/* Builds a filter and hands it on. */
static int with_filter(void (*rules)(struct filter *), int (*use)(const struct filter *))
{
    struct filter f = { .ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM)) };

    if (!f.ctx)
        return -ENOMEM;
    /* no_new_privs is set already, and prctl is refused under the first filter */
    f.error = seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_NNP, 0);
    rules(&f);
    if (!f.error)
        f.error = use(&f);
    seccomp_release(f.ctx);
    return f.error;
}

int sb_sandbox_filter_loading(void)
{
    const int error = with_filter(running_rules, lay_out);

    return error ? error : with_filter(loading_rules, load);
}

int sb_sandbox_filter_running(void)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, PROGRAM_AT) ? -errno : 0;
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
