/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifts written out, unit by unit. */
#include "numeric/network_lift.h"

#include "base/memory.h"
#include "numeric/network_build.h"

#include <errno.h>

/* The ramp that rises from 0 at `from` to 1 at `to`, times sign, to the next value begun last. */
static void add_ramp(struct sb_build *b, uint32_t t, double from, double to, double sign)
{
    const struct sb_term itself = { t, 1 };
    const double slope = 1 / (to - from);

    sb_build_next_of(b, sign * slope, sb_build_relu(b, -from, 1, &itself));
    sb_build_next_of(b, -sign * slope, sb_build_relu(b, -to, 1, &itself));
}

static void add_n1(struct sb_build *b, const struct sb_lift *lift, uint32_t t)
{
    for (uint32_t k = 0; k + 1 < lift->setup.q; k++)
        add_ramp(b, t, lift->boundary[k].rl, lift->boundary[k].rh, 1);
}

static void add_n2(struct sb_build *b, const struct sb_lift *lift, uint32_t t)
{
    for (uint32_t k = 0; k + 1 < lift->setup.q; k++) {
        const struct sb_lift_boundary *at = &lift->boundary[k];

        add_ramp(b, t, at->sl, at->rl, 1);
        add_ramp(b, t, at->rh, at->sh, -1);
    }
}

/* The profile as g(S) = sum_i c R(u), u = at_0 + slope S. */
struct piece {
    double c, at_0, slope;
};
enum { PIECES = 3 };

static int pieces_of(const struct sb_lift *lift, struct piece out[PIECES])
{
    const double d = lift->setup.dim;

    if (lift->setup.profile == SB_LIFT_BULK) {
        out[0] = (struct piece){ d, 1 / d, -1 / d };
        return 1;
    }
    out[0] = (struct piece){ d, 0, 1 / d };
    out[1] = (struct piece){ -d * d / (d - 1), -1 / (d * d), 1 / d };
    out[2] = (struct piece){ d / (d - 1), -1 / d, 1 / d };
    return 3;
}

/* N3 while it is written down, into the next value begun last. */
struct gadget {
    struct sb_build *b;
    const struct sb_lift *lift;
    uint32_t s, t;    /* values: s_1 is number s */
    double t0, scale; /* scale * N3(s; t - t0) */
    struct piece piece[PIECES];
    int n_pieces;
    uint32_t *chosen; /* F, increasing; room for m */
};

static double binomial(uint32_t n, uint32_t k)
{
    double c = 1;

    for (uint32_t i = 1; i <= k; i++)
        c = c * (double)(n - k + i) / (double)i; /* C(n - k + i, i): exact below 2^53 */
    return c;
}

/* weight * psi_u(a + s_F; t - t0), psi_u(S; t) = R(t + u) - 3 R(t - 1/2 + u/5) + 2 R(t - 3/4 - u/5). */
static void add_psi(struct gadget *g, const struct piece *piece, uint32_t size, uint32_t a,
                    double weight)
{
    static const struct {
        double weight, shift, part;
    } unit[3] = { { 1, 0, 1 }, { -3, -0.5, 0.2 }, { 2, -0.75, -0.2 } };
    const double u = piece->at_0 + piece->slope * a;

    for (int i = 0; i < 3; i++) {
        const uint32_t number = sb_build_unit(g->b, unit[i].shift - g->t0 + unit[i].part * u);

        sb_build_unit_of(g->b, 1, g->t);
        for (uint32_t k = 0; k < size; k++)
            sb_build_unit_of(g->b, unit[i].part * piece->slope, g->s + g->chosen[k]);
        sb_build_next_of(g->b, weight * unit[i].weight, number);
    }
}

/* The terms of all F that add to the first `size` chosen some members from number `from` on. */
static void add_terms(struct gadget *g, uint32_t from, uint32_t size)
{
    const uint32_t m = g->lift->setup.m, d = g->lift->setup.dim;

    for (uint32_t a = 0; a + size <= m && !g->b->error; a++) {
        const double weight = g->scale * binomial(d - 1 - size - a, m - size - a);

        for (int i = 0; i < g->n_pieces; i++)
            add_psi(g, &g->piece[i], size, a,
                    (m + size) & 1 ? -weight * g->piece[i].c : weight * g->piece[i].c);
    }
    for (uint32_t j = from; size < m && j < d && !g->b->error; j++) {
        g->chosen[size] = j;
        add_terms(g, j + 1, size + 1);
    }
}

static void add_n3(struct gadget *g)
{
    g->n_pieces = pieces_of(g->lift, g->piece);
    add_terms(g, 0, 0);
}

uint64_t sb_network_n3_units(const struct sb_lift *lift)
{
    const uint32_t d = lift->setup.dim, m = lift->setup.m;
    struct piece piece[PIECES];
    double n = 0;

    for (uint32_t r = 0; r <= m; r++)
        n += binomial(d, r) * (m - r + 1);
    n *= 3 * pieces_of(lift, piece);
    return n < 0x1p64 ? (uint64_t)n : UINT64_MAX;
}

static int of_one_coordinate(const struct sb_lift *lift,
                             void (*add)(struct sb_build *, const struct sb_lift *, uint32_t),
                             struct sb_network **out, struct sb_diag *diag)
{
    struct sb_build b;
    uint32_t next;
    int error;

    sb_build_init(&b, 1, diag);
    next = sb_build_next(&b, 0);
    add(&b, lift, 0);
    sb_build_layer(&b);
    error = sb_build_network(&b, next, out);
    sb_build_fini(&b);
    return error;
}

int sb_network_n1(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag)
{
    return of_one_coordinate(lift, add_n1, out, diag);
}

int sb_network_n2(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag)
{
    return of_one_coordinate(lift, add_n2, out, diag);
}

double sb_network_compressed_units(const struct sb_lift *lift, uint32_t n_t, const double *sigma)
{
    uint64_t n_values = 0;

    for (uint32_t t = 0; t < n_t; t++)
        n_values += sigma[t] != 0;
    return (double)sb_network_n3_units(lift) * (double)n_values +
           6.0 * (lift->setup.q - 1) * lift->setup.dim;
}

/* Refuses what would be too large before anything is written down. */
static int check_units(const struct sb_lift *lift, double units, struct sb_diag *diag)
{
    if (units <= SB_NETWORK_MOST_UNITS)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "the lifted network of dimension %u with m = %u would have %.6g hidden "
                        "units (%.6g in each copy of N3); at most %d are made: take a smaller m or "
                        "dimension",
                        lift->setup.dim, lift->setup.m, units, (double)sb_network_n3_units(lift),
                        SB_NETWORK_MOST_UNITS);
}

int sb_network_n3(const struct sb_lift *lift, struct sb_network **out, struct sb_diag *diag)
{
    const uint32_t d = lift->setup.dim;
    uint32_t *chosen SB_FREE = SB_NEW_ARRAY(uint32_t, lift->setup.m);
    struct sb_build b;
    struct gadget g = { .b = &b, .lift = lift, .s = 0, .t = d, .scale = 1, .chosen = chosen };
    uint32_t next;
    int error = chosen ? check_units(lift, (double)sb_network_n3_units(lift), diag) : -ENOMEM;

    if (error)
        return error;
    sb_build_init(&b, d + 1, diag);
    next = sb_build_next(&b, 0);
    add_n3(&g);
    sb_build_layer(&b);
    error = sb_build_network(&b, next, out);
    sb_build_fini(&b);
    return error;
}

/* The first layer: next values N1(z_1) .. N1(z_d). */
static void add_all_n1(struct sb_build *b, const struct sb_lift *lift)
{
    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        sb_build_next(b, 0);
        add_n1(b, lift, j);
    }
}

/* The layers above N1 and N2: values 0 .. d - 1 and d .. 2 d - 1. */
static uint32_t add_all_n3(struct gadget *g, const double *w, uint32_t n_t, const double *sigma)
{
    uint32_t next;

    g->t = sb_build_sum(g->b, 0);
    for (uint32_t j = 0; j < g->lift->setup.dim; j++)
        if (w[j] != 0)
            sb_build_sum_of(g->b, w[j], j);
    next = sb_build_next(g->b, 0);
    for (uint32_t t = 0; t < n_t; t++) {
        g->t0 = t;
        g->scale = sigma[t];
        if (sigma[t] != 0)
            add_n3(g);
    }
    return next;
}

int sb_network_compressed(const struct sb_lift *lift, const double *w, uint32_t n_t,
                          const double *sigma, struct sb_network **out, struct sb_diag *diag)
{
    const uint32_t d = lift->setup.dim;
    uint32_t *chosen SB_FREE = SB_NEW_ARRAY(uint32_t, lift->setup.m);
    struct sb_build b;
    struct gadget g = { .b = &b, .lift = lift, .s = d, .chosen = chosen };
    uint32_t next;
    int error =
        chosen ? check_units(lift, sb_network_compressed_units(lift, n_t, sigma), diag) : -ENOMEM;

    if (error)
        return error;
    sb_build_init(&b, d, diag);
    add_all_n1(&b, lift);
    for (uint32_t j = 0; j < d; j++) {
        sb_build_next(&b, 0);
        add_n2(&b, lift, j);
    }
    sb_build_layer(&b);
    next = add_all_n3(&g, w, n_t, sigma);
    sb_build_layer(&b);
    error = sb_build_network(&b, next, out);
    sb_build_fini(&b);
    return error;
}

int sb_network_dv(const struct sb_lift *lift, const struct sb_network *f, struct sb_network **out,
                  struct sb_diag *diag)
{
    const uint32_t d = lift->setup.dim;
    uint32_t *value SB_FREE = SB_NEW_ARRAY(uint32_t, d);
    struct sb_build b;
    uint32_t sum, next;
    int error;

    if (!value)
        return -ENOMEM;
    sb_build_init(&b, d, diag);
    add_all_n1(&b, lift);
    sum = sb_build_next(&b, 0);
    for (uint32_t j = 0; j < d; j++) {
        value[j] = j;
        add_n2(&b, lift, j);
    }
    sb_build_layer(&b);
    next = sb_build_stack(&b, f, value, 1, &sum);
    sum = next + 1;
    next = sb_build_next(&b, 0);
    sb_build_next_of(&b, 1,
                     sb_build_relu(&b, 0, 2, (struct sb_term[]){ { sum - 1, 1 }, { sum, -1 } }));
    sb_build_layer(&b);
    error = sb_build_network(&b, next, out);
    sb_build_fini(&b);
    return error;
}
