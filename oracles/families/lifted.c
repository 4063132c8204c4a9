/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lifted functions [CGKM22, Eq. 4; DV21]: labels of z in R^D are those that a base family gives to x =
 * thres(z_1, .., z_d), made continuous (numeric/lift.h). The label of the true network everywhere; where at most
 * m of z_1 .. z_d are in a ramp it is the base's label lifted by a public rule, so that each point has as many
 * possible labels as the base has, and what the base knows of its members is known of these.
 *
 * The null lifts a label of the base's null by the rule. Further coordinates, the padding, are looked at by no
 * member [CGKM22, Cor. C.6; theorems.md S0-CC.6]. */
#include "oracles/families/lifted.h"
#include "base/memory.h"
#include "estimate/agreeing.h"
#include "numeric/network_lift.h"
#include "oracles/families/families.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct sb_lifted *self_of(const struct sb_family *family)
{
    return family->self;
}

/* Is the label under the rule v g(S), S independent of thres(z)? At q = 2 the ramps are symmetric around 0. */
static bool is_product(const struct sb_lifted *f)
{
    const struct sb_space *base = &f->base->space;
    const bool bits = base->n_labels == 2 && base->labels[0] == 0 && base->labels[1] == 1;

    return f->lift.setup.q == 2 && (f->lift.setup.kind == SB_LIFT_COMPRESSED || bits);
}

/* ---- what the base knows ---- */

/* Let h(z) be within loss E (h - v g)^2 <= e, v = f(thres(z)), and B(x) = E[h g given x] / E g^2. By Cauchy and
 * Schwarz, given x, (B - v)^2 (E g^2)^2 = (E[(h - v g) g])^2 <= E (h - v g)^2 E g^2: B has a loss of at most
 * e / E g^2 against f. Labels of the true network differ from v g with probability at most `miss`, and clipped by at
 * most top^2. */
static uint64_t lifted_n_good(const struct sb_family *family, enum sb_loss loss, double max)
{
    const struct sb_lifted *f = self_of(family);
    const double top = family->label_hi, g_square = sb_lift_square(&f->lift, &f->sum, 1);

    if (loss != SB_LOSS_SQUARED || !is_product(f))
        return family->n_members;
    return f->base->n_good(f->base, loss,
                           (max + family->miss * top * top) / g_square * (1 + 0x1p-30));
}

static uint64_t lifted_n_recovered(const struct sb_family *family)
{
    const struct sb_family *base = self_of(family)->base;

    return base->n_recovered ? base->n_recovered(base) : 1;
}

static bool lifted_recovered(const struct sb_family *family, uint64_t member, const double *value,
                             uint64_t n)
{
    const struct sb_family *base = self_of(family)->base;

    return base->recovered(base, member, value, n);
}

static char *lifted_describe(const struct sb_family *family, uint64_t member)
{
    const struct sb_family *base = self_of(family)->base;
    char *inner SB_FREE = base->describe(base, member);

    return inner ? sb_printf("lifted %s", inner) : NULL;
}

/* ---- facts ---- */

static void add_fact(struct sb_fact *out, size_t most, size_t *n, const char *name, double value,
                     const char *help)
{
    if (*n >= most)
        return;
    out[*n].value = value;
    snprintf(out[*n].name, sizeof out->name, "%s", name);
    snprintf(out[*n].help, sizeof out->help, "%s", help);
    ++*n;
}

/* Of orthogonal functions to two labels, as often the one as the other, two differ at half of the points: lifted,
 * where the lifts of these labels do, too. NaN: the base is not of that kind. */
static double degeneracy(const struct sb_lifted *f)
{
    struct sb_correlations k = { 0 };
    double share = NAN;

    if (!is_product(f) || f->base->space.n_labels != 2 || f->null[0] != 0.5 ||
        !f->base->correlations)
        return NAN;
    if (f->base->correlations(f->base, &k) == 0 && k.orthogonal)
        share = 1 - sb_lift_support(&f->lift, &f->sum) / 2;
    sb_correlations_fini(&k);
    return share;
}

static size_t lifted_facts(const struct sb_family *family, struct sb_fact *out, size_t most)
{
    const struct sb_lifted *f = self_of(family);
    double w[SB_LIFTED_COORDINATES];
    struct sb_compressed compressed;
    size_t n = 0;

    add_fact(out, most, &n, "delta", f->lift.setup.delta,
             "width of the ramps; d^-2 where 0 is given");
    add_fact(out, most, &n, "rho", f->lift.rho,
             "probability that a coordinate is within delta/2q of a boundary: delta (q-1)/q");
    add_fact(out, most, &n, "miss", f->lift.miss,
             "Pr[n > m], n the coordinates in a ramp: where labels follow the network alone; "
             "added to what ignores it");
    add_fact(out, most, &n, "rho_0", sb_lift_support(&f->lift, &f->sum),
             "probability that a label of value 1 is lifted to one other than 0, by quadrature");
    add_fact(out, most, &n, "top", family->label_hi, "the largest label of the rule");
    add_fact(out, most, &n, "label_square", family->label_square,
             "mean of the squared label under the null, by quadrature");
    add_fact(out, most, &n, "degeneracy", degeneracy(f),
             "least probability, over pairs of members, that their labels agree, by the rule where "
             "n <= m; "
             "1 - rho_0/2 of parities");
    if (f->lift.setup.kind == SB_LIFT_COMPRESSED) {
        f->base->compress(f->base, f->base->n_members - 1, w, &compressed);
        add_fact(out, most, &n, "t", compressed.n_t,
                 "size of T, the range of h in f = sigma(h), of the last member");
        add_fact(out, most, &n, "units",
                 sb_network_compressed_units(&f->lift, compressed.n_t, compressed.sigma),
                 "hidden units of the last member as an explicit network of two hidden layers");
    }
    return n;
}

/* ---- making one ---- */

/* Labels beyond the rule take time in C(n, m): some 0.3 ms at a random point are still a label. */
static int check_time(const struct sb_lift *lift, struct sb_diag *diag)
{
    enum { MOST_TERMS = 1 << 14 };
    const double terms = sb_lift_mean_terms(lift);

    if (terms <= MOST_TERMS)
        return 0;
    return sb_diag_fail(
        diag, -EINVAL,
        "family lifted: a label takes %.3g terms of N3 on the mean at m = %u and "
        "delta = %g, and at most %d are allowed for; lower delta, raise or lower m, "
        "or take lift = dv",
        terms, lift->setup.m, lift->setup.delta, MOST_TERMS);
}

static int start_lift(const struct sb_values *params, struct sb_lifted *f, struct sb_diag *diag)
{
    const struct sb_space *base = &f->base->space;
    const bool dv = strcmp(sb_values_text(params, "lift"), "dv") == 0;
    const bool edge = strcmp(sb_values_text(params, "profile"), "edge") == 0;
    const double delta = sb_values_real(params, "delta"), d = base->dim;
    const struct sb_lift_setup setup = {
        .kind = dv ? SB_LIFT_DV : SB_LIFT_COMPRESSED,
        .profile = edge ? SB_LIFT_EDGE : SB_LIFT_BULK,
        .dim = base->dim,
        .q = base->modulus,
        .m = (uint32_t)sb_values_int(params, "m"),
        .delta = delta > 0 ? delta
                 : d > 1   ? 1 / (d * d)
                           : 0.25,
        .marginal = sb_marginal_find(sb_values_text(params, "marginal")),
    };
    int error;

    if (dv && edge)
        return sb_diag_fail(
            diag, -EINVAL,
            "family lifted: profile = edge is of the compressed lift; lift = dv has "
            "profile = bulk");
    if (!dv && setup.m >= base->dim)
        return sb_diag_fail(
            diag, -EINVAL,
            "family lifted: m = %u, and the lift of %u coordinates takes m from 1 to "
            "%u; lower m or raise the dimension",
            setup.m, base->dim, base->dim - 1);
    error = sb_lift_init(&f->lift, &setup, diag);
    return error ? error : check_time(&f->lift, diag);
}

static int check_padding(const struct sb_values *params, const struct sb_family *base,
                         struct sb_diag *diag)
{
    const uint32_t padding = (uint32_t)sb_values_int(params, "padding");

    if (padding && padding < base->space.dim)
        return sb_diag_fail(
            diag, -EINVAL,
            "family lifted: padding = %u is less than the %u coordinates there are; "
            "give the number of all coordinates together, or 0",
            padding, base->space.dim);
    return 0;
}

/* The base's null has labels that do not depend on x: their law at one point. */
static void look_at_null(struct sb_lifted *f)
{
    static const double zero = 0;
    static const uint64_t none = 0;
    const double *column[SB_LIFTED_COORDINATES];
    const struct sb_space *base = &f->base->space;
    struct sb_block x = { .struct_size = sizeof x, .dim = base->dim, .n = 1 };
    struct sb_law null;

    for (uint32_t j = 0; j < base->dim; j++)
        column[j] = &zero;
    if (base->domain == SB_CUBE)
        x.bits = &none;
    else
        x.x = column;
    f->base->null_law(f->base, &null);
    for (uint32_t l = 0; l < base->n_labels; l++)
        sb_law_weights(&null, &x, l, &f->null[l]);
}

static void describe_labels(struct sb_lifted *f, struct sb_family *out)
{
    const struct sb_space *base = &f->base->space;
    const struct sb_lift_setup *setup = &f->lift.setup;
    const bool dv = setup->kind == SB_LIFT_DV;

    sb_lift_sum_init(&f->lift, setup->dim, dv ? setup->dim : setup->m, &f->sum);
    out->miss = f->lift.miss;
    out->label_lo = 0;
    out->label_hi = f->lift.top * base->labels[base->n_labels - 1];
    for (uint32_t l = 0; l < base->n_labels; l++)
        out->label_square += f->null[l] * sb_lift_square(&f->lift, &f->sum, base->labels[l]);
    f->labelling = (struct sb_labelling){ .self = f,
                                          .n = (uint32_t)base->n_labels,
                                          .at = sb_lifted_number,
                                          .lo = 0,
                                          .hi = out->label_hi,
                                          .miss = f->lift.miss };
    f->candidates = (struct sb_candidates){
        .self = f,
        .label = sb_lifted_label,
        .agreeing = base->n_candidates <= SB_AGREEING_MOST ? sb_lifted_agreeing : NULL,
    };
}

static void fill(struct sb_lifted *f, uint32_t padding, struct sb_family *out)
{
    const struct sb_family *base = f->base;

    look_at_null(f);
    describe_labels(f, out);
    f->lifting = (struct sb_lifting){ .base = base, .lift = &f->lift, .sum = &f->sum };
    out->lifting = &f->lifting;
    out->n_members = base->n_members;
    out->space = (struct sb_space){ .domain = SB_GAUSS,
                                    .dim = padding ? padding : base->space.dim,
                                    .labelling = &f->labelling,
                                    .n_candidates = base->n_members,
                                    .candidates = &f->candidates };
    out->law = sb_lifted_law;
    out->null_law = sb_lifted_null_law;
    out->no_profile = sb_family_no_profile(out);
    out->lambda_max_ub = INFINITY;
    out->n_good = lifted_n_good;
    out->n_recovered = lifted_n_recovered;
    out->recovered = lifted_recovered;
    out->describe = lifted_describe;
    out->facts = lifted_facts;
    out->network = sb_lifted_has_network(f) ? sb_lifted_network : NULL;
}

static void lifted_destroy(struct sb_family *family)
{
    struct sb_lifted *f = family->self;

    sb_lift_fini(&f->lift);
    sb_family_free(f->base);
    sb_values_fini(&f->base_values);
    free(f);
}

static int lifted_create(const struct sb_values *params, struct sb_family *out,
                         struct sb_diag *diag)
{
    struct sb_lifted *f = SB_NEW(struct sb_lifted);
    int error;

    if (!f)
        return -ENOMEM;
    out->self = f;
    error = sb_lifted_base(params, out->class, f, diag);
    if (!error)
        error = check_padding(params, f->base, diag);
    if (!error)
        error = start_lift(params, f, diag);
    if (error)
        lifted_destroy(out);
    else
        fill(f, (uint32_t)sb_values_int(params, "padding"), out);
    return error;
}

static const struct sb_param params[] = {
    { "base", SB_TEXT, 0, "parity", NULL,
      "the family that is lifted, by its name: one over the cube or Z_q^d with labels in [0,1]" },
    { "lift", SB_TEXT, 0, "compressed", "compressed|dv",
      "compressed: two hidden layers over f = sigma(h(x)), h integral; dv: over any network" },
    { "dimension", SB_INT, 0, NULL, "[1,63]", "the base's: number of coordinates d" },
    { "q", SB_INT, 0, "0", "[0,1024]", "the base's: modulus; 0: its default" },
    { "p", SB_INT, 0, "0", "[0,1024]", "the base's: modulus that is rounded to; 0: its default" },
    { "sparsity", SB_INT, 0, "0", "[0,63]", "the base's: size of the subset; 0: its default" },
    { "literals", SB_INT, 0, "0", "[0,62]", "the base's: number of literals; 0: its default" },
    { "form", SB_TEXT, 0, "zq", "zq|binary", "the base's: lwr over Z_q^n, or over the bits" },
    { "rows", SB_INT, 0, "0", "[0,63]", "the base's: rows of a key; 0: its default" },
    { "keys", SB_TEXT, 0, "toeplitz", "toeplitz|full", "the base's: form of keys" },
    { "key", SB_INT, 0, "0", "[0,63]", "the base's: bits of a key; 0: its default" },
    { "m", SB_INT, 0, "1", "[1,62]",
      "compressed: how many coordinates may lie in ramps where the rule for labels holds" },
    { "delta", SB_REAL, 0, "0", "[0,1)",
      "width of the ramps around the boundaries, as a part of a cell's mass; 0: d^-2, "
      "for one coordinate 1/4" },
    { "profile", SB_TEXT, 0, "bulk", "bulk|edge",
      "compressed: the label is f(x) away from the ramps, or there is one in ramps alone" },
    { "marginal", SB_TEXT, 0, "gauss", "gauss|uniform|laplace",
      "law of a coordinate: N(0,1), uniform on [-1,1], or density exp(-|t|)/2" },
    { "padding", SB_INT, 0, "0", "[0,4095]",
      "number of all coordinates, with those behind the d that no label depends on; 0: d" },
    { NULL, 0, 0, NULL, NULL, NULL }
};

const struct sb_family_class sb_family_lifted = {
    .name = "lifted",
    .summary =
        "functions of a base family made continuous over real coordinates, as networks of two "
        "hidden layers",
    .source = "[CGKM22; DV21]",
    .recover = "as the base family says",
    .params = params,
    .create = lifted_create,
    .destroy = lifted_destroy,
};
