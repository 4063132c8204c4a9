/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals and binomial tails against values of mpmath and closed forms. */
#include "unit.h"

#include "numeric/binomial_tail.h"
#include "numeric/marginal.h"

#include <math.h>

struct pair {
    double at, value;
};

/* What is asked of them: 1e-14 of a quantile, 1e-15 of a cdf, relatively where they are small. */
static void compare(const char *name, double at, double got, double value, double relative)
{
    if (!(fabs(got - value) <= relative * fabs(value)))
        fail_msg("%s(%.17g) = %.17g, not %.17g: off by %.3g", name, at, got, value,
                 (got - value) / value);
}

/* mpmath, 50 digits. */
static void test_gauss(void **state)
{
    static const struct pair quantiles[] = {
        { 1e-300, -37.047096299361199237 }, { 1e-100, -21.273453560965324294 },
        { 1e-20, -9.2623400897984075796 },  { 3e-11, -6.5437376896778034696 },
        { 1e-08, -5.6120012441747887279 },  { 1e-05, -4.2648907939228246102 },
        { 0.001, -3.0902323061678135354 },  { 0.01, -2.3263478740408410931 },
        { 0.0749, -1.4402382675279636631 }, { 0.0751, -1.4388253927525399824 },
        { 0.1, -1.2815515655446004353 },    { 0.2, -0.84162123357291416552 },
        { 0.3, -0.52440051270804081597 },   { 0.4, -0.25334710313579974132 },
        { 0.49, -0.025068908258711058033 }, { 0.4999999, -2.5066282747031065135e-7 },
        { 0.6, 0.25334710313579974132 },    { 0.9, 1.2815515655446005935 },
        { 0.999, 3.0902323061678132778 },
    };
    static const struct pair cdfs[] = {
        { -37.5, 4.6053530095819548438e-308 }, { -20.3, 6.4292444676983463386e-92 },
        { -10.1, 2.7621094717645167894e-24 },  { -5.7, 5.9903714010635281878e-9 },
        { -3.3, 0.0004834241423837775071 },    { -1.7, 0.044565462758543043664 },
        { -1.1, 0.13566606094638265582 },      { -0.5, 0.30853753872598689636 },
        { -0.001, 0.49960105778608893741 },    { 0.3, 0.61791142218895263307 },
        { 1.0, 0.84134474606854294859 },       { 2.7, 0.99653302619695933336 },
        { 5.5, 0.99999998101043753411 },
    };
    const struct sb_marginal *gauss = sb_marginal_find("gauss");

    (void)state;
    for (size_t i = 0; i < SB_COUNT(quantiles); i++) {
        double t;

        gauss->quantile(1, &quantiles[i].at, &t);
        compare("quantile", quantiles[i].at, t, quantiles[i].value, 1e-14);
    }
    for (size_t i = 0; i < SB_COUNT(cdfs); i++)
        compare("cdf", cdfs[i].at, gauss->cdf(cdfs[i].at), cdfs[i].value, 1e-15);
    assert_same(gauss->cdf(-INFINITY), 0);
    assert_same(gauss->cdf(INFINITY), 1);
    assert_same(gauss->cdf(0), 0.5);
}

static void test_the_others(void **state)
{
    static const struct pair uniform[] = {
        { 0x1p-70, -1 }, { 0.25, -0.5 }, { 0.5, 0 }, { 0.75, 0.5 }
    };
    static const struct pair laplace[] = {
        { 1e-20, -45.358554679320964 },
        { 0.1, -1.6094379124341003746 },
        { 0.5, 0 },
        { 0.75, 0.69314718055994530942 },
    };

    (void)state;
    assert_null(sb_marginal_find("cauchy"));
    for (size_t i = 0; i < 4; i++) {
        double t;

        sb_marginal_find("uniform")->quantile(1, &uniform[i].at, &t);
        compare("quantile", uniform[i].at, t, uniform[i].value, 1e-14);
        sb_marginal_find("laplace")->quantile(1, &laplace[i].at, &t);
        compare("quantile", laplace[i].at, t, laplace[i].value, 1e-14);
        compare("cdf", t, sb_marginal_find("laplace")->cdf(t), laplace[i].at, 1e-14);
    }
}

/* Of each: cdf and quantile are inverse, the density is the derivative, and 2^16 draws fall evenly into 64
 * cells by the cdf and the sign is fair: chi^2 of 63 degrees of freedom is above 147 with probability 1e-8. */
static void test_all(void **state)
{
    enum { DRAWS = 1 << 16, CELLS = 64 };
    static double x[DRAWS];

    (void)state;
    for (const struct sb_marginal *const *m = sb_marginals; *m; m++) {
        double chi = 0, count[CELLS] = { 0 };

        for (int i = 1; i < 200; i++) {
            const double p = i / 200.0, h = 1e-4;
            double t;

            (*m)->quantile(1, &p, &t);
            assert_near((*m)->cdf(t), p, 1e-15);
            if (fabs(t) > h)
                assert_near((*m)->density(t), ((*m)->cdf(t + h) - (*m)->cdf(t - h)) / (2 * h),
                            1e-8);
            assert_true((*m)->density(t) <= (*m)->density_ub);
            assert_near((*m)->cdf(-t), 1 - p, 1e-15);
        }
        (*m)->draw(sb_key_derive("test", "marginal", 8), 3, 0, DRAWS, x);
        for (int i = 0; i < DRAWS; i++)
            count[(int)((*m)->cdf(x[i]) * CELLS)]++;
        for (int i = 0; i < CELLS; i++)
            chi += (count[i] - DRAWS / CELLS) * (count[i] - DRAWS / CELLS) / (DRAWS / CELLS);
        if (chi > 147)
            fail_msg("%s: chi^2 = %g", (*m)->name, chi);
    }
}

/* S0-E6: values of mpmath; never below, hardly above; the union bound. */
static void test_binomial_tails(void **state)
{
    static const struct {
        uint32_t d, q, m;
        double delta, value;
    } tails[] = {
        { 6, 2, 1, 0.027777777777777776, 0.010743132472754500292 },
        { 32, 2, 2, 0.0009765625, 4.5223090111902877133e-6 },
        { 16, 2, 3, 0.00390625, 4.0814243037805140294e-7 },
        { 8, 5, 2, 1e-11, 2.2937599998623739837e-31 },
        { 40, 2, 1, 1e-140, 7.8e-278 },
        { 4000, 16, 20, 0.5, 1 },
        { 63, 3, 62, 0.5, 8.0584344857375757824e-12 },
        { 1500, 2, 1, 0.5, 1 },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(tails); i++) {
        const double p = 2 * tails[i].delta * (tails[i].q - 1) / tails[i].q;
        const double got = sb_binomial_tail(tails[i].d, p, tails[i].m);

        if (!(got >= tails[i].value * (1 - 1e-15) && got <= tails[i].value * (1 + 1e-10)))
            fail_msg("d = %u, m = %u: %.17g, not %.17g", tails[i].d, tails[i].m, got,
                     tails[i].value);
    }
    assert_same(sb_binomial_tail(5, 0.1, 5), 0);
    assert_same(sb_binomial_tail(5, 0, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gauss),
        cmocka_unit_test(test_the_others),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_binomial_tails),
    };

    return cmocka_run_group_tests_name("marginal", tests, NULL, NULL);
}
