/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user's law on the line: a density and a sampler. The density is looked at once, at the nodes of panels of
 * length 1/8 between its cuts: they are the terms of the line, atoms whose noise is that of rho X + ... where there
 * is enough of it (numeric/line_near.c: where there is not), and what coefficients and chi^2 are summed over. */
#include "base/memory.h"
#include "numeric/line_parts.h"
#include "numeric/marginal.h"
#include "numeric/sum.h"

#include <errno.h>
#include <sleef.h>
#include <string.h>

#define ROOT_2PI 0x1.40d931ff62706p+1

enum { NODES = SB_RULE_NODES, DRAWS_AT_ONCE = 1024, DRAWS = 64 * DRAWS_AT_ONCE };
static const double slack = 1e-9;
/* e^(t^2/2) has no end for doubles much beyond it. */
static const double FAR = 36;

/* The density on panels that are cut where it is. */

static size_t count_panels(double from, double to, double length)
{
    return to > from ? 1 + (size_t)((to - from) / length * (1 - 0x1p-40)) : 0;
}

static void next_stretch(struct sb_line_walk *w)
{
    const struct sb_line_stated *of = w->of;

    w->from = w->to;
    while (w->cut < of->n_cuts && !(of->cut[w->cut] > w->from))
        w->cut++;
    w->to = w->cut < of->n_cuts && of->cut[w->cut] < of->to ? of->cut[w->cut] : of->to;
    w->n_panels = count_panels(w->from, w->to, w->length);
    w->panel = 0;
}

bool sb_line_next_panel(struct sb_line_walk *w, double *from, double *to)
{
    if (w->panel == w->n_panels)
        next_stretch(w);
    if (w->n_panels == 0)
        return false;
    *from = w->from + (w->to - w->from) * (double)w->panel / (double)w->n_panels;
    w->panel++;
    *to = w->panel == w->n_panels
              ? w->to
              : w->from + (w->to - w->from) * (double)w->panel / (double)w->n_panels;
    return true;
}

struct sb_line_walk sb_line_walk_of(const struct sb_line_stated *of, double length)
{
    return (struct sb_line_walk){ .of = of, .length = length, .to = of->from };
}

void sb_line_nodes(double from, double to, double *t)
{
    for (int i = 0; i < NODES; i++)
        t[i] = from + (to - from) / 2 * (1 + sb_rule_node(i));
}

/* What is summed over the nodes of panels of one length. */
struct sums {
    double mass, square, most; /* int A; int A^2/phi; the largest A/phi */
    double coefficient[SB_LINE_COEFFICIENTS], absolute[SB_LINE_COEFFICIENTS];
    struct sb_line *into; /* or NULL: gets the terms */
    double bad_at, bad;   /* a value that is no density */
    bool symmetric;
};

double sb_line_over_gauss(double t)
{
    return Sleef_cinz_expd1_u10purec(t * t / 2) * ROOT_2PI;
}

static void add_node(struct sums *s, double t, double mass, double density)
{
    const double ratio = fabs(t) <= FAR ? density * sb_line_over_gauss(t) : INFINITY;
    double last = 0, h = 1;

    s->mass += mass;
    s->square += mass > 0 ? mass * ratio : 0;
    s->most = density > 0 && ratio > s->most ? ratio : s->most;
    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        const double next = (t * h - sqrt((double)k) * last) / sqrt(k + 1.0);

        s->coefficient[k] += mass * h;
        s->absolute[k] += fabs(mass * h);
        last = h;
        h = next;
    }
    if (s->into && mass > 0)
        s->into->term[s->into->n_terms++] =
            (struct sb_line_piece){ -INFINITY, INFINITY, t, 0, mass, mass };
}

/* The density at -t, which is 0 outside of the support, whatever the function says there. */
static double mirrored(const struct sb_line_stated *of, double t, double said)
{
    return -t >= of->from && -t <= of->to ? said : 0;
}

static void add_panel(struct sums *s, const struct sb_line_stated *of, double from, double to)
{
    double t[2 * NODES], density[2 * NODES];

    sb_line_nodes(from, to, t);
    for (int i = 0; i < NODES; i++)
        t[NODES + i] = -t[i];
    of->density(of->self, 2 * NODES, t, density);
    for (int i = 0; i < NODES; i++) {
        if (!(density[i] >= 0 && density[i] < 1e300)) {
            s->bad_at = t[i];
            s->bad = density[i];
        }
        s->symmetric &=
            fabs(density[i] - mirrored(of, t[i], density[NODES + i])) <= 1e-12 * density[i];
        add_node(s, t[i], (to - from) / 2 * sb_rule_weight(i) * density[i], density[i]);
    }
}

static void sum_up(const struct sb_line_stated *of, double length, struct sums *s)
{
    struct sb_line_walk w = sb_line_walk_of(of, length);
    double from, to;

    while (sb_line_next_panel(&w, &from, &to))
        add_panel(s, of, from, to);
}

size_t sb_line_count_panels(const struct sb_line_stated *of, double length)
{
    struct sb_line_walk w = sb_line_walk_of(of, length);
    double from, to;
    size_t n = 0;

    while (sb_line_next_panel(&w, &from, &to))
        n++;
    return n;
}

/* Checks */

static int check_form(const struct sb_line_stated *of, struct sb_diag *diag)
{
    if (!(of->from < of->to) || !(of->from >= -1000) || !(of->to <= 1000))
        return sb_diag_fail(diag, -EINVAL,
                            "a law's density is said to be 0 outside [%g, %g]: that should be an "
                            "interval within [-1000, 1000]",
                            of->from, of->to);
    for (size_t i = 0; i < of->n_cuts; i++)
        if (!(of->cut[i] < INFINITY) || (i && !(of->cut[i] > of->cut[i - 1])))
            return sb_diag_fail(diag, -EINVAL,
                                "cut %zu of a law's density is %g: cuts should increase", i + 1,
                                of->cut[i]);
    return 0;
}

static int check_sums(const struct sums *s, const struct sums *coarse, struct sb_diag *diag)
{
    if (s->bad != 0 || s->bad_at != 0)
        return sb_diag_fail(diag, -EINVAL,
                            "the density at %.12g is %g: it should be at least 0 and finite",
                            s->bad_at, s->bad);
    if (!(fabs(s->mass - 1) <= slack))
        return sb_diag_fail(diag, -EINVAL,
                            "the density integrates to %.12g, which should be 1 to %g", s->mass,
                            slack);
    if (!(fabs(s->mass - coarse->mass) <= slack))
        return sb_diag_fail(
            diag, -EINVAL,
            "the density integrates to %.12g on panels of length %g and to %.12g on "
            "panels of twice that: name the places where it is not smooth as cuts",
            s->mass, SB_LINE_PANEL, coarse->mass);
    return 0;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Draws against the density: the empirical distribution function is within sqrt(ln(2/1e-6)/(2 n)) of the true
 * one but with probability 1e-6 [Massart90]. */
static int check_draws(const struct sb_line *line, struct sb_diag *diag)
{
    const struct sb_key key = sb_key_derive("line", "draws", 5);
    const double within = sqrt(14.508657738524219 / (2.0 * DRAWS));
    double *x SB_FREE = SB_NEW_ARRAY(double, DRAWS);

    if (!x)
        return -ENOMEM;
    for (size_t i = 0; i < DRAWS; i += DRAWS_AT_ONCE)
        sb_line_draw(line, key, 0, i, DRAWS_AT_ONCE, x + i);
    for (size_t i = 0; i < DRAWS; i++)
        if (!(fabs(x[i]) < INFINITY))
            return sb_diag_fail(diag, -EINVAL, "draw %zu of the law is not finite", i);
    qsort(x, DRAWS, sizeof *x, compare_doubles);
    for (size_t i = 0; i < DRAWS; i += DRAWS_AT_ONCE / 4) {
        const double cdf = sb_line_cdf(line, 1, x[i]), share = (double)(i + 1) / DRAWS;

        if (fabs(share - cdf) > within + 1.0 / DRAWS)
            return sb_diag_fail(
                diag, -EINVAL,
                "%.4f of %d draws of the law are at most %.6g, but its density up to there has "
                "%.4f of the mass: a right sampler is within %.4f but with probability 1e-6",
                share, (int)DRAWS, x[i], cdf, within);
    }
    return 0;
}

/* The line */

static double most_of(double a, double b)
{
    return a > b ? a : b;
}

static void put_sizes(struct sb_line *line, const struct sums *s, const struct sums *coarse)
{
    double rounding = 0, known = 0;

    line->symmetric = s->symmetric;
    for (int k = 0; k < SB_LINE_COEFFICIENTS; k++) {
        line->coefficient[k] = s->coefficient[k];
        rounding = most_of(rounding, 0x1p-46 * s->absolute[k] +
                                         fabs(s->coefficient[k] - coarse->coefficient[k]));
    }
    line->coefficient_error = rounding;
    if (!(s->square < 1e300)) {
        line->chi2 = line->tail2 = line->ratio_ub = INFINITY;
        return;
    }
    line->chi2 = most_of(s->square - 1, 0) + fabs(s->square - coarse->square) + 1e-12 * s->square;
    for (int k = 1; k < SB_LINE_COEFFICIENTS; k++) {
        const double c = most_of(fabs(line->coefficient[k]) - rounding, 0);

        known += c * c;
    }
    line->tail2 = most_of(line->chi2 - known, 0) + 1e-13 * s->square;
    /* between nodes a smooth function is not larger by much */
    line->ratio_ub = most_of(s->most, coarse->most) * 1.01;
}

static int copy_stated(struct sb_line *line, const struct sb_line_stated *of)
{
    double *cut = SB_NEW_ARRAY(double, of->n_cuts + 1);

    line->term =
        SB_NEW_ARRAY(struct sb_line_piece, sb_line_count_panels(of, SB_LINE_PANEL) * NODES + 1);
    line->stated = *of;
    line->stated.cut = cut;
    if (cut)
        for (size_t i = 0; i < of->n_cuts; i++)
            cut[i] = of->cut[i];
    return cut && line->term ? 0 : -ENOMEM;
}

static int fill(struct sb_line *line, uint32_t matched, struct sb_diag *diag)
{
    struct sums *s SB_FREE = SB_NEW(struct sums), *coarse SB_FREE = SB_NEW(struct sums);
    int r;

    if (!s || !coarse)
        return -ENOMEM;
    s->into = line;
    s->symmetric = true;
    sum_up(&line->stated, SB_LINE_PANEL, s);
    sum_up(&line->stated, 2 * SB_LINE_PANEL, coarse);
    r = check_sums(s, coarse, diag);
    if (r)
        return r;
    put_sizes(line, s, coarse);
    r = sb_line_settle_matched(line, matched, diag);
    return r ? r : check_draws(line, diag);
}

int sb_line_of_density(const struct sb_line_stated *stated, uint32_t matched, struct sb_line **out,
                       struct sb_diag *diag)
{
    struct sb_line *line;
    int r = check_form(stated, diag);

    if (r)
        return r;
    line = SB_NEW(struct sb_line);
    r = line ? copy_stated(line, stated) : -ENOMEM;
    if (!r)
        r = fill(line, matched, diag);
    if (r)
        sb_line_free(line);
    else
        *out = line;
    return r;
}
