/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lift of a function on Z_q^d to one of real numbers, as fast evaluators [CGKM22, Sections 2 and 3;
 * DV21]: the gadgets N1, N2, N3, labels, and points given their cells. The same as explicit networks:
 * numeric/network_lift.h.
 *
 * Boundaries b_k = H^-1(k/q), k = 1 .. q-1, of H the marginal's distribution function, cut the line into
 * cells 0 .. q-1 of mass 1/q; thres(t) is t's cell, #{k: t > b_k}. Around b_k lie R_k = [rl, rh], of mass
 * delta/q, and S_k = [sl, sh], of mass 2 delta/q. N1 is thres outside the R_k and linear on them; N2 is 1
 * on the R_k, 0 outside the S_k and linear between. With s_j = N2(z_j), S = sum_j s_j and n the number of
 * j with s_j > 0,
 *
 *   compressed  f_lift(z) = sum_t sigma(t) N3(s; h(N1(z)) - t) for f = sigma(h(x)), h integral. Where n <= m
 *               that is f(thres(z)) g(S) if no s_j = 1, and 0 otherwise (rule 7); beyond, the network says.
 *   dv          f_lift(z) = R(f(thres(z)) - S), 0 <= f <= 1, everywhere.
 *
 * g, the profile: bulk R(1 - S); edge S on [0, 1/d], falling from there to 0 at 1. */
#ifndef SB_NUMERIC_LIFT_H
#define SB_NUMERIC_LIFT_H

#include "base/diag.h"
#include "numeric/marginal.h"
#include "statbed/query.h"

enum { SB_LIFT_MOST_COORDINATES = 4096, SB_LIFT_MOST_CELLS = 4096 };

enum sb_lift_kind { SB_LIFT_COMPRESSED, SB_LIFT_DV };
enum sb_lift_profile { SB_LIFT_BULK, SB_LIFT_EDGE }; /* dv: bulk */

/* delta <= 1/2 (S_k disjoint; 1 - 2 delta/q > 0), m in [1, d - 1] where compressed. */
struct sb_lift_setup {
    enum sb_lift_kind kind;
    enum sb_lift_profile profile;
    uint32_t dim, q, m;
    double delta;
    const struct sb_marginal *marginal;
};

struct sb_lift_boundary {
    double b, rl, rh, sl, sh;
};

struct sb_lift {
    struct sb_lift_setup setup;
    struct sb_lift_boundary *boundary; /* q - 1, number k - 1 for b_k; owned */
    double rho;       /* mass of the R_k together, delta (q - 1)/q; that of the S_k is 2 rho */
    double miss;      /* Pr[n > m], n ~ Bin(d, 2 rho), rounded up; 0 for dv */
    double top;       /* the largest value of the profile: 1, or 1/d */
    double *binomial; /* what N3 needs; owned */
};

/* 0, -ENOMEM, or -EINVAL with one line in diag: what was found, what was expected. */
int sb_lift_init(struct sb_lift *lift, const struct sb_lift_setup *setup, struct sb_diag *diag);
void sb_lift_fini(struct sb_lift *lift);

/* Of one coordinate, n numbers t: */
void sb_lift_cells(const struct sb_lift *lift, uint64_t n, const double *t,
                   double *out); /* thres */
void sb_lift_n1(const struct sb_lift *lift, uint64_t n, const double *t, double *out);
void sb_lift_n2(const struct sb_lift *lift, uint64_t n, const double *t, double *out);
/* Of all coordinates of a block (x; n <= 1024) at q = 2, d <= 63: bit j is cell(z_j). */
void sb_lift_bits(const struct sb_lift *lift, const struct sb_block *block, uint64_t *out);

/* g(S). */
double sb_lift_profile(const struct sb_lift *lift, double sum);
/* N3(s; t), s in [0,1]^d, any real t, by grouping the coordinates with s_j = 0; compressed only. Takes time
 * in C(n, m), n the number of the others (lift_n3.c). */
double sb_lift_n3(const struct sb_lift *lift, const double *s /* d */, double t);
/* How many terms that is; compressed only. And the mean over points z of how many a label takes for each t: none
 * where n <= m, or for dv. */
double sb_lift_n3_terms(const struct sb_lift *lift, uint32_t n);
double sb_lift_mean_terms(const struct sb_lift *lift);

/* By rule 7, or dv's: out[i] = the label at z_i of a function with f(thres(z_i)) = value[i], in [0,1]. value
 * and out may be the same. */
void sb_lift_rule(const struct sb_lift *lift, const struct sb_block *block, const double *value,
                  double *out);
/* The network's own label: where rule 7 does not hold it is evaluated, for f = sigma(<w,x>)
 * (estimate/family.h); n_t, sigma and w are not looked at for dv. */
void sb_lift_label(const struct sb_lift *lift, const double *w /* d */, uint32_t n_t,
                   const double *sigma, const struct sb_block *block, const double *value,
                   double *out);
/* Which points of a block have n > m: out[i] 0 or 1; all 0 for dv. */
void sb_lift_beyond(const struct sb_lift *lift, const struct sb_block *block, uint8_t *out);

/* Points number start .. start+n-1 of a stream, n <= 1024, given the cells of their coordinates
 * (cell[j][i], 0 .. q-1): z_j = H^-1((cell + U)/q), U uniform, or at q = 2 a draw of the marginal with the cell's
 * sign, from stream number stream * SB_LIFT_MOST_COORDINATES + j; always in its cell. */
void sb_lift_draw(const struct sb_lift *lift, struct sb_key key, uint64_t stream, uint64_t start,
                  uint64_t n, const double *const *cell, double *const *z);

#endif
