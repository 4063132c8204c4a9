/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in messages (LABELS, EXAMPLES): u64 bits on the cube, dim f64 elsewhere; and which numbers
 * are coordinates at all, for the learner's host, which says so, and for the runner, which trusts no
 * message. */
#ifndef SB_WIRE_POINTS_H
#define SB_WIRE_POINTS_H

#include "query/space.h"
#include "wire/wire.h"

/* The space that the public facts describe; label_set is borrowed. */
struct sb_space sb_space_of(const struct sb_facts *facts);

size_t sb_point_bytes(const struct sb_space *space);
/* The most points that one message has room for, labels and a line of text beside them. */
uint64_t sb_points_max(const struct sb_space *space);
/* Is v a coordinate: 0 or 1, 0 .. q-1, finite? */
bool sb_coordinate_fits(const struct sb_space *space, double v);
/* Do the bits name a point of the cube? */
bool sb_bits_fit(const struct sb_space *space, uint64_t bits);

#endif
