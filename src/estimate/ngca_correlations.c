/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations of hidden directions: K_ij = chi(<v_i,v_j>), chi(t) = sum_{k>=1} c_k^2 t^k (Mehler's formula), with
 * chi(1) = chi^2(A, N(0,1)) on the diagonal. All c_k^2 are at least 0, so that |chi(t)| <= chi(|t|), which increases:
 * off the diagonal |K_ij| is at most chi at the largest overlap. [sq.md C0; moments.md 3] */
#include "estimate/ngca_terms.h"

#include <math.h>

static const double outward = 1 + 0x1p-50;

double sb_ngca_overlap(const struct sb_ngca *ngca, uint64_t i, uint64_t j)
{
    double v[SB_NGCA_DIM], w[SB_NGCA_DIM];

    if (i == j)
        return 1;
    if (!(ngca->overlap_ub > 0))
        return 0;
    if (ngca->directions)
        return sb_direction_overlap(ngca->dim, ngca->directions + i * ngca->dim,
                                    ngca->directions + j * ngca->dim)
            .rho;
    sb_ngca_direction(ngca, i, v);
    sb_ngca_direction(ngca, j, w);
    return sb_direction_overlap(ngca->dim, v, w).rho;
}

/* Rounding moves <v,w> by at most e = dim 2^-51, and chi, convex and increasing on [0,1], by e times its slope there,
 * below (chi(1) - chi(t)) / (1 - t). */
double sb_ngca_correlation(const struct sb_ngca *ngca, uint64_t i, uint64_t j, double *error_out)
{
    const double t = sb_ngca_overlap(ngca, i, j), e = (double)ngca->dim * 0x1p-51;
    const double chi = sb_line_chi(ngca->line, t, error_out);
    const double rise = ngca->line->chi2 - fabs(chi), run = 1 - fabs(t);

    if (i != j && rise > 0)
        *error_out += e * rise / (run > e ? run : e) * outward;
    return chi;
}

static double chi_ub(const struct sb_line *line, double t)
{
    double error;
    const double chi = sb_line_chi(line, t, &error);

    return (chi + error) * outward;
}

int sb_ngca_correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const struct sb_ngca *ngca = family->ngca;
    const double n = (double)family->n_members;
    double error;

    if (!sb_line_has_density(ngca->line)) {
        out->unknown =
            "chi^2 of the hidden law against N(0,1) is infinite, as of one with atoms: so is every "
            "K_ii, and bounds from correlations (C3 to C6) say nothing";
        return 0;
    }
    out->orthogonal = n <= 1 || !(ngca->overlap_ub > 0);
    out->diagonal_ub = ngca->line->chi2 * outward;
    out->off_abs_ub = out->orthogonal ? 0 : chi_ub(ngca->line, ngca->overlap_ub);
    if (out->off_abs_ub > out->diagonal_ub)
        out->off_abs_ub = out->diagonal_ub;
    out->off_ub = out->off_abs_ub;
    out->lambda_ub = (out->diagonal_ub + (n - 1) * out->off_abs_ub) * outward;
    out->lambda_lb = sb_line_chi(ngca->line, 1, &error);
    out->lambda_lb -= error;
    return 0;
}
