/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean of a ridge g(<u,x>), |u| = 1, under a law A that is hidden along v, as a power series in t = <u,v>:
 *     E g(<u,x>) = sum_{k>=0} c_k G_k t^k,    c_k = E_A[h_k],  G_k = E_N[g h_k],
 * since <u,x> has the law of t X + sqrt(1 - t^2) Z and E h_k of that is t^k c_k [DKS17]. Cut off behind
 * degree K it misses at most
 *     (sum_{k>K} c_k^2 t^{2k})^{1/2} (sum_{k>K} G_k^2)^{1/2}
 * by Cauchy-Schwarz, and the last sum is E_N[g^2] less those that are known (docs/theorems.md B5, C10). */
#ifndef SB_ESTIMATE_RIDGE_SERIES_H
#define SB_ESTIMATE_RIDGE_SERIES_H

#include "numeric/line.h"
#include "numeric/panels.h"

#include <stddef.h>

enum { SB_SERIES_LEVELS = 7, SB_SERIES_LANES = 8 };

struct sb_ridge_series {
    const struct sb_line *line;
    double largest; /* |c_k| is at most this, behind those that are known, too; or infinity */
    double size;    /* |g| is at most this */
    uint32_t n;     /* degrees there are: 0 .. n - 1 */
    double g[SB_LINE_COEFFICIENTS];    /* G_k */
    double term[SB_LINE_COEFFICIENTS]; /* c_k G_k */
    double g_error;                    /* of each G_k, at most */
    int n_levels; /* series are cut off behind one of so many degrees K: of each, */
    double rest[SB_SERIES_LEVELS];  /* at least (sum_{k>K} G_k^2)^{1/2}, and */
    double reach[SB_SERIES_LEVELS]; /* up to which |t| it misses at most `missed`; increasing */
    double missed;
};

/* g: as for sb_line_integrate, one function; missed > 0: how much a value may miss; |t| <= most is what matters: no more
 * degrees are found than that takes, and fewer may not reach it. 0; 1: G_k are not to be had to 1e-9 g->size; a
 * negative errno. */
int sb_ridge_series_init(const struct sb_line *line, const struct sb_integrand *g,
                         const double *kinks, size_t n_kinks, double missed, double most,
                         struct sb_ridge_series *out);
/* Up to this |t| values are to be had by the series; less than 0: for none. */
double sb_ridge_series_reach(const struct sb_ridge_series *s);
/* out[i] = the series at t[i] in [-1,1]; beyond its reach a number that means nothing. n is a multiple of
 * SB_SERIES_LANES; values are the same whatever else is in the call but for groups of so many. */
void sb_ridge_series_at(const struct sb_ridge_series *s, size_t n, const double *t, double *out);
/* How far a value at |t| <= most may be off, t itself by t_error: what is missed, the integrals' and
 * coefficients' errors, rounding. */
double sb_ridge_series_error(const struct sb_ridge_series *s, double most, double t_error);

#endif
