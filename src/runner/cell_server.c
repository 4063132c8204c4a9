/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner's calls reach: the oracle, and a row each. */
#include "runner/cell_run.h"
#include "runner/rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* The learner is ready, and cannot reach this process any more: draw what is hidden. The null is
 * hidden with probability 1/2 where the goal is to tell. */
static int ready(void *self)
{
    struct sb_cell_run *run = self;

    run->hidden.planted =
        run->point->goal->goal != SB_DISTINGUISH || sb_random_below(run->secret, 1, 2) == 0;
    run->hidden.member = sb_random_below(run->secret, 0, run->family->n_members);
    if (!run->point->policy->lazy)
        sb_oracle_hide(run->oracle, run->hidden);
    return 0;
}

/* Rows are disk: a learner that is told that its budget is used up, and told again, is stopped. */
enum { OVER_MAX = 100000 };

int sb_cell_patience(const struct sb_cell_run *run)
{
    return run->n_over < OVER_MAX ? 0 : -EDQUOT;
}

int sb_cell_keep(struct sb_cell_run *run, const struct sb_asked *asked,
                 const struct sb_cell_query *query)
{
    sb_transcript_add(&run->transcript, asked);
    run->n_over += asked->status == SB_BUDGET;
    if (asked->status != SB_OK && !run->message[0])
        snprintf(run->message, sizeof run->message, "%s", asked->message);
    if (asked->status > 0 && asked->status != SB_BUDGET && run->n_refused++ == 0)
        snprintf(run->refused, sizeof run->refused, "%s", asked->message);
    return sb_cell_store_query(run, asked, query);
}

/* Before a call for labels or examples: 0, or -ETIME with the oracle stopped, so that the call has
 * its number and its row all the same. */
static int before_call(struct sb_cell_run *run)
{
    run->message[0] = '\0';
    if (!sb_fuse_blown(&run->fuse))
        return 0;
    sb_oracle_stop(run->oracle);
    return -ETIME;
}

static int after_call(struct sb_cell_run *run, const struct sb_asked *asked, int ended,
                      int32_t *status, const char **message_out)
{
    const struct sb_cell_query none = { 0 };
    const int error = sb_cell_keep(run, asked, &none);

    *status = asked->status;
    *message_out = run->message[0] ? run->message : NULL;
    return error ? error : ended ? ended : sb_cell_patience(run);
}

static int labels(void *self, uint64_t n, const uint64_t *bits, const double *x, double *y_out,
                  int32_t *status, const char **message_out)
{
    struct sb_cell_run *run = self;
    const int ended = before_call(run);
    struct sb_asked asked;
    const int error =
        sb_rows_labels(&run->through, run->family->space.dim, n, bits, x, y_out, &asked);

    return error ? error : after_call(run, &asked, ended, status, message_out);
}

static int samples(void *self, uint64_t n, uint64_t *bits_out, double *x_out, double *y_out,
                   int32_t *status, const char **message_out)
{
    struct sb_cell_run *run = self;
    const int ended = before_call(run);
    struct sb_asked asked;
    const int error =
        sb_rows_samples(&run->through, run->family->space.dim, n, bits_out, x_out, y_out, &asked);

    return error ? error : after_call(run, &asked, ended, status, message_out);
}

uint32_t sb_cell_goal(const struct sb_cell_run *run)
{
    return run->through.tests ? SB_PREDICT : run->point->goal->goal;
}

static int predictor(void *self, const struct sb_callback *callback)
{
    struct sb_cell_run *run = self;
    const struct sb_callback_task task = { .family = run->family,
                                           .predictor = callback,
                                           .loss = sb_goal_loss(run->point->goal->goal,
                                                                &run->point->goal_values),
                                           .hidden = run->hidden,
                                           .keep_table = run->point->policy->lazy,
                                           .key = sb_cell_score_key(run),
                                           .fuse = &run->fuse };

    int error = 0;

    if (!sb_goal_has_loss(sb_cell_goal(run)))
        return 0;
    sb_cell_light_fuse(run);
    if (sb_goal_has_loss(run->point->goal->goal))
        error = sb_score_callback(&task, &run->called);
    return error ? error : sb_reduction_predictor(&run->through, callback, run->hidden);
}

static void traffic(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    const struct sb_cell_run *run = self;

    run->cell->traffic(run->cell->traffic_self, to_learner, type, payload, n);
}

/* What is granted, by the bit of its access; examples have no tolerance. */
static void tell_tolerance(const struct sb_access_class *access, double granted,
                           double tolerance[SB_ACCESS_KINDS])
{
    for (int bit = 0; bit < SB_ACCESS_KINDS; bit++)
        tolerance[bit] =
            access->bit >> bit & 1 && access->kind != SB_ACCESS_EXAMPLES ? granted : NAN;
}

int sb_cell_serve(struct sb_cell_run *run, struct sb_learner_process *process,
                  struct sb_learner_end *end)
{
    const struct sb_point *p = run->point;
    const struct sb_space *space = &run->family->space;
    const struct sb_tolerance granted = p->access->granted(&p->oracle_values);
    const struct sb_value *max = sb_values_find(&p->goal_values, "max");
    struct sb_public_vector vectors[SB_VECTORS_MAX];
    const struct sb_facts facts = {
        .struct_size = sizeof facts,
        .domain = space->domain,
        .dim = space->dim,
        .modulus = space->modulus,
        .goal = sb_cell_goal(run),
        .access = p->access->bit | p->grants,
        .n_queries = (uint64_t)sb_values_int(&p->budget_values, "queries"),
        .n_candidates = space->n_candidates,
        .n_labels = space->n_labels,
        .label_set = space->labels,
        .goal_max = max ? max->r : run->through.told_max,
        .family = p->family->name,
        .n_label_queries = p->n_labels,
        .n_samples = p->n_samples,
    };
    struct sb_task task = {
        .facts = &facts,
        .learner = &p->learner_values,
        .family = &p->family_values,
        .coins = p->coins,
        .labelling = space->labelling,
        .vectors = vectors,
        .n_vectors = sb_family_vectors(run->family, vectors),
    };
    const struct sb_server server = { .self = run,
                                      .ready = ready,
                                      .ask = sb_cell_ask,
                                      .labels = labels,
                                      .samples = samples,
                                      .predictor = predictor,
                                      .traffic = run->cell->traffic ? traffic : NULL };

    tell_tolerance(p->access, granted.value, task.tolerance);
    return sb_learner_run(process, &task, &server, end, run->diag);
}
