/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's lock. SQLite's own locks last for a transaction; this one lasts for a whole run, so
 * that two runners never interleave their cells. The kernel lets go of it when its holder dies: a
 * file left behind by a crash is no obstacle. */
#include "store/lock.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int refuse_held(int fd, const char *path, const char *database, struct sb_diag *diag)
{
    char pid[24] = "";
    const ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    return sb_diag_fail(diag, -EINVAL,
                        "%s is being written by process %s (it holds %s): wait for it to end, or "
                        "name another database",
                        database, *pid ? pid : "(unknown)", path);
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
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0) {
            error = sb_diag_fail(diag, errno == ENOENT ? -ENOENT : -EINVAL,
                                 "cannot write beside %s: %s: %s", database, path, strerror(errno));
        } else if (flock(fd, LOCK_EX | LOCK_NB)) {
            error = refuse_held(fd, path, database, diag);
        } else if (is_current(fd, path)) {
            lock->fd = fd;
            lock->path = path;
            if (record_pid(fd) == 0)
                return 0;
            error = sb_diag_fail(diag, -EIO, "cannot write %s: %s", path, strerror(errno));
            sb_lock_drop(lock);
            return error;
        }
        if (fd >= 0)
            close(fd);
    } while (!error);
    free(path);
    return error;
}

void sb_lock_drop(struct sb_lock *lock)
{
    if (lock->fd < 0)
        return;
    unlink(lock->path); /* before letting go: whoever opened it meanwhile sees that it is gone */
    close(lock->fd);
    free(lock->path);
    lock->fd = -1;
    lock->path = NULL;
}
