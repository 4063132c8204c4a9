/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner at work: the plugin in a process of its own or in this one, behind one interface. */
#include "runner/learner.h"

#include "base/memory.h"
#include "host/session.h"
#include "runner/learner_process.h"
#include "runner/learner_talk.h"

#include <errno.h>
#include <string.h>

struct sb_learner_process {
    uint32_t isolation; /* what was got */
    struct sb_limits limits;
    struct sb_descriptor descriptor;
    struct sb_talk talk;
    struct sb_plugin plugin; /* with SB_ISOLATION_NONE */
    struct sb_listener listener;
    struct sb_buf values;
    void *board;
    struct sb_host_process host; /* otherwise */
};

const char *sb_isolation_name(uint32_t isolation)
{
    static const char *const names[] = { "none", "process", "seccomp", "seccomp without landlock" };

    return isolation < SB_COUNT(names) ? names[isolation] : "unknown";
}

const char *sb_end_name(uint32_t end)
{
    static const char *const names[] = { "unknown", "finished", "failed",   "crashed", "exited",
                                         "seconds", "killed",   "protocol", "server" };

    return names[end < SB_COUNT(names) ? end : 0];
}

void sb_learner_end_fini(struct sb_learner_end *end)
{
    free(end->text);
    free(end->value);
    free(end->output);
    sb_buf_fini(&end->expr);
    memset(end, 0, sizeof *end);
}

/* The plugin in this process, described by the same frame that a process would send. */
static int start_here(struct sb_learner_process *p, const char *path, struct sb_diag *diag)
{
    char *absolute SB_FREE = realpath(path, NULL);
    struct sb_frame frame;
    struct sb_buf bytes;
    int error;

    if (!absolute)
        return sb_diag_fail(diag, -EINVAL, "%s: %s", path, strerror(errno));
    error = sb_plugin_load(absolute, &p->plugin, diag);
    if (!error)
        error = sb_plugin_check(absolute, &p->plugin, diag);
    if (error)
        return error;
    sb_buf_init(&bytes);
    error = sb_plugin_describe(&p->plugin, SB_ISOLATION_NONE, &bytes);
    if (!error)
        error = sb_frame_open(bytes.data, bytes.n, &frame);
    if (!error)
        error = sb_talk_describe(&frame, path, &p->isolation, &p->descriptor, diag);
    sb_buf_fini(&bytes);
    return error;
}

static int start_process(struct sb_learner_process *p, const char *path, uint32_t isolation,
                         struct sb_diag *diag)
{
    struct sb_frame frame;
    int error;

    error = sb_host_start(&p->host, path, isolation, &p->limits, &frame, diag);
    if (!error)
        error = sb_talk_describe(&frame, path, &p->isolation, &p->descriptor, diag);
    if (error)
        return error;
    if (p->isolation != SB_ISOLATION_PROCESS && p->isolation != isolation &&
        !(p->isolation == SB_ISOLATION_NO_LANDLOCK && isolation == SB_ISOLATION_SECCOMP))
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its process claims an isolation that was not asked for; a "
                            "constructor of the plugin interferes",
                            path);
    if (isolation == SB_ISOLATION_SECCOMP)
        p->host.filters = p->isolation == SB_ISOLATION_PROCESS ? 0 : 2;
    return 0;
}

/* Limits that stay numbers when they are turned into bytes and nanoseconds. */
static struct sb_limits sane(const struct sb_limits *limits)
{
    struct sb_limits l = *limits;

    if (l.memory_mib > UINT32_MAX)
        l.memory_mib = UINT32_MAX;
    if (l.output_kib > UINT32_MAX)
        l.output_kib = UINT32_MAX;
    if (l.seconds > 1000000000)
        l.seconds = 1000000000;
    return l;
}

int sb_learner_start(const char *path, uint32_t isolation, const struct sb_limits *limits,
                     struct sb_learner_process **out, struct sb_diag *diag)
{
    struct sb_learner_process *p = SB_NEW(struct sb_learner_process);
    struct sb_digest so;
    int error;

    if (!p)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    p->limits = sane(limits);
    p->host.fd = p->host.log = -1;
    error = sb_digest_file(path, &so);
    if (error)
        error = sb_diag_fail(diag, -EINVAL, "%s cannot be read: %s", path, strerror(-error));
    else if (isolation == SB_ISOLATION_NONE)
        error = start_here(p, path, diag);
    else
        error = start_process(p, path, isolation, diag);
    if (error) {
        sb_learner_close(p);
        return error;
    }
    p->descriptor.so = so;
    *out = p;
    return 0;
}

const struct sb_descriptor *sb_learner_descriptor(const struct sb_learner_process *process)
{
    return &process->descriptor;
}

uint32_t sb_learner_isolation(const struct sb_learner_process *process)
{
    return process->isolation;
}

/* The channel within one process: a call, there and back. */

static int here_send(void *self, const struct sb_buf *frame)
{
    struct sb_talk *talk = self;
    struct sb_frame opened;
    const int error = sb_frame_open(frame->data, frame->n, &opened);

    if (error || talk->state == SB_TALK_OVER)
        return error ? error : -EPIPE;
    sb_talk_handle(talk, &opened);
    return 0;
}

static int here_exchange(void *self, const struct sb_buf *frame, struct sb_frame *reply)
{
    struct sb_talk *talk = self;
    const int error = here_send(talk, frame);

    if (error || talk->state == SB_TALK_OVER)
        return error ? error : -EPIPE;
    return sb_frame_open(talk->reply.data, talk->reply.n, reply);
}

static int here_reach(void *self, const struct sb_buf *points, struct sb_frame *reply)
{
    struct sb_learner_process *p = self;
    struct sb_frame frame;
    int error;

    error = sb_frame_open(points->data, points->n, &frame);
    if (!error)
        error = p->listener.points(p->listener.self, &frame, &p->values);
    return error ? error : sb_frame_open(p->values.data, p->values.n, reply);
}

/* A board as large as the space needs it, so that a sanitizer sees a step beside it. */
static int begin_here(struct sb_learner_process *p)
{
    const struct sb_labelling *labelling = p->talk.task->labelling;
    const struct sb_space space = sb_space_of(p->talk.task->facts);
    struct sb_board plan;

    sb_board_init(&plan, NULL, &space, labelling ? labelling->n : 0);
    p->board = malloc(sb_board_size(&plan) + 1); /* not zeroed: most of it is never used */
    p->talk.reach = (struct sb_reach){ p, here_reach };
    return p->board ? sb_talk_begin(&p->talk, p->board) : -ENOMEM;
}

static int run_here(struct sb_learner_process *p)
{
    struct sb_channel channel = { &p->talk, here_exchange, here_send, NULL, &p->listener };
    struct sb_frame config;
    int error = begin_here(p);

    channel.board = p->board;
    if (!error)
        error = sb_frame_open(p->talk.reply.data, p->talk.reply.n, &config);
    if (!error)
        error = sb_session_run(&p->plugin, &config, &channel);
    if (!error && p->talk.state == SB_TALK_CLOSING)
        sb_talk_end(&p->talk, SB_END_FINISHED, 0, NULL);
    return p->talk.state == SB_TALK_OVER ? 0 : error ? error : -EIO;
}

static int run_there(struct sb_learner_process *p, struct sb_learner_end *end)
{
    int error = sb_talk_begin(&p->talk, p->host.board);

    if (!error)
        error = sb_host_converse(&p->host, &p->talk);
    sb_host_collect(&p->host, end);
    return error;
}

int sb_learner_run(struct sb_learner_process *process, const struct sb_task *task,
                   const struct sb_server *server, struct sb_learner_end *end, struct sb_diag *diag)
{
    struct sb_talk *talk = &process->talk;
    int error;

    memset(end, 0, sizeof *end);
    talk->task = task;
    talk->server = server;
    talk->end = end;
    talk->seconds = process->limits.seconds;
    error = process->isolation == SB_ISOLATION_NONE ? run_here(process) : run_there(process, end);
    if (!error && end->end == SB_END_SECONDS && !end->text)
        end->text = sb_printf("the run took longer than its budget of %llu seconds",
                              (unsigned long long)talk->seconds);
    if (!error)
        return 0;
    sb_learner_end_fini(end);
    return sb_diag_fail(diag, error, "the conversation with the learner broke: %s",
                        strerror(-error));
}

void sb_learner_close(struct sb_learner_process *process)
{
    if (!process)
        return;
    sb_host_close(&process->host);
    sb_plugin_unload(&process->plugin);
    sb_talk_fini(&process->talk);
    sb_buf_fini(&process->values);
    free(process->board);
    sb_talk_descriptor_fini(&process->descriptor);
    free(process);
}
