/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics: what went wrong, for the user. The library never prints; it fills a list of one-line
 * messages, each with a place where there is one. Functions that can fail for a user's reason take
 * a `struct sb_diag *` (NULL is allowed: the text is dropped) and return 0 or a negative errno:
 *   -EINVAL  the input is wrong (the command line exits with 2)
 *   -ENOENT  something named does not exist (2)
 *   -ENOMEM  out of memory
 *   -EIO     the world failed: disk, process, database (1)
 *   -EFAULT  a fault of statbed's own: a certificate or a policy broke its promise (1) */
#ifndef SB_BASE_DIAG_H
#define SB_BASE_DIAG_H

#include <stddef.h>
#include <stdint.h>

struct sb_diag_item {
    char *file;            /* NULL: no place */
    uint32_t line, column; /* from 1; 0: unknown */
    char *text;            /* what was found, what was expected, what to do */
};

struct sb_diag {
    struct sb_diag_item *items;
    size_t n_items, cap;
};

void sb_diag_init(struct sb_diag *diag);
void sb_diag_fini(struct sb_diag *diag);

/* Adds a message without a place. Returns `error`, so that callers can
 * `return sb_diag_fail(diag, -EINVAL, "...")`. */
int sb_diag_fail(struct sb_diag *diag, int error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at a place. */
int sb_diag_fail_at(struct sb_diag *diag, int error, const char *file, uint32_t line,
                    uint32_t column, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* One item as "file:line:column: text" or "text"; malloc'd. */
char *sb_diag_line(const struct sb_diag_item *item);

#endif
