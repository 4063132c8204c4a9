/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STAT(tau) for label-Lipschitz queries only: f: X -> [-1,1] with |f(x,y) - f(x,y')| <= lambda |y - y'|
 * [SVWX17]. A general query can read the digits of a real label one by one; these cannot.
 * The constant of an expression is proven (sb_expr_label_lipschitz); a callback's is seen, where the
 * points are the whole domain. */
#include "oracles/access/accesses.h"

static double limit(const struct sb_values *oracle)
{
    return sb_values_real(oracle, "lambda");
}

static const struct sb_param params[] = {
    SB_TAU_PARAM,
    { "lambda", SB_REAL, 0, NULL, "[0,inf)",
      "the largest label-Lipschitz constant that a query may have" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_access_class sb_access_lipschitz = {
    .name = "lipschitz",
    .summary = "STAT(tau) for queries of label-Lipschitz constant at most lambda",
    .source = "[SVWX17]",
    .bit = SB_STAT,
    .params = params,
    SB_TAU_ACCESS,
    .lipschitz = limit,
};
