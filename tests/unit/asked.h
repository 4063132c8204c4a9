/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An oracle over a cube, made from text as an experiment makes it. */
#ifndef SB_TESTS_ASKED_H
#define SB_TESTS_ASKED_H

#include "cube.h"

#include "oracles/access/accesses.h"
#include "oracles/policies/policies.h"

struct rig {
    struct sb_values values;
    struct sb_oracle *oracle;
    struct sb_oracle_setup setup;
    struct sb_diag diag;
};

static inline const struct sb_policy_class *rig_policy(const char *name)
{
    for (size_t i = 0; sb_policies[i]; i++)
        if (strcmp(sb_policies[i]->name, name) == 0)
            return sb_policies[i];
    return NULL;
}

static inline const struct sb_access_class *rig_access(const char *name)
{
    for (size_t i = 0; sb_accesses[i]; i++)
        if (strcmp(sb_accesses[i]->name, name) == 0)
            return sb_accesses[i];
    return NULL;
}

/* Everything but the oracle itself: the setup may be changed before rig_make. key: the run. */
static inline void rig_set(struct rig *rig, const struct cube *c,
                           const struct sb_policy_class *policy, const char *access_name,
                           const struct sb_given *given, size_t n, uint64_t key)
{
    const struct sb_access_class *access = rig_access(access_name);
    const struct sb_param *tables[3] = { access->params, sb_oracle_params, policy->params };

    memset(rig, 0, sizeof *rig);
    sb_diag_init(&rig->diag);
    if (sb_values_parse(tables, policy->params ? 3 : 2, given, n, NULL, 0, "oracle", &rig->values,
                        &rig->diag))
        fail_msg("%s", rig->diag.items[0].text);
    rig->setup = (struct sb_oracle_setup){ .access = access,
                                           .policy = policy,
                                           .values = &rig->values,
                                           .family = c->family,
                                           .public_material = sb_digest_of(&key, sizeof key),
                                           .secret_material = sb_digest_of(&key, sizeof key),
                                           .budget = 1000000,
                                           .label_budget = 1000000,
                                           .sample_budget = 1000000 };
}

static inline int rig_make(struct rig *rig)
{
    return sb_oracle_new(&rig->setup, &rig->oracle, &rig->diag);
}

/* rule: "stat", "bernoulli" or "variance"; key: the run; returns the status of sb_oracle_new. */
static inline int rig_open(struct rig *rig, const struct cube *c,
                           const struct sb_policy_class *policy, const char *rule, double tolerance,
                           const char *finish, bool distinguish, uint64_t key)
{
    const bool stat = strcmp(rule, "stat") == 0;
    char number[40];
    struct sb_given given[3] = { { .name = stat ? "tolerance" : "t", .text = number } };
    size_t n = 1;

    snprintf(number, sizeof number, "%.17g", tolerance);
    if (!stat)
        given[n++] = (struct sb_given){ .name = "rule", .text = rule };
    if (finish)
        given[n++] = (struct sb_given){ .name = "finish", .text = finish };
    rig_set(rig, c, policy, stat ? "stat" : "vstat", given, n, key);
    rig->setup.null_is_candidate = distinguish;
    return rig_make(rig);
}

static inline void rig_hide(struct rig *rig, int64_t member)
{
    sb_oracle_hide(rig->oracle, (struct sb_hidden){ member != CUBE_NULL,
                                                    member == CUBE_NULL ? 0 : (uint64_t)member });
}

static inline void rig_close(struct rig *rig)
{
    sb_oracle_free(rig->oracle);
    sb_values_fini(&rig->values);
    sb_diag_fini(&rig->diag);
}

static inline int rig_try(struct rig *rig, const struct cube *c, sb_expr e, const char *cause,
                          uint32_t access, double tolerance, struct sb_asked *out)
{
    const struct sb_ask ask = {
        .pool = c->pool, .expr = e, .cause = cause, .access = access, .tolerance = tolerance
    };

    return sb_oracle_ask(rig->oracle, &ask, out, &rig->diag);
}

/* Asks as granted; any failure of statbed's fails the test with its message. */
static inline struct sb_asked rig_ask(struct rig *rig, const struct cube *c, sb_expr e)
{
    struct sb_asked asked;

    if (rig_try(rig, c, e, NULL, 0, 0, &asked))
        fail_msg("%s", rig->diag.n_items ? rig->diag.items[0].text : "no message");
    return asked;
}

/* (answer - p)^2 or |answer - p| against the tolerance, in 113 bits: > 0 where it is outside */
static inline cube_wide rig_excess(const struct cube *c, const char *rule, double tolerance,
                                   int64_t member, sb_expr e, double answer)
{
    const cube_wide p = cube_mean(c, member, e, 1), t = tolerance;
    const cube_wide gap = answer > p ? answer - p : p - answer;
    const cube_wide spread =
        strcmp(rule, "variance") == 0 ? cube_mean(c, member, e, 2) - p * p : p * (1 - p);

    if (strcmp(rule, "stat") == 0)
        return gap - t;
    if (gap * t <= 1)
        return gap - 1 / t;
    return gap * gap - spread / t;
}

#endif
