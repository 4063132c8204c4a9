/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of checks, as the tests of planted bugs read them. */
#ifndef SB_TESTS_CHECK_REPORTS_H
#define SB_TESTS_CHECK_REPORTS_H

#include "check/check.h"
#include "unit.h"

static inline void report_of(const struct sb_check *suite, struct sb_check_context *context,
                             const char *only, struct sb_check_report *out)
{
    struct sb_diag diag;

    sb_diag_init(&diag);
    if (sb_check_run(suite, only, context, out, &diag))
        fail_msg("%s: %s", context->path, diag.items[0].text);
    sb_diag_fini(&diag);
}

static inline const struct sb_check_outcome *outcome(const struct sb_check_report *report,
                                                     const char *check)
{
    for (size_t i = 0; i < report->n; i++)
        if (strcmp(report->items[i].check->name, check) == 0)
            return &report->items[i];
    fail_msg("no check %s", check);
    return NULL;
}

#endif
