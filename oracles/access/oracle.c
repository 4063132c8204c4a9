/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle that a learner meets: access(policy(estimate(family))). */
#include "oracles/access/oracle.h"

#include "base/memory.h"
#include "query/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct sb_param sb_oracle_params[] = {
    { "delta", SB_REAL, 0, "1e-6", "(0,0.5]",
      "probability that any certificate of the run fails, all queries together" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

struct sb_oracle {
    const struct sb_access_class *access;
    const struct sb_policy_class *policy;
    const struct sb_family *family;
    const struct sb_fuse *fuse;
    void *state;
    struct sb_hidden hidden;
    struct sb_tolerance granted;
    double slack, delta;
    double kept; /* least share of the tolerance that certificates left, so far */
    bool stopped;
    struct sb_key truth_key, null_key;
    uint64_t budget;
    struct sb_buf bytes; /* of the expression at hand */
    char message[256];
    struct sb_oracle_totals totals;
};

static int make_policy(struct sb_oracle *oracle, const struct sb_oracle_setup *setup,
                       struct sb_diag *diag)
{
    const struct sb_policy_setup policy = {
        .family = setup->family,
        .oracle = setup->values,
        .null_is_candidate = setup->null_is_candidate,
        .key = sb_key_derive("policy", &setup->secret_material, sizeof setup->secret_material),
        .grid = setup->access->least(oracle->granted),
    };

    return setup->policy->create ? setup->policy->create(&policy, &oracle->state, diag) : 0;
}

int sb_oracle_new(const struct sb_oracle_setup *setup, struct sb_oracle **out, struct sb_diag *diag)
{
    struct sb_oracle *oracle = SB_NEW(struct sb_oracle);
    int error;

    if (!oracle)
        return -ENOMEM;
    oracle->access = setup->access;
    oracle->policy = setup->policy;
    oracle->family = setup->family;
    oracle->fuse = setup->fuse;
    oracle->budget = setup->budget;
    oracle->granted = setup->access->granted(setup->values);
    oracle->delta = sb_values_real(setup->values, "delta");
    oracle->slack = sb_values_real(setup->values, "slack");
    oracle->truth_key =
        sb_key_derive("truth", &setup->secret_material, sizeof setup->secret_material);
    oracle->null_key =
        sb_key_derive("null", &setup->public_material, sizeof setup->public_material);
    oracle->kept = 1;
    oracle->totals.at_tolerance = oracle->granted.value;
    error = make_policy(oracle, setup, diag);
    if (error) {
        sb_oracle_free(oracle);
        return error;
    }
    *out = oracle;
    return 0;
}

void sb_oracle_free(struct sb_oracle *oracle)
{
    if (!oracle)
        return;
    if (oracle->policy->destroy)
        oracle->policy->destroy(oracle->state);
    sb_buf_fini(&oracle->bytes);
    free(oracle);
}

void sb_oracle_hide(struct sb_oracle *oracle, struct sb_hidden hidden)
{
    oracle->hidden = hidden;
}

void sb_oracle_stop(struct sb_oracle *oracle)
{
    oracle->stopped = true;
}

const struct sb_oracle_totals *sb_oracle_totals(const struct sb_oracle *oracle)
{
    return &oracle->totals;
}

void *sb_oracle_policy_state(struct sb_oracle *oracle)
{
    return oracle->state;
}

__attribute__((format(printf, 4, 5))) static void refuse(struct sb_oracle *oracle,
                                                         struct sb_asked *asked, int32_t status,
                                                         const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(oracle->message, sizeof oracle->message, fmt, ap);
    va_end(ap);
    asked->status = status;
    asked->message = oracle->message;
}

/* Everything that can be said from public facts alone. */
static void check(struct sb_oracle *oracle, const char *cause, double tolerance,
                  struct sb_asked *asked)
{
    const struct sb_access_class *access = oracle->access;
    const char *expected;

    if (oracle->stopped) {
        refuse(oracle, asked, SB_STOP, "the run is over");
        return;
    }
    if (asked->seq > oracle->budget) {
        refuse(oracle, asked, SB_BUDGET, "the budget of %llu queries is used up",
               (unsigned long long)oracle->budget);
        return;
    }
    if (asked->access != access->bit) {
        refuse(oracle, asked, SB_REFUSED, "this oracle is not granted; the experiment grants %s",
               access->name);
        return;
    }
    expected = access->refuse(oracle->granted, asked->tolerance);
    if (expected) {
        refuse(oracle, asked, SB_TOLERANCE, "%g was asked for, expected %s (%g)", tolerance,
               expected, oracle->granted.value);
        return;
    }
    if (!asked->has_expr)
        refuse(oracle, asked, SB_SYNTAX, "%s", cause && *cause ? cause : "no expression was given");
}

/* A query that is not proven to lie in the oracle's range is clipped to it. */
static sb_expr clip(const struct sb_access_class *access, struct sb_pool *pool, sb_expr expr,
                    bool *clipped_out)
{
    const struct sb_interval range = sb_expr_range(pool, expr);
    const double ends[2] = { access->lo, access->hi };

    *clipped_out = range.lo < access->lo || range.hi > access->hi;
    return *clipped_out ? sb_pool_op(pool, SB_CLIP, ends, 2, &expr, 1) : expr;
}

/* Of the tolerance that a query had, how much its certificates leave: a policy that keeps to the
 * null leaves it only at true gaps above that share. From the truth's half-width come one part at
 * the estimate, one at the room, and for sqrt(p(1-p)/t), of slope at most 1/2 where it exceeds 1/t,
 * one more between the least tolerance of the certificate's interval and that of the truth. */
static double kept_share(const struct sb_oracle *oracle, const struct sb_reply *reply)
{
    const double parts = oracle->granted.rule == SB_RULE_BERNOULLI ? 3 : 2;
    const double lost = parts * reply->truth.half_width + 2 * reply->null_half_width;
    const double tolerance = reply->room > 0 ? reply->room + reply->truth.half_width
                                             : oracle->access->least(oracle->granted);
    const double kept = 1 - lost / tolerance;

    return kept > 0 ? kept : 0;
}

static void count(struct sb_oracle *oracle, const struct sb_reply *reply)
{
    struct sb_oracle_totals *totals = &oracle->totals;
    const double kept = kept_share(oracle, reply), granted = oracle->granted.value;

    totals->n_answered++;
    totals->n_sampled += reply->truth.samples > 0;
    totals->samples += reply->truth.samples;
    if (reply->n_eliminated > 0) {
        totals->sum_eliminated += (uint64_t)reply->n_eliminated;
        if ((uint64_t)reply->n_eliminated > totals->max_eliminated)
            totals->max_eliminated = (uint64_t)reply->n_eliminated;
    }
    if (kept >= oracle->kept)
        return;
    oracle->kept = kept;
    /* sqrt(p(1-p)/t) shrinks by this share where t grows by its square; 1/t shrinks by more */
    totals->at_tolerance =
        oracle->granted.rule == SB_RULE_STAT ? granted * kept : granted / (kept * kept);
}

/* The worst bug we can have, so it is looked for at every answer. */
static int check_room(struct sb_oracle *oracle, const struct sb_asked *asked, struct sb_diag *diag)
{
    const struct sb_reply *reply = &asked->reply;
    const double gap = reply->answer > reply->truth.value ? reply->answer - reply->truth.value
                                                          : reply->truth.value - reply->answer;

    /* a rounding of the gap itself is not the policy's */
    if (oracle->policy->lazy || gap <= reply->room * (1 + 0x1p-52))
        return 0;
    return sb_diag_fail(diag, -EFAULT,
                        "a fault of statbed's: policy %s answered query %llu with %.17g, %.3g from "
                        "the certified %.17g, and %.3g was its room; please report it",
                        oracle->policy->name, (unsigned long long)asked->seq, reply->answer, gap,
                        reply->truth.value, reply->room);
}

static int answer(struct sb_oracle *oracle, struct sb_pool *pool, sb_expr expr,
                  struct sb_asked *asked, struct sb_diag *diag)
{
    const double seq = (double)asked->seq;
    struct sb_question q = {
        .family = oracle->family,
        .hidden = oracle->hidden,
        .pool = pool,
        .lo = oracle->access->lo,
        .hi = oracle->access->hi,
        .digest = asked->digest,
        .seq = asked->seq,
        .tolerance = { oracle->granted.rule, asked->tolerance },
        .slack = oracle->slack,
        .delta = oracle->delta / (seq * (seq + 1)), /* sums to delta over all queries */
        .truth_key = oracle->truth_key,
        .null_key = oracle->null_key,
        .fuse = oracle->fuse,
    };
    int status;

    q.expr = clip(oracle->access, pool, expr, &asked->clipped);
    if (!q.expr) {
        refuse(oracle, asked, SB_REFUSED, "the expression is too large to be clipped");
        return 0;
    }
    asked->reply.n_eliminated = asked->reply.n_live = -1;
    status = oracle->policy->answer(oracle->state, &q, &asked->reply, diag);
    if (status < 0)
        return status;
    if (status > 0) {
        refuse(oracle, asked, status,
               "an answer would need more than %g samples; ask at a coarser tolerance, or a query "
               "of fewer coordinates",
               (double)SB_SAMPLES_MAX);
        return 0;
    }
    return check_room(oracle, asked, diag);
}

int sb_oracle_ask(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out,
                  struct sb_diag *diag)
{
    int error;

    *out = (struct sb_asked){ .seq = ++oracle->totals.n_queries,
                              .access = ask->access ? ask->access : oracle->access->bit,
                              .tolerance =
                                  ask->tolerance == 0 ? oracle->granted.value : ask->tolerance,
                              .has_expr = ask->expr != 0 };
    if (ask->expr) {
        sb_buf_clear(&oracle->bytes);
        sb_expr_encode(ask->pool, ask->expr, &oracle->bytes);
        if (oracle->bytes.failed)
            return -ENOMEM;
        out->digest = sb_digest_of(oracle->bytes.data, oracle->bytes.n);
    }
    check(oracle, ask->cause, ask->tolerance, out);
    if (out->status)
        return 0;
    error = answer(oracle, ask->pool, ask->expr, out, diag);
    if (error) {
        out->reply = (struct sb_reply){ .n_eliminated = -1, .n_live = -1 };
        refuse(oracle, out, SB_STOP, "the run is over");
    } else if (!out->status) {
        count(oracle, &out->reply);
    }
    return error;
}
