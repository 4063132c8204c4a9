/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a learner at work: does it end what it begins, with its parameters as given and at the
 * ends of their ranges? */
#include "base/fuse.h"
#include "base/memory.h"
#include "base/text.h"
#include "check/subject.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 512 };

/* Every task once. The later checks use few of those that it ended well: they show each family,
 * oracle and goal, and no pair of them twice. */

struct survey {
    uint64_t found; /* by the task's place */
    size_t n_found, n_tried;
    uint32_t accesses, goals; /* that a chosen task shows */
    const struct sb_family_class *family;
    size_t cut;                  /* tasks of which more was printed than is kept */
    char words[WORDS], name[96]; /* of the first task that it ended without a result */
};

static void choose(struct survey *v, size_t i, const struct sb_trial_task *task)
{
    const bool new = !(v->accesses & task->access->bit) || !(v->goals >> task->goal & 1) ||
                     v->family != task->family;

    v->n_found++;
    if (!new)
        return;
    v->found |= UINT64_C(1) << i;
    v->accesses |= task->access->bit;
    v->goals |= UINT32_C(1) << task->goal;
    v->family = task->family;
}

/* A task that it ended without a result: not for it, or not found. */
static void decline(struct survey *v, const struct sb_trial_task *task, const struct sb_trial *t)
{
    if (*v->words)
        return;
    sb_trial_words(t, v->words, sizeof v->words);
    snprintf(v->name, sizeof v->name, "%s", task->name);
}

static int judge(struct sb_subject *s, struct survey *v, size_t i, const struct sb_trial *t)
{
    const struct sb_trial_task *task = &s->tasks.items[i];
    char words[WORDS];

    v->n_tried++;
    v->cut += t->end.output_cut;
    if (!sb_trial_polite(t)) {
        sb_trial_words(t, words, sizeof words);
        return sb_check_fail(s->context, "task %s: %s; run() is to return by itself", task->name,
                             words);
    }
    if (t->end.end == SB_END_FINISHED && t->why)
        return sb_check_fail(s->context, "task %s: what it returned does not fit the goal: %s",
                             task->name, t->why);
    if (t->end.end == SB_END_FINISHED && t->returned)
        choose(v, i, task);
    else
        decline(v, task, t);
    return 0;
}

static int conclude(struct sb_subject *s, const struct survey *v)
{
    if (!v->n_tried)
        return sb_check_fail(s->context, "no oracle of this statbed is one that it can use");
    if (!v->n_found)
        return sb_check_fail(s->context,
                             "it ended none of %zu tasks with a result; in task %s %s. Call "
                             "predict_expr(), verdict() or recovered(), or name a family that it "
                             "learns: --family=NAME family.KEY=VALUE",
                             v->n_tried, v->name, v->words);
    s->context->found = v->found;
    if (v->cut)
        return sb_check_warn(s->context,
                             "ended %zu of %zu tasks with a result; in %zu it printed more than "
                             "the 64 KiB that are kept",
                             v->n_found, v->n_tried, v->cut);
    return sb_check_ok(s->context, "ended %zu of %zu tasks with a result, the others without",
                       v->n_found, v->n_tried);
}

int sb_check_tasks(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct survey survey = { 0 };
    int result = sb_subject_init(&subject, context, false);

    for (size_t i = 0; i < subject.tasks.n && !result; i++) {
        struct sb_trial trial;

        result = sb_subject_try(&subject,
                                (struct sb_trial_setup){ .task = &subject.tasks.items[i],
                                                         .isolation = context->isolation },
                                &trial);
        if (result)
            break;
        result = judge(&subject, &survey, i, &trial);
        sb_trial_fini(&trial);
    }
    if (!result)
        result = conclude(&subject, &survey);
    sb_subject_fini(&subject);
    return result;
}

/* The ends of ranges. */

enum { ENDS_MAX = 32, SLOW_SECONDS = 4 };

/* The texts to be tried for one parameter. */
struct ends {
    char *text[ENDS_MAX]; /* owned */
    size_t n;
};

static void put_end(struct ends *ends, char *text)
{
    if (text && ends->n < ENDS_MAX)
        ends->text[ends->n++] = text;
    else
        free(text);
}

/* An end that is not in the range itself is stood in for by a number just inside. */
static double inside(const struct sb_range *range, bool low, bool whole)
{
    const double end = low ? range->lo : range->hi;
    const double step = whole ? 1 : (range->hi - range->lo) * 0x1p-20;

    if (!(low ? range->lo_open : range->hi_open))
        return end;
    return low ? end + step : end - step;
}

static void put_numbers(struct ends *ends, const struct sb_param *param)
{
    const bool whole = param->type == SB_INT;
    struct sb_range range;
    char text[32];

    if (!param->range || !sb_param_range(param, &range))
        return;
    for (int low = 1; low >= 0; low--) {
        const double v = inside(&range, low, whole);

        if (!isfinite(v))
            continue; /* there is no end */
        sb_format_real(v, text);
        put_end(ends, sb_strdup(text));
    }
}

static void put_words(struct ends *ends, const struct sb_param *param)
{
    char *copy SB_FREE = sb_strdup(param->type == SB_BOOL ? "false|true" : param->range);
    char *rest = copy, *word;

    while ((word = strsep(&rest, "|")))
        put_end(ends, sb_strdup(word));
}

static void ends_of(const struct sb_param *param, struct ends *out)
{
    *out = (struct ends){ .n = 0 };
    if (param->type == SB_INT || param->type == SB_REAL)
        put_numbers(out, param);
    else if (param->type == SB_BOOL || param->type == SB_TEXT)
        put_words(out, param);
}

static void ends_fini(struct ends *ends)
{
    for (size_t i = 0; i < ends->n; i++)
        free(ends->text[i]);
}

/* What the runs at the ends showed. */
struct extremes {
    size_t n_runs;
    char slow[96];           /* "degree=63", the first that did not end in time; "" */
    const char *name, *text; /* the parameter at hand */
};

/* The values as given, but for one. */
static int with(struct sb_subject *s, const struct extremes *at, struct sb_values *out)
{
    const struct sb_check_context *context = s->context;
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, context->n_given + 1);
    struct sb_check_context changed = *context;
    size_t n = 0;

    if (!given)
        return -ENOMEM;
    for (size_t i = 0; i < context->n_given; i++)
        if (strcmp(context->given[i].name, at->name) != 0)
            given[n++] = context->given[i];
    given[n++] = (struct sb_given){ .name = at->name, .text = at->text };
    changed.given = given;
    changed.n_given = n;
    return sb_trial_values(&changed, s->descriptor->params, out, &s->diag);
}

static int run_there(struct sb_subject *s, const struct sb_trial_task *task,
                     const struct sb_values *values, struct extremes *at)
{
    struct sb_trial trial;
    char words[WORDS];
    int result = sb_subject_try(s,
                                (struct sb_trial_setup){ .task = task,
                                                         .isolation = s->context->isolation,
                                                         .learner = values,
                                                         .seconds = SLOW_SECONDS },
                                &trial);

    if (result)
        return result;
    at->n_runs++;
    if (trial.endless || trial.end.end == SB_END_SECONDS) {
        if (!*at->slow)
            snprintf(at->slow, sizeof at->slow, "%s=%s", at->name, at->text);
    } else if (!sb_trial_polite(&trial)) {
        sb_trial_words(&trial, words, sizeof words);
        result = sb_check_fail(s->context,
                               "with %s=%s, task %s: %s; return 1 where it cannot go on, or narrow "
                               "the range",
                               at->name, at->text, task->name, words);
    }
    sb_trial_fini(&trial);
    return result;
}

static int visit_end(struct sb_subject *s, const struct sb_trial_task *task, void *self)
{
    struct extremes *at = self;
    struct sb_values values;
    int result = with(s, at, &values);

    if (result == -EINVAL)
        return sb_check_fail(s->context, "%s", s->diag.items[s->diag.n_items - 1].text);
    if (result)
        return result;
    result = run_there(s, task, &values, at);
    sb_values_fini(&values);
    return result;
}

static int visit_param(struct sb_subject *s, const struct sb_param *param, struct extremes *at)
{
    struct ends ends;
    int result = 0;

    ends_of(param, &ends);
    at->name = param->name;
    for (size_t i = 0; i < ends.n && !result && !*at->slow; i++) {
        at->text = ends.text[i];
        result = sb_subject_each(s, visit_end, at);
    }
    ends_fini(&ends);
    return result;
}

int sb_check_ends(struct sb_check_context *context)
{
    struct sb_subject subject;
    struct extremes at = { 0 };
    int result = sb_subject_init(&subject, context, false);
    const struct sb_param *param = result ? NULL : subject.descriptor->params;

    for (; param && param->name && !result; param++)
        result = visit_param(&subject, param, &at);
    if (!result && *at.slow)
        result = sb_check_warn(context,
                               "with %s it did not end within %d s: the range is wider "
                               "than what can be run",
                               at.slow, SLOW_SECONDS);
    else if (!result && !at.n_runs)
        result = sb_check_skip(context, "no parameter's range has an end");
    else if (!result)
        result = sb_check_ok(context, "%zu run%s, each ended by itself", at.n_runs,
                             at.n_runs == 1 ? "" : "s");
    sb_subject_fini(&subject);
    return result;
}
