/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The progress line: rewritten in place on standard error where that is a terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

static void show(void *self, size_t done, size_t total, const char *line)
{
    char *text SB_FREE = sb_printf("%zu/%zu  %s", done, total, line ? line : "");

    (void)self;
    if (text)
        fprintf(stderr, "\r\033[K%.*s", terminal_width(), text);
}

static void note(void *self, const char *line)
{
    (void)self;
    fprintf(stderr, "statbed: %s\n", line);
}

int sb_run_with_progress(const struct sb_experiment *experiment, struct sb_store *store,
                         const struct sb_run_options *options, bool quiet,
                         struct sb_run_outcome *out, struct sb_diag *diag)
{
    const bool follow = !quiet && isatty(STDERR_FILENO);
    struct sb_run_options followed = *options;
    int error;

    followed.progress = follow ? show : NULL;
    followed.note = note;
    error = sb_experiment_run(experiment, store, &followed, out, diag);
    if (follow)
        fputs("\r\033[K", stderr);
    return error;
}
