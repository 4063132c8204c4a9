/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions, and queries: batches of expressions and callbacks. */
#include "base/memory.h"
#include "host/session_internal.h"

#include <assert.h>
#include <string.h>

/* Expressions. */

/* Keeps the first cause of failure since the last ask(). */
static void note_cause(struct sb_session *s, const char *why)
{
    if (!s->cause.n && why && *why)
        sb_buf_puts(&s->cause, why);
    sb_session_say(s, SB_SYNTAX, why && *why ? why : "the expression could not be built");
}

static sb_expr host_parse(void *self, const char *text)
{
    struct sb_session *s = self;
    struct sb_diag diag;
    sb_expr e;

    if (!sb_session_running(s, "parse"))
        return 0;
    if (!text) {
        sb_session_misuse(s, "the learner called parse(NULL); it takes an expression's text");
        return 0;
    }
    sb_diag_init(&diag);
    e = sb_expr_parse(s->pool, text, &diag);
    if (!e)
        note_cause(s, diag.n_items ? diag.items[0].text : sb_pool_error(s->pool));
    sb_pool_clear_error(s->pool);
    sb_diag_fini(&diag);
    return e;
}

static sb_expr host_op(void *self, uint32_t op, const double *num, uint64_t n_num,
                       const sb_expr *arg, uint64_t n_arg)
{
    struct sb_session *s = self;
    sb_expr e;

    if (!sb_session_running(s, "op"))
        return 0;
    if ((n_num && !num) || (n_arg && !arg)) {
        sb_session_misuse(s, "the learner called op() with NULL for its numbers or arguments");
        return 0;
    }
    e = sb_pool_op(s->pool, op, num, n_num, arg, n_arg);
    if (!e) {
        note_cause(s, sb_pool_error(s->pool));
        sb_pool_clear_error(s->pool);
    }
    return e;
}

static uint32_t host_mark(void *self)
{
    struct sb_session *s = self;

    return sb_session_running(s, "mark") ? sb_pool_mark(s->pool) : 0;
}

static void host_forget(void *self, uint32_t mark)
{
    struct sb_session *s = self;

    if (sb_session_running(s, "forget"))
        sb_pool_forget(s->pool, mark);
}

/* Queries. */

/* What a query without an expression says in its place. */
const char *sb_session_cause(struct sb_session *s, sb_expr e)
{
    const char *cause;

    if (e)
        return "there is no such expression: it was forgotten, or never made";
    cause = s->cause.n ? sb_buf_str(&s->cause) : NULL;
    return cause ? cause : "expression 0 stands for none";
}

/* One query of a batch; the stride may be that of an earlier, shorter struct (the rest is 0: as the
 * experiment says) or of a later, longer one. */
static struct sb_query query_at(const char *q, uint64_t i, uint64_t stride)
{
    struct sb_query out = { 0 };

    memcpy(&out, q + i * stride, stride < sizeof out ? stride : sizeof out);
    return out;
}

/* The length of what was encoded is known, and written, behind it. */
static void put_expr(struct sb_session *s, sb_expr e)
{
    struct sb_buf *out = &s->out;
    const size_t at = out->n;
    uint32_t length;

    sb_buf_u32(out, 0);
    sb_expr_encode(s->pool, e, out);
    if (out->failed)
        return;
    length = (uint32_t)(out->n - at - sizeof length);
    memcpy(out->data + at, &length, sizeof length);
}

static void put_nothing(struct sb_session *s, const char *cause)
{
    sb_buf_u32(&s->out, SB_ASKED_NOTHING);
    sb_buf_text(&s->out, cause);
}

/* refusal: it is sent without what it asks, for this reason; or NULL. */
static void put_query(struct sb_session *s, const struct sb_query *q, const char *refusal)
{
    sb_buf_u32(&s->out, q->access);
    sb_buf_f64(&s->out, q->tolerance);
    if (refusal) {
        put_nothing(s, refusal);
    } else if (q->phi && q->expr) {
        put_nothing(s, "a query is an expression or a callback, and this one is both: zero a "
                       "struct sb_query and fill in one of them");
    } else if (q->phi) {
        sb_buf_u32(&s->out, SB_ASKED_CALLBACK);
        sb_buf_text(&s->out, q->name);
    } else if (sb_pool_node(s->pool, q->expr)) {
        sb_buf_u32(&s->out, SB_ASKED_EXPR);
        put_expr(s, q->expr);
    } else {
        put_nothing(s, sb_session_cause(s, q->expr));
    }
}

static int put_batch(struct sb_session *s, const char *q, uint64_t n, uint64_t stride,
                     const char *refusal)
{
    sb_frame_begin(&s->out, SB_FRAME_ASK);
    sb_buf_u64(&s->out, n);
    for (uint64_t i = 0; i < n && !s->out.failed && s->out.n <= SB_FRAME_MAX; i++) {
        const struct sb_query query = query_at(q, i, stride);

        put_query(s, &query, refusal);
    }
    return sb_frame_end(&s->out);
}

/* Keeps the batch's callbacks by their places, for a callback may write over the batch. False: no
 * memory. */
static bool keep_callbacks(struct sb_session *s, const char *q, uint64_t n, uint64_t stride)
{
    for (uint64_t i = 0; i < n; i++) {
        const struct sb_query query = query_at(q, i, stride);

        if (!query.phi)
            continue;
        if (!s->called)
            s->called = SB_NEW_ARRAY(struct sb_called, n);
        if (!s->called)
            return false;
        s->n_called = n;
        s->called[i] = (struct sb_called){ query.phi, query.user };
    }
    return true;
}

static void drop_callbacks(struct sb_session *s)
{
    free(s->called);
    s->called = NULL;
    s->n_called = 0;
}

/* Copies what ANSWERS says; SB_STOP where it is not an answer to n queries. */
static int32_t take_answers(struct sb_session *s, struct sb_frame *reply, uint64_t n,
                            double *answers, int32_t *status)
{
    struct sb_reader *r = &reply->body;
    int32_t first = SB_OK;

    if (reply->type != SB_FRAME_ANSWERS || sb_read_u64(r) != n || r->n / 12 < n)
        return sb_session_stop(s);
    for (uint64_t i = 0; i < n; i++) {
        const int32_t what = (int32_t)sb_read_u32(r);
        const double answer = sb_read_f64(r);

        status[i] = what;
        if (what == SB_OK)
            answers[i] = answer;
        else if (first == SB_OK)
            first = what;
    }
    return sb_session_told(s, first, r);
}

/* Sends the batch that is in s->out. */
static int32_t ask_batch(struct sb_session *s, uint64_t n, double *answers, int32_t *status)
{
    struct sb_frame reply;

    if (sb_session_exchange(s, &reply))
        return sb_session_stop(s);
    return take_answers(s, &reply, n, answers, status);
}

/* The whole batch in one message. */
static int32_t ask_at_once(struct sb_session *s, const char *q, uint64_t n, uint64_t stride,
                           double *answers, int32_t *status)
{
    int32_t first = SB_STOP;

    if (keep_callbacks(s, q, n, stride))
        first = ask_batch(s, n, answers, status);
    else
        sb_session_no_memory(s);
    drop_callbacks(s);
    return first;
}

/* A batch without room in one message is asked without its expressions, in parts: none of it can be
 * answered, but every query of it was asked, is numbered and has its row. */
static int32_t refuse_batch(struct sb_session *s, const char *q, uint64_t n, uint64_t stride,
                            double *answers, int32_t *status)
{
    enum { PART = 1 << 16 };
    static const char why[] = "a batch is one message of at most 64 MiB, and this one is larger: "
                              "ask it in several batches";
    int32_t first = SB_OK;

    static_assert(SB_FRAME_MAX == 64 << 20, "what the message says");
    for (uint64_t i = 0; i < n && first >= 0; i += PART) {
        const uint64_t m = n - i < PART ? n - i : PART;
        int32_t got;

        if (put_batch(s, q + i * stride, m, stride, why))
            return sb_session_no_memory(s); /* not for 8 MiB */
        got = ask_batch(s, m, answers + i, status + i);
        first = first == SB_OK || got < 0 ? got : first;
    }
    return first;
}

static int32_t host_ask(void *self, const struct sb_query *q, uint64_t n, uint64_t stride,
                        double *answers, int32_t *status)
{
    struct sb_session *s = self;
    const char *bytes = (const char *)q;
    int32_t first;

    if (!sb_session_running(s, "ask"))
        return SB_STOP;
    if (!n)
        return SB_OK;
    if (!q || !answers || !status || stride < SB_QUERY_SIZE_1_0) {
        sb_session_misuse(
            s,
            "the learner called ask() with %s; zero a struct sb_query, fill it, and pass its "
            "sizeof as the stride",
            !q                    ? "no queries"
            : !answers || !status ? "no room for the answers"
                                  : "a stride smaller than a query");
        return SB_STOP;
    }
    sb_session_say(s, SB_OK, "");
    if (put_batch(s, bytes, n, stride, NULL) == 0)
        first = ask_at_once(s, bytes, n, stride, answers, status);
    else
        first = refuse_batch(s, bytes, n, stride, answers, status);
    sb_buf_clear(&s->cause);
    return first;
}

static const char *host_message(void *self)
{
    struct sb_session *s = self;
    const char *text = sb_session_in_callback(s, "message") ? NULL : sb_buf_str(&s->message);

    return text ? text : "";
}

void sb_session_offer_asking(struct sb_host *host)
{
    host->parse = host_parse;
    host->op = host_op;
    host->mark = host_mark;
    host->forget = host_forget;
    host->ask = host_ask;
    host->message = host_message;
}
