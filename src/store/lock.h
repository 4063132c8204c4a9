/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's lock: a file beside the database that one process holds until it is done. */
#ifndef SB_STORE_LOCK_H
#define SB_STORE_LOCK_H

#include "base/diag.h"

#include <stdbool.h>

struct sb_lock {
    int fd;     /* -1: not held */
    char *path; /* "<database>.lock" */
};

/* Takes the lock of a database; -EINVAL with one line that names the file and its holder. */
int sb_lock_take(struct sb_lock *lock, const char *database, struct sb_diag *diag);
/* Does another process hold it? Makes no file. */
bool sb_lock_held(const char *database);
/* Removes the file and lets go; nothing where it is not held. */
void sb_lock_drop(struct sb_lock *lock);

#endif
