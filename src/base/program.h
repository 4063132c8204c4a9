/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies beside the running program. Everything installed is looked for from there, so that a
 * build folder and an installed tree work wherever they are moved to. */
#ifndef SB_BASE_PROGRAM_H
#define SB_BASE_PROGRAM_H

/* `relative`, counted from the folder of the running program; an absolute path stays as it is. Links
 * and ".." are resolved where the path exists. malloc'd; NULL where memory is out or the system
 * does not say. */
char *sb_program_path(const char *relative);

#endif
