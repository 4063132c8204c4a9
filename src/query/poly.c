/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomials of low degree: arithmetic on coefficients; roots between the roots of the derivative.
 */
#include "query/poly.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double least_size = 1e-290;

struct sb_poly sb_poly_constant(double v)
{
    return (struct sb_poly){ .degree = 0, .c = { v }, .size = { fabs(v) }, .n_roundings = 1 };
}

struct sb_poly sb_poly_smooth(void)
{
    return (struct sb_poly){ .degree = -1 };
}

bool sb_poly_is_constant(const struct sb_poly *p)
{
    return p->degree == 0;
}

double sb_poly_value(const struct sb_poly *p, double t)
{
    double v = 0;

    for (int32_t i = p->degree; i >= 0; i--)
        v = v * t + p->c[i];
    return v;
}

static struct sb_poly trim(struct sb_poly p)
{
    while (p.degree > 0 && p.c[p.degree] == 0)
        p.degree--;
    for (int32_t i = 0; i <= p.degree; i++)
        if (!(fabs(p.c[i]) <= DBL_MAX && p.size[i] <= DBL_MAX))
            return sb_poly_smooth();
    return p;
}

struct sb_poly sb_poly_add(const struct sb_poly *a, const struct sb_poly *b, double sign_of_b)
{
    struct sb_poly sum = { 0 };

    if (a->degree < 0 || b->degree < 0)
        return sb_poly_smooth();
    sum.degree = a->degree > b->degree ? a->degree : b->degree;
    /* c is 0 beyond the degree */
    for (int32_t i = 0; i <= sum.degree; i++) {
        sum.c[i] = (i <= a->degree ? a->c[i] : 0) + sign_of_b * (i <= b->degree ? b->c[i] : 0);
        sum.size[i] = a->size[i] + fabs(sign_of_b) * b->size[i];
    }
    sum.n_roundings = 2 + (a->n_roundings > b->n_roundings ? a->n_roundings : b->n_roundings);
    return trim(sum);
}

struct sb_poly sb_poly_mul(const struct sb_poly *a, const struct sb_poly *b)
{
    struct sb_poly product = { 0 };

    if (a->degree < 0 || b->degree < 0 || a->degree + b->degree > SB_POLY_DEGREE)
        return sb_poly_smooth();
    product.degree = a->degree + b->degree;
    for (int32_t i = 0; i <= a->degree; i++)
        for (int32_t j = 0; j <= b->degree; j++) {
            const double size = a->size[i] * b->size[j];

            /* what underflows has no relative error */
            if (size < least_size && a->size[i] > 0 && b->size[j] > 0)
                return sb_poly_smooth();
            product.c[i + j] += a->c[i] * b->c[j];
            product.size[i + j] += size;
        }
    product.n_roundings = a->n_roundings + b->n_roundings + product.degree + 1;
    return trim(product);
}

struct sb_poly sb_poly_scale(const struct sb_poly *a, double factor)
{
    const struct sb_poly by = sb_poly_constant(factor);

    return sb_poly_mul(a, &by);
}

struct sb_poly sb_poly_derivative(const struct sb_poly *p)
{
    struct sb_poly d = { .degree = p->degree > 0 ? p->degree - 1 : 0,
                         .n_roundings = p->n_roundings + 1 };

    for (int32_t i = 1; i <= p->degree; i++) {
        d.c[i - 1] = i * p->c[i];
        d.size[i - 1] = i * p->size[i];
    }
    return d;
}

/* The root between lo and hi, where p has different signs, to the last bit. */
static double bisect(const struct sb_poly *p, double lo, double hi)
{
    enum { STEPS = 2200 }; /* more than halve any interval of doubles down to nothing */
    const bool rising = sb_poly_value(p, hi) > 0;

    for (int i = 0; i < STEPS; i++) {
        const double mid = lo + (hi - lo) / 2;

        if (mid <= lo || mid >= hi)
            break;
        if ((sb_poly_value(p, mid) > 0) == rising)
            hi = mid;
        else
            lo = mid;
    }
    return fabs(sb_poly_value(p, lo)) < fabs(sb_poly_value(p, hi)) ? lo : hi;
}

/* How far p(t) by Horner's rule, the polynomial that was meant, and what evaluation computes may be from one
 * another, and twice that for good measure. */
static double doubt(const struct sb_poly *p, double t)
{
    double size = 0;

    for (int32_t i = p->degree; i >= 0; i--)
        size = size * fabs(t) + p->size[i];
    return (4 * p->degree + 4 * p->n_roundings) * 0x1p-53 * size;
}

/* Is p(t) 0 up to that? */
static bool vanishes(const struct sb_poly *p, double t)
{
    return fabs(sb_poly_value(p, t)) <= doubt(p, t);
}

/* At a critical point t where p vanishes there may be two roots, or none, whatever the coefficients say. Who
 * looks closely around t sees them, but not where t itself is off: by the doubt of p' over p''. */
static bool is_lost(const struct sb_poly *p, double t)
{
    const struct sb_poly slope = sb_poly_derivative(p), bend = sb_poly_derivative(&slope);

    return vanishes(p, t) && doubt(&slope, t) > 0x1p-39 * fabs(sb_poly_value(&bend, t));
}

/* All real roots lie within 1 + max |c_i / c_degree| (Cauchy). */
static double root_bound(const struct sb_poly *p)
{
    const double huge = 1e150; /* no one looks for roots out there */
    double most = 0;

    for (int32_t i = 0; i < p->degree; i++) {
        const double ratio = fabs(p->c[i] / p->c[p->degree]);

        most = ratio > most ? ratio : most;
    }
    return most < huge ? 1 + most : huge;
}

static size_t roots_quadratic(const struct sb_poly *p, double *out)
{
    const double a = p->c[2], b = p->c[1], c = p->c[0];
    const double disc = b * b - 4 * a * c;
    double q, r0, r1;

    /* just below 0 by rounding: the vertex, which does no harm if it is no root */
    if (disc <= 0) {
        out[0] = -b / (2 * a);
        return vanishes(p, out[0]) ? 1 : 0;
    }
    /* the root without cancellation, and the other one from the product of both */
    q = -(b + (b < 0 ? -sqrt(disc) : sqrt(disc))) / 2;
    r0 = q / a;
    r1 = c / q;
    out[0] = r0 < r1 ? r0 : r1;
    out[1] = r0 < r1 ? r1 : r0;
    return 2;
}

/* p is monotone between the critical points, so each gap holds one root or none. */
static size_t roots_between(const struct sb_poly *p, const double *critical, size_t n, double reach,
                            double *out)
{
    const double bound = root_bound(p);
    double from = -bound;
    size_t n_out = 0;

    for (size_t i = 0; i <= n; i++) {
        const double to = i < n ? critical[i] : bound;
        const double at_from = sb_poly_value(p, from), at_to = sb_poly_value(p, to);

        if (n_out + 2 > SB_POLY_ROOTS || (i < n && fabs(to) <= reach && is_lost(p, to)))
            return SB_POLY_ROOTS + 1;
        if (from < to && ((at_from < 0 && at_to > 0) || (at_from > 0 && at_to < 0)))
            out[n_out++] = bisect(p, from, to);
        if (i < n && vanishes(p, to))
            out[n_out++] = to;
        from = to > from ? to : from;
    }
    return n_out;
}

/* Sorted and finite, each once. */
static size_t tidy(double *roots, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        const double root = roots[i];
        size_t at = kept;

        if (!(fabs(root) <= DBL_MAX))
            continue;
        while (at && roots[at - 1] >= root)
            at--;
        if (at < kept && roots[at] == root)
            continue;
        memmove(roots + at + 1, roots + at, (kept - at) * sizeof *roots);
        roots[at] = root;
        kept++;
    }
    return kept;
}

static size_t roots_low(const struct sb_poly *p, double reach, double *out)
{
    const double vertex = p->degree == 2 ? -p->c[1] / (2 * p->c[2]) : 0;

    if (p->degree < 1)
        return 0;
    if (p->degree == 2 && fabs(vertex) <= reach && is_lost(p, vertex))
        return SB_POLY_ROOTS + 1;
    if (p->degree == 2)
        return tidy(out, roots_quadratic(p, out));
    out[0] = -p->c[0] / p->c[1];
    return tidy(out, 1);
}

/* p times a power of two: so that its squares, too, neither over- nor underflow. */
static struct sb_poly normalized(const struct sb_poly *p)
{
    struct sb_poly q = *p;
    double most = 0, scale = 1;

    for (int32_t i = 0; i <= p->degree; i++)
        most = p->size[i] > most ? p->size[i] : most;
    for (; most * scale > 0x1p100; scale /= 0x1p100)
        ;
    for (; most > 0 && most * scale < 0x1p-100; scale *= 0x1p100)
        ;
    for (int32_t i = 0; i <= p->degree; i++) {
        q.c[i] *= scale;
        q.size[i] *= scale;
    }
    return q;
}

size_t sb_poly_roots(const struct sb_poly *p, double reach, double out[SB_POLY_ROOTS])
{
    struct sb_poly chain[SB_POLY_DEGREE + 1];
    double next[SB_POLY_ROOTS];
    int32_t last = 0;
    size_t n;

    /* p, p', p'', ... down to a quadratic, and then back up */
    chain[0] = normalized(p);
    while (chain[last].degree > 2) {
        chain[last + 1] = sb_poly_derivative(&chain[last]);
        last++;
    }
    n = roots_low(&chain[last], reach, out);
    for (int32_t i = last - 1; i >= 0 && n <= SB_POLY_ROOTS; i--) {
        n = roots_between(&chain[i], out, n, reach, next);
        if (n > SB_POLY_ROOTS)
            return n;
        n = tidy(next, n);
        memcpy(out, next, n * sizeof *out);
    }
    return n;
}
