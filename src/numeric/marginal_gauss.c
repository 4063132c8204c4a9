/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standard Gaussian as a marginal. */
#include "numeric/marginal.h"

#include <math.h>
#include <sleef.h>

#define ROOT_HALF 0x1.6a09e667f3bcdp-1
#define ROOT_2PI 0x1.40d931ff62706p+1
#define ROOT_PI 0x1.c5bf891b4ef6bp+0

/* a^2 - b^2 / 2 for b^2 / 2 near a^2, to some 2^-52 of what is left: squares as sums of exact products of
 * halves [Dekker71]. */
static double square_gap(double a, double b)
{
    const double ah = a * 0x1.000002p+27 - (a * 0x1.000002p+27 - a), al = a - ah;
    const double bh = b * 0x1.000002p+27 - (b * 0x1.000002p+27 - b), bl = b - bh;

    return ((ah * ah - bh * bh / 2) + (2 * ah * al - bh * bl)) + (al * al - bl * bl / 2);
}

/* erfc(x)/2, x = -t/sqrt 2: x as rounded misses by e = (x^2 - t^2/2)/(2x), which far out would cost x^2
 * times the relative error of x. erfc' = -2 exp(-x^2)/sqrt(pi). */
double sb_gauss_cdf(double t)
{
    const double x = -t * ROOT_HALF;
    double e;

    if (!(x > -6))
        return 1;
    if (x > 28)
        return 0;
    if (x < 1)
        return Sleef_cinz_erfcd1_u15purec(x) / 2;
    e = square_gap(x, t) / (2 * x);
    return Sleef_cinz_erfcd1_u15purec(x) / 2 + e * Sleef_cinz_expd1_u10purec(-x * x) / ROOT_PI;
}

static double gauss_density(double t)
{
    return Sleef_cinz_expd1_u10purec(-t * t / 2) / ROOT_2PI;
}

/* [Wichura88], PPND16: rational functions of q^2 in the middle, and of r = sqrt(-ln p) in the tails, near
 * and far; constants from the constant on. */
static const double MIDDLE[2][8] = {
    { 3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
      1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
      3.3430575583588128105e+4, 2.5090809287301226727e+3 },
    { 1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
      2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
      5.2264952788528545610e+3 },
};
static const double NEAR[2][8] = {
    { 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
      3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
      2.27238449892691845833e-2, 7.74545014278341407640e-4 },
    { 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
      1.05075007164441684324e-9 },
};
static const double FAR[2][8] = {
    { 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
      2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
      2.71155556874348757815e-5, 2.01033439929228813265e-7 },
    { 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
      2.04426310338993978564e-15 },
};

static inline double ratio(const double c[2][8], double r)
{
    double over = c[0][7], under = c[1][7];

    for (int i = 7; i--;) {
        over = over * r + c[0][i];
        under = under * r + c[1][i];
    }
    return over / under;
}

static double tail(double p)
{
    const double r = sqrt(-Sleef_cinz_logd1_u10purec(p));

    return r <= 5 ? ratio(NEAR, r - 1.6) : ratio(FAR, r - 5);
}

static void gauss_quantile(uint64_t n, const double *p, double *out)
{
    for (uint64_t i = 0; i < n; i++) {
        const double q = p[i] - 0.5;

        if (q >= -0.425 && q <= 0.425)
            out[i] = q * ratio(MIDDLE, 0.180625 - q * q);
        else
            out[i] = q < 0 ? -tail(p[i]) : tail(1 - p[i]);
    }
}

const struct sb_marginal sb_marginal_gauss = {
    .name = "gauss",
    .cdf = sb_gauss_cdf,
    .quantile = gauss_quantile,
    .density = gauss_density,
    .density_ub = 0x1.9884533d43651p-2, /* 1/sqrt(2 pi), rounded up */
    .draw = sb_random_gauss,
    .gaussian = true,
};
