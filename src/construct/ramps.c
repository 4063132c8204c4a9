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

void sb_ramps_init(const struct sb_moments *placed, slong prec, slong loss, struct sb_ramps *out)
{
    const uint32_t n = placed->n;

    *out = (struct sb_ramps){ .placed = placed, .n = n, .prec = prec, .loss = loss };
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

/* f = A + B z on one ramp of bump i, and what the recurrence needs of it: B phi at both ends,
 * with the sign that the end's term has, and what multiplies k I_{k-1}: B^2 - 1, or B^2 for
 * powers. */
struct walk {
    arb_t a, between, at_edge, at_foot;
};

static void walk_init(const struct sb_ramps *r, uint32_t i, int side, const arb_t height,
                      bool hermite, struct walk *out)
{
    arb_t slope;

    arb_init(out->a);
    arb_init(out->between);
    arb_init(out->at_edge);
    arb_init(out->at_foot);
    arb_init(slope);
    arb_div(slope, height, r->eps, r->prec); /* |B| */
    arb_mul(out->at_edge, slope, r->phi_edge[side] + i, r->prec);
    arb_neg(out->at_edge, out->at_edge);
    arb_mul(out->at_foot, slope, r->phi_foot[side] + i, r->prec);
    arb_mul(out->a, slope, r->foot[side] + i, r->prec);
    if (!side)
        arb_neg(out->a, out->a);
    arb_sqr(out->between, slope, r->prec);
    if (hermite)
        arb_sub_ui(out->between, out->between, 1, r->prec);
    arb_clear(slope);
}

static void walk_fini(struct walk *walk)
{
    arb_clear(walk->a);
    arb_clear(walk->between);
    arb_clear(walk->at_edge);
    arb_clear(walk->at_foot);
}

static void walk_shorten(struct walk *walk, slong prec)
{
    arb_set_round(walk->a, walk->a, prec);
    arb_set_round(walk->between, walk->between, prec);
    arb_set_round(walk->at_edge, walk->at_edge, prec);
    arb_set_round(walk->at_foot, walk->at_foot, prec);
}

/* out[k] += I_k, k = 0 .. most. at_height, at_zero: the polynomials at h and 0. -B [He_k phi] is
 * |B| (He_k(0) phi(foot) - He_k(h) phi(edge)) on either side. What an error does to degrees above
 * shrinks with each one, and so does the precision. */
static void add_ramp(const struct sb_ramps *r, uint32_t i, int side, struct walk *w, uint32_t most,
                     arb_srcptr at_height, arb_srcptr at_zero, arb_ptr out)
{
    slong prec = r->prec;
    arb_t now, before;

    arb_init(now);
    arb_init(before);
    arb_set(now, r->ramp[side] + i);
    for (uint32_t k = 0;; k++, prec -= r->loss) {
        arb_add(out + k, out + k, now, prec);
        if (k == most)
            break;
        if (k % 8 == 0)
            walk_shorten(w, prec);
        arb_mul_ui(before, before, k, prec);
        arb_mul(before, before, w->between, prec);
        arb_addmul(before, w->a, now, prec);
        arb_addmul(before, at_height + k, w->at_edge, prec);
        if (!arb_is_zero(at_zero + k))
            arb_addmul(before, at_zero + k, w->at_foot, prec);
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
    for (uint32_t k = 0; k <= most; k++)
        if (plateau)
            arb_mul(out + k, at_height + k, r->plateau + i, r->prec - k * r->loss);
        else
            arb_zero(out + k);
    for (int side = 0; side < 2; side++) {
        struct walk walk;

        walk_init(r, i, side, height, hermite, &walk);
        add_ramp(r, i, side, &walk, most, at_height, at_zero, out);
        walk_fini(&walk);
    }
}

static void powers(const arb_t x, uint32_t most, slong prec, slong loss, arb_ptr out)
{
    arb_one(out);
    for (uint32_t k = 0; k < most; k++)
        arb_mul(out + k + 1, out + k, x, prec - k * loss);
}

static void all_sums(const struct sb_ramps *r, arb_srcptr height, bool hermite, uint32_t most,
                     arb_ptr out)
{
    void (*const values)(const arb_t, uint32_t, slong, slong, arb_ptr) =
        hermite ? sb_hermite_values : powers;
    arb_ptr at_zero = _arb_vec_init(most + 1), at_height = _arb_vec_init(most + 1);
    arb_ptr sums = _arb_vec_init(most + 1);
    arb_t zero;

    arb_init(zero);
    values(zero, most, r->prec, r->loss, at_zero);
    for (uint32_t k = 0; k <= most; k++)
        arb_mul(out + k, at_zero + k, r->rest, r->prec - k * r->loss);
    for (uint32_t i = 0; i < r->n; i++) {
        values(height + i, most, r->prec, r->loss, at_height);
        bump_sums(r, i, height + i, hermite, true, most, at_height, at_zero, sums);
        for (uint32_t k = 0; k <= most; k++)
            arb_add(out + k, out + k, sums + k, r->prec - k * r->loss);
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
    sb_hermite_values(zero, most, ramps->prec, ramps->loss, at_zero);
    for (uint32_t i = 0; i < n; i++) {
        sb_hermite_values(height + i, most, ramps->prec, ramps->loss, at_height);
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
