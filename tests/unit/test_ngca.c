/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hidden directions: exact expectations against integrals of the test's own, which know densities from libm, and
 * against examples; claims S2-Pv and section 5 of the recipe. */
#include "rng.h"
#include "unit.h"

#include "base/isa.h"
#include "estimate/estimate.h"
#include "estimate/hermite_product.h"
#include "estimate/ngca.h"

#include <math.h>

enum { DIM = 6, MEMBERS = 4, PIECES = 16 };

/* A family of hidden directions without a class. */
struct rig {
    struct sb_line *line;
    struct sb_ngca ngca;
    struct sb_family family;
    double directions[MEMBERS * DIM];
    struct sb_pool *pool;
};

static double gauss(struct rng *r)
{
    const double u = 1 - rng_uniform(r), v = rng_uniform(r);

    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static double tail(double z)
{
    return erfc(z / M_SQRT2) / 2;
}

static double phi(double z)
{
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

/* Laws on the line */

/* A height on [from, to] of |z|, with ramps, and its mirror image: five plateaus and four ramps. */
static size_t bumps(struct sb_line_piece *p)
{
    const double at[4] = { 0.5, 0.7, 1.4, 1.6 }, height = 2, slope = height / (at[1] - at[0]);
    size_t n = 0;

    p[n++] = (struct sb_line_piece){ -INFINITY, -at[3], 0, 0, 1, 0 };
    p[n++] = (struct sb_line_piece){ -at[3], -at[2], -slope * at[3], -slope, 1, 0 };
    p[n++] = (struct sb_line_piece){ -at[2], -at[1], -height, 0, 1, 0 };
    p[n++] = (struct sb_line_piece){ -at[1], -at[0], slope * at[0], slope, 1, 0 };
    p[n++] = (struct sb_line_piece){ -at[0], at[0], 0, 0, 1, 0 };
    p[n++] = (struct sb_line_piece){ at[0], at[1], -slope * at[0], slope, 1, 0 };
    p[n++] = (struct sb_line_piece){ at[1], at[2], height, 0, 1, 0 };
    p[n++] = (struct sb_line_piece){ at[2], at[3], slope * at[3], -slope, 1, 0 };
    p[n++] = (struct sb_line_piece){ at[3], INFINITY, 0, 0, 1, 0 };
    return n;
}

static size_t atoms(struct sb_line_piece *p)
{
    /* the Gauss-Hermite rule with three nodes */
    p[0] = (struct sb_line_piece){ -INFINITY, INFINITY, -sqrt(3), 0, 1. / 6, 0 };
    p[1] = (struct sb_line_piece){ -INFINITY, INFINITY, 0, 0, 2. / 3, 0 };
    p[2] = (struct sb_line_piece){ -INFINITY, INFINITY, sqrt(3), 0, 1. / 6, 0 };
    return 3;
}

static size_t bells(struct sb_line_piece *p)
{
    p[0] = (struct sb_line_piece){ -INFINITY, INFINITY, -0.75, 0.5, 0.25, 0 };
    p[1] = (struct sb_line_piece){ -INFINITY, INFINITY, 0.5, 0.875, 0.75, 0 };
    return 2;
}

static const struct {
    const char *name;
    size_t (*make)(struct sb_line_piece *p);
    double noise; /* s; plateaus and ramps are moved in by sqrt(1 - s^2) where that is `shrunk` */
    bool shrunk;
} laws[] = {
    { "bumps", bumps, 0.3, false }, { "narrow bumps", bumps, 0.1, true },
    { "steps", bumps, 0, false },   { "pancakes", atoms, 0.25, true },
    { "atoms", atoms, 0, false },   { "bells", bells, 0, false },
};

static void open_rig(struct rig *r, size_t law, struct rng *rng)
{
    const double s = laws[law].noise, shrink = laws[law].shrunk ? sqrt(1 - s * s) : 1;
    struct sb_line_piece piece[PIECES];
    struct sb_diag diag = { 0 };
    const size_t n = laws[law].make(piece);

    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < n; i++) {
        piece[i].offset *= shrink;
        piece[i].slope *= shrink;
    }
    if (sb_line_mixture(n, piece, s, 0, NULL, 0, &r->line, &diag))
        fail_msg("%s: %s", laws[law].name, diag.n_items ? diag.items[0].text : "");
    for (int i = 0; i < MEMBERS; i++) {
        double *v = r->directions + i * DIM, square = 0;

        for (int j = 0; j < DIM; j++) {
            v[j] = gauss(rng);
            square += v[j] * v[j];
        }
        for (int j = 0; j < DIM; j++)
            v[j] /= sqrt(square);
    }
    r->ngca = (struct sb_ngca){
        .line = r->line, .dim = DIM, .directions = r->directions, .overlap_ub = 1
    };
    r->family.n_members = MEMBERS;
    sb_ngca_init(&r->ngca, &r->family);
    r->pool = sb_pool_new(&r->family.space);
    assert_non_null(r->pool);
}

static void close_rig(struct rig *r)
{
    sb_pool_free(r->pool);
    sb_line_free(r->line);
}

/* member < 0: the null */
static int expect(const struct rig *r, int member, sb_expr e, struct sb_estimate *out)
{
    struct sb_law law;
    struct sb_estimate_task task = { .law = &law,
                                     .pool = r->pool,
                                     .expr = e,
                                     .lo = -1,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_STAT, 0.1 },
                                     .share = 0.5,
                                     .delta = 1e-6 };

    sb_family_law(&r->family, (struct sb_hidden){ member >= 0, member >= 0 ? (uint64_t)member : 0 },
                  false, &law);
    return sb_ngca_expectation(&task, out);
}

/* The test's own densities and integrals */

/* Of rho X + sqrt(1 - rho^2) g, at t; where that has no atoms. */
static double own_density(const struct sb_line *line, double rho, double t)
{
    const double b2 = rho * rho * line->noise * line->noise + (1 - rho) * (1 + rho), b = sqrt(b2);
    double sum = 0;

    for (size_t i = 0; i < line->n_pieces; i++) {
        const struct sb_line_piece *p = &line->piece[i];
        const double slope = rho * p->slope, d = t - rho * p->offset, s2 = slope * slope + b2;
        const double middle = slope * d / s2, narrow = sqrt(s2) / b;
        const double lo = narrow * (p->lo - middle), hi = narrow * (p->hi - middle);
        const double share = lo > 0 ? tail(lo) - tail(hi) : tail(-hi) - tail(-lo);

        sum += p->weight * phi(d / sqrt(s2)) / sqrt(s2) * share;
    }
    return sum;
}

/* 10-point Gauss-Legendre */
static const double node[5] = { 0.1488743389816312, 0.4333953941292472, 0.6794095682990244,
                                0.8650633666889845, 0.9739065285171717 };
static const double weight[5] = { 0.2955242247147529, 0.2692667193099963, 0.219086362515982,
                                  0.1494513491505806, 0.06667134430868814 };

typedef double function(const void *self, double t);

/* Of f's pieces between the cuts within [from, to], in panels of at most `length`. */
static double integral(function *f, const void *self, double from, double to, double length,
                       const double *cut, size_t n_cuts)
{
    double sum = 0;

    for (size_t c = 0; c <= n_cuts; c++) {
        const double a = fmax(from, c ? cut[c - 1] : from), b = fmin(to, c < n_cuts ? cut[c] : to);
        const int n = (int)((b - a) / length) + 1;

        for (int i = 0; i < n && a < b; i++)
            for (int k = 0; k < 10; k++) {
                const double half = (b - a) / n / 2, middle = a + (2 * i + 1) * half;

                sum +=
                    half * weight[k / 2] * f(self, middle + (k % 2 ? half : -half) * node[k / 2]);
            }
    }
    return sum;
}

/* Functions of t = <u,x>, as queries and in C. */

struct shape {
    const char *text; /* T: t; A: the number a */
    double (*value)(double t, double a);
    int n_kinks;
    double kink[2]; /* times a */
};

static double s_cos(double t, double a)
{
    return cos(a * t);
}
static double s_relu(double t, double a)
{
    return fmin(1, fmax(0, t - a) / 8);
}
static double s_step(double t, double a)
{
    return t >= a;
}
static double s_band(double t, double a)
{
    return fabs(t) <= fabs(a);
}
static double s_clip(double t, double a)
{
    return fmax(-1, fmin(1, (t * t * t - 3 * t) / sqrt(6) / 1.5)) * (a > 0 ? 1 : -1);
}
static double s_bell(double t, double a)
{
    return exp(-(t - a) * (t - a));
}
static double s_square(double t, double a)
{
    return (t >= a) * (cos(t) * cos(t)) - 0.5 * cos(a * t);
}

static const struct shape shapes[] = {
    { "cos(A * T)", s_cos, 0, { 0 } },
    { "clip(relu(T - A) / 8, 0, 1)", s_relu, 1, { 1 } },
    { "step(T - A)", s_step, 1, { 1 } },
    { "le(abs(T), abs(A))", s_band, 2, { -1, 1 } },
    { "exp(-((T - A) * (T - A)))", s_bell, 0, { 0 } },
    { "step(T - A) * (cos(T) * cos(T)) - 0.5 * cos(A * T)", s_square, 1, { 1 } },
    { "clip(hermite(3, T) / 1.5, -1, 1) * (step(A) - step(-A))", s_clip, 0, { 0 } },
};

static sb_expr query(const struct rig *r, const struct shape *s, const double *u, double a)
{
    char text[2048];
    size_t n = 0;
    sb_expr e;

    for (const char *c = s->text; *c; c++) {
        if (*c == 'T') {
            n += (size_t)snprintf(text + n, sizeof text - n, "dot(");
            for (int j = 0; j < DIM; j++)
                n += (size_t)snprintf(text + n, sizeof text - n, "%.17g%s", u[j],
                                      j + 1 < DIM ? ", " : ")");
        } else if (*c == 'A') {
            n += (size_t)snprintf(text + n, sizeof text - n, "(%.17g)", a);
        } else {
            text[n++] = *c;
        }
    }
    text[n] = '\0';
    e = sb_expr_parse(r->pool, text, NULL);
    if (!e)
        fail_msg("%s is no expression", text);
    return e;
}

struct along {
    const struct sb_line *line;
    double rho, a;
    const struct shape *shape;
};

static double under_density(const void *self, double t)
{
    const struct along *along = self;

    return along->shape->value(t, along->a) * own_density(along->line, along->rho, t);
}

/* The kinks, increasing; of s_clip too. */
static size_t kinks_of(const struct shape *s, double a, double out[4])
{
    size_t n = 0;

    if (s->value == s_clip) {
        /* t^3 - 3 t = +-1.5 sqrt 6: one real root each */
        const double c = 0.75 * sqrt(6), root = sqrt(c * c - 1);
        const double t = cbrt(c + root) + cbrt(c - root);

        out[n++] = -t;
        out[n++] = t;
    } else if (s->value == s_relu) {
        out[n++] = a;
        out[n++] = a + 8;
    } else {
        for (; (int)n < s->n_kinks; n++)
            out[n] = s->n_kinks == 2 ? s->kink[n] * fabs(a) : s->kink[n] * a;
    }
    return n;
}

static double own_ridge(const struct sb_line *line, double rho, const struct shape *s, double a)
{
    const struct along along = { line, rho, a, s };
    const double b = sqrt(rho * rho * line->noise * line->noise + (1 - rho) * (1 + rho));
    double kinks[4];
    const size_t n = kinks_of(s, a, kinks);

    return integral(under_density, &along, -12, 12, fmin(0.25, b / 2), kinks, n);
}

/* u with <u,v> = rho, up to rounding */
static void at_overlap(struct rng *rng, const double *v, double rho, double *u)
{
    double side[DIM], dot = 0, square = 0;

    for (int j = 0; j < DIM; j++) {
        side[j] = gauss(rng);
        dot += side[j] * v[j];
    }
    for (int j = 0; j < DIM; j++) {
        side[j] -= dot * v[j];
        square += side[j] * side[j];
    }
    for (int j = 0; j < DIM; j++)
        u[j] = rho * v[j] + sqrt((1 - rho) * (1 + rho)) * side[j] / sqrt(square);
}

/* [S2-Pv] */
static void test_ridges(void **state)
{
    static const double rhos[] = { 0, 1e-9, 0.1, -0.3, 0.5, -0.8, 0.93, -0.99 };
    struct rng rng = { 1 };

    (void)state;
    for (size_t law = 0; law < SB_COUNT(laws); law++) {
        struct rig r;

        open_rig(&r, law, &rng);
        for (size_t k = 0; k < SB_COUNT(shapes) * SB_COUNT(rhos); k++) {
            const struct shape *s = &shapes[k % SB_COUNT(shapes)];
            const double rho = rhos[k / SB_COUNT(shapes)], a = 3 * rng_uniform(&rng) - 1.5;
            const int member = (int)rng_below(&rng, MEMBERS);
            struct sb_estimate e;
            double u[DIM], own;
            int status;

            at_overlap(&rng, r.directions + member * DIM, rho, u);
            status = expect(&r, member, query(&r, s, u, a), &e);
            own = own_ridge(r.line, rho, s, a);
            if (status || !(fabs(e.value - own) <= e.half_width + 1e-13) ||
                !(e.half_width <= 2.5e-12) || e.method != SB_QUADRATURE)
                fail_msg("%s, %s, rho %g, a %.17g: status %d, %.17g +- %g, own %.17g",
                         laws[law].name, s->text, rho, a, status, e.value, e.half_width, own);
        }
        close_rig(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ridges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
