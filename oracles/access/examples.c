/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels at chosen points and i.i.d. examples, handed out by the oracle where they are granted. Each
 * call is numbered, met by its own budget and answered in full or not at all. Labels are drawn anew at
 * each call, by a running index; examples by another, which fresh examples of answers share: none is
 * used twice. */
#include "oracles/access/internal.h"

#include "base/memory.h"

#include <errno.h>

static const char *name_of(uint32_t access)
{
    return access == SB_LABEL ? "labels" : "examples";
}

/* Everything that can be said before the points are looked at. */
static bool admit(struct sb_oracle *oracle, uint32_t access, struct sb_asked *out)
{
    sb_oracle_forget_messages(oracle);
    *out = (struct sb_asked){ .seq = ++oracle->totals.n_asked,
                              .access = access,
                              .reply = { .n_eliminated = -1, .n_dropped = -1, .n_live = -1 } };
    if (oracle->stopped)
        sb_oracle_refuse(oracle, out, SB_STOP, "the run is over");
    else if (!(oracle->grants & access))
        sb_oracle_refuse(oracle, out, SB_REFUSED, "the experiment does not grant %s",
                         name_of(access));
    return out->status == SB_OK;
}

bool sb_oracle_has_examples(struct sb_oracle *oracle, uint64_t n, struct sb_asked *asked)
{
    const uint64_t used = oracle->totals.n_examples, budget = oracle->sample_budget;

    if (used <= budget && n <= budget - used)
        return true;
    sb_oracle_refuse(oracle, asked, SB_BUDGET,
                     "%llu examples were asked for, and %llu of the budget of %llu are left",
                     (unsigned long long)n, (unsigned long long)(budget - used),
                     (unsigned long long)budget);
    return false;
}

static bool has_labels(struct sb_oracle *oracle, uint64_t n, struct sb_asked *asked)
{
    const uint64_t used = oracle->totals.n_labels, budget = oracle->label_budget;

    if (n <= budget - used)
        return true;
    sb_oracle_refuse(oracle, asked, SB_BUDGET,
                     "%llu labels were asked for, and %llu of the budget of %llu are left",
                     (unsigned long long)n, (unsigned long long)(budget - used),
                     (unsigned long long)budget);
    return false;
}

/* Points from..: at most a block of them. */
struct piece {
    struct sb_points points;
    double **x;
    uint64_t n;
};

static void cut(const struct sb_space *space, const struct sb_points *points, uint64_t n,
                uint64_t from, struct piece *out)
{
    out->n = n - from < SB_BLOCK ? n - from : SB_BLOCK;
    out->points.bits = points->bits ? points->bits + from : NULL;
    for (uint32_t j = 0; out->x && j < space->dim; j++)
        out->x[j] = points->x[j] + from;
    out->points.x = out->x;
}

static double **columns(const struct sb_space *space)
{
    return SB_NEW_ARRAY(double *, space->dim);
}

static bool in_domain(const struct sb_space *space, double x)
{
    if (space->domain == SB_ZQ)
        return x >= 0 && x < space->modulus && x == (double)(uint32_t)x;
    return x >= -1.7976931348623157e308 && x <= 1.7976931348623157e308;
}

/* The number of the first point outside of the domain; n where there is none. */
static uint64_t first_outside(const struct sb_space *space, const struct sb_points *points,
                              uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (space->domain == SB_CUBE && points->bits[i] >> space->dim)
            return i;
        for (uint32_t j = 0; space->domain != SB_CUBE && j < space->dim; j++)
            if (!in_domain(space, points->x[j][i]))
                return i;
    }
    return n;
}

/* Of a set: the label with chance Pr[l|x] each, the first whose chances, added up, exceed a uniform
 * number. Real ones the law draws itself. */
static void draw_labels(const struct sb_oracle *oracle, const struct sb_law *law,
                        const struct piece *piece, uint64_t index, double *y)
{
    const struct sb_space *space = &oracle->family->space;
    const struct sb_block block = { .struct_size = sizeof block,
                                    .dim = space->dim,
                                    .n = piece->n,
                                    .x = (const double *const *)piece->x,
                                    .bits = piece->points.bits };
    double u[SB_BLOCK], w[SB_BLOCK], sum[SB_BLOCK] = { 0 };

    if (!space->n_labels) {
        law->class->labels(law, oracle->label_key, index, &block, y);
        return;
    }
    sb_random_uniform(oracle->label_key, 0, index, piece->n, u);
    for (uint64_t i = 0; i < piece->n; i++)
        y[i] = space->labels[space->n_labels - 1];
    for (uint32_t l = 0; l + 1 < space->n_labels; l++) {
        sb_law_weights(law, &block, l, w);
        for (uint64_t i = 0; i < piece->n; i++) {
            const bool before = u[i] < sum[i];

            sum[i] += w[i];
            if (!before && u[i] < sum[i])
                y[i] = space->labels[l];
        }
    }
}

static int finish(struct sb_oracle *oracle, uint64_t n, const struct sb_points *points,
                  const double *y, struct sb_asked *out)
{
    const struct sb_space *space = &oracle->family->space;
    struct sb_buf *bytes = &oracle->bytes;

    sb_buf_clear(bytes);
    sb_buf_u64(bytes, n);
    for (uint64_t i = 0; i < n; i++) {
        if (points->bits)
            sb_buf_u64(bytes, points->bits[i]);
        for (uint32_t j = 0; !points->bits && j < space->dim; j++)
            sb_buf_f64(bytes, points->x[j][i]);
        sb_buf_f64(bytes, y[i]);
    }
    if (bytes->failed)
        return -ENOMEM;
    out->cost = n;
    out->digest = sb_digest_of(bytes->data, bytes->n);
    return 0;
}

int sb_oracle_labels(struct sb_oracle *oracle, uint64_t n, const struct sb_points *points,
                     double *y_out, struct sb_asked *out)
{
    const struct sb_space *space = &oracle->family->space;
    struct piece piece = { 0 };
    struct sb_law law;
    uint64_t outside;

    if (!admit(oracle, SB_LABEL, out) || !has_labels(oracle, n, out))
        return 0;
    outside = first_outside(space, points, n);
    if (outside < n) {
        sb_oracle_refuse(oracle, out, SB_REFUSED,
                         "point %llu of the call is not in the domain; labels are drawn at points "
                         "of the domain only",
                         (unsigned long long)outside);
        return 0;
    }
    if (!points->bits && !(piece.x = columns(space)))
        return -ENOMEM;
    sb_family_law(oracle->family, oracle->hidden, false, &law);
    for (uint64_t from = 0; from < n; from += piece.n) {
        cut(space, points, n, from, &piece);
        draw_labels(oracle, &law, &piece, oracle->totals.n_labels + from, y_out + from);
    }
    free(piece.x);
    oracle->totals.n_labels += n;
    sb_oracle_convert(oracle);
    return finish(oracle, n, points, y_out, out);
}

int sb_oracle_samples(struct sb_oracle *oracle, uint64_t n, const struct sb_points *points_out,
                      double *y_out, struct sb_asked *out)
{
    const struct sb_space *space = &oracle->family->space;
    struct piece piece = { 0 };
    struct sb_law law;

    if (!admit(oracle, SB_SAMPLE, out) || !sb_oracle_has_examples(oracle, n, out))
        return 0;
    if (!points_out->bits && !(piece.x = columns(space)))
        return -ENOMEM;
    sb_family_law(oracle->family, oracle->hidden, false, &law);
    for (uint64_t from = 0; from < n; from += piece.n) {
        cut(space, points_out, n, from, &piece);
        sb_law_sample(&law, oracle->example_key, oracle->totals.n_examples + from, piece.n,
                      &piece.points, y_out + from);
    }
    free(piece.x);
    oracle->totals.n_examples += n;
    sb_oracle_convert(oracle);
    return finish(oracle, n, points_out, y_out, out);
}
