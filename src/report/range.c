/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of its axes a panel shows. */
#include "report/figure.h"

#include <math.h>

static void widen(struct sb_shown *range, double v)
{
    if (isnan(v))
        return;
    if (isnan(range->lo) || v < range->lo)
        range->lo = v;
    if (isnan(range->hi) || v > range->hi)
        range->hi = v;
}

/* A margin of a share of the axis on both sides. */
static void pad(struct sb_shown *range, enum sb_axis axis)
{
    if (axis == SB_AXIS_LINEAR) {
        const double by = range->hi > range->lo ? 0.06 * (range->hi - range->lo) : 1;

        range->lo -= by;
        range->hi += by;
    } else {
        const double by = range->hi > range->lo ? pow(range->hi / range->lo, 0.05) : 2;

        range->lo /= by;
        range->hi *= by;
    }
}

struct sb_shown sb_panel_x(const struct sb_panel *panel, const struct sb_figure *figure)
{
    struct sb_shown range = { NAN, NAN };

    for (size_t i = 0; i < panel->n; i++)
        for (size_t j = 0; j < panel->series[i].n; j++)
            widen(&range, panel->series[i].points[j].x);
    if (figure->mark == SB_MARK_STEPS)
        return (struct sb_shown){ 1, range.hi < 2 ? 2 : 1.15 * range.hi };
    pad(&range, figure->x_axis);
    return range;
}

static void widen_panel(struct sb_shown *range, const struct sb_panel *panel)
{
    for (size_t i = 0; i < panel->n; i++) {
        for (size_t j = 0; j < panel->series[i].n; j++) {
            widen(range, panel->series[i].points[j].hi);
            widen(range, panel->series[i].points[j].y);
            widen(range, panel->series[i].points[j].bound);
        }
    }
}

/* On a logarithmic axis of counts, what is below 1 leaves the frame at the bottom. */
struct sb_shown sb_drawing_y(const struct sb_drawing *drawing)
{
    struct sb_shown range = { 1, 1 };

    if (drawing->figure->is_rate)
        return (struct sb_shown){ 0, 1.04 };
    for (size_t i = 0; i < drawing->n; i++)
        widen_panel(&range, &drawing->panels[i]);
    return (struct sb_shown){ 0.7, range.hi < 2 ? 4 : range.hi * 1.6 };
}
