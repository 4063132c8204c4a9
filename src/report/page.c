/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page: a section an experiment, each of the same parts. A part that shows rows of the
 * database's tables is an entry of a list; those that show views and figures go by their names. */
#include "report/page.h"

#include "base/memory.h"
#include "config.h"
#include "report/escape.h"
#include "report/html.h"
#include "report/plot.h"
#include "store/stepping.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const char sb_report_script[];

enum {
    ROWS_MOST = 100,  /* of a view */
    PANELS_MOST = 12, /* of a figure */
    EXPERIMENTS_MOST = 64
};

struct page {
    struct sb_store *store;
    const char *path;
    struct sb_buf *out;
    struct sb_diag *diag;
    size_t n_figures;
};

static int out_of_memory(struct sb_diag *diag)
{
    return sb_diag_fail(diag, -ENOMEM, "out of memory");
}

static void text(const struct page *page, const char *s)
{
    sb_html_text(page->out, s);
}

static void put(const struct page *page, const char *markup)
{
    sb_buf_puts(page->out, markup);
}

/* A statement of the page's own, ?1 bound to the experiment's name. */
static int prepare(const struct page *page, const char *sql, const char *name, sqlite3_stmt **out)
{
    sqlite3 *db = sb_store_handle(page->store);

    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK)
        return sb_diag_fail(page->diag, -EIO, "%s: %s", page->path, sqlite3_errmsg(db));
    if (name)
        sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC);
    return 0;
}

/* --- tables of the section --- */

#define RUNS_OF "FROM run r JOIN experiment e ON e.id = r.experiment WHERE e.name = ?1 "

struct part {
    const char *title, *sql;
    const char *none; /* said where there are no rows */
    const char *note; /* said above them, or NULL */
};

static const struct part what_ran[] = {
    { "What ran",
      "SELECT seed, statbed_version AS statbed, git_state AS 'commit', compiler, cpu, isolation,\n"
      "  created, file, yaml_digest FROM experiment WHERE name = ?1 ORDER BY id",
      "Nothing.", NULL },
    { "Learners",
      "SELECT r.learner, r.learner_digest, r.isolation, count(*) AS runs " RUNS_OF
      "AND NOT stale GROUP BY r.learner, r.learner_digest, r.isolation ORDER BY min(r.id)",
      "None has run.", NULL },
    { "In sum",
      "SELECT count(*) AS runs, sum(success) AS won, sum(n_queries) AS asked,\n"
      "  sum(n_answered) AS answered, sum(n_labels) AS labelled, sum(n_examples) AS examples,\n"
      "  round(sum(seconds), 1) AS seconds " RUNS_OF
      "AND NOT stale AND status NOT IN ('running', 'interrupted')",
      "Nothing.", "Runs that have ended and are by the learners' latest build." },
    { 0 },
};

static const struct part how_it_ended[] = {
    { "Bounds",
      "SELECT b.name, theorem, applies, problem, prior, convention,\n"
      "  success_probability AS for_success, count(*) AS runs,\n"
      "  iif(min(log2_queries) = max(log2_queries), printf('%.4g', min(log2_queries)),\n"
      "    printf('%.4g to %.4g', min(log2_queries), max(log2_queries))) AS log2_queries,\n"
      "  iif(min(b.at_tolerance) = max(b.at_tolerance), printf('%.6g', min(b.at_tolerance)),\n"
      "    printf('%.6g to %.6g', min(b.at_tolerance), max(b.at_tolerance))) AS at_tolerance,\n"
      "  why FROM bound b JOIN run r ON r.id = b.run JOIN experiment e ON e.id = r.experiment\n"
      "WHERE e.name = ?1 AND NOT stale AND b.name <> 'played' GROUP BY b.name, theorem, applies, "
      "problem, prior,\n"
      "  convention, success_probability, why ORDER BY min(b.id)",
      "No bound is known for these settings.",
      "A bound with applies = 0 is no bound here: a condition of it, named under why, is not "
      "met." },
    { "Runs that did not end as they should",
      "SELECT r.id AS run, label || ', repeat ' || repeat AS cell, r.learner, status, detail,\n"
      "  message " RUNS_OF "AND NOT stale AND status <> 'finished' ORDER BY r.id",
      "None: every run finished.",
      "Runs that are running, interrupted or killed were cut short: statbed run does them again." },
    { "Stale runs",
      "SELECT r.learner, r.learner_digest, count(*) AS runs " RUNS_OF
      "AND stale GROUP BY 1, 2 ORDER BY 1, 2",
      "None: no learner was rebuilt since.",
      "By an earlier build of the learner. They are kept, and no number on this page counts "
      "them." },
    { 0 },
};

static int put_part(const struct page *page, const struct part *part, const char *name)
{
    const struct sb_html_table table = { .caption = part->title };
    sqlite3_stmt *stmt = NULL;
    struct sb_buf rows;
    uint64_t n = 0;
    int error = prepare(page, part->sql, name, &stmt);

    sb_buf_init(&rows);
    if (!error)
        error = sb_html_rows(stmt, &table, &rows, &n, page->diag);
    if (!error) {
        const char *note = n ? part->note : part->none;

        sb_buf_printf(page->out, "<h3>%s</h3>\n", part->title);
        if (note) {
            put(page, "<p class=\"note\">");
            text(page, note);
            put(page, "</p>\n");
        }
        sb_buf_bytes(page->out, rows.data, rows.n);
    }
    page->out->failed = page->out->failed || rows.failed;
    sb_buf_fini(&rows);
    sqlite3_finalize(stmt);
    return error;
}

static int put_parts(const struct page *page, const struct part *parts, const char *name)
{
    int error = 0;

    for (; parts->title && !error; parts++)
        error = put_part(page, parts, name);
    return error;
}

/* --- views --- */

static const char *const views[] = {
    "run_summary",        "scaling",          "success_by_tolerance",
    "success_by_queries", "success_frontier", "separation",
    "adversary",          "queries_vs_bound", NULL
};

/* experiment=NAME; a comma in the name does not part it. */
static char *filter_of(const char *name)
{
    struct sb_buf filter;
    char *copy;

    sb_buf_init(&filter);
    sb_buf_puts(&filter, "experiment=");
    for (; *name; name++) {
        if (*name == ',')
            sb_buf_puts(&filter, "\\");
        sb_buf_bytes(&filter, name, 1);
    }
    copy = sb_strdup(sb_buf_str(&filter));
    sb_buf_fini(&filter);
    return copy;
}

/* statbed VERB VIEW experiment=NAME --db=PATH, as a shell takes it. */
static char *command_of(const struct page *page, const char *verb, const char *view,
                        const char *filter)
{
    struct sb_buf line;
    char *copy;

    sb_buf_init(&line);
    sb_buf_printf(&line, "statbed %s %s ", verb, view);
    sb_escape_shell(filter, &line);
    sb_buf_puts(&line, " --db=");
    sb_escape_shell(page->path, &line);
    copy = sb_strdup(sb_buf_str(&line));
    sb_buf_fini(&line);
    return copy;
}

static int put_view(const struct page *page, const char *name, const char *filter)
{
    char *command SB_FREE = command_of(page, "table", name, filter);
    struct sb_select select = { .filters = &filter, .n_filters = 1 };
    struct sb_rows rows = { 0 };
    uint64_t n = 0;
    int error = command ? sb_rows_view(name, &select.view, page->diag) : out_of_memory(page->diag);

    if (!error)
        error = sb_rows_of_view(page->store, &select, &rows, page->diag);
    if (!error) {
        const struct sb_html_table table = { name, command, ROWS_MOST, rows.setting };

        sb_buf_printf(page->out, "<h3>%s</h3>\n<p class=\"note\">", name);
        text(page, select.view->summary);
        put(page, "</p>\n");
        error = sb_html_rows(rows.stmt, &table, page->out, &n, page->diag);
        if (n == 0)
            put(page, "<p>No rows.</p>\n");
    }
    sb_rows_fini(&rows);
    return error;
}

/* --- figures --- */

/* In words: what is drawn, and of what. */
static char *figure_alt(const struct sb_drawing *drawing)
{
    struct sb_buf alt;
    char *copy;

    sb_buf_init(&alt);
    sb_buf_printf(&alt, "%s: %s against %s. %s.", drawing->figure->title, drawing->figure->y_label,
                  sb_panel_x_label(drawing, &drawing->panels[0]), drawing->setting);
    if (drawing->n > 1)
        sb_buf_printf(&alt, " %zu panels.", drawing->n);
    sb_buf_puts(&alt, " Series: ");
    for (size_t i = 0; i < drawing->panels[0].n; i++)
        sb_buf_printf(&alt, "%s%s", i ? "; " : "", drawing->panels[0].series[i].label);
    sb_buf_puts(&alt, ". The numbers are in the tables below.");
    copy = sb_strdup(sb_buf_str(&alt));
    sb_buf_fini(&alt);
    return copy;
}

static void put_caption(const struct page *page, const struct sb_drawing *drawing, size_t n_panels,
                        const char *command)
{
    sb_buf_printf(page->out, "<figcaption><strong>Figure %zu. ", page->n_figures);
    text(page, drawing->figure->title);
    put(page, ".</strong> ");
    text(page, drawing->setting);
    put(page, ". ");
    text(page, drawing->figure->caption);
    if (n_panels > drawing->n)
        sb_buf_printf(page->out, " The first %zu of %zu panels.", drawing->n, n_panels);
    put(page, "<br><code>");
    text(page, command);
    put(page, "</code></figcaption>\n</figure>\n");
}

/* Of so many panels: how wide on a screen, and is it to fit a printed page with its caption? */
static const char *figure_class(size_t n)
{
    enum { ON_A_PAGE = 6 };

    if (n == 1)
        return " class=\"one\"";
    return n <= ON_A_PAGE ? " class=\"page\"" : "";
}

static int put_drawing(struct page *page, struct sb_drawing *drawing, const char *command)
{
    const size_t n_panels = drawing->n;
    char prefix[32];
    char *alt SB_FREE = NULL;
    struct sb_buf svg;
    int error;

    sb_drawing_keep(drawing, PANELS_MOST);
    alt = figure_alt(drawing);
    sb_buf_init(&svg);
    error = alt ? sb_plot_svg(drawing, &svg, page->diag) : out_of_memory(page->diag);
    if (!error && !sb_buf_str(&svg))
        error = out_of_memory(page->diag);
    if (!error) {
        page->n_figures++;
        snprintf(prefix, sizeof(prefix), "f%zu-", page->n_figures);
        sb_buf_printf(page->out, "<figure%s>\n", figure_class(drawing->n));
        sb_buf_printf(page->out,
                      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Figure "
                      "%zu\">\n",
                      page->n_figures);
        sb_html_svg(sb_buf_str(&svg), prefix, alt, page->out);
        put(page, "</div>\n");
        put_caption(page, drawing, n_panels, command);
    }
    sb_buf_fini(&svg);
    return error;
}

/* Figures of one place on their axis say no more than the tables. */
static int put_figure(struct page *page, const struct sb_figure *figure, const char *filter)
{
    char *command SB_FREE = command_of(page, "plot", figure->view, filter);
    struct sb_drawing drawing = { 0 };
    int error = command ? sb_drawing_read(page->store, figure, &filter, 1, &drawing, page->diag)
                        : out_of_memory(page->diag);

    if (error)
        return error;
    if (sb_drawing_spreads(&drawing))
        error = put_drawing(page, &drawing, command);
    sb_drawing_fini(&drawing);
    return error;
}

static int put_figures(struct page *page, const char *filter)
{
    const size_t before = page->n_figures;
    int error = 0;

    put(page, "<h3>Figures</h3>\n");
    for (const struct sb_figure *figure = sb_figures; figure->view && !error; figure++)
        error = put_figure(page, figure, filter);
    if (page->n_figures == before)
        put(page, "<p>None: no runs have ended, or there is one place on each axis.</p>\n");
    return error;
}

/* --- a section --- */

/* The latest text of the experiment and its claim. */
static int put_experiment(const struct page *page, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    bool found = false;
    int error = prepare(page,
                        "SELECT claim, yaml, count(*) OVER () FROM experiment WHERE name = ?1\n"
                        "ORDER BY id DESC",
                        name, &stmt);

    if (!error)
        error = sb_step_next(page->store, stmt, &found, page->diag);
    if (!error && found) {
        const char *claim = (const char *)sqlite3_column_text(stmt, 0);

        if (claim && *claim) {
            put(page, "<p class=\"claim\">");
            text(page, claim);
            put(page, "</p>\n");
        }
        put(page, "<details open>\n<summary>The experiment's file");
        put(page, sqlite3_column_int(stmt, 2) > 1 ? " (the latest of several)" : "");
        put(page, "</summary>\n<pre tabindex=\"0\">");
        text(page, (const char *)sqlite3_column_text(stmt, 1));
        put(page, "</pre>\n</details>\n");
    }
    sqlite3_finalize(stmt);
    return error;
}

static void put_replay(const struct page *page, const char *name)
{
    struct sb_buf command;

    sb_buf_init(&command);
    sb_escape_shell(name, &command);
    sb_buf_puts(&command, ".yaml --db=");
    sb_escape_shell(page->path, &command);
    put(page, "<h3>To check it</h3>\n<p>Save the experiment's file as <code>");
    text(page, name);
    put(page, ".yaml</code>. This runs every cell again and compares every query with the "
              "database, bit for bit:</p>\n<pre tabindex=\"0\">statbed replay ");
    text(page, command.failed ? "" : sb_buf_str(&command));
    put(page, "</pre>\n");
    sb_buf_fini(&command);
}

static int put_section(struct page *page, const char *name, size_t number)
{
    char *filter SB_FREE = filter_of(name);
    int error;

    if (!filter)
        return out_of_memory(page->diag);
    sb_buf_printf(page->out, "<section id=\"e%zu\">\n<h2>", number);
    text(page, name);
    put(page, "</h2>\n");
    error = put_experiment(page, name);
    if (!error)
        error = put_parts(page, what_ran, name);
    if (!error)
        error = put_figures(page, filter);
    for (size_t i = 0; views[i] && !error; i++)
        error = put_view(page, views[i], filter);
    if (!error)
        error = put_parts(page, how_it_ended, name);
    if (!error)
        put_replay(page, name);
    put(page, "</section>\n");
    return error;
}

/* --- the page --- */

struct names {
    char *items[EXPERIMENTS_MOST]; /* owned */
    size_t n, n_all;
};

static int add_name(const struct page *page, const char *name, struct names *out)
{
    if (out->n_all++ >= EXPERIMENTS_MOST)
        return 0;
    out->items[out->n] = sb_strdup(name);
    return out->items[out->n++] ? 0 : out_of_memory(page->diag);
}

static int read_names(const struct page *page, struct names *out)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    int error =
        prepare(page, "SELECT name FROM experiment GROUP BY name ORDER BY min(id)", NULL, &stmt);

    while (!error && !(error = sb_step_next(page->store, stmt, &more, page->diag)) && more)
        error = add_name(page, sb_step_text(stmt, 0), out);
    sqlite3_finalize(stmt);
    if (!error && out->n == 0)
        error = sb_diag_fail(page->diag, -EINVAL,
                             "%s has no experiment to report: run one into it first", page->path);
    return error;
}

static void put_title(const struct page *page, const struct names *names)
{
    const char *title = names->n == 1 ? names->items[0] : page->path;

    put(page, sb_report_head);
    put(page, "<title>");
    text(page, title);
    put(page, " - statbed</title>\n</head>\n<body>\n<header>\n<h1>");
    text(page, title);
    put(page, "</h1>\n<p>Statistical-query learners against lower bounds: what was asked, what "
              "succeeded, and what is proven. From the database <code>");
    text(page, page->path);
    put(page, "</code>.</p>\n</header>\n");
}

static void put_contents(const struct page *page, const struct names *names)
{
    put(page, "<nav aria-label=\"Contents\">\n<ul>\n");
    for (size_t i = 0; i < names->n; i++) {
        sb_buf_printf(page->out, "<li><a href=\"#e%zu\">", i + 1);
        text(page, names->items[i]);
        put(page, "</a></li>\n");
    }
    put(page, "<li><a href=\"#columns\">What the columns mean</a></li>\n"
              "<li><a href=\"#cite\">To cite</a></li>\n</ul>\n</nav>\n<main>\n");
    if (names->n_all > names->n)
        sb_buf_printf(page->out, "<p class=\"bad\">The first %zu of %zu experiments.</p>\n",
                      names->n, names->n_all);
}

static void put_end(const struct page *page)
{
    put(page,
        "<section id=\"columns\">\n<h2>What the columns mean</h2>\n"
        "<p>Logarithms are base 2, flags are 0 or 1, an empty cell has no value.</p>\n<dl>\n");
    for (const struct sb_column *column = sb_columns; column->name; column++) {
        sb_buf_printf(page->out, "<dt>%s</dt><dd>", column->name);
        text(page, column->meaning);
        put(page, "</dd>\n");
    }
    put(page, "</dl>\n</section>\n<section id=\"cite\">\n<h2>To cite</h2>\n<p>The statbed authors: "
              "<cite>statbed: a simulator of statistical-query oracles</cite>, version " SB_VERSION
              ". And the papers whose theorems the bounds above are.</p>\n</section>\n</main>\n");
    put(page, sb_report_script);
}

static int put_page(struct page *page)
{
    struct names names = { 0 };
    int error = read_names(page, &names);

    if (!error) {
        put_title(page, &names);
        put_contents(page, &names);
    }
    for (size_t i = 0; i < names.n && !error; i++)
        error = put_section(page, names.items[i], i + 1);
    if (!error)
        put_end(page);
    for (size_t i = 0; i < names.n; i++)
        free(names.items[i]);
    return error;
}

/* All of it reads one state of the database, while a run may be under way. */
int sb_report_page(struct sb_store *store, const char *path, struct sb_buf *out,
                   struct sb_diag *diag)
{
    struct page page = { .store = store, .path = path, .out = out, .diag = diag };
    sqlite3 *db = sb_store_handle(store);
    int error;

    if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return sb_diag_fail(diag, -EIO, "%s: %s", path, sqlite3_errmsg(db));
    error = put_page(&page);
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (!error && out->failed)
        error = out_of_memory(diag);
    return error;
}
