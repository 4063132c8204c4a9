/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files, read whole. */
#ifndef SB_BASE_FILE_H
#define SB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The content, malloc'd and terminated (it may hold NULs: *n_out bytes without the terminator).
 * 0; -EFBIG: more than `most` bytes; -ENOMEM; what the system says. */
int sb_file_text(const char *path, size_t most, char **out, size_t *n_out);
/* Is there a regular file of that path? */
bool sb_file_is(const char *path);

#endif
