/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ASK and ANSWERS: a batch of queries, each an expression in bytes, a callback, or the reason why it
 * is neither. */
#include "base/memory.h"
#include "runner/learner_talk.h"

#include <errno.h>
#include <string.h>

enum { QUERY_BYTES = 20 }; /* at least */

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

/* Callbacks are counted, and their names kept, until the whole batch is read. */
static bool add_callback(struct sb_talk *talk, uint64_t place, char *name)
{
    struct sb_talk_callback *callback =
        name ? sb_grow(talk->callback, &talk->cap_callback, talk->n_callback + 1, sizeof *callback)
             : NULL;

    if (!callback) {
        free(name);
        return false;
    }
    talk->callback = callback;
    sb_talk_callback_init(&callback[talk->n_callback++], talk, place, name);
    return true;
}

static void read_query(struct sb_talk *talk, struct sb_reader *r, uint64_t place)
{
    struct sb_wire_query *q = &talk->query[place];
    uint32_t kind;

    memset(q, 0, sizeof *q);
    q->access = sb_read_u32(r);
    q->tolerance = sb_read_f64(r);
    kind = sb_read_u32(r);
    if (kind == SB_ASKED_EXPR) {
        q->n_expr = sb_read_u32(r);
        q->expr = sb_read_bytes(r, q->n_expr);
        r->failed = r->failed || !q->n_expr;
    } else if (kind == SB_ASKED_CALLBACK) {
        r->failed = !add_callback(talk, place, sb_talk_read_line(r)) || r->failed;
    } else {
        q->cause = sb_talk_read_line(r);
        r->failed = r->failed || kind != SB_ASKED_NOTHING;
    }
}

static void free_batch(struct sb_talk *talk, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        free((char *)(uintptr_t)talk->query[i].cause);
    for (size_t i = 0; i < talk->n_callback; i++)
        free((char *)(uintptr_t)talk->callback[i].callback.name);
    talk->n_callback = 0;
}

/* Only now, for the array of callbacks has moved while it grew. */
static void hand_out_callbacks(struct sb_talk *talk)
{
    for (size_t i = 0; i < talk->n_callback; i++) {
        struct sb_talk_callback *c = &talk->callback[i];

        sb_talk_callback_init(c, talk, c->place, c->callback.name);
        talk->query[c->place].callback = &c->callback;
    }
}

static void answer_batch(struct sb_talk *talk, uint64_t n)
{
    const struct sb_server *server = talk->server;
    const char *message = NULL;
    int error;

    memset(talk->answer, 0, n * sizeof *talk->answer);
    memset(talk->status, 0, n * sizeof *talk->status);
    error = server->ask(server->self, talk->query, n, talk->answer, talk->status, &message);
    if (error)
        sb_talk_server_error(talk, error);
    if (talk->state == SB_TALK_OVER) /* by the server, or in a callback */
        return;
    sb_frame_begin(&talk->reply, SB_FRAME_ANSWERS);
    sb_buf_u64(&talk->reply, n);
    for (uint64_t i = 0; i < n; i++) {
        sb_buf_u32(&talk->reply, (uint32_t)talk->status[i]);
        sb_buf_f64(&talk->reply, talk->status[i] == SB_OK ? talk->answer[i] : 0.0);
    }
    sb_talk_put_message(talk, message);
    error = sb_talk_close(talk, &talk->reply, SB_FRAME_ANSWERS);
    if (error)
        sb_talk_server_error(talk, error);
}

void sb_talk_ask(struct sb_talk *talk, struct sb_reader r)
{
    const uint64_t n = sb_read_u64(&r);
    uint64_t n_read = 0;

    if (n < 1 || n > r.n / QUERY_BYTES) {
        sb_talk_protocol(talk, "the learner's process sent a batch of no meaning");
        return;
    }
    if (!make_room(talk, n)) {
        sb_talk_server_error(talk, -ENOMEM);
        return;
    }
    while (n_read < n && !r.failed)
        read_query(talk, &r, n_read++);
    hand_out_callbacks(talk);
    if (r.failed || r.n)
        sb_talk_protocol(talk, "the learner's process sent a batch that is cut short or too long");
    else
        answer_batch(talk, n);
    free_batch(talk, n_read);
}
