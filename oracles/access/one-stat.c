/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 1-STAT: for a query f: X -> {0,1}, its value at one fresh example [FGR17]. Expressions are to
 * [0,1], and the bit is f >= 1/2. */
#include "oracles/access/accesses.h"

static struct sb_tolerance granted(const struct sb_values *oracle)
{
    (void)oracle;
    return (struct sb_tolerance){ SB_RULE_NONE, 1 };
}

static const char *refuse(struct sb_tolerance most, double value)
{
    (void)most;
    return value == 1 ? NULL : "nothing but the one example of an answer";
}

static sb_expr bit(struct sb_pool *pool, sb_expr f)
{
    const double half = 0.5;
    const sb_expr pair[2] = { sb_pool_op(pool, SB_CONST, &half, 1, NULL, 0), f };

    return sb_pool_op(pool, SB_LE, NULL, 0, pair, 2);
}

static const struct sb_param params[] = { { NULL, 0, 0, NULL, NULL, NULL } };

const struct sb_access_class sb_access_one_stat = {
    .name = "one-stat",
    .summary = "1-STAT: the bit f(x, y) >= 1/2 at one fresh example",
    .source = "[FGR17]",
    .bit = SB_ONE_STAT,
    .kind = SB_ACCESS_FRESH,
    .lo = 0,
    .hi = 1,
    .params = params,
    .granted = granted,
    .refuse = refuse,
    .estimated = bit,
};
