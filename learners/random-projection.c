/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for a hidden direction v along random ones [docs/theorems.md D7]: a baseline, which needs no knowledge of the
 * family. Of each of `directions` unit vectors u, uniform on the sphere, it asks, with s = <u,x>, the means of
 *     clip(h_k(s)/B, -1, 1), k = 1 .. kmax;    cos(f s);    2 1[|s| < w] - 1
 * (VSTAT: 1/2 + half of each). Under the null s is standard Gaussian, and all means are known in closed form; a hidden
 * direction moves that of h_k by about c_k <u,v>^k/B, c_k = E h_k of the law along v. From the u and the statistic
 * farthest off it then climbs: `sweeps` times it asks that statistic at u +- step e_j, normalised, j < d, moves to the best of
 * these 2d, or halves the step.
 *
 * Queries: directions (kmax + 2) + 2 d sweeps.
 * Where it fails: q directions come as near to v as <u,v> = sqrt(2 ln q/d) or so, so that answers of tolerance tau
 * may be the null's where tau B is above c_k (2 ln q/d)^(k/2) for the first c_k != 0.
 *
 * Verdict: a hidden member, if an answer is farther from the null's mean than the tolerance allows; never wrong
 * under the null, whatever the valid answers are. Goals recover and learn: the last u, whatever it is worth. When the
 * budget ends first, with what was asked. */
#include "ridge_law.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEGREE_MAX = 8, KINDS_MAX = DEGREE_MAX + 2, BATCH = 1024 };

/* A statistic of s = <u,x>, to [-1,1]. */
struct statistic {
    uint32_t degree; /* of h_k, or 0 */
    double frequency, half_width;
    double null; /* its mean under N(0,1) */
};

struct search {
    const struct sb_host *h;
    uint32_t access, dim;
    double granted, clip;
    uint32_t n_kinds;
    struct statistic kind[KINDS_MAX];

    double *u; /* rows of dim: the best so far, and a batch's */
    uint32_t best_kind;
    double best; /* how far off its answer is, with its sign */
    int planted;
    struct ridge_density density;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "random-projection: %s\n", why);
    return 1;
}

/* Statistics, and their means under the null */

static double hermite(uint32_t k, double x)
{
    double last = 0, h = 1;

    for (uint32_t i = 0; i < k; i++) {
        const double next = (x * h - sqrt(i) * last) / sqrt(i + 1.0);

        last = h;
        h = next;
    }
    return h;
}

/* The integral of h_k phi from a to b: h_k phi is the derivative of -h_(k-1) phi/sqrt(k). */
static double hermite_between(uint32_t k, double a, double b)
{
    const double root_2pi = 2.5066282746310005;
    const double at_a = hermite(k - 1, a) * Sleef_cinz_expd1_u10purec(-a * a / 2);
    const double at_b = hermite(k - 1, b) * Sleef_cinz_expd1_u10purec(-b * b / 2);

    return (at_a - at_b) / (root_2pi * sqrt(k));
}

/* Where clip(h_k/B, -1, 1) is: 0 between the ends, else which one it is at. */
static int side(uint32_t k, double clip, double x)
{
    const double v = hermite(k, x);

    return v > clip ? 1 : v < -clip ? -1 : 0;
}

/* E clip(h_k(g)/B, -1, 1), part by part: ends are looked for on a grid and by halving. */
static double clipped_mean(uint32_t k, double clip)
{
    const double step = 1.0 / 64, last = 16;
    double sum = 0, from = 0;

    if (k % 2 == 1)
        return 0;
    for (double x = 0; x < last; x += step) {
        const int now = side(k, clip, x), then = side(k, clip, x + step);
        double a = x, b = x + step;

        if (now == then && b < last)
            continue;
        for (int i = 0; i < 50 && now != then; i++) {
            const double middle = (a + b) / 2;

            if (side(k, clip, middle) == now)
                a = middle;
            else
                b = middle;
        }
        sum += now == 0 ? hermite_between(k, from, b) / clip : now * ridge_between(from, b);
        from = b;
    }
    return 2 * sum;
}

static void list_statistics(struct search *s)
{
    const struct sb_host *h = s->h;
    const double f = h->param_real(h->self, "frequency"), w = h->param_real(h->self, "half-width");
    const uint32_t kmax = (uint32_t)h->param_int(h->self, "kmax");

    for (uint32_t k = 1; k <= kmax; k++)
        s->kind[s->n_kinds++] = (struct statistic){ .degree = k, .null = clipped_mean(k, s->clip) };
    s->kind[s->n_kinds++] =
        (struct statistic){ .frequency = f, .null = Sleef_cinz_expd1_u10purec(-f * f / 2) };
    s->kind[s->n_kinds++] =
        (struct statistic){ .half_width = w, .null = 2 * ridge_between(-w, w) - 1 };
}

static sb_expr query(const struct search *s, const struct statistic *kind, const double *u)
{
    const struct sb_host *h = s->h;
    const double ends[2] = { -1, 1 }, k = kind->degree;
    sb_expr e = sb_op0(h, SB_DOT, u, s->dim);

    if (kind->degree > 0) {
        e = sb_mul(h, sb_num(h, 1 / s->clip), h->op(h->self, SB_HERMITE, &k, 1, &e, 1));
        e = h->op(h->self, SB_CLIP, ends, 2, &e, 1);
    } else if (kind->frequency > 0) {
        e = sb_op1(h, SB_COS, sb_mul(h, sb_num(h, kind->frequency), e));
    } else {
        e = sb_op2(h, SB_LT, sb_op1(h, SB_ABS, e), sb_num(h, kind->half_width));
        e = sb_sub(h, sb_mul(h, sb_num(h, 2), e), sb_num(h, 1));
    }
    return s->access == SB_STAT ? e : sb_add(h, sb_num(h, 0.5), sb_mul(h, sb_num(h, 0.5), e));
}

/* How far from the null's mean an answer under the null may be. */
static double tolerance(const struct search *s, const struct statistic *kind)
{
    const double p = (1 + kind->null) / 2, root = sqrt(p * (1 - p) / s->granted);

    if (s->access == SB_STAT)
        return s->granted;
    return 2 * (1 / s->granted > root ? 1 / s->granted : root);
}

/* Asks n <= BATCH queries: number i is statistic kind[i] at row i of u; out[i]: how far off the answer is. */
static int32_t ask(struct search *s, uint64_t n, const uint32_t *kind, const double *u, double *out)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    struct sb_query q[BATCH];
    int32_t status[BATCH], end;

    for (uint64_t i = 0; i < n; i++)
        q[i] = (struct sb_query){ .expr = query(s, &s->kind[kind[i]], u + i * s->dim),
                                  .access = s->access };
    end = h->ask(h->self, q, n, sizeof *q, out, status);
    for (uint64_t i = 0; i < n && end != SB_STOP; i++) {
        const struct statistic *at = &s->kind[kind[i]];

        if (status[i] != SB_OK) {
            out[i] = 0;
            continue;
        }
        out[i] = (s->access == SB_STAT ? out[i] : 2 * out[i] - 1) - at->null;
        if (fabs(out[i]) > tolerance(s, at) * (1 + 1e-9) + 1e-9)
            s->planted = 1;
    }
    h->forget(h->self, mark);
    return end;
}

static int unit(uint32_t dim, double *u)
{
    double square = 0;

    for (uint32_t j = 0; j < dim; j++)
        square += u[j] * u[j];
    for (uint32_t j = 0; j < dim && square > 0; j++)
        u[j] /= sqrt(square);
    return square > 0;
}

/* Uniform on the sphere: Gaussians by Marsaglia's polar form, normalised. */
static void random_direction(const struct search *s, double *u)
{
    do {
        for (uint32_t j = 0; j < s->dim; j++) {
            double at[2], square;

            do {
                s->h->uniform(s->h->self, 2, at);
                at[0] = 2 * at[0] - 1;
                at[1] = 2 * at[1] - 1;
                square = at[0] * at[0] + at[1] * at[1];
            } while (!(square > 0 && square < 1));
            u[j] = at[0] * sqrt(-2 * Sleef_cinz_logd1_u10purec(square) / square);
        }
    } while (!unit(s->dim, u));
}

/* Keeps the best of n answers: of those of its own statistic and sign while it climbs. */
static int keep_best(struct search *s, uint64_t n, const uint32_t *kind, const double *u,
                     const double *off, int climbs)
{
    int moved = 0;

    for (uint64_t i = 0; i < n; i++) {
        const double size = climbs && s->best < 0 ? -off[i] : climbs ? off[i] : fabs(off[i]);

        if (size > fabs(s->best)) {
            s->best = off[i];
            s->best_kind = kind[i];
            memcpy(s->u, u + i * s->dim, s->dim * sizeof *u);
            moved = 1;
        }
    }
    return moved;
}

/* The random directions, as many a batch as fit. */
static int32_t scan(struct search *s, uint64_t n_directions)
{
    double *u = s->u + s->dim, off[BATCH];
    uint32_t kind[BATCH];
    int32_t end = SB_OK;

    while (n_directions > 0 && end == SB_OK) {
        uint64_t n = 0;

        for (; n_directions > 0 && n + s->n_kinds <= BATCH; n_directions--) {
            random_direction(s, u + n * s->dim);
            for (uint32_t k = 0; k < s->n_kinds; k++, n++) {
                kind[n] = k;
                if (k > 0)
                    memcpy(u + n * s->dim, u + (n - k) * s->dim, s->dim * sizeof *u);
            }
        }
        end = ask(s, n, kind, u, off);
        if (end == SB_OK || end == SB_BUDGET)
            keep_best(s, n, kind, u, off, 0);
    }
    return end;
}

/* One sweep: 2 d queries around the best; *step is halved where none is better. */
static int32_t sweep(struct search *s, double *step)
{
    double *u = s->u + s->dim, off[BATCH];
    uint32_t kind[BATCH];
    uint64_t n = 0;
    int moved = 0;
    int32_t end = SB_OK;

    for (uint32_t j = 0; j < 2 * s->dim && end == SB_OK; j++) {
        double *at = u + n * s->dim;

        memcpy(at, s->u, s->dim * sizeof *at);
        at[j / 2] += j % 2 ? -*step : *step;
        if (!unit(s->dim, at))
            memcpy(at, s->u, s->dim * sizeof *at);
        kind[n++] = s->best_kind;
        if (n == BATCH || j + 1 == 2 * s->dim) {
            end = ask(s, n, kind, u, off);
            if (end == SB_OK || end == SB_BUDGET)
                moved |= keep_best(s, n, kind, u, off, 1);
            n = 0;
        }
    }
    if (!moved)
        *step /= 2;
    return end;
}

static int32_t answer(struct search *s)
{
    const struct sb_host *h = s->h;
    const uint32_t goal = h->facts(h->self)->goal;

    if (goal == SB_DISTINGUISH)
        return h->verdict(h->self, s->planted);
    if (goal == SB_RECOVER)
        return h->recovered(h->self, s->u, s->dim);
    if (!s->planted)
        return h->predict_expr(h->self, sb_num(h, 1));
    s->density.direction = s->u;
    s->density.dim = s->dim;
    if (!ridge_law(h, &s->density.law))
        return fail("goal learn needs a family that publishes `pieces` and `noise`");
    return h->predict(h->self, ridge_density, &s->density);
}

static int32_t search(struct search *s)
{
    const struct sb_host *h = s->h;
    double step = h->param_real(h->self, "step");
    int32_t end = scan(s, (uint64_t)h->param_int(h->self, "directions"));

    for (int64_t i = h->param_int(h->self, "sweeps"); i > 0 && end == SB_OK; i--)
        end = sweep(s, &step);
    if (end == SB_STOP)
        return end;
    if (end != SB_OK && end != SB_BUDGET)
        return fail(h->message(h->self));
    return answer(s);
}

/* What it holds is used after run(), by the density. */
static int32_t create(const struct sb_host *h, void **self_out)
{
    struct search *s = calloc(1, sizeof *s);

    *self_out = s;
    if (!s)
        return fail("out of memory");
    s->dim = h->facts(h->self)->dim;
    s->u = calloc((BATCH + 1) * (uint64_t)s->dim, sizeof *s->u);
    return s->u ? 0 : fail("out of memory");
}

static int32_t run(const struct sb_host *h, void *self)
{
    const struct sb_facts *f = h->facts(h->self);
    struct search *s = self;

    if (f->domain != SB_GAUSS || f->goal == SB_PREDICT)
        return fail("tells, recovers or learns a law of x over a Gaussian only");
    s->h = h;
    s->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    s->granted = h->tolerance(h->self, s->access);
    s->clip = h->param_real(h->self, "clip");
    list_statistics(s);
    return search(s);
}

static void destroy(void *self)
{
    struct search *s = self;

    if (!s)
        return;
    free(s->u);
    free(s);
}

static const struct sb_param params[] = {
    { "directions", SB_INT, 0, "20", "[1,200]", "random directions that it asks about" },
    { "sweeps", SB_INT, 0, "0", "[0,32]", "of 2 d queries, from the best of them uphill" },
    { "step", SB_REAL, 0, "0.5", "(0,1]", "first length of a step uphill" },
    { "kmax", SB_INT, 0, "4", "[0,8]", "Hermite polynomials up to this degree" },
    { "clip", SB_REAL, 0, "8", "[1,1e6]", "B: they are clipped to [-B,B]" },
    { "frequency", SB_REAL, 0, "3", "(0,100]", "f: of the cosine" },
    { "half-width", SB_REAL, 0, "1", "(0,10]", "w: of the interval" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "random-projection",
           "asks Hermite, cosine and interval statistics along random directions, and climbs",
           "docs/theorems.md D7", params, create, run, destroy);
