/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed construct moments: the step function of [CLL22, Section 4] and D' = the law of sqrt(1 -
 * sigma^2) f(g) + sigma g'. Its numbers, why eps goes no further, and every lemma as measured. */
#include "base/memory.h"
#include "cli/construct.h"
#include "construct/flow.h"
#include "construct/lemmas.h"
#include "numeric/line_distance.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 60 }; /* coefficients up to this one are printed as text; json has them all */

struct made {
    struct sb_moments *moments;
    struct sb_line *line;
    double sigma;
    struct sb_lemmas lemmas;
    struct sb_flow flow;
};

static void put_horizon(const struct made *made, struct sb_sheet *sheet)
{
    const struct sb_moments *m = made->moments;
    char title[160];

    snprintf(title, sizeof title,
             "moments m=%u sigma=%g: f has the moments of N(0,1) up to %u [CLL22, Section 4]", m->m,
             made->sigma, m->m);
    sb_sheet_section(sheet, "construction", title);
    sb_sheet_number(sheet, "m", m->m, 0, NULL);
    sb_sheet_number(sheet, "sigma", made->sigma, 0, NULL);
    sb_sheet_number(sheet, "eps", m->eps, 0, "width of a ramp");
    sb_sheet_number(sheet, "horizon", m->horizon, 0,
                    m->fold < m->collision ? "half of the fold, two digits"
                                           : "half of the collision, two digits");
    sb_sheet_text(sheet, "stops_at", m->fold < m->collision ? "fold" : "collision");
    sb_sheet_number(sheet, "collision", m->collision, 0, "ramps of neighbours meet");
    sb_sheet_number(sheet, "fold", m->fold, 5,
                    "two solutions for the heights become one, and none is beyond");
    sb_sheet_number(sheet, "units", 4 * (m->m - 1), 0, "ReLU units of f; two more for f*");
    sb_sheet_number(sheet, "weight_bound", sb_moments_weight(m), 0,
                    "no weight or bias of f is larger [CLL22, Fact 4.3]");
    sb_sheet_number(sheet, "weight_bound_with_noise",
                    sb_moments_weight(m) * sqrt(1 - made->sigma * made->sigma), 0, "of f*");
    sb_sheet_number(sheet, "zero_weight", m->lambda0, 0, "of the node 0: the gaps' mass");
    sb_sheet_number(sheet, "kappa", m->kappa, 0, "gaps are kappa sqrt(lambda_i lambda_{i+1})");
    sb_sheet_number(
        sheet, "residual", m->residual, 3,
        "largest of the first m coefficients with heights as doubles; exact ones leave 0");
    sb_sheet_number(sheet, "radius", m->radius, 3,
                    "relative radii of balls before they were rounded");
    sb_sheet_end_section(sheet);
}

static void put_bumps(const struct made *made, struct sb_sheet *sheet)
{
    static const char *const columns[] = { "bump", "p",      "q",    "centre", "half_width",
                                           "mass", "height", "node", "weight", "slope" };
    enum { COLUMNS = SB_COUNT(columns) };
    double rows[SB_MOMENTS_BUMPS * COLUMNS], *row = rows;

    for (uint32_t i = 0; i < made->moments->n; i++, row += COLUMNS) {
        const struct sb_bump *b = &made->moments->bump[i];
        const double values[COLUMNS] = {
            i + 1,   b->p,      b->q,    b->centre, b->half_width,
            b->mass, b->height, b->node, b->weight, b->height / made->moments->eps
        };

        memcpy(row, values, sizeof values);
    }
    if (!sheet->as_json)
        sb_sheet_section(sheet, "bumps",
                         "bumps of z > 0: plateau [p,q]; the others are [-q,-p] of height -h");
    sb_sheet_table(sheet, "bumps", COLUMNS, columns, made->moments->n, rows);
}

/* 0, 1, 0, 3, 0, 15, ... */
static double gauss_moment(uint32_t k)
{
    double v = k % 2 ? 0 : 1;

    for (uint32_t j = 3; v > 0 && j < k; j += 2)
        v *= j;
    return v;
}

static void put_moments(const struct made *made, struct sb_sheet *sheet)
{
    static const char *const columns[] = { "k", "moment", "gaussian" };
    double rows[(SB_MOMENTS_MOST + 1) * SB_COUNT(columns)], *row = rows;

    for (uint32_t k = 0; k <= 2 * made->moments->m; k += 2) {
        *row++ = k;
        *row++ = made->moments->moment[k];
        *row++ = gauss_moment(k);
    }
    if (!sheet->as_json)
        sb_sheet_section(sheet, "moments", "moments of f(g); odd ones are 0");
    sb_sheet_table(sheet, "moments", SB_COUNT(columns), columns, made->moments->m + 1, rows);
}

static void put_coefficients(const struct made *made, struct sb_sheet *sheet)
{
    static const char *const columns[] = { "k", "f", "with_noise" };
    const uint32_t most = sheet->as_json ? SB_LINE_COEFFICIENTS - 1 : SHOWN;
    double rows[(SB_LINE_COEFFICIENTS / 2 + 1) * SB_COUNT(columns)], *row = rows;
    char title[160];

    for (uint32_t k = 0; k <= most; k += 2) {
        *row++ = k;
        *row++ = made->moments->coefficient[k];
        *row++ = made->line->coefficient[k];
    }
    snprintf(
        title, sizeof title,
        "E h_k, h_k the orthonormal Hermite polynomials, of f(g) and with noise; odd ones are 0; "
        "--format=json has them up to %d",
        SB_LINE_COEFFICIENTS - 1);
    if (!sheet->as_json)
        sb_sheet_section(sheet, "coefficients", title);
    sb_sheet_table(sheet, "coefficients", SB_COUNT(columns), columns, most / 2 + 1, rows);
}

static void put_distances(const struct made *made, struct sb_sheet *sheet)
{
    sb_sheet_section(sheet, "distances", "D', the law with noise, and N(0,1)");
    sb_sheet_number(sheet, "chi2", made->line->chi2, 12, "chi-squared, at most");
    sb_sheet_number(sheet, "total_variation", sb_line_tv_to_gauss(made->line), 9, NULL);
    sb_sheet_number(sheet, "total_variation_ub", sqrt(made->line->chi2) / 2, 9,
                    "sqrt(chi2)/2: how close it comes as m grows");
    sb_sheet_number(sheet, "wasserstein", sb_line_wasserstein(made->line), 9, "Wasserstein-1");
    sb_sheet_number(sheet, "largest_ratio", made->line->ratio_ub, 9, "of densities, at most");
    sb_sheet_end_section(sheet);
}

static void put_lemmas(const struct made *made, struct sb_sheet *sheet)
{
    const struct sb_lemmas *l = &made->lemmas;

    sb_sheet_section(sheet, "lemmas", "the lemmas of [CLL22], measured");
    sb_sheet_number(sheet, "node_span", l->node_span, 6, "4.1: max|h|/sqrt(m), h the nodes");
    sb_sheet_number(sheet, "node_gap", l->node_gap, 6,
                    "4.1: least gap of nonzero nodes times sqrt(m)");
    sb_sheet_number(sheet, "weight_rate", l->weight_rate, 6, "4.1: -ln(least weight)/m");
    sb_sheet_number(sheet, "zero_weight", l->zero_weight, 6, "4.1: lambda_0 sqrt(m)");
    sb_sheet_number(sheet, "bump_gap", l->bump_gap, 6, "4.4: least gap of bumps times m^(3/2)");
    sb_sheet_number(sheet, "height_gap", l->height_gap, 6, "4.4: least distance of heights");
    sb_sheet_number(sheet, "mass_rate", l->mass_rate, 6, "4.4: -ln(least mass)/m");
    sb_sheet_number(sheet, "endpoint", l->endpoint, 6,
                    "4.4: last plateau's end, about sqrt(m) with this placement");
    sb_sheet_number(sheet, "sigma_start", l->sigma_start, 6, "4.7: sigma_min(Z) at eps = 0");
    sb_sheet_number(sheet, "sigma_rate", l->sigma_rate, 6, "4.7: -ln of it/(m ln m)");
    sb_sheet_number(sheet, "sigma_lb", l->sigma_lb, 6, "2.1: it is at least");
    sb_sheet_number(sheet, "sigma_end", l->sigma_end, 6, "4.8: at eps");
    sb_sheet_number(sheet, "half_radius", l->half_radius, 6,
                    "4.8: so far Z is proven to keep half of it");
    sb_sheet_number(sheet, "peano_proven", l->peano_proven, 6,
                    "2.2: the flow lasts as long, its speed bounded by 4.10");
    sb_sheet_number(sheet, "peano_measured", l->peano_measured, 6,
                    "2.2: its speed as measured there");
    sb_sheet_end_section(sheet);
}

static void put_flow(const struct made *made, struct sb_sheet *sheet)
{
    const struct sb_moments *m = made->moments;
    double apart = 0;

    for (uint32_t i = 0; i < m->n; i++)
        apart = fmax(apart, fabs(made->flow.h[i] - m->bump[i].height));
    sb_sheet_section(
        sheet, "flow",
        "the paper's way to the heights, beside it: its flow by a Runge-Kutta method in "
        "double, not polished");
    sb_sheet_number(sheet, "steps", (double)made->flow.steps, 0, NULL);
    sb_sheet_number(sheet, "drift", made->flow.drift, 3,
                    "4.11: largest relative error of an even moment below m on the way");
    sb_sheet_number(sheet, "apart", apart, 3, "largest distance of its heights from those above");
    sb_sheet_number(sheet, "unsolved", made->flow.unsolved, 3,
                    "(1) to (3): residual of its equations");
    sb_sheet_number(sheet, "speed", made->flow.speed, 6, "4.10: largest |h'|");
    sb_sheet_number(sheet, "speed_share", made->flow.speed_share, 6,
                    "4.10: of its bound, at most 1");
    sb_sheet_end_section(sheet);
}

static int make(const struct sb_values *values, struct made *made, struct sb_diag *diag)
{
    const int64_t m = sb_values_int(values, "m");
    int error;

    made->sigma = sb_values_real(values, "sigma");
    error = sb_moments_new((uint32_t)m, sb_values_real(values, "eps"), &made->moments, diag);
    if (!error)
        error = sb_moments_line(made->moments, made->sigma, &made->line, diag);
    if (!error)
        error = sb_flow_run(made->moments, made->moments->eps, 0, &made->flow, diag);
    if (!error && !sb_moments_lemmas(made->moments, &made->lemmas))
        error = sb_diag_fail(diag, -EFAULT, "m = %u: no singular values of Z", made->moments->m);
    return error;
}

static int print(const struct sb_values *values, struct sb_sheet *sheet, struct sb_diag *diag)
{
    struct made made = { 0 };
    int error = make(values, &made, diag);

    if (!error) {
        put_horizon(&made, sheet);
        put_bumps(&made, sheet);
        put_moments(&made, sheet);
        put_coefficients(&made, sheet);
        put_distances(&made, sheet);
        put_lemmas(&made, sheet);
        put_flow(&made, sheet);
    }
    sb_line_free(made.line);
    sb_moments_free(made.moments);
    return error;
}

static const struct sb_param params[] = {
    { "m", SB_INT, 0, NULL, "[0,4294967295]", "moments matched, an odd number" },
    { "sigma", SB_REAL, 0, NULL, "(0,1)", "noise of D'" },
    { "eps", SB_REAL, 0, "0", "[0,inf)", "width of ramps; 0 is the horizon" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_construction sb_construction_moments = {
    .name = "moments",
    .summary = "a step function with ramps whose output has the Gaussian's moments up to m",
    .source = "[CLL22, Section 4]",
    .params = params,
    .print = print,
};
