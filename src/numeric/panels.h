/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of piecewise analytic functions against the standard Gaussian density, or another one, by
 * Gauss-Legendre panels: fixed rules, fixed order of operations, the same bits everywhere.
 *
 * The panels are cut from public things alone: where the functions are not smooth, and how large they are
 * on complex discs around a panel. On [-1,1] a function that is analytic and at most M in size on the
 * ellipse with foci +-1 and semi-axes that sum to rho is within E_m <= 2 M rho^-m / (rho - 1) of a
 * polynomial of degree m [Trefethen13, Thm 8.2]; a rule of N nodes integrates those of degree 2N - 1
 * exactly and both the integral and the rule are at most 2 in norm, so that its error is at most
 * 4 E_{2N-1}. A panel is halved until this is next to nothing (rho = 4, N = 20: 8.9e-24 M).
 *
 * What the bound cannot see is looked for: rounding that makes a staircase of the function (panels
 * against panels in two parts), and cuts that are not where the function as computed has its kinks (its values
 * close to the cut against the polynomial through its values a little further away). */
#ifndef SB_NUMERIC_PANELS_H
#define SB_NUMERIC_PANELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    SB_PANEL_POINTS = 1000, /* points in one call, at most */
    SB_PANEL_VALUES = 64,   /* functions integrated at once, at most */
    SB_PANELS = 1 << 13,    /* panels of one integral, at most */
};
/* The Gaussian's line is cut off at +-SB_PANEL_END: outside lies 1.5e-23 of the mass. */
#define SB_PANEL_END 10.0

/* The Gauss-Legendre rule of SB_RULE_NODES nodes on [-1,1], nodes in increasing order. */
enum { SB_RULE_NODES = 20 };
double sb_rule_node(int i);
double sb_rule_weight(int i);

/* What is integrated against, on [from, to]: an analytic density, and a bound of its size on complex discs. */
struct sb_panel_measure {
    const void *self;
    double from, to;
    double (*density)(const void *self, double t);
    double (*on_disc)(const void *self, double centre, double radius);
    /* density at n <= SB_PANEL_POINTS points at once; NULL: one by one */
    void (*densities)(const void *self, size_t n, const double *t, double *out);
    double longest; /* a panel to begin with; 0: 1 */
};

/* The standard Gaussian density between from and to. */
struct sb_panel_measure sb_panel_gauss(double from, double to);

struct sb_integrand {
    void *self;
    const struct sb_panel_measure *measure; /* NULL: the standard Gaussian on +-SB_PANEL_END */
    uint32_t n_values;                      /* functions */
    double size;                            /* >= |function| on the real line */
    /* out[k * n + i] = function k at t[i]; 0 or a negative errno, which is returned at once */
    int (*values)(void *self, size_t n, const double *t, double *out);
    /* out[i] >= |g(t[i] + w)| for complex |w| <= radius[i], where g is the analytic function that each
     * of them is around t[i]; infinity where it is none. Not needed for panels that are there. */
    int (*discs)(void *self, size_t n, const double *t, const double *radius, double *out);
};

/* Ends e[0] <= e[1] <= ... <= e[n], from one end of the measure to the other. */
struct sb_panels {
    double *ends; /* n + 1, owned */
    size_t n;
    double error; /* of the rule, on all panels together, by the bound above */
};

/* Panels for functions with these kinks (increasing). 0; 1: they would be too many; a negative errno. */
int sb_panels_cut(const struct sb_integrand *f, const double *kinks, size_t n_kinks,
                  struct sb_panels *out);
/* More ends, of the Gaussian's panels: exactly n more panels, some perhaps of length 0, whatever the cuts (increasing). -ENOMEM. */
int sb_panels_add(struct sb_panels *panels, const double *cuts, size_t n);
void sb_panels_fini(struct sb_panels *panels);

/* out[k] = the integral of function k times the density, on panels in two parts; *gap_out: the sum over the
 * panels of how far that is from the rule on the whole panel, for the function where it is largest. */
int sb_panels_integrate(const struct sb_panels *panels, const struct sb_integrand *f, double *out,
                        double *gap_out);
/* The same; gaps_out[k]: of function k. */
int sb_panels_integrate_each(const struct sb_panels *panels, const struct sb_integrand *f,
                             double *out, double *gaps_out);
/* Looks on both sides of each kink for values that do not belong there. *error_out: next to nothing where
 * all kinks are where they should be; what the integral is off by, at least, where one is off by little
 * (by less than 1/2000 of the panel beside it); and far from nothing where it is off by more. */
int sb_panels_kinks(const struct sb_panels *panels, const struct sb_integrand *f,
                    const double *kinks, size_t n_kinks, double *error_out);

#endif
