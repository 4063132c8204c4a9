/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss-Hermite rules: zeros are found by bisection in double, where they are told apart with
 * ease, and then sharpened and enclosed by Newton's method in balls. */
#include "construct/hermite_rule.h"

#include <math.h>

/* he_m(x), orthonormal. */
static double hermite(uint32_t m, double x)
{
    double before = 0, h = 1;

    for (uint32_t k = 0; k < m; k++) {
        const double next = (x * h - sqrt(k) * before) / sqrt(k + 1.0);

        before = h;
        h = next;
    }
    return h;
}

static double bisected(uint32_t m, double lo, double hi)
{
    const double sign = hermite(m, lo);

    for (int i = 0; i < 48; i++) {
        const double mid = (lo + hi) / 2;

        if ((hermite(m, mid) < 0) == (sign < 0))
            lo = mid;
        else
            hi = mid;
    }
    return (lo + hi) / 2;
}

void sb_hermite_values(const arb_t x, uint32_t most, slong prec, slong loss, arb_ptr out)
{
    arb_t t;

    arb_init(t);
    arb_one(out);
    if (most > 0)
        arb_set(out + 1, x);
    for (uint32_t k = 1; k < most; k++) {
        arb_mul_ui(t, out + k - 1, k, prec - k * loss);
        arb_neg(out + k + 1, t);
        arb_addmul(out + k + 1, x, out + k, prec - k * loss);
    }
    arb_clear(t);
}

/* x - He_m(x)/He_m'(at) */
static void newton_step(uint32_t m, const arb_t x, const arb_t at, slong prec, arb_t out)
{
    arb_ptr values = _arb_vec_init(m + 1), slopes = _arb_vec_init(m + 1);

    sb_hermite_values(x, m, prec, 0, values);
    sb_hermite_values(at, m, prec, 0, slopes);
    arb_mul_ui(slopes + m - 1, slopes + m - 1, m, prec); /* He_m' = m He_{m-1} */
    arb_div(values + m, values + m, slopes + m - 1, prec);
    arb_sub(out, x, values + m, prec);
    _arb_vec_clear(values, m + 1);
    _arb_vec_clear(slopes, m + 1);
}

/* The zero close to x. A ball X that Newton's interval operator maps into itself holds one, and
 * the image holds it, too. */
static void enclose_zero(uint32_t m, double x, slong prec, arb_t out)
{
    arb_t wide;

    arb_init(wide);
    arb_set_d(out, x);
    for (slong bits = 40; bits < 2 * prec; bits *= 2) {
        newton_step(m, out, out, prec, out);
        mag_zero(arb_radref(out));
    }
    for (slong bits = prec / 2; bits > 20; bits -= bits / 4) {
        arb_set(wide, out);
        mag_set_ui_2exp_si(arb_radref(wide), 1, -bits);
        newton_step(m, out, wide, prec, out);
        if (arb_contains(wide, out))
            break;
        mag_inf(arb_radref(out));
    }
    arb_clear(wide);
}

/* m! / (m He_{m-1}(x))^2 */
static void weight_of(uint32_t m, const arb_t x, slong prec, arb_t out)
{
    arb_ptr values = _arb_vec_init(m + 1);

    sb_hermite_values(x, m, prec, 0, values);
    arb_mul_ui(values + m - 1, values + m - 1, m, prec);
    arb_sqr(values + m - 1, values + m - 1, prec);
    arb_fac_ui(out, m, prec);
    arb_div(out, out, values + m - 1, prec);
    _arb_vec_clear(values, m + 1);
}

void sb_hermite_rule(uint32_t m, slong prec, arb_ptr node, arb_ptr weight, arb_t zero_weight)
{
    const double stride = 0x1p-5; /* neighbours are pi/sqrt(m + 1/2) apart or more */
    const double last = sqrt(4.0 * m + 2);
    uint32_t n = 0;

    for (double x = stride; x < last && n < m / 2; x += stride)
        if ((hermite(m, x) < 0) != (hermite(m, x + stride) < 0)) {
            enclose_zero(m, bisected(m, x, x + stride), prec, node + n);
            weight_of(m, node + n, prec, weight + n);
            n++;
        }
    arb_zero(zero_weight);
    if (m % 2) {
        arb_t zero;

        arb_init(zero);
        weight_of(m, zero, prec, zero_weight);
        arb_clear(zero);
    }
}
