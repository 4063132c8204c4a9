/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure's rows as panels, series and curves of bounds. What is the same everywhere is said once,
 * above; a panel and a series are named by what tells them from others. */
#include "report/figure.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What stands behind a row's panel and series columns. */
enum {
    COLUMN_X,
    COLUMN_Y,
    COLUMN_LO,
    COLUMN_HI,
    COLUMN_BOUND,
    COLUMN_X_LABEL,
    COLUMN_X_DOWN,
    N_VALUES
};

static int out_of_memory(struct sb_diag *diag)
{
    return sb_diag_fail(diag, -ENOMEM, "out of memory");
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts && i < n; i++)
        free(texts[i]);
    free(texts);
}

static void panel_fini(struct sb_panel *panel, const struct sb_figure *figure)
{
    for (size_t i = 0; i < panel->n; i++) {
        free_texts(panel->series[i].cells, figure->n_series);
        free(panel->series[i].label);
        free(panel->series[i].points);
    }
    for (size_t i = 0; i < panel->n_curves; i++) {
        free(panel->curves[i].label);
        free(panel->curves[i].points);
        free(panel->curves[i].members);
    }
    free(panel->series);
    free(panel->curves);
    free_texts(panel->cells, figure->n_panel);
    free(panel->label);
    free(panel->x_label);
}

void sb_drawing_fini(struct sb_drawing *drawing)
{
    for (size_t i = 0; i < drawing->n; i++)
        panel_fini(&drawing->panels[i], drawing->figure);
    free(drawing->panels);
    free(drawing->setting);
}

void sb_drawing_keep(struct sb_drawing *drawing, size_t most)
{
    while (drawing->n > most)
        panel_fini(&drawing->panels[--drawing->n], drawing->figure);
}

bool sb_drawing_spreads(const struct sb_drawing *drawing)
{
    for (size_t i = 0; i < drawing->n; i++)
        for (size_t j = 0; j < drawing->panels[i].n; j++)
            if (drawing->figure->mark == SB_MARK_STEPS || drawing->panels[i].series[j].n > 1)
                return true;
    return false;
}

/* --- rows --- */

/* A column as a label's part: a text alone, a number behind its column's name. */
static char *cell_text(sqlite3_stmt *stmt, int column)
{
    const int type = sqlite3_column_type(stmt, column);
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    char number[32];

    if (type == SQLITE_NULL)
        return sb_strdup("");
    if (type == SQLITE_TEXT)
        return sb_strdup(text);
    sb_format_real(sqlite3_column_double(stmt, column), number);
    return sb_printf("%s %s", sqlite3_column_name(stmt, column), number);
}

/* The texts of n columns from `first` on, owned; NULL where memory is out. */
static char **row_cells(sqlite3_stmt *stmt, size_t first, size_t n)
{
    char **cells = SB_NEW_ARRAY(char *, n);

    for (size_t i = 0; cells && i < n; i++) {
        cells[i] = cell_text(stmt, (int)(first + i));
        if (!cells[i]) {
            free_texts(cells, n);
            return NULL;
        }
    }
    return cells;
}

static bool same_cells(char *const *a, char *const *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

/* The panel of these cells, which it takes; a new one where there is none. NULL: out of memory. */
static struct sb_panel *panel_of(struct sb_drawing *drawing, char **cells)
{
    const size_t n_cells = drawing->figure->n_panel;
    struct sb_panel *panels;

    for (size_t i = 0; i < drawing->n; i++) {
        if (same_cells(drawing->panels[i].cells, cells, n_cells)) {
            free_texts(cells, n_cells);
            return &drawing->panels[i];
        }
    }
    panels = sb_grow(drawing->panels, &drawing->cap, drawing->n + 1, sizeof(*panels));
    if (!panels) {
        free_texts(cells, n_cells);
        return NULL;
    }
    drawing->panels = panels;
    panels[drawing->n] = (struct sb_panel){ .cells = cells };
    return &panels[drawing->n++];
}

static struct sb_series *series_of(struct sb_panel *panel, char **cells, size_t n_cells)
{
    struct sb_series *series;

    for (size_t i = 0; i < panel->n; i++) {
        if (same_cells(panel->series[i].cells, cells, n_cells)) {
            free_texts(cells, n_cells);
            return &panel->series[i];
        }
    }
    series = sb_grow(panel->series, &panel->cap, panel->n + 1, sizeof(*series));
    if (!series) {
        free_texts(cells, n_cells);
        return NULL;
    }
    panel->series = series;
    series[panel->n] = (struct sb_series){ .cells = cells };
    return &series[panel->n++];
}

static double real_or_nan(sqlite3_stmt *stmt, int column)
{
    const double v = sqlite3_column_double(stmt, column);
    const int type = sqlite3_column_type(stmt, column);

    return (type == SQLITE_INTEGER || type == SQLITE_FLOAT) && isfinite(v) ? v : NAN;
}

static bool add_point(struct sb_series *series, sqlite3_stmt *stmt, int first)
{
    struct sb_dot *points = sb_grow(series->points, &series->cap, series->n + 1, sizeof(*points));
    struct sb_dot *p;

    if (!points)
        return false;
    series->points = points;
    p = &points[series->n];
    *p = (struct sb_dot){
        .x = real_or_nan(stmt, first + COLUMN_X),
        .y = real_or_nan(stmt, first + COLUMN_Y),
        .lo = real_or_nan(stmt, first + COLUMN_LO),
        .hi = real_or_nan(stmt, first + COLUMN_HI),
        .bound = real_or_nan(stmt, first + COLUMN_BOUND),
    };
    if (isnan(p->x))
        return true;
    series->n++;
    series->has_runs = series->has_runs || !isnan(p->y);
    series->has_bound = series->has_bound || !isnan(p->bound);
    return true;
}

static bool add_row(struct sb_drawing *drawing, sqlite3_stmt *stmt)
{
    const struct sb_figure *figure = drawing->figure;
    const int values = (int)(figure->n_panel + figure->n_series);
    char **cells = row_cells(stmt, 0, figure->n_panel);
    struct sb_panel *panel = cells ? panel_of(drawing, cells) : NULL;
    struct sb_series *series;
    const char *x_label;

    if (!panel)
        return false;
    x_label = (const char *)sqlite3_column_text(stmt, values + COLUMN_X_LABEL);
    if (x_label && !panel->x_label && !(panel->x_label = sb_strdup(x_label)))
        return false;
    panel->x_down = panel->x_down || sqlite3_column_int(stmt, values + COLUMN_X_DOWN);
    cells = row_cells(stmt, figure->n_panel, figure->n_series);
    series = cells ? series_of(panel, cells, figure->n_series) : NULL;
    return series && add_point(series, stmt, values);
}

static int read_rows(struct sb_store *store, sqlite3_stmt *stmt, struct sb_drawing *drawing,
                     struct sb_diag *diag)
{
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
        if (!add_row(drawing, stmt))
            return out_of_memory(diag);
    return code == SQLITE_DONE
               ? 0
               : sb_diag_fail(diag, -EIO, "the figure of %s: %s", drawing->figure->view,
                              sqlite3_errmsg(sb_store_handle(store)));
}

/* --- order --- */

static int by_x(const void *a, const void *b)
{
    const struct sb_dot *p = a, *q = b;

    return (p->x > q->x) - (p->x < q->x);
}

static void drop_series(struct sb_panel *panel, size_t i, size_t n_cells)
{
    free_texts(panel->series[i].cells, n_cells);
    free(panel->series[i].points);
    panel->n--;
    memmove(&panel->series[i], &panel->series[i + 1], (panel->n - i) * sizeof(panel->series[0]));
}

/* Points by rising x; series and panels without a point go. */
static void tidy(struct sb_drawing *drawing)
{
    for (size_t i = drawing->n; i-- > 0;) {
        struct sb_panel *panel = &drawing->panels[i];

        for (size_t j = panel->n; j-- > 0;) {
            if (panel->series[j].n == 0)
                drop_series(panel, j, drawing->figure->n_series);
            else
                qsort(panel->series[j].points, panel->series[j].n, sizeof(struct sb_dot), by_x);
        }
        if (panel->n > 0)
            continue;
        panel_fini(panel, drawing->figure);
        drawing->n--;
        memmove(panel, panel + 1, (drawing->n - i) * sizeof(*panel));
    }
}

/* --- names --- */

static void put_part(struct sb_buf *out, const char *part)
{
    if (*part)
        sb_buf_printf(out, "%s%s", out->n ? ", " : "", part);
}

static char *taken(struct sb_buf *buf)
{
    char *text = sb_strdup(sb_buf_str(buf));

    sb_buf_fini(buf);
    return text;
}

static bool panels_differ(const struct sb_drawing *drawing, size_t cell)
{
    for (size_t i = 1; i < drawing->n; i++)
        if (strcmp(drawing->panels[i].cells[cell], drawing->panels[0].cells[cell]) != 0)
            return true;
    return false;
}

static bool series_differ(const struct sb_drawing *drawing, size_t cell)
{
    const char *first = drawing->panels[0].series[0].cells[cell];

    for (size_t i = 0; i < drawing->n; i++)
        for (size_t j = 0; j < drawing->panels[i].n; j++)
            if (strcmp(drawing->panels[i].series[j].cells[cell], first) != 0)
                return true;
    return false;
}

/* A text of the setting, with its column's name, as above a table. */
static void put_setting(struct sb_buf *out, sqlite3_stmt *stmt, size_t column, const char *cell)
{
    const char *name = sqlite3_column_name(stmt, (int)column);

    if (strncmp(cell, name, strlen(name)) == 0 && cell[strlen(name)] == ' ')
        put_part(out, cell);
    else if (*cell)
        sb_buf_printf(out, "%s%s %s", out->n ? ", " : "", name, cell);
}

static char *name_setting(const struct sb_drawing *drawing, sqlite3_stmt *stmt)
{
    const struct sb_figure *figure = drawing->figure;
    struct sb_buf out;

    sb_buf_init(&out);
    for (size_t i = 0; i < figure->n_panel; i++)
        if (!panels_differ(drawing, i))
            put_setting(&out, stmt, i, drawing->panels[0].cells[i]);
    for (size_t i = 0; i < figure->n_series; i++)
        if (!series_differ(drawing, i))
            put_setting(&out, stmt, figure->n_panel + i, drawing->panels[0].series[0].cells[i]);
    return taken(&out);
}

/* Does every panel's cell hold this part, of those between ", "? */
static bool all_have(const struct sb_drawing *drawing, size_t cell, const char *part)
{
    for (size_t i = 0; i < drawing->n; i++) {
        char *padded SB_FREE = sb_printf(", %s, ", drawing->panels[i].cells[cell]);
        char *wanted SB_FREE = sb_printf(", %s, ", part);

        if (!padded || !wanted || !strstr(padded, wanted))
            return false;
    }
    return true;
}

/* Of a panel's cell the parts that not all panels have. */
static void put_difference(const struct sb_drawing *drawing, const struct sb_panel *panel,
                           size_t cell, struct sb_buf *out)
{
    for (const char *rest = panel->cells[cell]; *rest;) {
        const char *end = strstr(rest, ", ");
        char *part SB_FREE = sb_strndup(rest, end ? (size_t)(end - rest) : strlen(rest));

        if (!part)
            out->failed = true;
        else if (!all_have(drawing, cell, part))
            put_part(out, part);
        rest = end ? end + 2 : "";
    }
}

static char *name_panel(const struct sb_drawing *drawing, const struct sb_panel *panel)
{
    struct sb_buf out;

    sb_buf_init(&out);
    for (size_t i = 0; i < drawing->figure->n_panel; i++)
        if (panels_differ(drawing, i))
            put_difference(drawing, panel, i, &out);
    if (!out.n && drawing->n > 1)
        sb_buf_puts(&out, "as given");
    return taken(&out);
}

static char *name_series(const struct sb_drawing *drawing, const struct sb_series *series)
{
    struct sb_buf out;

    sb_buf_init(&out);
    for (size_t i = 0; i < drawing->figure->n_series; i++)
        if (series_differ(drawing, i))
            put_part(&out, series->cells[i]);
    if (!out.n)
        sb_buf_puts(&out, "runs");
    return taken(&out);
}

static bool name_all(struct sb_drawing *drawing, sqlite3_stmt *stmt)
{
    drawing->setting = name_setting(drawing, stmt);
    if (!drawing->setting)
        return false;
    for (size_t i = 0; i < drawing->n; i++) {
        struct sb_panel *panel = &drawing->panels[i];

        panel->label = name_panel(drawing, panel);
        if (!panel->label)
            return false;
        for (size_t j = 0; j < panel->n; j++) {
            panel->series[j].label = name_series(drawing, &panel->series[j]);
            if (!panel->series[j].label)
                return false;
        }
    }
    return true;
}

/* --- bounds --- */

/* Do a curve and a series agree where both say something, and do they meet at all? */
static bool agree(const struct sb_curve *curve, const struct sb_series *series)
{
    bool meet = false;

    for (size_t i = 0; i < series->n; i++) {
        for (size_t j = 0; j < curve->n && !isnan(series->points[i].bound); j++) {
            if (curve->points[j].x != series->points[i].x)
                continue;
            if (curve->points[j].bound != series->points[i].bound)
                return false;
            meet = true;
        }
    }
    return meet;
}

static bool curve_has(const struct sb_curve *curve, double x)
{
    for (size_t i = 0; i < curve->n; i++)
        if (curve->points[i].x == x)
            return true;
    return false;
}

static bool join_curve(struct sb_curve *curve, const struct sb_series *series, size_t index)
{
    size_t *members =
        sb_grow(curve->members, &curve->cap_members, curve->n_members + 1, sizeof(*members));
    struct sb_dot *points;

    if (!members)
        return false;
    curve->members = members;
    members[curve->n_members++] = index;
    points = sb_grow(curve->points, &curve->cap, curve->n + series->n, sizeof(*points));
    if (!points)
        return false;
    curve->points = points;
    for (size_t i = 0; i < series->n; i++)
        if (!isnan(series->points[i].bound) && !curve_has(curve, series->points[i].x))
            points[curve->n++] = series->points[i];
    qsort(points, curve->n, sizeof(*points), by_x);
    return true;
}

static struct sb_curve *curve_of(struct sb_panel *panel, const struct sb_series *series)
{
    struct sb_curve *curves;

    for (size_t i = 0; i < panel->n_curves; i++)
        if (agree(&panel->curves[i], series))
            return &panel->curves[i];
    curves = sb_grow(panel->curves, &panel->cap_curves, panel->n_curves + 1, sizeof(*curves));
    if (!curves)
        return NULL;
    panel->curves = curves;
    curves[panel->n_curves] = (struct sb_curve){ 0 };
    return &curves[panel->n_curves++];
}

/* What all members of a curve have in common and other series of the figure have not. */
static char *name_curve(const struct sb_drawing *drawing, const struct sb_panel *panel,
                        const struct sb_curve *curve)
{
    const struct sb_series *first = &panel->series[curve->members[0]];
    struct sb_buf out;

    sb_buf_init(&out);
    for (size_t i = 0; i < drawing->figure->n_series && panel->n_curves > 1; i++) {
        bool same = series_differ(drawing, i);

        for (size_t j = 1; j < curve->n_members; j++)
            same = same && strcmp(panel->series[curve->members[j]].cells[i], first->cells[i]) == 0;
        if (same)
            put_part(&out, first->cells[i]);
    }
    return taken(&out);
}

static bool gather_curves(struct sb_drawing *drawing, struct sb_panel *panel)
{
    for (size_t i = 0; i < panel->n; i++) {
        struct sb_curve *curve;

        if (!panel->series[i].has_bound)
            continue;
        curve = curve_of(panel, &panel->series[i]);
        if (!curve || !join_curve(curve, &panel->series[i], i))
            return false;
    }
    for (size_t i = 0; i < panel->n_curves; i++) {
        panel->curves[i].label = name_curve(drawing, panel, &panel->curves[i]);
        if (!panel->curves[i].label)
            return false;
    }
    return true;
}

/* --- all of it --- */

static int arrange(struct sb_drawing *drawing, sqlite3_stmt *stmt, struct sb_diag *diag)
{
    tidy(drawing);
    if (drawing->n == 0)
        return 0;
    if (!name_all(drawing, stmt))
        return out_of_memory(diag);
    for (size_t i = 0; i < drawing->n; i++)
        if (!gather_curves(drawing, &drawing->panels[i]))
            return out_of_memory(diag);
    return 0;
}

/* The view's filtered rows as the text of a SELECT; to be freed by sqlite3_free. */
static int shown_rows(struct sb_store *store, const struct sb_figure *figure,
                      const char *const *filters, size_t n_filters, char **out,
                      struct sb_diag *diag)
{
    struct sb_select select = { .filters = filters, .n_filters = n_filters };
    struct sb_rows rows = { 0 };
    int error = sb_rows_view(figure->view, &select.view, diag);

    if (!error)
        error = sb_rows_of_view(store, &select, &rows, diag);
    if (error)
        return error;
    *out = sqlite3_expanded_sql(rows.stmt);
    sb_rows_fini(&rows);
    return *out ? 0 : out_of_memory(diag);
}

static int prepare(struct sb_store *store, const struct sb_figure *figure, const char *shown,
                   sqlite3_stmt **out, struct sb_diag *diag)
{
    char *select SB_FREE = sb_printf("WITH shown AS (%s)\n%s", shown, figure->select);
    sqlite3 *db = sb_store_handle(store);

    if (!select)
        return out_of_memory(diag);
    return sqlite3_prepare_v2(db, select, -1, out, NULL) == SQLITE_OK
               ? 0
               : sb_diag_fail(diag, -EIO, "the figure of %s: %s", figure->view, sqlite3_errmsg(db));
}

int sb_drawing_read(struct sb_store *store, const struct sb_figure *figure,
                    const char *const *filters, size_t n_filters, struct sb_drawing *out,
                    struct sb_diag *diag)
{
    struct sb_drawing drawing = { .figure = figure };
    sqlite3_stmt *stmt = NULL;
    char *shown = NULL;
    int error = shown_rows(store, figure, filters, n_filters, &shown, diag);

    if (!error)
        error = prepare(store, figure, shown, &stmt, diag);
    if (!error)
        error = read_rows(store, stmt, &drawing, diag);
    if (!error)
        error = arrange(&drawing, stmt, diag);
    if (!error)
        error = sb_drawing_look(store, &drawing, diag);
    sqlite3_finalize(stmt);
    sqlite3_free(shown);
    if (error)
        sb_drawing_fini(&drawing);
    else
        *out = drawing;
    return error;
}
