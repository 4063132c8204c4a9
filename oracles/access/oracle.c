/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle that a learner meets: access(policy(estimate(family))). */
#include "oracles/access/internal.h"

#include "base/memory.h"
#include "query/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

const struct sb_param sb_oracle_params[] = {
    { "delta", SB_REAL, 0, "1e-6", "(0,0.5]",
      "probability that any certificate of the run fails, all queries together" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

static int make_policy(struct sb_oracle *oracle, const struct sb_oracle_setup *setup,
                       struct sb_diag *diag)
{
    const struct sb_policy_setup policy = {
        .family = setup->family,
        .oracle = setup->values,
        .null_is_candidate = setup->null_is_candidate,
        .key = sb_key_derive("policy", &setup->secret_material, sizeof setup->secret_material),
        .grid = setup->access->least ? setup->access->least(oracle->granted) : 0,
    };

    return setup->policy->create ? setup->policy->create(&policy, &oracle->state, diag) : 0;
}

/* y g(x) is a query to [-1,1] where labels are */
static bool labels_are_small(const struct sb_space *space)
{
    return space->n_labels && space->labels[0] >= -1 && space->labels[space->n_labels - 1] <= 1;
}

/* What does not fit together; before anything is made. */
static int check_setup(const struct sb_oracle_setup *setup, struct sb_diag *diag)
{
    const struct sb_access_class *access = setup->access;
    const uint32_t grants = setup->grants | access->bit;

    if (access->kind != SB_ACCESS_QUERY && !setup->policy->fresh)
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: %s hands out or averages fresh examples, which leaves nothing "
                            "to policy %s; give policy: fresh",
                            access->name, setup->policy->name);
    if (access->kind == SB_ACCESS_QUERY && setup->policy->fresh)
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: policy %s is for oracles that draw fresh examples (one-stat, "
                            "honest, label, sample), and %s answers within a tolerance",
                            setup->policy->name, access->name);
    if (setup->policy->lazy && setup->grants & (SB_LABEL | SB_SAMPLE))
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: policy %s hides nothing before the run ends, so there is no "
                            "member whose labels or examples could be granted; grant none, or "
                            "choose another policy",
                            setup->policy->name);
    if (access->without_label && !labels_are_small(&setup->family->space))
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: %s needs labels in [-1,1], and family %s has others",
                            access->name, setup->family->class->name);
    if (grants & SB_LABEL && !setup->family->space.n_labels)
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: labels at chosen points need a finite label set, and family "
                            "%s has real labels",
                            setup->family->class->name);
    return 0;
}

static void derive_keys(struct sb_oracle *oracle, const struct sb_oracle_setup *setup)
{
    const struct sb_digest *secret = &setup->secret_material, *public = &setup->public_material;

    oracle->truth_key = sb_key_derive("truth", secret, sizeof *secret);
    oracle->label_key = sb_key_derive("labels", secret, sizeof *secret);
    oracle->example_key = sb_key_derive("examples", secret, sizeof *secret);
    oracle->null_key = sb_key_derive("null", public, sizeof *public);
}

int sb_oracle_new(const struct sb_oracle_setup *setup, struct sb_oracle **out, struct sb_diag *diag)
{
    const struct sb_access_class *access = setup->access;
    struct sb_oracle *oracle;
    int error = check_setup(setup, diag);

    if (error)
        return error;
    oracle = SB_NEW(struct sb_oracle);
    if (!oracle)
        return -ENOMEM;
    oracle->access = access;
    oracle->policy = setup->policy;
    oracle->family = setup->family;
    oracle->fuse = setup->fuse;
    oracle->budget = setup->budget;
    oracle->label_budget = setup->label_budget;
    oracle->sample_budget = setup->sample_budget;
    oracle->grants = setup->grants | access->bit;
    oracle->granted = access->granted(setup->values);
    oracle->lipschitz = access->lipschitz ? access->lipschitz(setup->values) : __builtin_inf();
    oracle->delta = sb_values_real(setup->values, "delta");
    oracle->slack = sb_values_real(setup->values, "slack");
    derive_keys(oracle, setup);
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

bool sb_access_gives_examples(const struct sb_access_class *access, uint32_t grants)
{
    return access->kind != SB_ACCESS_QUERY || grants & (SB_LABEL | SB_SAMPLE);
}

void *sb_oracle_policy_state(struct sb_oracle *oracle)
{
    return oracle->state;
}

void sb_oracle_refuse(struct sb_oracle *oracle, struct sb_asked *asked, int32_t status,
                      const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(oracle->message, sizeof oracle->message, fmt, ap);
    va_end(ap);
    asked->status = status;
    asked->message = oracle->message;
}

/* The access and the budgets. */
static bool admit(struct sb_oracle *oracle, struct sb_asked *asked)
{
    const struct sb_access_class *access = oracle->access;

    if (oracle->stopped)
        sb_oracle_refuse(oracle, asked, SB_STOP, "the run is over");
    else if (oracle->totals.n_queries > oracle->budget)
        sb_oracle_refuse(oracle, asked, SB_BUDGET, "the budget of %llu queries is used up",
                         (unsigned long long)oracle->budget);
    else if (access->kind == SB_ACCESS_EXAMPLES)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "no query oracle is granted; the experiment grants %s", access->name);
    else if (asked->access != access->bit)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "this oracle is not granted; the experiment grants %s", access->name);
    return asked->status == SB_OK;
}

/* The tolerance, and the examples that it may stand for. */
static bool check_tolerance(struct sb_oracle *oracle, double tolerance, struct sb_asked *asked)
{
    const char *expected = oracle->access->refuse(oracle->granted, asked->tolerance);

    if (expected) {
        sb_oracle_refuse(oracle, asked, SB_TOLERANCE, "%g was asked for, expected %s (%g)",
                         tolerance, expected, oracle->granted.value);
        return false;
    }
    return oracle->access->kind != SB_ACCESS_FRESH ||
           sb_oracle_has_examples(oracle, (uint64_t)asked->tolerance, asked);
}

/* Can callbacks be evaluated at all? */
static bool check_callback(struct sb_oracle *oracle, struct sb_asked *asked)
{
    const struct sb_family *family = oracle->family;

    if (oracle->access->kind == SB_ACCESS_FRESH)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "%s draws fresh examples, which a callback never sees; use an expression",
                         oracle->access->name);
    else if (family->no_public_points || !family->space.n_labels)
        sb_oracle_refuse(oracle, asked, SB_REFUSED, "%s; use an expression",
                         family->no_public_points ? family->no_public_points
                                                  : "labels are real numbers");
    else if (oracle->lipschitz < __builtin_inf() && !sb_public_whole_domain(&family->space))
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "a callback's label-Lipschitz constant cannot be seen where it is not "
                         "called at every point of the domain; use an expression");
    return asked->status == SB_OK;
}

/* Everything that can be said from public facts alone. */
static bool check(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked)
{
    if (!admit(oracle, asked) || !check_tolerance(oracle, ask->tolerance, asked))
        return false;
    if (asked->has_callback)
        return check_callback(oracle, asked);
    if (!asked->has_expr)
        sb_oracle_refuse(oracle, asked, SB_SYNTAX, "%s",
                         ask->cause && *ask->cause ? ask->cause : "no expression was given");
    return asked->status == SB_OK;
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

/* 0, or -ENOMEM */
static int check_label(struct sb_oracle *oracle, struct sb_pool *pool, sb_expr expr,
                       struct sb_asked *asked)
{
    struct sb_support support;

    if (sb_expr_support(pool, expr, &support))
        return -ENOMEM;
    if (support.label)
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "%s takes functions g of x alone, and this one depends on the label; "
                         "leave y out: E[y g(x)] is what is answered",
                         oracle->access->name);
    sb_support_fini(&support);
    return 0;
}

static void check_lipschitz(struct sb_oracle *oracle, struct sb_pool *pool, sb_expr expr,
                            struct sb_asked *asked)
{
    double constant;

    if (oracle->lipschitz >= __builtin_inf())
        return;
    constant = sb_expr_label_lipschitz(pool, expr);
    if (!(constant <= oracle->lipschitz))
        sb_oracle_refuse(oracle, asked, SB_REFUSED,
                         "a label-Lipschitz constant of at most %.9g is proven for this query, and "
                         "the experiment grants %.9g",
                         constant, oracle->lipschitz);
}

/* What is to be estimated: the query clipped, and made into what the access asks for. *out is 0
 * where the query was refused. 0, or -ENOMEM. */
static int prepare(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked,
                   sb_expr *out)
{
    const struct sb_access_class *access = oracle->access;
    sb_expr expr = clip(access, ask->pool, ask->expr, &asked->clipped);
    int error = 0;

    if (expr)
        check_lipschitz(oracle, ask->pool, expr, asked);
    if (expr && access->without_label)
        error = check_label(oracle, ask->pool, expr, asked);
    if (expr && access->estimated)
        expr = access->estimated(ask->pool, expr);
    if (!expr && !asked->status)
        sb_oracle_refuse(oracle, asked, SB_REFUSED, "the expression is too large to be clipped");
    *out = asked->status ? 0 : expr;
    return error;
}

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

static struct sb_question question(const struct sb_oracle *oracle, const struct sb_ask *ask,
                                   const struct sb_asked *asked)
{
    const double seq = (double)asked->seq;

    return (struct sb_question){
        .family = oracle->family,
        .hidden = oracle->hidden,
        .pool = ask->pool,
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
        .fresh = { oracle->example_key, oracle->totals.n_examples, asked->cost },
        .fuse = oracle->fuse,
    };
}

/* The policy's turn. A positive status of its is public; a callback's comes with a line. */
static int play(struct sb_oracle *oracle, const struct sb_question *q, struct sb_asked *asked,
                struct sb_diag *diag)
{
    const int status = oracle->policy->answer(oracle->state, q, &asked->reply, diag);

    if (q->callback)
        asked->digest = q->pass->result.digest;
    if (status < 0)
        return status;
    if (status > 0 && q->callback)
        sb_oracle_refuse(oracle, asked, status, "%s", q->pass->result.message);
    else if (status > 0)
        sb_oracle_refuse(
            oracle, asked, status,
            "an answer would need more than %g samples; ask at a coarser tolerance, or a query "
            "of fewer coordinates",
            (double)SB_SAMPLES_MAX);
    return status ? 0 : check_room(oracle, asked, diag);
}

static int answer(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked,
                  struct sb_diag *diag)
{
    struct sb_question q = question(oracle, ask, asked);
    struct sb_public_pass pass = { 0 };
    int error = 0;

    q.pass = &pass;
    if (!q.callback)
        error = prepare(oracle, ask, asked, &q.expr);
    if (!error && !asked->status)
        error = play(oracle, &q, asked, diag);
    sb_public_result_fini(&pass.result);
    return error;
}

/* The expression's own digest; a callback's is known when it was evaluated. */
static int name_query(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *asked)
{
    if (!asked->has_expr)
        return 0;
    sb_buf_clear(&oracle->bytes);
    sb_expr_encode(ask->pool, ask->expr, &oracle->bytes);
    if (oracle->bytes.failed)
        return -ENOMEM;
    asked->digest = sb_digest_of(oracle->bytes.data, oracle->bytes.n);
    return 0;
}

int sb_oracle_ask(struct sb_oracle *oracle, const struct sb_ask *ask, struct sb_asked *out,
                  struct sb_diag *diag)
{
    const bool fresh = oracle->access->kind == SB_ACCESS_FRESH;
    int error;

    oracle->totals.n_queries++;
    *out = (struct sb_asked){ .seq = ++oracle->totals.n_asked,
                              .access = ask->access ? ask->access : oracle->access->bit,
                              .tolerance =
                                  ask->tolerance == 0 ? oracle->granted.value : ask->tolerance,
                              .has_expr = ask->expr != 0,
                              .has_callback = ask->callback && !ask->expr,
                              .reply = { .n_eliminated = -1, .n_live = -1 } };
    error = name_query(oracle, ask, out);
    if (error)
        return error;
    if (!check(oracle, ask, out))
        return 0;
    out->cost = fresh ? (uint64_t)out->tolerance : 1;
    error = answer(oracle, ask, out, diag);
    if (error) {
        out->reply = (struct sb_reply){ .n_eliminated = -1, .n_live = -1 };
        sb_oracle_refuse(oracle, out, SB_STOP, "the run is over");
    }
    if (out->status)
        out->cost = 0;
    else
        sb_oracle_count(oracle, out);
    return error;
}
