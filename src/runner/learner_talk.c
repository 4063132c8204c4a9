/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's frame handler. What a learner sends is checked here for shape; expressions are
 * handed on as bytes, for the oracle decodes them node by node. */
#include "runner/learner_talk.h"

#include "base/memory.h"
#include "host/plugin.h"

#include <errno.h>
#include <string.h>

enum { TEXT_MAX = 2000 }; /* bytes of a learner's line that are kept */

/* A learner's text may end on a terminal: one line of printable bytes. Owned; NULL out of memory or
 * past the end. */
static char *read_line(struct sb_reader *r)
{
    const uint32_t n = sb_read_u32(r);
    const uint8_t *p = sb_read_bytes(r, n);
    char *line = p ? sb_strndup((const char *)p, n < TEXT_MAX ? n : TEXT_MAX) : NULL;

    if (!line)
        r->failed = true;
    for (char *c = line; c && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return line;
}

static char *read_maybe_line(struct sb_reader *r)
{
    return sb_read_u8(r) ? read_line(r) : NULL;
}

static void free_params(struct sb_param *params)
{
    for (struct sb_param *param = params; param && param->name; param++) {
        free((char *)(uintptr_t)param->name);
        free((char *)(uintptr_t)param->fallback);
        free((char *)(uintptr_t)param->range);
        free((char *)(uintptr_t)param->help);
    }
    free(params);
}

void sb_talk_descriptor_fini(struct sb_descriptor *descriptor)
{
    free(descriptor->name);
    free(descriptor->summary);
    free(descriptor->source);
    free_params(descriptor->params);
    memset(descriptor, 0, sizeof *descriptor);
}

static void read_params(struct sb_reader *r, struct sb_descriptor *out)
{
    const uint32_t n = sb_read_u32(r);

    out->params = n <= SB_PLUGIN_PARAMS ? SB_NEW_ARRAY(struct sb_param, n + 1) : NULL;
    if (!out->params)
        r->failed = true;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        struct sb_param *param = &out->params[i];

        param->name = read_line(r);
        param->type = sb_read_u32(r);
        param->fallback = read_maybe_line(r);
        param->range = read_maybe_line(r);
        param->help = read_maybe_line(r);
    }
}

static int told_fail(const struct sb_frame *frame, const char *path, struct sb_diag *diag)
{
    struct sb_reader r = frame->body;
    char *line SB_FREE = read_line(&r);

    return sb_diag_fail(diag, -EINVAL, "%s", line ? line : path);
}

static int read_descriptor(const struct sb_frame *frame, uint32_t *isolation_out,
                           struct sb_descriptor *out)
{
    struct sb_reader r = frame->body;

    *isolation_out = sb_read_u32(&r);
    out->abi_minor = sb_read_u32(&r);
    out->access = sb_read_u32(&r);
    out->flags = sb_read_u32(&r);
    out->name = read_line(&r);
    out->summary = read_line(&r);
    out->source = read_line(&r);
    read_params(&r, out);
    return r.failed || r.n ? -EPROTO : 0;
}

int sb_talk_describe(const struct sb_frame *frame, const char *path, uint32_t *isolation_out,
                     struct sb_descriptor *out, struct sb_diag *diag)
{
    memset(out, 0, sizeof *out);
    if (frame->type == SB_FRAME_FAIL)
        return told_fail(frame, path, diag);
    if (frame->type != SB_FRAME_DESCRIBE || read_descriptor(frame, isolation_out, out))
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its process sent what is not a descriptor; a constructor of the "
                            "plugin interferes",
                            path);
    return sb_plugin_check_params(out->params, diag);
}

/* CONFIG. */

static void put_value(struct sb_buf *b, const struct sb_value *v)
{
    sb_buf_text(b, v->param->name);
    sb_buf_u32(b, v->param->type);
    sb_buf_u64(b, (uint64_t)v->i);
    sb_buf_f64(b, v->r);
    sb_buf_text(b, v->text);
    sb_buf_u32(b, (uint32_t)v->n_vector);
    for (size_t i = 0; i < v->n_vector; i++)
        sb_buf_f64(b, v->vector[i]);
}

static void put_values(struct sb_buf *b, const struct sb_values *values)
{
    const size_t n = values ? values->n : 0;

    sb_buf_u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put_value(b, &values->items[i]);
}

static void put_facts(struct sb_buf *b, const struct sb_facts *facts)
{
    sb_buf_u32(b, facts->domain);
    sb_buf_u32(b, facts->dim);
    sb_buf_u32(b, facts->modulus);
    sb_buf_u32(b, facts->goal);
    sb_buf_u32(b, facts->access);
    sb_buf_u64(b, facts->n_queries);
    sb_buf_u64(b, facts->n_candidates);
    sb_buf_u64(b, facts->n_labels);
    for (uint64_t i = 0; i < facts->n_labels; i++)
        sb_buf_f64(b, facts->label_set[i]);
    sb_buf_f64(b, facts->goal_max);
    sb_buf_text(b, facts->family);
    sb_buf_u64(b, facts->n_label_queries);
    sb_buf_u64(b, facts->n_samples);
}

/* What the learner is sent; a tap sees it as it leaves. */
static int close_reply(struct sb_talk *talk, uint32_t type)
{
    const struct sb_server *server = talk->server;
    const int error = sb_frame_end(&talk->reply);

    if (!error && server->traffic)
        server->traffic(server->self, true, type, talk->reply.data + SB_FRAME_HEAD,
                        talk->reply.n - SB_FRAME_HEAD);
    return error;
}

int sb_talk_begin(struct sb_talk *talk)
{
    const struct sb_task *task = talk->task;
    struct sb_buf *b = &talk->reply;

    sb_frame_begin(b, SB_FRAME_CONFIG);
    put_facts(b, task->facts);
    for (size_t i = 0; i < SB_COUNT(task->tolerance); i++)
        sb_buf_f64(b, task->tolerance[i]);
    sb_buf_u64(b, task->coins);
    put_values(b, task->learner);
    put_values(b, task->family);
    talk->state = SB_TALK_READY;
    return close_reply(talk, SB_FRAME_CONFIG);
}

/* Ends. */

void sb_talk_end(struct sb_talk *talk, uint32_t end, int32_t detail, const char *text)
{
    if (talk->state == SB_TALK_OVER)
        return;
    talk->state = SB_TALK_OVER;
    talk->end->end = end;
    talk->end->detail = detail;
    talk->end->text = sb_strdup(text);
}

static void protocol(struct sb_talk *talk, const char *text)
{
    sb_talk_end(talk, SB_END_PROTOCOL, 0, text);
}

/* An error of the server's; its fuse is the run's. */
static void server_error(struct sb_talk *talk, int error)
{
    if (error == -ETIME)
        sb_talk_end(talk, SB_END_SECONDS, 0, NULL);
    else
        sb_talk_end(talk, SB_END_SERVER, error, NULL);
}

static void handle_ready(struct sb_talk *talk)
{
    int error = talk->server->ready ? talk->server->ready(talk->server->self) : 0;

    sb_frame_begin(&talk->reply, SB_FRAME_START);
    if (!error)
        error = close_reply(talk, SB_FRAME_START);
    if (error)
        server_error(talk, error);
    else
        talk->state = SB_TALK_ASK;
}

/* ASK and ANSWERS. */

static bool make_room(struct sb_talk *talk, size_t n)
{
    struct sb_wire_query *query = sb_grow(talk->query, &talk->cap_query, n, sizeof *query);
    double *answer;
    int32_t *status;

    if (!query)
        return false;
    talk->query = query;
    answer = sb_grow(talk->answer, &talk->cap_answer, n, sizeof *answer);
    if (!answer)
        return false;
    talk->answer = answer;
    status = sb_grow(talk->status, &talk->cap_status, n, sizeof *status);
    if (!status)
        return false;
    talk->status = status;
    return true;
}

static void read_query(struct sb_reader *r, struct sb_wire_query *q)
{
    uint32_t n;

    memset(q, 0, sizeof *q);
    q->access = sb_read_u32(r);
    q->tolerance = sb_read_f64(r);
    n = sb_read_u32(r);
    if (n) {
        q->expr = sb_read_bytes(r, n);
        q->n_expr = n;
    } else {
        q->cause = read_line(r);
    }
}

static void free_causes(struct sb_talk *talk, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        free((char *)(uintptr_t)talk->query[i].cause);
}

static void answer_batch(struct sb_talk *talk, uint64_t n)
{
    const struct sb_server *server = talk->server;
    const char *message = NULL;
    int error;

    memset(talk->answer, 0, n * sizeof *talk->answer);
    memset(talk->status, 0, n * sizeof *talk->status);
    error = server->ask(server->self, talk->query, n, talk->answer, talk->status, &message);
    if (error) {
        server_error(talk, error);
        return;
    }
    sb_frame_begin(&talk->reply, SB_FRAME_ANSWERS);
    sb_buf_u64(&talk->reply, n);
    for (uint64_t i = 0; i < n; i++) {
        sb_buf_u32(&talk->reply, (uint32_t)talk->status[i]);
        sb_buf_f64(&talk->reply, talk->status[i] == SB_OK ? talk->answer[i] : 0.0);
    }
    sb_buf_text(&talk->reply, message);
    error = close_reply(talk, SB_FRAME_ANSWERS);
    if (error)
        server_error(talk, error);
}

static void handle_ask(struct sb_talk *talk, struct sb_reader r)
{
    const uint64_t n = sb_read_u64(&r);
    uint64_t n_read = 0;

    if (n < 1 || n > r.n / 16) { /* a query has 16 bytes or more */
        protocol(talk, "the learner's process sent a batch of no meaning");
        return;
    }
    if (!make_room(talk, n)) {
        server_error(talk, -ENOMEM);
        return;
    }
    while (n_read < n && !r.failed)
        read_query(&r, &talk->query[n_read++]);
    if (r.failed || r.n)
        protocol(talk, "the learner's process sent a batch that is cut short or too long");
    else
        answer_batch(talk, n);
    free_causes(talk, n_read);
}

/* DONE. */

static bool read_returned(struct sb_reader *r, struct sb_learner_end *end)
{
    const uint8_t *expr;
    uint32_t n;

    end->returned = sb_read_u32(r);
    n = sb_read_u32(r);
    expr = sb_read_bytes(r, n);
    if (expr)
        sb_buf_bytes(&end->expr, expr, n);
    end->verdict = (int32_t)sb_read_u32(r);
    n = sb_read_u32(r);
    end->value = n <= r->n / sizeof(double) ? SB_NEW_ARRAY(double, n) : NULL;
    if (!end->value || end->returned > SB_RETURNED_VALUE)
        return false;
    for (uint32_t i = 0; i < n; i++)
        end->value[i] = sb_read_f64(r);
    end->n_value = n;
    return !r->failed && !r->n && !end->expr.failed;
}

static void handle_done(struct sb_talk *talk, struct sb_reader r)
{
    const int32_t code = (int32_t)sb_read_u32(&r);
    char *text SB_FREE = NULL;

    if (!read_returned(&r, talk->end)) {
        talk->end->returned = SB_RETURNED_NOTHING;
        protocol(talk, "the learner's process ended with a message of no meaning");
        return;
    }
    if (code == 0) {
        sb_talk_end(talk, SB_END_FINISHED, 0, NULL);
        return;
    }
    text = sb_printf("the learner's run() returned %d", code);
    sb_talk_end(talk, SB_END_FAILED, code, text);
}

static void handle_fail(struct sb_talk *talk, struct sb_reader r)
{
    char *line SB_FREE = read_line(&r);

    sb_talk_end(talk, SB_END_FAILED, 0, line);
}

void sb_talk_handle(struct sb_talk *talk, const struct sb_frame *frame)
{
    const struct sb_server *server = talk->server;

    if (server->traffic)
        server->traffic(server->self, false, frame->type, frame->body.p, frame->body.n);
    if (frame->type == SB_FRAME_FAIL)
        handle_fail(talk, frame->body);
    else if (frame->type == SB_FRAME_READY && talk->state == SB_TALK_READY)
        handle_ready(talk);
    else if (frame->type == SB_FRAME_ASK && talk->state == SB_TALK_ASK)
        handle_ask(talk, frame->body);
    else if (frame->type == SB_FRAME_DONE && talk->state == SB_TALK_ASK)
        handle_done(talk, frame->body);
    else
        protocol(talk, "the learner's process sent a message out of turn");
}

void sb_talk_fini(struct sb_talk *talk)
{
    sb_buf_fini(&talk->reply);
    free(talk->query);
    free(talk->answer);
    free(talk->status);
}
