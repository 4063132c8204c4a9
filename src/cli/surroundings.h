/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What statbed reads and writes beside its command line: environment, files, exit codes. For the help
 * and the manual. */
#ifndef SB_CLI_SURROUNDINGS_H
#define SB_CLI_SURROUNDINGS_H

struct sb_surrounding {
    const char *name, *help; /* NULL-named end */
};
extern const struct sb_surrounding sb_environment[]; /* every variable that the code asks for */
extern const struct sb_surrounding sb_files[];
extern const struct sb_surrounding sb_exit_codes[];

#endif
