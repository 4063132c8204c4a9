/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds for the command line: a family or a matrix at one oracle and goal, what every calculator states
 * of it, and that in words. */
#ifndef SB_CLI_BOUND_H
#define SB_CLI_BOUND_H

#include "bounds/bounds.h"
#include "cli/cli.h"
#include "experiment/experiment.h"

struct sb_bound_stated {
    const struct sb_bound_class *class;
    struct sb_bound bound;
};

/* All borrowed, but for `stated`. */
struct sb_bound_case {
    const char *family;             /* its name, as given; NULL: a matrix */
    const char *matrix;             /* the file's path; NULL: a family */
    const struct sb_values *values; /* the family's parameters; NULL: a matrix */
    const char *oracle;
    const char *policy; /* NULL: any that answers within the tolerance */
    const char *grants; /* "label,sample", or "" */
    const struct sb_goal_class *goal;
    const char *loss; /* of goals that have one: the loss to reach, at most `max` */
    double max;
    double noise;       /* put on top of the family's; 0: none */
    bool after;         /* setting.n_queries was asked about */
    const char *chosen; /* calculators, with commas between; NULL: all */
    struct sb_bound_setting setting;

    char task[96];                  /* setting.task, from the goal */
    struct sb_bound_stated *stated; /* owned */
    size_t n_stated;
};
/* Fills `task` and `stated`. 0, -EINVAL (no such calculator), -ENOMEM. */
int sb_bound_case_state(struct sb_bound_case *c, struct sb_diag *diag);
void sb_bound_case_fini(struct sb_bound_case *c);
/* Of those that apply to the members, or to some, the one that needs the most queries; NULL: none does. */
const struct sb_bound_stated *sb_bound_case_strongest(const struct sb_bound_case *c);

/* At least the mean of |K_ij| over all ordered pairs of members, i = j included; infinity: not known. */
double sb_correlations_mean_ub(const struct sb_correlations *k);

/* How bounds are written: `put` is called for each case; begin and end may be NULL. */
struct sb_bound_writer {
    const char *format;
    void (*begin)(struct sb_buf *out);
    void (*put)(const struct sb_bound_case *c, bool first, struct sb_buf *out);
    void (*end)(struct sb_buf *out);
};
extern const struct sb_bound_writer sb_bound_text, sb_bound_json, sb_bound_latex;

/* What the operands name: each of its cases is stated and written. 0, or a negative errno with a
 * message. */
typedef int sb_bound_source(const struct sb_args *args, const struct sb_bound_writer *writer,
                            struct sb_buf *out, struct sb_diag *diag);
sb_bound_source sb_bound_family, sb_bound_matrix, sb_bound_experiment;
/* How they do it: the chosen calculators state what they can of a case, and it is written; with begin
 * and end where it is the only one. */
int sb_bound_put(struct sb_bound_case *c, const struct sb_args *args,
                 const struct sb_bound_writer *writer, bool first, struct sb_buf *out,
                 struct sb_diag *diag);
int sb_bound_put_one(struct sb_bound_case *c, const struct sb_args *args,
                     const struct sb_bound_writer *writer, struct sb_buf *out,
                     struct sb_diag *diag);

/* Oracle and goal from options (bound_options.c). To be finished whatever came of it. */
struct sb_bound_options {
    const struct sb_access_class *access;
    struct sb_values oracle_values, goal_values;
};
/* Fills all of the case but what is of the family or matrix: setting.k, setting.n_good (1). */
int sb_bound_options_read(struct sb_bound_options *options, const struct sb_args *args,
                          struct sb_bound_case *c, struct sb_diag *diag);
void sb_bound_options_fini(struct sb_bound_options *options);
/* --queries alone. */
int sb_bound_queries(const struct sb_args *args, struct sb_bound_case *c, struct sb_diag *diag);

/* bound_words.c. */

/* To 4 significant digits, never above (below) v; "-" for what is no number, "unknown" for infinity. */
void sb_words_down(double v, struct sb_buf *out);
void sb_words_up(double v, struct sb_buf *out);
/* The same of what was itself rounded outward in its last digits: a part in 2^36 is let go. */
void sb_words_least(double v, struct sb_buf *out);
void sb_words_most(double v, struct sb_buf *out);
void sb_words_exact(double v, struct sb_buf *out); /* the shortest decimal that is v */
/* "dimension=8 noise=0" */
void sb_words_values(const struct sb_values *values, struct sb_buf *out);
/* "closed form: orthogonal, K = 1 I; ..." */
void sb_words_correlations(const struct sb_correlations *k, struct sb_buf *out);
/* "predict, zero-one loss at most 0.1, with probability 0.66" */
void sb_words_goal(const struct sb_bound_case *c, struct sb_buf *out);
/* "at least 41.5 queries (2^5.378)", or why not. */
void sb_words_queries(const struct sb_bound_stated *stated, struct sb_buf *out);
/* "after 100 queries success has probability at most 0.39"; only where it applies and was asked for. */
bool sb_words_after(const struct sb_bound_case *c, const struct sb_bound_stated *stated,
                    struct sb_buf *out);

#endif
