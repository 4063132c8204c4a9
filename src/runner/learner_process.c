/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's hold on a learner's process: what is said, how it ends. Why each step is here:
 *
 *   one CPU for both    the two take turns: on one CPU a round trip costs a tenth of what it costs
 *                       across two sleeping ones.
 *   SO_RCVTIMEO         we wake every tenth of a second to look at the fuse, whatever the learner
 *                       does or leaves undone.
 *   /proc/PID/status    the kernel's own count of its filters, before the hidden member is drawn.
 *   MSG_NOSIGNAL        a learner that dies while we write is its own affair, not our SIGPIPE.
 */
#include "runner/learner_process.h"

#include "base/memory.h"
#include "base/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DESCRIBE_MAX = 1 << 20, /* bytes of a descriptor */
    EARLY_MAX = 1 << 16,    /* of a frame before the run, or in place of values */
    LOAD_SECONDS = 30,      /* for constructors, without a fuse */
    DEATH_MS = 1000         /* between a closed socket and the end of its process */
};

/* Waits for the end of the process; false: it is still alive after `ms`. */
static bool reap(struct sb_host_process *host, unsigned ms)
{
    const struct timespec nap = { 0, 1000000 };

    for (unsigned i = 0; host->pid; i++) {
        const pid_t got = waitpid(host->pid, &host->wait_status, WNOHANG);

        if (got == host->pid || (got < 0 && errno == ECHILD))
            host->pid = 0;
        else if (i >= ms)
            return false;
        else
            nanosleep(&nap, NULL);
    }
    return true;
}

static void kill_and_reap(struct sb_host_process *host)
{
    if (!host->pid)
        return;
    kill(host->pid, SIGKILL);
    while (waitpid(host->pid, &host->wait_status, 0) < 0 && errno == EINTR)
        continue;
    host->pid = 0;
}

static int look_at_fuse(void *fuse)
{
    return sb_fuse_blown(fuse) ? -ETIME : 0;
}

/* Signals that come from outside: no memory was left, the machine or the batch system is shutting
 * down, a hand. None of them is from us, for we kill only after this. */
static bool is_from_outside(int signal)
{
    return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

/* How a process that closed the socket has ended. */
static void classify(struct sb_host_process *host, uint32_t *end, int32_t *detail, char **text)
{
    const bool dead = reap(host, DEATH_MS);
    const int status = host->wait_status;

    if (!dead) {
        *end = SB_END_PROTOCOL;
        *detail = 0;
        *text = sb_strdup("the learner's process closed its channel and went on");
    } else if (WIFSIGNALED(status)) {
        *detail = WTERMSIG(status);
        *end = is_from_outside(*detail) ? SB_END_KILLED : SB_END_CRASHED;
        *text = sb_printf("the learner's process was ended by signal %d (%s)", *detail,
                          sigdescr_np(*detail) ? sigdescr_np(*detail) : "unknown");
    } else {
        *end = SB_END_EXITED;
        *detail = WEXITSTATUS(status);
        *text =
            sb_printf("the learner's process exited with code %d before the run was over", *detail);
    }
}

/* What became of a plugin that sent no descriptor. */
static int failed_to_load(struct sb_host_process *host, const char *path, int error,
                          struct sb_diag *diag)
{
    char *text SB_FREE = NULL;
    uint32_t end;
    int32_t detail;

    if (error == -ETIME)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: loading it takes too long; its constructors may not work", path);
    if (error == -EPROTO)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its process sent what is not a message; a constructor of the "
                            "plugin interferes",
                            path);
    if (error != -EPIPE)
        return sb_diag_fail(diag, -EIO, "%s: its process cannot be reached: %s", path,
                            strerror(-error));
    classify(host, &end, &detail, &text);
    return sb_diag_fail(diag, end == SB_END_KILLED ? -ECANCELED : -EINVAL,
                        "%s: while it was being loaded %s", path,
                        text ? text : "its process ended");
}

int sb_host_start(struct sb_host_process *host, const char *path, uint32_t isolation,
                  const struct sb_limits *limits, struct sb_frame *first, struct sb_diag *diag)
{
    const uint64_t seconds = limits->seconds ? limits->seconds : LOAD_SECONDS;
    struct sb_fuse fuse = { sb_now_ns() + seconds * 1000000000u };
    int error;

    memset(host, 0, sizeof *host);
    host->fd = host->log = host->filters = -1;
    error = sb_host_spawn(host, path, isolation, limits, diag);
    if (error)
        return error;
    host->line.waiting = look_at_fuse;
    host->line.self = &fuse;
    error = sb_link_read(&host->line, DESCRIBE_MAX, first);
    host->line.self = NULL;
    return error ? failed_to_load(host, path, error, diag) : 0;
}

/* The run. */

/* Which of the learner's functions had the turn: where to look for what ended its process. */
static const char *whose_turn(const struct sb_talk *talk, bool in_callback)
{
    if (in_callback)
        return talk->end->returned == SB_RETURNED_CALLBACK ? "its predictor, where y is NULL"
                                                           : "a callback";
    switch (talk->state) {
    case SB_TALK_READY:
        return "create()";
    case SB_TALK_ASK:
        return "run()";
    default:
        return "destroy()";
    }
}

/* What the learner's process did to break the conversation: its end is the run's. Returns 0, or
 * `error` where that is not the learner's doing. After END it is to exit, and that is no break. */
static int conclude(struct sb_host_process *host, struct sb_talk *talk, int error, bool in_callback)
{
    char *text SB_FREE = NULL, *line SB_FREE = NULL;
    uint32_t end;
    int32_t detail;

    switch (error) {
    case -EPIPE:
        classify(host, &end, &detail, &text);
        if (talk->state == SB_TALK_CLOSING && end == SB_END_EXITED && !detail)
            sb_talk_end(talk, SB_END_FINISHED, 0, NULL);
        else if ((line = sb_printf("%s, in %s", text ? text : "the learner's process ended",
                                   whose_turn(talk, in_callback))))
            sb_talk_end(talk, end, detail, line);
        else
            sb_talk_end(talk, end, detail, text);
        return 0;
    case -ETIME:
        sb_talk_end(talk, SB_END_SECONDS, 0, NULL);
        return 0;
    case -EPROTO:
        sb_talk_end(talk, SB_END_PROTOCOL, 0, "the learner's process sent what is not a message");
        return 0;
    default:
        return error;
    }
}

/* System-call filters of a process, as /proc says; -1 where it does not (before Linux 5.9). */
static int count_filters(pid_t pid)
{
    static const char key[] = "\nSeccomp_filters:";
    char path[64], text[4096];
    const char *line;
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, sizeof text - 1);
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    line = strstr(text, key);
    return line ? (int)strtol(line + sizeof key - 1, NULL, 10) : -1;
}

/* Is the process behind what it says that it is behind? What it says may come from a constructor
 * that keeps it at the first filter; the kernel's count does not. It inherited ours. */
static bool is_confined(const struct sb_host_process *host)
{
    const int ours = count_filters(getpid()), its = count_filters(host->pid);

    return host->filters < 0 || ours < 0 || its < 0 || its == ours + host->filters;
}

static int converse(struct sb_host_process *host, struct sb_talk *talk)
{
    struct sb_frame frame;
    int error = 0;

    while (!error) {
        error = sb_link_write(&host->line, &talk->reply);
        if (!error)
            error = sb_link_read(&host->line, talk->state == SB_TALK_ASK ? SB_FRAME_MAX : EARLY_MAX,
                                 &frame);
        /* the last moment: READY has the hidden member drawn */
        if (!error && talk->state == SB_TALK_READY && !is_confined(host))
            sb_talk_end(talk, SB_END_PROTOCOL, 0,
                        "the learner's process has not put on the system-call filters that it says "
                        "it has; a constructor of the plugin interferes");
        else if (!error)
            sb_talk_handle(talk, &frame);
        if (talk->state == SB_TALK_OVER)
            return 0;
    }
    return error;
}

struct reach {
    struct sb_host_process *host;
    struct sb_talk *talk;
};

/* While a frame is being answered, and its bytes are still needed. */
static int reach(void *self, const struct sb_buf *points, struct sb_frame *reply)
{
    const struct reach *r = self;
    struct sb_link *line = &r->host->aside;
    int error;

    error = sb_link_write(line, points);
    if (!error)
        error = sb_link_read(line, EARLY_MAX, reply);
    if (error && conclude(r->host, r->talk, error, true) == 0)
        error = -ECONNABORTED;
    return error;
}

/* Both on the CPU that we are on; *before gets what is to be restored. Threads that help for a call
 * may use what was there before. */
static bool pin(pid_t pid, cpu_set_t *before)
{
    const int cpu = sched_getcpu();
    cpu_set_t one;

    if (cpu < 0 || sched_getaffinity(0, sizeof *before, before))
        return false;
    sb_threads_keep_cpus();
    CPU_ZERO(&one);
    CPU_SET((unsigned)cpu, &one);
    if (sched_setaffinity(pid, sizeof one, &one))
        return false;
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

int sb_host_converse(struct sb_host_process *host, struct sb_talk *talk)
{
    struct reach context = { host, talk };
    cpu_set_t before;
    const bool pinned = pin(host->pid, &before);
    int error;

    talk->reach = (struct sb_reach){ &context, reach };
    host->line.waiting = host->aside.waiting = look_at_fuse;
    host->line.self = host->aside.self = &talk->fuse;
    error = converse(host, talk);
    if (pinned)
        sched_setaffinity(0, sizeof before, &before);
    talk->reach = (struct sb_reach){ NULL, NULL };
    return error ? conclude(host, talk, error, false) : 0;
}

/* The end. */

void sb_host_collect(struct sb_host_process *host, struct sb_learner_end *end)
{
    struct stat facts;
    ssize_t n;

    kill_and_reap(host);
    if (host->log < 0 || fstat(host->log, &facts) || facts.st_size <= 0)
        return;
    end->output_cut = (uint64_t)facts.st_size > host->log_cap;
    end->n_output = end->output_cut ? host->log_cap : (uint64_t)facts.st_size;
    end->output = malloc(end->n_output + 1);
    n = end->output ? pread(host->log, end->output, end->n_output, 0) : 0;
    end->n_output = n > 0 ? (size_t)n : 0;
    if (end->output)
        end->output[end->n_output] = '\0';
}

void sb_host_close(struct sb_host_process *host)
{
    kill_and_reap(host);
    sb_link_fini(&host->line);
    sb_link_fini(&host->aside);
    if (host->board)
        munmap(host->board, SB_BOARD_BYTES);
    host->board = NULL;
    if (host->fd >= 0)
        close(host->fd);
    if (host->log >= 0)
        close(host->log);
    host->fd = host->log = -1;
}
