/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: closed form. The query is expanded into a short sum of products; in each product the
 * characters are collected into one, the other factors are grouped by the coordinates that they
 * share, and, coordinates being independent, the expectation of the product is the product over
 * groups of expectations (each over at most 2^16 points). E[y chi_S] costs no enumeration at all.
 *
 * The query is the function that evaluation computes, in floating point; the expansion is its value
 * in exact arithmetic, so the certificate is charged a bound of the difference (rounding.h). */
#include "estimate/group.h"
#include "estimate/rounding.h"

#include <errno.h>

enum { MOST_TERMS = 64, MOST_FACTORS = 64, MOST_BITS = 16 };

/* coef * chi_character(x) * y^n_y * product of the factors; pending ones are not looked at yet */
struct term {
    double coef; /* exact, or the expansion is refused */
    uint64_t character;
    uint32_t n_y, n_factor, n_pending;
    sb_expr factor[MOST_FACTORS], pending[MOST_FACTORS];
};

struct form {
    uint32_t n;
    struct term term[MOST_TERMS];
};

static bool scale(struct term *t, double c)
{
    const struct sb_ball p = sb_ball_mul(sb_ball_of(t->coef), sb_ball_of(c));

    t->coef = p.mid;
    return p.rad == 0 && p.mid < 0x1p500 && p.mid > -0x1p500;
}

static bool push(struct term *t, sb_expr e)
{
    if (t->n_pending == MOST_FACTORS)
        return false;
    t->pending[t->n_pending++] = e;
    return true;
}

static uint64_t character_of(const struct sb_node *node)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < node->n_num; i++)
        mask |= UINT64_C(1) << (unsigned)node->num[i];
    return mask;
}

/* a (+-) b: the term goes on with a, a copy of it with (+-) b */
static bool split(struct form *form, struct term *t, const struct sb_node *node)
{
    struct term *other;

    if (form->n == MOST_TERMS)
        return false;
    other = &form->term[form->n++];
    *other = *t;
    if (node->op == SB_SUB)
        other->coef = -other->coef;
    return push(other, node->arg[1]) && push(t, node->arg[0]);
}

static bool take_factor(struct form *form, struct term *t, const struct sb_pool *pool, sb_expr e)
{
    const struct sb_node *node = sb_pool_node(pool, e);

    switch (node->op) {
    case SB_CONST:
        return scale(t, node->num[0]);
    case SB_NEG:
        t->coef = -t->coef;
        return push(t, node->arg[0]);
    case SB_Y:
        t->n_y++;
        return true;
    case SB_CHI:
        t->character ^= character_of(node);
        return true;
    case SB_ADD:
    case SB_SUB:
        return split(form, t, node);
    case SB_MUL:
        return push(t, node->arg[0]) && push(t, node->arg[1]);
    case SB_DIV:
        if (sb_divides_exactly(pool, node))
            return scale(t, 1 / sb_pool_node(pool, node->arg[1])->num[0]) && push(t, node->arg[0]);
        break;
    default:
        break;
    }
    if (t->n_factor == MOST_FACTORS)
        return false;
    t->factor[t->n_factor++] = e;
    return true;
}

static bool expand(const struct sb_pool *pool, sb_expr e, struct form *form)
{
    form->n = 1;
    form->term[0] = (struct term){ .coef = 1, .n_pending = 1, .pending = { e } };
    for (uint32_t i = 0; i < form->n; i++) {
        struct term *t = &form->term[i];

        while (t->n_pending)
            if (!take_factor(form, t, pool, t->pending[--t->n_pending]))
                return false;
    }
    return true;
}

/* Factors that share a coordinate, multiplied into one node. */
struct group {
    sb_expr e;
    uint64_t mask;
};

static bool add_to_groups(struct sb_pool *pool, struct group *groups, uint32_t *n, sb_expr e,
                          uint64_t mask)
{
    struct group merged = { e, mask };
    uint32_t kept = 0;

    for (uint32_t i = 0; i < *n; i++) {
        const sb_expr pair[2] = { groups[i].e, merged.e };

        if (!(groups[i].mask & mask)) {
            groups[kept++] = groups[i];
            continue;
        }
        merged.e = sb_pool_op(pool, SB_MUL, NULL, 0, pair, 2);
        merged.mask |= groups[i].mask;
    }
    groups[kept++] = merged;
    *n = kept;
    return merged.e && __builtin_popcountll(merged.mask) <= MOST_BITS;
}

static int make_groups(const struct sb_estimate_task *task, const struct term *t,
                       struct group *groups, uint32_t *n_out)
{
    *n_out = 0;
    for (uint32_t i = 0; i < t->n_factor; i++) {
        uint64_t mask;
        bool label;
        const int error = sb_group_mask(task, t->factor[i], &mask, &label);

        if (error)
            return error;
        if (!add_to_groups(task->pool, groups, n_out, t->factor[i], mask))
            return 1;
    }
    return 0;
}

/* E[product of groups * character] at each label: without and with the law's g. Every group is
 * enumerated, even where a factor is already known to be 0: that would depend on the hidden member,
 * and 2^16 evaluations more or less are seen on a clock. */
static int product_means(const struct sb_estimate_task *task, const struct term *t,
                         const struct group *groups, uint32_t n, struct sb_ball plain[2],
                         struct sb_ball with_g[2])
{
    uint64_t outside = (UINT64_C(1) << task->law->dim) - 1;

    for (uint32_t i = 0; i < n; i++)
        outside &= ~groups[i].mask;
    for (int l = 0; l < 2; l++) {
        plain[l] = sb_ball_of(t->character & outside ? 0 : 1);
        with_g[l] = sb_ball_of(sb_group_outside(task->law, outside, t->character));
    }
    for (uint32_t i = 0; i < n; i++) {
        struct sb_ball a[2], b[2];
        const int error = sb_group_means(task, groups[i].e, groups[i].mask, t->character, a, b);

        if (error)
            return error;
        for (int l = 0; l < 2; l++) {
            plain[l] = sb_ball_mul(plain[l], a[l]);
            with_g[l] = sb_ball_mul(with_g[l], b[l]);
        }
    }
    return 0;
}

static int term_mean(const struct sb_estimate_task *task, const struct term *t,
                     struct sb_ball *total)
{
    const struct sb_law *law = task->law;
    struct group groups[MOST_FACTORS];
    struct sb_ball plain[2], with_g[2];
    uint32_t n;
    int error = make_groups(task, t, groups, &n);

    if (!error)
        error = product_means(task, t, groups, n, plain, with_g);
    for (int l = 0; l < 2 && !error; l++) {
        struct sb_ball coef = sb_ball_of(t->coef), both;

        for (uint32_t i = 0; i < t->n_y; i++)
            coef = sb_ball_mul(coef, sb_ball_of(law->label[l]));
        both = sb_ball_add(sb_ball_mul(sb_ball_of(law->alpha[l]), plain[l]),
                           sb_ball_mul(sb_ball_of(law->beta[l]), with_g[l]));
        *total = sb_ball_add(*total, sb_ball_mul(coef, both));
    }
    return error;
}

int sb_estimate_closed_form(const struct sb_estimate_task *task, struct sb_estimate *out)
{
    struct form form;
    struct sb_ball total = { 0, 0 };
    double rounding;

    if (task->law->class || !expand(task->pool, task->expr, &form) ||
        !sb_expr_rounding(task->pool, task->expr, &rounding))
        return 1;
    for (uint32_t i = 0; i < form.n; i++) {
        const int error = term_mean(task, &form.term[i], &total);

        if (error)
            return error;
    }
    *out = (struct sb_estimate){ .value = total.mid,
                                 /* twice: factors of a group are multiplied in another order */
                                 .half_width = total.rad + 2 * rounding,
                                 .method = SB_CLOSED_FORM };
    return 0;
}
