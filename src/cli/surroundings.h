/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What statbed reads and writes beside its command line: environment, files, exit codes. For the help
 * and the manual. */
#ifndef SB_CLI_SURROUNDINGS_H
#define SB_CLI_SURROUNDINGS_H

#include "base/diag.h"

struct sb_surrounding {
    const char *name, *help; /* NULL-named end */
};
extern const struct sb_surrounding sb_environment[]; /* every variable that the code asks for */
extern const struct sb_surrounding sb_files[];
extern const struct sb_surrounding sb_exit_codes[];

/* A limit that is none would be passed over in silence: 0, or -EINVAL and a line for each. A variable
 * that is empty counts as not set. */
int sb_environment_check(struct sb_diag *diag);

#endif
