/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams: a number is a function of (key, stream, index) alone, so that every draw can be
 * addressed and nothing depends on the order of calls. Philox4x32-10 [SMDS11]: words 2i and 2i + 1
 * are the block with counter (i, stream). */
#ifndef SB_NUMERIC_RANDOM_H
#define SB_NUMERIC_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct sb_key {
    uint32_t v[2];
};

/* The key for one purpose ("secret", "policy", "coins") under some material: the first 64 bits of
 * SHA-256(purpose, 0, material). Different purposes never share a stream. */
struct sb_key sb_key_derive(const char *purpose, const void *material, size_t n);

/* out[i] = word number (start + i) of the stream, 64 random bits each. */
void sb_random_words(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, uint64_t *out);
/* The same, as uniforms k/2^53 in [0,1), k the top 53 bits. */
void sb_random_uniform(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out);
/* out[i] = standard Gaussian number (start + i): numbers 2k and 2k + 1, a pair, are made of words
 * 2k and 2k + 1, by Box and Muller's polar form [BM58], of + - * / sqrt alone. None is 0 or above
 * 9.42 in absolute value; with signs changed, or the two of a pair exchanged, the law is the same,
 * exactly.
 *
 * How far the law is from N(0,1), were the words independent and uniform. The two uniforms behind a
 * pair, U for the radius and V for the angle, are the centres of 2^63 and 2^64 equal cells; g is
 * what they give without rounding, g' what is computed.
 *  (1) Rounding: |g' - g| <= 2^-47, and <= 2^-49 r, r the pair's radius (proof: gauss_lanes.h;
 *      measured over 2^23 numbers: 1.3e-15, 4.5e-16 r).
 *  (2) Cells: let f depend on the numbers of P pairs and have total variation at most A along
 *      every ray from the origin, and B along every circle about it, in the plane of each pair, the
 *      rest held. Then |E f(g) - E f(Z)| <= P (2^-63 A + 2^-64 B), Z standard Gaussian. Proof: go
 *      from Z to g one uniform at a time, U first. f at a cell's centre is within f's variation in
 *      the cell of f's mean over the cell; a cell has mass 2^-63 or 2^-64; the variations add up to
 *      A or B at most.
 *  (3) Together: |E f(g') - E f(Z)| <= (2) + E sup{ |f(x) - f(g)| : |x_j - g_j| <= 2^-47 all j }.
 * For f = h(<w,x>), x of d numbers, |w| = 1, h of total variation H (2 for a step from -1 to 1):
 * A <= H, B <= 2H, P <= d, and <w,g'> is within t = 2^-47 sqrt(d) of <w,g>. How far h moves within
 * t of <w,g> is at most the integral over c of [|<w,g> - c| <= t] against h's variation; and by (2)
 * this indicator, of variation 2, has expectation at most 2t/sqrt(2 pi) + d 2^-61. So
 *      |E f(g') - E f(Z)| <= H (2t/sqrt(2 pi) + 3 d 2^-62):
 * 3.3e-14 H at d = 32, 3.7e-13 H at d = 4096. For f of range 2 and Lipschitz constant L: A <= 9.5 L
 * + 2, B <= 60 L, and the supremum is at most 2^-47 L sqrt(d). Two examples whose coordinates share
 * pairs (2k and 2k + 1 of a sample that takes column j for coordinate j) are independent as far as
 * (3) says, with both of them for x. */
void sb_random_gauss(struct sb_key key, uint64_t stream, uint64_t start, uint64_t n, double *out);
/* Uniform in {0..bound-1}, bound >= 1, without bias: rejection over words 0, 1, ... of the stream.
 */
uint64_t sb_random_below(struct sb_key key, uint64_t stream, uint64_t bound);

#endif
