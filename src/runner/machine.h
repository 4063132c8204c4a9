/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the record says of the program and the machine. */
#ifndef SB_RUNNER_MACHINE_H
#define SB_RUNNER_MACHINE_H

const char *sb_machine_version(void); /* "0.1.0" */
const char *sb_machine_git(void);     /* of the sources at build time; "" outside of a checkout */
const char *sb_machine_compiler(void);
char *sb_machine_cpu(void); /* the model's name, malloc'd; "unknown" where not told */

#endif
