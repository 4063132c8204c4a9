/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plateaus and ramps of the step function in balls. */
#include "construct/ramps.h"

#include "construct/hermite_rule.h"
#include "construct/tails.h"

/* Masses of bump i: differences of upper tails, inside out. */
static void find_masses(struct sb_ramps *r, uint32_t i)
{
    arb_t tail[4];
    arb_srcptr ends[4] = { r->foot[0] + i, r->edge[0] + i, r->edge[1] + i, r->foot[1] + i };
    arb_ptr masses[3] = { r->ramp[0] + i, r->plateau + i, r->ramp[1] + i };

    for (int j = 0; j < 4; j++) {
        arb_init(tail[j]);
        sb_ball_upper_tail(ends[j], r->prec, tail[j]);
    }
    for (int j = 0; j < 3; j++) {
        arb_sub(masses[j], tail[j], tail[j + 1], r->prec);
        arb_sub(r->rest, r->rest, masses[j], r->prec);
    }
    for (int j = 0; j < 4; j++)
        arb_clear(tail[j]);
}

void sb_ramps_init(const struct sb_moments *placed, slong prec, struct sb_ramps *out)
{
    const uint32_t n = placed->n;

    *out = (struct sb_ramps){ .placed = placed, .n = n, .prec = prec };
    arb_init(out->eps);
    arb_set_d(out->eps, placed->eps);
    arb_init(out->rest);
    arb_set_d(out->rest, 0.5);
    out->plateau = _arb_vec_init(n);
    for (int side = 0; side < 2; side++) {
        out->foot[side] = _arb_vec_init(n);
        out->phi_foot[side] = _arb_vec_init(n);
        out->edge[side] = _arb_vec_init(n);
        out->phi_edge[side] = _arb_vec_init(n);
        out->ramp[side] = _arb_vec_init(n);
    }
    for (uint32_t i = 0; i < n; i++) {
        arb_set_d(out->edge[0] + i, placed->bump[i].p);
        arb_set_d(out->edge[1] + i, placed->bump[i].q);
        arb_sub(out->foot[0] + i, out->edge[0] + i, out->eps, prec);
        arb_add(out->foot[1] + i, out->edge[1] + i, out->eps, prec);
        for (int side = 0; side < 2; side++) {
            sb_ball_density(out->edge[side] + i, prec, out->phi_edge[side] + i);
            sb_ball_density(out->foot[side] + i, prec, out->phi_foot[side] + i);
        }
        find_masses(out, i);
    }
}

void sb_ramps_fini(struct sb_ramps *ramps)
{
    for (int side = 0; side < 2; side++) {
        _arb_vec_clear(ramps->foot[side], ramps->n);
        _arb_vec_clear(ramps->phi_foot[side], ramps->n);
        _arb_vec_clear(ramps->edge[side], ramps->n);
        _arb_vec_clear(ramps->phi_edge[side], ramps->n);
        _arb_vec_clear(ramps->ramp[side], ramps->n);
    }
    _arb_vec_clear(ramps->plateau, ramps->n);
    arb_clear(ramps->eps);
    arb_clear(ramps->rest);
}

/* f = A + B z on one ramp of bump i, and what a recurrence along degrees needs of it. `at_edge`,
 * `at_foot`: values of the polynomials at h and 0. hermite: (B^2 - 1) k, else B^2 k. */
struct walk {
    arb_t a, b, between, t;
    slong prec;
};

static void walk_init(const struct sb_ramps *r, uint32_t i, int side, const arb_t height,
                      bool hermite, struct walk *out)
{
    out->prec = r->prec;
    arb_init(out->a);
    arb_init(out->b);
    arb_init(out->between);
    arb_init(out->t);
    arb_div(out->b, height, r->eps, r->prec);
    if (side)
        arb_neg(out->b, out->b);
    arb_mul(out->a, out->b, r->foot[side] + i, r->prec);
    arb_neg(out->a, out->a);
    arb_sqr(out->between, out->b, r->prec);
    if (hermite)
        arb_sub_ui(out->between, out->between, 1, r->prec);
}

static void walk_fini(struct walk *walk)
{
    arb_clear(walk->a);
    arb_clear(walk->b);
    arb_clear(walk->between);
    arb_clear(walk->t);
}

/* out[k] += I_k, k = 0 .. most. at_edge[k], at_foot[k]: the polynomials at h and 0. */
static void add_ramp(const struct sb_ramps *r, uint32_t i, int side, struct walk *w, uint32_t most,
                     arb_srcptr at_edge, arb_srcptr at_foot, arb_ptr out)
{
    arb_t now, before;

    arb_init(now);
    arb_init(before);
    arb_set(now, r->ramp[side] + i);
    for (uint32_t k = 0;; k++) {
        arb_add(out + k, out + k, now, w->prec);
        if (k == most)
            break;
        /* [He_k phi] from lo to hi: the edge is hi of the left ramp and lo of the right one; -B
         * turns with it */
        arb_mul(w->t, at_edge + k, r->phi_edge[side] + i, w->prec);
        arb_submul(w->t, at_foot + k, r->phi_foot[side] + i, w->prec);
        arb_mul(w->t, w->t, w->b, w->prec);
        if (side)
            arb_neg(w->t, w->t);
        arb_mul_ui(before, before, k, w->prec);
        arb_mul(before, before, w->between, w->prec);
        arb_addmul(before, w->a, now, w->prec);
        arb_sub(before, before, w->t, w->prec);
        arb_swap(before, now);
    }
    arb_clear(now);
    arb_clear(before);
}

/* out[k] = the integral over bump i, plateau (with `plateau`) and ramps. polynomials: both of
 * length most + 1. */
static void bump_sums(const struct sb_ramps *r, uint32_t i, const arb_t height, bool hermite,
                      bool plateau, uint32_t most, arb_srcptr at_height, arb_srcptr at_zero,
                      arb_ptr out)
{
    _arb_vec_zero(out, most + 1);
    if (plateau)
        _arb_vec_scalar_mul(out, at_height, most + 1, r->plateau + i, r->prec);
    for (int side = 0; side < 2; side++) {
        struct walk walk;

        walk_init(r, i, side, height, hermite, &walk);
        add_ramp(r, i, side, &walk, most, at_height, at_zero, out);
        walk_fini(&walk);
    }
}

static void powers(const arb_t x, uint32_t most, slong prec, arb_ptr out)
{
    arb_one(out);
    for (uint32_t k = 0; k < most; k++)
        arb_mul(out + k + 1, out + k, x, prec);
}

static void all_sums(const struct sb_ramps *r, arb_srcptr height, bool hermite, uint32_t most,
                     arb_ptr out)
{
    void (*const values)(const arb_t, uint32_t, slong, arb_ptr) =
        hermite ? sb_hermite_values : powers;
    arb_ptr at_zero = _arb_vec_init(most + 1), at_height = _arb_vec_init(most + 1);
    arb_ptr sums = _arb_vec_init(most + 1);
    arb_t zero;

    arb_init(zero);
    values(zero, most, r->prec, at_zero);
    _arb_vec_scalar_mul(out, at_zero, most + 1, r->rest, r->prec);
    for (uint32_t i = 0; i < r->n; i++) {
        values(height + i, most, r->prec, at_height);
        bump_sums(r, i, height + i, hermite, true, most, at_height, at_zero, sums);
        _arb_vec_add(out, out, sums, most + 1, r->prec);
    }
    for (uint32_t k = 0; k <= most; k++)
        if (k % 2)
            arb_zero(out + k);
        else
            arb_mul_2exp_si(out + k, out + k, 1);
    arb_clear(zero);
    _arb_vec_clear(at_zero, most + 1);
    _arb_vec_clear(at_height, most + 1);
    _arb_vec_clear(sums, most + 1);
}

void sb_ramps_hermite(const struct sb_ramps *ramps, arb_srcptr height, uint32_t most, arb_ptr out)
{
    all_sums(ramps, height, true, most, out);
}

void sb_ramps_moments(const struct sb_ramps *ramps, arb_srcptr height, uint32_t most, arb_ptr out)
{
    all_sums(ramps, height, false, most, out);
}

/* d/dh of He_k(f) is k He_{k-1}(f) f/h, and x He_{k-1}(x) = He_k(x) + (k-1) He_{k-2}(x). */
void sb_ramps_jacobian(const struct sb_ramps *ramps, arb_srcptr height, arb_mat_t jacobian)
{
    const uint32_t n = ramps->n, most = 2 * n;
    arb_ptr at_zero = _arb_vec_init(most + 1), at_height = _arb_vec_init(most + 1);
    arb_ptr sums = _arb_vec_init(most + 1);
    arb_t zero;

    arb_init(zero);
    sb_hermite_values(zero, most, ramps->prec, at_zero);
    for (uint32_t i = 0; i < n; i++) {
        sb_hermite_values(height + i, most, ramps->prec, at_height);
        bump_sums(ramps, i, height + i, true, false, most, at_height, at_zero, sums);
        for (uint32_t l = 1; l <= n; l++) {
            arb_ptr entry = arb_mat_entry(jacobian, l - 1, i);

            arb_mul_ui(entry, sums + 2 * l - 2, 2 * l - 1, ramps->prec);
            arb_add(entry, entry, sums + 2 * l, ramps->prec);
            arb_div(entry, entry, height + i, ramps->prec);
            arb_addmul(entry, ramps->plateau + i, at_height + 2 * l - 1, ramps->prec);
            arb_mul_ui(entry, entry, 4 * l, ramps->prec);
        }
    }
    arb_clear(zero);
    _arb_vec_clear(at_zero, most + 1);
    _arb_vec_clear(at_height, most + 1);
    _arb_vec_clear(sums, most + 1);
}
