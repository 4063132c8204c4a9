/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read, written, and moved to where they belong when they are complete. */
#ifndef SB_REPORT_FILES_H
#define SB_REPORT_FILES_H

#include "base/buffer.h"
#include "base/diag.h"

int sb_file_read(const char *path, struct sb_buf *out, struct sb_diag *diag);
int sb_file_write(const char *path, struct sb_buf *text, struct sb_diag *diag);

/* A folder for drafts, on the file system of its parent: ".statbed-XXXXXX" in it. */
int sb_drafts_make(const char *parent, char **folder_out, struct sb_diag *diag);
/* Removes it with the plain files in it; frees the name. NULL ok. */
void sb_drafts_remove(char *folder);

/* The folder of a path ("." where it has none), malloc'd; and its last part, borrowed. */
char *sb_path_folder(const char *path);
const char *sb_path_name(const char *path);

#endif
