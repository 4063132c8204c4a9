/* SPDX-License-Identifier: MIT */
/* Queries: what a learner asks an oracle. C99 and C++11; needs nothing but <stddef.h> and
 * <stdint.h>.
 *
 * A statistical query is a function of ONE labelled example (x, y) [Kearns 98]. There are two kinds:
 *   expression  data, built from the operators below, evaluated inside the oracle on examples that
 *               the learner never sees. Every operator is total: x/0 = 0, mod(x, 0) = 0, results
 *               beyond the range of a double stay at the largest finite double; there is no NaN and
 *               no infinity.
 *   callback    a C function (sb_phi), called in the learner's own process at public points: the
 *               whole domain, or points drawn after the query was asked, with every label in turn.
 *               The hidden labels stay with the oracle, which weighs what the callback wrote. */
#ifndef STATBED_QUERY_1_1_H
#define STATBED_QUERY_1_1_H

#include <stddef.h>
#include <stdint.h>

/* What happened to a query, or to a call. 0: answered. > 0: a condition; the run goes on and the
 * learner may react. < 0: the run is over; return the number from run() at once. Public: a status
 * depends on the query, the budget and the experiment, never on the hidden member. */
enum sb_status {
    SB_STOP = -1,     /* the run is over: return */
    SB_OK = 0,        /* answered */
    SB_BUDGET = 1,    /* the budget of queries is used up; nothing was answered */
    SB_RANGE = 2,     /* a callback left its range at a public point; message() names the point
                         (expressions are clipped instead) */
    SB_TOLERANCE = 3, /* the tolerance is not a tolerance, or below what the experiment grants */
    SB_REFUSED = 4,   /* this oracle is not granted, or cannot answer such a query at all */
    SB_SYNTAX = 5     /* no expression: not built, or in too large a batch; message() says why */
};

/* Oracles, as bits. */
enum sb_access {
    SB_STAT = 1,    /* f: X -> [-1,1], answered within tau of E_D f [Kearns 98] */
    SB_VSTAT = 2,   /* f: X -> [0,1], answered within max(1/t, sqrt(p(1-p)/t)), p = E_D f [FGR17] */
    SB_CSQ = 4,     /* g of x alone, to [-1,1]: E_D[y g(x)] within tau [BF02] */
    SB_LABEL = 8,   /* labels at chosen x: labels(). Not a statistical query */
    SB_SAMPLE = 16, /* i.i.d. examples: samples(). Not a statistical query */
    SB_ONE_STAT = 32, /* f: X -> {0,1}: its value at one fresh example [FGR17] */
    SB_HONEST = 64    /* f: X -> [-1,1]: its mean over M fresh examples [Yang05] */
};

/* n public examples in columns; borrowed, for the call only. struct_size lets it grow. */
struct sb_block {
    uint32_t struct_size;
    uint32_t dim;
    uint64_t n;             /* at most 1024 */
    const double *const *x; /* x[j][i]: coordinate j of example i, j < dim, i < n */
    const uint64_t *bits;   /* on the cube: bit j of bits[i] is coordinate j; NULL elsewhere */
    const double *y;        /* y[i], of the task's label set; NULL where there is none (predictors,
                               SB_CSQ) */
};

/* A callback: writes out[i], i < block->n, each a function of example i alone, and keeps no state
 * that changes what it writes. It may not call the host. */
typedef void sb_phi(void *user, const struct sb_block *block, double *out /* n */);

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
    sb_expr expr;     /* an expression, or 0 and a callback */
    uint32_t access;  /* SB_STAT, ...; 0: the query oracle that is granted */
    double tolerance; /* tau in (0,1] for SB_STAT and SB_CSQ, t >= 1 for SB_VSTAT, M for SB_HONEST;
                         0: what is granted */
    sb_phi *phi;      /* NULL: none */
    void *user;       /* handed back to phi, in the learner's own process */
    const char *name; /* of the callback, for the record; borrowed, may be NULL */
};

#endif
