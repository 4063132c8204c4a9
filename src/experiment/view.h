/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of the grid as texts: the keys of each section after the grid's have been put over the
 * file's, and their values with formulas computed. */
#ifndef SB_EXPERIMENT_VIEW_H
#define SB_EXPERIMENT_VIEW_H

#include "base/params.h"
#include "experiment/grid.h"

/* One key of a section. */
struct sb_item {
    const char *name;            /* borrowed */
    uint32_t line, column;       /* of the name */
    const struct sb_yaml *value; /* borrowed; NULL: wrong in a way already reported */
    size_t section;
    char *text;                  /* the resolved value; owned */
    const struct sb_item *asker; /* while it is being resolved: whose formula asked for it */
    uint32_t state;              /* see view.c */
};

struct sb_view_section {
    struct sb_item *items;
    size_t n, cap;
    uint32_t line, column; /* of the section's key */
    bool given, unknown;   /* unknown: a mistake, already reported, hides what is in it */
    const struct sb_param *tables[3]; /* what may stand in it, once the types are known */
    size_t n_tables;
};

struct sb_view {
    struct sb_view_section section[SB_SECTIONS];
    const struct sb_yaml *grant; /* what it grants; NULL: nothing is said; borrowed */
    bool grant_unknown;          /* a mistake, already reported, hides it */
    struct sb_mistakes *mistakes;
    const struct sb_item *current; /* being resolved */
    bool quiet;                    /* a lookup failed and said why itself */
    const char **keys;             /* "section.key" of all, for nearest names; owned */
    size_t n_keys;
};

/* The file's sections (root: a map) under the items `pick` of the grid. 0 or -ENOMEM. */
int sb_view_init(struct sb_view *view, const struct sb_yaml *root, const struct sb_grid *grid,
                 const size_t *pick, struct sb_mistakes *mistakes);
void sb_view_fini(struct sb_view *view);

struct sb_item *sb_view_find(struct sb_view *view, size_t section, const char *name);
/* The value of a key that is a word ("type"); NULL where there is none or it is no scalar: then
 * *given_out says whether there is one, with the mistake reported. */
const char *sb_view_word(struct sb_view *view, size_t section, const char *name, bool *given_out);
/* Resolves every value of the sections whose tables are set; mistakes are reported. 0 or -ENOMEM.
 */
int sb_view_resolve(struct sb_view *view);
/* "family.dimension=8 learner.type=parity-bent", malloc'd. */
char *sb_view_label(struct sb_view *view, const struct sb_grid *grid, const size_t *pick);
/* Is the value that begins at this place a formula? Its text, or NULL. */
const char *sb_view_formula_at(const struct sb_view *view, uint32_t line, uint32_t column);

#endif
