/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner's session: the life of one run, and its way to the runner. After the run is over - the
 * runner is gone, or the learner misused the interface - every call is a no-op that returns SB_STOP,
 * 0, "" or NULL. */
#include "host/session.h"

#include "host/session_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

int32_t sb_session_stop(struct sb_session *s)
{
    s->phase = SB_OVER;
    s->ended = true;
    return SB_STOP;
}

void sb_session_misuse(struct sb_session *s, const char *fmt, ...)
{
    char line[512];
    va_list ap;

    if (s->ended)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    sb_session_fail(s->channel, line);
    sb_session_stop(s);
}

static const char no_memory[] = "the learner's process is out of memory";

int32_t sb_session_no_memory(struct sb_session *s)
{
    sb_session_misuse(s, "%s", no_memory);
    return sb_session_stop(s);
}

bool sb_session_in_callback(struct sb_session *s, const char *call)
{
    if (s->phase != SB_EVALUATING)
        return false;
    sb_session_misuse(s,
                      "a callback of the learner's called %s(); a callback computes from its block "
                      "alone, and asks its host for nothing but facts and parameters",
                      call);
    return true;
}

bool sb_session_running(struct sb_session *s, const char *call)
{
    if (s->phase == SB_CREATING)
        sb_session_misuse(
            s, "the learner called %s() in create(); it may be called inside run() only", call);
    return !sb_session_in_callback(s, call) && s->phase == SB_RUNNING;
}

int32_t sb_session_say(struct sb_session *s, int32_t status, const char *text)
{
    sb_buf_clear(&s->message);
    sb_buf_puts(&s->message, text);
    return status;
}

int32_t sb_session_told(struct sb_session *s, int32_t status, struct sb_reader *r)
{
    const uint32_t n = sb_read_u32(r);
    const uint8_t *text = sb_read_bytes(r, n);

    if (text && n) {
        sb_buf_clear(&s->message);
        sb_buf_bytes(&s->message, text, n);
    }
    if (status < 0)
        s->phase = SB_OVER; /* the runner still wants DONE */
    return status;
}

int sb_session_exchange(struct sb_session *s, struct sb_frame *reply)
{
    const struct sb_channel *channel = s->channel;
    int error = channel->exchange(channel->self, &s->out, reply);

    while (!error && reply->type == SB_FRAME_POINTS) {
        error = sb_session_points(s, reply, &s->out);
        if (!error)
            error = channel->exchange(channel->self, &s->out, reply);
    }
    if (error == -ENOMEM)
        sb_session_no_memory(s);
    return error;
}

/* The life of a run. */

static void offer(struct sb_session *s)
{
    struct sb_host *host = &s->host;

    host->struct_size = (uint32_t)sizeof *host;
    host->abi_minor = SB_ABI_MINOR;
    host->self = s;
    sb_session_offer_facts(host);
    sb_session_offer_asking(host);
    sb_session_offer_examples(host);
    sb_session_offer_returns(host);
}

static int begin(struct sb_session *s, const struct sb_frame *config)
{
    const int error = sb_told_read(&s->told, config);

    if (error)
        return error;
    s->space = sb_space_of(&s->told.facts);
    s->pool = sb_pool_new(&s->space);
    s->coins = sb_key_derive("coins", &s->told.coins, sizeof s->told.coins);
    sb_board_init(&s->board, s->channel->board, &s->space, s->told.n_shown);
    if (s->channel->listener)
        *s->channel->listener = (struct sb_listener){ s, sb_session_points };
    offer(s);
    return s->pool ? 0 : -ENOMEM;
}

static void end(struct sb_session *s)
{
    sb_pool_free(s->pool);
    sb_told_fini(&s->told);
    sb_buf_fini(&s->out);
    sb_buf_fini(&s->cause);
    sb_buf_fini(&s->message);
    sb_buf_fini(&s->expr);
    sb_scratch_fini(&s->scratch);
    free(s->value);
}

/* READY, and the answer START: the hidden member is drawn in between. */
static void announce(struct sb_session *s)
{
    struct sb_frame reply;
    int error;

    sb_frame_begin(&s->out, SB_FRAME_READY);
    error = sb_frame_end(&s->out);
    if (!error)
        error = s->channel->exchange(s->channel->self, &s->out, &reply);
    if (error || reply.type != SB_FRAME_START)
        sb_session_stop(s);
}

/* DONE, in s->out. */
static int put_done(struct sb_session *s, int32_t code)
{
    struct sb_buf *out = &s->out;
    const bool is_expr = s->gives == SB_GIVES_EXPR, is_value = s->gives == SB_GIVES_VALUE;

    sb_frame_begin(out, SB_FRAME_DONE);
    sb_buf_u32(out, (uint32_t)code);
    sb_buf_u32(out, (uint32_t)s->gives);
    sb_buf_u32(out, is_expr ? (uint32_t)s->expr.n : 0);
    if (is_expr)
        sb_buf_bytes(out, s->expr.data, s->expr.n);
    sb_buf_u32(out, (uint32_t)s->verdict);
    sb_buf_u32(out, is_value ? (uint32_t)s->n_value : 0);
    for (uint64_t i = 0; is_value && i < s->n_value; i++)
        sb_buf_f64(out, s->value[i]);
    return sb_frame_end(out);
}

/* The last words. destroy() comes before them, so that what it prints or breaks belongs to the run;
 * but a predictor that is a callback is needed until the runner says END, and then the end of the
 * process is the last word. */
static int done(struct sb_session *s, const struct sb_learner *learner, void *self, int32_t code)
{
    const bool serves = !s->ended && code == 0 && s->gives == SB_GIVES_CALLBACK;
    struct sb_frame reply;
    int error = 0;

    if (serves) {
        error = put_done(s, code);
        if (!error)
            error = sb_session_exchange(s, &reply);
        if (!error && reply.type != SB_FRAME_END)
            error = -EPROTO;
        sb_session_stop(s);
    }
    if (learner->destroy)
        learner->destroy(self);
    fflush(stdout);
    if (s->ended)
        return error;
    error = put_done(s, code);
    return error ? error : s->channel->send(s->channel->self, &s->out);
}

/* create(), run(), destroy(). */
static int live(struct sb_session *s, const struct sb_learner *learner)
{
    void *self = NULL;
    int32_t code = learner->create ? learner->create(&s->host, &self) : 0;

    if (code && !s->ended)
        sb_session_misuse(s, "the learner's create() returned %d", (int)code);
    if (!s->ended)
        announce(s);
    if (!s->ended) {
        s->phase = SB_RUNNING;
        code = learner->run(&s->host, self);
        s->phase = SB_OVER;
    }
    return done(s, learner, self, code);
}

int sb_session_run(const struct sb_plugin *plugin, const struct sb_frame *config,
                   const struct sb_channel *channel)
{
    struct sb_session s = { .channel = channel, .phase = SB_CREATING };
    const int error = begin(&s, config);
    int outcome;

    if (error)
        outcome = sb_session_fail(
            channel,
            error == -ENOMEM ? no_memory : "statbed-host and statbed do not match: reinstall both");
    else
        outcome = live(&s, &plugin->learner);
    end(&s);
    return outcome;
}
