/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several verbs need: the meaning of --isolation, the database to read, rows as a table. */
#include "cli/cli.h"
#include "report/escape.h"
#include "runner/learner.h"
#include "store/table.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t sb_args_isolation(const struct sb_args *args)
{
    const char *word = sb_args_value(args, "isolation");

    for (uint32_t i = SB_ISOLATION_NONE; word && i < SB_ISOLATION_SECCOMP; i++)
        if (strcmp(word, sb_isolation_name(i)) == 0)
            return i;
    return SB_ISOLATION_SECCOMP;
}

/* The newest database of a folder, so far. */
struct newest {
    char *path; /* owned */
    struct timespec time;
    size_t n;
};

static bool later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static int look_at(struct newest *newest, const char *name)
{
    const size_t n = strlen(name);
    char *path;
    struct stat s;

    if (n <= 3 || strcmp(name + n - 3, ".db") != 0)
        return 0;
    path = sb_printf("results/%s", name);
    if (!path)
        return -ENOMEM;
    if (stat(path, &s) || !S_ISREG(s.st_mode)) {
        free(path);
        return 0;
    }
    newest->n++;
    if (newest->path && !later(&s.st_mtim, &newest->time)) {
        free(path);
        return 0;
    }
    free(newest->path);
    newest->path = path;
    newest->time = s.st_mtim;
    return 0;
}

static int scan_results(struct newest *newest)
{
    DIR *dir = opendir("results");
    const struct dirent *entry;
    int error = 0;

    while (dir && !error && (entry = readdir(dir)))
        error = look_at(newest, entry->d_name);
    if (dir)
        closedir(dir);
    return error;
}

static bool is_default(const char *path)
{
    struct newest newest = { 0 };
    const bool is = scan_results(&newest) == 0 && newest.path && strcmp(newest.path, path) == 0;

    free(newest.path);
    return is;
}

char *sb_database_argument(const char *path)
{
    struct sb_buf out;
    char *argument;

    sb_buf_init(&out);
    if (!is_default(path)) {
        sb_buf_puts(&out, " --db ");
        sb_escape_shell(path, &out);
    }
    argument = sb_strdup(sb_buf_str(&out));
    sb_buf_fini(&out);
    return argument;
}

int sb_database_find(const char *given, char **path_out, struct sb_diag *diag)
{
    struct newest newest = { .path = sb_strdup(given) };
    const int error = given ? 0 : scan_results(&newest);

    if (error || (given && !newest.path)) {
        free(newest.path);
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    }
    if (!newest.path)
        return sb_diag_fail(diag, -ENOENT,
                            "there is no database in results/ here: run an experiment first "
                            "(statbed run quickstart), or name one with --db=FILE.db");
    if (newest.n > 1)
        fprintf(stderr, "statbed: reading %s, the newest of %zu databases in results/\n",
                newest.path, newest.n);
    *path_out = newest.path;
    return 0;
}

size_t sb_line_width(void)
{
    enum { ELSEWHERE = 120 }; /* files, pipes */
    struct winsize size = { 0 };

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
        return ELSEWHERE;
    return size.ws_col;
}

int sb_put_rows(const struct sb_args *args, struct sb_store *store, const struct sb_rows *rows,
                struct sb_diag *diag)
{
    struct sb_table_style style = { .line = sb_line_width(), .put = sb_put };
    struct sb_buf out;
    int error = sb_table_format(sb_args_value(args, "format"), &style.format, diag);

    if (error)
        return error;
    sb_buf_init(&out);
    error = sb_table_write(store, rows, &style, &out, diag);
    sb_buf_fini(&out);
    return error;
}
