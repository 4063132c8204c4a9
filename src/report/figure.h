/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures: what of which view is drawn how. A figure is one entry of sb_figures; everything else
 * (reading, writing .dat and .gp, drawing, the report's captions) follows from it. */
#ifndef SB_REPORT_FIGURE_H
#define SB_REPORT_FIGURE_H

#include "base/buffer.h"
#include "base/diag.h"
#include "store/rows.h"

#include <stdbool.h>

enum sb_axis { SB_AXIS_LINEAR, SB_AXIS_LOG2, SB_AXIS_LOG10 };
enum sb_mark { SB_MARK_POINTS, SB_MARK_STEPS };

struct sb_figure {
    const char *view;              /* its name is the figure's */
    const char *title;             /* one line */
    const char *x_label, *y_label; /* units included; x_label: unless the SELECT names another */
    enum sb_axis x_axis, y_axis;
    bool x_data_tics; /* the values of x are few, and each is a tic */
    bool is_rate;     /* y in [0, 1] */
    enum sb_mark mark;
    bool bound_above;  /* what is impossible lies above the bound, else below */
    const char *bars;  /* what lo and hi are */
    const char *bound; /* what the bound says, for the key; NULL: there is none to draw */
    const char *none;  /* a series that has bounds but no marks: "no success" */
    const char *caption;
    /* FROM shown, which is the view or a part of it. Columns: first n_panel that say which panel a
     * row is in, then n_series that say which series, then x, y, lo, hi, bound (each a number or
     * NULL: not drawn), x_label (text, NULL: the figure's), x_down (1: x falls to the right). */
    const char *select;
    size_t n_panel, n_series;
    size_t learner; /* which of the series' columns is the learner */
    /* Where every learner has two series: what the last of their columns says of the second. The first
     * is a solid line, the second dotted with smaller marks. NULL: series are what they are. */
    const char *second;
};
extern const struct sb_figure sb_figures[]; /* ends with view NULL */

/* By the view's name; -EINVAL with one line that names those there are. */
int sb_figure_find(const char *view, const struct sb_figure **out, struct sb_diag *diag);

/* NaN where nothing is drawn. */
struct sb_dot {
    double x, y, lo, hi, bound;
};

struct sb_series {
    char **cells;          /* n_series texts */
    char *label;           /* what tells it from others */
    struct sb_dot *points; /* by rising x */
    size_t n, cap;
    bool has_runs, has_bound;
    size_t colour, mark; /* which of those there are, counted on without end (look.c) */
    bool is_second;      /* as the figure's `second` */
};

/* A bound's curve. Series whose bounds agree share one. */
struct sb_curve {
    char *label;
    struct sb_dot *points; /* x and bound */
    size_t n, cap;
    size_t *members; /* indexes of series */
    size_t n_members, cap_members;
};

struct sb_panel {
    char **cells;  /* n_panel texts */
    char *label;   /* what tells it from others; empty: it is the only one */
    char *x_label; /* or NULL */
    bool x_down;
    struct sb_series *series;
    size_t n, cap;
    struct sb_curve *curves;
    size_t n_curves, cap_curves;
};

struct sb_drawing {
    const struct sb_figure *figure;
    char *setting; /* what is the same in all of it: "experiment quickstart, family parity, ..." */
    struct sb_panel *panels;
    size_t n, cap;
};

/* Reads a figure from the rows of its view that all filters (store/rows.h) leave. *out is written on
 * success and to be freed by fini; it has no panels where there is nothing to draw. */
int sb_drawing_read(struct sb_store *store, const struct sb_figure *figure,
                    const char *const *filters, size_t n_filters, struct sb_drawing *out,
                    struct sb_diag *diag);
/* Gives each series its colour and mark. Those of one learner are the same in all figures of a
 * database. */
int sb_drawing_look(struct sb_store *store, struct sb_drawing *drawing, struct sb_diag *diag);
/* Drops all panels but the first `most`. */
void sb_drawing_keep(struct sb_drawing *drawing, size_t most);
/* Is there anything along the axis: two values of x in a panel? Steps always are. */
bool sb_drawing_spreads(const struct sb_drawing *drawing);
void sb_drawing_fini(struct sb_drawing *drawing);

/* The part of an axis that a panel shows. */
struct sb_shown {
    double lo, hi;
};
struct sb_shown sb_panel_x(const struct sb_panel *panel, const struct sb_figure *figure);
/* The same for all panels, so that they can be compared. */
struct sb_shown sb_drawing_y(const struct sb_drawing *drawing);
/* Borrowed from the panel or the figure. */
const char *sb_panel_x_label(const struct sb_drawing *drawing, const struct sb_panel *panel);

#endif
