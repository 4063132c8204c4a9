/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made, in this order: edges (balls, rounded once: from here on they are numbers), the
 * fold and eps (double, the same bits everywhere), heights near the solution (the same), the
 * solution in balls, and its moments and coefficients in balls, rounded once.
 *
 * The law is that of the exact heights at these edges and this eps. Its coefficients 1 .. m are
 * 0, exactly; heights as doubles leave `residual` of them. */
#include "construct/moments.h"

#include "base/memory.h"
#include "construct/continuation.h"
#include "construct/enclosure.h"
#include "construct/placement.h"
#include "construct/round.h"

#include <errno.h>
#include <math.h>

enum { SPARE = 320 }; /* bits of working precision beyond what recurrences lose */

/* What heights as doubles may leave of the coefficients that are to be 0. */
static const double polished = 1e-14;

/* What a residual may be, in parts of what ramps do to the equations: less of it, and double
 * would not see the ramps well enough to say where the branch folds, nor where they begin. */
static const double discerned = 1e-4;

/* Two digits of x > 0, rounded down: d 10^e with 10 <= d < 100; rounded as the decimal number
 * would be read. */
static double two_digits(double x)
{
    double scale = 1;

    while (floor(x * scale) < 10)
        scale *= 10;
    return floor(x * scale) / scale;
}

/* The fold, if there is one before ramps collide, and the horizon. */
static void find_horizon(struct sb_moments *made)
{
    struct sb_heights at;

    made->fold = sb_heights_follow(made, made->collision, &at) ? at.eps : INFINITY;
    made->horizon = two_digits((made->fold < made->collision ? made->fold : made->collision) / 2);
}

static int choose_eps(struct sb_moments *made, double eps, struct sb_diag *diag)
{
    made->eps = eps == 0 ? made->horizon : eps;
    if (!(eps >= 0))
        return sb_diag_fail(diag, -EINVAL, "eps is %g: expected a number > 0, e.g. %g", eps,
                            made->horizon);
    if (eps >= made->fold)
        return sb_diag_fail(diag, -EINVAL,
                            "eps = %g is past the fold at %.4g, where the heights that match %u "
                            "moments end: expected at most %.2g, half of it",
                            eps, made->fold, made->m, made->horizon);
    if (eps >= made->collision)
        return sb_diag_fail(diag, -EINVAL,
                            "eps = %g is past %.4g, where ramps of neighbours collide: expected at "
                            "most %.2g, half of it",
                            eps, made->collision, made->horizon);
    return 0;
}

/* Bits that a degree of the recurrences costs: log2 of the largest slope. */
static slong bits_lost(const struct sb_moments *made, const double *height)
{
    double steepest = 1;
    slong bits = 0;

    for (uint32_t i = 0; i < made->n; i++)
        steepest = height[i] / made->eps > steepest ? height[i] / made->eps : steepest;
    for (; steepest > 1; steepest /= 2)
        bits++;
    return bits;
}

/* What E h_k(f) moves by when height i moves by its radius: |dE h_k(f)/dh| <= 2 sqrt(k) sup
 * |h_{k-1}| Pr[bump] and |h_k(x)| <= 1.09 exp(x^2/4) [Cramer's inequality]; 2 sqrt(256) 1.09 <
 * 35. */
static void charge_heights(uint32_t n, arb_srcptr height, mag_t out)
{
    mag_t sup;

    mag_init(sup);
    mag_zero(out);
    for (uint32_t i = 0; i < n; i++) {
        arb_get_mag(sup, height + i);
        mag_mul(sup, sup, sup);
        mag_mul_2exp_si(sup, sup, -2);
        mag_exp(sup, sup);
        mag_mul_ui(sup, sup, 35);
        mag_addmul(out, sup, arb_radref(height + i));
    }
    mag_clear(sup);
}

/* E h_k(f), orthonormal, of these heights taken as numbers, and `charge` for what they are off
 * by. */
static void find_coefficients(const struct sb_ramps *ramps, arb_srcptr height, const mag_t charge,
                              uint32_t most, arb_ptr out)
{
    arb_t norm;

    arb_init(norm);
    arb_one(norm);
    sb_ramps_hermite(ramps, height, most, out);
    for (uint32_t k = 0; k <= most; k++) {
        arb_t root;

        arb_init(root);
        arb_mul_ui(norm, norm, k ? k : 1, SPARE);
        arb_sqrt(root, norm, SPARE);
        arb_div(out + k, out + k, root, SPARE);
        if (k > 0 && k % 2 == 0)
            arb_add_error_mag(out + k, charge);
        arb_clear(root);
    }
    arb_clear(norm);
}

/* The largest coefficient 1 .. m that the doubles leave. */
static double residual_of(const struct sb_moments *made, const struct sb_ramps *ramps)
{
    arb_ptr height = _arb_vec_init(made->n), c = _arb_vec_init(made->m + 1);
    double most = 0;
    mag_t none;

    mag_init(none);
    for (uint32_t i = 0; i < made->n; i++)
        arb_set_d(height + i, made->bump[i].height);
    find_coefficients(ramps, height, none, made->m, c);
    for (uint32_t k = 1; k <= made->m; k++) {
        const double size =
            fabs(arf_get_d(arb_midref(c + k), ARF_RND_UP)) + mag_get_d(arb_radref(c + k));

        most = size > most ? size : most;
    }
    mag_clear(none);
    _arb_vec_clear(height, made->n);
    _arb_vec_clear(c, made->m + 1);
    return most;
}

static void keep_coefficients(const struct sb_ramps *ramps, arb_srcptr height, const mag_t charge,
                              struct sb_moments *made)
{
    arb_ptr c = _arb_vec_init(SB_LINE_COEFFICIENTS);

    find_coefficients(ramps, height, charge, SB_LINE_COEFFICIENTS - 1, c);
    made->coefficient[0] = 1;
    for (uint32_t k = made->m + 1; k < SB_LINE_COEFFICIENTS; k += 2)
        made->coefficient[k] = sb_round_ball(c + k, &made->radius);
    _arb_vec_clear(c, SB_LINE_COEFFICIENTS);
}

/* |dE f^k/dh_i| <= k h_i^(k-1) */
static void keep_moments(const struct sb_ramps *ramps, arb_srcptr exact, arb_srcptr height,
                         struct sb_moments *made)
{
    const uint32_t most = 2 * made->m;
    arb_ptr moment = _arb_vec_init(most + 1);
    mag_t charge;

    mag_init(charge);
    sb_ramps_moments(ramps, height, most, moment);
    for (uint32_t k = 0; k <= most; k += 2) {
        for (uint32_t i = 0; k > 0 && i < made->n; i++) {
            arb_get_mag(charge, exact + i);
            mag_pow_ui(charge, charge, k - 1);
            mag_mul_ui(charge, charge, k);
            mag_mul(charge, charge, arb_radref(exact + i));
            arb_add_error_mag(moment + k, charge);
        }
        made->moment[k] = sb_round_ball(moment + k, &made->radius);
    }
    mag_clear(charge);
    _arb_vec_clear(moment, most + 1);
}

/* Heights are exact numbers inside of the recurrences, which would blow balls up; their radii are
 * charged at the end. */
static int enclose(struct sb_moments *made, const double *near, struct sb_diag *diag)
{
    const slong loss = bits_lost(made, near), prec = SPARE + loss * SB_LINE_COEFFICIENTS;
    struct sb_ramps ramps;
    arb_ptr exact = _arb_vec_init(made->n), centre = _arb_vec_init(made->n);
    int error = 0;
    mag_t charge;

    mag_init(charge);
    sb_ramps_init(made, prec, loss, &ramps);
    for (uint32_t i = 0; i < made->n; i++)
        arb_set_d(exact + i, near[i]);
    ramps.prec = SPARE + 2 * loss * made->m; /* enough for the heights */
    if (!sb_heights_enclose(&ramps, exact))
        error =
            sb_diag_fail(diag, -EINVAL,
                         "m = %u, eps = %g: no heights that match the moments could be proven to "
                         "be near those in double: choose a smaller eps or m",
                         made->m, made->eps);
    ramps.prec = prec;
    for (uint32_t i = 0; !error && i < made->n; i++) {
        made->bump[i].height = sb_round_ball(exact + i, &made->radius);
        arb_get_mid_arb(centre + i, exact + i);
    }
    if (!error) {
        charge_heights(made->n, exact, charge);
        keep_coefficients(&ramps, centre, charge, made);
        keep_moments(&ramps, exact, centre, made);
        made->residual = residual_of(made, &ramps);
    }
    mag_clear(charge);
    sb_ramps_fini(&ramps);
    _arb_vec_clear(exact, made->n);
    _arb_vec_clear(centre, made->n);
    return error;
}

/* How far ramps of width eps alone, with the nodes as heights, put the equations off. */
static double put_off(const struct sb_moments *made)
{
    struct sb_heights nodes = { .eps = made->eps };
    double r[SB_MOMENTS_BUMPS], most = 0;

    for (uint32_t i = 0; i < made->n; i++)
        nodes.h[i] = made->bump[i].node;
    sb_heights_residual(made, &nodes, r, NULL, NULL);
    for (uint32_t i = 0; i < made->n; i++)
        most = fabs(r[i]) > most ? fabs(r[i]) : most;
    return most;
}

/* Heights in double, and whether they are good enough. */
static int find_heights(struct sb_moments *made, struct sb_heights *at, struct sb_diag *diag)
{
    const int folded = sb_heights_follow(made, made->eps, at);
    const double off = put_off(made);

    if (folded)
        return sb_diag_fail(
            diag, -EINVAL,
            "m = %u, eps = %g: double does not solve for the heights: residual %.2g, "
            "expected %g: choose a smaller eps or m",
            made->m, made->eps, at->residual, polished);
    if (!(at->residual < discerned * off))
        return sb_diag_fail(diag, -EINVAL,
                            "m = %u, eps = %g: ramps move the moments by %.2g, and double leaves a "
                            "residual of %.2g, expected at most %g of it: choose a smaller m%s",
                            made->m, made->eps, off, at->residual, discerned,
                            made->eps < made->horizon ? " or a larger eps" : "");
    return 0;
}

static int make(uint32_t m, double eps, struct sb_moments *made, struct sb_diag *diag)
{
    struct sb_heights at;
    int error = sb_placement(m, made);

    if (error)
        return sb_diag_fail(diag, error, "m = %u: edges could not be rounded", m);
    find_horizon(made);
    error = choose_eps(made, eps, diag);
    if (!error)
        error = find_heights(made, &at, diag);
    if (!error)
        error = enclose(made, at.h, diag);
    if (!error && !(made->residual < polished))
        error =
            sb_diag_fail(diag, -EINVAL,
                         "m = %u: heights in double leave a coefficient of %.2g among the first "
                         "%u, expected %g: choose a smaller m",
                         m, made->residual, m, polished);
    if (!error && !(made->radius < 0x1p-70))
        error = sb_diag_fail(diag, -EFAULT, "m = %u: a ball of relative radius %.2g was rounded", m,
                             made->radius);
    return error;
}

int sb_moments_new(uint32_t m, double eps, struct sb_moments **out, struct sb_diag *diag)
{
    struct sb_moments *made;
    int error;

    if (m % 2 == 0 || m < 3 || m > SB_MOMENTS_MOST)
        return sb_diag_fail(diag, -EINVAL, "m is %u: expected an odd number from 3 to %d", m,
                            SB_MOMENTS_MOST);
    made = SB_NEW(struct sb_moments);
    if (!made)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = make(m, eps, made, diag);
    flint_cleanup();
    if (error)
        sb_moments_free(made);
    else
        *out = made;
    return error;
}

void sb_moments_free(struct sb_moments *moments)
{
    free(moments);
}
