/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner that reaches for what is not its own, as its parameter `how` says: the runner's memory,
 * files, other processes, threads, memory that others see. Prints "HOW: in vain", or what it got.
 *
 * It does the same while it is being loaded where its file is called "early-HOW.so": the C library
 * hands constructors the arguments of the program, statbed-host PLUGIN MODE MEMORY LOG PARENT. */
#include <statbed/learner.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const char *parent = "1", *here = "/plugin.so";
static bool early; /* while it is being loaded */
static unsigned n_got;

/* Refused is EPERM of a filter, or EACCES of Landlock or of the kernel's own checks. Anything else,
 * also a call that fails because it was made badly, counts as got. */
static void try_it(const char *what, long got)
{
    if (got == -1 && (errno == EPERM || errno == EACCES))
        return;
    n_got++;
    printf("# %s: %s\n", what, got == -1 ? strerror(errno) : "done");
}

static void try_open(const char *fmt, const char *name)
{
    char path[4096], byte;
    int fd;

    snprintf(path, sizeof path, fmt, name);
    fd = open(path, O_RDONLY);
    try_it(path, fd < 0 ? fd : read(fd, &byte, 1));
}

/* The runner. */

static void proc(void)
{
    static const char *const files[] = { "/proc/%s/mem",  "/proc/%s/maps",    "/proc/%s/environ",
                                         "/proc/%s/auxv", "/proc/%s/syscall", "/proc/%s/fd/0",
                                         "/proc/%s/exe" };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        try_open(files[i], parent);
}

/* Names the experiment, which has the seed; open to all users of a machine. */
static void command_line(void)
{
    try_open("/proc/%s/cmdline", parent);
    try_open("/proc/%s/stat", parent);
}

static void vm(void)
{
    char byte;
    struct iovec mine = { &byte, 1 }, theirs = { &byte, 1 };

    try_it("process_vm_readv", process_vm_readv(atoi(parent), &mine, 1, &theirs, 1, 0));
    try_it("process_vm_writev", process_vm_writev(atoi(parent), &mine, 1, &theirs, 1, 0));
}

static void trace(void)
{
    try_it("attach", ptrace(PTRACE_ATTACH, atoi(parent), NULL, NULL));
    try_it("seize", ptrace(PTRACE_SEIZE, atoi(parent), NULL, NULL));
}

static void descriptors(void)
{
    char byte = 0;
    struct iovec io = { &byte, 1 };
    struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };

    try_it("pidfd_open", syscall(SYS_pidfd_open, atoi(parent), 0));
    try_it("sendmsg", sendmsg(3, &message, 0));
    try_it("recvmsg", recvmsg(3, &message, MSG_DONTWAIT));
    try_it("dup", dup(3));
    try_it("fcntl", fcntl(3, F_GETFL));
}

/* Other threads and processes. */

static void *idle(void *p)
{
    return p;
}

static void thread(void)
{
    pthread_t id;

    errno = pthread_create(&id, NULL, idle, NULL);
    try_it("pthread_create", errno ? -1 : 0);
    try_it("clone", syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
    try_it("clone3", syscall(SYS_clone3, NULL, 0));
}

static void process(void)
{
    char *const argv[] = { (char *)(uintptr_t) "/bin/true", NULL };
    const pid_t child = fork();

    if (child == 0)
        _exit(0);
    try_it("fork", child);
    try_it("exec", execv(argv[0], argv) == 0 ? 0 : -1);
}

static void signals(void)
{
    struct sigaction action = { .sa_handler = SIG_IGN };

    try_it("kill", kill(atoi(parent), 0));
    try_it("tgkill", syscall(SYS_tgkill, atoi(parent), atoi(parent), SIGABRT));
    try_it("sigaction", sigaction(SIGUSR1, &action, NULL));
    try_it("prctl", prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
    try_it("setitimer", syscall(SYS_setitimer, 0, NULL, NULL));
}

/* Files and the network. */

static void files(void)
{
    static const char *const beside[] = { "experiment.yaml", "results.db", "results.db-wal" };
    char path[4096];

    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(here, '/') - here), here, beside[i]);
        try_it(path, open(path, O_RDONLY));
    }
    try_it("/etc/passwd", open("/etc/passwd", O_RDONLY));
    try_it("/proc/self/maps", open("/proc/self/maps", O_RDONLY));
    try_it("/proc/self/mem", open("/proc/self/mem", O_RDONLY));
    try_it("/dev/zero", open("/dev/zero", O_RDONLY));
    try_it("openat2", syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0));
    try_it("getdents", syscall(SYS_getdents64, 0, path, sizeof path));
}

/* What a plugin may be linked with: this is not refused while it is being loaded. */
static void library(void)
{
    char path[4096];

    snprintf(path, sizeof path, "%.*s/broken.so", (int)(strrchr(here, '/') - here), here);
    try_it("a library beside the plugin", open(path, O_RDONLY));
}

static void create(void)
{
    const int flags = O_WRONLY | O_CREAT;

    try_it("create", open("/tmp/statbed-attack", flags, 0600));
    try_it("shm", open("/dev/shm/statbed-attack", flags, 0600));
    try_it("write", open("/dev/null", O_WRONLY));
    try_it("memfd", memfd_create("attack", 0));
    try_it("mkdir", mkdir("/tmp/statbed-attack", 0700));
    try_it("link", link(here, "/tmp/statbed-attack"));
    try_it("unlink", unlink("/tmp/statbed-attack"));
    try_it("rename", rename("/tmp/statbed-attack", "/tmp/statbed-attack-2"));
    try_it("chmod", chmod(here, 0700));
    try_it("ftruncate", ftruncate(1, 0));
}

static void net(void)
{
    struct sockaddr address = { .sa_family = AF_UNIX };
    int pair[2];

    try_it("inet", socket(AF_INET, SOCK_STREAM, 0));
    try_it("unix", socket(AF_UNIX, SOCK_STREAM, 0));
    try_it("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    try_it("connect", connect(3, &address, sizeof address));
    try_it("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    try_it("pipe", pipe(pair));
}

/* Memory that others see, or that outlives the run. */

static void shared(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    const struct {
        int prot, flags, fd;
    } maps[] = { { rw, MAP_SHARED | MAP_ANONYMOUS, -1 },
                 { rw, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1 },
                 { PROT_READ, MAP_SHARED, 0 },
                 { PROT_READ, MAP_SHARED, 1 } };

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        try_it("mmap", mmap(NULL, PAGE, maps[i].prot, maps[i].flags, maps[i].fd, 0) == MAP_FAILED
                           ? -1
                           : (long)i);
    try_it("shmget", shmget(4711, PAGE, IPC_CREAT | 0600));
    try_it("semget", syscall(SYS_semget, 4711, 1, IPC_CREAT | 0600));
    try_it("msgget", syscall(SYS_msgget, 4711, IPC_CREAT | 0600));
    try_it("keyring", syscall(SYS_add_key, "user", "attack", "x", 1, -4));
    try_it("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    try_it("userfaultfd", syscall(SYS_userfaultfd, 0));
    try_it("bpf", syscall(SYS_bpf, 0, NULL, 0));
    try_it("perf", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

/* A word in the text of the C library is in every process that maps it. */
static void shared_futex(void)
{
    uint32_t *word = (uint32_t *)((uintptr_t)printf & ~(uintptr_t)3);
    const struct timespec soon = { 0, 1000000 };

    try_it("wait", syscall(SYS_futex, word, FUTEX_WAIT, *word, &soon, NULL, 0));
    try_it("wake", syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

/* Code of its own, once it runs; while it is being loaded its own text is code of its own. */
static void executable(void)
{
    static char page[2 * PAGE];
    char *start = (char *)(((uintptr_t)page + PAGE - 1) & ~(uintptr_t)(PAGE - 1));

    try_it("mmap",
           mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? -1
               : 0);
    try_it("mprotect", mprotect(start, PAGE, PROT_READ | PROT_EXEC));
}

/* The filters: one of its own in place of the second, or another program where the second lies. */
static void filters(void)
{
    static struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { 1, &all };
    char *const second = (char *)(uintptr_t)(1 << 20);
    const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, rw = PROT_READ | PROT_WRITE;

    try_it("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    try_it("strict", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
    try_it("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    try_it("mprotect", mprotect(second, PAGE, rw));
    try_it("munmap", munmap(second, PAGE));
    try_it("mmap", mmap(second, PAGE, rw, fixed, -1, 0) == MAP_FAILED ? -1 : 0);
    try_it("from 0", mmap(NULL, 1 << 21, rw, fixed, -1, 0) == MAP_FAILED ? -1 : 0);
    try_it("from below", mmap(second - PAGE, 1 << 21, rw, fixed, -1, 0) == MAP_FAILED ? -1 : 0);
    try_it("mremap", mremap(second, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    try_it("onto", mremap(second + (1 << 20), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, second) ==
                           MAP_FAILED
                       ? -1
                       : 0);
    try_it("madvise", madvise(second, PAGE, MADV_DONTNEED));
}

static const struct {
    const char *how;
    void (*attack)(void);
} attacks[] = {
    { "proc", proc },
    { "command-line", command_line },
    { "vm", vm },
    { "trace", trace },
    { "descriptors", descriptors },
    { "thread", thread },
    { "process", process },
    { "signals", signals },
    { "files", files },
    { "library", library },
    { "create", create },
    { "net", net },
    { "shared", shared },
    { "shared-futex", shared_futex },
    { "executable", executable },
    { "filters", filters },
};

static void attack(const char *how)
{
    n_got = 0;
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (strcmp(attacks[i].how, how) == 0) {
            attacks[i].attack();
            printf("%s: %s\n", how, n_got ? "IT WORKED" : "in vain");
        }
    fflush(stdout);
}

__attribute__((constructor)) static void load(int argc, char **argv)
{
    char how[64];
    const char *name;

    if (argc != 6)
        return;
    here = argv[1];
    parent = argv[5];
    name = strrchr(here, '/');
    if (!name || sscanf(name, "/early-%63[a-z-].so", how) != 1)
        return;
    early = true;
    attack(how);
}

static int32_t run(const struct sb_host *h, void *self)
{
    (void)self;
    if (!early)
        attack(h->param_text(h->self, "how"));
    return h->predict_expr(h->self, sb_num(h, 1)) == SB_OK ? 0 : 1;
}

static const struct sb_param params[] = {
    { "how", SB_TEXT, 0, "", NULL, "what to reach for" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "attack", "reaches for what is not its own", "a test", params, NULL, run,
           NULL);
