/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of laws on the line from N(0,1) and from one another, to some 1e-8: what is printed beside a
 * construction and among a family's facts, not what decides anything. Of laws that have a density; infinity for
 * others, but for Wasserstein-1. */
#ifndef SB_NUMERIC_LINE_DISTANCE_H
#define SB_NUMERIC_LINE_DISTANCE_H

#include "numeric/line.h"

/* TV(A, N(0,1)); 1 where A is made of atoms alone. */
double sb_line_tv_to_gauss(const struct sb_line *line);
/* TV between two laws on the line; NULL: N(0,1). */
double sb_line_tv(const struct sb_line *a, const struct sb_line *b);
/* Wasserstein-1: the integral of |F - Phi|. Atoms are fine. */
double sb_line_wasserstein(const struct sb_line *line);
/* TV(P_v, P_v') at <v,v'> = t, |t| < 1, by quadrature in the plane of v and v', to some 2e-6. */
double sb_line_tv_pair(const struct sb_line *line, double t);
/* What TV(P_v, P_v') is at least where |<v,v'>| <= t <= 1: TV(A, N) - (1/2) sqrt(sum c_k^2 t^(2k)), by the
 * projection on v [theorems.md S2-L4.14]. */
double sb_line_tv_pair_lb(const struct sb_line *line, double t);

#endif
