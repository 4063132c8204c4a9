/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of a family, in the order in which they are run, and what they share. */
#include "check/family.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct sb_check sb_family_checks[] = {
    { "descriptor", "loads, speaks this interface, and says what it is", true,
      sb_family_check_descriptor },
    { "parameters", "makes the same family of the same parameters", true,
      sb_family_check_parameters },
    { "line", "of a law on the line, density and draws are functions of what is asked", false,
      sb_family_check_line },
    { "draws", "examples lie in the domain and are functions of the stream, however it is cut",
      false, sb_family_check_draws },
    { "pure", "labels and weights are functions of one point", false, sb_family_check_pure },
    { "weights", "weights of a point lie in [0,1] and sum to 1", false, sb_family_check_weights },
    { "label", "the label function is where the weights are", false, sb_family_check_label },
    { "product", "the product form says what weights and labels say", false,
      sb_family_check_product },
    { "null", "the null's weights, product form and sampler agree", false, sb_family_check_null },
    { "marginal", "sample() draws x from the one marginal, for every member and the null", false,
      sb_family_check_marginal },
    { "sampler", "sample() draws labels by the weights", false, sb_family_check_sampler },
    { "correlations", "K_ij is what the weights give, symmetric", false,
      sb_family_check_correlations },
    { "lambda", "no part of K has an eigenvalue above lambda_max", false, sb_family_check_lambda },
    { "n_good", "one predictor satisfies no more members than n_good says", false,
      sb_family_check_good },
    { "scorer", "takes a member's own value, and nothing for two members", false,
      sb_family_check_scorer },
    { "describe", "different members have different lines", false, sb_family_check_describe },
    { 0 },
};

/* The subject */

static int make(struct sb_family_subject *s)
{
    const struct sb_param *const tables[] = { s->so->params };
    char *where SB_FREE = sb_printf("family %s", s->so->class.name);
    const struct sb_family_instance *instance;
    int error = where ? sb_values_parse(tables, 1, s->context->given, s->context->n_given, NULL, 0,
                                        where, &s->values, &s->diag)
                      : -ENOMEM;

    if (error)
        return error == -EINVAL ? sb_check_usage(s->context, &s->diag) : error;
    error = sb_family_new(&s->so->class, &s->values, &s->family, &s->diag);
    if (error)
        return error == -EINVAL ? sb_check_fail(s->context, "%s", s->diag.items[0].text) : error;
    instance = sb_family_instance_of(s->family);
    s->plugin = instance->plugin;
    s->self = instance->self;
    return 0;
}

static int load(struct sb_family_subject *s)
{
    const int error = sb_family_so_load(s->context->path, &s->so, &s->diag);

    if (error == -EINVAL || error == -ENOENT)
        return sb_check_fail(s->context, "%s", s->diag.items[0].text);
    return error ? error : make(s);
}

static bool contains(const uint64_t *set, size_t n, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        if (set[i] == v)
            return true;
    return false;
}

size_t sb_family_pick(const struct sb_family_subject *s, const char *purpose, size_t n,
                      uint64_t *out)
{
    const uint64_t all = s->family->n_members;
    const struct sb_key key = sb_check_key(s->context, purpose);
    size_t found = 0;

    if (all <= n) {
        for (; found < all; found++)
            out[found] = found;
        return found;
    }
    out[found++] = 0;
    out[found++] = all - 1;
    for (uint64_t i = 0; found < n; i++) {
        const uint64_t member = sb_random_below(key, i, all);

        if (!contains(out, found, member))
            out[found++] = member;
    }
    return found;
}

int sb_family_subject_init(struct sb_family_subject *s, struct sb_check_context *context)
{
    const int result = sb_family_subject_open(s, context);

    return !result && sb_family_states_line(s->plugin)
               ? sb_check_skip(context, "its law is stated on the line; statbed says the rest")
               : result;
}

int sb_family_subject_open(struct sb_family_subject *s, struct sb_check_context *context)
{
    int result;

    *s = (struct sb_family_subject){ .context = context };
    sb_diag_init(&s->diag);
    result = load(s);
    if (!result)
        s->n_members = sb_family_pick(s, "members", SB_FAMILY_PICKED, s->member);
    return result;
}

void sb_family_subject_fini(struct sb_family_subject *s)
{
    sb_family_free(s->family);
    sb_values_fini(&s->values);
    sb_family_so_free(s->so);
    sb_diag_fini(&s->diag);
}

void sb_family_name(const struct sb_family_subject *s, uint64_t member, char *out)
{
    char *line SB_FREE = NULL;

    if (member == SB_NULL) {
        snprintf(out, 160, "the null");
        return;
    }
    line = s->family->describe(s->family, member);
    snprintf(out, 160, "member %llu (%.100s)", (unsigned long long)member, line ? line : "");
}

/* Points */

int sb_family_points_init(struct sb_family_points *p, const struct sb_family_subject *s)
{
    const struct sb_space *space = &s->family->space;

    *p = (struct sb_family_points){ .subject = s };
    p->whole = space->domain == SB_CUBE && space->dim <= SB_FAMILY_WHOLE_BITS;
    p->n = p->whole ? UINT64_C(1) << space->dim : UINT64_C(1) << SB_FAMILY_WHOLE_BITS;
    return sb_point_room_init(&p->room, space);
}

void sb_family_points_fini(struct sb_family_points *p)
{
    sb_point_room_fini(&p->room);
}

const struct sb_block *sb_family_points_at(struct sb_family_points *p, uint64_t start)
{
    const struct sb_family_subject *s = p->subject;
    const uint64_t n = p->n - start < SB_BLOCK ? p->n - start : SB_BLOCK;
    struct sb_law law;

    if (p->whole) {
        sb_point_room_domain(&p->room, start, n);
        return &p->room.block;
    }
    s->family->null_law(s->family, &law);
    sb_point_room_draw(&p->room, &law, sb_check_key(s->context, "points"), 0, start, n);
    return &p->room.block;
}

void sb_family_point_text(const struct sb_family_subject *s, const struct sb_block *block,
                          uint64_t i, char *out)
{
    int n = snprintf(out, 160, "x =");

    if (block->bits)
        n += snprintf(out + n, 160 - (size_t)n, " ");
    for (uint32_t j = 0; j < s->family->space.dim && n < 120; j++)
        n += block->bits
                 ? snprintf(out + n, 160 - (size_t)n, "%u", (unsigned)(block->bits[i] >> j & 1))
                 : snprintf(out + n, 160 - (size_t)n, " %g", block->x[j][i]);
    if (n >= 120)
        snprintf(out + n, 160 - (size_t)n, "...");
}

/* Descriptor and parameters */

int sb_family_check_descriptor(struct sb_check_context *context)
{
    struct sb_diag diag;
    struct sb_family_so *so = NULL;
    int result;

    sb_diag_init(&diag);
    result = sb_family_so_load(context->path, &so, &diag);
    if (result == -EINVAL || result == -ENOENT)
        result = sb_check_fail(context, "%s", diag.items[0].text);
    else if (!result && (!*so->class.summary || !*so->class.source || !*so->class.recover))
        result =
            sb_check_warn(context, "summary, source or recover is empty: say in a line what it "
                                   "is, where from, and what names a member");
    else if (!result)
        result = sb_check_ok(context, "%s: %s", so->class.name, so->class.summary);
    sb_family_so_free(so);
    sb_diag_fini(&diag);
    return result;
}

static bool same_facts(const struct sb_family_facts *a, const struct sb_family_facts *b)
{
    const double gaps[] = { a->lambda_max - b->lambda_max,
                            a->diagonal - b->diagonal,
                            a->n_labels ? a->label_set[0] - b->label_set[0] : 0,
                            a->n_labels ? a->label_set[1] - b->label_set[1] : 0,
                            a->line_from - b->line_from,
                            a->line_to - b->line_to };

    for (size_t i = 0; i < SB_COUNT(gaps); i++)
        if (gaps[i] < 0 || gaps[i] > 0)
            return false;
    return a->domain == b->domain && a->dim == b->dim && a->modulus == b->modulus &&
           a->n_members == b->n_members && a->n_labels == b->n_labels && a->n_value == b->n_value &&
           a->n_line_cuts == b->n_line_cuts && a->line_matched == b->line_matched;
}

int sb_family_check_parameters(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct sb_family *other = NULL;
    int result = sb_family_subject_open(&s, context);

    if (!result)
        result = sb_family_new(&s.so->class, &s.values, &other, &s.diag);
    if (result == -EINVAL && s.family)
        result =
            sb_check_fail(context, "create() fails when called again: %s", s.diag.items[0].text);
    else if (!result && !same_facts(&sb_family_instance_of(s.family)->facts,
                                    &sb_family_instance_of(other)->facts))
        result = sb_check_fail(context, "create() called twice fills in two different families");
    else if (!result)
        result = sb_check_ok(context, "dimension %u, %llu members, %s", s.family->space.dim,
                             (unsigned long long)s.family->n_members,
                             sb_space_is_unlabelled(&s.family->space) ? "no labels"
                             : s.family->space.n_labels               ? "2 labels"
                                                                      : "real labels");
    sb_family_free(other);
    sb_family_subject_fini(&s);
    return result;
}
