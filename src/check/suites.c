/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites: which checks a file gets, by what it exports. */
#include "base/memory.h"
#include "check/check.h"
#include "check/shared_object.h"

#include <errno.h>

static const struct sb_check_suite suites[] = {
    { "learner", "statbed_learner", sb_learner_checks },
    { "family", "statbed_family", sb_family_checks },
};

int sb_check_suite_find(const char *path, const struct sb_check_suite **out, struct sb_diag *diag)
{
    struct sb_elf elf;
    const int error = sb_elf_read(path, &elf, diag);

    if (error)
        return error;
    *out = NULL;
    for (size_t i = 0; i < SB_COUNT(suites) && !*out; i++)
        if (sb_elf_defines(&elf, suites[i].symbol))
            *out = &suites[i];
    sb_elf_fini(&elf);
    if (*out)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "%s is no plugin: it exports neither statbed_learner nor "
                        "statbed_family; define one with SB_LEARNER(...) of statbed/learner.h or "
                        "SB_FAMILY(...) of statbed/family.h",
                        path);
}
