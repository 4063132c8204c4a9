/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family's correlations, as well as they can be had: in closed form, else from its laws. */
#ifndef SB_BOUNDS_CORRELATE_H
#define SB_BOUNDS_CORRELATE_H

#include "estimate/family.h"

/* How far to go. */
enum sb_effort {
    SB_EFFORT_RUN, /* for a cell of an experiment: closed forms, and what takes milliseconds */
    SB_EFFORT_FULL /* for `statbed bound`: matrices, eigenvalues, samples; seconds */
};
/* *out is to be freed by sb_correlations_fini. 0 (with out->unknown set where nothing is known), or a
 * negative errno with a message. */
int sb_correlations_of(const struct sb_family *family, enum sb_effort effort,
                       struct sb_correlations *out, struct sb_diag *diag);

/* The same of a matrix in a file: n lines of n numbers with commas between them, blanks around them allowed;
 * a first line without numbers is a heading. Symmetric to 1e-9, positive semidefinite but for rounding of
 * its numbers to some six digits, n to 2048. 0, -EINVAL with a message with line and column, or another
 * negative errno with a message. */
int sb_correlations_read_csv(const char *path, struct sb_correlations *out, struct sb_diag *diag);

#endif
