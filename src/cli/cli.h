/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: one file a verb, listed in meson.build. Exit codes: 0 fine, 1 the experiment or
 * the comparison failed, 2 usage or input. */
#ifndef SB_CLI_CLI_H
#define SB_CLI_CLI_H

#include "base/diag.h"
#include "base/memory.h"

struct sb_verb {
    const char *name, *usage, *summary;
    const char *help; /* options, and an example */
    int (*main)(int argc, char **argv,
                struct sb_diag *diag); /* argv[0]: the verb; 0, 1, or -errno */
};
extern const struct sb_verb *const sb_verbs[]; /* NULL-ended; generated from the list */

#endif
