/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of learners at work share: the test plugins, the isolations that can be had, the end
 * that a run should have. */
#ifndef SB_TESTS_ISOLATIONS_H
#define SB_TESTS_ISOLATIONS_H

#include "runner/learner.h"
#include "unit.h"

#include <sys/prctl.h>

static inline void unit_plugin_path(const char *name, char *out, size_t size)
{
    const char *dir = getenv("STATBED_TEST_PLUGINS");

    assert_non_null(dir);
    snprintf(out, size, "%s/plugin_%s.so", dir, name);
}

/* With seccomp in the kernel, "seccomp" is what is got; the tests of the filters rest on it. */
static inline bool unit_have_filters(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

static const uint32_t unit_isolation[] = { SB_ISOLATION_NONE, SB_ISOLATION_PROCESS,
                                           SB_ISOLATION_SECCOMP };

/* Neither LeakSanitizer nor valgrind works behind the filters: tools/check then says "none". */
static inline bool unit_in_process_only(void)
{
    const char *only = getenv("STATBED_TEST_ISOLATION");

    return only && strcmp(only, "none") == 0;
}

static inline size_t unit_n_isolations(void)
{
    return unit_in_process_only() ? 1 : SB_COUNT(unit_isolation);
}

/* Frees it. */
static inline void unit_expect_end(struct sb_learner_end *got, uint32_t end, int32_t detail,
                                   const char *text)
{
    if (got->end != end || got->detail != detail)
        print_error("ended %s, detail %d: %s\n", sb_end_name(got->end), got->detail,
                    got->text ? got->text : "");
    assert_string_equal(sb_end_name(got->end), sb_end_name(end));
    assert_int_equal(got->detail, detail);
    if (text) {
        assert_non_null(got->text);
        if (!strstr(got->text, text))
            fail_msg("'%s' does not say '%s'", got->text, text);
    }
    sb_learner_end_fini(got);
}

#endif
