/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operators: one row each, with all that the other files of this layer need to know. A new
 * operator is a number in statbed/query.h, a row in op.c and the functions that the row names, and
 * a row of kernels in loops.c. */
#ifndef SB_QUERY_OP_H
#define SB_QUERY_OP_H

#include "query/expr.h"
#include "query/reason.h"

enum sb_shape {
    SB_ATOM,   /* written in a way of its own: a number, y, x3 */
    SB_CALL,   /* name(...) */
    SB_INFIX,  /* a sign b; may be called by name as well */
    SB_PREFIX, /* sign a; may be called by name as well */
};

enum {
    SB_MANY = 255,       /* n_num: as many as the check allows */
    SB_WHY = 192,        /* room for a reason */
    SB_HERMITE_MAX = 64, /* the largest degree */
    SB_LEVEL_SUM = 1,    /* how tightly signs bind */
    SB_LEVEL_PRODUCT = 2,
    SB_LEVEL_SIGN = 3,
};

/* One node and the ranges of its arguments; `same`: both arguments are one node. */
struct sb_bounds {
    const struct sb_space *space;
    const struct sb_node *node;
    struct sb_interval a, b;
    bool same;
};

/* The same with how steep the arguments are in the label, and the node's own range. */
struct sb_steepness {
    const struct sb_bounds *bounds;
    struct sb_interval out;
    double a, b; /* label-Lipschitz constants of the arguments; 0 where there is none */
};

struct sb_kinks; /* kinks.c */

/* A node around one point (discs.c): its numbers, its value there, its arguments' values, and how far
 * these move on the disc. */
struct sb_disc {
    const double *num;
    double v, a, b, ra, rb;
};

/* Independent forms, each at its highest bit; 0: none is there. */
struct sb_echelon {
    uint64_t row[64];
};

struct sb_op_row {
    const char *name;
    const char *usage;
    uint8_t shape; /* enum sb_shape */
    char sign;
    uint8_t level;
    uint8_t n_arg;  /* 0 to 2 */
    uint8_t n_num;  /* or SB_MANY */
    bool num_first; /* in the text, the numbers stand before the arguments */
    bool label;     /* looks at the label */
    /* the numbers beyond being finite; false: why[] says what is wrong */
    bool (*check)(const struct sb_space *space, const double *num, uint64_t n, char why[SB_WHY]);
    struct sb_interval (*range)(const struct sb_bounds *in);
    int (*depend)(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                  struct sb_support *out);
    /* on the cube: the forms of x that the node is a function of (forms.c); NULL: none, or its
     * arguments' */
    void (*see)(const struct sb_space *space, const struct sb_node *node, struct sb_echelon *out);
    int (*kinks)(struct sb_kinks *k); /* the node on one stretch of t (kinks.c) */
    /* how far the node moves on a complex disc; NULL: x itself, or unknown */
    double (*disc)(const struct sb_disc *in);
    /* the node's label-Lipschitz constant; NULL: 0, whatever the label */
    double (*lipschitz)(const struct sb_steepness *in);
};

/* NULL for a number that is no operator. */
const struct sb_op_row *sb_op_row(uint32_t op);
/* 0 for a name that is none. */
uint32_t sb_op_find(const char *name);
/* The name of an operator nearest to a misspelt one, or NULL. */
const char *sb_op_nearest(const char *found);

/* range.c */
typedef struct sb_interval sb_ranger(const struct sb_bounds *in);
sb_ranger sb_range_const, sb_range_y, sb_range_x, sb_range_dot, sb_range_chi, sb_range_hermite,
    sb_range_candidate, sb_range_candidate_bit, sb_range_add, sb_range_sub, sb_range_mul,
    sb_range_div, sb_range_neg, sb_range_abs, sb_range_min, sb_range_max, sb_range_mod,
    sb_range_relu, sb_range_step, sb_range_lt, sb_range_le, sb_range_eq, sb_range_near,
    sb_range_clip, sb_range_wave, sb_range_exp;

/* support.c */
typedef int sb_depender(const struct sb_space *space, sb_expr e, const struct sb_node *node,
                        struct sb_support *out);
sb_depender sb_depend_label, sb_depend_x, sb_depend_dot, sb_depend_chi, sb_depend_candidate,
    sb_depend_candidate_bit;

/* lipschitz.c */
typedef double sb_steeper(const struct sb_steepness *in);
sb_steeper sb_lipschitz_label, sb_lipschitz_jump, sb_lipschitz_candidate_bit, sb_lipschitz_add,
    sb_lipschitz_sub, sb_lipschitz_mul, sb_lipschitz_div, sb_lipschitz_one, sb_lipschitz_either,
    sb_lipschitz_mod, sb_lipschitz_exp, sb_lipschitz_hermite;

/* forms.c */
typedef void sb_seer(const struct sb_space *space, const struct sb_node *node,
                     struct sb_echelon *out);
sb_seer sb_see_x, sb_see_dot, sb_see_chi, sb_see_candidate, sb_see_candidate_bit;
/* Adds a form, but for what is there already. */
void sb_echelon_add(struct sb_echelon *echelon, uint64_t form);
/* In reduced echelon form (query/reason.h). */
void sb_echelon_reduce(struct sb_echelon *echelon, struct sb_forms *out);

/* discs.c */
typedef double sb_discer(const struct sb_disc *in);
sb_discer sb_disc_fixed, sb_disc_first, sb_disc_sum, sb_disc_mul, sb_disc_div, sb_disc_exp,
    sb_disc_wave, sb_disc_hermite, sb_disc_relu, sb_disc_min, sb_disc_max, sb_disc_clip,
    sb_disc_mod;

/* kinks.c: 0, a negative errno, or 1: unknown */
typedef int sb_kinker(struct sb_kinks *k);
sb_kinker sb_kinks_const, sb_kinks_label, sb_kinks_other, sb_kinks_hermite, sb_kinks_add,
    sb_kinks_sub, sb_kinks_mul, sb_kinks_div, sb_kinks_neg, sb_kinks_abs, sb_kinks_min,
    sb_kinks_max, sb_kinks_mod, sb_kinks_relu, sb_kinks_step, sb_kinks_lt, sb_kinks_le, sb_kinks_eq,
    sb_kinks_near, sb_kinks_clip, sb_kinks_smooth;

#endif
