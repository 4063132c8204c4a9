/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the moment-matching bumps [CLL22] for tests that are not about how they are constructed: edges and heights for
 * m = 3, 5, 7, of 60-digit arithmetic. */
#ifndef SB_TESTS_BUMPS_H
#define SB_TESTS_BUMPS_H

#include "numeric/line.h"

#include <math.h>

struct bumps {
    uint32_t m, n;
    double eps, p[3], q[3], h[3];
};

static const struct bumps bumps_of[3] = {
    { 3,
      1,
      0.14,
      { 0.2822161470625081266437 },
      { 0.7647096737863870473209 },
      { 1.588151041007389770004 } },
    { 5,
      2,
      0.16,
      { 0.4450460194707574089948, 1.900544640096458267928 },
      { 1.247717163339604240572, 2.110133483195723920567 },
      { 1.194443916460190418215, 2.877628214129711259865 } },
    { 7,
      3,
      0.12,
      { 0.3325759304034002504309, 1.794633875749575885179, 3.050272837118745967336 },
      { 1.128264911205979304015, 2.536464666232199529002, 3.241314615563435103283 },
      { 1.050341788812953885942, 2.402387087624889928835, 3.356485571367388478712 } },
};

/* f(z) */
static inline double bumps_at(const struct bumps *b, double z)
{
    const double u = fabs(z);

    for (uint32_t i = 0; i < b->n; i++) {
        const double out = u < b->p[i] ? b->p[i] - u : u > b->q[i] ? u - b->q[i] : 0;

        if (out < b->eps)
            return (z < 0 ? -1 : 1) * b->h[i] * (1 - out / b->eps);
    }
    return 0;
}

static inline struct sb_line_piece bumps_piece(double lo, double hi, double at_lo, double at_hi,
                                               double scale)
{
    const double slope = at_lo == at_hi ? 0 : scale * (at_hi - at_lo) / (hi - lo);

    return (struct sb_line_piece){
        lo, hi, slope == 0 ? scale * at_lo : scale * at_lo - slope * lo, slope, 1, 0
    };
}

/* The law of sqrt(1 - sigma^2) f(z1) + sigma z2. */
static inline struct sb_line *bumps_line(const struct bumps *b, double sigma)
{
    const double scale = sqrt((1 - sigma) * (1 + sigma));
    struct sb_line_piece piece[64];
    struct sb_line *line = NULL;
    size_t n = 0;
    double at = 0;

    /* the positive half behind room for the negative one, mirrored */
    for (uint32_t i = 0; i < b->n; i++) {
        const double e = b->eps, p = b->p[i], q = b->q[i], h = b->h[i];

        piece[32 + n++] = bumps_piece(at, p - e, 0, 0, scale);
        piece[32 + n++] = bumps_piece(p - e, p, 0, h, scale);
        piece[32 + n++] = bumps_piece(p, q, h, h, scale);
        piece[32 + n++] = bumps_piece(q, q + e, h, 0, scale);
        at = q + e;
    }
    piece[32 + n++] = bumps_piece(at, INFINITY, 0, 0, scale);
    for (size_t i = 0; i < n; i++) {
        const struct sb_line_piece *of = &piece[32 + i];

        piece[31 - i] =
            (struct sb_line_piece){ -of->hi, -of->lo, -of->offset, of->slope, of->weight, 0 };
    }
    if (sb_line_mixture(2 * n, piece + 32 - n, sigma, b->m, NULL, 0, &line, NULL))
        return NULL;
    return line;
}

#endif
