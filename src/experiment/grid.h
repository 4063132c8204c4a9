/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of a file, and its grid: lists over dotted keys, sections, or several sections at once
 * ("case"), whose product gives the points. */
#ifndef SB_EXPERIMENT_GRID_H
#define SB_EXPERIMENT_GRID_H

#include "experiment/mistakes.h"
#include "experiment/yaml_tree.h"

enum sb_section {
    SB_SECTION_FAMILY,
    SB_SECTION_ORACLE,
    SB_SECTION_LEARNER,
    SB_SECTION_BUDGET,
    SB_SECTION_GOAL,
    SB_SECTIONS,
    SB_GRANT, /* no section of keys: a list, `grant: [sample]` */
    SB_CASE   /* several sections at once, in the grid only */
};
extern const char *const sb_section_names[SB_SECTIONS];
extern const char *const sb_section_helps[SB_SECTIONS]; /* one line each */
/* The section that n bytes name; SB_SECTIONS where they name none. */
size_t sb_section_named(const char *name, size_t n);

/* One list of the grid. */
struct sb_axis {
    size_t section;  /* enum sb_section */
    const char *key; /* of the section; NULL: the items are maps, of SB_CASE maps of sections to
                        maps and of "grant" to a list, of SB_GRANT lists */
    const struct sb_yaml_entry *entry; /* its place and its items; borrowed */
    size_t n;                          /* items */
    bool bad; /* has mistakes that were reported: its value is given, but unknown (n is 1) */
};

struct sb_grid {
    struct sb_axis *axes; /* owned */
    size_t n_axes;
    uint64_t n_points; /* the product; UINT64_MAX where it is larger */
};

/* What an item sets: one key of a section, or, where key is NULL, all keys of a map; or what is
 * granted: of SB_GRANT, a list. */
struct sb_axis_part {
    size_t section;
    const char *key;
    const struct sb_yaml *value;
};
/* Of an axis that is not bad: as many parts as a case names sections, none of SB_GRANT, else one. */
size_t sb_axis_n_parts(const struct sb_axis *axis, size_t pick);
struct sb_axis_part sb_axis_part(const struct sb_axis *axis, size_t pick, size_t i);

/* From the value of `grid:`; NULL is one point. Mistakes are reported; 0 or
 * -ENOMEM. */
int sb_grid_read(const struct sb_yaml *node, struct sb_mistakes *mistakes, struct sb_grid *out);
void sb_grid_fini(struct sb_grid *grid);
/* The items of point i, one an axis: the first axis varies slowest. pick: n_axes. */
void sb_grid_pick(const struct sb_grid *grid, uint64_t i, size_t *pick);

#endif
