/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mistakes of one file: kept until all are known, each once (a grid meets the same one at every
 * point), then handed out in the order of the file. */
#ifndef SB_EXPERIMENT_MISTAKES_H
#define SB_EXPERIMENT_MISTAKES_H

#include "base/diag.h"

#include <stdbool.h>

enum { SB_MISTAKES_MAX = 200 }; /* nobody reads on; further ones are dropped */

struct sb_mistakes {
    const char *file; /* borrowed */
    struct sb_diag found;
    int error; /* 0, or what reading will return */
};

void sb_mistakes_fini(struct sb_mistakes *m);
/* Keeps the message unless it was met at this place before. Returns -EINVAL. */
int sb_mistake(struct sb_mistakes *m, uint32_t line, uint32_t column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for what is true of whole points of the grid: said once, with the label of the first. */
int sb_mistake_of_point(struct sb_mistakes *m, uint32_t line, uint32_t column, const char *label,
                        const char *text);
/* Something worse than a mistake (-ENOMEM, -EIO): what reading will return. Returns `error`. */
int sb_mistakes_worse(struct sb_mistakes *m, int error);
bool sb_mistakes_full(const struct sb_mistakes *m);
/* Hands all to diag, sorted by place; returns m->error. */
int sb_mistakes_report(struct sb_mistakes *m, struct sb_diag *diag);

#endif
