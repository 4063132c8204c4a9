/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws on the line out of constructions: with noise, plateaus and ramps; and the bare nodes.
 * Pieces and coefficients are rounded once: pieces are within 4e-16 of those of the law that
 * coefficients are exact for. */
#include "construct/hermite_rule.h"
#include "construct/moments.h"
#include "construct/round.h"
#include "construct/tails.h"

#include <errno.h>
#include <math.h>

enum { PREC = 320, MOST_PIECES = 8 * SB_MOMENTS_BUMPS + 1, MOST_ATOMS = SB_MOMENTS_MOST };

/* sqrt(1 - sigma^2) */
static void scale_of(double sigma, arb_t out)
{
    arb_t s;

    arb_init(s);
    arb_set_d(s, sigma);
    arb_one(out);
    arb_submul(out, s, s, PREC);
    arb_sqrt(out, out, PREC);
    arb_clear(s);
}

/* out[k] = sqrt(1 - sigma^2)^k c_k; the largest error of one. */
static double with_noise(const double *c, double sigma, double *out)
{
    double radius = 0, largest = 0;
    arb_t scale, factor, v;

    arb_init(scale);
    arb_init(factor);
    arb_init(v);
    scale_of(sigma, scale);
    arb_one(factor);
    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        arb_set_d(v, c[k]);
        arb_mul(v, v, factor, PREC);
        out[k] = sb_round_ball(v, &radius);
        arb_mul(factor, factor, scale, PREC);
        if (k > 0 && fabs(out[k]) > largest)
            largest = fabs(out[k]);
    }
    arb_clear(scale);
    arb_clear(factor);
    arb_clear(v);
    return 0x1p-51 * largest;
}

/* Pieces of z > 0 as they are made, from the centre outwards. */
struct half {
    size_t n;
    struct sb_line_piece piece[4 * SB_MOMENTS_BUMPS];
    arb_t scale, eps, from; /* from: where the next piece begins */
};

/* The next piece: to `to` (NULL: all that is left), where f is height_from at its begin and
 * height_to at its end. */
static void add_piece(struct half *half, arb_srcptr to, double height_from, double height_to)
{
    struct sb_line_piece *piece = &half->piece[half->n++];
    double unused = 0;
    arb_t slope, t;

    arb_init(slope);
    arb_init(t);
    if (to)
        sb_ball_mass(half->from, to, PREC, t);
    else
        sb_ball_upper_tail(half->from, PREC, t);
    *piece = (struct sb_line_piece){ .lo = sb_round_ball(half->from, &unused),
                                     .hi = to ? sb_round_ball(to, &unused) : INFINITY,
                                     .weight = 1,
                                     .mass = sb_round_ball(t, &unused) };
    arb_set_d(slope, height_to - height_from); /* one of them is 0, or they are equal */
    arb_mul(slope, slope, half->scale, PREC);
    arb_div(slope, slope, half->eps, PREC);
    arb_set_d(t, height_from);
    arb_mul(t, t, half->scale, PREC);
    arb_submul(t, slope, half->from, PREC);
    piece->slope = sb_round_ball(slope, &unused);
    piece->offset = sb_round_ball(t, &unused);
    if (to)
        arb_set(half->from, to);
    arb_clear(slope);
    arb_clear(t);
}

/* Ramp, plateau, ramp of a bump, and the gap up to the next one, if there is one. */
static void add_bump(struct half *half, const struct sb_bump *bump, const struct sb_bump *next)
{
    arb_t at;

    arb_init(at);
    arb_set_d(at, bump->p);
    add_piece(half, at, 0, bump->height);
    arb_set_d(at, bump->q);
    add_piece(half, at, bump->height, bump->height);
    arb_add(at, at, half->eps, PREC);
    add_piece(half, at, bump->height, 0);
    if (next) {
        arb_set_d(at, next->p);
        arb_sub(at, at, half->eps, PREC);
    }
    add_piece(half, next ? at : NULL, 0, 0);
    arb_clear(at);
}

/* The pieces of all of the line, from left to right. */
static size_t unfold(const struct half *half, struct sb_line_piece *out)
{
    const struct sb_line_piece *first = half->piece;
    size_t n = 0;
    double outside = 0;

    for (size_t i = half->n; i-- > 0;) {
        const struct sb_line_piece *p = &half->piece[i];

        out[n++] = (struct sb_line_piece){ .lo = -p->hi,
                                           .hi = -p->lo,
                                           .offset = -p->offset,
                                           .slope = p->slope,
                                           .weight = 1,
                                           .mass = p->mass };
        outside += p->mass;
    }
    out[n++] = (struct sb_line_piece){
        .lo = -first->lo, .hi = first->lo, .weight = 1, .mass = 1 - 2 * outside
    };
    for (size_t i = 0; i < half->n; i++)
        out[n++] = half->piece[i];
    return n;
}

int sb_moments_line(const struct sb_moments *moments, double sigma, struct sb_line **out,
                    struct sb_diag *diag)
{
    struct half half = { .n = 0 };
    struct sb_line_piece piece[MOST_PIECES];
    double coefficient[SB_LINE_COEFFICIENTS];
    size_t n;

    if (!(sigma > 0 && sigma < 1))
        return sb_diag_fail(diag, -EINVAL, "sigma is %g: expected a number between 0 and 1", sigma);
    arb_init(half.scale);
    arb_init(half.eps);
    arb_init(half.from);
    scale_of(sigma, half.scale);
    arb_set_d(half.eps, moments->eps);
    arb_set_d(half.from, moments->bump[0].p);
    arb_sub(half.from, half.from, half.eps, PREC);
    for (uint32_t i = 0; i < moments->n; i++)
        add_bump(&half, &moments->bump[i], i + 1 < moments->n ? &moments->bump[i + 1] : NULL);
    arb_clear(half.scale);
    arb_clear(half.eps);
    arb_clear(half.from);
    n = unfold(&half, piece);
    const double error = with_noise(moments->coefficient, sigma, coefficient);
    flint_cleanup();
    return sb_line_mixture(n, piece, sigma, moments->m, coefficient, error, out, diag);
}

/* c_k of atoms, k >= 2m: below, all but c_0 are 0. */
static void atom_coefficients(uint32_t m, arb_srcptr node, arb_srcptr weight,
                              const arb_t zero_weight, double *out)
{
    arb_ptr values = _arb_vec_init(SB_LINE_COEFFICIENTS),
            sums = _arb_vec_init(SB_LINE_COEFFICIENTS);
    double unused = 0;
    arb_t norm, t;

    arb_init(norm);
    arb_init(t);
    sb_hermite_values(t, SB_LINE_COEFFICIENTS - 1, 4 * PREC, 0, values);
    _arb_vec_scalar_mul(sums, values, SB_LINE_COEFFICIENTS, zero_weight, 4 * PREC);
    for (uint32_t i = 0; i < m / 2; i++) {
        sb_hermite_values(node + i, SB_LINE_COEFFICIENTS - 1, 4 * PREC, 0, values);
        arb_mul_2exp_si(t, weight + i, 1);
        for (int k = 0; k < SB_LINE_COEFFICIENTS; k += 2)
            arb_addmul(sums + k, values + k, t, 4 * PREC);
    }
    for (uint32_t k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        arb_fac_ui(norm, k, PREC);
        arb_rsqrt(norm, norm, PREC);
        arb_mul(t, sums + k, norm, PREC);
        out[k] = k == 0 ? 1 : k < 2 * m || k % 2 ? 0 : sb_round_ball(t, &unused);
    }
    arb_clear(norm);
    arb_clear(t);
    _arb_vec_clear(values, SB_LINE_COEFFICIENTS);
    _arb_vec_clear(sums, SB_LINE_COEFFICIENTS);
}

/* Atoms as constants on all of the line: increasing. */
static void atom_pieces(uint32_t m, arb_srcptr node, arb_srcptr weight, const arb_t zero_weight,
                        const arb_t scale, struct sb_line_piece *out)
{
    double unused = 0;
    arb_t t;

    arb_init(t);
    for (uint32_t i = 0; i < m; i++) {
        const bool left = i < m / 2, middle = m % 2 && i == m / 2;
        const uint32_t j = middle ? 0 : left ? m / 2 - 1 - i : i - (m + 1) / 2;
        const double mass = sb_round_ball(middle ? zero_weight : weight + j, &unused);

        if (middle)
            arb_zero(t);
        else
            arb_mul(t, node + j, scale, PREC);
        out[i] = (struct sb_line_piece){ .lo = -INFINITY,
                                         .hi = INFINITY,
                                         .offset = left ? -sb_round_ball(t, &unused)
                                                        : sb_round_ball(t, &unused),
                                         .weight = mass,
                                         .mass = mass };
    }
    arb_clear(t);
}

int sb_moments_atoms(uint32_t m, double sigma, struct sb_line **out, struct sb_diag *diag)
{
    struct sb_line_piece piece[MOST_ATOMS];
    double bare[SB_LINE_COEFFICIENTS], coefficient[SB_LINE_COEFFICIENTS], error;
    arb_t zero_weight, scale;
    arb_ptr node, weight;

    if (m < 1 || m > SB_MOMENTS_MOST)
        return sb_diag_fail(diag, -EINVAL, "m is %u: expected 1 to %d nodes", m, SB_MOMENTS_MOST);
    if (!(sigma >= 0 && sigma < 1))
        return sb_diag_fail(diag, -EINVAL, "sigma is %g: expected a number in [0, 1)", sigma);
    node = _arb_vec_init(m);
    weight = _arb_vec_init(m);
    arb_init(zero_weight);
    arb_init(scale);
    sb_hermite_rule(m, 4 * PREC, node, weight, zero_weight);
    scale_of(sigma, scale);
    atom_coefficients(m, node, weight, zero_weight, bare);
    atom_pieces(m, node, weight, zero_weight, scale, piece);
    _arb_vec_clear(node, m);
    _arb_vec_clear(weight, m);
    arb_clear(zero_weight);
    arb_clear(scale);
    error = with_noise(bare, sigma, coefficient);
    flint_cleanup();
    return sb_line_mixture(m, piece, sigma, 2 * m - 1, coefficient, error, out, diag);
}
