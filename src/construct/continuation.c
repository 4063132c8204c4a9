/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton continuation in eps. A step is predicted along the tangent, corrected at its end, and
 * halved where the correction fails, ends on the other side of a fold (the determinant has
 * another sign) or strays; where steps shrink to nothing the branch ends. */
#include "construct/continuation.h"

#include "numeric/panels.h"

#include <math.h>
#include <sleef.h>
#include <string.h>

enum { NODES = SB_RULE_NODES, NEWTON = 8, BUMPS = SB_MOMENTS_BUMPS };

/* What a residual may be where an equation is taken for solved; rounding leaves up to a tenth of
 * it. */
static const double solved = 1e-14;
/* Shorter steps than this, in parts of eps, are none. */
static const double shortest = 1e-7;

static double density(double z)
{
    return 0.3989422804014327 * Sleef_cinz_expd1_u10purec(-z * z / 2);
}

/* he_k(x), k = 0 .. most */
static void hermite(double x, uint32_t most, double *out)
{
    out[0] = 1;
    out[1] = x;
    for (uint32_t k = 1; k < most; k++)
        out[k + 1] = (x * out[k] - sqrt(k) * out[k - 1]) / sqrt(k + 1.0);
}

/* What one point of f's graph, height x = h s of bump i and mass w (w' = dw/deps), adds to the
 * equations. */
struct sums {
    uint32_t n;
    const double *zero; /* he_k(0) */
    double *r, *jacobian, *by_eps;
};

static void add_point(const struct sums *sums, uint32_t i, double h, double s, double w,
                      double by_eps)
{
    double value[2 * BUMPS + 1];

    hermite(h * s, 2 * sums->n, value);
    for (uint32_t l = 1; l <= sums->n; l++) {
        const double more = 2 * (value[2 * l] - sums->zero[2 * l]);

        sums->r[l - 1] += w * more;
        if (sums->jacobian)
            sums->jacobian[(l - 1) * sums->n + i] += 2 * sqrt(2.0 * l) * w * s * value[2 * l - 1];
        if (sums->by_eps)
            sums->by_eps[l - 1] += by_eps * more;
    }
}

/* The ramps of a bump, both at once: z = p - eps u and q + eps u, where f is h (1 - u). */
static void add_ramps(const struct sums *sums, const struct sb_moments *placed, uint32_t i,
                      double eps, double h)
{
    const struct sb_bump *bump = &placed->bump[i];

    for (int j = 0; j < NODES; j++) {
        const double u = (1 + sb_rule_node(j)) / 2, rule = sb_rule_weight(j) / 2;
        const double left = bump->p - eps * u, right = bump->q + eps * u;
        const double phi_left = density(left), phi_right = density(right);

        add_point(sums, i, h, 1 - u, eps * rule * (phi_left + phi_right),
                  rule * (phi_left * (1 + eps * u * left) + phi_right * (1 - eps * u * right)));
    }
}

void sb_heights_residual(const struct sb_moments *placed, const struct sb_heights *at, double *r,
                         double *jacobian, double *by_eps)
{
    const uint32_t n = placed->n;
    double zero[2 * BUMPS + 1];
    const struct sums sums = { n, zero, r, jacobian, by_eps };

    hermite(0, 2 * n, zero);
    for (uint32_t l = 1; l <= n; l++)
        r[l - 1] = zero[2 * l];
    if (jacobian)
        memset(jacobian, 0, sizeof *jacobian * n * n);
    if (by_eps)
        memset(by_eps, 0, sizeof *by_eps * n);
    for (uint32_t i = 0; i < n; i++) {
        add_point(&sums, i, at->h[i], 1, placed->bump[i].mass, 0);
        add_ramps(&sums, placed, i, at->eps, at->h[i]);
    }
}

static void swap_rows(uint32_t n, double *a, double *b, uint32_t i, uint32_t k)
{
    for (uint32_t j = 0; j < n; j++) {
        const double t = a[i * n + j];

        a[i * n + j] = a[k * n + j];
        a[k * n + j] = t;
    }
    const double t = b[i];
    b[i] = b[k];
    b[k] = t;
}

static uint32_t pivot_row(uint32_t n, const double *a, uint32_t k)
{
    uint32_t best = k;

    for (uint32_t i = k + 1; i < n; i++)
        if (fabs(a[i * n + k]) > fabs(a[best * n + k]))
            best = i;
    return best;
}

int sb_heights_solve(uint32_t n, double *a, double *b)
{
    int sign = 1;

    for (uint32_t k = 0; k < n; k++) {
        const uint32_t pivot = pivot_row(n, a, k);

        if (a[pivot * n + k] == 0)
            return 0;
        if (pivot != k) {
            swap_rows(n, a, b, pivot, k);
            sign = -sign;
        }
        sign = a[k * n + k] < 0 ? -sign : sign;
        for (uint32_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];

            for (uint32_t j = k + 1; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    }
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t j = i + 1; j < n; j++)
            b[i] -= a[i * n + j] * b[j];
        b[i] /= a[i * n + i];
    }
    return sign;
}

static double largest(uint32_t n, const double *v)
{
    double most = 0;

    for (uint32_t i = 0; i < n; i++)
        most = fabs(v[i]) > most ? fabs(v[i]) : most;
    return most;
}

/* Newton's method at at->eps, until the residual no longer falls; the heights of the least one
 * are kept. The determinant's sign there, or 0: not solved. */
static int corrected(const struct sb_moments *placed, struct sb_heights *at)
{
    const uint32_t n = placed->n;
    double r[BUMPS], jacobian[BUMPS * BUMPS];
    struct sb_heights try = *at;
    int sign = 0;

    at->residual = INFINITY;
    for (int k = 0; k < NEWTON; k++) {
        sb_heights_residual(placed, &try, r, jacobian, NULL);
        try.residual = largest(n, r);
        if (!(try.residual < at->residual))
            break;
        *at = try;
        sign = sb_heights_solve(n, jacobian, r);
        if (!sign)
            break;
        for (uint32_t i = 0; i < n; i++)
            try.h[i] -= r[i];
    }
    return at->residual < solved ? sign : 0;
}

/* The least distance of neighbours among 0 and the heights, whatever their order. */
static double least_gap(uint32_t n, const double *h)
{
    double least = fabs(h[0]);

    for (uint32_t i = 1; i < n; i++)
        least = fabs(h[i] - h[i - 1]) < least ? fabs(h[i] - h[i - 1]) : least;
    return least;
}

/* dh/deps into out; the determinant's sign */
static int tangent(const struct sb_moments *placed, const struct sb_heights *at, double *out)
{
    double r[BUMPS], jacobian[BUMPS * BUMPS];
    int sign;

    sb_heights_residual(placed, at, r, jacobian, out);
    sign = sb_heights_solve(placed->n, jacobian, out);
    for (uint32_t i = 0; i < placed->n; i++)
        out[i] = -out[i];
    return sign;
}

/* One step of length `step`. Did it arrive, on this side of a fold? */
static int stepped(const struct sb_moments *placed, const struct sb_heights *from,
                   const double *along, int sign, double step, struct sb_heights *out)
{
    const double room = least_gap(placed->n, from->h) / 4;

    *out = *from;
    out->eps += step;
    for (uint32_t i = 0; i < placed->n; i++) {
        out->h[i] += step * along[i];
        if (!(fabs(step * along[i]) < room))
            return 0;
    }
    if (corrected(placed, out) != sign)
        return 0;
    for (uint32_t i = 0; i < placed->n; i++)
        if (!(fabs(out->h[i] - from->h[i]) < 2 * room))
            return 0;
    return 1;
}

int sb_heights_follow(const struct sb_moments *placed, double target, struct sb_heights *out)
{
    double along[BUMPS], step = target / 16;
    struct sb_heights next;
    int sign;

    out->eps = 0;
    for (uint32_t i = 0; i < placed->n; i++)
        out->h[i] = placed->bump[i].node;
    if (!corrected(placed, out))
        return 1;
    sign = tangent(placed, out, along);
    while (out->eps < target) {
        const int last = out->eps + step >= target;

        if (stepped(placed, out, along, sign, last ? target - out->eps : step, &next)) {
            *out = next;
            out->eps = last ? target : out->eps;
            (void)tangent(placed, out, along);
            step *= 1.5;
        } else {
            step = (last ? target - out->eps : step) / 2;
            if (step < shortest * out->eps || step < 1e-18)
                return 1;
        }
    }
    return 0;
}
