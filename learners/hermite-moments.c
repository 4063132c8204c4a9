/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds a hidden direction v, along which x has another law than the standard Gaussian, by its Hermite moments, degree by
 * degree [docs/theorems.md D6; DKS17]. For k = 1 .. kmax it asks, one batch a degree, for all C(d+k-1,k) products
 * h_alpha(x) = h_a1(x_1) .. h_ad(x_d) of degree k, orthonormal, for the mean of
 *     clip(h_alpha(x)/B, -1, 1)            (VSTAT: 1/2 + half of it)
 * and takes s_alpha = B times the answer for E h_alpha = c_k sqrt(k!/alpha!) v^alpha, c_k = E h_k of the law along v.
 * It stops at the first degree k* where |s|_2 > c sqrt(C(d+k-1,k)) tau B: the family's c_1 .. c_m being 0, that is
 * m + 1, after sum over k <= m+1 of C(d+k-1,k) queries. Then s is a symmetric tensor, c_k v^(x)k and an error, and v
 * the unit vector at which it is largest, found by power iteration (symmetric_tensor.h).
 *
 * Clipping leaks: a clipped product has a mean at degrees up to m, under the Gaussian, too. By `most-weight` and
 * `chi2`, which the family publishes, clipped_products.h bounds that by bias(B), for the hidden laws and the null. What
 * is asked obeys tau B >= 2 bias(B) and c > 1 + bias/(tau B). By default B is the least with tau B >= bias(B)/`leak`, of
 * VSTAT(t) with 2/t for tau, where leak is 1/8, so that clipped products have means that are known to a quarter of the
 * tolerance, and c just above what it must be.
 *
 * Why it is right for every valid answer: |s_alpha - E h_alpha| <= tau B + bias, so that where all E h_alpha
 * are 0, under the null and at degrees up to m, |s| is at most sqrt(count) (tau B + bias), and it does not fire. At a degree
 * with |c_k| > sqrt(count) (tau B (1 + c) + bias) it always does. It prints both sides before it asks.
 *
 * Tolerance: tau of STAT; of VSTAT's max(1/t, sqrt(p(1-p)/t)) on [0,1] at most tau = max(2/t, 1/sqrt t) on [-1,1].
 * Goal distinguish: does it fire? Goal recover: v, or -v where k* is even. Goal learn: the density of the family's law
 * along it, or 1 where it does not fire. When the budget ends first, it has not fired. */
#include "clipped_products.h"
#include "ridge_law.h"
#include "symmetric_tensor.h"

#include <stdio.h>

enum {
    CHUNK = 4096,       /* queries a call */
    PRODUCTS = 1 << 20, /* of one degree */
    DIM_MAX = 256       /* indices are bytes */
};

struct search {
    const struct sb_host *h;
    const struct sb_facts *facts;
    uint32_t access, kmax, dim;
    double tau, finest; /* of answers to functions to [-1,1]: at most, and at least */
    double ratio, chi2;
    const double *coefficient; /* c_0, c_1, ...; NULL: not published */
    uint64_t n_coefficients;
    struct clipped_products *products;

    /* of the degree in hand */
    uint32_t degree;
    uint64_t n;
    double clip, threshold;
    uint8_t *index; /* n x degree */
    double *value;  /* n: s_alpha */
    double norm;

    double *direction; /* dim; and room for two more */
    struct ridge_density density;
};

static int32_t fail(const char *why)
{
    fprintf(stderr, "hermite-moments: %s\n", why);
    return 1;
}

/* Up to which degree: as asked for, or to the first that the family says is not matched. */
static uint32_t last_degree(const struct sb_host *h)
{
    const int64_t kmax = h->param_int(h->self, "kmax");
    const double matched = ridge_published(h, "matched");

    if (kmax > 0)
        return (uint32_t)kmax;
    return matched + 1 < CLIPPED_DEGREE ? (uint32_t)matched + 1 : CLIPPED_DEGREE;
}

static void choose_tolerance(struct search *s)
{
    const double granted = s->h->tolerance(s->h->self, s->access);

    s->tau = s->finest = granted;
    if (s->access == SB_VSTAT) {
        s->finest = 2 / granted;
        s->tau = s->finest > 1 / sqrt(granted) ? s->finest : 1 / sqrt(granted);
    }
}

static int32_t setup(const struct sb_host *h, struct search *s)
{
    const struct sb_facts *f = h->facts(h->self);

    *s = (struct search){ .h = h, .facts = f, .dim = f->dim, .kmax = last_degree(h) };
    if (f->domain != SB_GAUSS || f->goal == SB_PREDICT)
        return fail("tells, recovers or learns a law of x over a Gaussian only");
    if (f->dim > DIM_MAX || tensor_size(f->dim, s->kmax, PRODUCTS) > PRODUCTS)
        return fail("more than 256 coordinates, or 1048576 products of one degree: lower `kmax`");
    s->chi2 = ridge_published(h, "chi2");
    s->ratio = ridge_published(h, "most-weight");
    if (!(s->chi2 < INFINITY) && !(s->ratio < INFINITY))
        return fail("needs a family that publishes `chi2` or `most-weight`, and has one");
    s->coefficient = h->family_vector(h->self, "coefficients", &s->n_coefficients);
    s->access = f->access & SB_STAT ? SB_STAT : SB_VSTAT;
    choose_tolerance(s);
    s->products = clipped_new(s->kmax, f->dim);
    s->direction = calloc(3 * (uint64_t)f->dim, sizeof *s->direction);
    return s->products && s->direction ? 0 : fail("out of memory");
}

/* clip, threshold; prints what follows from them. */
static int32_t choose_threshold(struct search *s)
{
    const struct sb_host *h = s->h;
    const double root = sqrt((double)s->n), asked = h->param_real(h->self, "clip");
    double c = h->param_real(h->self, "c"), bias, least, signal;

    s->clip = asked > 0
                  ? asked
                  : clipped_least(s->products, s->degree,
                                  h->param_real(h->self, "leak") * s->finest, s->ratio, s->chi2);
    if (!(s->clip < INFINITY))
        return fail("no clip obeys tau B >= 2 bias(B): the tolerance is too fine");
    bias = clipped_bias(s->products, s->degree, s->clip, s->ratio, s->chi2);
    if (!(s->tau * s->clip >= 2 * bias)) {
        fprintf(stderr,
                "hermite-moments: degree %u: at clip %.6g clipping moves a mean by up to %.3g, "
                "above half of "
                "tau B = %.3g; leave `clip` out or raise it\n",
                s->degree, s->clip, bias, s->tau * s->clip);
        return 1;
    }
    least = (1 + bias / (s->tau * s->clip)) * (1 + 1e-9);
    if (c > 0 && c < least) {
        fprintf(stderr, "hermite-moments: c = %.6g is below 1 + bias/(tau B) = %.9g\n", c, least);
        return 1;
    }
    c = c > 0 ? c : least;
    s->threshold = c * root * s->tau * s->clip;
    signal = s->degree < s->n_coefficients ? fabs(s->coefficient[s->degree]) : 0;
    fprintf(stderr,
            "degree %u: %llu products clipped at %.6g: answers leave %.3g, clipping at most %.3g; "
            "fires above %.4g "
            "(c = %.4g), at most %.4g can be noise; |c_%u| = %.4g: %s\n",
            s->degree, (unsigned long long)s->n, s->clip, s->tau * s->clip, bias, s->threshold, c,
            root * (s->tau * s->clip + bias), s->degree, signal,
            signal > s->threshold + root * (s->tau * s->clip + bias) ? "must fire"
            : signal <= 1e-13                                        ? "must not fire"
                              : "the tolerance does not suffice");
    return 0;
}

/* The products of degree k. */
static int32_t list_products(struct search *s, uint32_t degree)
{
    uint64_t i = 0;

    free(s->index);
    free(s->value);
    s->degree = degree;
    s->n = tensor_size(s->dim, degree, PRODUCTS);
    s->index = calloc(s->n, degree);
    s->value = calloc(s->n, sizeof *s->value);
    if (!s->index || !s->value)
        return fail("out of memory");
    for (i = 1; i < s->n; i++) {
        memcpy(s->index + i * degree, s->index + (i - 1) * degree, degree);
        tensor_next(s->dim, degree, s->index + i * degree);
    }
    return 0;
}

static sb_expr query(const struct search *s, uint64_t i)
{
    const struct sb_host *h = s->h;
    const uint8_t *index = s->index + i * s->degree;
    const double ends[2] = { -1, 1 };
    sb_expr e = sb_num(h, 1 / s->clip);

    for (uint32_t p = 0, run; p < s->degree; p += run) {
        const sb_expr x = sb_x(h, index[p]);
        double k;

        for (run = 1; p + run < s->degree && index[p + run] == index[p]; run++)
            ;
        k = run;
        e = sb_mul(h, e, h->op(h->self, SB_HERMITE, &k, 1, &x, 1));
    }
    e = h->op(h->self, SB_CLIP, ends, 2, &e, 1);
    return s->access == SB_VSTAT ? sb_add(h, sb_num(h, 0.5), sb_mul(h, sb_num(h, 0.5), e)) : e;
}

static int32_t ask_chunk(struct search *s, uint64_t begin, uint64_t n, struct sb_query *q,
                         int32_t *status)
{
    const struct sb_host *h = s->h;
    const uint32_t mark = h->mark(h->self);
    double *v = s->value + begin;
    int32_t end;

    for (uint64_t i = 0; i < n; i++)
        q[i] = (struct sb_query){ .expr = query(s, begin + i), .access = s->access };
    end = h->ask(h->self, q, n, sizeof *q, v, status);
    for (uint64_t i = 0; i < n && end == SB_OK; i++)
        v[i] = s->clip * (s->access == SB_VSTAT ? 2 * v[i] - 1 : v[i]);
    h->forget(h->self, mark);
    return end;
}

static int32_t ask_degree(struct search *s)
{
    struct sb_query *q = calloc(CHUNK, sizeof *q);
    int32_t *status = calloc(CHUNK, sizeof *status);
    int32_t end = q && status ? SB_OK : fail("out of memory");
    double square = 0;

    for (uint64_t i = 0; i < s->n && end == SB_OK; i += CHUNK) {
        end = ask_chunk(s, i, s->n - i < CHUNK ? s->n - i : CHUNK, q, status);
        if (end > 0 && end != SB_BUDGET)
            fail(s->h->message(s->h->self));
    }
    for (uint64_t i = 0; i < s->n; i++)
        square += s->value[i] * s->value[i];
    s->norm = sqrt(square);
    free(q);
    free(status);
    return end;
}

/* Random unit vectors, of the cube's directions: any will do. */
static void random_start(const struct search *s, double *u)
{
    s->h->uniform(s->h->self, s->dim, u);
    for (uint32_t j = 0; j < s->dim; j++)
        u[j] -= 0.5;
    if (!tensor_unit(s->dim, u, u))
        u[0] = 1;
}

/* The best of some starts; no more than one where nothing can be much better. */
static void find_direction(struct search *s)
{
    const int64_t asked = s->h->param_int(s->h->self, "starts");
    const uint64_t starts = asked > 0 ? (uint64_t)asked : 10 * (uint64_t)s->dim;
    const struct tensor t = {
        .dim = s->dim, .order = s->degree, .n = s->n, .index = s->index, .weight = s->value
    };
    double *u = s->direction + s->dim, *w = u + s->dim, best = 0, norm;

    for (uint64_t i = 0; i < s->n; i++)
        s->value[i] *= sqrt(tensor_orderings(s->degree, s->index + i * s->degree));
    norm = tensor_norm(&t);
    for (uint64_t i = 0; i < starts && best <= 0.9 * norm; i++) {
        double value;

        random_start(s, u);
        value = tensor_climb(&t, u, w);
        if (fabs(value) > best) {
            const double sign = s->degree < s->n_coefficients ? s->coefficient[s->degree] : 1;

            best = fabs(value);
            for (uint32_t j = 0; j < s->dim; j++) /* T = c_k v^(x)k: k odd tells v from -v */
                s->direction[j] = s->degree % 2 == 1 && value * sign < 0 ? -u[j] : u[j];
        }
    }
}

static int32_t answer(struct search *s, int fired)
{
    const struct sb_host *h = s->h;

    if (s->facts->goal == SB_DISTINGUISH)
        return h->verdict(h->self, fired);
    if (fired)
        find_direction(s);
    if (s->facts->goal == SB_RECOVER)
        return fired ? h->recovered(h->self, s->direction, s->dim) : 0;
    if (!fired)
        return h->predict_expr(h->self, sb_num(h, 1));
    s->density.direction = s->direction;
    s->density.dim = s->dim;
    if (!ridge_law(h, &s->density.law))
        return fail("goal learn needs a family that publishes `pieces` and `noise`");
    return h->predict(h->self, ridge_density, &s->density);
}

static int32_t search(struct search *s)
{
    int fired = 0;

    for (uint32_t k = 1; k <= s->kmax && !fired; k++) {
        int32_t end = list_products(s, k);

        if (end == 0)
            end = choose_threshold(s);
        if (end == 0)
            end = ask_degree(s);
        if (end == SB_BUDGET)
            break;
        if (end != 0)
            return end;
        fired = s->norm > s->threshold;
        if (fired)
            fprintf(stderr, "degree %u: |s| = %.6g fires\n", k, s->norm);
    }
    return answer(s, fired);
}

/* The density is called after run(). */
static int32_t create(const struct sb_host *h, void **self_out)
{
    (void)h;
    *self_out = calloc(1, sizeof(struct search));
    return *self_out ? 0 : fail("out of memory");
}

static int32_t run(const struct sb_host *h, void *self)
{
    struct search *s = self;
    const int32_t end = setup(h, s);

    return end ? end : search(s);
}

static void destroy(void *self)
{
    struct search *s = self;

    if (!s)
        return;
    free(s->products);
    free(s->index);
    free(s->value);
    free(s->direction);
    free(s);
}

static const struct sb_param params[] = {
    { "kmax", SB_INT, 0, "0", "[0,12]",
      "asks up to this degree; 0: to the first that the family does not match" },
    { "clip", SB_REAL, 0, "0", "[0,1e12]",
      "B: products are clipped to [-B,B]; 0: of each degree the least with bias(B) <= leak tau B" },
    { "leak", SB_REAL, 0, "0.125", "(0,0.5]", "how much of tau B clipping may move a mean by" },
    { "c", SB_REAL, 0, "0", "[0,1e6]",
      "fires where the norm is above c sqrt(count) tau B; 0: just above 1 + bias/(tau B)" },
    { "starts", SB_INT, 0, "0", "[0,100000]", "starts of the power iteration; 0: 10 d" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

SB_LEARNER(SB_STAT | SB_VSTAT, 0, "hermite-moments",
           "finds a hidden direction by all Hermite products, degree by degree",
           "[DKS17], docs/theorems.md D6", params, create, run, destroy);
