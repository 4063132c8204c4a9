/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room for one block of points of a space, and the block that shows them to who evaluates; and the points of
 * finite domains, the cube and Z_q^d, by number: point i has the digits of i to the base q as its coordinates,
 * coordinate 0 the lowest, so that on the cube the number is the point's bits. */
#ifndef SB_ESTIMATE_POINTS_H
#define SB_ESTIMATE_POINTS_H

#include "estimate/law.h"

enum {
    SB_WHOLE_DOMAIN_BITS = 24, /* so many points, 2^24, are gone through in full ... */
    SB_WHOLE_LABELS_BITS = 31  /* ... with every label: so many pairs */
};

/* How many points a domain has that is small enough to be gone through in full, every label with every point,
 * and on which x is uniform: at most 2^24. 0: it is infinite, larger, or x is not known to be uniform. */
uint64_t sb_space_size(const struct sb_space *space);

struct sb_point_room {
    struct sb_points points; /* to be filled; owned */
    double **x;              /* the columns; NULL on the cube */
    uint32_t modulus;        /* q, 2 on the cube */
    struct sb_block block;   /* shows them; n and y are the caller's to set */
};

/* 0 or -ENOMEM; to be freed by fini either way. */
int sb_point_room_init(struct sb_point_room *room, const struct sb_space *space);
void sb_point_room_fini(struct sb_point_room *room);
/* Of a finite domain: points number start .. start+n-1, and the block shows them. */
void sb_point_room_domain(struct sb_point_room *room, uint64_t start, uint64_t n);
/* The number of point i of a block on a finite domain. */
uint64_t sb_point_number(const struct sb_space *space, const struct sb_block *block, uint64_t i);
/* Points start .. start+n-1 of a stream of a law's marginal, and the block shows them. */
void sb_point_room_draw(struct sb_point_room *room, const struct sb_law *law, struct sb_key key,
                        uint64_t stream, uint64_t start, uint64_t n);

/* Point i of a block as text, "(0, 1, 1)": at most 16 coordinates. */
void sb_point_print(const struct sb_block *block, uint64_t i, char *out, size_t n_out);

#endif
