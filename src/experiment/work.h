/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A point while it is read: what the files that read its parts share. All report mistakes and
 * return 0, -EINVAL, or something worse. */
#ifndef SB_EXPERIMENT_WORK_H
#define SB_EXPERIMENT_WORK_H

#include "experiment/point.h"

/* What a `type` or `policy` may name: the classes by number, NULL behind the last. */
struct sb_class_kind {
    size_t section;
    const char *key;  /* of the section */
    const char *noun; /* for messages */
    const char *(*name)(const struct sb_catalog *catalog, size_t i);
    const char *(*summary)(const struct sb_catalog *catalog, size_t i);
    const struct sb_param *(*params)(const struct sb_catalog *catalog, size_t i);
};
enum { SB_KINDS_MAX = 2 };
/* Those that a section names, NULL where none; learners are not in the catalog. */
extern const struct sb_class_kind *const sb_section_kinds[SB_SECTIONS][SB_KINDS_MAX];
/* What may stand in a section whatever it names; NULL: nothing. */
const struct sb_param *sb_section_common(const struct sb_catalog *catalog, size_t section);

struct sb_work {
    struct sb_point_reader *reader;
    struct sb_view view;
    struct sb_point *point;
    const struct sb_class_kind *const *kinds[SB_SECTIONS]; /* that were chosen from; or NULL */
    size_t chosen[SB_SECTIONS][SB_KINDS_MAX];              /* class number of each kind */
    char *label;
};

/* classes.c. Chooses the classes of a section, and adds their tables and the common one; a class that
 * cannot be chosen leaves the section without tables, and so unchecked: what may stand in it is not
 * known. */
bool sb_classes_choose(struct sb_work *w, size_t section);
/* One more table of what may stand in the section. */
void sb_section_add_table(struct sb_work *w, size_t section, const struct sb_param *table);
int sb_section_missing(struct sb_work *w, size_t section);
/* Where `key` is missing: does another of the section's come near? Then that is the mistake, and is
 * reported. */
bool sb_section_misspelt(struct sb_work *w, size_t section, const char *key);

/* grant.c: what is granted, into the point; once its oracle is known, do they go together? */
int sb_grant_parse(struct sb_work *w);
int sb_grant_check(struct sb_work *w);
/* Has the family labels, where they are granted? */
int sb_grant_check_labels(struct sb_work *w, const struct sb_family *family);

/* reductions.c: does the reduction fit the point? Sets up the oracle, as sb_oracle_new would. */
int sb_reduction_check(struct sb_work *w, const struct sb_family *family, bool goal_known);

/* families.c: the family, compiled in or a plugin, into the point, and its table. */
bool sb_family_choose(struct sb_work *w);

/* learners.c: the learner's type, resolved, and its two tables; is it granted what it asks? */
int sb_learner_choose(struct sb_work *w, const struct sb_known_learner **out);
int sb_learner_check_access(struct sb_work *w, const struct sb_known_learner *l);
int sb_learner_check_labels(struct sb_work *w, const struct sb_known_learner *l,
                            const struct sb_family *family);

/* values.c: the sections' values, into the point. */
int sb_family_parse(struct sb_work *w);
int sb_oracle_parse(struct sb_work *w);
int sb_learner_parse(struct sb_work *w, const struct sb_known_learner *l);
int sb_budget_parse(struct sb_work *w);
int sb_goal_parse(struct sb_work *w);

#endif
