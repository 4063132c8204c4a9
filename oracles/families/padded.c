/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hidden directions padded to more coordinates [CLL22, Remark 3.4]: x' in R^d' is copies of x in R^d, x'_j = x_(j mod d),
 * under the members and under the null. So the null is the Gaussian with its coordinates repeated, which is the public
 * marginal; against independent coordinates one query, [x'_0 = x'_d], would tell a member from the null. A query of x' is
 * one of x (query/expr.h, sb_expr_fold), and all that is known of the base is known here. */
#include "base/memory.h"
#include "estimate/estimate.h"
#include "estimate/ngca.h"
#include "estimate/profile.h"
#include "oracles/families/hidden_direction.h"

#include <errno.h>
#include <string.h>

static const char where[] = "family padded";
enum { MOST_GIVEN = 24 };

struct padded {
    struct sb_values base_values;
    struct sb_family *base;
    struct sb_law_class laws;
    struct sb_candidates candidates;
    uint32_t dim;
};

static const struct padded *self_of(const struct sb_family *family)
{
    return family->self;
}

/* x of a block of x': its first d columns */
static struct sb_block shortened(const struct padded *p, const struct sb_block *block)
{
    struct sb_block x = *block;

    x.dim = p->base->space.dim;
    return x;
}

/* The base's law of the same member. */
static struct sb_law law_of_base(const struct sb_law *law)
{
    const struct padded *p = law->self;
    struct sb_law base;

    sb_family_law(p->base, (struct sb_hidden){ law->planted, law->member }, law->clean, &base);
    return base;
}

/* Laws */

static void copy(const struct padded *p, uint64_t n, const struct sb_points *out)
{
    const uint32_t d = p->base->space.dim;

    for (uint32_t j = d; j < p->dim; j++)
        memcpy(out->x[j], out->x[j % d], n * sizeof *out->x[j]);
}

static void points(const struct sb_law *law, struct sb_key key, uint64_t stream, uint64_t start,
                   uint64_t n, const struct sb_points *out)
{
    const struct sb_law base = law_of_base(law);

    sb_law_points(&base, key, stream, start, n, out);
    copy(law->self, n, out);
}

static void sample(const struct sb_law *law, struct sb_key key, uint64_t start, uint64_t n,
                   const struct sb_points *out, double *y)
{
    const struct sb_law base = law_of_base(law);

    sb_law_sample(&base, key, start, n, out, y);
    copy(law->self, n, out);
}

static void weights(const struct sb_law *law, const struct sb_block *block, uint32_t l, double *out)
{
    const struct sb_law base = law_of_base(law);
    const struct sb_block x = shortened(law->self, block);

    sb_law_weights(&base, &x, l, out);
}

/* By the base's exact route. */
static int expectation(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    const struct padded *p = task->law->self;
    const struct sb_law law = law_of_base(task->law);
    struct sb_pool *pool = sb_pool_new(&p->base->space);
    struct sb_estimate_task folded = *task;
    int r = 1;

    if (!pool)
        return -ENOMEM;
    folded.law = &law;
    folded.pool = pool;
    folded.expr = sb_expr_fold(task->pool, task->expr, pool);
    if (folded.expr)
        r = law.class->expectation(&folded, out);
    sb_pool_free(pool);
    return r;
}

static struct sb_law_class laws_of(const struct sb_law *base)
{
    return (struct sb_law_class){ .points = points,
                                  .weights = base->class->weights ? weights : NULL,
                                  .sample = sample,
                                  .expectation = expectation,
                                  .one_thread = base->class->one_thread };
}

static void padded_law(const struct sb_family *family, uint64_t member, bool clean,
                       struct sb_law *out)
{
    const struct padded *p = self_of(family);

    p->base->law(p->base, member, clean, out);
    out->class = &p->laws;
    out->self = p;
    out->dim = p->dim;
}

static void padded_null_law(const struct sb_family *family, struct sb_law *out)
{
    const struct padded *p = self_of(family);

    p->base->null_law(p->base, out);
    out->class = &p->laws;
    out->self = p;
    out->dim = p->dim;
}

static void candidate(void *self, uint64_t index, const struct sb_block *block, double *out)
{
    const struct padded *p = self;
    const struct sb_candidates *base = p->base->space.candidates;
    const struct sb_block x = shortened(p, block);

    base->label(base->self, index, &x, out);
}

/* What the base knows */

static int correlations(const struct sb_family *family, struct sb_correlations *out)
{
    const struct sb_family *base = self_of(family)->base;

    return base->correlations(base, out);
}

static double correlation(const struct sb_family *family, uint64_t i, uint64_t j)
{
    const struct sb_family *base = self_of(family)->base;

    return base->correlation(base, i, j);
}

static uint64_t n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct sb_family *base = self_of(family)->base;

    return base->n_good(base, loss, max);
}

static uint64_t n_recovered(const struct sb_family *family)
{
    const struct sb_family *base = self_of(family)->base;

    return base->n_recovered(base);
}

/* The direction is that of the points, copies of v: the first of them is kept, as the remark keeps the first d
 * coordinates of what is generated. */
static bool recovered(const struct sb_family *family, uint64_t member, const double *value,
                      uint64_t n)
{
    const struct padded *p = self_of(family);

    return n == p->dim && p->base->recovered(p->base, member, value, p->base->space.dim);
}

static char *describe(const struct sb_family *family, uint64_t member)
{
    const struct sb_family *base = self_of(family)->base;

    return base->describe(base, member);
}

static size_t facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    const struct sb_family *base = self_of(family)->base;

    return base->facts(base, out, most);
}

/* All but the directions, whose numbers are of d coordinates. */
static size_t vectors(const struct sb_family *family, struct sb_public_vector *out, size_t most)
{
    const struct sb_family *base = self_of(family)->base;
    const size_t n = base->vectors(base, out, most);
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (strcmp(out[i].name, "directions") != 0)
            out[kept++] = out[i];
    return kept;
}

/* Making */

static const struct sb_family_class *find(const char *name)
{
    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, name) == 0)
            return sb_families[i];
    return NULL;
}

static bool is_own(const char *name)
{
    return strcmp(name, "base") == 0 || strcmp(name, "padded") == 0;
}

/* What is other than its default here is handed to the base, whose defaults are the same. */
static int collect(const struct sb_family_class *class, const struct sb_values *params,
                   struct sb_given given[MOST_GIVEN], size_t *n, struct sb_diag *diag)
{
    *n = 0;
    for (size_t i = 0; i < params->n; i++) {
        const struct sb_value *v = &params->items[i];
        const char *fallback = v->param->fallback;

        if (is_own(v->param->name) || (fallback && strcmp(v->text, fallback) == 0))
            continue;
        if (!sb_params_find(class->params, v->param->name))
            return sb_diag_fail(diag, -EINVAL, "%s: base %s has no parameter '%s'; leave it out",
                                where, class->name, v->param->name);
        given[(*n)++] = (struct sb_given){ .name = v->param->name, .text = v->text };
    }
    return 0;
}

static int make_base(const struct sb_values *params, struct padded *p, struct sb_diag *diag)
{
    const struct sb_family_class *class = find(sb_values_text(params, "base"));
    const struct sb_param *const tables[1] = { class->params };
    struct sb_given given[MOST_GIVEN];
    size_t n;
    int error = collect(class, params, given, &n, diag);

    if (!error)
        error = sb_values_parse(tables, 1, given, n, NULL, 0, where, &p->base_values, diag);
    return error ? error : sb_family_new(class, &p->base_values, &p->base, diag);
}

static int find_dim(const struct sb_values *params, struct padded *p, struct sb_diag *diag)
{
    const uint32_t d = p->base->space.dim, wanted = (uint32_t)sb_values_int(params, "padded");

    p->dim = wanted ? wanted : 2 * d;
    if (p->dim >= d && p->dim <= SB_NGCA_DIM)
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "%s: padded = %u, expected the number of all coordinates together, from "
                        "dimension = %u to %d",
                        where, p->dim, d, SB_NGCA_DIM);
}

static void fill(struct padded *p, struct sb_family *out)
{
    const struct sb_family *base = p->base;
    struct sb_law null;

    base->null_law(base, &null);
    p->laws = laws_of(&null);
    out->copied = base;
    out->n_members = base->n_members;
    out->space = base->space;
    out->space.dim = p->dim;
    if (base->space.candidates) {
        p->candidates = (struct sb_candidates){ .self = p,
                                                .label = candidate,
                                                .one_thread = base->space.candidates->one_thread };
        out->space.candidates = &p->candidates;
    }
    out->law = padded_law;
    out->null_law = padded_null_law;
    out->no_public_points = base->no_public_points;
    out->correlations = correlations;
    out->correlation = base->correlation ? correlation : NULL;
    out->lambda_max_ub = base->lambda_max_ub;
    out->n_good = n_good;
    out->n_recovered = n_recovered;
    out->recovered = recovered;
    out->describe = describe;
    out->facts = facts;
    out->vectors = vectors;
    out->no_profile = sb_family_no_profile(out);
}

static void padded_destroy(struct sb_family *family)
{
    struct padded *p = family->self;

    sb_family_free(p->base);
    sb_values_fini(&p->base_values);
    free(p);
}

static int padded_create(const struct sb_values *params, struct sb_family *out,
                         struct sb_diag *diag)
{
    struct padded *p = SB_NEW(struct padded);
    int error;

    if (!p)
        return -ENOMEM;
    out->self = p;
    error = make_base(params, p, diag);
    if (!error)
        error = find_dim(params, p, diag);
    if (error)
        padded_destroy(out);
    else
        fill(p, out);
    return error;
}

static const struct sb_param params[] = {
    { "base", SB_TEXT, 0, "pushforward", "pushforward|pushforward-step|pancakes|ngca",
      "the family that is padded" },
    { "padded", SB_INT, 0, "0", "[0,4096]",
      "number of all coordinates together, at least `dimension`; 0: twice that" },
    SB_HIDDEN_DIRECTION_PARAMS,
    { "m", SB_INT, 0, "3", "[2,41]", "the base's, of pushforward and pushforward-step" },
    { "sigma", SB_REAL, 0, "0.1", "(0,1)", "the base's, of pushforward and pancakes" },
    { "horizon", SB_REAL, 0, "0", "[0,1]", "the base's, of pushforward" },
    { "components", SB_INT, 0, "2", "[2,31]", "the base's, of pancakes" },
    { "weights", SB_VECTOR, 0, "0.5,0.5", "(0,1]", "the base's, of ngca" },
    { "means", SB_VECTOR, 0, "-0.8,0.8", "[-100,100]", "the base's, of ngca" },
    { "deviations", SB_VECTOR, 0, "0.6,0.6", "[0.001,100]", "the base's, of ngca" },
    { "matched", SB_INT, 0, "0", "[0,256]", "the base's, of ngca" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_padded = {
    .name = "padded",
    .summary = "hidden directions padded to more coordinates: copies of those there are, under the "
               "null, too",
    .source = "[CLL22, Remark 3.4]",
    .recover = "copies of the direction v: `padded` values, of which the first `dimension` are "
               "looked at, as by the base",
    .params = params,
    .create = padded_create,
    .destroy = padded_destroy,
};
