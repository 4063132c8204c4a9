/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a batch: every query is numbered and checked; then all expressions are estimated
 * together, since the batch was fixed before anything is drawn; then the policy answers one after the
 * other, callbacks with a pass of their own. */
#include "oracles/access/internal.h"

#include "base/memory.h"

#include <errno.h>

/* The worst bug we can have, so it is looked for at every answer. */
static int check_room(struct sb_oracle *oracle, const struct sb_asked *asked, struct sb_diag *diag)
{
    const struct sb_reply *reply = &asked->reply;
    const double gap = reply->answer > reply->truth.value ? reply->answer - reply->truth.value
                                                          : reply->truth.value - reply->answer;

    /* a rounding of the gap itself is not the policy's */
    if (oracle->policy->lazy || oracle->policy->fresh || gap <= reply->room * (1 + 0x1p-52))
        return 0;
    return sb_diag_fail(diag, -EFAULT,
                        "a fault of statbed's: policy %s answered query %llu with %.17g, %.3g from "
                        "the certified %.17g, and %.3g was its room; please report it",
                        oracle->policy->name, (unsigned long long)asked->seq, reply->answer, gap,
                        reply->truth.value, reply->room);
}

static struct sb_question question(struct sb_oracle *oracle, const struct sb_ask *ask,
                                   const struct sb_asked *asked, sb_expr expr)
{
    const double seq = (double)asked->seq;

    return (struct sb_question){
        .family = oracle->family,
        .hidden = oracle->hidden,
        .pool = ask->pool,
        .expr = expr,
        .callback = asked->has_callback ? ask->callback : NULL,
        .without_label = oracle->access->without_label,
        .lipschitz = oracle->lipschitz,
        .lo = oracle->access->lo,
        .hi = oracle->access->hi,
        .digest = asked->digest,
        .seq = asked->seq,
        .tolerance = { oracle->granted.rule, asked->tolerance },
        .slack = oracle->slack,
        .delta = oracle->delta / (seq * (seq + 1)), /* sums to delta over all queries */
        .truth_key = oracle->truth_key,
        .null_key = oracle->null_key,
        .stream = asked->seq,
        .least = sb_tolerance_lb((struct sb_tolerance){ oracle->granted.rule, asked->tolerance }, 0,
                                 0, 0),
        .profile = oracle->profiled == SB_PROFILED_NONE ? NULL : &oracle->profile,
        .profile_bits = oracle->profiled == SB_PROFILED_CHEAP ? SB_CHEAP_BITS : 0,
        .keep_table = oracle->keeps_tables,
        .fresh = { oracle->example_key, oracle->totals.n_examples, asked->cost },
        .fuse = oracle->fuse,
    };
}

/* No answer, and the run's end. */
static void end(struct sb_oracle *oracle, struct sb_asked *asked)
{
    asked->reply = (struct sb_reply){ .n_eliminated = -1, .n_dropped = -1, .n_live = -1 };
    asked->cost = 0;
    sb_oracle_refuse(oracle, asked, SB_STOP, "the run is over");
}

static void refuse_sampling(struct sb_oracle *oracle, struct sb_asked *asked, int status)
{
    sb_oracle_refuse(oracle, asked, status,
                     "an answer would need more than %g samples; ask at a coarser tolerance, or a "
                     "query of fewer coordinates",
                     (double)SB_SAMPLES_MAX);
}

/* The policy's turn, with the estimates that it needs. A positive status of its is public. */
static int play(struct sb_oracle *oracle, const struct sb_question *q, struct sb_asked *asked,
                struct sb_diag *diag)
{
    const double part = oracle->policy->profile_part;
    int status = part > 0 ? sb_question_profile(q, part) : 0;

    if (status > 0) {
        sb_oracle_refuse(oracle, asked, status, "%s", q->profile->refused);
        return 0;
    }
    if (!status)
        status = oracle->policy->answer(oracle->state, q, &asked->reply, diag);
    if (status > 0)
        refuse_sampling(oracle, asked, status);
    return status ? status < 0 ? status : 0 : check_room(oracle, asked, diag);
}

static int answer_callback(struct sb_oracle *oracle, const struct sb_ask *ask,
                           struct sb_asked *asked, struct sb_diag *diag)
{
    struct sb_question q = question(oracle, ask, asked, 0);
    struct sb_public_result pass = { 0 };
    int status;

    q.pass = &pass;
    status = sb_question_call(oracle->policy, &q);
    asked->digest = pass.digest;
    if (status > 0)
        sb_oracle_refuse(oracle, asked, status, "%s", pass.message);
    else if (!status)
        status = play(oracle, &q, asked, diag);
    return status < 0 ? status : 0;
}

/* Room for n questions; kept for the next batch. */
static bool make_room(struct sb_oracle_batch *b, size_t n)
{
    void *grown = sb_grow(b->question, &b->cap_question, n, sizeof *b->question);

    if (!grown)
        return false;
    b->question = grown;
    grown = sb_grow(b->place, &b->cap_place, n, sizeof *b->place);
    if (!grown)
        return false;
    b->place = grown;
    grown = sb_grow(b->status, &b->cap_status, n, sizeof *b->status);
    if (!grown)
        return false;
    b->status = grown;
    return true;
}

/* Numbers and checks all n; the expressions to be answered become questions. */
static int take_all(struct sb_oracle *oracle, const struct sb_ask *asks, size_t n,
                    struct sb_asked *out)
{
    struct sb_oracle_batch *b = &oracle->batch;

    b->n = 0;
    for (size_t i = 0; i < n; i++) {
        sb_expr expr;
        int error;

        sb_oracle_number(oracle, &asks[i], &out[i]);
        error = sb_oracle_take(oracle, &asks[i], &out[i], &expr);
        if (error)
            return error;
        if (!expr)
            continue;
        b->place[b->n] = i;
        b->question[b->n] = question(oracle, &asks[i], &out[i], expr);
        b->question[b->n++].stream = out[0].seq;
    }
    return 0;
}

/* Query number i of the batch, of which *k questions have been answered. */
static int answer(struct sb_oracle *oracle, const struct sb_ask *ask, size_t i, size_t *k,
                  struct sb_asked *asked, struct sb_diag *diag)
{
    const struct sb_oracle_batch *b = &oracle->batch;
    int error = 0;

    if (asked->has_callback) {
        error = answer_callback(oracle, ask, asked, diag);
    } else if (*k < b->n && b->place[*k] == i) {
        if (b->status[*k])
            refuse_sampling(oracle, asked, b->status[*k]);
        else
            error = play(oracle, &b->question[*k], asked, diag);
        ++*k;
    }
    if (asked->status)
        asked->cost = 0;
    else if (!error)
        sb_oracle_count(oracle, asked);
    return error;
}

/* Queries that no other's answer may change. */
static int ask_together(struct sb_oracle *oracle, const struct sb_ask *asks, size_t n,
                        struct sb_asked *out, struct sb_diag *diag)
{
    struct sb_oracle_batch *b = &oracle->batch;
    size_t k = 0;
    int error = make_room(b, n) ? take_all(oracle, asks, n, out) : -ENOMEM;

    if (error)
        return error;
    if (b->n)
        error = sb_questions_estimate(oracle->policy, b->question, b->n, b->status);
    for (size_t i = 0; i < n; i++) {
        if (out[i].status)
            continue;
        if (!error && sb_fuse_blown(oracle->fuse)) /* a policy may take long over an answer */
            error = -ETIME;
        if (!error)
            error = answer(oracle, &asks[i], i, &k, &out[i], diag);
        if (error)
            end(oracle, &out[i]);
    }
    return error;
}

int sb_oracle_ask_many(struct sb_oracle *oracle, const struct sb_ask *asks, size_t n,
                       struct sb_asked *out, struct sb_diag *diag)
{
    /* fresh examples are counted against their budget one answer after the other */
    const size_t together = oracle->access->kind == SB_ACCESS_FRESH ? 1 : n;
    int first = 0;

    sb_oracle_forget_messages(oracle);
    for (size_t i = 0; i < n; i += together) {
        const int error = ask_together(oracle, asks + i, together, out + i, diag);

        if (error == -ENOMEM)
            return error;
        if (error)
            sb_oracle_stop(oracle);
        first = first ? first : error;
    }
    return first;
}

int sb_oracle_ask(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out,
                  struct sb_diag *diag)
{
    return sb_oracle_ask_many(oracle, ask, 1, out, diag);
}
