/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy extreme: as far from the truth as the tolerance allows, on a side that the query's digest
 * decides (theorems.md B3''), so that repeating does not help. Dither still does: it carries no bound. */
#include "base/memory.h"
#include "oracles/policies/policies.h"

#include <string.h>

static double pick(void *state, const struct sb_question *q, double truth, double room)
{
    const struct sb_key *key = state;
    const struct sb_digest digest = sb_question_digest(q);
    uint64_t stream, word;

    memcpy(&stream, digest.byte, sizeof stream);
    sb_random_words(*key, stream, 0, 1, &word);
    return word & 1 ? truth + room : truth - room;
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    (void)diag;
    return sb_pointwise_answer(state, q, pick, reply);
}

const struct sb_policy_class sb_policy_extreme = {
    .name = "extreme",
    .summary = "at the edge of the tolerance, on a side fixed by the query",
    .source = "[docs/theorems.md B3'']",
    SB_POINTWISE,
    .create = sb_keyed_create,
    .answer = answer,
    .destroy = free,
};
