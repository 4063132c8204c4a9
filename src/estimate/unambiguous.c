/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members alone with their labels: what the family says, the base of a lift, or a sample of points. */
#include "estimate/unambiguous.h"

#include "base/memory.h"
#include "estimate/agreeing.h"
#include "estimate/points.h"
#include "numeric/binomial_tail.h"
#include "numeric/lift.h"
#include "query/arith.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define FAILURE 1e-6

enum {
    LEAST_POINTS = 32,
    MOST_DRAWS = 1 << 15, /* points drawn for those that are wanted */
    MOST_POINTS = 4096,
    AT_ONCE = 1 << 18,      /* labels that are kept at a time */
    FACTS_BUDGET = 1 << 17, /* labels: some 10 ms */
    BISECTIONS = 60,
};

/* The largest p at which Pr[Bin(n, p) >= k] may be at most a, from below: the tail is rounded up. */
static double least_p(uint64_t n, uint64_t k, double a)
{
    double lo = 0, hi = 1;

    for (int i = 0; k > 0 && i < BISECTIONS; i++) {
        const double p = (lo + hi) / 2;

        if (sb_binomial_tail((uint32_t)n, p, (uint32_t)(k - 1)) <= a)
            lo = p;
        else
            hi = p;
    }
    return lo;
}

void sb_clopper_pearson(uint64_t n, uint64_t k, double failure, double *lb_out, double *ub_out)
{
    *lb_out = least_p(n, k, failure / 2);
    *ub_out = 1 - least_p(n, n - k, failure / 2);
}

struct labelled {
    double y;
    uint64_t member;
};

static int by_label(const void *a, const void *b)
{
    const double x = ((const struct labelled *)a)->y, y = ((const struct labelled *)b)->y;

    return (x > y) - (x < y);
}

/* count[i]++ for each member whose label at one point is that of no other. */
static void count_single(uint64_t n, struct labelled *label, uint32_t *count)
{
    qsort(label, n, sizeof *label, by_label);
    for (uint64_t i = 0; i < n; i++) {
        const bool below = i > 0 && label[i].y - label[i - 1].y <= SB_AGREE;
        const bool above = i + 1 < n && label[i + 1].y - label[i].y <= SB_AGREE;

        count[label[i].member] += !below && !above;
    }
}

struct sample {
    const struct sb_family *family;
    struct sb_point_room room;
    double *label;          /* n_members x points at once */
    struct labelled *order; /* n_members */
    uint32_t *count;        /* n_members */
};

static int sample_init(struct sample *s, uint64_t at_once)
{
    const uint64_t n = s->family->n_members;

    s->label = SB_NEW_ARRAY(double, n *at_once);
    s->order = SB_NEW_ARRAY(struct labelled, n);
    s->count = SB_NEW_ARRAY(uint32_t, n);
    return sb_point_room_init(&s->room, &s->family->space) || !s->label || !s->order || !s->count
               ? -ENOMEM
               : 0;
}

static void sample_fini(struct sample *s)
{
    sb_point_room_fini(&s->room);
    free(s->label);
    free(s->order);
    free(s->count);
}

/* Leaves only the points that the rule for labels does not reach, in front; how many. */
static uint64_t keep_beyond(const struct sb_lift *lift, struct sb_point_room *room)
{
    struct sb_block z = room->block;
    uint8_t beyond[SB_BLOCK];
    uint64_t n = 0;

    z.dim = lift->setup.dim;
    sb_lift_beyond(lift, &z, beyond);
    for (uint64_t i = 0; i < z.n; i++) {
        for (uint32_t j = 0; beyond[i] && j < z.dim; j++)
            room->x[j][n] = room->x[j][i];
        n += beyond[i];
    }
    room->block.n = n;
    return n;
}

/* Points start .. start+n-1, of lifts those beyond the rule; how many. */
static uint64_t look(struct sample *s, uint64_t start, uint64_t n)
{
    const struct sb_candidates *c = s->family->space.candidates;
    const struct sb_key key = sb_key_derive("unambiguous", "", 0);
    const uint64_t n_members = s->family->n_members;
    struct sb_law null;

    s->family->null_law(s->family, &null);
    sb_point_room_draw(&s->room, &null, key, 0, start, n);
    if (s->family->lifting)
        n = keep_beyond(s->family->lifting->lift, &s->room);
    for (uint64_t member = 0; n && member < n_members; member++)
        c->label(c->self, member, &s->room.block, s->label + member * n);
    for (uint64_t i = 0; i < n; i++) {
        for (uint64_t member = 0; member < n_members; member++)
            s->order[member] = (struct labelled){ s->label[member * n + i], member };
        count_single(n_members, s->order, s->count);
    }
    return n;
}

/* Until n_points are had: at how many the member that is alone least often is, and an interval for how probable
 * that is given that a point is of the kind looked at. */
static int by_sample(const struct sb_family *family, uint64_t n_points, struct sb_unambiguous *out)
{
    const uint64_t n_members = family->n_members, room = AT_ONCE / n_members;
    const uint64_t at_once = room > SB_BLOCK ? SB_BLOCK : room ? room : 1;
    struct sample s = { .family = family };
    uint64_t least, n = 0;
    const int error = sample_init(&s, at_once);

    for (uint64_t start = 0; !error && n < n_points && start < MOST_DRAWS; start += at_once)
        n += look(&s, start, !family->lifting && n_points - n < at_once ? n_points - n : at_once);
    least = n;
    for (uint64_t i = 0; !error && i < n_members; i++)
        least = s.count[i] < least ? s.count[i] : least;
    sample_fini(&s);
    *out = (struct sb_unambiguous){ 0, 1, NAN, 0, 0 };
    if (error || n < LEAST_POINTS)
        return error;
    sb_clopper_pearson(n, least, FAILURE / (double)n_members, &out->lb, &out->ub);
    out->estimate = (double)least / (double)n;
    out->failure = FAILURE;
    out->samples = n;
    return 0;
}

static uint64_t points_for(const struct sb_family *family, uint64_t budget)
{
    const uint64_t n = budget / family->n_members;

    /* a plugin's labels cost what they cost */
    if (family->n_members > SB_AGREEING_MOST || n < LEAST_POINTS || family->class->binary)
        return 0;
    return n < MOST_POINTS ? n : MOST_POINTS;
}

/* Where n <= m two members have the same label if they have in the base; beyond, by points of that kind. */
static int by_base(const struct sb_family *family, uint64_t budget, struct sb_unambiguous *out)
{
    const double miss = family->lifting->lift->miss;
    const uint64_t n_points = points_for(family, budget);
    struct sb_unambiguous base, beyond = { 0, 1, NAN, 0, 0 };
    int error = sb_unambiguous(family->lifting->base, budget, &base);

    if (!error && n_points && miss > 0)
        error = by_sample(family, n_points, &beyond);
    if (error)
        return error;
    out->lb = sb_most(out->lb, miss * (1 - 0x1p-30) * beyond.lb);
    out->ub = sb_least(out->ub, base.ub + miss * beyond.ub);
    if (base.ub <= 0)
        out->estimate = miss > 0 ? miss * beyond.estimate : 0;
    out->failure = base.failure + beyond.failure;
    out->samples = base.samples + beyond.samples;
    return 0;
}

int sb_unambiguous(const struct sb_family *family, uint64_t budget, struct sb_unambiguous *out)
{
    const double lb = family->unambiguous_lb, ub = family->unambiguous_ub;
    int error;

    *out = (struct sb_unambiguous){ lb, ub, lb < ub ? NAN : lb, 0, 0 };
    if (lb == ub || !family->space.candidates)
        return 0;
    if (family->lifting)
        return by_base(family, budget, out);
    if (!points_for(family, budget))
        return 0;
    error = by_sample(family, points_for(family, budget), out);
    out->lb = sb_most(out->lb, lb);
    out->ub = sb_least(out->ub, ub);
    return error;
}

static void say_how(const struct sb_family *family, const struct sb_unambiguous *u, char *out,
                    size_t n)
{
    if (u->samples)
        snprintf(out, n, "from all members' labels at %llu points; wrong with probability %.0e",
                 (unsigned long long)u->samples, u->failure);
    else if (u->lb == u->ub)
        snprintf(out, n, "in closed form");
    else if (family->lifting)
        snprintf(out, n, "the base's, plus Pr[n > m]");
    else
        snprintf(out, n, "too many members to look through");
}

size_t sb_unambiguous_facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    struct sb_unambiguous u;
    char how[96];

    if (family->space.n_labels || !family->space.candidates || most < 3 ||
        sb_unambiguous(family, FACTS_BUDGET, &u))
        return 0;
    say_how(family, &u, how, sizeof how);
    out[0] = (struct sb_fact){ "unambiguous", u.estimate, "" };
    out[1] = (struct sb_fact){ "unambiguous_lb", u.lb, "" };
    out[2] = (struct sb_fact){ "unambiguous_ub", u.ub, "" };
    snprintf(out[0].help, sizeof out[0].help,
             "u: least probability, over members, that no other has the same label at x");
    snprintf(out[1].help, sizeof out[1].help, "u is not below this: %s", how);
    snprintf(out[2].help, sizeof out[2].help, "u is not above this: %s", how);
    return 3;
}
