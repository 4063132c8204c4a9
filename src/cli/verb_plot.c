/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed plot: a view as a figure, drawn by gnuplot. */
#include "cli/cli.h"
#include "report/escape.h"
#include "report/gnuplot.h"
#include "report/plot.h"
#include "store/table.h"

#include <errno.h>
#include <string.h>

enum { PANELS_MOST = 24 };

/* The drawing's rows are all there, and not too many for a page. */
static int check_drawing(const struct sb_drawing *drawing, const char *database,
                         struct sb_diag *diag)
{
    if (drawing->n == 0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: there is nothing to draw in %s; see statbed table %s",
                            drawing->figure->view, database, drawing->figure->view);
    if (drawing->n > PANELS_MOST)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: this would be a figure of %zu panels, and at most %d are drawn: "
                            "take a part of the rows by filters, such as dim=8",
                            drawing->figure->view, drawing->n, PANELS_MOST);
    return 0;
}

static int read_drawing(const char *database, const struct sb_figure *figure,
                        const struct sb_args *args, struct sb_drawing *out, struct sb_diag *diag)
{
    struct sb_store *store = NULL;
    int error = sb_store_open(database, SB_STORE_READ, &store, diag);

    if (!error)
        error = sb_drawing_read(store, figure, args->operands + 1, args->n_operands - 1, out, diag);
    sb_store_close(store, NULL);
    return error;
}

/* The command that writes the data again, for its head. */
static char *command_line(const struct sb_args *args, const char *database)
{
    struct sb_buf line;
    char *copy;

    sb_buf_init(&line);
    sb_buf_puts(&line, "statbed plot");
    for (size_t i = 0; i < args->n_operands; i++) {
        sb_buf_puts(&line, " ");
        sb_escape_shell(args->operands[i], &line);
    }
    sb_buf_puts(&line, " --db=");
    sb_escape_shell(database, &line);
    copy = sb_strdup(sb_buf_str(&line));
    sb_buf_fini(&line);
    return copy;
}

static int plot(const struct sb_args *args, const struct sb_figure *figure, const char *database,
                struct sb_diag *diag)
{
    const struct sb_picture *picture = sb_picture_find(sb_args_value(args, "format"));
    const char *out = sb_args_value(args, "out");
    const char *prefix = out ? out : figure->view;
    char *command SB_FREE = command_line(args, database);
    const struct sb_script_source source = { database, command };
    struct sb_drawing drawing = { 0 };
    int error = command ? read_drawing(database, figure, args, &drawing, diag)
                        : sb_diag_fail(diag, -ENOMEM, "out of memory");

    if (!error)
        error = check_drawing(&drawing, database, diag);
    if (!error)
        error =
            sb_plot_files(&drawing, &source, picture, prefix, sb_args_given(args, "force"), diag);
    if (!error) {
        struct sb_buf line;

        sb_buf_init(&line);
        sb_buf_printf(&line, "wrote %s.dat, %s.gp and %s.%s\n", prefix, prefix, prefix,
                      picture->ending);
        error = sb_put(&line, diag);
        sb_buf_fini(&line);
    }
    sb_drawing_fini(&drawing);
    return error;
}

static int verb_plot(const struct sb_args *args, struct sb_diag *diag)
{
    const struct sb_figure *figure;
    char *database SB_FREE = NULL;
    int error = sb_figure_find(args->operands[0], &figure, diag);

    if (!error)
        error = sb_gnuplot_present(diag);
    if (!error)
        error = sb_database_find(sb_args_value(args, "db"), &database, diag);
    return error ? error : plot(args, figure, database, diag);
}

static const struct sb_option options[] = {
    SB_OPTION_DB("the database to read; default the one in results/, the newest of several"),
    { "format", "pdf|svg|png|tikz", "pdf", "what is drawn", 0 },
    { "out", "PREFIX", NULL, "writes PREFIX.dat, PREFIX.gp and the picture; default FIGURE", 0 },
    { "force", NULL, NULL, "replaces files that are there", 0 },
    SB_OPTION_END
};

const struct sb_verb sb_verb_plot = {
    .name = "plot",
    .group = SB_GROUP_RESULTS,
    .operands = "FIGURE [FILTER...]",
    .summary = "draws a view as a figure beside its bound, by gnuplot",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes =
        "Writes the data as plain columns (.dat), a gnuplot script that reads them and may be "
        "edited (.gp), and the picture. A .tex of --format=tikz needs gnuplot-lua-tikz.sty, which "
        "`gnuplot -e 'set terminal tikz createstyle'` writes. A FIGURE has the name of the view "
        "that it "
        "shows; a FILTER is as of statbed table.\n",
    .examples = "  statbed plot scaling learner~bent\n"
                "  statbed plot success_by_tolerance --format=svg --out=figures/tolerance\n",
    .main = verb_plot,
};
