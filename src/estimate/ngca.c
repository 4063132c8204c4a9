/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hidden directions: the laws of a family, P_v^A and N(0, I), and what is public of them. An example of P_v^A is
 * x = z + v (X - <v,z>), z standard Gaussian and X drawn from A, so that drawing it is drawing z and two passes over
 * its block. Its density against N(0, I) is A/phi at <v,x>. */
#include "estimate/ngca.h"

#include "base/memory.h"
#include "estimate/kernels.h"
#include "estimate/profile.h"

#include <math.h>
#include <string.h>

/* Of a sample's key: streams below SB_NGCA_DIM are the columns of z. */
enum { ALONG = SB_NGCA_DIM };

typedef void project_kernel(uint32_t dim, const double *v, const double *const *x, uint64_t n,
                            double *out);
typedef void move_kernel(double v, const double *by, uint64_t n, double *x);

static project_kernel *const project_variant[SB_ISAS] = SB_ISA_TABLE(sb_ngca_project);
static move_kernel *const move_variant[SB_ISAS] = SB_ISA_TABLE(sb_ngca_move);

static const struct sb_ngca *ngca_of(const struct sb_law *law)
{
    return law->self;
}

void sb_ngca_direction(const struct sb_ngca *ngca, uint64_t member, double *v)
{
    if (ngca->directions)
        memcpy(v, ngca->directions + member * ngca->dim, ngca->dim * sizeof *v);
    else
        ngca->direction(ngca, member, v);
}

/* out[i] = <v,x_i> for the member's v, which is left in `v` */
static void project(const struct sb_ngca *ngca, uint64_t member, const double *const *x, uint64_t n,
                    double *v, double *out)
{
    sb_ngca_direction(ngca, member, v);
    project_variant[sb_isa()](ngca->dim, v, x, n, out);
}

/* The law */

static void draw_points(const struct sb_law *law, struct sb_key key, uint64_t stream,
                        uint64_t start, uint64_t n, const struct sb_points *out)
{
    for (uint32_t j = 0; j < law->dim; j++)
        sb_random_gauss(key, stream * SB_NGCA_DIM + j, start, n, out->x[j]);
}

static void ratio(const struct sb_ngca *ngca, uint64_t member, const struct sb_block *block,
                  double *out)
{
    double v[SB_NGCA_DIM], along[SB_BLOCK];

    project(ngca, member, block->x, block->n, v, along);
    sb_line_ratio(ngca->line, block->n, along, out);
}

static void weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    (void)l;
    if (law->planted)
        ratio(ngca_of(law), law->member, block, out);
    for (uint64_t i = 0; i < block->n && !law->planted; i++)
        out[i] = 1;
}

/* Few enough points that their coordinates stay in a cache until they are moved. */
enum { AT_ONCE = 256 };

static void sample_some(const struct sb_law *law, const double *v, struct sb_key key,
                        uint64_t start, uint64_t n, double *const *x)
{
    const struct sb_points points = { .x = x };
    double along[AT_ONCE], by[AT_ONCE];

    draw_points(law, key, 0, start, n, &points);
    if (!law->planted)
        return;
    project_variant[sb_isa()](law->dim, v, (const double *const *)x, n, along);
    sb_line_draw(ngca_of(law)->line, key, ALONG, start, n, by);
    for (uint64_t i = 0; i < n; i++)
        by[i] -= along[i];
    for (uint32_t j = 0; j < law->dim; j++)
        move_variant[sb_isa()](v[j], by, n, x[j]);
}

static void sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    double v[SB_NGCA_DIM];
    double *x[SB_NGCA_DIM];

    memset(y, 0, n * sizeof *y);
    if (law->planted)
        sb_ngca_direction(ngca_of(law), law->member, v);
    for (uint64_t i = 0; i < n; i += AT_ONCE) {
        for (uint32_t j = 0; j < law->dim; j++)
            x[j] = out->x[j] + i;
        sample_some(law, v, key, start + i, n - i < AT_ONCE ? n - i : AT_ONCE, x);
    }
}

static bool has_weights(const struct sb_ngca *ngca)
{
    return sb_line_has_density(ngca->line) && ngca->line->ratio_ub < 1e300;
}

/* A stated law's functions may be a plugin's. */
static struct sb_law_class laws_of(const struct sb_ngca *ngca)
{
    return (struct sb_law_class){ .points = draw_points,
                                  .weights = has_weights(ngca) ? weights : NULL,
                                  .sample = sample,
                                  .expectation = sb_ngca_expectation,
                                  .one_thread = ngca->line->stated.density != NULL };
}

static struct sb_law law_of(const struct sb_family *family)
{
    const struct sb_ngca *ngca = family->ngca;

    return (struct sb_law){ .class = &ngca->laws,
                            .dim = ngca->dim,
                            .self = ngca,
                            .moves_x = true,
                            .most_weight = has_weights(ngca) ? ngca->line->ratio_ub : INFINITY,
                            .weight_square =
                                has_weights(ngca) ? (1 + ngca->line->chi2) * (1 + 0x1p-40) : 0 };
}

/* There is no noise: a clean law is the same. */
static void planted_law(const struct sb_family *family, uint64_t member, bool clean,
                        struct sb_law *out)
{
    *out = law_of(family);
    out->member = member;
    out->planted = true;
    out->clean = clean;
}

static void null_law(const struct sb_family *family, struct sb_law *out)
{
    *out = law_of(family);
}

/* The series */

/* The square of what is missing of the density, in the norm of L2 of N(0,1), from the term n on. */
static double missing(const struct sb_line *line, double rho, size_t n)
{
    double sum = 0, power = 1;

    for (size_t k = 0; k < SB_LINE_COEFFICIENTS; k++, power *= rho * rho) {
        const double most = fabs(line->coefficient[k]) + line->coefficient_error;

        sum += k < n ? 0 : most * most * power;
    }
    return (sum + line->tail2 * power) * (1 + 0x1p-30);
}

/* By the Cauchy-Schwarz inequality a function of size 1 loses at most that by what is missing, and e (1 - rho^2)^(-1/2) by
 * coefficients that are off by e. Beyond SB_PANEL_END, where N(0,1) has the mass Q, the law of overlap rho has at most
 * Q^(1/(1+rho^2)) (1 + chi^2)^(1/2): split rho in two, and the indicator's part of it is hypercontractive
 * [ODonnell14, Section 11.1]. */
static void expand(struct sb_ngca *ngca)
{
    static const double reach[SB_NGCA_RANGES] = { 0.35, 0.7 };
    static const double beyond[SB_NGCA_RANGES] = { 5e-21, 5.1e-16 }; /* Q^(1/(1+rho^2)) */
    const struct sb_line *line = ngca->line;

    ngca->series_error = 0;
    for (int k = 0; k < SB_NGCA_RANGES; k++) {
        const double rho = reach[k];
        size_t n = 2;
        double error;

        while (n < SB_LINE_COEFFICIENTS && !(missing(line, rho, n) <= 1e-32))
            n++;
        error = sqrt(missing(line, rho, n)) + line->coefficient_error / sqrt(1 - rho * rho) +
                beyond[k] * sqrt(1 + line->chi2);
        ngca->series[k].reach = rho;
        ngca->series[k].n = error <= 2e-13 ? n : 0;
        if (error <= 2e-13 && error > ngca->series_error)
            ngca->series_error = error;
    }
}

/* What is public */

static void candidate(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    ratio(self, index, block, out);
}

static double correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    double error;

    return sb_ngca_correlation(family->ngca, i, j, &error);
}

static struct sb_space space_of(struct sb_ngca *ngca)
{
    static const double no_label[1] = { 0 };
    struct sb_space space = {
        .domain = SB_GAUSS, .dim = ngca->dim, .n_labels = 1, .labels = no_label
    };

    if (has_weights(ngca)) {
        ngca->candidates = (struct sb_candidates){
            .self = ngca, .label = candidate, .one_thread = ngca->line->stated.density != NULL
        };
        space.candidates = &ngca->candidates;
        space.candidate_ub = ngca->line->ratio_ub;
    }
    return space;
}

void sb_ngca_init(struct sb_ngca *ngca, struct sb_family *out)
{
    ngca->n_members = out->n_members;
    ngca->laws = laws_of(ngca);
    ngca->room = (struct sb_excesses){ .lock = PTHREAD_MUTEX_INITIALIZER };
    ngca->excesses = &ngca->room;
    expand(ngca);
    out->ngca = ngca;
    out->space = space_of(ngca);
    out->space.n_candidates = out->space.candidates ? ngca->n_members : 0;
    out->law = planted_law;
    out->null_law = null_law;
    out->lambda_max_ub = INFINITY;
    out->correlations = sb_ngca_correlations;
    if (sb_line_has_density(ngca->line))
        out->correlation = correlation;
    if (!has_weights(ngca))
        out->no_public_points = sb_line_has_density(ngca->line)
                                    ? "the hidden law's density over the Gaussian's is unbounded"
                                    : "the hidden law has no square integrable density against "
                                      "the Gaussian's (chi^2 is infinite)";
    out->no_profile = sb_family_no_profile(out);
}
