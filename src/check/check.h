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
    uint64_t found;     /* what a check found out for the later ones; the suite's own meaning */
    struct sb_buf line; /* what the check says */
};

struct sb_check {
    const char *name; /* one word */
    const char *what; /* what is expected: a clause, "the same coins give the same queries" */
    bool gate;        /* where it fails, the others make no sense and are skipped */
    /* An enum sb_check_result, by the functions below; or a negative errno. -EINVAL, by
     * sb_check_usage: the command line is wrong, and the suite ends; any other: statbed's own
     * trouble, which fails the check. */
    int (*run)(struct sb_check_context *context);
};

/* The checks of one kind of plugin. */
struct sb_check_suite {
    const char *kind;              /* "learner" */
    const char *symbol;            /* that such a plugin exports */
    const struct sb_check *checks; /* NULL-named end */
};
extern const struct sb_check sb_learner_checks[], sb_family_checks[];
/* The suite for a file, by what it exports; -EINVAL with one line. None of it is run. */
int sb_check_suite_find(const char *path, const struct sb_check_suite **out, struct sb_diag *diag);

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
/* The first message of diag as the mistake of the command line that it is; -EINVAL. */
int sb_check_usage(struct sb_check_context *context, const struct sb_diag *diag);
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
/* Runs the checks, or the one of this name and the gates. 0 with *out filled, to be freed by fini;
 * -EINVAL: a mistake on the command line; another negative errno where statbed itself could not go
 * on. */
int sb_check_run(const struct sb_check *checks, const char *only, struct sb_check_context *context,
                 struct sb_check_report *out, struct sb_diag *diag);
void sb_check_report_fini(struct sb_check_report *report);

#endif
