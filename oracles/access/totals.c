/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run sees altogether: counts, the tolerance that its certificates left, and how many examples
 * would have simulated its answers (theorems.md A). */
#include "oracles/access/internal.h"

#include <sleef.h>

/* Of the tolerance that a query had, how much its certificates leave: a policy that keeps to the
 * null leaves it only at true gaps above that share. From the truth's half-width come one part at
 * the estimate, one at the room, and for sqrt(p(1-p)/t), of slope at most 1/2 where it exceeds 1/t,
 * one more between the least tolerance of the certificate's interval and that of the truth. The half-width
 * of a profile, all members' values, loses as much of what eliminate and null drop members by: at the
 * member's value, at its window, and at its least tolerance. (Under `variance` that is 1/t, whatever the
 * half-width: C3 and the other bounds rest on no more.) */
static double kept_share(const struct sb_oracle *oracle, const struct sb_reply *reply)
{
    const double parts = oracle->granted.rule == SB_RULE_BERNOULLI ? 3 : 2;
    const double lost = parts * reply->truth.half_width + 2 * reply->null_half_width;
    const double tolerance = reply->room > 0 ? reply->room + reply->truth.half_width
                                             : oracle->access->least(oracle->granted);
    const double kept = 1 - lost / tolerance;

    return kept > 0 ? kept : 0;
}

static void count_certificate(struct sb_oracle *oracle, const struct sb_reply *reply)
{
    struct sb_oracle_totals *totals = &oracle->totals;
    const double kept = kept_share(oracle, reply), granted = oracle->granted.value;

    totals->n_sampled += reply->truth.samples > 0;
    totals->samples += reply->truth.samples;
    if (kept >= oracle->kept)
        return;
    oracle->kept = kept;
    /* sqrt(p(1-p)/t) shrinks by this share where t grows by its square; 1/t shrinks by more */
    totals->at_tolerance =
        oracle->granted.rule == SB_RULE_STAT ? granted * kept : granted / (kept * kept);
}

/* What one answer costs in examples, but for ln(2q/delta): 2/tau^2 by Hoeffding for f to [-1,1],
 * (8/3) t by Bernstein for either rule. */
static double conversion(struct sb_tolerance tolerance)
{
    return tolerance.rule == SB_RULE_STAT ? 2 / (tolerance.value * tolerance.value)
                                          : 8 * tolerance.value / 3;
}

void sb_oracle_convert(struct sb_oracle *oracle)
{
    struct sb_oracle_totals *totals = &oracle->totals;
    double simulated = 0;

    if (oracle->conversion > 0)
        simulated = oracle->conversion *
                    Sleef_cinz_logd1_u10purec(2 * (double)totals->n_answered / oracle->delta);
    totals->equivalent_samples =
        totals->n_labels ? __builtin_nan("") : simulated + (double)totals->n_examples;
}

static void count_members(struct sb_oracle *oracle, const struct sb_reply *reply)
{
    struct sb_oracle_totals *totals = &oracle->totals;

    if (reply->n_eliminated > 0) {
        totals->sum_eliminated += (uint64_t)reply->n_eliminated;
        if ((uint64_t)reply->n_eliminated > totals->max_eliminated)
            totals->max_eliminated = (uint64_t)reply->n_eliminated;
    }
    if (reply->n_dropped > 0 && (uint64_t)reply->n_dropped > totals->max_dropped)
        totals->max_dropped = (uint64_t)reply->n_dropped;
    totals->n_left_null += oracle->policy->null_part > 0 && !reply->from_null;
    totals->n_uncounted += oracle->policy->live && reply->n_dropped < 0;
}

void sb_oracle_count(struct sb_oracle *oracle, const struct sb_asked *asked)
{
    struct sb_oracle_totals *totals = &oracle->totals;
    const struct sb_reply *reply = &asked->reply;

    totals->n_answered++;
    count_members(oracle, reply);
    if (oracle->access->kind == SB_ACCESS_FRESH) {
        totals->n_examples += asked->cost;
    } else {
        oracle->conversion +=
            conversion((struct sb_tolerance){ oracle->granted.rule, asked->tolerance });
        count_certificate(oracle, reply);
    }
    sb_oracle_convert(oracle);
}
