/* SPDX-License-Identifier: MIT */
/* NAME: a statbed learner. This file is yours; build it and run it:
 *
 *     cc -shared -fPIC -O2 $(pkg-config --cflags statbed) -o NAME.so NAME.c
 *     statbed run NAME.yaml
 *     statbed table --db results/NAME.db
 *
 * As written it asks how the label correlates with each coordinate, one query each, and predicts by
 * the sign of the sum: that learns a conjunction of two literals, and not a parity. The function to
 * edit is learn(). docs/learner.md has the lifecycle, the statuses and the operators. */
#include <statbed/learner.h>

#include <stdio.h>

/* About E[g(x, y)] at the granted tolerance, for an expression g between -1 and 1. */
static int32_t ask(const struct sb_host *h, sb_expr g, double *answer)
{
    const int is_vstat = !(h->facts(h->self)->access & SB_STAT);
    int32_t status;

    if (is_vstat) /* it takes functions to [0,1] */
        g = sb_mul(h, sb_num(h, 0.5), sb_add(h, sb_num(h, 1), g));
    status = sb_ask1(h, g, answer);
    if (status == SB_OK && is_vstat)
        *answer = 2 * *answer - 1;
    return status;
}

/* ===== EDIT FROM HERE ===== label is y as -1 or 1; *sign is to become an expression of x alone
 * whose sign is your prediction of it. Returns SB_OK, or the status that stopped it. */
static int32_t learn(const struct sb_host *h, sb_expr label, sb_expr *sign)
{
    const uint32_t dim = h->facts(h->self)->dim;
    const int64_t most = h->param_int(h->self, "coordinates");
    double v = 0;
    int32_t status = ask(h, label, &v);

    *sign = sb_num(h, v);
    for (uint32_t j = 0; j < dim && status == SB_OK && (most == 0 || j < most); j++) {
        const double set[1] = { (double)j };
        const sb_expr chi = sb_chi(h, set, 1); /* 1 where x_j = 0, -1 where x_j = 1 */

        status = ask(h, sb_mul(h, label, chi), &v);
        if (status == SB_OK)
            *sign = sb_add(h, *sign, sb_mul(h, sb_num(h, v), chi));
    }
    return status;
}
/* ===== TO HERE; the parameters that learn() reads are declared below ===== */

static const struct sb_param params[] = { { "coordinates", SB_INT, 0, "0", "[0,64]",
                                            "ask about so many coordinates; 0: all" },
                                          { NULL, 0, 0, NULL, NULL, NULL } };

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    double low, high;
    sb_expr label, sign;
    int32_t status;

    (void)self;
    if (f->domain != SB_CUBE || f->n_labels != 2 || f->goal != SB_PREDICT) {
        fprintf(stderr, "NAME: predicts one of two labels on the cube only\n");
        return 1;
    }
    low = f->label_set[0];
    high = f->label_set[1];
    label = sb_sub(h, sb_mul(h, sb_num(h, 2 / (high - low)), sb_y(h)),
                   sb_num(h, (high + low) / (high - low)));
    status = learn(h, label, &sign);
    if (status == SB_STOP) /* the run is over */
        return status;
    if (status != SB_OK) /* say why, and return what there is: the budget may have ended */
        fprintf(stderr, "NAME: %s\n", h->message(h->self));
    return h->predict_expr(
        h->self, sb_add(h, sb_num(h, low), sb_mul(h, sb_num(h, high - low), sb_step(h, sign))));
}

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "NAME", "asks the label's correlation with each coordinate",
           "the template of statbed new learner", params, NULL, run, NULL);
