/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped kinds of access, and what several of them share. */
#ifndef SB_ACCESS_ACCESSES_H
#define SB_ACCESS_ACCESSES_H

#include "oracles/access/oracle.h"

extern const struct sb_access_class *const sb_accesses[]; /* NULL-ended; generated */

/* Of those with a tolerance tau, in the parameter `tolerance` (tau.c). */
struct sb_tolerance sb_tau_granted(const struct sb_values *oracle);
const char *sb_tau_refuse(struct sb_tolerance least, double value);
double sb_tau_least(struct sb_tolerance tolerance);

#endif
