/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The point inside most windows, the nearest to the null's value v0 among such.
 *
 * Most windows contain v0. To its right a point gains at most the windows that lie right of v0
 * altogether, n of them, and only where one of them begins can it first gain; it loses the windows around
 * v0 that end before it. So behind the n-th end of these nothing is gained any more: the n least ends
 * and the windows apart are all that is sorted, and no window around v0 is made whose end is surely
 * behind the n least so far. The left is the same, mirrored: all is negated, which is exact.
 *
 * Members that a profile does not list share a window, and so have one mass; the null has another. */
#include "oracles/policies/coverage.h"

#include <math.h>

/* Numbers as a heap with the largest on top. */
static void sift_down(double *a, uint64_t n, uint64_t i)
{
    const double v = a[i];

    for (uint64_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && a[child + 1] > a[child];
        if (a[child] <= v)
            break;
        a[i] = a[child];
        i = child;
    }
    a[i] = v;
}

static void make_heap(double *a, uint64_t n)
{
    for (uint64_t i = n / 2; i-- > 0;)
        sift_down(a, n, i);
}

static void sort(double *a, uint64_t n)
{
    make_heap(a, n);
    while (n > 1) {
        const double top = a[--n];

        a[n] = a[0];
        a[0] = top;
        sift_down(a, n, 0);
    }
}

/* The least numbers of those given: a heap once there are `most` of them. */
struct least {
    double *at;
    uint64_t n, most;
};

static double highest_kept(const struct least *l)
{
    return l->n < l->most ? INFINITY : l->most ? l->at[0] : -INFINITY;
}

static void keep_least(struct least *l, double v)
{
    if (l->n < l->most) {
        l->at[l->n++] = v;
        if (l->n == l->most)
            make_heap(l->at, l->n);
    } else if (l->most && v < l->at[0]) {
        l->at[0] = v;
        sift_down(l->at, l->n, 0);
    }
}

/* Members that share a window. */
struct crowd {
    struct sb_window window;
    double mass;
};

struct search {
    const struct sb_version_space *space;
    struct sb_view *view;
    double v0, sure, *room; /* sure: sb_view_sure of v0 */
    struct crowd crowds[2]; /* members not listed; the null */
    /* mass and number of listed members whose windows contain v0; those apart: at 0 to its left */
    uint64_t n_around, n_apart[2];
    double crowd_apart[2];
    double best, best_mass, best_gap;
};

/* Is this member live, and does it have to be looked at? */
static bool is_far(const struct search *s, uint64_t i)
{
    return !(fabs(s->view->profile->value[i] - s->v0) <= s->sure) &&
           s->space->live[sb_view_member(s->view, i)];
}

static void count(struct search *s)
{
    const struct sb_profile *profile = s->view->profile;
    uint64_t n_far = 0, n_around = 0, n_live = s->space->n_live;

    if (profile->member)
        n_live -= (uint64_t)s->crowds[0].mass;
    for (uint64_t i = 0; i < profile->n; i++) {
        struct sb_window w;

        if (!is_far(s, i))
            continue;
        n_far++;
        w = sb_view_inner(s->view, i);
        if (w.lo > w.hi)
            continue;
        n_around += sb_window_has(w, s->v0);
        s->n_apart[0] += w.hi < s->v0;
        s->n_apart[1] += w.lo > s->v0;
    }
    s->n_around = n_live - n_far + n_around;
    s->best_mass = (double)s->n_around;
    for (int i = 0; i < 2; i++) {
        const struct crowd *c = &s->crowds[i];

        if (sb_window_has(c->window, s->v0))
            s->best_mass += c->mass;
        else if (c->window.lo <= c->window.hi)
            s->crowd_apart[c->window.lo > s->v0] += c->mass;
    }
}

/* One side of v0, seen so that it lies to the right. */
struct side {
    double sign, v0;
    uint64_t n, n_begin; /* windows apart; how many of them have been put down */
    double *begin, *end;
    struct least around; /* ends of windows around v0 */
    double gain;         /* mass of all that lies apart */
};

static struct sb_window seen(const struct side *side, struct sb_window w)
{
    return side->sign > 0 ? w : (struct sb_window){ -w.hi, -w.lo };
}

static void collect(const struct search *s, struct side *side)
{
    const struct sb_profile *profile = s->view->profile;
    double highest = highest_kept(&side->around);

    for (uint64_t i = 0; i < profile->n; i++) {
        const double v = profile->value[i];
        struct sb_window w;

        if (fabs(v - s->v0) <= s->sure && side->sign * v + s->sure > highest)
            continue;
        if (!s->space->live[sb_view_member(s->view, i)])
            continue;
        w = seen(side, sb_view_inner(s->view, i));
        if (w.lo > w.hi)
            continue;
        if (sb_window_has(w, side->v0)) {
            keep_least(&side->around, w.hi);
            highest = highest_kept(&side->around);
        } else if (w.lo > side->v0) {
            side->begin[side->n_begin] = w.lo;
            side->end[side->n_begin++] = w.hi;
        }
    }
}

/* The mass of crowds around x. */
static double crowds_around(const struct search *s, const struct side *side, double x)
{
    double mass = 0;

    for (int i = 0; i < 2; i++)
        if (sb_window_has(seen(side, s->crowds[i].window), x))
            mass += s->crowds[i].mass;
    return mass;
}

static void try(struct search *s, const struct side *side, double x, double mass)
{
    const double gap = x - side->v0;
    const bool nearer = side->sign > 0 ? gap < s->best_gap : gap <= s->best_gap;

    if (mass > s->best_mass || (mass == s->best_mass && nearer)) {
        s->best_mass = mass;
        s->best = side->sign * x;
        s->best_gap = gap;
    }
}

/* The places where windows apart begin, from v0 outward. */
static void sweep(struct search *s, struct side *side)
{
    uint64_t begun = 0, ended = 0, left = 0;
    double crowd[2] = { INFINITY, INFINITY };

    for (int i = 0; i < 2; i++) {
        const struct sb_window w = seen(side, s->crowds[i].window);

        if (s->crowds[i].mass > 0 && w.lo <= w.hi && w.lo > side->v0)
            crowd[i] = w.lo;
    }
    for (;;) {
        double x = begun < side->n ? side->begin[begun] : INFINITY;
        int i;

        x = crowd[0] < x ? crowd[0] : x;
        x = crowd[1] < x ? crowd[1] : x;
        while (left < side->around.n && side->around.at[left] < x)
            left++;
        if (x == INFINITY || (double)left >= side->gain)
            return;
        for (; begun < side->n && side->begin[begun] == x;)
            begun++;
        while (ended < side->n && side->end[ended] < x)
            ended++;
        for (i = 0; i < 2; i++)
            crowd[i] = crowd[i] == x ? INFINITY : crowd[i];
        try(s, side, x, (double)(s->n_around - left + begun - ended) + crowds_around(s, side, x));
    }
}

static void search_side(struct search *s, int right)
{
    const uint64_t n = s->n_apart[right];
    struct side side = { .sign = right ? 1 : -1, .n = n };

    side.v0 = side.sign * s->v0;
    side.gain = (double)n + s->crowd_apart[right];
    if (side.gain == 0)
        return;
    side.begin = s->room;
    side.end = s->room + n;
    side.around.at = s->room + 2 * n;
    side.around.most = side.gain < (double)s->n_around ? (uint64_t)side.gain : s->n_around;
    collect(s, &side);
    sort(side.begin, n);
    sort(side.end, n);
    sort(side.around.at, side.around.n);
    sweep(s, &side);
}

double sb_most_covered(const struct sb_version_space *space, struct sb_view *view, double *room)
{
    struct search s = { .space = space, .view = view, .room = room };

    s.v0 = s.best = view->q->null.value;
    s.sure = sb_view_sure(view, s.v0);
    if (view->profile->member) {
        s.crowds[0].window = sb_view_base(view);
        s.crowds[0].mass = (double)sb_version_space_unlisted(space, view);
    }
    s.crowds[1].window = view->null;
    s.crowds[1].mass = space->null_live ? (double)space->n : 0;
    count(&s);
    search_side(&s, 0);
    search_side(&s, 1);
    return s.best;
}
