/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels of lifted functions on blocks. Most points have no coordinate in an S_k, which a look at each column
 * tells; only at the others is N2 taken, coordinate by coordinate. */
#include "numeric/kernels.h"
#include "numeric/lift_n3.h"

enum { MOST_POINTS = 1024 };

double sb_lift_profile(const struct sb_lift *lift, double sum)
{
    const double d = lift->setup.dim;

    if (sum >= 1)
        return 0;
    if (lift->setup.profile == SB_LIFT_BULK)
        return 1 - sum;
    return sum * d <= 1 ? sum : (1 - sum) / (d - 1);
}

/* out[i] = 0 where no N2(z_ij) > 0. */
static void find_touched(const struct sb_lift *lift, const struct sb_block *block, uint64_t *out)
{
    static void (*const variant[SB_ISAS])(const struct sb_lift_column *, uint64_t *) =
        SB_ISA_TABLE(sb_lift_inside);

    for (uint64_t i = 0; i < block->n; i++)
        out[i] = 0;
    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        const struct sb_lift_column column = { lift->boundary, lift->setup.q - 1, block->n,
                                               block->x[j] };

        variant[sb_isa()](&column, out);
    }
}

/* Is t in some S_k? They are in order: the first whose end is not below t. */
static bool inside(const struct sb_lift *lift, double t)
{
    uint32_t lo = 0, hi = lift->setup.q - 1;

    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;

        if (lift->boundary[mid].sh > t)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo < lift->setup.q - 1 && t > lift->boundary[lo].sl;
}

/* The nonzero s_j of point i, in the order of j. */
struct nonzero {
    uint32_t n;
    double sum;
    double s[SB_LIFT_MOST_COORDINATES];
};

static void look(const struct sb_lift *lift, const struct sb_block *block, uint64_t i,
                 struct nonzero *out)
{
    out->n = 0;
    out->sum = 0;
    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        const double t = block->x[j][i];

        if (!inside(lift, t))
            continue;
        sb_lift_n2(lift, 1, &t, &out->s[out->n]);
        out->sum += out->s[out->n++];
    }
}

static bool is_beyond(const struct sb_lift *lift, const struct nonzero *p)
{
    return lift->setup.kind == SB_LIFT_COMPRESSED && p->n > lift->setup.m;
}

/* The label where rule 7 holds, and everywhere for dv. */
static double by_rule(const struct sb_lift *lift, double value, double sum)
{
    if (lift->setup.kind == SB_LIFT_DV)
        return value > sum ? value - sum : 0;
    return value * sb_lift_profile(lift, sum);
}

/* f = sigma(<w,x>). */
struct function {
    const double *w, *sigma;
    uint32_t n_t;
};

/* The network at point i, where only t's within 1 of h(N1(z)) count. */
static double by_network(const struct sb_lift *lift, const struct function *f,
                         const struct sb_block *block, uint64_t i, const struct nonzero *p)
{
    double h = 0, label = 0;
    int64_t first;

    for (uint32_t j = 0; j < lift->setup.dim; j++) {
        double cell;

        if (f->w[j] == 0)
            continue;
        sb_lift_n1(lift, 1, &block->x[j][i], &cell);
        h += f->w[j] * cell;
    }
    first = (int64_t)h;
    for (int64_t t = first; t <= first + 1; t++)
        if (t < (int64_t)f->n_t && f->sigma[t] != 0)
            label += f->sigma[t] * sb_lift_n3_of(lift, p->n, p->s, h - (double)t);
    return label;
}

/* f: NULL for labels by the rule, 0 where it does not hold. */
static void labels(const struct sb_lift *lift, const struct function *f,
                   const struct sb_block *block, const double *value, double *out)
{
    const double top = sb_lift_profile(lift, 0);
    uint64_t touched[MOST_POINTS];
    struct nonzero p;

    find_touched(lift, block, touched);
    for (uint64_t i = 0; i < block->n; i++) {
        if (!touched[i]) {
            out[i] = top * value[i];
            continue;
        }
        look(lift, block, i, &p);
        if (!is_beyond(lift, &p))
            out[i] = by_rule(lift, value[i], p.sum);
        else
            out[i] = f ? by_network(lift, f, block, i, &p) : 0;
    }
}

void sb_lift_rule(const struct sb_lift *lift, const struct sb_block *block, const double *value,
                  double *out)
{
    labels(lift, NULL, block, value, out);
}

void sb_lift_label(const struct sb_lift *lift, const double *w, uint32_t n_t, const double *sigma,
                   const struct sb_block *block, const double *value, double *out)
{
    const struct function f = { w, sigma, n_t };

    labels(lift, &f, block, value, out);
}

void sb_lift_beyond(const struct sb_lift *lift, const struct sb_block *block, uint8_t *out)
{
    uint64_t touched[MOST_POINTS];
    struct nonzero p;

    find_touched(lift, block, touched);
    for (uint64_t i = 0; i < block->n; i++) {
        p.n = 0;
        if (touched[i])
            look(lift, block, i, &p);
        out[i] = is_beyond(lift, &p);
    }
}

double sb_lift_n3(const struct sb_lift *lift, const double *s, double t)
{
    double others[SB_LIFT_MOST_COORDINATES];
    uint32_t n = 0;

    for (uint32_t j = 0; j < lift->setup.dim; j++)
        if (s[j] != 0)
            others[n++] = s[j];
    return sb_lift_n3_of(lift, n, others, t);
}
