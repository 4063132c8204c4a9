/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of the queries that a learner asks: do they lie in the oracle's range, and are its
 * callbacks functions of one example? */
#include "base/memory.h"
#include "check/subject.h"
#include "estimate/points.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 160 };

/* Ranges. */

struct ranges {
    uint64_t n_queries, n_clipped;
    char first[SHOWN]; /* the first that was clipped */
};

static int look_at_ranges(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct ranges *r = self;
    struct sb_trial trial;
    int result = sb_subject_try(
        s, (struct sb_trial_setup){ .task = task, .isolation = s->context->isolation }, &trial);

    if (result)
        return result;
    if (trial.n_range)
        result = sb_check_fail(s->context, "task %s: %llu callbacks were refused: %s", task->name,
                               (unsigned long long)trial.n_range, trial.range ? trial.range : "?");
    r->n_queries += trial.n_queries;
    r->n_clipped += trial.n_clipped;
    if (trial.clipped && !*r->first)
        snprintf(r->first, sizeof r->first, "%.120s%s, task %s", trial.clipped,
                 strlen(trial.clipped) > 120 ? "..." : "", task->name);
    sb_trial_fini(&trial);
    return result;
}

int sb_check_ranges(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct ranges r = { 0 };
    int result = sb_subject_init(&subject, context, false);

    if (!result)
        result = sb_subject_each(&subject, look_at_ranges, &r);
    if (!result && r.n_clipped)
        result = sb_check_warn(context,
                               "%llu of %llu queries are not proven to lie in the oracle's range "
                               "and were clipped to it; the first: %s",
                               (unsigned long long)r.n_clipped, (unsigned long long)r.n_queries,
                               r.first);
    else if (!result && !r.n_queries)
        result = sb_check_skip(context, "it asks no queries");
    else if (!result)
        result = sb_check_ok(context, "%llu queries, none out of range",
                             (unsigned long long)r.n_queries);
    sb_subject_fini(&subject);
    return result;
}

/* Purity. A callback is called at the same points in four ways; each must give every point the same
 * values, bit for bit. */

enum { WAYS = 4, PIECE = 100 };
static const char *const ways[WAYS] = { "", "asked a second time", "in another order",
                                        "in smaller blocks" };

struct purity {
    struct sb_check_context *context;
    uint64_t n; /* callbacks looked at */
    char fault[SHOWN];
};

/* Point i of `to` is point from[i] of `p`. */
static void pick(const struct sb_point_room *p, const size_t *from, size_t n,
                 struct sb_point_room *to)
{
    for (size_t i = 0; i < n; i++) {
        if (p->points.bits)
            to->points.bits[i] = p->points.bits[from[i]];
        for (uint32_t j = 0; p->x && j < p->block.dim; j++)
            to->x[j][i] = p->x[j][from[i]];
    }
    to->block.n = n;
}

/* The values at all points, asked in this way; out: slots x SB_BLOCK, in the points' own order. */
static int values_in(const struct sb_callback *callback, const struct sb_point_room *p, int way,
                     bool labels, size_t slots, struct sb_point_room *room, double *piece,
                     double *out)
{
    const size_t step = way == 3 ? PIECE : SB_BLOCK;
    size_t from[SB_BLOCK];
    int error = 0;

    for (size_t at = 0; at < SB_BLOCK && !error; at += step) {
        const size_t n = SB_BLOCK - at < step ? SB_BLOCK - at : step;

        for (size_t i = 0; i < n; i++)
            from[i] = way == 2 ? SB_BLOCK - 1 - i : at + i;
        pick(p, from, n, room);
        error = callback->values(callback->self, &room->block, 1, labels, piece);
        for (size_t l = 0; l < slots && !error; l++)
            for (size_t i = 0; i < n; i++)
                out[l * SB_BLOCK + from[i]] = piece[l * SB_BLOCK + i];
    }
    return error;
}

static void say_fault(struct purity *self, const struct sb_callback *callback, const char *way)
{
    char who[80] = "the predictor";

    if (callback->name && *callback->name)
        snprintf(who, sizeof who, "callback '%.60s'", callback->name);
    snprintf(self->fault, sizeof self->fault, "%s gives other values %s", who, way);
}

/* Scored, such a predictor has not succeeded. */
static void look_for_infinite(struct purity *self, const double *value)
{
    for (size_t i = 0; i < SB_BLOCK && !*self->fault; i++)
        if (!isfinite(value[i]))
            snprintf(self->fault, sizeof self->fault, "the predictor gives %g at a point",
                     value[i]);
}

static int compare_ways(struct purity *self, const struct sb_callback *callback,
                        const struct sb_point_room *p, struct sb_point_room *room, bool labels,
                        size_t slots)
{
    const size_t n = slots * SB_BLOCK;
    double *first SB_FREE = SB_NEW_ARRAY(double, n);
    double *other SB_FREE = SB_NEW_ARRAY(double, n);
    double *piece SB_FREE = SB_NEW_ARRAY(double, n);
    int error = 0;

    if (!first || !other || !piece)
        return -ENOMEM;
    for (int way = 0; way < WAYS && !error && !*self->fault; way++) {
        error = values_in(callback, p, way, labels, slots, room, piece, way ? other : first);
        if (!error && !way && !(callback->name && *callback->name) && !labels)
            look_for_infinite(self, first);
        if (!error && way && memcmp(first, other, n * sizeof *first) != 0)
            say_fault(self, callback, ways[way]);
    }
    return error;
}

static int look(void *self, const struct sb_callback *callback, const struct sb_family *family,
                bool labels)
{
    struct purity *purity = self;
    struct sb_point_room points, room;
    struct sb_law law;
    int error;

    if (labels && !family->space.n_labels)
        return 0; /* no points for real labels: the oracle refuses it */
    error = sb_point_room_init(&points, &family->space);
    if (sb_point_room_init(&room, &family->space) || error)
        error = -ENOMEM;
    if (!error) {
        family->null_law(family, &law);
        sb_point_room_draw(&points, &law, sb_check_key(purity->context, "purity"), purity->n++, 0,
                           SB_BLOCK);
        error = compare_ways(purity, callback, &points, &room, labels,
                             labels ? family->space.n_labels : 1);
    }
    sb_point_room_fini(&points);
    sb_point_room_fini(&room);
    return error;
}

static int look_at_callbacks(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct purity *purity = self;
    struct sb_trial trial;
    int result = sb_subject_try(
        s,
        (struct sb_trial_setup){
            .task = task, .isolation = s->context->isolation, .look = look, .self = purity },
        &trial);

    if (result)
        return result;
    if (!*purity->fault && trial.end.end == SB_END_CRASHED)
        sb_trial_words(&trial, purity->fault, sizeof purity->fault);
    sb_trial_fini(&trial);
    if (!*purity->fault)
        return 0;
    return sb_check_fail(s->context,
                         "task %s: %s; it is to be a function of one example, without state",
                         task->name, purity->fault);
}

int sb_check_purity(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct purity purity = { .context = context };
    int result = sb_subject_init(&subject, context, false);

    if (!result)
        result = sb_subject_each(&subject, look_at_callbacks, &purity);
    if (!result && !purity.n)
        result = sb_check_skip(context, "it asks no callbacks and returns none");
    else if (!result)
        result = sb_check_ok(context, "%llu callbacks, each at %d points in %d ways",
                             (unsigned long long)purity.n, SB_BLOCK, WAYS);
    sb_subject_fini(&subject);
    return result;
}
