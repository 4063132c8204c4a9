/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start of a learner's process, and what it is given. Why each step is here:
 *
 *   PR_SET_DUMPABLE 0   the hidden member is in our memory: a process of the same user, such as the
 *                       learner, must not read it through /proc/PID/mem or ptrace. Set when the
 *                       first learner starts and never taken back: members of earlier and later
 *                       cells are in the same memory.
 *   posix_spawn         the start does not copy our page tables, however large the tables of an
 *                       oracle are, and nothing of ours runs between fork and exec.
 *   descriptors         the child has /dev/null, the log twice, the socket and the board; all else
 *                       is closed, so that no file or database of ours is within a learner's reach.
 *   the board's seals   its file can be neither shorter nor longer: where it is shorter than our
 *                       mapping, to look at it is SIGBUS.
 *   own process group   an interrupt from the keyboard is for us; the learner dies with us by
 *                       PR_SET_PDEATHSIG.
 *   memfd as the log    a learner that prints without end meets its limit on file size, not a full
 *                       disk, and never blocks as it would on a pipe that nobody empties.
 */
#include "runner/learner_process.h"

#include "base/memory.h"
#include "base/program.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HIGH_FD = 16 }; /* above the descriptors that the child gets */

extern char **environ;

/* Where statbed-host is: owned, or NULL. */
static char *find_host(void)
{
    const char *told = getenv("STATBED_HOST");
    char *path;

    if (told && *told)
        return sb_strdup(told);
    path = sb_program_path("statbed-host"); /* a build folder's */
    if (path && access(path, X_OK) == 0)
        return path;
    free(path);
    return sb_program_path(SB_HOSTDIR "/statbed-host");
}

/* The learner's environment: OPENBLAS_* as it was, one thread. The strings are borrowed. */
static char **make_environment(void)
{
    static char openblas[] = "OPENBLAS_NUM_THREADS=1", openmp[] = "OMP_NUM_THREADS=1";
    size_t n = 0;
    char **env;

    while (environ && environ[n])
        n++;
    env = SB_NEW_ARRAY(char *, n + 3);
    if (!env)
        return NULL;
    n = 0;
    env[n++] = openblas;
    env[n++] = openmp;
    for (char **e = environ; e && *e; e++)
        if (strncmp(*e, "OPENBLAS_", 9) == 0 && strncmp(*e, "OPENBLAS_NUM_THREADS=", 21) != 0)
            env[n++] = *e;
    return env;
}

/* A copy of fd above all that the child is given, so that dup2 there overwrites no source. */
static int lift(int fd)
{
    const int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
    const int cause = errno == EINVAL ? EMFILE : errno; /* HIGH_FD is beyond the limit */

    close(fd);
    errno = cause;
    return high;
}

static int open_log(void)
{
    int fd = memfd_create("statbed-log", MFD_CLOEXEC);

    if (fd < 0)
        return -1;
    fd = lift(fd);
    if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND)) { /* two descriptors, one end of the file */
        close(fd);
        return -1;
    }
    return fd;
}

/* The board is larger than what `ulimit -f` may allow of files, but is none: the limit is lifted for it,
 * as far as that is allowed. Not beyond: ftruncate would end us by SIGXFSZ. -1: errno says why, EFBIG
 * that it is this limit. */
static int make_room(int fd)
{
    struct rlimit kept, lifted;
    int failed;

    if (getrlimit(RLIMIT_FSIZE, &kept))
        return -1;
    if (kept.rlim_max < SB_BOARD_BYTES) {
        errno = EFBIG;
        return -1;
    }
    lifted = (struct rlimit){ kept.rlim_max, kept.rlim_max };
    if (setrlimit(RLIMIT_FSIZE, &lifted))
        return -1;
    failed = ftruncate(fd, SB_BOARD_BYTES);
    return setrlimit(RLIMIT_FSIZE, &kept) || failed ? -1 : 0;
}

/* The board: mapped here, and behind a descriptor for the child; -1: errno says why. */
static int open_board(struct sb_host_process *host)
{
    int fd = memfd_create("statbed-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *board;

    if (fd < 0)
        return -1;
    fd = lift(fd);
    if (fd < 0)
        return -1;
    if (make_room(fd) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
        board = mmap(NULL, SB_BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        host->board = board == MAP_FAILED ? NULL : board;
    }
    if (host->board)
        return fd;
    close(fd);
    return -1;
}

/* The socket: our end waits a tenth of a second at most. */
static int open_socket(struct sb_host_process *host, int *theirs_out)
{
    const struct timeval patience = { 0, 100000 };
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    host->fd = lift(pair[0]);
    *theirs_out = lift(pair[1]);
    if (host->fd < 0 || *theirs_out < 0)
        return -1;
    return setsockopt(host->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
                   setsockopt(host->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience)
               ? -1
               : 0;
}

/* Actions and attributes of the spawn; theirs: the socket and the board. posix_spawn's functions
 * return an errno, or 0. */
static int prepare_spawn(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                         int log, const int theirs[2])
{
    sigset_t none, all;
    int error = 0;

    sigemptyset(&none);
    sigfillset(&all);
    error = error ? error : posix_spawn_file_actions_adddup2(actions, log, 1);
    error = error ? error : posix_spawn_file_actions_adddup2(actions, log, 2);
    error = error ? error : posix_spawn_file_actions_adddup2(actions, theirs[0], 3);
    error = error ? error : posix_spawn_file_actions_adddup2(actions, theirs[1], 4);
    error = error ? error : posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    error = error ? error : posix_spawn_file_actions_addclosefrom_np(actions, 5);
    error = error ? error : posix_spawnattr_setsigmask(attributes, &none);
    error = error ? error : posix_spawnattr_setsigdefault(attributes, &all);
    error = error ? error : posix_spawnattr_setpgroup(attributes, 0);
    return error ? error
                 : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                            POSIX_SPAWN_SETSIGDEF |
                                                            POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct sb_host_process *host, char *const argv[], const int theirs[2])
{
    char **env SB_FREE = make_environment();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error;

    if (!env || posix_spawn_file_actions_init(&actions))
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    error = prepare_spawn(&actions, &attributes, host->log, theirs);
    if (!error)
        error = posix_spawn(&host->pid, argv[0], &actions, &attributes, argv, env);
    if (error)
        host->pid = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* What we share with the child, and the child. */
static int open_and_spawn(struct sb_host_process *host, char *const argv[])
{
    int theirs[2] = { -1, -1 }, error = 0;

    host->log = open_log();
    if (host->log < 0 || open_socket(host, &theirs[0]) || (theirs[1] = open_board(host)) < 0)
        error = -errno;
    if (!error)
        error = spawn(host, argv, theirs);
    for (size_t i = 0; i < SB_COUNT(theirs); i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    return error;
}

/* What to do where a process cannot be started. */
static const char *remedy(int error)
{
    switch (error) {
    case -EAGAIN:
        return "end other processes, or raise ulimit -u";
    case -EMFILE:
        return "raise ulimit -n";
    case -ENFILE:
    case -ENOMEM:
        return "end other processes";
    default:
        return "set STATBED_HOST to the program statbed-host";
    }
}

int sb_host_spawn(struct sb_host_process *host, const char *path, uint32_t isolation,
                  const struct sb_limits *limits, struct sb_diag *diag)
{
    char *program SB_FREE = find_host();
    char *plugin SB_FREE = realpath(path, NULL);
    char mode[16], memory[24], log_bytes[24], parent[16];
    char *const argv[] = { program, plugin, mode, memory, log_bytes, parent, NULL };
    int error;

    if (!plugin)
        return sb_diag_fail(diag, -EINVAL, "%s: %s", path, strerror(errno));
    if (!program)
        return sb_diag_fail(diag, -EIO,
                            "the program statbed-host is not found; set STATBED_HOST to it");
    host->log_cap = limits->output_kib << 10;
    snprintf(mode, sizeof mode, "%u", isolation);
    snprintf(memory, sizeof memory, "%llu", (unsigned long long)limits->memory_mib << 20);
    snprintf(log_bytes, sizeof log_bytes, "%llu", (unsigned long long)host->log_cap + 1);
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    error = open_and_spawn(host, argv);
    if (error == -EFBIG)
        return sb_diag_fail(diag, -EIO,
                            "a learner's process needs %llu MiB of memory that counts as a file, "
                            "and the limit on files is lower; raise ulimit -f",
                            (unsigned long long)(SB_BOARD_BYTES >> 20));
    if (error)
        return sb_diag_fail(diag, -EIO, "the learner's process %s cannot be started: %s; %s",
                            program, strerror(-error), remedy(error));
    sb_link_init(&host->line, host->fd);
    sb_link_init(&host->aside, host->fd);
    host->line.quiet = host->aside.quiet = true;
    return 0;
}
