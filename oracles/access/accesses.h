/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped kinds of access, and what several of them share. */
#ifndef SB_ACCESS_ACCESSES_H
#define SB_ACCESS_ACCESSES_H

#include "oracles/access/oracle.h"

extern const struct sb_access_class *const sb_accesses[]; /* NULL-ended; generated */

/* Of those to [-1,1] with a tolerance tau, in the parameter `tolerance` (tau.c). */
#define SB_TAU_PARAM                                                                               \
    {                                                                                              \
        "tolerance", SB_REAL, 0, NULL, "[1e-9,1]", "tau: the least tolerance granted"              \
    }
extern const struct sb_param sb_tau_params[]; /* it alone */
struct sb_tolerance sb_tau_granted(const struct sb_values *oracle);
const char *sb_tau_refuse(struct sb_tolerance least, double value);
double sb_tau_least(struct sb_tolerance tolerance);
#define SB_TAU_ACCESS                                                                              \
    .lo = -1, .hi = 1, .granted = sb_tau_granted, .refuse = sb_tau_refuse, .least = sb_tau_least

#endif
