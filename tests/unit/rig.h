/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A shipped learner against a real oracle, in process: one setting, one run. */
#ifndef SB_TESTS_RIG_H
#define SB_TESTS_RIG_H

#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "runner/learner.h"
#include "unit.h"

#include <math.h>

enum { RIG_WORDS = 8, RIG_TABLES = 3, RIG_DIM = 64 };

/* One setting; the strings are "key=value key=value". */
struct setting {
    const char *learner, *learner_params;
    const char *family, *family_params;
    const char *access, *policy, *oracle_params;
    uint32_t goal;
    uint64_t budget; /* of queries, of labels and of examples */
};

/* All that a run needs, and what came of it. */
struct rig {
    struct sb_values family_values, oracle_values, learner_values;
    struct sb_family *family;
    bool owns_family;
    const struct sb_policy_class *policy;
    const struct sb_access_class *access;
    struct sb_learner_process *process;
    struct sb_oracle *oracle;
    struct sb_pool *pool;
    struct sb_hidden hidden;
    uint64_t seed; /* of what the policy and samples draw */
    struct sb_learner_end end;
    uint64_t n_queries, n_labels, n_examples;
};

static inline void rig_parse(const char *text, const struct sb_param *const *tables,
                             size_t n_tables, struct sb_values *out)
{
    struct sb_given given[RIG_WORDS];
    struct sb_diag diag;
    char *copy = strdup(text), *rest = copy;
    size_t n = 0;

    memset(given, 0, sizeof given);
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        if (!*word)
            continue;
        assert_true(n < RIG_WORDS);
        given[n].name = strsep(&word, "=");
        given[n++].text = word;
    }
    sb_diag_init(&diag);
    if (sb_values_parse(tables, n_tables, given, n, NULL, 0, text, out, &diag))
        fail_msg("%s: %s", text, diag.n_items ? diag.items[0].text : "?");
    sb_diag_fini(&diag);
    free(copy);
}

#define FIND(list, wanted, found)                                                                  \
    do {                                                                                           \
        for (size_t i_ = 0; (list)[i_]; i_++)                                                      \
            if (strcmp((list)[i_]->name, (wanted)) == 0)                                           \
                (found) = (list)[i_];                                                              \
        assert_non_null(found);                                                                    \
    } while (0)

/* values: the family's for its life. */
static inline void rig_family(const char *name, const char *params, struct sb_values *values,
                              struct sb_family **out)
{
    const struct sb_family_class *class = NULL;
    const struct sb_param *tables[1];
    struct sb_diag diag;

    sb_diag_init(&diag);
    FIND(sb_families, name, class);
    tables[0] = class->params;
    rig_parse(params, tables, 1, values);
    if (sb_family_new(class, values, out, &diag))
        fail_msg("%s %s: %s", name, params, diag.n_items ? diag.items[0].text : "?");
    sb_diag_fini(&diag);
}

static inline void rig_oracle(struct rig *r, const struct setting *s, struct sb_diag *diag)
{
    const struct sb_param *tables[RIG_TABLES];
    struct sb_oracle_setup setup = { .budget = s->budget,
                                     .label_budget = s->budget,
                                     .sample_budget = s->budget,
                                     .null_is_candidate = s->goal == SB_DISTINGUISH };

    FIND(sb_accesses, s->access, r->access);
    FIND(sb_policies, s->policy, r->policy);
    if (r->owns_family)
        rig_family(s->family, s->family_params, &r->family_values, &r->family);
    tables[0] = r->access->params;
    tables[1] = r->policy->params;
    tables[2] = sb_oracle_params;
    rig_parse(s->oracle_params, tables, RIG_TABLES, &r->oracle_values);
    setup.access = r->access;
    memcpy(setup.secret_material.byte, &r->seed, sizeof r->seed);
    setup.policy = r->policy;
    setup.values = &r->oracle_values;
    setup.family = r->family;
    assert_int_equal(sb_oracle_new(&setup, &r->oracle, diag), 0);
    r->pool = sb_pool_new(&r->family->space);
    assert_non_null(r->pool);
}

static inline void rig_learner(struct rig *r, const struct setting *s, struct sb_diag *diag)
{
    const struct sb_limits limits = { .memory_mib = 256, .output_kib = 16 };
    const struct sb_param *tables[1];
    char *path = NULL;

    assert_int_equal(sb_learner_find(s->learner, ".", &path, diag), 0);
    assert_int_equal(sb_learner_start(path, SB_ISOLATION_NONE, &limits, &r->process, diag), 0);
    tables[0] = sb_learner_descriptor(r->process)->params;
    rig_parse(s->learner_params, tables, 1, &r->learner_values);
    free(path);
}

static inline int rig_serve_ready(void *self)
{
    struct rig *r = self;

    if (!r->policy->lazy)
        sb_oracle_hide(r->oracle, r->hidden);
    return 0;
}

static inline int rig_serve_ask(void *self, const struct sb_wire_query *q, uint64_t n,
                                double *answers, int32_t *status, const char **message_out)
{
    struct rig *r = self;
    struct sb_diag diag;

    sb_diag_init(&diag);
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t mark = sb_pool_mark(r->pool);
        const sb_expr e = q[i].expr ? sb_expr_decode(r->pool, q[i].expr, q[i].n_expr) : 0;
        struct sb_asked asked;

        const struct sb_ask ask = { .pool = r->pool,
                                    .expr = e,
                                    .cause = q[i].cause,
                                    .access = q[i].access,
                                    .tolerance = q[i].tolerance };

        if (sb_oracle_ask(r->oracle, &ask, &asked, &diag))
            fail_msg("%s", diag.n_items ? diag.items[0].text : "the oracle failed");
        assert_false(asked.clipped); /* every range is provable */
        status[i] = asked.status;
        answers[i] = asked.reply.answer;
        if (asked.status != SB_OK)
            *message_out = "refused";
        sb_pool_forget(r->pool, mark);
    }
    sb_diag_fini(&diag);
    return 0;
}

static inline int rig_serve_labels(void *self, uint64_t n, const uint64_t *bits, const double *x,
                                   double *y_out, int32_t *status, const char **message_out)
{
    struct rig *r = self;
    const struct sb_points points = { (uint64_t *)(uintptr_t)bits, NULL };
    struct sb_asked asked;

    (void)x;
    assert_int_equal(sb_oracle_labels(r->oracle, n, &points, y_out, &asked), 0);
    *status = asked.status;
    *message_out = asked.message;
    return 0;
}

static inline int rig_serve_samples(void *self, uint64_t n, uint64_t *bits_out, double *x_out,
                                    double *y_out, int32_t *status, const char **message_out)
{
    struct rig *r = self;
    const uint32_t dim = x_out ? r->family->space.dim : 0;
    double *column[RIG_DIM];
    const struct sb_points points = { bits_out, column };
    struct sb_asked asked;

    assert_true(dim <= RIG_DIM);
    for (uint32_t j = 0; j < dim; j++)
        assert_non_null(column[j] = calloc(n, sizeof *column[j]));
    assert_int_equal(sb_oracle_samples(r->oracle, n, &points, y_out, &asked), 0);
    for (uint32_t j = 0; j < dim; j++) {
        for (uint64_t i = 0; i < n; i++)
            x_out[i * dim + j] = column[j][i];
        free(column[j]);
    }
    *status = asked.status;
    *message_out = asked.message;
    return 0;
}

/* With a family that was made before, borrowed, in the place of the setting's; NULL: with that. */
static inline void rig_run_with(struct rig *r, const struct setting *s, struct sb_family *family,
                                bool planted, uint64_t member, uint64_t seed)
{
    const struct sb_server server = { .self = r,
                                      .ready = rig_serve_ready,
                                      .ask = rig_serve_ask,
                                      .labels = rig_serve_labels,
                                      .samples = rig_serve_samples };
    struct sb_facts facts = { .struct_size = sizeof facts, .goal = s->goal };
    struct sb_task task = { .facts = &facts, .coins = 1 };
    struct sb_public_vector vectors[SB_VECTORS_MAX];
    struct sb_diag diag;

    memset(r, 0, sizeof *r);
    r->family = family;
    r->owns_family = !family;
    r->seed = seed;
    sb_diag_init(&diag);
    r->hidden = (struct sb_hidden){ planted, member };
    rig_oracle(r, s, &diag);
    rig_learner(r, s, &diag);
    facts.domain = r->family->space.domain;
    facts.dim = r->family->space.dim;
    facts.modulus = r->family->space.modulus;
    facts.access = r->access->bit;
    facts.n_queries = s->budget;
    facts.n_label_queries = r->access->bit == SB_LABEL ? s->budget : 0;
    facts.n_samples = r->access->bit == SB_SAMPLE ? s->budget : 0;
    facts.n_candidates = r->family->space.n_candidates;
    facts.n_labels = r->family->space.n_labels;
    facts.label_set = r->family->space.labels;
    facts.family = r->family->class->name;
    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        task.tolerance[bit] =
            r->access->bit >> bit & 1 ? r->access->granted(&r->oracle_values).value : NAN;
    task.learner = &r->learner_values;
    task.family = r->family->params;
    task.vectors = vectors;
    task.n_vectors = sb_family_vectors(r->family, vectors);
    assert_int_equal(sb_learner_run(r->process, &task, &server, &r->end, &diag), 0);
    r->n_queries = sb_oracle_totals(r->oracle)->n_queries;
    r->n_labels = sb_oracle_totals(r->oracle)->n_labels;
    r->n_examples = sb_oracle_totals(r->oracle)->n_examples;
    sb_diag_fini(&diag);
}

static inline void rig_run(struct rig *r, const struct setting *s, bool planted, uint64_t member)
{
    rig_run_with(r, s, NULL, planted, member, 0);
}

static inline void rig_fini(struct rig *r)
{
    sb_learner_end_fini(&r->end);
    sb_learner_close(r->process);
    sb_pool_free(r->pool);
    sb_oracle_free(r->oracle);
    if (r->owns_family)
        sb_family_free(r->family);
    sb_values_fini(&r->learner_values);
    sb_values_fini(&r->oracle_values);
    sb_values_fini(&r->family_values);
}

#endif
