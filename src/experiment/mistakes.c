/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mistakes of one file, each once, in the order of the file. */
#include "experiment/mistakes.h"

#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sb_mistakes_fini(struct sb_mistakes *m)
{
    sb_diag_fini(&m->found);
}

/* Was a message that agrees in n bytes met at this place? */
static bool met_before(const struct sb_mistakes *m, uint32_t line, uint32_t column,
                       const char *text, size_t n)
{
    for (size_t i = 0; i < m->found.n_items; i++) {
        const struct sb_diag_item *item = &m->found.items[i];

        if (item->line == line && item->column == column && strncmp(item->text, text, n) == 0)
            return true;
    }
    return false;
}

int sb_mistake(struct sb_mistakes *m, uint32_t line, uint32_t column, const char *fmt, ...)
{
    char *text SB_FREE = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    va_end(ap);
    if (!text)
        return sb_mistakes_worse(m, -ENOMEM);
    sb_mistakes_worse(m, -EINVAL);
    if (!sb_mistakes_full(m) && !met_before(m, line, column, text, strlen(text) + 1))
        sb_diag_fail_at(&m->found, -EINVAL, m->file, line, column, "%s", text);
    return -EINVAL;
}

int sb_mistake_of_point(struct sb_mistakes *m, uint32_t line, uint32_t column, const char *label,
                        const char *text)
{
    if (met_before(m, line, column, text, strlen(text)))
        return -EINVAL;
    return sb_mistake(m, line, column, "%s%s%s%s", text, *label ? " (at " : "", label,
                      *label ? ")" : "");
}

int sb_mistakes_worse(struct sb_mistakes *m, int error)
{
    if (!m->error || m->error == -EINVAL)
        m->error = error;
    return error;
}

bool sb_mistakes_full(const struct sb_mistakes *m)
{
    return m->found.n_items >= SB_MISTAKES_MAX;
}

static int by_place(const void *a, const void *b)
{
    const struct sb_diag_item *const *p = a, *const *q = b;

    if ((*p)->line != (*q)->line)
        return (*p)->line < (*q)->line ? -1 : 1;
    if ((*p)->column != (*q)->column)
        return (*p)->column < (*q)->column ? -1 : 1;
    return *p < *q ? -1 : *p > *q; /* as they were found */
}

int sb_mistakes_report(struct sb_mistakes *m, struct sb_diag *diag)
{
    const size_t n = m->found.n_items;
    const struct sb_diag_item **order SB_FREE = sb_new(n, sizeof *order);

    if (!order)
        return sb_mistakes_worse(m, -ENOMEM);
    for (size_t i = 0; i < n; i++)
        order[i] = &m->found.items[i];
    qsort(order, n, sizeof *order, by_place);
    for (size_t i = 0; i < n; i++)
        sb_diag_fail_at(diag, -EINVAL, order[i]->file, order[i]->line, order[i]->column, "%s",
                        order[i]->text);
    if (sb_mistakes_full(m))
        sb_diag_fail(diag, -EINVAL, "there are more mistakes: correct these first");
    return m->error;
}
