/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped kinds of access. */
#ifndef SB_ACCESS_ACCESSES_H
#define SB_ACCESS_ACCESSES_H

#include "oracles/access/oracle.h"

extern const struct sb_access_class *const sb_accesses[]; /* NULL-ended; generated */

#endif
