/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped policies. */
#ifndef SB_POLICIES_POLICIES_H
#define SB_POLICIES_POLICIES_H

#include "oracles/policies/policy.h"

extern const struct sb_policy_class *const sb_policies[]; /* NULL-ended; generated */

#endif
