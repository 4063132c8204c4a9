/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner's session: the functions behind struct sb_host, and the life of one run. After the run
 * is over - the runner is gone, or the learner misused the interface - every call is a no-op that
 * returns SB_STOP, 0, "" or NULL. */
#include "host/session.h"

#include "base/memory.h"
#include "host/told.h"
#include "numeric/random.h"
#include "query/expr.h"
#include "query/reason.h"
#include "wire/wire.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum phase { CREATING, RUNNING, OVER };
enum returned { NOTHING, EXPR, VERDICT, VALUE }; /* as enum sb_returned of the runner */

struct session {
    const struct sb_channel *channel;
    struct sb_told told;
    struct sb_pool *pool;
    struct sb_host host;
    enum phase phase;
    bool ended; /* the last frame is sent, or nobody listens */
    struct sb_key coins;
    uint64_t n_coins;       /* numbers drawn from the stream */
    struct sb_buf out;      /* the frame being built */
    struct sb_buf cause;    /* why the first expression since the last ask() failed; "" none */
    struct sb_buf message;  /* of message() */
    enum returned returned; /* what the learner returns */
    struct sb_buf expr;
    int32_t verdict;
    double *value;
    uint64_t n_value;
};

int sb_session_fail(const struct sb_channel *channel, const char *line)
{
    struct sb_buf frame;
    int error;

    sb_buf_init(&frame);
    sb_frame_begin(&frame, SB_FRAME_FAIL);
    sb_buf_text(&frame, line);
    error = sb_frame_end(&frame);
    if (!error)
        error = channel->send(channel->self, &frame);
    sb_buf_fini(&frame);
    return error;
}

static void stop(struct session *s)
{
    s->phase = OVER;
    s->ended = true;
}

/* The learner did what the interface forbids: says so at once, for it may not survive what we
 * return, and ends the run. */
static void misuse(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void misuse(struct session *s, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    if (s->ended)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    sb_session_fail(s->channel, line);
    stop(s);
}

/* Most calls are for run() alone; false: return the failure value. */
static bool running(struct session *s, const char *call)
{
    if (s->phase == CREATING)
        misuse(s, "the learner called %s() in create(); it may be called inside run() only", call);
    return s->phase == RUNNING;
}

static void set_text(struct sb_buf *b, const char *text)
{
    sb_buf_clear(b);
    sb_buf_puts(b, text);
}

/* Facts, parameters, coins: from create() on. */

static const struct sb_facts *host_facts(void *self)
{
    const struct session *s = self;

    return &s->told.facts;
}

static double host_tolerance(void *self, uint32_t access)
{
    const struct session *s = self;
    const uint32_t granted = s->told.facts.access;
    const uint32_t asked = access ? access : granted;

    double found = NAN;

    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        if ((asked & granted) >> bit & 1 && !isnan(s->told.tolerance[bit]))
            found = s->told.tolerance[bit];
    return found;
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = { "?", "int", "real", "bool", "text", "vector" };

    return names[type < SB_COUNT(names) ? type : 0];
}

/* A value of one of the types in the mask `types`; NULL after saying what was wrong. */
static const struct sb_told_value *value_of(struct session *s, const char *call, bool family,
                                            const char *name, uint32_t types)
{
    const struct sb_told_values *values = family ? &s->told.family : &s->told.learner;
    const struct sb_told_value *v;

    if (s->ended)
        return NULL;
    if (!name) {
        misuse(s, "the learner called %s(NULL); it takes a parameter's name", call);
        return NULL;
    }
    v = sb_told_find(values, name);
    if (!v) {
        misuse(s,
               family ? "the learner called %s(\"%.64s\"), but this family has no such public "
                        "parameter; see statbed show for its parameters"
                      : "the learner called %s(\"%.64s\"), but does not declare that parameter; "
                        "add it to its table of struct sb_param",
               call, name);
        return NULL;
    }
    if (!(types >> v->type & 1)) {
        misuse(s, "the learner called %s(\"%.64s\"), but that parameter is of type %s", call, name,
               type_name(v->type));
        return NULL;
    }
    return v;
}

enum { INTEGER = 1 << SB_INT | 1 << SB_BOOL };

static int64_t host_param_int(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_int", false, name, INTEGER);

    return v ? v->i : 0;
}

static double host_param_real(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_real", false, name, 1 << SB_REAL);

    return v ? v->r : 0;
}

static const char *host_param_text(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "param_text", false, name, 1 << SB_TEXT);

    return v ? v->text : ""; /* not NULL: strcmp() often comes next */
}

static const double *host_param_vector(void *self, const char *name, uint64_t *n_out)
{
    const struct sb_told_value *v = value_of(self, "param_vector", false, name, 1 << SB_VECTOR);

    if (n_out)
        *n_out = v ? v->n_vector : 0;
    return v ? v->vector : NULL;
}

static int64_t host_family_int(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_int", true, name, INTEGER);

    return v ? v->i : 0;
}

static double host_family_real(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_real", true, name, 1 << SB_REAL);

    return v ? v->r : 0;
}

static const char *host_family_text(void *self, const char *name)
{
    const struct sb_told_value *v = value_of(self, "family_text", true, name, 1 << SB_TEXT);

    return v ? v->text : ""; /* not NULL: strcmp() often comes next */
}

static void host_uniform(void *self, uint64_t n, double *out)
{
    struct session *s = self;

    if (!n)
        return;
    if (!out) {
        misuse(s, "the learner called uniform() without room for its numbers");
        return;
    }
    sb_random_uniform(s->coins, 0, s->n_coins, n, out);
    s->n_coins += n;
}

/* Expressions. */

/* Keeps the first cause of failure since the last ask(). */
static void note_cause(struct session *s, const char *why)
{
    if (!s->cause.n && why && *why)
        set_text(&s->cause, why);
    set_text(&s->message, why && *why ? why : "the expression could not be built");
}

static sb_expr host_parse(void *self, const char *text)
{
    struct session *s = self;
    struct sb_diag diag;
    sb_expr e;

    if (!running(s, "parse"))
        return 0;
    if (!text) {
        misuse(s, "the learner called parse(NULL); it takes an expression's text");
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
    struct session *s = self;
    sb_expr e;

    if (!running(s, "op"))
        return 0;
    if ((n_num && !num) || (n_arg && !arg)) {
        misuse(s, "the learner called op() with NULL for its numbers or arguments");
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
    struct session *s = self;

    return running(s, "mark") ? sb_pool_mark(s->pool) : 0;
}

static void host_forget(void *self, uint32_t mark)
{
    struct session *s = self;

    if (running(s, "forget"))
        sb_pool_forget(s->pool, mark);
}

/* Queries. */

/* What a query without an expression says in its place. */
static const char *cause_of(struct session *s, sb_expr e)
{
    const char *cause;

    if (e)
        return "there is no such expression: it was forgotten, or never made";
    cause = s->cause.n ? sb_buf_str(&s->cause) : NULL;
    return cause ? cause : "expression 0 stands for none";
}

/* One query of a batch; the stride may be that of an earlier, shorter struct (the rest is 0: as the
 * experiment says) or of a later, longer one. refusal: it is sent without its expression, for this
 * reason; or NULL. */
static void put_query(struct session *s, const void *p, uint64_t stride, const char *refusal)
{
    struct sb_query q = { 0 };
    size_t at, length;

    memcpy(&q, p, stride < sizeof q ? stride : sizeof q);
    sb_buf_u32(&s->out, q.access);
    sb_buf_f64(&s->out, q.tolerance);
    at = s->out.n;
    sb_buf_u32(&s->out, 0);
    if (!refusal && sb_pool_node(s->pool, q.expr))
        sb_expr_encode(s->pool, q.expr, &s->out);
    length = s->out.n - at - sizeof(uint32_t);
    if (!s->out.failed && length) {
        const uint32_t length32 = (uint32_t)length;

        memcpy(s->out.data + at, &length32, sizeof length32);
    } else {
        sb_buf_text(&s->out, refusal ? refusal : cause_of(s, q.expr));
    }
}

static int put_batch(struct session *s, const char *q, uint64_t n, uint64_t stride,
                     const char *refusal)
{
    sb_frame_begin(&s->out, SB_FRAME_ASK);
    sb_buf_u64(&s->out, n);
    for (uint64_t i = 0; i < n && !s->out.failed && s->out.n <= SB_FRAME_MAX; i++)
        put_query(s, q + i * stride, stride, refusal);
    return sb_frame_end(&s->out);
}

static int32_t protocol_stop(struct session *s)
{
    stop(s);
    return SB_STOP;
}

/* Copies what ANSWERS says; SB_STOP where it is not an answer to n queries. */
static int32_t take_answers(struct session *s, struct sb_frame *reply, uint64_t n, double *answers,
                            int32_t *status)
{
    struct sb_reader *r = &reply->body;
    int32_t first = SB_OK;
    const uint8_t *text;
    uint32_t n_text;

    if (reply->type != SB_FRAME_ANSWERS || sb_read_u64(r) != n || r->n / 12 < n)
        return protocol_stop(s);
    for (uint64_t i = 0; i < n; i++) {
        const int32_t what = (int32_t)sb_read_u32(r);
        const double answer = sb_read_f64(r);

        status[i] = what;
        if (what == SB_OK)
            answers[i] = answer;
        else if (first == SB_OK)
            first = what;
    }
    n_text = sb_read_u32(r);
    text = sb_read_bytes(r, n_text);
    if (text && n_text) {
        sb_buf_clear(&s->message);
        sb_buf_bytes(&s->message, text, n_text);
    }
    if (first < 0)
        s->phase = OVER; /* the runner still wants DONE */
    return first;
}

/* Sends the batch that is in s->out. */
static int32_t ask_batch(struct session *s, uint64_t n, double *answers, int32_t *status)
{
    struct sb_frame reply;

    if (s->channel->exchange(s->channel->self, &s->out, &reply))
        return protocol_stop(s);
    return take_answers(s, &reply, n, answers, status);
}

/* A batch without room in one message is asked without its expressions, in parts: none of it can be
 * answered, but every query of it was asked, is numbered and has its row. */
static int32_t refuse_batch(struct session *s, const char *q, uint64_t n, uint64_t stride,
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
            return protocol_stop(s); /* no memory for 8 MiB */
        got = ask_batch(s, m, answers + i, status + i);
        first = first == SB_OK || got < 0 ? got : first;
    }
    return first;
}

static int32_t host_ask(void *self, const struct sb_query *q, uint64_t n, uint64_t stride,
                        double *answers, int32_t *status)
{
    struct session *s = self;
    const char *bytes = (const char *)q;
    int32_t first;

    if (!running(s, "ask"))
        return SB_STOP;
    if (!n)
        return SB_OK;
    if (!q || !answers || !status || stride < SB_QUERY_SIZE_1_0) {
        misuse(s,
               "the learner called ask() with %s; zero a struct sb_query, fill it, and pass its "
               "sizeof as the stride",
               !q                    ? "no queries"
               : !answers || !status ? "no room for the answers"
                                     : "a stride smaller than a query");
        return SB_STOP;
    }
    set_text(&s->message, "");
    if (put_batch(s, bytes, n, stride, NULL) == 0)
        first = ask_batch(s, n, answers, status);
    else
        first = refuse_batch(s, bytes, n, stride, answers, status);
    sb_buf_clear(&s->cause);
    return first;
}

/* What the learner returns. */

static int32_t unfit(struct session *s, int32_t status, const char *why)
{
    set_text(&s->message, why);
    return status;
}

static bool depends_on_label(const struct session *s, sb_expr e)
{
    struct sb_support support;
    bool label;

    if (sb_expr_support(s->pool, e, &support))
        return true;
    label = support.label;
    sb_support_fini(&support);
    return label;
}

static int32_t host_predict_expr(void *self, sb_expr e)
{
    struct session *s = self;
    struct sb_buf encoded;

    if (!running(s, "predict_expr"))
        return SB_STOP;
    if (s->told.facts.goal != SB_PREDICT)
        return unfit(s, SB_REFUSED, "the goal is not 'predict': facts()->goal says what is wanted");
    if (!sb_pool_node(s->pool, e))
        return unfit(s, SB_SYNTAX, cause_of(s, e));
    if (depends_on_label(s, e))
        return unfit(s, SB_SYNTAX, "a predictor is a function of x alone; this one uses the label");
    sb_buf_clear(&s->out);
    sb_expr_encode(s->pool, e, &s->out);
    if (s->out.failed || s->out.n > SB_FRAME_MAX / 2)
        return unfit(s, SB_REFUSED, "the predictor is too large for one message");
    encoded = s->expr; /* only now: what was returned before stands until something replaces it */
    s->expr = s->out;
    s->out = encoded;
    s->returned = EXPR;
    return SB_OK;
}

static int32_t host_verdict(void *self, int32_t planted)
{
    struct session *s = self;

    if (!running(s, "verdict"))
        return SB_STOP;
    if (s->told.facts.goal != SB_DISTINGUISH)
        return unfit(s, SB_REFUSED,
                     "the goal is not 'distinguish': facts()->goal says what is wanted");
    s->verdict = planted != 0;
    s->returned = VERDICT;
    return SB_OK;
}

static int32_t host_recovered(void *self, const double *value, uint64_t n)
{
    struct session *s = self;
    double *copy;

    if (!running(s, "recovered"))
        return SB_STOP;
    if (s->told.facts.goal != SB_RECOVER)
        return unfit(s, SB_REFUSED, "the goal is not 'recover': facts()->goal says what is wanted");
    if ((n && !value) || n > SB_FRAME_MAX / 2 / sizeof *value)
        return unfit(s, SB_REFUSED, "the recovered object is missing, or too large for a message");
    copy = SB_NEW_ARRAY(double, n);
    if (!copy)
        return unfit(s, SB_REFUSED, "out of memory");
    if (n)
        memcpy(copy, value, n * sizeof *copy);
    free(s->value);
    s->value = copy;
    s->n_value = n;
    s->returned = VALUE;
    return SB_OK;
}

static const char *host_message(void *self)
{
    struct session *s = self;
    const char *text = sb_buf_str(&s->message);

    return text ? text : "";
}

/* The life of a run. */

static void offer(struct session *s)
{
    s->host = (struct sb_host){
        .struct_size = (uint32_t)sizeof s->host,
        .abi_minor = SB_ABI_MINOR,
        .self = s,
        .facts = host_facts,
        .tolerance = host_tolerance,
        .param_int = host_param_int,
        .param_real = host_param_real,
        .param_text = host_param_text,
        .param_vector = host_param_vector,
        .family_int = host_family_int,
        .family_real = host_family_real,
        .family_text = host_family_text,
        .uniform = host_uniform,
        .parse = host_parse,
        .op = host_op,
        .mark = host_mark,
        .forget = host_forget,
        .ask = host_ask,
        .predict_expr = host_predict_expr,
        .verdict = host_verdict,
        .recovered = host_recovered,
        .message = host_message,
    };
}

static int begin(struct session *s, const struct sb_frame *config)
{
    const struct sb_facts *facts = &s->told.facts;
    struct sb_space space = { 0 };
    int error;

    error = sb_told_read(&s->told, config);
    if (error)
        return error;
    space.domain = facts->domain;
    space.dim = facts->dim;
    space.modulus = facts->modulus;
    space.n_labels = facts->n_labels;
    space.labels = facts->label_set;
    space.n_candidates = facts->n_candidates;
    s->pool = sb_pool_new(&space);
    s->coins = sb_key_derive("coins", &s->told.coins, sizeof s->told.coins);
    offer(s);
    return s->pool ? 0 : -ENOMEM;
}

static void end(struct session *s)
{
    sb_pool_free(s->pool);
    sb_told_fini(&s->told);
    sb_buf_fini(&s->out);
    sb_buf_fini(&s->cause);
    sb_buf_fini(&s->message);
    sb_buf_fini(&s->expr);
    free(s->value);
}

/* READY, and the answer START: the hidden member is drawn in between. */
static void announce(struct session *s)
{
    struct sb_frame reply;
    int error;

    sb_frame_begin(&s->out, SB_FRAME_READY);
    error = sb_frame_end(&s->out);
    if (!error)
        error = s->channel->exchange(s->channel->self, &s->out, &reply);
    if (error || reply.type != SB_FRAME_START)
        stop(s);
}

static int done(struct session *s, int32_t code)
{
    struct sb_buf *out = &s->out;
    int error;

    sb_frame_begin(out, SB_FRAME_DONE);
    sb_buf_u32(out, (uint32_t)code);
    sb_buf_u32(out, (uint32_t)s->returned);
    sb_buf_u32(out, s->returned == EXPR ? (uint32_t)s->expr.n : 0);
    if (s->returned == EXPR)
        sb_buf_bytes(out, s->expr.data, s->expr.n);
    sb_buf_u32(out, (uint32_t)s->verdict);
    sb_buf_u32(out, s->returned == VALUE ? (uint32_t)s->n_value : 0);
    for (uint64_t i = 0; s->returned == VALUE && i < s->n_value; i++)
        sb_buf_f64(out, s->value[i]);
    error = sb_frame_end(out);
    return error ? error : s->channel->send(s->channel->self, out);
}

/* create(), run(), destroy(). destroy() comes before the last frame, so that what it prints or
 * breaks belongs to the run. */
static int live(struct session *s, const struct sb_learner *learner)
{
    void *self = NULL;
    int32_t code = learner->create ? learner->create(&s->host, &self) : 0;

    if (code && !s->ended)
        misuse(s, "the learner's create() returned %d", (int)code);
    if (!s->ended)
        announce(s);
    if (!s->ended) {
        s->phase = RUNNING;
        code = learner->run(&s->host, self);
        s->phase = OVER;
    }
    if (learner->destroy)
        learner->destroy(self);
    fflush(stdout);
    return s->ended ? 0 : done(s, code);
}

int sb_session_run(const struct sb_plugin *plugin, const struct sb_frame *config,
                   const struct sb_channel *channel)
{
    struct session s = { .channel = channel, .phase = CREATING };
    const int error = begin(&s, config);
    int outcome;

    if (error)
        outcome =
            sb_session_fail(channel, error == -ENOMEM ? "the learner's process is out of memory"
                                                      : "statbed-host and statbed do not match: "
                                                        "reinstall both");
    else
        outcome = live(&s, &plugin->learner);
    end(&s);
    return outcome;
}
