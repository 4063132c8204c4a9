/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constructions that statbed construct makes and prints: one file construct_NAME.c each, listed in
 * meson.build. */
#ifndef SB_CLI_CONSTRUCT_H
#define SB_CLI_CONSTRUCT_H

#include "base/params.h"
#include "cli/sheet.h"

struct sb_construction {
    const char *name, *summary, *source; /* a line each */
    const struct sb_param *params;
    /* 0 or a negative errno with a line; nothing is printed then. */
    int (*print)(const struct sb_values *values, struct sb_sheet *sheet, struct sb_diag *diag);
};
extern const struct sb_construction *const sb_constructions[]; /* NULL-ended; generated */

#endif
