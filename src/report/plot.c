/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing as files. All are made in a folder of their own beside where they belong, and moved
 * when the last one is complete. */
#include "report/plot.h"

#include "base/memory.h"
#include "report/files.h"
#include "report/gnuplot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_text(const char *folder, const char *name, const char *ending, struct sb_buf *text,
                      struct sb_diag *diag)
{
    char *path SB_FREE = sb_printf("%s/%s.%s", folder, name, ending);

    return path ? sb_file_write(path, text, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");
}

/* The same input gives the same file: the time that a terminal wrote becomes a fixed one. */
static int fix_time(const struct sb_picture *picture, const char *path, struct sb_diag *diag)
{
    const size_t n = picture->time_mark ? strlen(picture->time_mark) : 0;
    size_t skip = picture->is_latex; /* its first such line is the version's */
    struct sb_buf text;
    int error;

    if (n == 0)
        return 0;
    sb_buf_init(&text);
    error = sb_file_read(path, &text, diag);
    for (size_t i = 0; !error && i + n + strlen(picture->time_text) <= text.n; i++) {
        if (memcmp(text.data + i, picture->time_mark, n) != 0 || skip-- > 0)
            continue;
        memcpy(text.data + i + n, picture->time_text, strlen(picture->time_text));
        break;
    }
    if (!error)
        error = sb_file_write(path, &text, diag);
    sb_buf_fini(&text);
    return error;
}

/* The three files, complete, in `folder`. */
static int draw(const struct sb_drawing *drawing, const struct sb_script_source *source,
                const struct sb_picture *picture, const char *folder, const char *name,
                struct sb_diag *diag)
{
    char *script SB_FREE = sb_printf("./%s.gp", name);
    char *path SB_FREE = sb_printf("%s/%s.%s", folder, name, picture->ending);
    struct sb_buf data, commands;
    int error = script && path ? 0 : sb_diag_fail(diag, -ENOMEM, "out of memory");

    sb_buf_init(&data);
    sb_buf_init(&commands);
    sb_script_data(drawing, source, &data);
    sb_script_commands(drawing, picture, name, &commands);
    if (!error)
        error = write_text(folder, name, "dat", &data, diag);
    if (!error)
        error = write_text(folder, name, "gp", &commands, diag);
    if (!error)
        error = sb_gnuplot_run(folder, script, diag);
    if (!error)
        error = fix_time(picture, path, diag);
    sb_buf_fini(&data);
    sb_buf_fini(&commands);
    return error;
}

enum { N_FILES = 3 };

static int check_free(const char *prefix, const char *const endings[N_FILES], bool force,
                      struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < N_FILES && !error; i++) {
        char *path SB_FREE = sb_printf("%s.%s", prefix, endings[i]);

        if (!path)
            return sb_diag_fail(diag, -ENOMEM, "out of memory");
        error = sb_file_replaceable(path, diag);
        if (!error && !force && access(path, F_OK) == 0)
            error = sb_diag_fail(diag, -EINVAL,
                                 "%s exists: --force replaces it, --out=PREFIX takes another name",
                                 path);
    }
    return error;
}

static int place(const char *folder, const char *name, const char *prefix, const char *ending,
                 struct sb_diag *diag)
{
    char *from SB_FREE = sb_printf("%s/%s.%s", folder, name, ending);
    char *to SB_FREE = sb_printf("%s.%s", prefix, ending);

    if (!from || !to)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    return rename(from, to)
               ? sb_diag_fail(diag, -EIO, "%s cannot be written: %s", to, strerror(errno))
               : 0;
}

/* It stands in file names and in the script. */
static int check_name(const char *name, struct sb_diag *diag)
{
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return sb_diag_fail(diag, -EINVAL,
                                "--out: a file name without control characters is "
                                "expected");
    return *name ? 0 : sb_diag_fail(diag, -EINVAL, "--out: expected the beginning of a file name");
}

int sb_plot_files(const struct sb_drawing *drawing, const struct sb_script_source *source,
                  const struct sb_picture *picture, const char *prefix, bool force,
                  struct sb_diag *diag)
{
    const char *const endings[N_FILES] = { "dat", "gp", picture->ending };
    const char *name = sb_path_name(prefix);
    char *parent SB_FREE = sb_path_folder(prefix);
    struct sb_drafts drafts = { 0 };
    int error = check_name(name, diag);

    if (!error && !parent)
        error = sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!error)
        error = check_free(prefix, endings, force, diag);
    if (!error)
        error = sb_drafts_make(parent, &drafts, diag);
    if (!error)
        error = draw(drawing, source, picture, drafts.folder, name, diag);
    for (size_t i = 0; i < N_FILES && !error; i++)
        error = place(drafts.folder, name, prefix, endings[i], diag);
    sb_drafts_remove(&drafts);
    return error;
}

int sb_plot_svg(const struct sb_drawing *drawing, struct sb_buf *out, struct sb_diag *diag)
{
    const struct sb_script_source source = { "", "" };
    const char *parent = getenv("TMPDIR");
    struct sb_drafts drafts = { 0 };
    char *path SB_FREE = NULL;
    int error = sb_drafts_make(parent && *parent ? parent : "/tmp", &drafts, diag);

    if (!error)
        error = draw(drawing, &source, &sb_picture_inline, drafts.folder, "figure", diag);
    if (!error) {
        path = sb_printf("%s/figure.svg", drafts.folder);
        error = path ? sb_file_read(path, out, diag) : sb_diag_fail(diag, -ENOMEM, "out of memory");
    }
    sb_drafts_remove(&drafts);
    return error;
}
