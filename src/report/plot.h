/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing as files: NAME.dat, NAME.gp and the picture, or as an SVG in memory. */
#ifndef SB_REPORT_PLOT_H
#define SB_REPORT_PLOT_H

#include "report/script.h"

/* Writes PREFIX.dat, PREFIX.gp and PREFIX.ending, all or none; existing files are only replaced with
 * `force` (-EINVAL). The drawing has panels. */
int sb_plot_files(const struct sb_drawing *drawing, const struct sb_script_source *source,
                  const struct sb_picture *picture, const char *prefix, bool force,
                  struct sb_diag *diag);
/* The picture sb_picture_inline as it comes from gnuplot, appended to out. */
int sb_plot_svg(const struct sb_drawing *drawing, struct sb_buf *out, struct sb_diag *diag);

#endif
