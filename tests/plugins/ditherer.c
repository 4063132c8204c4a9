/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a parity with d + 1 queries of any tolerance, where answers are rounded to a grid: fewer than
 * any learner can do with against an oracle that its bound holds for.
 *
 * E[y h_j(x)] = 2^(1-d) if j is in S, else 0, for h_j(x) = chi_j(x) [all other coordinates are 0]. Asked for the
 * constant 0, the oracle shows a point a of its grid, and values are rounded up from a + tau/2 on. So
 * y h_j / 2 + c with c = a + tau/2 - 2^-(d+1) is rounded up if and only if j is in S. */
#include <statbed/learner.h>

static sb_expr indicator(const struct sb_host *h, uint32_t j)
{
    sb_expr e = sb_mul(h, sb_y(h), sb_chi_mask(h, UINT64_C(1) << j));

    for (uint32_t i = 0; i < h->facts(h->self)->dim; i++)
        if (i != j)
            e = sb_mul(h, e, sb_sub(h, sb_num(h, 1), sb_x(h, i)));
    return sb_mul(h, sb_num(h, 0.5), e);
}

static int32_t run(const struct sb_host *h, void *self)
{
    const uint32_t dim = h->facts(h->self)->dim;
    double edge, bit[64];
    int32_t status = sb_ask1(h, sb_num(h, 0), &edge);

    (void)self;
    edge += h->tolerance(h->self, SB_STAT) / 2;
    for (uint32_t j = 0; j < dim && status == SB_OK; j++) {
        const double half_gap = 1.0 / (double)(UINT64_C(2) << dim);
        double v = 0;

        status = sb_ask1(h, sb_add(h, indicator(h, j), sb_num(h, edge - half_gap)), &v);
        bit[j] = v > edge;
    }
    return status == SB_OK ? h->recovered(h->self, bit, dim) : status;
}

SB_LEARNER(SB_STAT, 0, "ditherer", "finds a parity between the points of a grid", "a test", NULL,
           NULL, run, NULL);
