/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a term of a query is under a hidden direction v, as a function of v: for one law (ngca_expectation.c) and for all
 * members at once (profile_by_direction.c). */
#ifndef SB_ESTIMATE_NGCA_TERMS_H
#define SB_ESTIMATE_NGCA_TERMS_H

#include "estimate/hermite_product.h"
#include "estimate/ngca.h"

/* <u,v> of unit vectors, and what is across, without cancellation where u is near v or -v. */
struct sb_tilt sb_direction_overlap(uint32_t dim, const double *u, const double *v);

/* A product of Hermite polynomials, perhaps clipped: constant + slope T(v), T(v) = sqrt(k!/prod_j k_j!) prod_j v_j^{k_j}
 * with |T| <= 1, within `error` whatever v is; under the null T is 0. */
struct sb_ngca_product {
    struct sb_hermite_product product;
    double constant, slope, error;
};
/* 0; 1: not known; -ENOMEM. By the query alone. */
int sb_ngca_product_open(const struct sb_ngca *ngca, const struct sb_hermite_product *p,
                         struct sb_ngca_product *out);
double sb_ngca_product_mean(const struct sb_ngca_product *p, const double *v /* dim */);

#endif
