/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into statbed (learners get no environment, and so not this): a disk that runs full, a
 * death in the middle of a write, a clock that jumps. It bears on files whose path holds ".db" only.
 *
 *   SHIM_SPACE=N      those files may grow by N bytes together; then ENOSPC
 *   SHIM_KILL=N       SIGKILL half-way through the N-th write
 *   SHIM_COUNT=FILE   at the end, the number of writes and of syncs go there
 *   SHIM_JUMP=1       CLOCK_REALTIME alone jumps by decades, forth and back, at every second look */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long space = -1;
static long kill_at, n_writes, n_syncs, n_looks;
static bool jumps;
static pid_t first; /* workers are forked and report nothing */

static long long number(const char *name, long long otherwise)
{
    const char *text = getenv(name);

    return text ? atoll(text) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    space = number("SHIM_SPACE", -1);
    kill_at = (long)number("SHIM_KILL", 0);
    jumps = number("SHIM_JUMP", 0) != 0;
    first = getpid();
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("SHIM_COUNT");
    FILE *file = path && getpid() == first ? fopen(path, "w") : NULL;

    if (!file)
        return;
    fprintf(file, "%ld %ld\n", n_writes, n_syncs);
    fclose(file);
}

static bool is_database(int fd)
{
    char link[40], path[4096];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return strstr(path, ".db") != NULL;
}

/* Bytes by which a write of n at `at` would grow the file. */
static long long growth(int fd, off_t at, size_t n)
{
    struct stat s;

    if (fstat(fd, &s) || at + (off_t)n <= s.st_size)
        return 0;
    return at + (off_t)n - s.st_size;
}

/* What is left of a write of n bytes: less than that, or -1 with errno. */
static ssize_t allowed(int fd, off_t at, size_t n)
{
    long long more;

    n_writes++;
    if (n_writes == kill_at) {
        syscall(SYS_pwrite64, fd, "half a write: half a write: half", n < 64 ? n / 2 : 32, at);
        kill(getpid(), SIGKILL);
    }
    if (space < 0)
        return (ssize_t)n;
    more = growth(fd, at, n);
    if (more <= space) {
        space -= more;
        return (ssize_t)n;
    }
    if ((long long)n > more - space) {
        n -= (size_t)(more - space);
        space = 0;
        return (ssize_t)n;
    }
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    const ssize_t some = is_database(fd) ? allowed(fd, at, n) : (ssize_t)n;

    return some < 0 ? -1 : syscall(SYS_pwrite64, fd, bytes, (size_t)some, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite64(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t some = (ssize_t)n;

    if (is_database(fd))
        some = allowed(fd, lseek(fd, 0, SEEK_CUR), n);
    return some < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)some);
}

int fdatasync(int fd)
{
    n_syncs += is_database(fd);
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    n_syncs += is_database(fd);
    return (int)syscall(SYS_fsync, fd);
}

/* Thirty years on, thirty years back, ten on, as it is: in turn. */
static long jump(void)
{
    static const long years[] = { 30, -30, 10, 0 };

    return jumps ? years[n_looks++ / 2 % 4] * 31556952 : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    const int failed = (int)syscall(SYS_clock_gettime, clock, out);

    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += jump();
    return failed;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec t;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    out->tv_sec = t.tv_sec;
    out->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    if (out)
        *out = t.tv_sec;
    return t.tv_sec;
}
