/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of one run, for `statbed show RUN`. */
#ifndef SB_CLI_SHOW_RUN_H
#define SB_CLI_SHOW_RUN_H

#include "base/buffer.h"
#include "base/diag.h"

/* db NULL: the default database. -ENOENT where it has no such run. */
int sb_show_run(const char *db, int64_t run, struct sb_buf *out, struct sb_diag *diag);

#endif
