/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of inner products over Z_q. Counts are whole numbers, and the sum that K is is a fraction of two: rounded
 * once, and 0 where it is 0. */
#include "numeric/residues.h"

#include "base/memory.h"

#include <errno.h>
#include <sleef.h>
#include <stdbool.h>
#include <string.h>

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b) {
        const uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Euclid's algorithm on a basis (a, b), (0, c) of the lattice that the columns, (q, 0) and (0, q) generate. */
struct sb_residue_pair sb_residue_pair_of(uint32_t q, uint32_t n, const uint32_t *w,
                                          const uint32_t *v)
{
    struct sb_residue_pair p = { q, 0, q };

    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = w[i], second = v[i];

        while (first) {
            const uint32_t times = p.a / first, a = p.a - times * first;
            const uint32_t b = (uint32_t)((p.b + (uint64_t)times * (q - second)) % q);

            p.a = first;
            p.b = second;
            first = a;
            second = b;
        }
        p.c = gcd(p.c, second);
    }
    p.b %= p.c;
    return p;
}

/* Tables */

static uint32_t divisor_index(const struct sb_residues *r, uint32_t d)
{
    uint32_t i = 0;

    while (r->divisor[i] != d)
        i++;
    return i;
}

/* q <= 1024 has at most 32 divisors. */
static void find_divisors(struct sb_residues *r)
{
    for (uint32_t d = 1; d <= r->q; d++)
        if (r->q % d == 0)
            r->divisor[r->n_divisors++] = d;
}

/* out[residue * n_labels + y]: how many t = residue mod c have f(t) = y */
static void count_classes(const struct sb_residues *r, const uint32_t *f, uint32_t c, uint32_t *out)
{
    memset(out, 0, (size_t)c * r->n_labels * sizeof *out);
    for (uint32_t t = 0; t < r->q; t++)
        out[(size_t)(t % c) * r->n_labels + f[t]]++;
}

/* From same[y], how many of the `size` pairs have both the label y. */
static struct sb_residue_values values_of(const struct sb_residues *r, const uint32_t *same,
                                          uint64_t size)
{
    const int64_t q = r->q, m = q / r->n_labels;
    int64_t sum = 0; /* over the common denominator q size m (m + 1), each term below 2^52 */
    uint64_t all = 0;

    for (uint32_t y = 0; y < r->n_labels; y++) {
        const int64_t n = r->count[y];

        sum += (q * q * same[y] - (int64_t)size * n * n) * (n == m ? m + 1 : m);
        all += same[y];
    }
    return (struct sb_residue_values){ .k =
                                           (double)sum / ((double)(q * m * (m + 1)) * (double)size),
                                       .agreement = (double)all / (double)size };
}

/* classes: counts by residues mod c; same: room for n_labels */
static void fill(struct sb_residues *r, const uint32_t *f, const uint32_t *classes, uint32_t a,
                 uint32_t c, uint32_t *same, struct sb_residue_values *out)
{
    const uint32_t n = r->q / a;

    for (uint32_t b = 0; b < c; b++) {
        const uint32_t least = gcd(c, n * b % c);

        if (least < c) { /* (0, n b) is n times (a, b): a finer pair, of a smaller divisor */
            out[b] = *sb_residues_at(r, (struct sb_residue_pair){ a, b % least, least });
            continue;
        }
        memset(same, 0, r->n_labels * sizeof *same);
        for (uint32_t s = 0; s < n; s++) {
            const uint32_t y = f[a * s];

            same[y] += classes[(size_t)(b * s % c) * r->n_labels + y];
        }
        out[b] = values_of(r, same, (uint64_t)n * (r->q / c));
    }
}

static int fill_all(struct sb_residues *r, const uint32_t *f)
{
    uint32_t *classes SB_FREE = SB_NEW_ARRAY(uint32_t, (size_t)r->q * r->n_labels);
    uint32_t *same SB_FREE = SB_NEW_ARRAY(uint32_t, r->n_labels);

    if (!classes || !same)
        return -ENOMEM;
    for (uint32_t j = 0; j < r->n_divisors; j++) {
        count_classes(r, f, r->divisor[j], classes);
        for (uint32_t i = 0; i + 1 < r->n_divisors; i++)
            fill(r, f, classes, r->divisor[i], r->divisor[j], same,
                 r->value + r->place[i * r->n_divisors + j]);
    }
    return 0;
}

struct sb_residues *sb_residues_new(uint32_t q, uint32_t dim, uint32_t n_labels, const uint32_t *f)
{
    struct sb_residues *r = SB_NEW(struct sb_residues);
    uint32_t n = 0;

    if (!r)
        return NULL;
    r->q = q;
    r->dim = dim;
    r->n_labels = n_labels;
    find_divisors(r);
    r->count = SB_NEW_ARRAY(uint32_t, n_labels);
    r->place = SB_NEW_ARRAY(uint32_t, (size_t)r->n_divisors * r->n_divisors);
    for (uint32_t i = 0; r->place && i + 1 < r->n_divisors; i++)
        for (uint32_t j = 0; j < r->n_divisors; j++) {
            r->place[i * r->n_divisors + j] = n;
            n += r->divisor[j];
        }
    r->value = SB_NEW_ARRAY(struct sb_residue_values, n);
    for (uint32_t t = 0; r->count && t < q; t++)
        r->count[f[t]]++;
    if (!r->count || !r->place || !r->value || fill_all(r, f)) {
        sb_residues_free(r);
        return NULL;
    }
    return r;
}

void sb_residues_free(struct sb_residues *r)
{
    if (!r)
        return;
    free(r->count);
    free(r->place);
    free(r->value);
    free(r);
}

const struct sb_residue_values *sb_residues_at(const struct sb_residues *r,
                                               struct sb_residue_pair pair)
{
    const uint32_t i = divisor_index(r, pair.a), j = divisor_index(r, pair.c);

    return &r->value[r->place[i * r->n_divisors + j] + pair.b];
}

/* Numbers of vectors */

/* J_k(m): vectors of Z_m^k whose greatest common divisor with m is 1. */
static double totient(uint32_t k, uint32_t m)
{
    double j = 1;

    if (k == 0)
        return m == 1;
    for (uint32_t p = 2; m > 1; p++)
        for (bool first = true; m % p == 0; m /= p, first = false) {
            double power = 1;

            for (uint32_t i = 0; i < k; i++)
                power *= p;
            j *= first ? power - 1 : power;
        }
    return j;
}

double sb_residues_members(const struct sb_residues *r, uint32_t a)
{
    return totient(r->dim, r->q / a);
}

double sb_residues_partners(const struct sb_residues *r, uint32_t c)
{
    return r->q / c * totient(r->dim - 1, r->q / c);
}

/* Eigenvalues */

/* powers[j] = g^j, j < q-1, g a generator of Z_q^*, q prime. */
static void find_generator(uint32_t q, uint32_t *powers)
{
    uint32_t order = 0;

    for (uint32_t g = 1; order != q - 1; g++) {
        uint32_t power = 1;

        order = 0;
        do {
            powers[order++] = power;
            power = power * g % q;
        } while (power != 1);
    }
}

/* Eigenvalues of the block of one w, sum_j K(w, g^j w) cos(2 pi m j / (q-1)): K(w, cw) = K(w, w/c). */
static int lambda_prime(const struct sb_residues *r, double *lb_out, double *ub_out)
{
    const uint32_t n = r->q - 1;
    uint32_t *powers SB_FREE = SB_NEW_ARRAY(uint32_t, n);
    double *cosine SB_FREE = SB_NEW_ARRAY(double, n);
    const struct sb_residue_values *value = r->value + r->place[1];
    double most = 0, sizes = 0;

    if (!powers || !cosine)
        return -ENOMEM;
    find_generator(r->q, powers);
    for (uint32_t j = 0; j < n; j++) {
        cosine[j] = Sleef_cinz_cosd1_u10purec(6.283185307179586 * j / n);
        sizes += value[powers[j]].k < 0 ? -value[powers[j]].k : value[powers[j]].k;
    }
    for (uint32_t m = 0; m <= n / 2; m++) {
        double sum = 0;

        for (uint32_t j = 0; j < n; j++)
            sum += value[powers[j]].k * cosine[(uint64_t)m * j % n];
        most = sum > most ? sum : most;
    }
    *lb_out =
        most -
        sizes * 0x1p-42; /* each angle, cosine and partial sum is 2^-50 relative off, or less */
    *ub_out = most + sizes * 0x1p-42;
    return 0;
}

/* Row i of |K| and of K, gathered by gcd(v, q) = divisor[j]. */
static void gather(const struct sb_residues *r, uint32_t i, double *size, double *value)
{
    for (uint32_t c = 0; c < r->n_divisors; c++) {
        const double partners = sb_residues_partners(r, r->divisor[c]);
        const struct sb_residue_values *of = r->value + r->place[i * r->n_divisors + c];

        for (uint32_t b = 0; b < r->divisor[c] && partners > 0; b++) {
            const uint32_t j = divisor_index(r, gcd(b, r->divisor[c]));

            size[j] += partners * (of[b].k < 0 ? -of[b].k : of[b].k);
            value[j] += partners * of[b].k;
        }
    }
}

struct quotient {
    uint32_t n;
    double size[32][32], value[32][32], members[32];
};

static double row_times(const double *row, const double *h, uint32_t n)
{
    double sum = 0;

    for (uint32_t j = 0; j < n; j++)
        sum += row[j] * h[j];
    return sum;
}

/* h |K| / h at most, for any h > 0; h becomes |K| h, scaled. */
static double collatz(const struct quotient *s, double *h)
{
    double next[32], most = 0, ub = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        next[i] = row_times(s->size[i], h, s->n);
        ub = next[i] / h[i] > ub ? next[i] / h[i] : ub;
        most = next[i] > most ? next[i] : most;
    }
    for (uint32_t i = 0; i < s->n && most > 0; i++)
        h[i] = next[i] > most * 0x1p-60 ? next[i] / most : 0x1p-60;
    return ub;
}

static double rayleigh(const struct quotient *s, const double *h)
{
    double above = 0, below = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        above += s->members[i] * h[i] * row_times(s->value[i], h, s->n);
        below += s->members[i] * h[i] * h[i];
    }
    return above / below;
}

static int lambda_composite(const struct sb_residues *r, double *lb_out, double *ub_out)
{
    enum { STEPS = 200 };
    struct quotient *s SB_FREE = SB_NEW(struct quotient);
    double h[32], ub = __builtin_inf(), lb = 0;

    if (!s)
        return -ENOMEM;
    s->n = r->n_divisors - 1; /* the last is that of w = 0 */
    for (uint32_t i = 0; i < s->n; i++) {
        gather(r, i, s->size[i], s->value[i]);
        s->members[i] = sb_residues_members(r, r->divisor[i]);
        h[i] = 1;
    }
    for (int step = 0; step < STEPS; step++) {
        const double u = collatz(s, h), l = rayleigh(s, h);

        ub = u < ub ? u : ub;
        lb = l > lb ? l : lb;
    }
    *ub_out = ub * (1 + 0x1p-40);
    *lb_out = lb * (1 - 0x1p-38);
    return 0;
}

int sb_residues_lambda(const struct sb_residues *r, double *lb_out, double *ub_out)
{
    return r->n_divisors == 2 ? lambda_prime(r, lb_out, ub_out)
                              : lambda_composite(r, lb_out, ub_out);
}
