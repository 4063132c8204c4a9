/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uses all of the public headers; compiled as C99, C11 and C++17 with every warning an error. */
#include <statbed/learner.h>

static int32_t run(const struct sb_host *h, void *self)
{
    const double u[2] = { 0.0, 1.0 };
    double answer = 0.0;
    sb_expr e = sb_mul(h, sb_y(h), sb_chi(h, u, 2));

    (void)self;
    e = sb_add(h, e, sb_sub(h, sb_x(h, 1), sb_num(h, 0.5)));
    e = sb_eq(h, e, sb_step(h, sb_candidate(h, 3)));
    return sb_ask1(h, sb_mul(h, e, sb_chi_mask(h, 5)), &answer) == SB_OK ? 0 : 1;
}

static const struct sb_param params[] = {
    { "count", SB_INT, 0, "5", "[1,9]", "a number" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

SB_LEARNER(SB_STAT, 0, "headers", "compiles", "a test", params, NULL, run, NULL);
