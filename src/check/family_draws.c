/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that what a family writes is a function of what it was asked: of the stream where it draws,
 * of one point where it weighs and labels; however examples are cut into blocks, and whatever was
 * asked before. */
#include "check/family_draw.h"

#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 160, PIECE = 100 };

int sb_drawn_init(struct sb_drawn *d, const struct sb_family_subject *s)
{
    memset(d->y, 0, sizeof d->y);
    return sb_point_room_init(&d->room, &s->family->space);
}

void sb_drawn_fini(struct sb_drawn *d)
{
    sb_point_room_fini(&d->room);
}

/* Room for the examples from `at` on. columns: dim pointers. */
static struct sb_draw room_from(const struct sb_family_subject *s, struct sb_drawn *d, uint64_t at,
                                uint64_t n, double **columns)
{
    const struct sb_points *p = &d->room.points;

    for (uint32_t j = 0; !p->bits && j < s->family->space.dim; j++)
        columns[j] = p->x[j] + at;
    return (struct sb_draw){ .struct_size = sizeof(struct sb_draw),
                             .dim = s->family->space.dim,
                             .n = n,
                             .bits = p->bits ? p->bits + at : NULL,
                             .x = p->bits ? NULL : columns,
                             .y = d->y + at };
}

static int draw_piece(const struct sb_family_subject *s, uint64_t member, struct sb_key key,
                      uint64_t start, uint64_t at, uint64_t n, struct sb_drawn *d)
{
    const struct sb_family_numbers numbers = { key, start + at, n };
    double **columns SB_FREE = SB_NEW_ARRAY(double *, s->family->space.dim);
    struct sb_stream stream;
    struct sb_draw to;

    if (!columns)
        return -ENOMEM;
    to = room_from(s, d, at, n, columns);
    sb_family_stream(&numbers, &stream);
    if (member == SB_DRAW_POINTS) {
        to.y = NULL;
        s->plugin->points(s->self, &stream, &to);
    } else {
        s->plugin->sample(s->self, member, &stream, &to);
    }
    return 0;
}

int sb_drawn_draw(const struct sb_family_subject *s, uint64_t member, struct sb_key key,
                  uint64_t start, uint64_t n, uint64_t piece, struct sb_drawn *d)
{
    int error = 0;

    for (uint64_t at = 0; at < n && !error; at += piece)
        error = draw_piece(s, member, key, start, at, n - at < piece ? n - at : piece, d);
    d->room.block.n = n;
    return error;
}

/* Is example i of a the same as that of b, bit for bit? */
static bool same(const struct sb_family_subject *s, const struct sb_drawn *a,
                 const struct sb_drawn *b, uint64_t i)
{
    if (memcmp(&a->y[i], &b->y[i], sizeof(double)) != 0)
        return false;
    if (a->room.points.bits)
        return a->room.points.bits[i] == b->room.points.bits[i];
    for (uint32_t j = 0; j < s->family->space.dim; j++)
        if (memcmp(&a->room.x[j][i], &b->room.x[j][i], sizeof(double)) != 0)
            return false;
    return true;
}

/* The number of the first example that differs; n where none does. */
static uint64_t first_difference(const struct sb_family_subject *s, const struct sb_drawn *a,
                                 const struct sb_drawn *b, uint64_t n)
{
    uint64_t i = 0;

    while (i < n && same(s, a, b, i))
        i++;
    return i;
}

static bool in_domain(const struct sb_space *space, const struct sb_drawn *d, uint64_t i)
{
    if (space->domain == SB_CUBE)
        return d->room.points.bits[i] >> space->dim == 0;
    for (uint32_t j = 0; j < space->dim; j++) {
        const double x = d->room.x[j][i];

        if (!isfinite(x) ||
            (space->domain == SB_ZQ && !(x >= 0 && x < space->modulus && x <= (double)(uint32_t)x)))
            return false;
    }
    return true;
}

static bool is_label(const struct sb_space *space, double y)
{
    if (!space->n_labels)
        return isfinite(y);
    return (y >= space->labels[0] && y <= space->labels[0]) ||
           (y >= space->labels[1] && y <= space->labels[1]);
}

static void name_of(const struct sb_family_subject *s, uint64_t member, char *out)
{
    if (member == SB_DRAW_POINTS)
        snprintf(out, TEXT, "points()");
    else
        sb_family_name(s, member, out);
}

static int judge_values(struct sb_family_subject *s, uint64_t member, const struct sb_drawn *d)
{
    const struct sb_space *space = &s->family->space;
    char at[TEXT], who[TEXT];

    name_of(s, member, who);
    for (uint64_t i = 0; i < SB_BLOCK; i++) {
        sb_family_point_text(s, &d->room.block, i, at);
        if (!in_domain(space, d, i))
            return sb_check_fail(s->context, "%s: example %llu lies outside the domain: %s", who,
                                 (unsigned long long)i, at);
        if (member != SB_DRAW_POINTS && !is_label(space, d->y[i]))
            return sb_check_fail(s->context, "%s: example %llu has the label %.17g, which is none",
                                 who, (unsigned long long)i, d->y[i]);
    }
    return 0;
}

/* The same examples again: after others, in pieces, and another key's, which are to be others. */
static int judge_draws(struct sb_family_subject *s, uint64_t member, struct sb_drawn *a,
                       struct sb_drawn *b)
{
    const struct sb_key key = sb_check_key(s->context, "draws");
    const uint64_t start = 1000, other = member == 0 ? SB_NULL : 0;
    uint64_t i;
    char who[TEXT];
    int error = sb_drawn_draw(s, member, key, start, SB_BLOCK, SB_BLOCK, a);

    name_of(s, member, who);
    if (!error)
        error = judge_values(s, member, a);
    if (!error && s->plugin->sample)
        error = sb_drawn_draw(s, other, key, start, SB_BLOCK, SB_BLOCK, b);
    memset(b->y, 0, sizeof b->y);
    if (!error)
        error = sb_drawn_draw(s, member, key, start, SB_BLOCK, PIECE, b);
    if (error)
        return error;
    i = first_difference(s, a, b, SB_BLOCK);
    if (i < SB_BLOCK)
        return sb_check_fail(
            s->context,
            "%s: example %llu is another when 1024 examples are drawn in blocks of "
            "%d, not in one; draw by the columns of the stream alone",
            who, (unsigned long long)(start + i), PIECE);
    error = sb_drawn_draw(s, member, sb_check_key(s->context, "other draws"), start, SB_BLOCK,
                          SB_BLOCK, b);
    if (!error && first_difference(s, a, b, SB_BLOCK) == SB_BLOCK)
        return sb_check_fail(s->context, "%s: another stream gives the very same 1024 examples",
                             who);
    return error;
}

int sb_family_check_draws(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct sb_drawn a = { 0 }, b = { 0 };
    int result = sb_family_subject_init(&s, context);

    if (!result && !s.plugin->sample && !s.plugin->points)
        result = sb_check_skip(context, "it draws nothing itself: statbed does");
    if (!result)
        result = sb_drawn_init(&a, &s);
    if (!result)
        result = sb_drawn_init(&b, &s);
    if (!result && s.plugin->points)
        result = judge_draws(&s, SB_DRAW_POINTS, &a, &b);
    for (size_t i = 0; !result && s.plugin->sample && i <= s.n_members; i++)
        result = judge_draws(&s, i < s.n_members ? s.member[i] : SB_NULL, &a, &b);
    if (!result)
        result = sb_check_ok(context, "the same in one block and in many");
    sb_drawn_fini(&a);
    sb_drawn_fini(&b);
    sb_family_subject_fini(&s);
    return result;
}

/* Functions of one point */

/* The block's points from `at` on. columns: dim pointers. */
static struct sb_block sub_block(const struct sb_block *block, uint64_t at, uint64_t n,
                                 const double **columns)
{
    struct sb_block out = *block;

    out.n = n;
    if (block->bits) {
        out.bits = block->bits + at;
        return out;
    }
    for (uint32_t j = 0; j < block->dim; j++)
        columns[j] = block->x[j] + at;
    out.x = columns;
    return out;
}

/* what: 0 is label(), 1 and 2 the weights of the two labels */
static void evaluate(const struct sb_family_subject *s, uint64_t member, uint32_t what,
                     const struct sb_block *block, double *out)
{
    if (what)
        s->plugin->weight(s->self, member, what - 1, block, out);
    else
        s->plugin->label(s->self, member, block, out);
}

static int judge_function(struct sb_family_subject *s, uint64_t member, uint32_t what,
                          const struct sb_block *block, const double **columns)
{
    double whole[SB_BLOCK], pieces[SB_BLOCK];
    char at[TEXT], who[TEXT];

    evaluate(s, member, what, block, whole);
    for (uint64_t i = 0; i < block->n; i += PIECE) {
        const uint64_t n = block->n - i < PIECE ? block->n - i : PIECE;
        const struct sb_block piece = sub_block(block, i, n, columns);

        evaluate(s, member, what, &piece, pieces + i);
    }
    for (uint64_t i = 0; i < block->n; i++) {
        if (memcmp(&whole[i], &pieces[i], sizeof(double)) == 0)
            continue;
        sb_family_name(s, member, who);
        sb_family_point_text(s, block, i, at);
        return sb_check_fail(s->context, "%s at %s: %s() wrote %.17g, and %.17g in a smaller block",
                             who, at, what ? "weight" : "label", whole[i], pieces[i]);
    }
    return 0;
}

static int judge_functions(struct sb_family_subject *s, const struct sb_block *block)
{
    const double **columns SB_FREE = SB_NEW_ARRAY(const double *, block->dim);
    const uint32_t n_what = s->plugin->weight ? 3 : 1;
    int result = columns ? 0 : -ENOMEM;

    for (size_t i = 0; i < s->n_members; i++)
        for (uint32_t what = 0; what < n_what && !result; what++)
            result = judge_function(s, s->member[i], what, block, columns);
    for (uint32_t what = 1; what < n_what && !result; what++)
        result = judge_function(s, SB_NULL, what, block, columns);
    return result;
}

int sb_family_check_pure(struct sb_check_context *context)
{
    struct sb_family_subject s;
    struct sb_family_points points = { 0 };
    int result = sb_family_subject_init(&s, context);

    if (!result)
        result = sb_family_points_init(&points, &s);
    if (!result)
        result = judge_functions(&s, sb_family_points_at(&points, 0));
    if (!result)
        result = sb_check_ok(context, "the same in one block and in many");
    sb_family_points_fini(&points);
    sb_family_subject_fini(&s);
    return result;
}
