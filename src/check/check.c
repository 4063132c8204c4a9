/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs checks, each in a process of its own: forked, told through a pipe, ended by its time limit.
 * What the plugin prints there is caught, and its last line told where the process dies. */
#include "check/check.h"

#include "base/fuse.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHECKS_MAX = 32, TOLD_MAX = 1 << 16, LAST_LINE = 160, LOG_MAX = 64 << 20 };

const char *sb_check_result_name(int result)
{
    static const char *const names[] = { "ok", "warn", "skip", "FAIL" };

    return result >= 0 && (size_t)result < SB_COUNT(names) ? names[result] : "FAIL";
}

static int say(struct sb_check_context *context, int result, const char *fmt, va_list ap)
{
    char text[2048];

    vsnprintf(text, sizeof text, fmt, ap);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    sb_buf_clear(&context->line);
    sb_buf_puts(&context->line, text);
    return result;
}

#define SAY(name, result)                                                                          \
    int name(struct sb_check_context *context, const char *fmt, ...)                               \
    {                                                                                              \
        va_list ap;                                                                                \
        int said;                                                                                  \
                                                                                                   \
        va_start(ap, fmt);                                                                         \
        said = say(context, result, fmt, ap);                                                      \
        va_end(ap);                                                                                \
        return said;                                                                               \
    }
SAY(sb_check_ok, SB_CHECK_OK)
SAY(sb_check_warn, SB_CHECK_WARNED)
SAY(sb_check_skip, SB_CHECK_SKIPPED)
SAY(sb_check_fail, SB_CHECK_FAILED)

int sb_check_usage(struct sb_check_context *context, const struct sb_diag *diag)
{
    sb_check_fail(context, "%s", diag->n_items ? diag->items[0].text : "a mistake without a name");
    return -EINVAL;
}

struct sb_key sb_check_key(const struct sb_check_context *context, const char *purpose)
{
    uint8_t material[8];

    for (size_t i = 0; i < sizeof material; i++)
        material[i] = (uint8_t)(context->seed >> (8 * i));
    return sb_key_derive(purpose, material, sizeof material);
}

/* The forked side. */

static void write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        const ssize_t written = write(fd, p, n);

        if (written < 0 && errno != EINTR)
            return;
        p += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
}

/* What is printed is kept in memory: a plugin that prints without end is ended by SIGXFSZ. Only the
 * soft limit, which a learner's board needs lifted. */
static void limit_log(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur <= LOG_MAX)
        return;
    limit.rlim_cur = LOG_MAX;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void check_here(const struct sb_check *check, struct sb_check_context *context, int told,
                       int log)
{
    struct sb_buf out;
    int result;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    limit_log();
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    sb_buf_clear(&context->line);
    result = check->run(context);
    if (result < 0 && result != -EINVAL)
        result = sb_check_fail(context, "statbed itself failed: %s", strerror(-result));
    sb_buf_init(&out);
    sb_buf_u32(&out, (uint32_t)result);
    sb_buf_u64(&out, context->found);
    sb_buf_text(&out, sb_buf_str(&context->line));
    write_all(told, out.data, out.n);
    _exit(0); /* no destructors of the plugin's, no buffers of the parent's */
}

/* The parent's side. */

struct child {
    pid_t pid;
    int told, log; /* to read from */
};

static int start(const struct sb_check *check, struct sb_check_context *context, struct child *out)
{
    int pair[2];

    out->log = memfd_create("statbed-check", MFD_CLOEXEC);
    if (out->log < 0)
        return -errno;
    if (pipe2(pair, O_CLOEXEC)) {
        close(out->log);
        return -EIO;
    }
    fflush(NULL);
    out->pid = fork();
    if (out->pid == 0) {
        close(pair[0]);
        check_here(check, context, pair[1], out->log);
    }
    close(pair[1]);
    out->told = pair[0];
    if (out->pid > 0)
        return 0;
    close(out->told);
    close(out->log);
    return -EAGAIN;
}

/* What it told, up to its end; false: its time is up. */
static bool listen(const struct child *child, uint64_t seconds, struct sb_buf *out)
{
    const struct sb_fuse fuse = { seconds ? sb_now_ns() + seconds * 1000000000u : 0 };
    struct pollfd one = { .fd = child->told, .events = POLLIN };
    uint8_t bytes[4096];

    while (out->n < TOLD_MAX) {
        const int ready = poll(&one, 1, 100);
        ssize_t n;

        if (sb_fuse_blown(&fuse))
            return false;
        if (ready <= 0)
            continue;
        n = read(child->told, bytes, sizeof bytes);
        if (n == 0 || (n < 0 && errno != EINTR))
            return true;
        sb_buf_bytes(out, bytes, n > 0 ? (size_t)n : 0);
    }
    return true;
}

/* The last line that it printed, or "". */
static void last_line(int log, char out[LAST_LINE])
{
    char tail[LAST_LINE];
    const off_t size = lseek(log, 0, SEEK_END);
    const off_t from = size > LAST_LINE - 1 ? size - (LAST_LINE - 1) : 0;
    ssize_t n = pread(log, tail, LAST_LINE - 1, from);
    const char *line;

    while (n > 0 && (tail[n - 1] == '\n' || tail[n - 1] == ' '))
        n--;
    tail[n > 0 ? n : 0] = '\0';
    line = strrchr(tail, '\n');
    snprintf(out, LAST_LINE, "%s", line ? line + 1 : tail);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

/* A process that told nothing of use. */
static int tell_death(struct sb_check_context *context, int status, const char *printed)
{
    const char *quote = *printed ? "; it printed last: " : "";

    if (WIFSIGNALED(status))
        return sb_check_fail(
            context, "the process of this check was ended by signal %d (%s)%s%s", WTERMSIG(status),
            sigdescr_np(WTERMSIG(status)) ? sigdescr_np(WTERMSIG(status)) : "?", quote, printed);
    return sb_check_fail(context,
                         "the process of this check exited with code %d; a plugin must not call "
                         "exit()%s%s",
                         WEXITSTATUS(status), quote, printed);
}

static int understand(struct sb_check_context *context, const struct sb_buf *told, bool in_time,
                      int status, int log)
{
    char printed[LAST_LINE];
    struct sb_reader r;
    uint32_t result;
    uint64_t found;
    char *text SB_FREE = NULL;

    sb_reader_init(&r, told->data, told->n);
    result = sb_read_u32(&r);
    found = sb_read_u64(&r);
    text = sb_read_text(&r);
    if (in_time && !r.failed && !r.n) {
        context->found = found;
        sb_buf_clear(&context->line);
        sb_buf_puts(&context->line, text);
        return (int)result;
    }
    if (!in_time)
        return sb_check_fail(context,
                             "this check did not end within %llu s; look for an endless loop, or "
                             "give it more with --seconds",
                             (unsigned long long)context->seconds);
    last_line(log, printed);
    return tell_death(context, status, printed);
}

static int run_one(const struct sb_check *check, struct sb_check_context *context)
{
    struct child child = { 0 };
    struct sb_buf told;
    bool in_time;
    int result, status = 0;
    const int error = start(check, context, &child);

    if (error)
        return error;
    sb_buf_init(&told);
    in_time = listen(&child, context->seconds, &told);
    kill(-child.pid, SIGKILL); /* it and what it left behind; the pipe is at its end */
    kill(child.pid, SIGKILL);
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    result = understand(context, &told, in_time, status, child.log);
    sb_buf_fini(&told);
    close(child.told);
    close(child.log);
    return result;
}

static int record(struct sb_check_report *out, const struct sb_check *check, int result,
                  struct sb_check_context *context, struct sb_diag *diag)
{
    struct sb_check_outcome *item = &out->items[out->n];

    item->check = check;
    item->result = result;
    item->said = sb_strdup(sb_buf_str(&context->line));
    out->n += item->said ? 1 : 0;
    out->n_failed += result == SB_CHECK_FAILED;
    return item->said ? 0 : sb_diag_fail(diag, -ENOMEM, "out of memory");
}

static int run_checks(const struct sb_check *checks, const char *only,
                      struct sb_check_context *context, struct sb_check_report *out,
                      struct sb_diag *diag)
{
    const char *closed = NULL; /* the gate that failed */
    int error = 0;

    for (const struct sb_check *check = checks; check->name && out->n < CHECKS_MAX && !error;
         check++) {
        int result;

        if (only && !check->gate && strcmp(check->name, only) != 0)
            continue;
        sb_buf_clear(&context->line);
        if (closed)
            result = sb_check_skip(context, "the check '%s' failed", closed);
        else
            result = run_one(check, context);
        if (result == -EINVAL)
            return sb_diag_fail(diag, result, "check: %s", sb_buf_str(&context->line));
        if (result < 0)
            return sb_diag_fail(diag, result, "a check's process cannot be started: %s",
                                strerror(-result));
        if (check->gate && result == SB_CHECK_FAILED)
            closed = check->name;
        error = record(out, check, result, context, diag);
    }
    return error;
}

/* Is there a check of this name? */
static int find(const struct sb_check *checks, const char *name, struct sb_diag *diag)
{
    const char *names[CHECKS_MAX];
    const char *near;
    size_t n = 0;

    for (; n < SB_COUNT(names) && checks[n].name; n++) {
        names[n] = checks[n].name;
        if (strcmp(names[n], name) == 0)
            return 0;
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -EINVAL, "check: there is no check '%s'%s%s%s", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int sb_check_run(const struct sb_check *checks, const char *only, struct sb_check_context *context,
                 struct sb_check_report *out, struct sb_diag *diag)
{
    int error = only ? find(checks, only, diag) : 0;

    memset(out, 0, sizeof *out);
    if (error)
        return error;
    out->items = SB_NEW_ARRAY(struct sb_check_outcome, CHECKS_MAX);
    if (!out->items)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_init(&context->line);
    error = run_checks(checks, only, context, out, diag);
    sb_buf_fini(&context->line);
    if (error)
        sb_check_report_fini(out);
    return error;
}

void sb_check_report_fini(struct sb_check_report *report)
{
    for (size_t i = 0; i < report->n; i++)
        free(report->items[i].said);
    free(report->items);
    memset(report, 0, sizeof *report);
}
