/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policy reference: the null's value whenever that is within tolerance of the truth, else the truth
 * (theorems.md B4): the adversary of the distinguishing bounds. Slack and failure probability are halved
 * between the two estimates, and the null's is drawn from a stream that the hidden member does not
 * change. The null is left only where |truth - null| > tolerance - the truth's half-width, so at a
 * true gap above tolerance (1 - 2 slack); bounds are evaluated there.
 *
 * Beside its answers it counts, as policy null does, for how many members of the family the null's value
 * is wrong. That changes no answer: it looks at exact profiles only, and costs no failure probability.
 * Answers that left the null are not counted: from the first on the run is another one than the null's. */
#include "base/memory.h"
#include "numeric/ball.h"
#include "oracles/policies/policies.h"
#include "oracles/policies/version_space.h"

#include <errno.h>
#include <string.h>

/* `auto`: members; more take time at every run's beginning and end, whatever it asks */
enum { MOST_AUTO = 1 << 16 };

struct reference {
    struct sb_version_space *space; /* NULL: nothing is counted */
    bool all;                       /* at any cost */
};

static void destroy(void *state)
{
    struct reference *r = state;

    if (r)
        sb_version_space_free(r->space);
    free(r);
}

static int create(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *diag)
{
    const char *count = sb_values_text(setup->oracle, "count");
    const char *why = sb_version_space_refuses(setup->family);
    const bool all = strcmp(count, "all") == 0;
    struct reference *r;
    int error = 0;

    if (all && why)
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: count: all: the members of family %s that a query rules out "
                            "cannot be counted at these parameters: %s; give count: auto or none",
                            setup->family->class->name, why);
    r = SB_NEW(struct reference);
    if (!r)
        return -ENOMEM;
    r->all = all;
    if (!why && (all || (strcmp(count, "auto") == 0 && setup->family->n_members <= MOST_AUTO)))
        error = sb_version_space_new(setup, &r->space);
    if (error)
        destroy(r);
    else
        *state_out = r;
    return error;
}

/* The null's value was answered. */
static int count(struct reference *r, const struct sb_question *q, struct sb_reply *reply,
                 struct sb_diag *diag)
{
    struct sb_view view;
    int status;

    if (!r->space)
        return 0;
    status = sb_question_profile(q, 0);
    if (status) /* refused, whatever the hidden member is: answered, but not counted */
        return status < 0 ? status : 0;
    view = sb_view_of(q);
    return sb_version_space_answer(r->space, &view, SB_OF_ALL, reply, diag);
}

static int answer(void *state, const struct sb_question *q, struct sb_reply *reply,
                  struct sb_diag *diag)
{
    struct sb_ball gap = sb_ball_add(sb_ball_of(q->null.value), sb_ball_of(-q->truth.value));

    if (gap.mid < 0)
        gap.mid = -gap.mid;
    reply->truth = q->truth;
    reply->room = sb_room(q, &q->truth);
    reply->from_null = gap.mid + gap.rad <= reply->room;
    reply->answer = reply->from_null ? q->null.value : q->truth.value;
    reply->null_half_width = q->null.half_width;
    return reply->from_null ? count(state, q, reply, diag) : 0;
}

static uint32_t profiled(const void *state)
{
    const struct reference *r = state;

    if (!r->space)
        return SB_PROFILED_NONE;
    return r->all ? SB_PROFILED_ALL : SB_PROFILED_CHEAP;
}

static const uint8_t *live(void *state, bool *null_out)
{
    const struct reference *r = state;

    *null_out = r->space && r->space->null_live;
    return r->space ? r->space->live : NULL;
}

static const struct sb_param params[] = {
    SB_SLACK("0.1"),
    { "count", SB_TEXT, 0, "auto", "auto|all|none",
      "of which queries the members ruled out are counted: auto, where that is cheap" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_policy_class sb_policy_reference = {
    .name = "reference",
    .summary = "the null's value while it is within tolerance of the truth",
    .source = "[docs/theorems.md B4; FGR17]",
    .params = params,
    .carries_bound = true,
    .truth_part = 0.5,
    .null_part = 0.5,
    .profiled = profiled,
    .create = create,
    .answer = answer,
    .live = live,
    .destroy = destroy,
};
