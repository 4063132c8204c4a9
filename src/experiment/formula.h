/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formulas of experiment files, "= 2^(-family.dimension/4)": numbers, dotted keys, + - * / ^ (right
 * to left), unary -, parentheses, sqrt, log2, ceil, floor. The result, and what ceil and floor are
 * given, is rounded to 12 significant digits, which hides the last bits in which libm differs
 * between machines. Whatever is not finite on the way is an error. */
#ifndef SB_EXPERIMENT_FORMULA_H
#define SB_EXPERIMENT_FORMULA_H

#include "base/diag.h"

/* The text of a dotted key, or NULL where there is none; for messages, all known keys. */
struct sb_formula_scope {
    void *self;
    const char *(*lookup)(void *self, const char *key);
    const char *const *keys;
    size_t n_keys;
};
/* text: behind the '='. *column_out on error: where in text, from 1. 0 or -EINVAL with one message
 * without a place. */
int sb_formula(const char *text, const struct sb_formula_scope *scope, double *out,
               uint32_t *column_out, struct sb_diag *diag);

#endif
