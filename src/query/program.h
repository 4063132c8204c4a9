/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs, seen from within: expressions as a list of steps over registers. compile.c makes them,
 * eval.c runs them. */
#ifndef SB_QUERY_PROGRAM_H
#define SB_QUERY_PROGRAM_H

#include "query/eval.h"
#include "query/op.h"

struct sb_step {
    sb_kernel *kernel;
    const double *num; /* owned by the program */
    uint32_t n_num;
    uint32_t arg[2]; /* steps */
    uint32_t reg;
    uint32_t output; /* the expression whose values these are, written where they are wanted and
                        not to a register; SB_NO_OUTPUT */
    bool constant;   /* keeps its register, and is filled once */
};
#define SB_NO_OUTPUT UINT32_MAX

/* First the n_fixed steps that do not depend on the label, then those that do. */
struct sb_program {
    struct sb_space space;
    uint32_t n_steps, n_fixed, n_outputs;
    size_t n_numbers;
    struct sb_step *steps;
    double *numbers;
    uint32_t *outputs;    /* n_outputs: expression -> step */
    const double **value; /* n_steps: where the values of a step are */
    double *registers;    /* n_registers x width */
    uint32_t n_registers;
    uint64_t width;
    uint64_t filled;    /* lanes of the constants that hold their value */
    uint64_t *agreeing; /* width, with candidates */
    double *label;      /* width: the label in turn; NULL where no step depends on it */
    const double **x;   /* dim: columns of a piece; NULL on the cube, or where no block is cut */
};

#endif
