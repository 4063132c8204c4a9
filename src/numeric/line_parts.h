/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of numeric/line.h share. */
#ifndef SB_NUMERIC_LINE_PARTS_H
#define SB_NUMERIC_LINE_PARTS_H

#include "numeric/line.h"

#include <math.h>

#define SB_LINE_PANEL 0.125 /* length of a stated law's */

double sb_line_mass(double lo, double hi); /* Phi(hi) - Phi(lo) */

static inline bool sb_line_whole(const struct sb_line_piece *p)
{
    return p->lo == -INFINITY && p->hi == INFINITY;
}

/* The noise of rho X + sqrt(1 - rho^2) g that is beside rho times the pieces: its variance. |rho| may be above 1:
 * then noise is taken away from X, and there must be enough of it. */
static inline double sb_line_variance(const struct sb_line *line, struct sb_tilt at)
{
    return at.rho * at.rho * line->noise * line->noise + at.across2;
}

/* The variance of the narrowest Gaussian that the law of rho X + ... is made of. */
double sb_line_narrowest(const struct sb_line *line, struct sb_tilt at);

/* Where a piece is farthest from 0, rho times it. */
double sb_line_farthest(const struct sb_line_piece *p, double rho);

/* Outside +-this lies next to nothing of rho X + .... */
double sb_line_reach(const struct sb_line *line, struct sb_tilt at);
/* On about what length the density of X moves. */
static inline double sb_line_width(const struct sb_line *line)
{
    return line->stated.density ? SB_LINE_PANEL : sqrt(sb_line_narrowest(line, sb_tilt_of(1)));
}

/* The density by the terms, at n points; |rho| as in sb_line_variance. */
void sb_line_by_terms(const struct sb_line *line, struct sb_tilt at, size_t n, const double *t,
                      double *out);

/* The same as phi(t) (1 + sum a_k h_k(t)), k = 1 .. n_a - 1; n_a >= 2. */
void sb_line_by_series(size_t n_a, const double *a, size_t n, const double *t, double *out);

/* Sets the coefficients and their error, by integrals. */
void sb_line_expand(struct sb_line *line);
/* Sets matched, and coefficients that are 0 to 0; -EINVAL with a line where one is not. */
int sb_line_settle_matched(struct sb_line *line, uint32_t matched, struct sb_diag *diag);
/* Sets chi2, tail2 and ratio_ub. */
void sb_line_measure_size(struct sb_line *line);

/* int A_rho(x) A_rho(sign x)/phi(x) dx, A_rho the law of rho X + ...; infinity where it has no end. */
double sb_line_square(const struct sb_line *line, double rho, double sign);

/* f(offset + slope z) against a measure of z. */
struct sb_line_integral {
    const struct sb_integrand *f;
    const double *kinks;
    size_t n_kinks;
};
struct sb_line_move {
    double offset, slope;
    const struct sb_panel_measure *measure;
    const double *end; /* more ends of panels in z, increasing */
    size_t n_ends;
};
int sb_line_integrate_moved(const struct sb_line_integral *of, const struct sb_line_move *move,
                            double *out, double *error_out);

/* Stated laws: panels of at most some length between cuts, one after the other. */
struct sb_line_walk {
    const struct sb_line_stated *of;
    double length, from, to; /* between two cuts */
    size_t panel, n_panels, cut;
};
struct sb_line_walk sb_line_walk_of(const struct sb_line_stated *of, double length);
bool sb_line_next_panel(struct sb_line_walk *w, double *from, double *to);
size_t sb_line_count_panels(const struct sb_line_stated *of, double length);
void sb_line_nodes(double from, double to, double *t); /* the rule's */
double sb_line_over_gauss(double t);                   /* 1/phi */

/* Is there noise enough for the terms of a stated law? */
bool sb_line_is_fine(const struct sb_line *line, struct sb_tilt at);
/* Where there is not. */
void sb_line_near_density(const struct sb_line *line, double rho, size_t n, const double *t,
                          double *out);
int sb_line_near_integrate(const struct sb_line *line, struct sb_tilt at,
                           const struct sb_line_integral *of, double *out, double *error_out);
double sb_line_stated_cdf(const struct sb_line *line, double rho, double t);

#endif
