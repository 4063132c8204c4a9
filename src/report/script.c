/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing as a .gp: gnuplot commands that read the .dat. Every text from the database passes
 * put_text. */
#include "report/script.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/escape.h"

#include <math.h>
#include <string.h>

const struct sb_picture sb_pictures[] = {
    { .name = "pdf",
      .ending = "pdf",
      .terminal = "pdfcairo noenhanced font 'sans,9' linewidth 1.2",
      .unit = 1,
      .small = 8,
      .time_mark = "/CreationDate (D:",
      .time_text = "19700101000000Z" },
    { .name = "svg",
      .ending = "svg",
      .terminal = "svg dynamic noenhanced font 'sans-serif,12' background rgb 'white'",
      .unit = 96,
      .small = 11 },
    { .name = "png",
      .ending = "png",
      .terminal = "pngcairo noenhanced font 'sans,9' fontscale 2 linewidth 2.2 pointscale 2",
      .unit = 200,
      .small = 8 },
    { .name = "tikz",
      .ending = "tex",
      .terminal = "tikz font '\\small'",
      .unit = 1,
      .is_latex = true,
      .in_page = true,
      .time_mark = "\n%% ",
      .time_text = "Thu Jan  1 00:00:00 1970" },
    { 0 },
};

const struct sb_picture sb_picture_inline = {
    .name = "svg",
    .ending = "svg",
    .terminal = "svg dynamic noenhanced font 'sans-serif,12'",
    .unit = 96,
    .small = 11,
    .in_page = true,
};

const struct sb_picture *sb_picture_find(const char *name)
{
    for (const struct sb_picture *picture = sb_pictures; picture->name; picture++)
        if (strcmp(picture->name, name) == 0)
            return picture;
    return NULL;
}

enum {
    LABEL_MOST = 72,   /* characters of a label */
    SETTING_LINE = 68, /* characters of a line above the figure */
    TICS_MOST = 12
};
/* Inches. */
static const double panel_width = 4.8, panel_height = 3.5, line_height = 0.17;

/* --- the look of a series --- */

/* Okabe and Ito's colours, which the colour-blind tell apart, without the yellow, which is faint on
 * paper, and without the black, which is the bound's. */
static const char *const colours[] = { "#0072B2", "#D55E00", "#009E73",
                                       "#CC79A7", "#56B4E9", "#E69F00" };
/* Filled and open in turn, the open ones larger: one still shows behind another. */
static const struct {
    int type;
    double size;
} marks[] = { { 7, 0.8 }, { 4, 1.4 }, { 9, 1 },  { 12, 1.7 },
              { 5, 0.8 }, { 6, 1.4 }, { 11, 1 }, { 8, 1.6 } };
static const char *const dashes[] = { "1", "(10,4)", "(2,3)", "(10,3,2,3)", "(6,3,2,3,2,3)" };

static const char *colour_of(const struct sb_series *series)
{
    return colours[series->colour % SB_COUNT(colours)];
}

static const char *dashes_of(const struct sb_figure *figure, const struct sb_series *series)
{
    if (figure->second)
        return series->is_second ? "(2,3)" : "1";
    return dashes[series->mark % SB_COUNT(dashes)];
}

static double size_of(const struct sb_series *series)
{
    return marks[series->mark % SB_COUNT(marks)].size * (series->is_second ? 0.6 : 1);
}

struct script {
    const struct sb_drawing *drawing;
    const struct sb_picture *picture;
    struct sb_buf *out;
    size_t index; /* of the next dataset */
};

/* A text as a string of gnuplot's, in the picture's language. */
static void put_text(const struct script *s, const char *text)
{
    struct sb_buf line, latex;

    sb_buf_init(&line);
    sb_buf_init(&latex);
    sb_escape_line(text, LABEL_MOST, &line);
    if (s->picture->is_latex && !line.failed)
        sb_escape_latex(sb_buf_str(&line), &latex);
    if (line.failed || latex.failed)
        s->out->failed = true;
    else
        sb_escape_gnuplot(sb_buf_str(s->picture->is_latex ? &latex : &line), s->out);
    sb_buf_fini(&line);
    sb_buf_fini(&latex);
}

/* "lead: text", or the one that there is. */
static void put_named(const struct script *s, const char *lead, const char *text)
{
    char *joined SB_FREE = *text ? sb_printf("%s: %s", lead, text) : sb_strdup(lead);

    if (joined)
        put_text(s, joined);
    else
        s->out->failed = true;
}

/* How much of the setting stands on its next line: whole parts where they fit. */
static size_t setting_line(const char *text)
{
    size_t n = strlen(text), cut = 0;

    if (n <= SETTING_LINE)
        return n;
    for (size_t i = 0; i < SETTING_LINE; i++)
        if (text[i] == ',' && text[i + 1] == ' ')
            cut = i + 1;
    return cut ? cut : SETTING_LINE;
}

/* Lines above the figure: the title, then the setting. */
static void put_heading(const struct script *s)
{
    const char *text = s->drawing->setting;
    size_t n = 1;

    put_text(s, s->drawing->figure->title);
    while (*text && n < 6) {
        const size_t length = setting_line(text);
        char *line SB_FREE = sb_strndup(text, length);

        sb_buf_puts(s->out, ".\"\\n\".");
        put_text(s, line ? line : "");
        text += length + strspn(text + length, " ");
        n++;
    }
}

/* Entries of a panel's key: series, those without a bound, bounds, bars. */
static size_t key_lines(const struct sb_panel *panel)
{
    return panel->n + panel->n_curves + 2;
}

static size_t most_key_lines(const struct sb_drawing *drawing)
{
    size_t most = 0;

    for (size_t i = 0; i < drawing->n; i++)
        if (key_lines(&drawing->panels[i]) > most)
            most = key_lines(&drawing->panels[i]);
    return most;
}

static size_t heading_lines(const struct sb_drawing *drawing)
{
    const char *text = drawing->setting;
    size_t n = 1;

    for (; *text && n < 6; n++) {
        text += setting_line(text);
        text += strspn(text, " ");
    }
    return n;
}

static void put_file(const struct script *s, const char *name, const char *ending)
{
    char *path SB_FREE = sb_printf("./%s.%s", name, ending);

    if (path)
        sb_escape_gnuplot(path, s->out);
    else
        s->out->failed = true;
    sb_buf_puts(s->out, "\n");
}

static void put_terminal(const struct script *s, const char *name)
{
    const struct sb_drawing *drawing = s->drawing;
    const struct sb_picture *picture = s->picture;
    const size_t columns = drawing->n > 1 ? 2 : 1, rows = (drawing->n + columns - 1) / columns;
    const double heading =
        picture->in_page ? 0 : line_height * (double)(heading_lines(drawing) + 1);
    const double width = panel_width * (double)columns;
    const double height =
        heading + (double)rows * (panel_height + line_height * (double)most_key_lines(drawing));

    sb_buf_printf(s->out,
                  picture->unit == 1 ? "set terminal %s size %.2fin,%.2fin\n"
                                     : "set terminal %s size %.0f,%.0f\n",
                  picture->terminal, width * picture->unit, height * picture->unit);
    sb_buf_puts(s->out, "set encoding utf8\nset output ");
    put_file(s, name, picture->ending);
    sb_buf_puts(s->out, "data = ");
    put_file(s, name, "dat");
}

/* --- a panel --- */

static void put_number(struct sb_buf *out, double v)
{
    char text[32];

    sb_format_real(v, text);
    sb_buf_puts(out, text);
}

/* The values of x that occur, in order; 0: more than TICS_MOST. */
static size_t distinct_x(const struct sb_panel *panel, double x[static TICS_MOST])
{
    size_t n = 0;

    for (size_t i = 0; i < panel->n; i++) {
        for (size_t j = 0; j < panel->series[i].n; j++) {
            const double v = panel->series[i].points[j].x;
            size_t k = 0;

            while (k < n && x[k] != v)
                k++;
            if (k == TICS_MOST)
                return 0;
            x[k] = v;
            n += k == n;
        }
    }
    return n;
}

static void put_x_tics(const struct script *s, const struct sb_panel *panel)
{
    double x[TICS_MOST];
    const size_t n = s->drawing->figure->x_data_tics ? distinct_x(panel, x) : 0;

    if (n == 0) {
        sb_buf_puts(s->out, "set xtics autofreq\n");
        return;
    }
    sb_buf_puts(s->out, "set xtics (");
    for (size_t i = 0; i < n; i++) {
        sb_buf_puts(s->out, i ? ", '" : "'");
        put_number(s->out, x[i]);
        sb_buf_puts(s->out, "' ");
        put_number(s->out, x[i]);
    }
    sb_buf_puts(s->out, ")\n");
}

static void put_range(const struct script *s, const char *axis, struct sb_shown range, bool down)
{
    sb_buf_printf(s->out, "set %srange [", axis);
    put_number(s->out, down ? range.hi : range.lo);
    sb_buf_puts(s->out, ":");
    put_number(s->out, down ? range.lo : range.hi);
    sb_buf_puts(s->out, "]\n");
}

/* Powers of two that are not too many; counts are written out where they are short. */
static void put_log2_tics(const struct script *s, const char *axis, struct sb_shown range)
{
    const double step = exp2(ceil(log2(range.hi / range.lo) / 9));

    sb_buf_printf(s->out, "set %stics %.0f\n", axis, step);
    if (range.hi <= 1e5)
        sb_buf_printf(s->out, "set format %s '%%.0f'\n", axis);
    else
        sb_buf_printf(s->out, "set format %s '%s'\n", axis,
                      s->picture->is_latex ? "$2^{%L}$" : "2^%L");
}

static void put_axes(const struct script *s, const struct sb_panel *panel)
{
    const struct sb_figure *figure = s->drawing->figure;
    const struct sb_shown x = sb_panel_x(panel, figure), y = sb_drawing_y(s->drawing);

    put_range(s, "x", x, panel->x_down);
    put_range(s, "y", y, false);
    put_x_tics(s, panel);
    if (figure->x_axis == SB_AXIS_LOG2)
        put_log2_tics(s, "x", x);
    if (figure->y_axis == SB_AXIS_LOG2)
        put_log2_tics(s, "y", y);
    sb_buf_puts(s->out, "set xlabel ");
    put_text(s, sb_panel_x_label(s->drawing, panel));
    sb_buf_puts(s->out, s->picture->is_latex ? "" : ".\"\\n\""); /* room above the key */
    sb_buf_puts(s->out, "\nset title ");
    put_text(s, panel->label);
    sb_buf_puts(s->out, "\n");
}

static void put_continue(const struct script *s)
{
    sb_buf_puts(s->out, ", \\\n     ");
}

/* The side of the bound where nobody can be. */
static void put_shade(const struct script *s, size_t index)
{
    const struct sb_shown y = sb_drawing_y(s->drawing);

    sb_buf_printf(s->out, "data index %zu using 1:3 with filledcurves y1=", index);
    put_number(s->out, s->drawing->figure->bound_above ? y.hi : y.lo);
    sb_buf_puts(s->out, " fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle");
    put_continue(s);
}

static void put_points(const struct script *s, const struct sb_series *series)
{
    const char *colour = colour_of(series);
    const size_t mark = series->mark % SB_COUNT(marks);

    sb_buf_printf(s->out,
                  "data index %zu using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor "
                  "'%s' notitle",
                  s->index, colour);
    put_continue(s);
    sb_buf_printf(
        s->out,
        "data index %zu using 1:2 with linespoints linewidth 1.6 linecolor '%s' pointtype "
        "%d pointsize %g dashtype %s title ",
        s->index, colour, marks[mark].type, size_of(series), dashes_of(s->drawing->figure, series));
    put_text(s, series->label);
}

static void put_steps(const struct script *s, const struct sb_series *series)
{
    const char *colour = colour_of(series);

    sb_buf_printf(s->out,
                  "data index %zu using 1:2:1:5:3:4 with boxxyerror fillcolor '%s' fillstyle "
                  "transparent solid 0.15 noborder notitle",
                  s->index, colour);
    put_continue(s);
    sb_buf_printf(
        s->out, "data index %zu using 1:2 with steps linewidth 2 linecolor '%s' dashtype %s title ",
        s->index, colour, dashes_of(s->drawing->figure, series));
    put_text(s, series->label);
}

static void put_series(struct script *s, const struct sb_panel *panel)
{
    for (size_t i = 0; i < panel->n; i++) {
        const struct sb_series *series = &panel->series[i];

        if (!series->has_runs) {
            sb_buf_printf(s->out, "keyentry with points linecolor '%s' pointtype %d title ",
                          colour_of(series), marks[series->mark % SB_COUNT(marks)].type);
            put_named(s, s->drawing->figure->none, series->label);
        } else {
            if (s->drawing->figure->mark == SB_MARK_STEPS)
                put_steps(s, series);
            else
                put_points(s, series);
            s->index++;
        }
        put_continue(s);
    }
}

/* Between the dots of a curve it is only drawn on; one of a single point is a cross. */
static const char *curve_style(const struct script *s, const struct sb_curve *curve)
{
    if (curve->n == 1)
        return "points pointtype 2 pointsize 1.5";
    return s->drawing->figure->mark == SB_MARK_STEPS ? "lines"
                                                     : "linespoints pointtype 7 pointsize 0.5";
}

/* The only curve is black, one of several has the colour of its first series. */
static void put_curve(const struct script *s, const struct sb_panel *panel,
                      const struct sb_curve *curve)
{
    const bool alone = panel->n_curves == 1;

    sb_buf_printf(s->out,
                  "data index %zu using 1:2 with %s linewidth 3 linecolor '%s' dashtype (6,4) "
                  "title ",
                  s->index, curve_style(s, curve),
                  alone ? "#000000" : colour_of(&panel->series[curve->members[0]]));
    put_named(s, s->drawing->figure->bound, curve->label);
}

/* A line of the key that has no mark: which series have no bound. */
static void put_no_bound(const struct script *s, const struct sb_panel *panel)
{
    struct sb_buf names;
    size_t n = 0;

    sb_buf_init(&names);
    for (size_t i = 0; i < panel->n; i++)
        if (!panel->series[i].has_bound)
            sb_buf_printf(&names, "%s%s", n++ ? "; " : "", panel->series[i].label);
    if (n > 0 && s->drawing->figure->bound) {
        sb_buf_puts(s->out, "keyentry with lines linecolor '#ffffff' title ");
        put_named(s, n == panel->n ? "no bound applies" : "no bound applies to",
                  n == panel->n || names.failed ? "" : sb_buf_str(&names));
        put_continue(s);
    }
    s->out->failed = s->out->failed || names.failed;
    sb_buf_fini(&names);
}

static void put_bars(const struct script *s)
{
    sb_buf_puts(s->out, "keyentry with lines linecolor '#ffffff' title ");
    put_text(s, s->drawing->figure->bars);
}

/* gnuplot does not draw axes for a key alone. */
static void put_nothing(const struct script *s)
{
    sb_buf_puts(s->out, "NaN notitle");
    put_continue(s);
}

static void put_panel(struct script *s, const struct sb_panel *panel)
{
    size_t first = s->index;

    sb_buf_puts(s->out, "\n");
    put_axes(s, panel);
    sb_buf_puts(s->out, "plot ");
    for (size_t i = 0; i < panel->n; i++)
        first += panel->series[i].has_runs;
    if (first == s->index && panel->n_curves == 0)
        put_nothing(s);
    if (panel->n_curves == 1)
        put_shade(s, first);
    put_series(s, panel);
    for (size_t i = 0; i < panel->n_curves; i++) {
        put_curve(s, panel, &panel->curves[i]);
        put_continue(s);
        s->index++;
    }
    put_no_bound(s, panel);
    put_bars(s);
    sb_buf_puts(s->out, "\n");
}

/* --- all --- */

static void put_settings(const struct script *s)
{
    const struct sb_figure *figure = s->drawing->figure;
    static const char *const scale[] = { NULL, "set logscale %s 2\n", "set logscale %s 10\n" };

    if (scale[figure->x_axis])
        sb_buf_printf(s->out, scale[figure->x_axis], "x");
    if (scale[figure->y_axis])
        sb_buf_printf(s->out, scale[figure->y_axis], "y");
    sb_buf_puts(s->out, "set ylabel ");
    put_text(s, figure->y_label);
    sb_buf_printf(s->out,
                  "\nset datafile missing '?'\nset border 3 linewidth 0.8\nset tics nomirror "
                  "out\nset mxtics 1\nset mytics 1\n"
                  "set grid xtics ytics linewidth 0.4 linecolor '#d0d0d0' dashtype 1\n"
                  "set key outside below left Left reverse maxcols 1 samplen 4");
    if (s->picture->small)
        sb_buf_printf(s->out, " font ',%d'", s->picture->small);
    sb_buf_puts(s->out, "\n");
}

void sb_script_commands(const struct sb_drawing *drawing, const struct sb_picture *picture,
                        const char *name, struct sb_buf *out)
{
    struct script s = { .drawing = drawing, .picture = picture, .out = out };
    const size_t columns = drawing->n > 1 ? 2 : 1;

    sb_buf_puts(out, "# Written by statbed plot; edit it and run gnuplot on it in its folder.\n");
    put_terminal(&s, name);
    put_settings(&s);
    sb_buf_printf(out, "set multiplot layout %zu,%zu", (drawing->n + columns - 1) / columns,
                  columns);
    if (!picture->in_page) {
        sb_buf_puts(out, " title ");
        put_heading(&s);
        if (picture->small)
            sb_buf_printf(out, " font ',%d'", picture->small);
    }
    sb_buf_puts(out, "\n");
    for (size_t i = 0; i < drawing->n; i++)
        put_panel(&s, &drawing->panels[i]);
    sb_buf_puts(out, "\nunset multiplot\nunset output\n");
}
