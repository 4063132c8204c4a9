/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest eigenvalue: found by Lanczos' method, restarted, then proven. What Lanczos finds decides
 * how near the two bounds are, never whether they hold. */
#include "bounds/eigenvalue.h"

#include "base/memory.h"
#include "numeric/random.h"

#include <errno.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

enum { KRYLOV = 32, RESTARTS = 12, TRIALS = 4 };
#define NEAR 1e-11 /* residual at which Lanczos' method ends, relative to the largest row sum */
#define STEP 1e-10 /* least distance of s from what Lanczos' method found, likewise */
static const double u = 0x1p-53;

struct search {
    const double *K;
    size_t n, m;   /* m: vectors in the basis */
    double *basis; /* KRYLOV + 1 rows of n, orthonormal */
    double *v;     /* n: the best vector so far, of length 1 */
    double alpha[KRYLOV], beta[KRYLOV];
    double rows;     /* the largest sum of a row's sizes: at least |K| */
    double residual; /* |K v - <v,Kv> v|, about */
};

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add_multiple(double c, const double *a, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] += c * a[i];
}

static void multiply(const struct search *s, const double *v, double *out)
{
    memset(out, 0, s->n * sizeof *out);
    for (size_t i = 0; i < s->n; i++)
        add_multiple(v[i], s->K + i * s->n, s->n, out);
}

/* An orthonormal basis of v, K v, K^2 v, ...: shorter where these are dependent. */
static void span(struct search *s)
{
    memcpy(s->basis, s->v, s->n * sizeof *s->v);
    for (s->m = 0; s->m < KRYLOV && s->m < s->n;) {
        double *w = s->basis + (s->m + 1) * s->n;
        double *const last = s->basis + s->m * s->n;

        multiply(s, last, w);
        s->alpha[s->m] = dot(w, last, s->n);
        for (int twice = 0; twice < 2; twice++)
            for (size_t a = 0; a <= s->m; a++)
                add_multiple(-dot(w, s->basis + a * s->n, s->n), s->basis + a * s->n, s->n, w);
        s->beta[s->m] = sqrt(dot(w, w, s->n));
        s->m++;
        if (!(s->beta[s->m - 1] > NEAR * s->rows))
            break;
        for (size_t i = 0; i < s->n; i++)
            w[i] /= s->beta[s->m - 1];
    }
}

/* v becomes the vector of that space with the largest quotient <v,Kv>/<v,v>. */
static int take_best(struct search *s)
{
    gsl_matrix *T = gsl_matrix_calloc(s->m, s->m), *vectors = gsl_matrix_alloc(s->m, s->m);
    gsl_vector *values = gsl_vector_alloc(s->m);
    gsl_eigen_symmv_workspace *room = gsl_eigen_symmv_alloc(s->m);
    int error = T && vectors && values && room ? 0 : -ENOMEM;
    size_t best = 0;
    double norm;

    for (size_t a = 0; !error && a < s->m; a++) {
        gsl_matrix_set(T, a, a, s->alpha[a]);
        if (a + 1 < s->m) {
            gsl_matrix_set(T, a, a + 1, s->beta[a]);
            gsl_matrix_set(T, a + 1, a, s->beta[a]);
        }
    }
    if (!error && gsl_eigen_symmv(T, values, vectors, room))
        error = -EDOM;
    if (!error) {
        best = gsl_vector_max_index(values);
        memset(s->v, 0, s->n * sizeof *s->v);
        for (size_t a = 0; a < s->m; a++)
            add_multiple(gsl_matrix_get(vectors, a, best), s->basis + a * s->n, s->n, s->v);
        norm = sqrt(dot(s->v, s->v, s->n));
        for (size_t i = 0; i < s->n; i++)
            s->v[i] /= norm;
        s->residual = fabs(s->beta[s->m - 1] * gsl_matrix_get(vectors, s->m - 1, best));
    }
    gsl_eigen_symmv_free(room);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    gsl_matrix_free(T);
    return error;
}

/* From a start that no symmetry of K's has, but for bad luck. Returns the quotient <v,Kv>/<v,v>. */
static int find(struct search *s, double *quotient_out)
{
    const struct sb_key key = sb_key_derive("eigenvalue start", "", 0);
    double norm;
    int error = 0;

    sb_random_gauss(key, 0, 0, s->n, s->v);
    for (size_t i = 0; i < s->n; i++)
        s->v[i] = 1 + s->v[i] / 4;
    norm = sqrt(dot(s->v, s->v, s->n));
    for (size_t i = 0; i < s->n; i++)
        s->v[i] /= norm;
    for (int i = 0; !error && i < RESTARTS; i++) {
        span(s);
        error = take_best(s);
        if (s->residual <= NEAR * s->rows)
            break;
    }
    multiply(s, s->v, s->basis);
    *quotient_out = dot(s->v, s->basis, s->n) / dot(s->v, s->v, s->n);
    return error;
}

/* At least lambda_max if s I - K, with its rounding, is positive semidefinite as far as a
 * factorisation R'R can show: |R'R - A| <= g/(1-g) tr A, g = (n+1)u/(1-(n+1)u), at any order of its
 * sums; ours has up to 6 roundings more. Infinity where it cannot. a: n x n of room. */
static double prove(const double *K, size_t n, double s, double *a, double *panel)
{
    double trace = 0, rounding;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            a[i * n + j] = -K[i * n + j];
        a[i * n + i] = s - K[i * n + i];
        trace += fabs(a[i * n + i]);
    }
    if (!sb_cholesky(a, n, panel))
        return INFINITY;
    rounding = 2 * ((double)n + 16) * u * trace + u * (2 * fabs(s) + trace);
    return s + rounding * (1 + 0x1p-40) + fabs(s) * 0x1p-50;
}

/* The largest sum of a row's sizes, rounded up; infinity where an entry is none. */
static double largest_row(const double *K, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++) {
        double row = 0;

        for (size_t j = 0; j < n; j++)
            row += fabs(K[i * n + j]);
        if (!(row < INFINITY))
            return INFINITY;
        most = row > most ? row : most;
    }
    return most * (1 + 2 * (double)n * u);
}

static int bound(struct search *s, double *lb_out, double *ub_out)
{
    double *a SB_FREE = SB_NEW_ARRAY(double, s->n * s->n);
    double *panel SB_FREE = SB_NEW_ARRAY(double, sb_cholesky_room(s->n));
    double quotient, step;
    int error = a && panel ? find(s, &quotient) : -ENOMEM;

    if (error)
        return error;
    *lb_out = quotient - 4 * ((double)s->n + 8) * u * s->rows;
    step = fmax(2 * s->residual, STEP * s->rows);
    for (int i = 0; i < TRIALS && isinf(*ub_out) && quotient + step < s->rows; i++, step *= 32)
        *ub_out = prove(s->K, s->n, quotient + step, a, panel);
    return 0;
}

int sb_largest_eigenvalue(const double *K, size_t n, double error, double *lb_out, double *ub_out)
{
    double *basis SB_FREE = SB_NEW_ARRAY(double, (KRYLOV + 1) * n);
    double *v SB_FREE = SB_NEW_ARRAY(double, n);
    struct search s = { .K = K, .n = n, .basis = basis, .v = v, .rows = largest_row(K, n) };
    const double slack = (double)n * error * (1 + 0x1p-40);
    double lb = -INFINITY, ub = INFINITY;
    int result = basis && v ? 0 : -ENOMEM;

    if (!result && s.rows < INFINITY)
        result = bound(&s, &lb, &ub);
    *lb_out = lb - slack;
    *ub_out = fmin(ub, s.rows) + slack;
    return result;
}
