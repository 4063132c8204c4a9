/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's frame handler: CONFIG, the turns, the end. What a learner sends is checked here for
 * shape; expressions are handed on as bytes, for the oracle decodes them node by node. */
#include "runner/learner_talk.h"

#include "base/memory.h"
#include "estimate/family.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2000 }; /* bytes of a learner's line that are kept */

char *sb_talk_read_line(struct sb_reader *r)
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

/* What a message has no room for makes it too large, which sb_talk_close says. */
static void put_vectors(struct sb_buf *b, const struct sb_public_vector *v, size_t n)
{
    sb_buf_u32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        sb_buf_text(b, v[i].name);
        sb_buf_u64(b, v[i].n);
        for (uint64_t k = 0; k < v[i].n && b->n <= SB_FRAME_MAX; k++)
            sb_buf_f64(b, v[i].value[k]);
    }
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

void sb_talk_tap(struct sb_talk *talk, bool to_learner, uint32_t type, const void *payload,
                 size_t n)
{
    const struct sb_server *server = talk->server;

    if (server->traffic)
        server->traffic(server->self, to_learner, type, payload, n);
}

int sb_talk_close(struct sb_talk *talk, struct sb_buf *frame, uint32_t type)
{
    const int error = sb_frame_end(frame);

    if (!error)
        sb_talk_tap(talk, true, type, frame->data + SB_FRAME_HEAD, frame->n - SB_FRAME_HEAD);
    return error;
}

static void light_fuse(struct sb_talk *talk)
{
    talk->fuse.deadline_ns = talk->seconds ? sb_now_ns() + talk->seconds * 1000000000u : 0;
}

int sb_talk_begin(struct sb_talk *talk, void *board)
{
    const struct sb_task *task = talk->task;
    struct sb_buf *b = &talk->reply;

    talk->space = sb_space_of(task->facts);
    talk->space.labelling = task->labelling;
    sb_board_init(&talk->board, board, &talk->space, sb_space_n_slots(&talk->space));
    sb_frame_begin(b, SB_FRAME_CONFIG);
    put_facts(b, task->facts);
    for (size_t i = 0; i < SB_COUNT(task->tolerance); i++)
        sb_buf_f64(b, task->tolerance[i]);
    sb_buf_u64(b, task->coins);
    sb_buf_u32(b, talk->board.n_shown);
    put_values(b, task->learner);
    put_values(b, task->family);
    put_vectors(b, task->vectors, task->n_vectors);
    talk->state = SB_TALK_READY;
    light_fuse(talk);
    return sb_talk_close(talk, b, SB_FRAME_CONFIG);
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

void sb_talk_protocol(struct sb_talk *talk, const char *text)
{
    sb_talk_end(talk, SB_END_PROTOCOL, 0, text);
}

void sb_talk_server_error(struct sb_talk *talk, int error)
{
    if (error == -ETIME)
        sb_talk_end(talk, SB_END_SECONDS, 0, NULL);
    else if (error == -EDQUOT)
        sb_talk_end(talk, SB_END_FAILED, 0,
                    "the learner asked on and on when its budget was used up; return from run() at "
                    "SB_BUDGET");
    else
        sb_talk_end(talk, SB_END_SERVER, error, NULL);
}

static void handle_ready(struct sb_talk *talk)
{
    int error = talk->server->ready ? talk->server->ready(talk->server->self) : 0;

    sb_frame_begin(&talk->reply, SB_FRAME_START);
    if (!error)
        error = sb_talk_close(talk, &talk->reply, SB_FRAME_START);
    if (error)
        sb_talk_server_error(talk, error);
    else
        talk->state = SB_TALK_ASK;
}

void sb_talk_fail(struct sb_talk *talk, struct sb_reader r)
{
    char *line SB_FREE = sb_talk_read_line(&r);

    sb_talk_end(talk, SB_END_FAILED, 0, line);
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
    if (!end->value || end->returned > SB_RETURNED_CALLBACK)
        return false;
    for (uint32_t i = 0; i < n; i++)
        end->value[i] = sb_read_f64(r);
    end->n_value = n;
    return !r->failed && !r->n && !end->expr.failed;
}

void sb_talk_put_message(struct sb_talk *talk, const char *message)
{
    if (message)
        snprintf(talk->refusal, sizeof talk->refusal, "%s", message);
    sb_buf_text(&talk->reply, message);
}

/* A predictor that is a callback is scored while its process lives, with the whole fuse again; then
 * END. Where the scoring ended the run, that end stands. */
static void handle_predictor(struct sb_talk *talk)
{
    const struct sb_server *server = talk->server;
    struct sb_talk_callback predictor;
    int error;

    sb_talk_callback_init(&predictor, talk, SB_POINTS_PREDICTOR, "");
    light_fuse(talk);
    error = server->predictor ? server->predictor(server->self, &predictor.callback) : 0;
    sb_frame_begin(&talk->reply, SB_FRAME_END);
    if (!error && talk->state != SB_TALK_OVER)
        error = sb_talk_close(talk, &talk->reply, SB_FRAME_END);
    if (error)
        sb_talk_server_error(talk, error);
    else if (talk->state != SB_TALK_OVER)
        talk->state = SB_TALK_CLOSING;
}

static void handle_done(struct sb_talk *talk, struct sb_reader r)
{
    const int32_t code = (int32_t)sb_read_u32(&r);
    char *text SB_FREE = NULL;

    if (!read_returned(&r, talk->end)) {
        talk->end->returned = SB_RETURNED_NOTHING;
        sb_talk_protocol(talk, "the learner's process ended with a message of no meaning");
        return;
    }
    if (code == 0 && talk->end->returned == SB_RETURNED_CALLBACK) {
        handle_predictor(talk);
        return;
    }
    if (code == 0) {
        sb_talk_end(talk, SB_END_FINISHED, 0, NULL);
        return;
    }
    /* a learner that hands on a status often prints nothing */
    text = sb_printf("the learner's run() returned %d%s%s", code,
                     *talk->refusal ? "; last not answered: " : "", talk->refusal);
    sb_talk_end(talk, SB_END_FAILED, code, text);
}

void sb_talk_handle(struct sb_talk *talk, const struct sb_frame *frame)
{
    const uint32_t type = frame->type;

    sb_talk_tap(talk, false, type, frame->body.p, frame->body.n);
    if (type == SB_FRAME_FAIL && talk->state != SB_TALK_CLOSING)
        sb_talk_fail(talk, frame->body);
    else if (type == SB_FRAME_READY && talk->state == SB_TALK_READY)
        handle_ready(talk);
    else if (type == SB_FRAME_ASK && talk->state == SB_TALK_ASK)
        sb_talk_ask(talk, frame->body);
    else if (type == SB_FRAME_LABELS && talk->state == SB_TALK_ASK)
        sb_talk_labels(talk, frame->body);
    else if (type == SB_FRAME_SAMPLES && talk->state == SB_TALK_ASK)
        sb_talk_samples(talk, frame->body);
    else if (type == SB_FRAME_DONE && talk->state == SB_TALK_ASK)
        handle_done(talk, frame->body);
    else
        sb_talk_protocol(talk, "the learner's process sent a message out of turn");
}

void sb_talk_fini(struct sb_talk *talk)
{
    sb_buf_fini(&talk->reply);
    sb_buf_fini(&talk->points);
    free(talk->query);
    free(talk->answer);
    free(talk->status);
    free(talk->callback);
}
