/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A family of distributions: what the oracles, the scorer and the bounds ask of it. A class is one
 * file in oracles/families/ and one name in its meson.build. Members are numbered from 0, drawn
 * uniformly; everything but `law` is public. */
#ifndef SB_ESTIMATE_FAMILY_H
#define SB_ESTIMATE_FAMILY_H

#include "base/params.h"
#include "estimate/correlations.h"
#include "estimate/law.h"
#include "query/expr.h"

struct sb_family;
struct sb_forms;
struct sb_lift;
struct sb_lift_sum;
struct sb_network;
struct sb_ngca;
struct sb_profile;

/* Where on the cube a family wants a query's values for a profile of its own making. */
enum sb_sight {
    SB_SIGHT_FORMS, /* at every value of the linear forms that the query sees (query/reason.h) */
    SB_SIGHT_COORDINATES /* at every value of the coordinates that it sees */
};
/* A query, as it is seen. */
struct sb_seen {
    const struct sb_forms *forms; /* single coordinates, under the second */
    double *f
        [2]; /* f[l][a], 2^n each, f[1] behind f[0]: with label l where |x & form[j]| is a_j mod 2 for
                     bit j of a; may be written to */
    bool clean;   /* of the laws without noise */
    bool squares; /* second moments, too */
};

/* The loss of what is returned: of a predictor h against the label function f, both over x from the null's marginal; or
 * of a density. */
enum sb_loss {
    SB_LOSS_ZERO_ONE, /* Pr[the label nearest h(x) is not f(x)] */
    SB_LOSS_SQUARED,  /* E (h(x) - f(x))^2 */
    SB_LOSS_RELATIVE, /* the same over E y^2 under the null (estimate/loss.h) */
    SB_LOSS_VARIATION /* of a density: total variation from the hidden law, along its direction
                         (estimate/variation.h); only where family->ngca */
};

/* Members of a lifted family are functions of z through those of a base family: with x = thres(z), label
 * number l of z is lift(z, label number l of x) [CGKM22, Eq. 4 and 7; numeric/lift.h]. Members have the
 * base's numbers. */
struct sb_lifting {
    const struct sb_family *base;
    const struct sb_lift *lift;
    const struct sb_lift_sum *sum; /* of the ramps of all coordinates (numeric/lift_sum.h) */
};

/* f(x) = sigma(h(x)), h(x) = <w,x> over the integers [CGKM22, Def. 2.1]. */
struct sb_compressed {
    const double *w;     /* dim, whole numbers >= 0 */
    uint32_t n_t;        /* h takes values among 0 .. n_t - 1 */
    const double *sigma; /* n_t, in [0,1]; the family's, the same for all members */
};

/* A number worth knowing of a family at its parameters, for the record and for `show`. */
struct sb_fact {
    char name[32];  /* as a parameter's: "miss" */
    double value;   /* NaN: not known */
    char help[160]; /* one line: what it is, and how it was had */
};

/* Numbers that are public and not parameters: learners are told them (family_vector of statbed/learner.h). */
struct sb_public_vector {
    char name[32];       /* as a parameter's, and of no parameter */
    const double *value; /* n, the family's */
    uint64_t n;
};

struct sb_family_class {
    const char *name, *summary, *source; /* one line each */
    const char *recover;                 /* what recovered() must be given, one line */
    const struct sb_param *params;       /* public parameters, NULL-ended */
    /* Of a plugin, the digest of its file: part of the family's key, since another file may be
     * another distribution. NULL: compiled in. */
    const struct sb_digest *binary;
    uint32_t flags; /* enum sb_flag */
    /* Fills *out (zeroed, class and params set, unambiguous_ub 1). 0 or a negative errno with a message. */
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

    /* The profile of a query on the cube with at most `most_seen` forms or coordinates: fills all that
     * a profile says but method and samples, after sb_profile_list. 0 or -ENOMEM. NULL: by the laws
     * (estimate/profile.h). */
    int (*profile)(const struct sb_family *family, const struct sb_seen *seen,
                   struct sb_profile *out);
    enum sb_sight sight;
    uint32_t most_seen;
    const char
        *no_profile; /* the line that says why there are none (estimate/profile.h), or NULL */

    /* What the family itself knows of its correlations with the null [theorems.md C0], in closed form;
     * NULL: nothing. In *out n is set, and the rest to what says nothing. Returns 0 or -ENOMEM.
     * bounds/correlate.h finds out more, from the laws. */
    int (*correlations)(const struct sb_family *family, struct sb_correlations *out);
    /* Of real labels y, with y' = clip(y, -1, 1): <y'_i - c, y'_j - c>, c the mean of y' under the null. For
     * every g of x alone E_i[y' g] - E_0[y' g] = <y'_i - c, g>, so that bounds from correlations hold for
     * CSQ with these in their place, whatever K is. As correlations; NULL: they are not known. */
    int (*inner_products)(const struct sb_family *family, struct sb_correlations *out);
    /* K_ij in closed form, to 1e-12 (1 + |K_ij|); NULL: it is not known, or to be had from the laws. */
    double (*correlation)(const struct sb_family *family, uint64_t i, uint64_t j);
    double lambda_max_ub; /* at least lambda_max(K), or infinity: caps what a query can eliminate */

    /* At most how many members one predictor can satisfy at `loss` <= max; n_members where nothing
     * better is known. Not asked of SB_LOSS_RELATIVE. */
    uint64_t (*n_good)(const struct sb_family *family, enum sb_loss loss, double max);
    /* At most how many members one value recovers; NULL: 1. */
    uint64_t (*n_recovered)(const struct sb_family *family);
    /* Is `value` (n numbers) member i itself, or so near as the family asks for? */
    bool (*recovered)(const struct sb_family *family, uint64_t member, const double *value,
                      uint64_t n);
    /* One line that describes member i, malloc'd: for the record after the run. */
    char *(*describe)(const struct sb_family *family, uint64_t member);

    /* What real labels are made of; NULL: nothing of the kind. */
    const struct sb_lifting *lifting;
    /* x' of this family is copies of x of that one, x'_j = x_(j mod d), null and members alike [CLL22, Remark 3.4]; members
     * have the same numbers. NULL: it is none. */
    const struct sb_family *copied;
    /* A base's: member i as a compressible function; w: room for dim numbers, where out->w points. */
    void (*compress)(const struct sb_family *family, uint64_t member, double *w,
                     struct sb_compressed *out);
    /* Member i as a ReLU network from x to the label (numeric/network.h), which agrees with the label
     * function on the whole domain; that of a base is at most 1 on the box around its domain, too. 0,
     * -ENOMEM, or -EINVAL with a line. NULL: it is none. */
    int (*network)(const struct sb_family *family, uint64_t member, struct sb_network **out,
                   struct sb_diag *diag);
    /* Member i's law of x as what such a network makes of standard Gaussians, each output a coordinate. The same
     * errors. NULL: it is none. */
    int (*generator)(const struct sb_family *family, uint64_t member, struct sb_network **out,
                     struct sb_diag *diag);
    /* Members' laws are within this of those that correlations are of, in total variation: means of queries to
     * [-1,1] differ by twice as much at most, and bounds are evaluated at what that leaves of the tolerance. */
    double miss;
    /* What it knows of the probability, least over the members, that no other one has the same label at x
     * (estimate/unambiguous.h): it is in [unambiguous_lb, unambiguous_ub]; [0,1] unless set. */
    double unambiguous_lb, unambiguous_ub;
    /* Real labels: losses are of labels and predictors clipped to [label_lo, label_hi], and
     * E y^2 under the null, so clipped, is label_square. */
    double label_lo, label_hi, label_square;
    /* Fills at most `most` facts and returns how many; NULL: none. */
    size_t (*facts)(const struct sb_family *family, struct sb_fact *out, size_t most);
    /* x is Gaussian but along a hidden direction (estimate/ngca.h); NULL: nothing of the kind. */
    const struct sb_ngca *ngca;
    /* Fills at most `most` vectors and returns how many; NULL: none. */
    size_t (*vectors)(const struct sb_family *family, struct sb_public_vector *out, size_t most);
};
enum { SB_VECTORS_MAX = 16 };
/* The public vectors of a family; 0 where it has none. */
size_t sb_family_vectors(const struct sb_family *family,
                         struct sb_public_vector out[SB_VECTORS_MAX]);
enum { SB_FACTS_MAX = 64 };
/* The facts of a family, at most SB_FACTS_MAX; 0 where it knows none. Those of estimate/unambiguous.h are added
 * to its own. */
size_t sb_family_facts(const struct sb_family *family, struct sb_fact out[SB_FACTS_MAX]);

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

#endif
