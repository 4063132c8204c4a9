/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing as a .dat: plain columns. Datasets are numbered as gnuplot does: panel by panel first
 * the series that have runs, then the bounds. */
#include "report/script.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/escape.h"

#include <math.h>

static void put_number(double v, struct sb_buf *out)
{
    char text[32];

    if (isnan(v)) {
        sb_buf_puts(out, "NaN");
        return;
    }
    sb_format_real(v, text);
    sb_buf_puts(out, text);
}

static void put_row(struct sb_buf *out, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sb_buf_puts(out, i ? " " : "");
        put_number(values[i], out);
    }
    sb_buf_puts(out, "\n");
}

static void put_comment(struct sb_buf *out, const char *head, const char *text)
{
    sb_buf_printf(out, "# %s", head);
    sb_escape_comment(text, out);
    sb_buf_puts(out, "\n");
}

const char *sb_panel_x_label(const struct sb_drawing *drawing, const struct sb_panel *panel)
{
    return panel->x_label ? panel->x_label : drawing->figure->x_label;
}

static void data_head(const struct sb_drawing *drawing, const struct sb_panel *panel, size_t index,
                      const char *what, const char *label, struct sb_buf *out)
{
    sb_buf_printf(out, "%s# index %zu, %s", index ? "\n\n" : "", index, what);
    if (*label)
        sb_buf_puts(out, ": ");
    sb_escape_comment(label, out);
    sb_buf_puts(out, "\n");
    if (*panel->label)
        put_comment(out, "panel: ", panel->label);
    sb_buf_puts(out, "# 1 ");
    sb_escape_comment(sb_panel_x_label(drawing, panel), out);
}

/* Steps begin at 0 and last to the end of the axis; `until` is where each ends. */
static void data_steps(const struct sb_series *series, const struct sb_shown *x, struct sb_buf *out)
{
    double begin = x->lo, row[5] = { x->lo, 0, NAN, NAN, NAN };

    for (size_t i = 0; i < series->n; i++) {
        const struct sb_dot *p = &series->points[i];

        if (isnan(p->y))
            continue;
        if (p->x > begin) {
            row[0] = begin;
            row[4] = p->x;
            put_row(out, row, 5);
        }
        begin = p->x;
        row[1] = p->y;
        row[2] = p->lo;
        row[3] = p->hi;
    }
    row[0] = begin;
    row[4] = x->hi;
    put_row(out, row, 5);
    if (begin < x->hi) {
        row[0] = x->hi;
        put_row(out, row, 5);
    }
}

static void data_series(const struct sb_drawing *drawing, const struct sb_panel *panel,
                        const struct sb_series *series, size_t index, struct sb_buf *out)
{
    const struct sb_shown x = sb_panel_x(panel, drawing->figure);

    data_head(drawing, panel, index, "runs", series->label, out);
    sb_buf_printf(out, "; 2 %s; 3, 4 from, to (%s)%s\n", drawing->figure->y_label,
                  drawing->figure->bars,
                  drawing->figure->mark == SB_MARK_STEPS ? "; 5 where the step ends" : "");
    if (drawing->figure->mark == SB_MARK_STEPS) {
        data_steps(series, &x, out);
        return;
    }
    for (size_t i = 0; i < series->n; i++) {
        const struct sb_dot *p = &series->points[i];

        if (!isnan(p->y))
            put_row(out, (const double[]){ p->x, p->y, p->lo, p->hi }, 4);
    }
}

static void put_curve_row(double x, double bound, double inside, struct sb_buf *out)
{
    const double values[] = { x, bound, inside };

    for (size_t i = 0; i < SB_COUNT(values); i++) {
        sb_buf_puts(out, i ? " " : "");
        if (isnan(values[i]))
            sb_buf_puts(out, "?");
        else
            put_number(values[i], out);
    }
    sb_buf_puts(out, "\n");
}

/* Where a line between two points of a logarithmic axis meets the bottom of the frame. gnuplot
 * would shade up to the point below it instead. */
static void put_crossing(const struct sb_dot *a, const struct sb_dot *b, double bottom,
                         struct sb_buf *out)
{
    const double share = log(bottom / a->bound) / log(b->bound / a->bound);

    put_curve_row(a->x + share * (b->x - a->x), NAN, bottom, out);
}

static void data_curve(const struct sb_drawing *drawing, const struct sb_panel *panel,
                       const struct sb_curve *curve, size_t index, struct sb_buf *out)
{
    const bool is_log = drawing->figure->y_axis != SB_AXIS_LINEAR;
    const double bottom = sb_drawing_y(drawing).lo;

    data_head(drawing, panel, index, "bound", curve->label, out);
    sb_buf_printf(out, "; 2 %s; 3 the part inside of the frame\n", drawing->figure->bound);
    for (size_t i = 0; i < curve->n; i++) {
        const struct sb_dot *p = &curve->points[i];
        const bool inside = !is_log || p->bound >= bottom;

        if (is_log && i > 0 && inside != (p[-1].bound >= bottom))
            put_crossing(p - 1, p, bottom, out);
        put_curve_row(p->x, p->bound, inside ? p->bound : NAN, out);
    }
}

void sb_script_data(const struct sb_drawing *drawing, const struct sb_script_source *source,
                    struct sb_buf *out)
{
    size_t index = 0;

    put_comment(out, "", drawing->figure->title);
    put_comment(out, "", drawing->setting);
    put_comment(out, "database: ", source->database);
    put_comment(out, "made by: ", source->command);
    for (size_t i = 0; i < drawing->n; i++) {
        const struct sb_panel *panel = &drawing->panels[i];

        for (size_t j = 0; j < panel->n; j++)
            if (panel->series[j].has_runs)
                data_series(drawing, panel, &panel->series[j], index++, out);
        for (size_t j = 0; j < panel->n_curves; j++)
            data_curve(drawing, panel, &panel->curves[j], index++, out);
    }
}
