/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracle that a learner meets: access(policy(estimate(family))). */
#include "oracles/access/internal.h"

#include "base/memory.h"
#include "estimate/points.h"

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

/* Room for a callback's values over the whole domain, before any is asked. */
static int make_profile(struct sb_oracle *oracle, struct sb_diag *diag)
{
    const struct sb_space *space = &oracle->family->space;
    const uint64_t n = sb_space_n_slots(space) * sb_space_size(space);

    sb_profile_init(&oracle->profile);
    oracle->profiled =
        oracle->policy->profiled ? oracle->policy->profiled(oracle->state) : SB_PROFILED_NONE;
    if (oracle->profiled == SB_PROFILED_NONE || !sb_public_whole_domain(space))
        return 0;
    if (oracle->profiled == SB_PROFILED_CHEAP && n > UINT64_C(1) << SB_CHEAP_BITS)
        return 0;
    oracle->keeps_tables = true;
    return sb_profile_room(&oracle->profile, n, diag);
}

const char *sb_access_takes(const struct sb_access_class *access, const struct sb_space *space)
{
    if (sb_space_is_unlabelled(space) && (access->without_label || access->bit == SB_LABEL))
        return "labels, and its examples have none";
    if (!access->without_label || !space->n_labels)
        return NULL;
    return space->labels[0] >= -1 && space->labels[space->n_labels - 1] <= 1
               ? NULL
               : "labels in [-1,1], and it has others";
}

static bool gives_labels(const struct sb_law *law)
{
    return law->class && law->class->labels;
}

/* Can labels be had at any point, of every member and of the null? */
static bool has_labels(const struct sb_family *family)
{
    struct sb_law member, null;

    if (family->space.n_labels)
        return true;
    family->law(family, 0, false, &member);
    family->null_law(family, &null);
    return gives_labels(&member) && gives_labels(&null);
}

/* What does not fit together; before anything is made. */
static int check_setup(const struct sb_oracle_setup *setup, struct sb_diag *diag)
{
    const struct sb_access_class *access = setup->access;
    const uint32_t grants = setup->grants | access->bit;
    const char *why;

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
    why = sb_access_takes(access, &setup->family->space);
    if (why)
        return sb_diag_fail(diag, -EINVAL, "oracle: %s does not fit family %s: it needs %s",
                            access->name, setup->family->class->name, why);
    if (grants & SB_LABEL && sb_space_is_unlabelled(&setup->family->space))
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: examples of family %s have no labels that could be granted; "
                            "grant samples",
                            setup->family->class->name);
    if (grants & SB_LABEL && !has_labels(setup->family))
        return sb_diag_fail(diag, -EINVAL,
                            "oracle: family %s has real labels and does not say how they are drawn "
                            "at a chosen point, or that could take too long (of lifts with a large "
                            "m); grant samples",
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
    if (!error)
        error = make_profile(oracle, diag);
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
    sb_profile_fini(&oracle->profile);
    sb_buf_fini(&oracle->bytes);
    sb_oracle_forget_messages(oracle);
    free(oracle->messages);
    free(oracle->batch.question);
    free(oracle->batch.place);
    free(oracle->batch.status);
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

/* Messages live until the next call; one that finds no memory says that much. */
static const char *keep_message(struct sb_oracle *oracle, char *message)
{
    char **grown = message ? sb_grow(oracle->messages, &oracle->cap_messages,
                                     oracle->n_messages + 1, sizeof *grown)
                           : NULL;

    if (!grown) {
        free(message);
        return "out of memory";
    }
    oracle->messages = grown;
    grown[oracle->n_messages++] = message;
    return message;
}

void sb_oracle_forget_messages(struct sb_oracle *oracle)
{
    while (oracle->n_messages)
        free(oracle->messages[--oracle->n_messages]);
}

void sb_oracle_refuse(struct sb_oracle *oracle, struct sb_asked *asked, int32_t status,
                      const char *fmt, ...)
{
    char *message = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&message, fmt, ap) < 0)
        message = NULL;
    va_end(ap);
    asked->status = status;
    asked->message = keep_message(oracle, message);
}
