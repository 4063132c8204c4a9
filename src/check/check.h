/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a plugin: is it fit to be run and believed? A suite is a table of checks, one suite a
 * kind of plugin (learner.c, family.c). Each check runs in a forked process of its own, so that
 * nothing that the plugin does there - a crash, a hang, a spoilt heap - reaches the next. */
#ifndef SB_CHECK_CHECK_H
#define SB_CHECK_CHECK_H

#include "base/buffer.h"
#include "base/diag.h"
#include "base/params.h"
#include "numeric/random.h"

enum sb_check_result {
    SB_CHECK_OK = 0,
    SB_CHECK_WARNED,  /* fit, but the user wants to know */
    SB_CHECK_SKIPPED, /* not applicable to this plugin */
    SB_CHECK_FAILED
};
const char *sb_check_result_name(int result); /* "ok", "warn", "skip", "FAIL" */

/* What a check is given. A check that chooses at random does so by sb_check_key alone, so that the
 * seed reproduces it. */
struct sb_check_context {
    const char *path;             /* of the plugin */
    const struct sb_given *given; /* KEY=VALUE behind it on the command line */
    size_t n_given;
    const char *family; /* --family: the one that learners are checked on; NULL: shipped ones */
    uint64_t seed;
    uint32_t isolation; /* enum sb_isolation, as asked for */
    uint64_t seconds;   /* that one check may take */
    const void *suite;  /* the suite's own, made before the first check; borrowed */
    uint64_t found;     /* what a check found out for the later ones; the suite's own meaning */
    struct sb_buf line; /* what the check says */
};

struct sb_check {
    const char *name; /* one word */
    const char *what; /* what is expected: a clause, "the same coins give the same queries" */
    bool gate;        /* where it fails, the others make no sense and are skipped */
    /* An enum sb_check_result, by the functions below; or a negative errno: statbed's own trouble,
     * which fails the check under its name. */
    int (*run)(struct sb_check_context *context);
};
extern const struct sb_check sb_learner_checks[], sb_family_checks[]; /* NULL-named end */

/* `return sb_check_fail(context, ...)`: one line: what was found, what was expected, what to do.
 * The last line counts. */
int sb_check_ok(struct sb_check_context *context, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int sb_check_warn(struct sb_check_context *context, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int sb_check_skip(struct sb_check_context *context, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int sb_check_fail(struct sb_check_context *context, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The key of one purpose under the seed. */
struct sb_key sb_check_key(const struct sb_check_context *context, const char *purpose);

/* What became of one check; said is owned, never NULL. */
struct sb_check_outcome {
    const struct sb_check *check;
    int result; /* enum sb_check_result */
    char *said; /* one line */
};
struct sb_check_report {
    struct sb_check_outcome *items; /* owned */
    size_t n, n_failed;
};
/* Runs a suite, or the one check of this name and the gates before it. 0 with *out filled, to be
 * freed by fini; a negative errno where statbed itself could not go on. */
int sb_check_run(const struct sb_check *suite, const char *only, struct sb_check_context *context,
                 struct sb_check_report *out, struct sb_diag *diag);
void sb_check_report_fini(struct sb_check_report *report);

#endif
