/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family of distributions: what the oracles, the scorer and the bounds ask of it. A class is one
 * file in oracles/families/ and one name in its meson.build. Members are numbered from 0, drawn
 * uniformly; everything but `law` is public. */
#ifndef SB_ESTIMATE_FAMILY_H
#define SB_ESTIMATE_FAMILY_H

#include "base/params.h"
#include "estimate/law.h"
#include "query/expr.h"

struct sb_family;

/* The loss of a predictor h against the label function f, both over x from the null's marginal. */
enum sb_loss {
    SB_LOSS_ZERO_ONE, /* Pr[the label nearest h(x) is not f(x)] */
    SB_LOSS_SQUARED   /* E (h(x) - f(x))^2 */
};

struct sb_family_class {
    const char *name, *summary, *source; /* one line each */
    const char *recover;                 /* what recovered() must be given, one line */
    const struct sb_param *params;       /* public parameters, NULL-ended */
    /* Of a plugin, the digest of its file: part of the family's key, since another file may be
     * another distribution. NULL: compiled in. */
    const struct sb_digest *binary;
    uint32_t flags; /* enum sb_flag */
    /* Fills *out (zeroed, class and params set). 0 or a negative errno with a message. */
    int (*create)(const struct sb_values *params, struct sb_family *out, struct sb_diag *diag);
    void (*destroy)(struct sb_family *family);
};

struct sb_family {
    const struct sb_family_class *class;
    void *self;                     /* the class's own, owned */
    const struct sb_values *params; /* borrowed from the creator */
    struct sb_space space;          /* candidates included */
    uint64_t n_members;

    /* The law of member i: with its noise, or clean (labels by the label function). */
    void (*law)(const struct sb_family *family, uint64_t member, bool clean, struct sb_law *out);
    void (*null_law)(const struct sb_family *family, struct sb_law *out);

    /* May callbacks be evaluated: is the marginal of x public, and the label set finite? Otherwise
     * the line that says why not. */
    const char *no_public_points;

    /* E_i[f] for all members i: f[l][x] = query at x with label l, 2^dim values each; out:
     * n_members. *half_width_out bounds every rounding error. NULL where it is too large;
     * `no_values` says why. */
    int (*values)(const struct sb_family *family, bool clean, const double *const f[2], double *out,
                  double *half_width_out);
    const char *no_values;

    /* Correlations with respect to the null: at least lambda_max(K); and K = diagonal * I where
     * `orthogonal` (docs/theorems.md C0, C3). */
    double lambda_max_ub, diagonal;
    bool orthogonal;
    const char *no_correlations; /* the line that says why they are not known, or NULL */

    /* At most how many members one predictor can satisfy at `loss` <= max; n_members where nothing
     * better is known. */
    uint64_t (*n_good)(const struct sb_family *family, enum sb_loss loss, double max);
    /* Is `value` (n numbers) member i itself? */
    bool (*recovered)(const struct sb_family *family, uint64_t member, const double *value,
                      uint64_t n);
    /* One line that describes member i, malloc'd: for the record after the run. */
    char *(*describe)(const struct sb_family *family, uint64_t member);
};

/* What is hidden: a member, or the null itself (goal distinguish). */
struct sb_hidden {
    bool planted;
    uint64_t member;
};
/* Its law. */
void sb_family_law(const struct sb_family *family, struct sb_hidden hidden, bool clean,
                   struct sb_law *out);

/* params: borrowed, must outlive the family. */
int sb_family_new(const struct sb_family_class *class, const struct sb_values *params,
                  struct sb_family **out, struct sb_diag *diag);
void sb_family_free(struct sb_family *family);

/* E_i[expr] for all members i at once, and of its square where `second` is not NULL: n_members each;
 * |expr| <= 1. Only where family->values is there. 0, -ENOMEM. */
int sb_family_values(const struct sb_family *family, const struct sb_pool *pool, sb_expr expr,
                     bool clean, double *out, double *second, double *half_width_out);
/* The same of a query given by its values f(x, l) at [l * 2^dim + x], two labels; `table` is written
 * to. */
int sb_family_values_of(const struct sb_family *family, double *table, bool clean, double *out,
                        double *second, double *half_width_out);

/* family->values of any family that knows no faster way, where it is small enough: two labels, a cube
 * to dimension 12, and 2^24 pairs of member and point. It looks at space, n_members and law. */
bool sb_family_has_values_by_law(const struct sb_family *family);
#define SB_NO_VALUES_BY_LAW                                                                        \
    "it needs every member's value at once, which is done for families on the cube to dimension "  \
    "12 and 2^24 pairs of member and point"
int sb_family_values_by_law(const struct sb_family *family, bool clean, const double *const f[2],
                            double *out, double *half_width_out);

#endif
