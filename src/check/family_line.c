/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a law on the line (statbed/family.h, line_density): that both functions are functions of what they are
 * asked, and that draws lie where the law does. That the density integrates to 1 and that the draws are those of the
 * density is looked at when the family is made (numeric/line.h). */
#include "check/family.h"

#include "base/memory.h"
#include "estimate/ngca.h"

#include <string.h>

enum { PIECE = 100 };

static const struct sb_line *line_of(const struct sb_family_subject *s)
{
    return s->family->ngca->line;
}

static void draw_from(const struct sb_family_subject *s, uint64_t start, uint64_t n, uint64_t piece,
                      double *out)
{
    for (uint64_t at = 0; at < n; at += piece) {
        const uint64_t some = n - at < piece ? n - at : piece;
        const struct sb_family_numbers numbers = { sb_check_key(s->context, "line"), start + at,
                                                   some };
        struct sb_stream stream;

        sb_family_stream(&numbers, &stream);
        s->plugin->line_draw(s->self, &stream, some, out + at);
    }
}

/* Draws are functions of the stream, however it is cut, and lie where the law does. */
static int check_draws(struct sb_family_subject *s)
{
    const struct sb_family_facts *facts = &sb_family_instance_of(s->family)->facts;
    double whole[SB_BLOCK], pieces[SB_BLOCK], later[PIECE];

    draw_from(s, 0, SB_BLOCK, SB_BLOCK, whole);
    draw_from(s, 0, SB_BLOCK, PIECE, pieces);
    draw_from(s, SB_BLOCK / 2, PIECE, PIECE, later);
    for (uint64_t i = 0; i < SB_BLOCK; i++)
        if (!(whole[i] >= facts->line_from && whole[i] <= facts->line_to))
            return sb_check_fail(s->context, "line_draw() drew %.17g, which is outside [%g, %g]",
                                 whole[i], facts->line_from, facts->line_to);
    for (uint64_t i = 0; i < SB_BLOCK; i++)
        if (memcmp(&whole[i], &pieces[i], sizeof whole[i]) != 0)
            return sb_check_fail(s->context,
                                 "line_draw(): number %llu is %.17g in a block of %d, and %.17g in "
                                 "pieces of %d; it must be a function of the stream alone",
                                 (unsigned long long)i, whole[i], SB_BLOCK, pieces[i], PIECE);
    if (memcmp(whole + SB_BLOCK / 2, later, sizeof later) != 0)
        return sb_check_fail(s->context, "line_draw() draws other numbers after others; it must be "
                                         "a function of the stream alone");
    return 0;
}

/* The density at a point is the same alone and among others. */
static int check_density(struct sb_family_subject *s)
{
    const struct sb_family_facts *facts = &sb_family_instance_of(s->family)->facts;
    double t[SB_BLOCK], block[SB_BLOCK], alone;

    sb_random_uniform(sb_check_key(s->context, "line points"), 0, 0, SB_BLOCK, t);
    for (uint64_t i = 0; i < SB_BLOCK; i++)
        t[i] = facts->line_from + t[i] * (facts->line_to - facts->line_from);
    s->plugin->line_density(s->self, SB_BLOCK, t, block);
    for (uint64_t i = SB_BLOCK; i-- > 0;) {
        s->plugin->line_density(s->self, 1, &t[i], &alone);
        if (memcmp(&alone, &block[i], sizeof alone) != 0)
            return sb_check_fail(s->context,
                                 "line_density() at %.17g is %.17g in a block and %.17g alone; it "
                                 "must be a function of one point",
                                 t[i], block[i], alone);
    }
    return 0;
}

int sb_family_check_line(struct sb_check_context *context)
{
    struct sb_family_subject s;
    int result = sb_family_subject_open(&s, context);

    if (!result && !sb_family_states_line(s.plugin))
        result = sb_check_skip(context, "it states no law on the line");
    if (!result)
        result = check_draws(&s);
    if (!result)
        result = check_density(&s);
    if (!result)
        result = sb_check_ok(context, "chi^2 = %.6g, moments to degree %u are a Gaussian's",
                             line_of(&s)->chi2, line_of(&s)->matched);
    sb_family_subject_fini(&s);
    return result;
}
