/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot as a process: no shell, none of the user's settings. */
#ifndef SB_REPORT_GNUPLOT_H
#define SB_REPORT_GNUPLOT_H

#include "base/diag.h"

/* Is it there? -ENOENT with one line that says how to install it. */
int sb_gnuplot_present(struct sb_diag *diag);
/* Runs the script `name` of the folder in that folder. Errors are one line with what it printed. */
int sb_gnuplot_run(const char *folder, const char *name, struct sb_diag *diag);

#endif
