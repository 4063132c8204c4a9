/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of operators, and the checks of the numbers that belong to a node. */
#include "query/op.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Is v one of 0, 1, ..., below - 1? */
static bool is_index(double v, double below)
{
    return v >= 0 && v < below && v == floor(v);
}

__attribute__((format(printf, 2, 3))) static bool wrong(char why[SB_WHY], const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, SB_WHY, fmt, ap);
    va_end(ap);
    return false;
}

static bool check_coordinate(const struct sb_space *space, double j, char why[SB_WHY])
{
    if (is_index(j, space->dim))
        return true;
    return wrong(why, "there is no coordinate %.17g: they are 0 to %u", j,
                 space->dim ? space->dim - 1 : 0);
}

static bool check_x(const struct sb_space *space, const double *num, uint64_t n, char why[SB_WHY])
{
    (void)n;
    return check_coordinate(space, num[0], why);
}

static bool check_dot(const struct sb_space *space, const double *num, uint64_t n, char why[SB_WHY])
{
    (void)num;
    if (n == space->dim)
        return true;
    return wrong(why, "dot needs %u numbers, one a coordinate, and has %llu", space->dim,
                 (unsigned long long)n);
}

static bool check_chi(const struct sb_space *space, const double *num, uint64_t n, char why[SB_WHY])
{
    if (space->domain != SB_CUBE)
        return wrong(why, "chi is a character of the cube {0,1}^d, and this domain is not one");
    for (uint64_t i = 0; i < n; i++) {
        if (!check_coordinate(space, num[i], why))
            return false;
        if (i && num[i] <= num[i - 1])
            return wrong(why, "chi needs increasing coordinates, and has %.17g after %.17g", num[i],
                         num[i - 1]);
    }
    return true;
}

static bool check_hermite(const struct sb_space *space, const double *num, uint64_t n,
                          char why[SB_WHY])
{
    (void)space;
    (void)n;
    if (is_index(num[0], SB_HERMITE_MAX + 1))
        return true;
    return wrong(why, "hermite needs a degree 0 to %d, and has %.17g", SB_HERMITE_MAX, num[0]);
}

static bool check_candidate(const struct sb_space *space, const double *num, uint64_t n,
                            char why[SB_WHY])
{
    (void)n;
    /* below 2^64, so that the conversion is defined */
    if (is_index(num[0], 18446744073709551616.0) && (uint64_t)num[0] < space->n_candidates)
        return true;
    return wrong(why, "there is no candidate %.17g: the task has %llu", num[0],
                 (unsigned long long)space->n_candidates);
}

static bool check_candidate_bit(const struct sb_space *space, const double *num, uint64_t n,
                                char why[SB_WHY])
{
    (void)n;
    if (!space->n_candidates)
        return wrong(why, "candidate_bit: the task has no candidates");
    if (space->candidates && !space->candidates->agreeing)
        return wrong(why, "candidate_bit: the family has too many members to look for the one that "
                          "agrees");
    if (is_index(num[0], 64))
        return true;
    return wrong(why, "candidate_bit needs a bit 0 to 63, and has %.17g", num[0]);
}

static bool check_near(const struct sb_space *space, const double *num, uint64_t n,
                       char why[SB_WHY])
{
    (void)space;
    (void)n;
    return num[0] >= 0 || wrong(why, "near needs eps >= 0, and has %.17g", num[0]);
}

static bool check_clip(const struct sb_space *space, const double *num, uint64_t n,
                       char why[SB_WHY])
{
    (void)space;
    (void)n;
    return num[0] <= num[1] ||
           wrong(why, "clip needs lo <= hi, and has %.17g > %.17g", num[0], num[1]);
}

/* clang-format off */
static const struct sb_op_row rows[] = {
    [SB_CONST] = { "number", "0.5", SB_ATOM, .n_num = 1,
                   .range = sb_range_const, .kinks = sb_kinks_const,
                   .disc = sb_disc_fixed },
    [SB_Y] = { "y", "y", SB_ATOM, .label = true, .range = sb_range_y,
               .depend = sb_depend_label, .kinks = sb_kinks_label,
               .disc = sb_disc_fixed,
               .lipschitz = sb_lipschitz_label },
    [SB_X] = { "x", "x3", SB_ATOM, .n_num = 1, .check = check_x,
               .range = sb_range_x, .depend = sb_depend_x, .see = sb_see_x, .kinks = sb_kinks_other },
    [SB_DOT] = { "dot", "dot(u0, u1, ...)", SB_CALL, .n_num = SB_MANY, .check = check_dot,
                 .range = sb_range_dot, .depend = sb_depend_dot, .see = sb_see_dot,
                 .kinks = sb_kinks_other },
    [SB_CHI] = { "chi", "chi(1, 4, 7)", SB_CALL, .n_num = SB_MANY, .check = check_chi,
                 .range = sb_range_chi, .depend = sb_depend_chi, .see = sb_see_chi,
                 .kinks = sb_kinks_other },
    [SB_HERMITE] = { "hermite", "hermite(k, e)", SB_CALL, .n_arg = 1, .n_num = 1, .num_first = true,
                     .check = check_hermite, .range = sb_range_hermite,
                     .kinks = sb_kinks_hermite,
                     .disc = sb_disc_hermite,
                     .lipschitz = sb_lipschitz_hermite },
    [SB_CANDIDATE] = { "candidate", "candidate(i)", SB_CALL, .n_num = 1, .check = check_candidate,
                       .range = sb_range_candidate,
                       .depend = sb_depend_candidate, .see = sb_see_candidate, .kinks = sb_kinks_other },
    [SB_CANDIDATE_BIT] = { "candidate_bit", "candidate_bit(b)", SB_CALL, .n_num = 1, .label = true,
                           .check = check_candidate_bit,
                           .range = sb_range_candidate_bit, .depend = sb_depend_candidate_bit, .see = sb_see_candidate_bit,
                           .kinks = sb_kinks_other,
                           .lipschitz = sb_lipschitz_candidate_bit },
    [SB_ADD] = { "add", "a + b", SB_INFIX, '+', SB_LEVEL_SUM, 2,
                 .range = sb_range_add, .kinks = sb_kinks_add,
                 .disc = sb_disc_sum,
                 .lipschitz = sb_lipschitz_add },
    [SB_SUB] = { "sub", "a - b", SB_INFIX, '-', SB_LEVEL_SUM, 2,
                 .range = sb_range_sub, .kinks = sb_kinks_sub,
                 .disc = sb_disc_sum,
                 .lipschitz = sb_lipschitz_sub },
    [SB_MUL] = { "mul", "a*b", SB_INFIX, '*', SB_LEVEL_PRODUCT, 2,
                 .range = sb_range_mul, .kinks = sb_kinks_mul,
                 .disc = sb_disc_mul,
                 .lipschitz = sb_lipschitz_mul },
    [SB_DIV] = { "div", "a/b", SB_INFIX, '/', SB_LEVEL_PRODUCT, 2,
                 .range = sb_range_div, .kinks = sb_kinks_div,
                 .disc = sb_disc_div,
                 .lipschitz = sb_lipschitz_div },
    [SB_NEG] = { "neg", "-a", SB_PREFIX, '-', SB_LEVEL_SIGN, 1,
                 .range = sb_range_neg, .kinks = sb_kinks_neg,
                 .disc = sb_disc_first,
                 .lipschitz = sb_lipschitz_one },
    [SB_ABS] = { "abs", "abs(e)", SB_CALL, .n_arg = 1, .range = sb_range_abs,
                 .kinks = sb_kinks_abs,
                 .disc = sb_disc_first,
                 .lipschitz = sb_lipschitz_one },
    [SB_MIN] = { "min", "min(a, b)", SB_CALL, .n_arg = 2,
                 .range = sb_range_min, .kinks = sb_kinks_min,
                 .disc = sb_disc_min,
                 .lipschitz = sb_lipschitz_either },
    [SB_MAX] = { "max", "max(a, b)", SB_CALL, .n_arg = 2,
                 .range = sb_range_max, .kinks = sb_kinks_max,
                 .disc = sb_disc_max,
                 .lipschitz = sb_lipschitz_either },
    [SB_MOD] = { "mod", "mod(a, b)", SB_CALL, .n_arg = 2,
                 .range = sb_range_mod, .kinks = sb_kinks_mod,
                 .disc = sb_disc_mod,
                 .lipschitz = sb_lipschitz_mod },
    [SB_RELU] = { "relu", "relu(e)", SB_CALL, .n_arg = 1,
                  .range = sb_range_relu, .kinks = sb_kinks_relu,
                  .disc = sb_disc_relu,
                  .lipschitz = sb_lipschitz_one },
    [SB_STEP] = { "step", "step(e)", SB_CALL, .n_arg = 1,
                  .range = sb_range_step, .kinks = sb_kinks_step,
                  .disc = sb_disc_fixed,
                  .lipschitz = sb_lipschitz_jump },
    [SB_LT] = { "lt", "lt(a, b)", SB_CALL, .n_arg = 2, .range = sb_range_lt,
                .kinks = sb_kinks_lt,
                .disc = sb_disc_fixed,
                .lipschitz = sb_lipschitz_jump },
    [SB_LE] = { "le", "le(a, b)", SB_CALL, .n_arg = 2, .range = sb_range_le,
                .kinks = sb_kinks_le,
                .disc = sb_disc_fixed,
                .lipschitz = sb_lipschitz_jump },
    [SB_EQ] = { "eq", "eq(a, b)", SB_CALL, .n_arg = 2, .range = sb_range_eq,
                .kinks = sb_kinks_eq,
                .disc = sb_disc_fixed,
                .lipschitz = sb_lipschitz_jump },
    [SB_NEAR] = { "near", "near(a, b, eps)", SB_CALL, .n_arg = 2, .n_num = 1, .check = check_near,
                  .range = sb_range_near, .kinks = sb_kinks_near,
                  .disc = sb_disc_fixed,
                  .lipschitz = sb_lipschitz_jump },
    [SB_CLIP] = { "clip", "clip(e, lo, hi)", SB_CALL, .n_arg = 1, .n_num = 2, .check = check_clip,
                  .range = sb_range_clip, .kinks = sb_kinks_clip,
                  .disc = sb_disc_clip,
                  .lipschitz = sb_lipschitz_one },
    [SB_SIN] = { "sin", "sin(e)", SB_CALL, .n_arg = 1,
                 .range = sb_range_wave, .kinks = sb_kinks_smooth,
                 .disc = sb_disc_wave,
                 .lipschitz = sb_lipschitz_one },
    [SB_COS] = { "cos", "cos(e)", SB_CALL, .n_arg = 1,
                 .range = sb_range_wave, .kinks = sb_kinks_smooth,
                 .disc = sb_disc_wave,
                 .lipschitz = sb_lipschitz_one },
    [SB_EXP] = { "exp", "exp(e)", SB_CALL, .n_arg = 1,
                 .range = sb_range_exp, .kinks = sb_kinks_smooth,
                 .disc = sb_disc_exp,
                 .lipschitz = sb_lipschitz_exp },
};
/* clang-format on */

const struct sb_op_row *sb_op_row(uint32_t op)
{
    return op < SB_COUNT(rows) && rows[op].name ? &rows[op] : NULL;
}

uint32_t sb_op_find(const char *name)
{
    for (uint32_t op = 1; op < SB_COUNT(rows); op++)
        if (strcmp(rows[op].name, name) == 0)
            return op;
    return 0;
}

const char *sb_op_nearest(const char *found)
{
    const char *names[SB_COUNT(rows)];
    size_t n = 0;

    for (uint32_t op = 1; op < SB_COUNT(rows); op++)
        if (rows[op].shape != SB_ATOM)
            names[n++] = rows[op].name;
    return sb_nearest(found, names, n);
}
