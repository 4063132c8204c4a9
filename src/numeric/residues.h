/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions f(<w,x>) of an inner product over Z_q, x uniform in Z_q^n, w not 0, f from Z_q to finitely many
 * labels: how two of them agree, and their correlations K as distributions of (x, f(<w,x>)) against x beside an
 * independent label with the law of f at a uniform residue [theorems.md S0-AppF].
 *
 * (<w,x>, <v,x>) is uniform on the subgroup of Z_q^2 that the columns (w_i, v_i) generate: all (a s, b s + c r)
 * with a = gcd(w, q), a divisor c of q, b < c and c a divisor of b q/a, so that s < q/a, r < q/c are enough.
 * Three numbers are all there is to know of a pair. Counting: w with gcd(w, q) = a is (a, 0, ..., 0) in some
 * basis. The v that have b + c r in the first place there and greatest common divisor c with q in the others,
 * c any divisor of q and b < c, are (q/c) J_(n-1)(q/c), J Jordan's totient; the pair's own numbers are then
 * a, b mod g, g = gcd(c, b q/a). */
#ifndef SB_NUMERIC_RESIDUES_H
#define SB_NUMERIC_RESIDUES_H

#include <stdint.h>

enum { SB_RESIDUES_MOST = 1024 }; /* q */

struct sb_residue_pair {
    uint32_t a, b, c;
};
struct sb_residue_pair sb_residue_pair_of(uint32_t q, uint32_t n, const uint32_t *w,
                                          const uint32_t *v);

struct sb_residues {
    uint32_t q, dim, n_labels;
    uint32_t *count;                  /* of residues, for each label */
    uint32_t n_divisors, divisor[32]; /* of q, increasing; the last is q */
    struct sb_residue_values {
        double k;         /* K_wv */
        double agreement; /* Pr[f(<w,x>) = f(<v,x>)]; 1 exactly where they are one function */
    } * value;
    uint32_t *
        place; /* value[place[i * n_divisors + j] + b]: of a = divisor[i] < q, c = divisor[j], b, of pairs as
                        they are counted */
};

/* f: q <= SB_RESIDUES_MOST label numbers below n_labels, each of them m times or m + 1 times, m >= 1; copied.
 * NULL: no memory. */
struct sb_residues *sb_residues_new(uint32_t q, uint32_t dim, uint32_t n_labels, const uint32_t *f);
void sb_residues_free(struct sb_residues *r);

const struct sb_residue_values *sb_residues_at(const struct sb_residues *r,
                                               struct sb_residue_pair pair);
/* How many w there are with gcd(w, q) = a; how many v for such a w. Exact up to 2^53. */
double sb_residues_members(const struct sb_residues *r, uint32_t a);
double sb_residues_partners(const struct sb_residues *r, uint32_t c);

/* Around the largest eigenvalue of K over all w but 0: for q prime to 1e-11 of it, from the characters of Z_q^*,
 * by which K's blocks, of the multiples of one w, are diagonal; else by Collatz and Wielandt's bounds on |K| and
 * a Rayleigh quotient of K, vectors that are constant where gcd(w, q) is. 0 or -ENOMEM. */
int sb_residues_lambda(const struct sb_residues *r, double *lb_out, double *ub_out);

#endif
