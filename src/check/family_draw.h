/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examples that the plugin itself draws, for the checks of its draws and of its distributions. */
#ifndef SB_CHECK_FAMILY_DRAW_H
#define SB_CHECK_FAMILY_DRAW_H

#include "check/family.h"

#define SB_DRAW_POINTS (SB_NULL - 1) /* in a member's place: points() draws, without labels */

struct sb_drawn {
    struct sb_point_room room; /* room.block shows them */
    double y[SB_BLOCK];
};
int sb_drawn_init(struct sb_drawn *d, const struct sb_family_subject *s);
void sb_drawn_fini(struct sb_drawn *d);
/* Examples start .. start+n-1 of a stream, n <= SB_BLOCK, asked for in pieces of at most `piece`. 0 or
 * -ENOMEM. */
int sb_drawn_draw(const struct sb_family_subject *s, uint64_t member, struct sb_key key,
                  uint64_t start, uint64_t n, uint64_t piece, struct sb_drawn *d);

#endif
