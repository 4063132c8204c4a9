/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database as one HTML page: static, self-contained, the same bytes for the same database. */
#ifndef SB_REPORT_PAGE_H
#define SB_REPORT_PAGE_H

#include "store/store.h"

/* Appends the page. `path`: the database's, as commands on the page name it. Needs gnuplot. */
int sb_report_page(struct sb_store *store, const char *path, struct sb_buf *out,
                   struct sb_diag *diag);

/* How every page begins: a file that begins otherwise is not one. */
extern const char sb_report_head[];

#endif
