/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which colour and mark a series has. A reader knows a learner again by them: they go by its place
 * among all learners of the database, in the order in which they first ran, whatever a figure shows.
 * What else a figure tells apart, such as policies, changes the mark; and the colour only where there
 * is no other learner that could be meant. The two series of a learner in a figure that has seconds
 * share both. */
#include "report/figure.h"

#include "base/memory.h"
#include "store/stepping.h"

#include <errno.h>
#include <string.h>

struct learners {
    char **names; /* owned, and what they point to */
    size_t n, cap;
};

static void learners_fini(struct learners *learners)
{
    for (size_t i = 0; i < learners->n; i++)
        free(learners->names[i]);
    free(learners->names);
}

static int add_learner(struct learners *learners, const char *name, struct sb_diag *diag)
{
    char **names = sb_grow(learners->names, &learners->cap, learners->n + 1, sizeof(*names));
    char *copy = names ? sb_strdup(name) : NULL;

    if (names)
        learners->names = names;
    if (!copy)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    learners->names[learners->n++] = copy;
    return 0;
}

static int read_learners(struct sb_store *store, struct learners *out, struct sb_diag *diag)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    int error = sb_step_prepare(store, "SELECT learner FROM run GROUP BY learner ORDER BY min(id)",
                                &stmt, diag);

    while (!error && !(error = sb_step_next(store, stmt, &more, diag)) && more)
        error = add_learner(out, sb_step_text(stmt, 0), diag);
    sqlite3_finalize(stmt);
    return error;
}

static size_t place_of(const struct learners *learners, const char *name)
{
    size_t i = 0;

    while (i < learners->n && strcmp(learners->names[i], name) != 0)
        i++;
    return i;
}

static const char *learner_of(const struct sb_drawing *drawing, const struct sb_series *series)
{
    return series->cells[drawing->figure->learner];
}

static bool is_second(const struct sb_drawing *drawing, const struct sb_series *series)
{
    const struct sb_figure *figure = drawing->figure;

    return figure->second && strcmp(series->cells[figure->n_series - 1], figure->second) == 0;
}

static bool same_series(const struct sb_drawing *drawing, const struct sb_series *a,
                        const struct sb_series *b)
{
    for (size_t i = 0; i < drawing->figure->n_series; i++)
        if (strcmp(a->cells[i], b->cells[i]) != 0)
            return false;
    return true;
}

/* Visits all series, panel by panel; NULL behind the last. */
static struct sb_series *next_series(const struct sb_drawing *drawing, size_t *panel, size_t *i)
{
    for (; *panel < drawing->n; ++*panel, *i = 0)
        if (*i < drawing->panels[*panel].n)
            return &drawing->panels[*panel].series[(*i)++];
    return NULL;
}

/* How many others of its learner come before a series, of firsts or of seconds; in every panel the
 * same. */
static size_t variant_of(const struct sb_drawing *drawing, const struct sb_series *series)
{
    const struct sb_series *seen[64];
    const struct sb_series *other;
    size_t panel = 0, i = 0, n = 0, k;

    while ((other = next_series(drawing, &panel, &i)) && !same_series(drawing, other, series)) {
        if (strcmp(learner_of(drawing, other), learner_of(drawing, series)) != 0 ||
            is_second(drawing, other) != is_second(drawing, series))
            continue;
        for (k = 0; k < n && !same_series(drawing, seen[k], other); k++)
            ;
        if (k == n && n < SB_COUNT(seen))
            seen[n++] = other;
    }
    return n;
}

static bool has_several_learners(const struct sb_drawing *drawing)
{
    const struct sb_series *series, *first = NULL;

    for (size_t panel = 0, i = 0; (series = next_series(drawing, &panel, &i));) {
        first = first ? first : series;
        if (strcmp(learner_of(drawing, series), learner_of(drawing, first)) != 0)
            return true;
    }
    return false;
}

int sb_drawing_look(struct sb_store *store, struct sb_drawing *drawing, struct sb_diag *diag)
{
    const bool several = has_several_learners(drawing);
    struct learners learners = { 0 };
    struct sb_series *series;
    int error = read_learners(store, &learners, diag);

    for (size_t panel = 0, i = 0; !error && (series = next_series(drawing, &panel, &i));) {
        const size_t place = place_of(&learners, learner_of(drawing, series));
        const size_t variant = variant_of(drawing, series);

        series->colour = several ? place : place + variant;
        series->mark = place + variant;
        series->is_second = is_second(drawing, series);
    }
    learners_fini(&learners);
    return error;
}
