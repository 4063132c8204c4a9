/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of names: the files of one ending in some folders, sorted, each name once. */
#ifndef SB_BASE_NAMES_H
#define SB_BASE_NAMES_H

#include <stddef.h>

/* items: owned array of owned strings. Zero it before first use. */
struct sb_names {
    char **items;
    size_t n, cap;
};

/* Adds NAME for each file NAME.ending of the folder, ending as ".so"; a folder that is NULL or not
 * there has none. 0 or -ENOMEM. */
int sb_names_add_folder(struct sb_names *names, const char *folder, const char *ending);
/* Sorts by name and drops what stands twice. */
void sb_names_sort(struct sb_names *names);
void sb_names_fini(struct sb_names *names);
/* The one nearest to `found` (base/text.h), or NULL; borrowed. */
const char *sb_names_nearest(const struct sb_names *names, const char *found);

#endif
