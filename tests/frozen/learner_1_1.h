/* SPDX-License-Identifier: MIT */
/* The learner plugin interface. A learner is a shared object that exports ONE data symbol,
 * statbed_learner, and links against nothing of statbed's. C99 and C++11. docs/learner.md tells the
 * lifecycle; `statbed new learner NAME` writes one that builds and runs.
 *
 * Everything that a learner is handed is public: it would be the same for every hidden member,
 * but for the answers. All pointers handed out by the host live until run() returns unless said
 * otherwise; all pointers handed in are read during the call only. Calls come from one thread. */
#ifndef STATBED_LEARNER_1_1_H
#define STATBED_LEARNER_1_1_H

#include "query_1_1.h"

#define SB_ABI_MAJOR 1 /* another major number is refused */
#define SB_ABI_MINOR 1 /* grows as fields are appended; any minor number loads */

enum sb_goal {
    SB_PREDICT = 1,     /* return a predictor of the label: predict_expr() */
    SB_DISTINGUISH = 2, /* say whether there is a hidden member at all: verdict() */
    SB_RECOVER = 3      /* return the hidden member itself: recovered() */
};

enum sb_domain {
    SB_CUBE = 1, /* {0,1}^dim, coordinates 0.0 or 1.0, uniform */
    SB_ZQ = 2,   /* {0..modulus-1}^dim */
    SB_GAUSS = 3 /* R^dim */
};

enum sb_type { SB_INT = 1, SB_REAL = 2, SB_BOOL = 3, SB_TEXT = 4, SB_VECTOR = 5 };

enum sb_flag {
    SB_NOT_BITWISE = 1, /* calls BLAS or libm: its runs are compared by counts, not by digest */
    /* Learners alone. An experiment over other labels is refused before anything is run. */
    SB_LABEL_SET = 2, /* it needs labels of a finite set: n_labels > 0 */
    SB_TWO_LABELS = 4 /* it needs a set of two: n_labels == 2 */
};

/* A declared parameter; the host parses and checks it before the learner starts. An array of these
 * ends with a NULL name. */
struct sb_param {
    const char *name;     /* lower case, digits, '-' or '_' */
    uint32_t type;        /* enum sb_type */
    uint32_t reserved;    /* 0 */
    const char *fallback; /* the default, as text; NULL: the parameter must be given */
    const char *range; /* "[1,63]", "(0,1]", "[0,inf)" for numbers; "one|two" for text; or NULL */
    const char *help;  /* one line */
};

/* Public facts of the task, the same for every hidden member. struct_size lets it grow: read a
 * later field only if struct_size covers it. */
struct sb_facts {
    uint32_t struct_size;
    uint32_t domain;         /* enum sb_domain */
    uint32_t dim;            /* coordinates */
    uint32_t modulus;        /* q for SB_ZQ, 2 on the cube, else 0 */
    uint32_t goal;           /* enum sb_goal */
    uint32_t access;         /* granted oracles, bits of enum sb_access */
    uint64_t n_queries;      /* the budget */
    uint64_t n_candidates;   /* members of the family: candidate indexes are 0 .. n_candidates-1 */
    uint64_t n_labels;       /* labels in label_set; 0: real-valued labels */
    const double *label_set; /* increasing */
    double goal_max;         /* goal.max of the experiment: the loss to reach; 0 without one */
    const char *family;      /* the family's name */
    /* since 1.1 */
    uint64_t n_label_queries; /* the budget of labels(): points; 0: not granted */
    uint64_t n_samples;       /* the budget of examples, of samples() and of the oracles that draw
                                 fresh ones; 0: none of these is granted */
};

/* What the host offers; append only. Pass `self` back as the first argument. facts, tolerance,
 * param_*, family_* and uniform may be called from create() on; the rest inside run() only. */
struct sb_host {
    uint32_t struct_size, abi_minor;
    void *self;

    const struct sb_facts *(*facts)(void *self);
    /* The least tolerance granted for a query oracle: tau, for SB_VSTAT the largest t, for SB_HONEST
     * the largest M. access 0: the query oracle that is granted. NaN where there is none. */
    double (*tolerance)(void *self, uint32_t access);

    /* The learner's declared parameters, by name. A name or type that was not declared ends the run
     * with a line that says so (and returns 0, "" or NULL). */
    int64_t (*param_int)(void *self, const char *name); /* SB_INT, SB_BOOL (0 or 1) */
    double (*param_real)(void *self, const char *name); /* SB_REAL */
    const char *(*param_text)(void *self, const char *name);
    const double *(*param_vector)(void *self, const char *name, uint64_t *n_out);
    /* The family's public parameters, by name (docs: statbed show FAMILY). */
    int64_t (*family_int)(void *self, const char *name);
    double (*family_real)(void *self, const char *name);
    const char *(*family_text)(void *self, const char *name);

    /* The next n numbers of the learner's own stream, uniform in [0,1), keyed by learner.coins. */
    void (*uniform)(void *self, uint64_t n, double *out /* n */);

    /* Expressions. parse: the text form of docs/experiment.md, "chi(0,2)*y". op: one node; num and
     * arg as enum sb_op says; copied. Equal nodes are one node. Both return 0 on failure. */
    sb_expr (*parse)(void *self, const char *text);
    sb_expr (*op)(void *self, uint32_t op, const double *num, uint64_t n_num, const sb_expr *arg,
                  uint64_t n_arg);
    uint32_t (*mark)(void *self);              /* remember this point ... */
    void (*forget)(void *self, uint32_t mark); /* ... and drop every node made since */

    /* Ask n queries, fixed together before any is answered; stride = sizeof(struct sb_query).
     * status[i] gets an enum sb_status; answers[i] is written only where it is SB_OK. A batch that
     * meets the budget half-way is answered up to there. Returns SB_OK, or the first status that is
     * not SB_OK, or SB_STOP: return from run() at once. */
    int32_t (*ask)(void *self, const struct sb_query *q, uint64_t n, uint64_t stride,
                   double *answers /* n */, int32_t *status /* n */);

    /* What the learner returns; the last call counts. Each returns SB_OK, or SB_SYNTAX/SB_REFUSED
     * where it does not fit the goal (message() says why). */
    /* of x alone: the label nearest e(x) is predicted, of two equally near the larger */
    int32_t (*predict_expr)(void *self, sb_expr e);
    /* 1: a hidden member; 0: the null */
    int32_t (*verdict)(void *self, int32_t planted);
    /* n numbers, as the family's page says: a subset is dim values 0 or 1 */
    int32_t (*recovered)(void *self, const double *value, uint64_t n);
    /* One public line on the last status that was not SB_OK; valid until the next call. */
    const char *(*message)(void *self);

    /* since 1.1: read them only where struct_size covers them (SB_HAS) */
    /* The labels at n chosen points, noise included, each drawn anew: all of them, or none with
     * SB_BUDGET or SB_REFUSED. x: rows of dim values, on the cube 0.0 or 1.0. A call of more points
     * than a message has room for (4194048 on the cube, 67104768 / (8 dim + 8) elsewhere) asks
     * nothing: SB_REFUSED, and message() says how many there may be. */
    int32_t (*labels)(void *self, uint64_t n, const double *x /* n x dim */, double *y_out /* n */);
    /* n i.i.d. examples: all of them, or none; at most as many in a call as labels() takes. */
    int32_t (*samples)(void *self, uint64_t n, double *x_out /* n x dim */, double *y_out /* n */);
    /* A predictor as a callback, as predict_expr(): called after run() and before destroy(), at
     * public points, with y == NULL. */
    int32_t (*predict)(void *self, sb_phi *phi, void *user);
};
/* Does this host have the function? Hosts of 1.0 lack labels, samples and predict. */
#define SB_HAS(host, member)                                                                       \
    ((host)->struct_size >= offsetof(struct sb_host, member) + sizeof((host)->member))

/* The exported symbol. The first four fields are frozen for ever; the rest grows at the end. */
struct sb_learner {
    uint32_t abi_major, abi_minor, struct_size, param_size;
    uint32_t access; /* oracles that it needs, bits of enum sb_access; any one granted is enough */
    uint32_t flags;  /* enum sb_flag */
    const char *name, *summary, *source; /* one line each; source: paper and theorem */
    const struct sb_param *params;       /* NULL: none */
    int32_t (*create)(const struct sb_host *host, void **self_out); /* optional; 0 is fine */
    int32_t (*run)(const struct sb_host *host, void *self);         /* 0 is fine */
    void (*destroy)(void *self);                                    /* optional */
};

#ifdef __cplusplus
#define SB_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define SB_EXPORT extern __attribute__((visibility("default")))
#endif

/* SB_LEARNER(access, flags, name, summary, source, params, create, run, destroy); */
#define SB_LEARNER(...)                                                                            \
    SB_EXPORT const struct sb_learner statbed_learner;                                             \
    const struct sb_learner statbed_learner = { SB_ABI_MAJOR, SB_ABI_MINOR,                        \
                                                (uint32_t)sizeof(struct sb_learner),               \
                                                (uint32_t)sizeof(struct sb_param), __VA_ARGS__ }

/* Shorthands: h is the host, e, a, b are nodes. */
static inline sb_expr sb_op0(const struct sb_host *h, uint32_t op, const double *num, uint64_t n)
{
    return h->op(h->self, op, num, n, NULL, 0);
}
static inline sb_expr sb_op1(const struct sb_host *h, uint32_t op, sb_expr e)
{
    return h->op(h->self, op, NULL, 0, &e, 1);
}
static inline sb_expr sb_op2(const struct sb_host *h, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };
    return h->op(h->self, op, NULL, 0, arg, 2);
}
static inline sb_expr sb_num(const struct sb_host *h, double v)
{
    return sb_op0(h, SB_CONST, &v, 1);
}
static inline sb_expr sb_y(const struct sb_host *h)
{
    return sb_op0(h, SB_Y, NULL, 0);
}
static inline sb_expr sb_x(const struct sb_host *h, uint32_t j)
{
    const double v = (double)j;
    return sb_op0(h, SB_X, &v, 1);
}
static inline sb_expr sb_chi(const struct sb_host *h, const double *s /* n, increasing */,
                             uint64_t n)
{
    return sb_op0(h, SB_CHI, s, n);
}
/* The parity over the coordinates whose bits are set in mask; dim <= 64. */
static inline sb_expr sb_chi_mask(const struct sb_host *h, uint64_t mask)
{
    double s[64];
    uint64_t n = 0;
    for (uint32_t j = 0; j < 64; j++)
        if (mask >> j & 1)
            s[n++] = (double)j;
    return sb_chi(h, s, n);
}
static inline sb_expr sb_candidate(const struct sb_host *h, uint64_t i)
{
    const double v = (double)i;
    return sb_op0(h, SB_CANDIDATE, &v, 1);
}
static inline sb_expr sb_add(const struct sb_host *h, sb_expr a, sb_expr b)
{
    return sb_op2(h, SB_ADD, a, b);
}
static inline sb_expr sb_sub(const struct sb_host *h, sb_expr a, sb_expr b)
{
    return sb_op2(h, SB_SUB, a, b);
}
static inline sb_expr sb_mul(const struct sb_host *h, sb_expr a, sb_expr b)
{
    return sb_op2(h, SB_MUL, a, b);
}
static inline sb_expr sb_eq(const struct sb_host *h, sb_expr a, sb_expr b)
{
    return sb_op2(h, SB_EQ, a, b);
}
static inline sb_expr sb_step(const struct sb_host *h, sb_expr e)
{
    return sb_op1(h, SB_STEP, e);
}

/* One query at the granted oracle and tolerance. */
static inline int32_t sb_ask1(const struct sb_host *h, sb_expr e, double *answer_out)
{
    const struct sb_query q = { e, 0, 0.0, NULL, NULL, NULL };
    int32_t status = SB_STOP;
    return h->ask(h->self, &q, 1, sizeof q, answer_out, &status);
}
/* The same with a callback. */
static inline int32_t sb_ask_phi(const struct sb_host *h, sb_phi *phi, void *user, const char *name,
                                 double *answer_out)
{
    const struct sb_query q = { 0, 0, 0.0, phi, user, name };
    int32_t status = SB_STOP;
    return h->ask(h->self, &q, 1, sizeof q, answer_out, &status);
}

#endif
