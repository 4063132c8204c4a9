/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of ln|p| and the sign of p, from above and from below: masses of short intervals of ln|h_k(g)|, moved to the
 * upper end for a bound from above and to the lower one from below, and convolved. Everything is positive, so that
 * rounding is relative: PAD.
 *
 * The interval that a cell [x - r, x + r] of g is mapped into is found by Taylor's formula, h_k^(j) =
 * sqrt(k!/(k-j)!) h_{k-j}; its mass is between 2 r phi at its two ends. Beyond |g| = REACH lies Q <= 1.6e-44: with the
 * Cauchy-Schwarz inequality, E p^2 = 1 and E p^4 <= 9^K (hypercontractivity [ODonnell14, Section 11.1]), no more than
 * sqrt(n Q) of a mean comes from there, and 3^K sqrt(n Q) of a mean square. */
#include "estimate/hermite_excess.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <sleef.h>
#include <string.h>

enum {
    STEPS = 32,          /* to a factor of e */
    LEAST = -10 * STEPS, /* what is below e^-10 */
    MOST = 3 * SB_EXCESS_DEGREE * STEPS,
    BINS = MOST - LEAST +
           1, /* none is missed: |h_k(g)| <= REACH^k, by the recurrence, ln REACH < 2.7 */
    CELLS = 14 * 512,
};
#define REACH 14.0
#define PAD (1 + 0x1p-30)
/* at least sqrt(Q) */
static const double far_root = 1.3e-22;

/* Masses by sign and by number e^((LEAST + i)/STEPS): [0] negative. */
struct law {
    double mass[2][BINS];
    int most; /* no mass above this bin */
};
struct sides {
    struct law upper, lower;
};

/* Bin of the least power that is at least v > 0, or the greatest that is at most v; -1 where that is too small. */
static int bin(double v, bool up)
{
    const double at = Sleef_cinz_logd1_u10purec(v) * STEPS;
    const double whole = up ? ceil(at + 0x1p-30) : floor(at - 0x1p-30);

    if (whole < LEAST)
        return up ? 0 : -1;
    return whole > MOST ? BINS - 1 : (int)whole - LEAST;
}

static void put(struct law *law, int sign, int at, double mass)
{
    if (at < 0)
        return;
    law->mass[sign][at] += mass;
    law->most = at > law->most ? at : law->most;
}

/* h_k at the middle of a cell, and how far it moves within. */
static void look(uint32_t k, double x, double r, double *middle_out, double *move_out)
{
    double h[SB_EXCESS_DEGREE + 1] = { 1, x }, term = 1, move = 0;

    for (uint32_t i = 1; i < k; i++)
        h[i + 1] = (x * h[i] - sqrt(i) * h[i - 1]) / sqrt(i + 1.0);
    for (uint32_t j = 1; j <= k; j++) {
        term *= r / j * sqrt(k - j + 1.0);
        move += term * fabs(h[k - j]);
    }
    *middle_out = h[k];
    *move_out = move * PAD + 0x1p-40 * (fabs(h[k]) + move);
}

/* |h_k(g)| is in [lo, hi] with sign s on a cell of this mass, for g and, with mirrored sign for odd k, for -g. */
static void put_cell(struct sides *s, bool odd, double h, double move, double least, double most)
{
    const double lo = fabs(h) - move, hi = fabs(h) + move;
    const int sign = h > 0, top = bin(hi, true), bottom = lo > 0 ? bin(lo, false) : -1;

    for (int side = 0; side < 2; side++) {
        const int there = odd && side ? !sign : sign;

        put(&s->upper, there, top, most);
        if (lo > 0)
            put(&s->lower, there, bottom, least);
        else /* of the other sign, too, perhaps */
            put(&s->upper, !there, top, most);
    }
}

static void law_of(uint32_t k, struct sides *out)
{
    const double r = REACH / CELLS / 2;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < CELLS; i++) {
        const double x = (2 * i + 1) * r;
        const double near = Sleef_cinz_expd1_u10purec(-(x - r) * (x - r) / 2);
        const double far = Sleef_cinz_expd1_u10purec(-(x + r) * (x + r) / 2);
        double h, move;

        look(k, x, r, &h, &move);
        put_cell(out, k % 2, h, move, 2 * r * 0.39894228040143267 * far / PAD,
                 2 * r * 0.3989422804014327 * near * PAD);
    }
}

/* to[j] += mass b[j], moved by `by` bins, which may be negative; what leaves the bins below is kept where `up`. */
static void add_moved(double mass, const double *restrict b, int n, int by, bool up,
                      double *restrict to)
{
    const int first = by < 0 ? -by : 0;
    double below = 0;

    for (int j = 0; j < first && j < n; j++)
        below += b[j];
    if (up)
        to[0] += mass * below;
    for (int j = first; j < n; j++)
        to[by + j] += mass * b[j];
}

static void convolve(const struct law *a, const struct law *b, bool up, struct law *out)
{
    memset(out, 0, sizeof *out);
    out->most = a->most + b->most + LEAST < 0 ? 0 : a->most + b->most + LEAST;
    for (int s = 0; s < 4; s++)
        for (int i = 0; i <= a->most; i++)
            if (a->mass[s / 2][i] > 0)
                add_moved(a->mass[s / 2][i] * (up ? PAD : 1 / PAD), b->mass[s % 2], b->most + 1,
                          i + LEAST, up, out->mass[s / 2 == s % 2]);
}

/* Mean, and mean square, of what is beyond a threshold > 0. */
static double mean_beyond(const double *mass, double threshold, bool up, double *square_out)
{
    double mean = 0;

    *square_out = 0;
    for (int i = 0; i < BINS; i++) {
        const double v = Sleef_cinz_expd1_u10purec((double)(LEAST + i) / STEPS);
        const double excess = (up ? v * PAD : v / PAD) - threshold;

        if (mass[i] > 0 && excess > 0) {
            mean += mass[i] * excess;
            *square_out += mass[i] * excess * excess;
        }
    }
    return up ? mean * PAD : mean / PAD;
}

static struct sb_excess excess_of(const struct sides *law, uint32_t n, uint32_t total, double below,
                                  double above)
{
    double above_sq, below_sq, ignored, growth = 1;
    struct sb_excess e = {
        .above_ub = mean_beyond(law->upper.mass[1], above, true, &above_sq) + n * far_root,
        .below_ub = mean_beyond(law->upper.mass[0], -below, true, &below_sq) + n * far_root,
        .above_lb = mean_beyond(law->lower.mass[1], above, false, &ignored),
        .below_lb = mean_beyond(law->lower.mass[0], -below, false, &ignored),
    };

    for (uint32_t k = 0; k < total; k++)
        growth *= 3;
    e.square_ub = (above_sq + below_sq) * PAD + growth * n * far_root;
    return e;
}

/* degree: decreasing */
static int work_out(uint32_t n, const uint8_t *degree, double below, double above,
                    struct sb_excess *out)
{
    struct sides *all SB_FREE = SB_NEW(struct sides);
    struct sides *next SB_FREE = SB_NEW(struct sides);
    struct sides *one SB_FREE = SB_NEW(struct sides);
    uint32_t total = 0;

    if (!all || !next || !one)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        total += degree[i];
        if (i == 0 || degree[i] != degree[i - 1])
            law_of(degree[i], one);
        if (i == 0) {
            *all = *one;
            continue;
        }
        convolve(&all->upper, &one->upper, true, &next->upper);
        convolve(&all->lower, &one->lower, false, &next->lower);
        *all = *next;
    }
    *out = excess_of(all, n, total, below, above);
    return 0;
}

/* Memory */

static struct sb_excess_entry key_of(uint32_t n, const uint32_t *degree, double below, double above)
{
    struct sb_excess_entry key = { .n = (uint8_t)n, .below = below, .above = above };

    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;

        for (; at > 0 && key.degree[at - 1] < degree[i]; at--)
            key.degree[at] = key.degree[at - 1];
        key.degree[at] = (uint8_t)degree[i];
    }
    return key;
}

static bool same_key(const struct sb_excess_entry *a, const struct sb_excess_entry *b)
{
    return a->n == b->n && a->below == b->below && a->above == b->above &&
           memcmp(a->degree, b->degree, sizeof a->degree) == 0;
}

static int find_or_make(struct sb_excesses *memory, struct sb_excess_entry *key)
{
    const uint32_t n = memory->n_asked < SB_EXCESSES ? memory->n_asked : SB_EXCESSES;
    int error;

    for (uint32_t i = 0; i < n; i++)
        if (same_key(&memory->entry[i], key)) {
            key->excess = memory->entry[i].excess;
            return 0;
        }
    error = work_out(key->n, key->degree, key->below, key->above, &key->excess);
    if (!error)
        memory->entry[memory->n_asked++ % SB_EXCESSES] = *key;
    return error;
}

int sb_hermite_excess(struct sb_excesses *memory, uint32_t n, const uint32_t *degree, double below,
                      double above, struct sb_excess *out)
{
    struct sb_excess_entry key = key_of(n, degree, below, above);
    int error;

    pthread_mutex_lock(&memory->lock);
    error = find_or_make(memory, &key);
    pthread_mutex_unlock(&memory->lock);
    if (!error)
        *out = key.excess;
    return error;
}
