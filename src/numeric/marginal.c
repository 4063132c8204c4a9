/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which marginals there are: one file each, marginal_NAME.c, and a name in meson.build. */
#include "numeric/marginal.h"

#include <string.h>

const struct sb_marginal *sb_marginal_find(const char *name)
{
    for (const struct sb_marginal *const *m = sb_marginals; *m; m++)
        if (!strcmp((*m)->name, name))
            return *m;
    return NULL;
}
