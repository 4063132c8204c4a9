/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs, seen from within: values in slots, and which kernel makes each of which others.
 * compile.c makes slots of nodes, program.c finds them memory, eval.c runs them.
 *
 * A slot holds a column: a number for each example of a piece; or what is the same for all of them:
 * one number, or two between which a bit of the example chooses. Slots that do not depend on the
 * label are computed once for all labels, those that depend on nothing but numbers when the program
 * is made. */
#ifndef SB_QUERY_PROGRAM_H
#define SB_QUERY_PROGRAM_H

#include "query/eval.h"
#include "query/kernels.h"

#define SB_NO_OUTPUT UINT32_MAX

struct sb_slot {
    sb_kernel *kernel; /* NULL: nothing to be done, the values stand in the numbers */
    uint32_t in[3];    /* slots; 0: none */
    uint32_t num;      /* the kernel's numbers, n_num: place in the program's */
    uint32_t n_num;
    uint32_t n;     /* 0: a column; else how many numbers */
    uint32_t place; /* a column's register; else the place in the program's numbers */
    uint32_t
        output; /* the expression whose values these are, written to where they are wanted and not
                        to a register; SB_NO_OUTPUT */
    bool label; /* depends on the label */
};

/* The steps for one way to give labels: a column of them, or one for the whole block. */
struct sb_code {
    struct sb_slot *slots; /* n_slots; slot 0 is none */
    uint32_t n_slots;
    uint32_t *steps; /* slots in their order: n_fixed without the label, then up to n_steps */
    uint32_t n_fixed, n_steps;
    uint32_t *outputs;    /* expression -> slot */
    uint32_t label_place; /* of the label of the whole block in the program's numbers */
    uint32_t n_registers;
    const double **value; /* n_slots: where the values are */
};

enum sb_labels { SB_LABEL_COLUMN, SB_LABEL_NUMBER, SB_LABEL_WAYS };

struct sb_program {
    struct sb_space space;
    uint32_t n_outputs, n_ways; /* one way where no expression looks at the label */
    struct sb_code code[SB_LABEL_WAYS];
    double *numbers; /* n_numbers: of the nodes, and of slots that are no columns */
    size_t n_numbers;
    bool looks_up;     /* asks which candidate agrees */
    double *registers; /* 64-byte aligned: registers x width */
    uint64_t width;
    uint64_t *agreeing; /* width, where it looks up */
    double *label;      /* the same: the label in turn as a column */
    const double **x;   /* dim: columns of a piece; NULL on the cube, or where no block is cut */
};

/* What compile.c is given, and its result: slots and outputs, without registers. */
struct sb_compiler {
    struct sb_program *program;
    struct sb_code *code;
    enum sb_labels labels;
    const struct sb_visit *visits;
    uint32_t n_visits;
    const uint32_t *roots; /* n_outputs: places among the visits */
};
enum { SB_SLOTS_A_NODE = 5, SB_NUMBERS_A_NODE = 8 };
/* Fills c->code; the numbers and slots have room for so many a node. 0 or -ENOMEM. */
int sb_compile(const struct sb_compiler *c);

#endif
