/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's lock. SQLite's own locks last for a transaction; this one lasts for a whole run, so
 * that two runners never interleave their cells. The kernel lets go of it when its holder dies: a
 * file left behind by a crash is no obstacle. */
#include "store/lock.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 100 }; /* hundredths of a second for a holder that is not there */

/* Two names of one file must meet in one lock. */
static char *lock_path(const char *database)
{
    char *real SB_FREE = realpath(database, NULL);

    return sb_printf("%s.lock", real ? real : database);
}

/* The holder before us may have removed the file between our open and our lock. */
static int is_current(int fd, const char *path)
{
    struct stat held, named;

    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

/* Who holds it; 0: nobody has said so yet. */
static long holder(int fd)
{
    char pid[24] = "";
    const ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    return strtol(pid, NULL, 10);
}

static bool is_alive(long pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

/* Locked by a process that is not there: its name is about to be written, or it was killed and the
 * kernel has not done with its children yet. 0: locked. */
static int wait_for(int fd)
{
    const struct timespec nap = { 0, 10000000 };

    for (int i = 0; i < PATIENCE; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (is_alive(holder(fd)))
            break;
        nanosleep(&nap, NULL);
    }
    return -EWOULDBLOCK;
}

static int refuse_held(int fd, const char *path, const char *database, struct sb_diag *diag)
{
    const long pid = holder(fd);
    char *who SB_FREE = pid > 0 ? sb_printf("process %ld", pid) : sb_strdup("another process");

    return sb_diag_fail(diag, -EINVAL,
                        "%s is being written by %s (it holds %s): wait for it to end, or name "
                        "another database",
                        database, who ? who : "another process", path);
}

/* A file that we may not write, of another user's: where nobody holds it, it goes. */
static int remove_stale(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int error = 0;

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || (is_current(fd, path) && unlink(path)))
        error = errno == EWOULDBLOCK ? -EBUSY : -EACCES;
    if (fd >= 0)
        close(fd);
    return error;
}

/* The file's descriptor; negative after a message. */
static int open_lock(const char *path, const char *database, struct sb_diag *diag)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    const int cause = errno;
    int error;

    if (fd >= 0)
        return fd;
    if (access(path, F_OK))
        return sb_diag_fail(diag, cause == ENOENT ? -ENOENT : -EINVAL,
                            "cannot write beside %s: %s: %s", database, path, strerror(cause));
    error = cause == EACCES ? remove_stale(path) : -EACCES;
    if (error == -EBUSY)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is being written by another user's process (it holds %s): wait for "
                            "it to end, or name another database",
                            database, path);
    if (error)
        return sb_diag_fail(diag, -EINVAL,
                            "%s cannot be written: %s: remove it if no other runner is at work on "
                            "%s",
                            path, strerror(cause), database);
    return open_lock(path, database, diag);
}

static int record_pid(int fd)
{
    char pid[24];
    const int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n)
        return -errno;
    return 0;
}

int sb_lock_take(struct sb_lock *lock, const char *database, struct sb_diag *diag)
{
    char *path = lock_path(database);
    int fd, error = 0;

    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    do {
        fd = open_lock(path, database, diag);
        if (fd < 0) {
            error = fd;
        } else if (wait_for(fd)) {
            error = refuse_held(fd, path, database, diag);
        } else if (is_current(fd, path)) {
            lock->fd = fd;
            lock->path = path;
            if (record_pid(fd) == 0)
                return 0;
            error =
                sb_diag_fail(diag, -EIO, "cannot write %s: %s: make room, or name another database",
                             path, strerror(errno));
            sb_lock_drop(lock);
            return error;
        }
        if (fd >= 0)
            close(fd);
    } while (!error);
    free(path);
    return error;
}

bool sb_lock_held(const char *database)
{
    char *path SB_FREE = lock_path(database);
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    const bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return held;
}

void sb_lock_drop(struct sb_lock *lock)
{
    if (lock->fd < 0)
        return;
    if (is_current(lock->fd, lock->path))
        unlink(
            lock->path); /* before letting go: whoever opened it meanwhile sees that it is gone */
    close(lock->fd);
    free(lock->path);
    lock->fd = -1;
    lock->path = NULL;
}
