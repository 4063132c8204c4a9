/* SPDX-License-Identifier: MIT */
/* The family plugin interface. A hard family is a set of distributions D_0, ..., D_(N-1) of a
 * labelled example (x, y), and a null, all with one marginal of x, which is public; or, since 1.2, of x alone, hidden
 * along a direction by a law on the line. A plugin is a shared object that exports ONE data symbol, statbed_family, and
 * links against nothing of statbed's. C99 and C++11. docs/family.md tells how; `statbed new family NAME` writes one that
 * builds and runs, `statbed check ./NAME.so` tests what it says of itself.
 *
 * A family plugin runs in statbed's own process, beside the secret, and is TRUSTED: nothing keeps it
 * from giving the secret away. Load only families that you wrote or read.
 *
 * Every function is a pure function of its arguments (and of what create() stored): called in any
 * order, any number of times, from one thread. Pointers handed in are borrowed for the call. Members
 * are numbered from 0; SB_NULL stands for the null wherever a function takes one.
 *
 * Replay is bit for bit where all that a plugin writes is made of + - * / sqrt and the numbers of
 * sb_stream; compile with -ffp-contract=off, as pkg-config says. One that calls libm or BLAS says SB_NOT_BITWISE. */
#ifndef STATBED_FAMILY_H
#define STATBED_FAMILY_H

#include "learner.h"

#define SB_FAMILY_ABI_MAJOR 1 /* another major number is refused */
#define SB_FAMILY_ABI_MINOR 2 /* grows as fields are appended; any minor number loads */

#define SB_NULL UINT64_MAX /* the member number of the null */

/* The loss of a predictor h against the label function f, both over x from the marginal. */
enum sb_family_loss {
    SB_ZERO_ONE = 0, /* Pr[the label nearest h(x) is not f(x)] */
    SB_SQUARED = 1   /* E (h(x) - f(x))^2 */
};

/* What create() fills in; zeroed before. Public: learners are told all of it. */
struct sb_family_facts {
    uint32_t struct_size;    /* the host's; write a later field only if it covers the field */
    uint32_t domain;         /* enum sb_domain */
    uint32_t dim;            /* coordinates, 1 .. 4096; on the cube at most 63 */
    uint32_t modulus;        /* q >= 2 for SB_ZQ; not read elsewhere */
    uint64_t n_members;      /* N, 1 .. 2^63 */
    uint64_t n_labels;       /* 2: labels from label_set; 0: real labels */
    const double *label_set; /* n_labels, increasing; the plugin's, until destroy() */
    uint64_t n_value;        /* numbers in value(); 0 where value is NULL */
    /* What is proven of K_ij = chi_D0(D_i, D_j) = E_D0[(D_i/D0)(D_j/D0)] - 1. 0: not said; statbed then
     * finds out what it can from correlation(), product() or weight(). */
    double
        lambda_max;  /* K's largest eigenvalue is at most this: caps what policy eliminate counts */
    double diagonal; /* > 0: K is this times the identity: lower bounds on queries apply */

    /* since 1.2, of a law on the line (line_density): all of it is in [line_from, line_to], it is analytic but at the
     * cuts (increasing; the plugin's, until destroy()), and its moments of degree 1 .. line_matched are the Gaussian's.
     * All the other facts are statbed's then, and not read. */
    double line_from, line_to;
    const double *line_cuts;
    uint64_t n_line_cuts;
    uint32_t line_matched; /* at most 256 */
    uint32_t reserved;     /* 0 */
};

/* What create() may call. Pass `self` back as the first argument. A name or type that was not
 * declared gives 0, "" or NULL, and create() fails with a line that says so. */
struct sb_family_host {
    uint32_t struct_size, abi_minor;
    void *self;

    /* The declared parameters, checked against their ranges. Texts and vectors live until destroy(). */
    int64_t (*param_int)(void *self, const char *name); /* SB_INT, SB_BOOL (0 or 1) */
    double (*param_real)(void *self, const char *name); /* SB_REAL */
    const char *(*param_text)(void *self, const char *name);
    const double *(*param_vector)(void *self, const char *name, uint64_t *n_out);

    /* Why these parameters make no family, one line (copied): what was found, what was expected.
     * Returns 1, to be returned from create(). */
    int32_t (*fail)(void *self, const char *line);
};

/* Random numbers for the examples of one block. Column c holds one number for each of them: the one
 * of example i is a function of the stream's key, of c and of which example of the sample i is, and of
 * nothing else, so that results depend neither on the order of calls nor on how a sample is cut into
 * blocks. Different columns are independent; draw as many as an example needs (rejection: go through
 * the columns, and keep for each example the first number that fits). */
struct sb_stream {
    uint32_t struct_size, abi_minor;
    const void *self;
    void (*words)(const void *self, uint64_t column, uint64_t *out /* n */); /* 64 random bits */
    void (*uniform)(const void *self, uint64_t column, double *out /* n */); /* k/2^53 in [0,1) */

    /* since 1.1: read it only where struct_size covers it */
    void (*gauss)(const void *self, uint64_t column, double *out /* n */); /* N(0,1) to 1e-12 */
};

/* Room for n examples, 1 .. 1024; the arrays are the host's. On the cube x is written as bits, and x
 * is NULL; elsewhere as columns, and bits is NULL. */
struct sb_draw {
    uint32_t struct_size, dim;
    uint64_t n;
    uint64_t *bits;   /* bit j of bits[i]: coordinate j of example i; bits from dim on are 0 */
    double *const *x; /* x[j][i]; over Z_q 0.0 .. q-1.0 */
    double *y;        /* y[i]; NULL in points() */
};

/* A law in product form, on the cube: given x, the label label_set[l] has probability
 *     alpha[l] + beta[l] g(x),     g(x) = (-1)^|x & chi| [x & pos = pos] [x & neg = 0];
 * alpha sums to 1, beta to 0; the masks are disjoint. */
struct sb_product {
    double alpha[2], beta[2];
    uint64_t chi, pos, neg;
};

/* The exported symbol. The first four fields are frozen for ever; the rest grows at the end.
 * Blocks that are handed in (struct sb_block of query.h) have n points, 1 .. 1024: on the cube bits
 * alone (x is NULL), elsewhere x alone; y is NULL. */
struct sb_family_plugin {
    uint32_t abi_major, abi_minor, struct_size, param_size;
    uint32_t flags;                      /* SB_NOT_BITWISE */
    uint32_t reserved;                   /* 0 */
    const char *name, *summary, *source; /* one line each; the name as a parameter's */
    const char *recover;                 /* what a learner's recovered() takes, one line */
    const struct sb_param *params;       /* NULL: none */

    /* 0; else what fail() returned. *self_out is handed to all that follows. */
    int32_t (*create)(const struct sb_family_host *host, struct sb_family_facts *facts,
                      void **self_out);
    void (*destroy)(void *self); /* optional; after a create() that gave 0 */

    /* The label function of a member, without noise: y_i = f_member(x_i), each of the label set. Never
     * called for SB_NULL. Required, but of a law on the line: predictors are scored against it, and candidate(i) is this. */
    void (*label)(const void *self, uint64_t member, const struct sb_block *block,
                  double *out /* n */);

    /* The law: by weight or product where there are labels, by sample where they are real. */

    /* out[i] = Pr[the label is label_set[l] | x_i], noise included, in [0,1], summing to 1 over l.
     * Policy eliminate can play the family where N * 2^dim is at most 2^24, dim at most 12. */
    void (*weight)(const void *self, uint64_t member, uint32_t l, const struct sb_block *block,
                   double *out /* n */);
    /* Points from the marginal of x. NULL: uniform; for SB_GAUSS with labels standard Gaussian, number
     * i of column j of a stream being coordinate j, and the estimates know that it is (statbed of
     * 1.0 refuses the family). On the cube always NULL. */
    void (*points)(const void *self, const struct sb_stream *stream, const struct sb_draw *out);
    /* Examples of a member or the null: n independent ones. Optional where there are labels: they
     * are then drawn at points, by their weights. */
    void (*sample)(const void *self, uint64_t member, const struct sb_stream *stream,
                   const struct sb_draw *out);
    /* The law in product form, with noise, or clean (labels by the label function; not asked of
     * SB_NULL). Optional; the law is then taken from here alone, and expectations are exact at every
     * dimension. */
    void (*product)(const void *self, uint64_t member, int32_t clean, struct sb_product *out);

    /* K_ij, members only, to 1e-12 (1 + |K_ij|); optional: believed, and otherwise computed from
     * product() or weight(). */
    double (*correlation)(const void *self, uint64_t i, uint64_t j);
    /* At most how many members one predictor can satisfy at a loss <= max; optional: N. */
    uint64_t (*n_good)(const void *self, uint32_t loss, double max);

    /* What names a member to a learner: n_value numbers, different for different members. And is
     * value (n numbers, any) this member? Of no two members may the same numbers be taken: bounds for
     * goal recover count on it. One of the two is required; without recovered, it is where
     * the numbers are those of value(). */
    void (*value)(const void *self, uint64_t member, double *out /* n_value */);
    int32_t (*recovered)(const void *self, uint64_t member, const double *value, uint64_t n);
    /* One line on a member for the record, at most size bytes with its end; optional. */
    void (*describe)(const void *self, uint64_t member, char *out, uint64_t size);

    /* since 1.2: a law A on the line, in place of label and all that follows it. statbed makes a family without labels of
     * it: x has the law A along a hidden unit vector and a standard Gaussian across it, the null is N(0, I_d); parameters
     * `dimension`, `packing` (of directions), `members`, `overlap`, `direction` and `angle` are added to the plugin's.
     * Expectations, correlations and candidates follow from A. */
    /* out[i] = A's density at t[i] against dt, >= 0, n <= 1024. */
    void (*line_density)(const void *self, uint64_t n, const double *t, double *out);
    /* n independent numbers with that law, n <= 1024: as draws of examples, from the stream alone. What it draws is
     * looked at when the family is made: its moments are to be those of the density. */
    void (*line_draw)(const void *self, const struct sb_stream *stream, uint64_t n, double *out);
};

/* SB_FAMILY(.name = "mine", .create = create, ...); C alone: C++ has no such initialisers before
 * C++20, and there fills the struct in order. */
#define SB_FAMILY(...)                                                                             \
    SB_EXPORT const struct sb_family_plugin statbed_family;                                        \
    const struct sb_family_plugin statbed_family = { SB_FAMILY_ABI_MAJOR, SB_FAMILY_ABI_MINOR,     \
                                                     (uint32_t)sizeof(struct sb_family_plugin),    \
                                                     (uint32_t)sizeof(struct sb_param),            \
                                                     __VA_ARGS__ }

#endif
