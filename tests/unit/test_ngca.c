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

/* Under valgrind: fewer cases of the same kind. */
static bool brief(void)
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
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
        for (size_t k = law; k < SB_COUNT(shapes) * SB_COUNT(rhos); k += brief() ? 19 : 1) {
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

/* At |rho| = 1 the law is A itself or its mirror image: atoms, plateaus and ramps, one by one. */
struct on_piece {
    const struct shape *shape;
    double a, offset, slope;
};

static double on_ramp(const void *self, double z)
{
    const struct on_piece *p = self;

    return phi(z) * p->shape->value(p->offset + p->slope * z, p->a);
}

static double own_atoms(const struct sb_line *line, double sign, const struct shape *s, double a)
{
    double kinks[4], sum = 0;
    const size_t n = kinks_of(s, a, kinks);

    for (size_t i = 0; i < line->n_pieces; i++) {
        const struct sb_line_piece *p = &line->piece[i];
        const struct on_piece on = { s, a, sign * p->offset, sign * p->slope };
        double cut[4];

        if (p->slope == 0) {
            sum += p->weight * s->value(on.offset, a) * (tail(p->lo) - tail(p->hi));
            continue;
        }
        for (size_t k = 0; k < n; k++)
            cut[on.slope > 0 ? k : n - 1 - k] = (kinks[k] - on.offset) / on.slope;
        sum += p->weight * integral(on_ramp, &on, fmax(p->lo, -12), fmin(p->hi, 12), 0.25, cut, n);
    }
    return sum;
}

static void test_ridges_along(void **state)
{
    struct rng rng = { 2 };

    (void)state;
    for (size_t law = 0; law < SB_COUNT(laws); law++) {
        struct rig r;

        open_rig(&r, law, &rng);
        for (size_t k = law; k < 2 * SB_COUNT(shapes); k += brief() ? 13 : 1) {
            const struct shape *s = &shapes[k % SB_COUNT(shapes)];
            const double sign = k < SB_COUNT(shapes) ? 1 : -1, a = 3 * rng_uniform(&rng) - 1.5;
            const int member = (int)rng_below(&rng, MEMBERS);
            struct sb_estimate e;
            double u[DIM], own;
            int status;

            for (int j = 0; j < DIM; j++)
                u[j] = sign * r.directions[member * DIM + j];
            status = expect(&r, member, query(&r, s, u, a), &e);
            own =
                laws[law].noise > 0 ? own_ridge(r.line, sign, s, a) : own_atoms(r.line, sign, s, a);
            if (status || !(fabs(e.value - own) <= e.half_width + 1e-13) ||
                !(e.half_width <= 2.5e-12))
                fail_msg("%s, %s, rho %g, a %.17g: status %d, %.17g +- %g, own %.17g",
                         laws[law].name, s->text, sign, a, status, e.value, e.half_width, own);
        }
        close_rig(&r);
    }
}

/* u so near to v that 1 - rho^2 is not to be had from rho, and a jump one width from an atom: right, as sharp as it says,
 * and by the route that the query takes under the null. */
static void test_nearly_along(void **state)
{
    static const double angles[] = { 0.1, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10 };
    struct rng rng = { 3 };
    struct rig r;

    (void)state;
    open_rig(&r, 4, &rng);
    for (int j = 0; j < DIM; j++)
        r.directions[j] = j == 0;
    for (size_t k = 0; k < SB_COUNT(angles); k++) {
        const double u[DIM] = { cos(angles[k]), sin(angles[k]) };
        const double a = r.line->piece[2].offset * u[0] + angles[k];
        struct sb_estimate e, null;
        long double own = 0;

        for (size_t i = 0; i < r.line->n_pieces; i++)
            own += r.line->piece[i].mass *
                   (long double)erfcl((a - (long double)u[0] * r.line->piece[i].offset) / u[1] /
                                      sqrtl(2)) /
                   2;
        assert_int_equal(expect(&r, 0, query(&r, &shapes[2], u, a), &e), 0);
        assert_int_equal(expect(&r, -1, query(&r, &shapes[2], u, a), &null), 0);
        assert_int_equal(e.method, null.method);
        if (!(fabsl(e.value - own) <= e.half_width) ||
            !(e.half_width <= 2.5e-12 + 1e-15 / angles[k]))
            fail_msg("angle %g: %.17g +- %g, own %.17g", angles[k], e.value, e.half_width,
                     (double)own);
    }
    close_rig(&r);
}

/* By the rule `bernoulli` tolerances hang on the mean: a clipped product that would be sharp enough under the null and not
 * under a member goes one way under both. */
static void test_route_of_clipped(void **state)
{
    static const double most[] = { 1e2, 1e3, 1e4, 1e5, 1e6 };
    const struct sb_tolerance tolerance = { SB_RULE_BERNOULLI, 1e5 };
    struct rng rng = { 4 };
    struct rig r;

    (void)state;
    open_rig(&r, 3, &rng);
    for (size_t i = 0; i < SB_COUNT(most); i++) {
        struct sb_estimate e, null;
        char text[128];
        sb_expr q;

        snprintf(text, sizeof text, "clip(0.02 + hermite(2, x0) * hermite(2, x1) / %g, 0, 1)",
                 most[i]);
        q = sb_expr_parse(r.pool, text, NULL);
        assert_true(q);
        assert_int_equal(expect(&r, 0, q, &e), 0);
        assert_int_equal(expect(&r, -1, q, &null), 0);
        assert_true(null.widest >= null.half_width && e.widest >= e.half_width);
        assert_true(fabs(e.widest - null.widest) <= 1e-14);
        assert_int_equal(e.widest > sb_tolerance_lb(tolerance, 0, 0, 0) / 4,
                         null.widest > sb_tolerance_lb(tolerance, 0, 0, 0) / 4);
    }
    close_rig(&r);
}

/* Products of Hermite polynomials */

static double hermite(uint32_t k, double x)
{
    double before = 0, h = 1;

    for (uint32_t i = 0; i < k; i++) {
        const double next = (x * h - sqrt(i) * before) / sqrt(i + 1.0);

        before = h;
        h = next;
    }
    return h;
}

/* The 12 nodes of the Gauss-Hermite rule for N(0,1), and their weights. */
static void gauss_rule(double *at, double *mass)
{
    enum { N = 12 };

    for (int i = 0; i < N; i++) {
        double lo = -8.1, hi = 8, h;
        int below;

        /* the zero of h_12 that has i others below it: by Sturm's count of sign changes */
        for (int step = 0; step < 80; step++) {
            const double x = (lo + hi) / 2;

            below = 0;
            for (uint32_t k = 0; k < N; k++)
                below += hermite(k, x) * hermite(k + 1, x) > 0;
            if (below > i)
                hi = x;
            else
                lo = x;
        }
        at[i] = (lo + hi) / 2;
        h = hermite(N - 1, at[i]);
        mass[i] = 1 / (N * h * h);
    }
}

/* E p(x), x = z + v (X - <v,z>): over X, and over the Gaussian z by a product rule. Three coordinates. */
static double own_product(const struct sb_line *line, const double *v, const uint32_t *degree,
                          const uint32_t *coordinate)
{
    enum { N = 12 };
    double at[N], mass[N], moment[9] = { 0 }, sum = 0;

    gauss_rule(at, mass);
    /* moments of X */
    for (size_t i = 0; i < line->n_pieces; i++) {
        const struct sb_line_piece *p = &line->piece[i];
        const double from = fmax(p->lo, -12), to = fmin(p->hi, 12);
        const int panels = 1 + (int)((to - from) * 4);

        for (int k = 0; k < panels * 10; k++) {
            const double half = (to - from) / panels / 2, middle = from + (2 * (k / 10) + 1) * half;
            const double z = middle + (k % 2 ? half : -half) * node[k % 10 / 2];
            const double share = p->weight * half * weight[k % 10 / 2] * phi(z);

            for (int g = 0; g < N; g++) {
                const double x = p->offset + p->slope * z + line->noise * at[g];
                double power = share * mass[g];

                for (int m = 0; m < 9; m++, power *= x)
                    moment[m] += power;
            }
        }
    }
    /* x_j = v_j X + y_j, y = (I - v v') z; the three y's by a fourth z along v that is taken away: z -> four numbers
     * suffice: z_S and the part of <v,z> that is outside S */
    {
        double vs[3], outside = 1;

        for (int j = 0; j < 3; j++) {
            vs[j] = v[coordinate[j]];
            outside -= vs[j] * vs[j];
        }
        outside = sqrt(fmax(0, outside));
        for (int i = 0; i < N * N * N * N; i++) {
            const int z[4] = { i % N, i / N % N, i / N / N % N, i / N / N / N };
            double along = outside * at[z[3]], y[3], p[9] = { 1 };
            double m = mass[z[0]] * mass[z[1]] * mass[z[2]] * mass[z[3]], value = 0;

            for (int j = 0; j < 3; j++)
                along += vs[j] * at[z[j]];
            /* prod_j h_kj(y_j + v_j X) as a polynomial in X: Taylor, h_k^(s)/s! = sqrt(C(k,s)/s!) h_{k-s} */
            for (int j = 0; j < 3; j++) {
                double q[9] = { 0 }, factor = 1;

                y[j] = at[z[j]] - vs[j] * along;
                for (uint32_t s = 0; s <= degree[j]; s++) {
                    const double c = factor * hermite(degree[j] - s, y[j]);

                    for (uint32_t t = 0; s + t < 9; t++)
                        q[s + t] += c * p[t];
                    factor *= vs[j] * sqrt(degree[j] - s) / (s + 1);
                }
                memcpy(p, q, sizeof p);
            }
            for (int k = 0; k < 9; k++)
                value += p[k] * moment[k];
            sum += m * value;
        }
    }
    return sum;
}

static sb_expr parsed(const struct rig *r, const char *text)
{
    const sb_expr e = sb_expr_parse(r->pool, text, NULL);

    if (!e)
        fail_msg("%s is no expression", text);
    return e;
}

/* moments.md 5, C0: E p = c_k sqrt(k!/alpha!) v^alpha */
static void test_products(void **state)
{
    struct rng rng = { 3 };

    (void)state;
    for (size_t law = 0; law < SB_COUNT(laws); law++) {
        struct rig r;

        open_rig(&r, law, &rng);
        for (int k = 0; k < (brief() ? 1 : 5); k++) {
            const uint32_t coordinate[3] = { 4, 0, 2 };
            const uint32_t degree[3] = { 1 + rng_below(&rng, 3), rng_below(&rng, 3),
                                         rng_below(&rng, 3) };
            const int member = (int)rng_below(&rng, MEMBERS);
            struct sb_estimate e;
            char text[160];
            double own;

            snprintf(text, sizeof text,
                     "0.125 - 0.5 * (hermite(%u, x4) * (hermite(%u, x0) * hermite(%u, x2)) / 4)",
                     degree[0], degree[1], degree[2]);
            if (!sb_line_has_density(r.line)) {
                /* how large what is rounded can be is not known */
                assert_int_equal(expect(&r, member, parsed(&r, text), &e), 1);
                continue;
            }
            own = 0.125 -
                  0.125 * own_product(r.line, r.directions + member * DIM, degree, coordinate);
            assert_int_equal(expect(&r, member, parsed(&r, text), &e), 0);
            if (!(fabs(e.value - own) <= e.half_width + 1e-11) || !(e.half_width <= 1e-10))
                fail_msg("%s, %s: %.17g +- %g, own %.17g", laws[law].name, text, e.value,
                         e.half_width, own);
            assert_int_equal(expect(&r, -1, parsed(&r, text), &e), 0);
            assert_near(e.value, 0.125, e.half_width);
        }
        close_rig(&r);
    }
}

/* What clips cut off */

struct beyond {
    uint32_t k;
    double factor, above; /* p = factor h_k; above > 0: (p - above)^+, else (above - p)^+ */
    bool square;
};

static double beyond_at(const void *self, double g)
{
    const struct beyond *b = self;
    const double p = b->factor * hermite(b->k, g);
    const double e = fmax(0, b->above > 0 ? p - b->above : b->above - p);

    return phi(g) * (b->square ? e * e : e);
}

static double own_beyond(uint32_t n, const uint32_t *k, double factor, double above, bool square)
{
    const struct beyond b = { k[0], factor, above, square };
    double sum = 0;

    if (n == 1)
        return integral(beyond_at, &b, -12, 12, factor == 1 ? 0.02 : 0.2, NULL, 0);
    for (double g = -8 + 0.025; g < 8; g += 0.05)
        sum += 0.05 * phi(g) * own_beyond(n - 1, k, factor * hermite(k[n - 1], g), above, square);
    return sum;
}

static void test_excess(void **state)
{
    static const struct {
        uint32_t n, k[2];
        double below, above;
    } cases[] = {
        { 1, { 1 }, -2, 1 },       { 1, { 2 }, -0.25, 3 }, { 1, { 5 }, -4, 6 },
        { 1, { 8 }, -1000, 1000 }, { 2, { 3, 1 }, -2, 2 }, { 2, { 2, 2 }, -0.5, 8 },
    };
    static struct sb_excesses memory = { .lock = PTHREAD_MUTEX_INITIALIZER };

    (void)state;
    for (size_t i = 0; i < (brief() ? 4 : SB_COUNT(cases)); i += brief() ? 3 : 1) {
        struct sb_excess e, again;
        double above, below, square;

        assert_int_equal(
            sb_hermite_excess(&memory, cases[i].n, cases[i].k, cases[i].below, cases[i].above, &e),
            0);
        assert_int_equal(sb_hermite_excess(&memory, cases[i].n, cases[i].k, cases[i].below,
                                           cases[i].above, &again),
                         0);
        assert_memory_equal(&e, &again, sizeof e);
        above = own_beyond(cases[i].n, cases[i].k, 1, cases[i].above, false);
        below = own_beyond(cases[i].n, cases[i].k, 1, cases[i].below, false);
        square = own_beyond(cases[i].n, cases[i].k, 1, cases[i].above, true) +
                 own_beyond(cases[i].n, cases[i].k, 1, cases[i].below, true);
        if (!(e.above_lb <= above * 1.003 && above * 0.997 <= e.above_ub) ||
            !(e.below_lb <= below * 1.003 && below * 0.997 <= e.below_ub) ||
            !(square * 0.997 <= e.square_ub) || !(e.above_ub <= 1.5 * above + 1e-20) ||
            !(e.above_lb >= 0.6 * above - 1e-20) || !(e.square_ub <= 2 * square))
            fail_msg("case %zu: [%g, %g] %g; [%g, %g] %g; %g %g", i, e.above_lb, e.above_ub, above,
                     e.below_lb, e.below_ub, below, e.square_ub, square);
    }
}

/* Two coordinates: the law of x_S is N(0, I) times the ratio along v_S/|v_S| at overlap |v_S|. */
static double own_clipped(const struct sb_line *line, double v0, double v1, uint32_t k0,
                          uint32_t k1, double scale, double shift)
{
    const double t = sqrt(v0 * v0 + v1 * v1), h = 0.125;
    double sum = 0;

    for (double a = -9 + h / 2; a < 9; a += h)
        for (double b = -9 + h / 2; b < 9; b += h) {
            const double s = (v0 * a + v1 * b) / t, across = (v1 * a - v0 * b) / t;
            const double p = shift + scale * hermite(k0, a) * hermite(k1, b);

            sum += h * h * phi(across) * own_density(line, t, s) * fmax(-1, fmin(1, p));
        }
    return sum;
}

static void test_clipped(void **state)
{
    static const struct {
        uint32_t k0, k1;
        double scale, shift;
    } cases[] = { { 1, 1, 0.125, 0 }, { 2, 2, 0.03125, 0 }, { 1, 3, -0.03125, 0.25 } };
    struct rng rng = { 4 };

    (void)state;
    for (size_t law = 0; law < (brief() ? 1 : SB_COUNT(laws)); law++) {
        struct rig r;

        open_rig(&r, law, &rng);
        for (size_t k = 0; k < (sb_line_has_density(r.line) ? SB_COUNT(cases) : 0);
             k += brief() ? 3 : 1) {
            const double *v = r.directions + DIM;
            struct sb_estimate e, null;
            char text[160];
            double own;

            snprintf(text, sizeof text, "clip(%g + hermite(%u, x0) * hermite(%u, x1) * %g, -1, 1)",
                     cases[k].shift, cases[k].k0, cases[k].k1, cases[k].scale);
            assert_int_equal(expect(&r, 1, parsed(&r, text), &e), 0);
            assert_int_equal(expect(&r, -1, parsed(&r, text), &null), 0);
            assert_near(e.half_width, null.half_width, 1e-15);
            assert_int_equal(e.method, SB_CLOSED_FORM);
            own = own_clipped(r.line, v[0], v[1], cases[k].k0, cases[k].k1, cases[k].scale,
                              cases[k].shift);
            if (!(fabs(e.value - own) <= e.half_width + 1e-3) || !(e.half_width <= 0.25))
                fail_msg("%s, %s: %.17g +- %g, own %.17g", laws[law].name, text, e.value,
                         e.half_width, own);
        }
        close_rig(&r);
    }
}

/* Sharp enough for tolerance 1e-8 at degree 8: whatever the partition. */
static void test_sharp(void **state)
{
    static const char *const products[] = {
        "hermite(7,x0)*x1",
        "hermite(4,x0)*hermite(4,x1)",
        "hermite(6,x3)*hermite(2,x1)",
        "hermite(2,x0)*hermite(2,x1)*hermite(2,x2)*hermite(2,x3)",
        "hermite(3,x5)*hermite(3,x4)*hermite(2,x0)",
        "hermite(3,x0)*x1*x2*x3*x4*x5",
    };
    struct rng rng = { 5 };
    struct rig r;

    (void)state;
    open_rig(&r, 0, &rng);
    for (size_t k = 0; k < SB_COUNT(products); k += brief() ? 4 : 1) {
        char text[160];
        struct sb_estimate e;

        snprintf(text, sizeof text, "clip(%s / 10000, -1, 1)", products[k]);
        assert_int_equal(expect(&r, 0, parsed(&r, text), &e), 0);
        assert_true(e.half_width <= 2.5e-9);
    }
    close_rig(&r);
}

/* What is none of these, by the query alone. */
static void test_other_queries(void **state)
{
    static const char *const others[] = {
        "cos(x0) * cos(x1)",   "clip(x0 * x0 * x1, -1, 1)",
        "clip(x0 * x1, 0, 1)", "clip(x0 * hermite(2, x0 + x1), -1, 1)",
        "step(x0 - x1)",
    };
    struct rng rng = { 6 };
    struct rig r;

    (void)state;
    open_rig(&r, 0, &rng);
    for (size_t k = 0; k < SB_COUNT(others); k++) {
        struct sb_estimate e;

        assert_int_equal(expect(&r, 2, parsed(&r, others[k]), &e), 1);
        assert_int_equal(expect(&r, -1, parsed(&r, others[k]), &e), 1);
    }
    close_rig(&r);
}

/* Examples: moments along v and across [S2-Pv], and the exact routes against sampling's certificate. */

static void test_examples(void **state)
{
    enum { BLOCKS = 32 };
    const int blocks = brief() ? 1 : BLOCKS;
    static double x[DIM][SB_BLOCK], y[SB_BLOCK];
    double *columns[DIM];
    const struct sb_points points = { .x = columns };
    struct rng rng = { 7 };

    (void)state;
    for (int j = 0; j < DIM; j++)
        columns[j] = x[j];
    for (size_t l = 0; l < SB_COUNT(laws); l++) {
        double along[5] = { 0 }, square[5] = { 0 }, across = 0, mixed = 0;
        const double n = (double)blocks * SB_BLOCK, z = 5.6; /* 2 Phi(-5.6) = 2e-8, 42 of them */
        struct sb_law law;
        struct rig r;
        double w[DIM];

        open_rig(&r, l, &rng);
        at_overlap(&rng, r.directions + 2 * DIM, 0, w);
        sb_family_law(&r.family, (struct sb_hidden){ true, 2 }, false, &law);
        for (int b = 0; b < blocks; b++) {
            law.class->sample(&law, (struct sb_key){ { 1, 2 } }, (uint64_t)b * SB_BLOCK, SB_BLOCK,
                              &points, y);
            for (int i = 0; i < SB_BLOCK; i++) {
                double v_x = 0, w_x = 0;

                for (int j = 0; j < DIM; j++) {
                    v_x += r.directions[2 * DIM + j] * x[j][i];
                    w_x += w[j] * x[j][i];
                }
                for (uint32_t k = 1; k < 5; k++) {
                    along[k] += hermite(k, v_x) / n;
                    square[k] += hermite(k, v_x) * hermite(k, v_x) / n;
                }
                across += (w_x * w_x - 1) / n;
                mixed += w_x * cos(v_x) / n;
                assert_same(y[i], 0);
            }
        }
        for (uint32_t k = 1; k < 5; k++)
            assert_near(along[k], r.line->coefficient[k],
                        z * sqrt(square[k] / n) + r.line->coefficient_error);
        assert_near(across, 0, z * sqrt(2 / n));
        assert_near(mixed, 0, z * sqrt(1 / n));
        close_rig(&r);
    }
}

static void test_routes_agree(void **state)
{
    static const char *const queries[] = {
        "clip(x0 * x1 / 4, -1, 1)",
        "step(dot(0.5, 0.5, 0.5, 0.5, 0, 0) - 1)",
        "cos(dot(1, 0, 1, 0, 1, 0)) / 2 + clip(hermite(2, x3) / 8, -0.5, 0.5)",
    };
    struct rng rng = { 8 };

    (void)state;
    for (size_t l = 0; l < SB_COUNT(laws); l += brief() ? SB_COUNT(laws) : 1) {
        struct rig r;

        open_rig(&r, l, &rng);
        for (size_t k = 0; k < SB_COUNT(queries); k++) {
            struct sb_law law;
            struct sb_estimate exact, drawn;
            const sb_expr e = parsed(&r, queries[k]);
            const struct sb_estimate_task task = { .law = &law,
                                                   .pool = r.pool,
                                                   .expr = e,
                                                   .lo = -1,
                                                   .hi = 1,
                                                   .tolerance = { SB_RULE_STAT, 0.1 },
                                                   .share = 0.5,
                                                   .delta = 1e-8,
                                                   .key = { { 3, (uint32_t)k } } };

            if (expect(&r, 1, e, &exact))
                continue;
            sb_family_law(&r.family, (struct sb_hidden){ true, 1 }, false, &law);
            assert_int_equal(sb_estimate_monte_carlo(&task, &drawn), 0);
            assert_near(exact.value, drawn.value, exact.half_width + drawn.half_width);
        }
        close_rig(&r);
    }
}

static void test_variance(void **state)
{
    struct rng rng = { 9 };
    struct rig r;
    struct sb_law law;
    struct sb_estimate e;
    struct sb_estimate_task task = { .law = &law,
                                     .lo = -1,
                                     .hi = 1,
                                     .tolerance = { SB_RULE_VARIANCE, 1e6 },
                                     .share = 0.5,
                                     .delta = 1e-6 };

    (void)state;
    open_rig(&r, 0, &rng);
    sb_family_law(&r.family, (struct sb_hidden){ true, 1 }, false, &law);
    task.pool = r.pool;
    task.expr = parsed(&r, "step(dot(0.5, 0.5, 0.5, 0.5, 0, 0) - 1)");
    assert_int_equal(sb_estimate(&task, &e), 0);
    assert_int_equal(e.method, SB_QUADRATURE);
    assert_near(e.variance_lb, e.value * (1 - e.value), 1e-11);
    close_rig(&r);
}

/* The same bits on every instruction set. */
static void test_variants(void **state)
{
    static double x[DIM][SB_BLOCK], first[DIM][SB_BLOCK], y[SB_BLOCK], w[2][SB_BLOCK];
    static const char *const queries[] = { "cos(3 * dot(0.5, 0.5, 0.5, 0.5, 0, 0))", "step(x0 - 1)",
                                           "clip(x0 * x1 / 16, -1, 1)" };
    double *columns[DIM];
    const struct sb_points points = { .x = columns };
    const struct sb_block block = { .dim = DIM, .n = 1000, .x = (const double *const *)columns };
    struct sb_estimate e[SB_COUNT(queries)], other;
    struct rng rng = { 10 };
    struct sb_law law;
    struct rig r;

    (void)state;
    for (int j = 0; j < DIM; j++)
        columns[j] = x[j];
    open_rig(&r, 1, &rng);
    sb_family_law(&r.family, (struct sb_hidden){ true, 1 }, false, &law);
    for (int isa = 0; isa < SB_ISAS; isa++) {
        if (!sb_isa_has((enum sb_isa)isa))
            continue;
        sb_isa_limit((enum sb_isa)isa);
        law.class->sample(&law, (struct sb_key){ { 5, 6 } }, 17, 1000, &points, y);
        law.class->weights(&law, &block, 0, w[isa > 0]);
        if (isa == 0)
            memcpy(first, x, sizeof x);
        assert_memory_equal(first, x, sizeof x);
        assert_memory_equal(w[0], w[isa > 0], 1000 * sizeof(double));
        for (size_t k = 0; k < SB_COUNT(queries); k++) {
            assert_int_equal(expect(&r, 1, parsed(&r, queries[k]), isa ? &other : &e[k]), 0);
            if (isa) {
                assert_same(e[k].value, other.value);
                assert_same(e[k].half_width, other.half_width);
            }
        }
    }
    sb_isa_limit(SB_ISA_AVX512);
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ridges),        cmocka_unit_test(test_ridges_along),
        cmocka_unit_test(test_nearly_along),  cmocka_unit_test(test_route_of_clipped),
        cmocka_unit_test(test_products),      cmocka_unit_test(test_excess),
        cmocka_unit_test(test_clipped),       cmocka_unit_test(test_sharp),
        cmocka_unit_test(test_other_queries), cmocka_unit_test(test_examples),
        cmocka_unit_test(test_routes_agree),  cmocka_unit_test(test_variance),
        cmocka_unit_test(test_variants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
