/* SPDX-License-Identifier: MIT */
/* Queries: what a learner asks an oracle. C99 and C++11; needs nothing but <stddef.h> and
 * <stdint.h>.
 *
 * A statistical query is a function of ONE labelled example (x, y) [Kearns 98]. Here it is an
 * expression: data, built from the operators below, evaluated inside the oracle on examples that
 * the learner never sees. Every operator is total: x/0 = 0, mod(x, 0) = 0, results beyond the
 * range of a double stay at the largest finite double; there is no NaN and no infinity. */
#ifndef STATBED_QUERY_H
#define STATBED_QUERY_H

#include <stddef.h>
#include <stdint.h>

/* What happened to a query, or to a call. 0: answered. > 0: a condition; the run goes on and the
 * learner may react. < 0: the run is over; return the number from run() at once. Public: a status
 * depends on the query, the budget and the experiment, never on the hidden member. */
enum sb_status {
    SB_STOP = -1,     /* the run is over: return */
    SB_OK = 0,        /* answered */
    SB_BUDGET = 1,    /* the budget of queries is used up; nothing was answered */
    SB_RANGE = 2,     /* a callback left its range at a public point (expressions are clipped) */
    SB_TOLERANCE = 3, /* the tolerance is not a tolerance, or below what the experiment grants */
    SB_REFUSED = 4,   /* this oracle is not granted, or cannot answer such a query at all */
    SB_SYNTAX = 5     /* no expression: not built, or in too large a batch; message() says why */
};

/* Oracles, as bits. */
enum sb_access {
    SB_STAT = 1,  /* f: X -> [-1,1], answered within tau of E_D f [Kearns 98] */
    SB_VSTAT = 2, /* f: X -> [0,1], answered within max(1/t, sqrt(p(1-p)/t)), p = E_D f [FGR+17] */
    SB_CSQ = 4,
    SB_LABEL = 8,
    SB_SAMPLE = 16
};

/* A node of an expression: valid from its making to a forget() with an earlier mark, or to the end
 * of run(). 0 is "failed": operators pass it on, ask() answers SB_SYNTAX with the first cause. */
typedef uint32_t sb_expr;

/* Operators. Append only, values frozen. "num" are numbers that belong to the node, "arg" are
 * argument nodes. Coordinates count from 0; on the cube they are 0.0 or 1.0, over Z_q 0.0 .. q-1.
 * Comparisons and step give 0.0 or 1.0, and step(0) = 1. */
enum sb_op {
    SB_CONST = 1,     /* num: value */
    SB_Y = 2,         /* the label, a member of the task's label set */
    SB_X = 3,         /* num: coordinate j */
    SB_DOT = 4,       /* num: u, dim values: sum_j u_j x_j */
    SB_CHI = 5,       /* num: coordinates, increasing, may be none: (-1)^(their sum); cube only */
    SB_HERMITE = 6,   /* num: degree k <= 64; arg: e: orthonormal probabilists' h_k(e) */
    SB_CANDIDATE = 7, /* num: i: the label function of public candidate i at x */
    SB_CANDIDATE_BIT = 8, /* num: b: bit b of the index of the one candidate that agrees with
                             (x, y); 0 where none or several do */
    SB_ADD = 9,
    SB_SUB = 10,
    SB_MUL = 11,
    SB_DIV = 12, /* a/b, and 0 where b = 0 */
    SB_NEG = 13,
    SB_ABS = 14,
    SB_MIN = 15,
    SB_MAX = 16,
    SB_MOD = 17,  /* a - b floor(a/b), in [0,b) for b > 0; 0 for b <= 0 */
    SB_RELU = 18, /* max(a, 0) */
    SB_STEP = 19, /* a >= 0 */
    SB_LT = 20,   /* a < b */
    SB_LE = 21,   /* a <= b */
    SB_EQ = 22,   /* a == b */
    SB_NEAR = 23, /* num: eps >= 0; arg: a, b: |a - b| <= eps */
    SB_CLIP = 24, /* num: lo, hi, lo <= hi; arg: e */
    SB_SIN = 25,
    SB_COS = 26,
    SB_EXP = 27
};

/* One query of a batch. Zero the whole struct before filling it: it may grow at the end, and zero
 * means "as the experiment says". */
struct sb_query {
    sb_expr expr;
    uint32_t access;  /* SB_STAT or SB_VSTAT; 0: the only one granted */
    double tolerance; /* tau in (0,1] for SB_STAT, t >= 1 for SB_VSTAT; 0: what is granted */
};

#endif
