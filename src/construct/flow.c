/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flow of heights. Equations are divided by (2l-1)!!, which changes no solution. */
#include "construct/flow.h"

#include "construct/bump_moment.h"
#include "construct/continuation.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <string.h>

enum { BUMPS = SB_MOMENTS_BUMPS, MOST_STEPS = 100000 };

/* (2l-1)!!, the moment 2l of N(0,1) */
static double gauss_moment(uint32_t l)
{
    double v = 1;

    for (uint32_t j = 2; j <= l; j++)
        v *= 2 * j - 1;
    return v;
}

/* Z, and b_l / (2l (2l-1)!!) */
static void equations(const struct sb_moments *placed, const double *h, double eps, double *z,
                      double *b)
{
    const uint32_t n = placed->n;
    double by_eps[BUMPS * BUMPS];

    sb_bump_matrix(placed, h, eps, z, by_eps);
    for (uint32_t l = 1; l <= n; l++) {
        b[l - 1] = 0;
        for (uint32_t i = 0; i < n; i++)
            b[l - 1] -= by_eps[i * n + l - 1];
        b[l - 1] /= 2 * l * gauss_moment(l);
    }
}

/* The largest |(Z^T A h')_l - b_l/2l| against the sizes of its terms. */
static double unsolved(uint32_t n, const double *z, const double *h, const double *speed,
                       const double *b)
{
    double most = 0;

    for (uint32_t l = 1; l <= n; l++) {
        double left = -b[l - 1], size = fabs(b[l - 1]);

        for (uint32_t i = 0; i < n; i++) {
            const double term = z[i * n + l - 1] / gauss_moment(l) * speed[i] / h[i];

            left += term;
            size += fabs(term);
        }
        most = fabs(left) / size > most ? fabs(left) / size : most;
    }
    return most;
}

bool sb_flow_speed(const struct sb_moments *placed, const double *h, double eps, double *speed,
                   double *unsolved_out)
{
    const uint32_t n = placed->n;
    double z[BUMPS * BUMPS], transposed[BUMPS * BUMPS], b[BUMPS];

    equations(placed, h, eps, z, b);
    for (uint32_t l = 1; l <= n; l++)
        for (uint32_t i = 0; i < n; i++)
            transposed[(l - 1) * n + i] = z[i * n + l - 1] / gauss_moment(l);
    memcpy(speed, b, sizeof *speed * n);
    if (!sb_heights_solve(n, transposed, speed))
        return false;
    for (uint32_t i = 0; i < n; i++)
        speed[i] *= h[i];
    if (unsolved_out)
        *unsolved_out = unsolved(n, z, h, speed, b);
    return true;
}

static int right_hand_side(double eps, const double h[], double out[], void *placed)
{
    return sb_flow_speed(placed, h, eps, out, NULL) ? GSL_SUCCESS : GSL_EBADFUNC;
}

static double raised(double most, double v)
{
    return v > most || isnan(v) ? v : most;
}

static double largest(uint32_t n, const double *v)
{
    double most = 0;

    for (uint32_t i = 0; i < n; i++)
        most = raised(most, fabs(v[i]));
    return most;
}

/* max|h| |(b_l/2l)|_2 / sigma_min(Z), which is at least |h'| */
static double speed_bound(const struct sb_moments *placed, const double *h, double eps)
{
    double z[BUMPS * BUMPS], b[BUMPS], square = 0;

    equations(placed, h, eps, z, b);
    for (uint32_t l = 1; l <= placed->n; l++)
        square += b[l - 1] * gauss_moment(l) * b[l - 1] * gauss_moment(l);
    return largest(placed->n, h) * sqrt(square) / sb_bump_sigma(placed, h, eps);
}

static double drift_of(const struct sb_moments *placed, const double *h, double eps)
{
    const uint32_t n = placed->n;
    double z[BUMPS * BUMPS], most = 0;

    sb_bump_matrix(placed, h, eps, z, NULL);
    for (uint32_t l = 1; l <= n; l++) {
        double moment = 0;

        for (uint32_t i = 0; i < n; i++)
            moment += 2 * z[i * n + l - 1];
        most = raised(most, fabs(moment / gauss_moment(l) - 1));
    }
    return most;
}

static void look(const struct sb_moments *placed, double eps, struct sb_flow *flow)
{
    double speed[BUMPS], left = INFINITY;

    if (!sb_flow_speed(placed, flow->h, eps, speed, &left))
        return;
    flow->drift = raised(flow->drift, drift_of(placed, flow->h, eps));
    flow->unsolved = raised(flow->unsolved, left);
    flow->speed = raised(flow->speed, largest(placed->n, speed));
    flow->speed_share =
        raised(flow->speed_share, largest(placed->n, speed) / speed_bound(placed, flow->h, eps));
}

/* Steps of `length`, or where that is 0, by their errors. */
static int advance(const struct sb_moments *placed, double end, double length, gsl_odeiv2_driver *d,
                   struct sb_flow *out)
{
    gsl_odeiv2_system *system = (gsl_odeiv2_system *)d->sys;
    double eps = 0, step = end / 100;
    int status = GSL_SUCCESS;

    for (out->steps = 0; !status && eps < end && out->steps < MOST_STEPS; out->steps++) {
        look(placed, eps, out);
        if (length > 0)
            status =
                gsl_odeiv2_evolve_apply_fixed_step(d->e, NULL, d->s, system, &eps, length, out->h);
        else
            status = gsl_odeiv2_evolve_apply(d->e, d->c, d->s, system, &eps, end, &step, out->h);
        if (length > 0 && end - eps < length / 2)
            eps = end;
    }
    look(placed, eps, out);
    return status || eps < end;
}

int sb_flow_run(const struct sb_moments *placed, double eps, uint64_t fixed_steps,
                struct sb_flow *out, struct sb_diag *diag)
{
    gsl_odeiv2_system system = { right_hand_side, NULL, placed->n, (void *)placed };
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, eps / 100, 1e-14, 1e-12);
    int stuck;

    if (!driver)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    *out = (struct sb_flow){ .steps = 0 };
    for (uint32_t i = 0; i < placed->n; i++)
        out->h[i] = placed->bump[i].node;
    stuck = advance(placed, eps, fixed_steps ? eps / (double)fixed_steps : 0, driver, out);
    gsl_odeiv2_driver_free(driver);
    if (stuck)
        return sb_diag_fail(diag, -EINVAL,
                            "m = %u: the flow of heights gets stuck before eps = %g: choose a "
                            "smaller eps",
                            placed->m, eps);
    return 0;
}
