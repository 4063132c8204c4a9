/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a lifted parity from d + 1 labels at chosen points: where statistical queries find nothing, labels
 * show the parity itself [CGKM22, Section 5; docs/theorems.md E4].
 *
 * The points lie in the cells of 0, e_1, .., e_d, away from the ramps: every coordinate is +-0.75, and a
 * ramp S around 0 has mass 2 delta <= 1 of all, so that it ends at .675 for N(0,1), .694 for the Laplace law
 * and .5 for the uniform one. There the label is the parity of the cells (lift dv, and profile bulk). With
 * the profile edge it is 0 where all N2(z_j) are: there the last coordinate is put into the ramp, to either
 * side where N2 = 3/(4 d), so that the label is 3/(4 d) times the parity. S holds the i whose label differs
 * from that of 0.
 *
 * Labels: d + 1. Without noise there is nothing to choose.
 *
 * Goal predict: R(f(x) - sum of N2(z_j)) for the lift dv and profile bulk, f(x) g(sum of N2(z_j)) for edge,
 * which is the label wherever at most m coordinates lie in ramps. Ends of ramps, and so this goal and the
 * profile edge, are computed for Gaussian coordinates only. */
#include <statbed/learner.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM_MAX = 63 };

struct lifted {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t dim; /* the base's: coordinates behind these are padding */
    int edge, gauss;
    double rh, sh; /* N2 is 1 up to rh, 0 from sh on */
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "lifted-parity-membership: %s\n", why);
    return 1;
}

/* Phi(t) - 1/2 for 0 <= t <= 1, by its power series. */
static double normal_half(double t)
{
    double term = t, sum = t;

    for (int k = 1; k < 24; k++) {
        term *= -t * t / (2 * k);
        sum += term / (2 * k + 1);
    }
    return sum * 0.39894228040143267794;
}

/* The t with Phi(t) - 1/2 = p, 0 < p <= 1/4. */
static double normal_end(double p)
{
    double lo = 0, hi = 1;

    for (int i = 0; i < 60; i++) {
        const double middle = (lo + hi) / 2;

        if (normal_half(middle) < p)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

static int32_t setup(const struct sb_host *h, struct lifted *l)
{
    const struct sb_facts *f = h->facts(h->self);
    double delta;

    if (strcmp(f->family, "lifted") != 0 || strcmp(h->family_text(h->self, "base"), "parity") != 0)
        return fail("learns the family lifted with base = parity only");
    *l = (struct lifted){ .h = h, .facts = f };
    l->dim = (uint32_t)h->family_int(h->self, "dimension");
    l->gauss = strcmp(h->family_text(h->self, "marginal"), "gauss") == 0;
    l->edge = strcmp(h->family_text(h->self, "lift"), "compressed") == 0 &&
              strcmp(h->family_text(h->self, "profile"), "edge") == 0;
    if (f->goal == SB_DISTINGUISH)
        return fail("returns the subset or a predictor; give goal: recover or predict");
    if (!l->gauss && (l->edge || f->goal == SB_PREDICT))
        return fail("the profile edge, and goal: predict, need marginal = gauss");
    delta = h->family_real(h->self, "delta");
    delta = delta > 0 ? delta : 1.0 / (l->dim * l->dim);
    l->rh = normal_end(delta / 4);
    l->sh = normal_end(delta / 2);
    return 0;
}

/* Row i: the cell of 0, or that of e_i for i > 0. */
static void place(const struct lifted *l, double *x)
{
    const uint64_t n = l->facts->dim;

    for (uint64_t i = 0; i <= l->dim; i++)
        for (uint64_t j = 0; j < n; j++) {
            double at = 0.75;

            if (l->edge && j + 1 == l->dim)
                at = l->sh - 0.75 / l->dim * (l->sh - l->rh);
            x[i * n + j] = j + 1 == i ? at : -at;
        }
}

static sb_expr constant(const struct lifted *l, double v)
{
    return sb_num(l->h, v);
}

/* sum of N2(z_j) */
static sb_expr ramps(const struct lifted *l)
{
    const struct sb_host *h = l->h;
    const double unit[2] = { 0, 1 };
    sb_expr sum = constant(l, 0);

    for (uint32_t j = 0; j < l->dim; j++) {
        const sb_expr gap = sb_sub(h, constant(l, l->sh), sb_op1(h, SB_ABS, sb_x(h, j)));
        const sb_expr ramp = sb_op2(h, SB_DIV, gap, constant(l, l->sh - l->rh));

        sum = sb_add(h, sum, h->op(h->self, SB_CLIP, unit, 2, &ramp, 1));
    }
    return sum;
}

/* The parity of the cells, 0 or 1. */
static sb_expr parity(const struct lifted *l, const double *bit)
{
    const struct sb_host *h = l->h;
    sb_expr sum = constant(l, 0);

    for (uint32_t j = 0; j < l->dim; j++)
        if (bit[j] > 0)
            sum = sb_add(h, sum, sb_op2(h, SB_LT, constant(l, 0), sb_x(h, j)));
    return sb_op2(h, SB_MOD, sum, constant(l, 2));
}

static int32_t predict(const struct lifted *l, const double *bit)
{
    const struct sb_host *h = l->h;
    const sb_expr s = ramps(l), f = parity(l, bit);
    sb_expr g;

    if (!l->edge)
        return h->predict_expr(h->self, sb_op1(h, SB_RELU, sb_sub(h, f, s)));
    g = sb_op2(h, SB_DIV, sb_sub(h, constant(l, 1), s), constant(l, l->dim - 1.0));
    g = sb_op1(h, SB_RELU, sb_op2(h, SB_MIN, s, g));
    return h->predict_expr(h->self, sb_mul(h, f, g));
}

static int32_t conclude(const struct lifted *l, const double *y)
{
    const double half = l->edge ? 0.375 / l->dim : 0.5;
    double bit[DIM_MAX];

    for (uint32_t j = 0; j < l->dim; j++)
        bit[j] = (y[j + 1] > half) != (y[0] > half);
    if (l->facts->goal == SB_RECOVER)
        return l->h->recovered(l->h->self, bit, l->dim);
    return predict(l, bit);
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct lifted l;
    int32_t end = setup(h, &l);
    double *x = NULL, y[DIM_MAX + 1];

    (void)self;
    if (end != 0)
        return end;
    x = calloc((uint64_t)(l.dim + 1) * l.facts->dim, sizeof *x);
    if (!x)
        return fail("out of memory");
    place(&l, x);
    end = h->labels(h->self, l.dim + 1, x, y);
    free(x);
    if (end != SB_OK)
        return end == SB_STOP ? SB_STOP : fail(h->message(h->self));
    return conclude(&l, y);
}

SB_LEARNER(SB_LABEL, 0, "lifted-parity-membership",
           "reads a lifted parity off the labels at d + 1 points away from the ramps",
           "label queries [CGKM22, Section 5]; not an SQ learner", NULL, NULL, run, NULL);
