/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every check of a learner begins with, and one trial of it. */
#include "check/subject.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LOAD_SECONDS = 10 };

/* The plugin's fault: it does not load, or is no learner. */
static int unfit(struct sb_subject *s, int error)
{
    if (error != -EINVAL)
        return error;
    return sb_check_fail(s->context, "%s",
                         s->diag.n_items ? s->diag.items[s->diag.n_items - 1].text
                                         : "it cannot be loaded");
}

int sb_subject_init(struct sb_subject *subject, struct sb_check_context *context, bool large)
{
    const struct sb_limits limits = { .memory_mib = 1024,
                                      .output_kib = 64,
                                      .seconds = LOAD_SECONDS };
    int error;

    memset(subject, 0, sizeof *subject);
    subject->context = context;
    sb_diag_init(&subject->diag);
    error = sb_learner_start(context->path, context->isolation, &limits, &subject->process,
                             &subject->diag);
    if (error)
        return unfit(subject, error);
    subject->descriptor = sb_learner_descriptor(subject->process);
    error = sb_trial_values(context, subject->descriptor->params, &subject->values, &subject->diag);
    if (!error)
        error = sb_trial_tasks_init(&subject->tasks, context, subject->descriptor->access, large,
                                    &subject->diag);
    return error == -EINVAL || error == -ENOENT ? sb_check_usage(context, &subject->diag) : error;
}

void sb_subject_fini(struct sb_subject *subject)
{
    sb_trial_tasks_fini(&subject->tasks);
    sb_values_fini(&subject->values);
    sb_learner_close(subject->process);
    sb_diag_fini(&subject->diag);
}

int sb_subject_try(struct sb_subject *subject, struct sb_trial_setup setup, struct sb_trial *out)
{
    int error;

    setup.context = subject->context;
    setup.learner = setup.learner ? setup.learner : &subject->values;
    error = sb_trial_run(&setup, out, &subject->diag);
    if (!error)
        return 0;
    sb_trial_fini(out);
    return unfit(subject, error);
}

int sb_subject_each(struct sb_subject *subject,
                    int (*visit)(struct sb_subject *subject, const struct sb_trial_task *task,
                                 void *self),
                    void *self)
{
    int result = 0;

    for (size_t i = 0; i < subject->tasks.n && !result; i++)
        if (subject->context->found >> i & 1)
            result = visit(subject, &subject->tasks.items[i], self);
    return result;
}

bool sb_subject_alike(const struct sb_subject *subject, const struct sb_trial *a,
                      const struct sb_trial *b, uint64_t *frame_out)
{
    if (!(subject->descriptor->flags & SB_NOT_BITWISE))
        return sb_trial_same(a, b, frame_out);
    *frame_out = a->n_calls;
    return a->n_calls == b->n_calls && a->n_queries == b->n_queries;
}

/* The last line of what it printed. */
static void last_printed(const struct sb_learner_end *end, char *out, size_t n)
{
    size_t stop = end->output ? end->n_output : 0, start;

    while (stop && (unsigned char)end->output[stop - 1] <= ' ')
        stop--;
    start = stop;
    while (start && end->output[start - 1] != '\n')
        start--;
    snprintf(out, n, "%.*s", stop - start < n ? (int)(stop - start) : (int)n - 1,
             stop ? end->output + start : "");
}

void sb_trial_words(const struct sb_trial *trial, char *out, size_t n)
{
    const char *text = trial->end.text;
    char printed[200];

    last_printed(&trial->end, printed, sizeof printed);
    if (!text)
        text = trial->endless                      ? "it asked on and on"
               : trial->end.end == SB_END_FINISHED ? "run() returned 0"
                                                   : sb_end_name(trial->end.end);
    snprintf(out, n, "%s%s%s", text, *printed ? "; it printed last: " : "", printed);
}
