/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner returns: a predictor, a verdict, a recovered object. */
#include "base/memory.h"
#include "host/session_internal.h"
#include "query/reason.h"

#include <stdio.h>
#include <string.h>

static int32_t wrong_goal(struct sb_session *s, const char *goal)
{
    char line[96];

    snprintf(line, sizeof line, "the goal is not '%s': facts()->goal says what is wanted", goal);
    return sb_session_say(s, SB_REFUSED, line);
}

/* A predictor or a density: both are functions of x, returned alike. */
static bool wants_function(const struct sb_session *s)
{
    return s->told.facts.goal == SB_PREDICT || s->told.facts.goal == SB_LEARN;
}

static bool depends_on_label(const struct sb_session *s, sb_expr e)
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
    struct sb_session *s = self;
    struct sb_buf encoded;

    if (!sb_session_running(s, "predict_expr"))
        return SB_STOP;
    if (!wants_function(s))
        return wrong_goal(s, "predict");
    if (!sb_pool_node(s->pool, e))
        return sb_session_say(s, SB_SYNTAX, sb_session_cause(s, e));
    if (depends_on_label(s, e))
        return sb_session_say(s, SB_SYNTAX,
                              "a predictor is a function of x alone; this one uses the label");
    sb_buf_clear(&s->out);
    sb_expr_encode(s->pool, e, &s->out);
    if (s->out.failed || s->out.n > SB_FRAME_MAX / 2)
        return sb_session_say(s, SB_REFUSED, "the predictor is too large for one message");
    encoded = s->expr; /* only now: what was returned before stands until something replaces it */
    s->expr = s->out;
    s->out = encoded;
    s->gives = SB_GIVES_EXPR;
    return SB_OK;
}

static int32_t host_verdict(void *self, int32_t planted)
{
    struct sb_session *s = self;

    if (!sb_session_running(s, "verdict"))
        return SB_STOP;
    if (s->told.facts.goal != SB_DISTINGUISH)
        return wrong_goal(s, "distinguish");
    s->verdict = planted != 0;
    s->gives = SB_GIVES_VERDICT;
    return SB_OK;
}

static int32_t host_recovered(void *self, const double *value, uint64_t n)
{
    struct sb_session *s = self;
    double *copy;

    if (!sb_session_running(s, "recovered"))
        return SB_STOP;
    if (s->told.facts.goal != SB_RECOVER)
        return wrong_goal(s, "recover");
    if ((n && !value) || n > SB_FRAME_MAX / 2 / sizeof *value)
        return sb_session_say(s, SB_REFUSED,
                              "the recovered object is missing, or too large for a message");
    copy = SB_NEW_ARRAY(double, n);
    if (!copy)
        return sb_session_say(s, SB_REFUSED, "out of memory");
    if (n)
        memcpy(copy, value, n * sizeof *copy);
    free(s->value);
    s->value = copy;
    s->n_value = n;
    s->gives = SB_GIVES_VALUE;
    return SB_OK;
}

static int32_t host_predict(void *self, sb_phi *phi, void *user)
{
    struct sb_session *s = self;

    if (!sb_session_running(s, "predict"))
        return SB_STOP;
    if (!wants_function(s))
        return wrong_goal(s, "predict");
    if (!phi)
        return sb_session_say(s, SB_SYNTAX, "the predictor is NULL: pass a callback");
    s->predictor = (struct sb_called){ phi, user };
    s->gives = SB_GIVES_CALLBACK;
    return SB_OK;
}

void sb_session_offer_returns(struct sb_host *host)
{
    host->predict_expr = host_predict_expr;
    host->verdict = host_verdict;
    host->recovered = host_recovered;
    host->predict = host_predict;
}
