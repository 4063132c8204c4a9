/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The progress line: rewritten in place on standard error where that is a terminal. */
#include "cli/progress.h"

#include "base/fuse.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* "0:07", "2:30:00". */
static void put_time(struct sb_buf *out, uint64_t seconds)
{
    if (seconds >= 3600)
        sb_buf_printf(out, "%llu:%02llu:%02llu", (unsigned long long)(seconds / 3600),
                      (unsigned long long)(seconds / 60 % 60), (unsigned long long)(seconds % 60));
    else
        sb_buf_printf(out, "%llu:%02llu", (unsigned long long)(seconds / 60),
                      (unsigned long long)(seconds % 60));
}

/* As if the cells to come took as long as those that were done. */
static void put_left(struct sb_buf *out, const struct sb_progress_line *line,
                     const struct sb_progress *p, uint64_t elapsed)
{
    const size_t n = p->n_done - line->n_skipped;

    if (!n || p->n_done == p->n_cells)
        return;
    sb_buf_puts(out, ", about ");
    put_time(out, (uint64_t)((double)elapsed / (double)n * (double)(p->n_cells - p->n_done)));
    sb_buf_puts(out, " left");
}

/* "12/24, 2 under way, 0:07, about 0:08 left  dimension=8 repeat 2: finished, 12 queries, success" */
static void show(void *self, const struct sb_progress *p)
{
    struct sb_progress_line *line = self;
    const uint64_t now = sb_now_ns();
    struct sb_buf out;
    const char *text;

    if (!line->start) {
        line->start = now;
        line->n_skipped = p->n_done;
    }
    if (p->line)
        snprintf(line->last, sizeof line->last, "%s", p->line);
    sb_buf_init(&out);
    sb_buf_printf(&out, "%zu/%zu", p->n_done, p->n_cells);
    if (p->n_under_way)
        sb_buf_printf(&out, ", %zu under way", p->n_under_way);
    sb_buf_puts(&out, ", ");
    put_time(&out, (now - line->start) / 1000000000u);
    put_left(&out, line, p, (now - line->start) / 1000000000u);
    sb_buf_printf(&out, "  %s", line->last);
    text = sb_buf_str(&out);
    if (text)
        fprintf(stderr, "\r\033[K%.*s", terminal_width(), text);
    sb_buf_fini(&out);
}

static void note(void *self, const char *line)
{
    (void)self;
    fprintf(stderr, "statbed: %s\n", line);
}

void sb_progress_begin(struct sb_progress_line *line, struct sb_run_options *options, bool quiet)
{
    *line = (struct sb_progress_line){ 0 };
    options->progress = !quiet && isatty(STDERR_FILENO) ? show : NULL;
    options->self = line;
}

void sb_progress_end(const struct sb_run_options *options)
{
    if (options->progress)
        fputs("\r\033[K", stderr);
}

int sb_run_with_progress(const struct sb_experiment *experiment, struct sb_store *store,
                         const struct sb_run_options *options, bool quiet,
                         struct sb_run_outcome *out, struct sb_diag *diag)
{
    struct sb_run_options followed = *options;
    struct sb_progress_line line;
    int error;

    sb_progress_begin(&line, &followed, quiet);
    followed.note = note;
    error = sb_experiment_run(experiment, store, &followed, out, diag);
    sb_progress_end(&followed);
    return error;
}
