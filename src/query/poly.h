/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomials of low degree in one variable, by their coefficients, and their real roots. Each knows how far
 * it may be off: what it is made of may have cancelled. */
#ifndef SB_QUERY_POLY_H
#define SB_QUERY_POLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SB_POLY_DEGREE = 16, SB_POLY_ROOTS = 64 };

struct sb_poly {
    int32_t degree; /* -1: a smooth function that is no polynomial of a degree that is held */
    double c[SB_POLY_DEGREE + 1]; /* c[i] t^i, i <= degree */
    /* c[i] as it would be had nothing cancelled: of absolute values; and how many roundings, each of at
     * most 2^-53 of that, stand behind a coefficient, or behind a value that evaluation computes. */
    double size[SB_POLY_DEGREE + 1];
    double n_roundings;
};

struct sb_poly sb_poly_constant(double v);
struct sb_poly sb_poly_smooth(void);
bool sb_poly_is_constant(const struct sb_poly *p);
double sb_poly_value(const struct sb_poly *p, double t);
/* Smooth where an argument is, or the degree is too high. */
struct sb_poly sb_poly_add(const struct sb_poly *a, const struct sb_poly *b, double sign_of_b);
struct sb_poly sb_poly_mul(const struct sb_poly *a, const struct sb_poly *b);
struct sb_poly sb_poly_scale(const struct sb_poly *a, double factor);

struct sb_poly sb_poly_derivative(const struct sb_poly *p);

/* The real roots of p, increasing, up to rounding; points where p comes within rounding of 0 are
 * among them, so there can be more than the degree. None for a constant. Returns how many;
 * SB_POLY_ROOTS + 1: they drown in rounding, two of them in [-reach, reach] perhaps unseen. */
size_t sb_poly_roots(const struct sb_poly *p, double reach, double out[SB_POLY_ROOTS]);

#endif
