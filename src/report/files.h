/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read, written, and moved to where they belong when they are complete. */
#ifndef SB_REPORT_FILES_H
#define SB_REPORT_FILES_H

#include "base/buffer.h"
#include "base/diag.h"

#include <signal.h>

int sb_file_read(const char *path, struct sb_buf *out, struct sb_diag *diag);
int sb_file_write(const char *path, struct sb_buf *text, struct sb_diag *diag);

/* May a file be moved there: is nothing there, or a plain file? -EINVAL with a line: a folder, a device,
 * a pipe. */
int sb_file_replaceable(const char *path, struct sb_diag *diag);

/* A folder for drafts, on the file system of its parent: ".statbed-XXXXXX" in it. Until it is
 * removed, signals that would end the program wait. */
struct sb_drafts {
    char *folder; /* NULL: there is none */
    sigset_t before;
};
int sb_drafts_make(const char *parent, struct sb_drafts *out, struct sb_diag *diag);
/* Removes it with the plain files in it, and lets signals come. {0} ok. */
void sb_drafts_remove(struct sb_drafts *drafts);

/* The folder of a path ("." where it has none), malloc'd; and its last part, borrowed. */
char *sb_path_folder(const char *path);
const char *sb_path_name(const char *path);

#endif
