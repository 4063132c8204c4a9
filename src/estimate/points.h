/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room for one block of points of a space, and the block that shows them to who evaluates. */
#ifndef SB_ESTIMATE_POINTS_H
#define SB_ESTIMATE_POINTS_H

#include "estimate/law.h"

struct sb_point_room {
    struct sb_points points; /* to be filled; owned */
    double **x;              /* the columns; NULL on the cube */
    struct sb_block block;   /* shows them; n and y are the caller's to set */
};

/* 0 or -ENOMEM; to be freed by fini either way. */
int sb_point_room_init(struct sb_point_room *room, const struct sb_space *space);
void sb_point_room_fini(struct sb_point_room *room);
/* On the cube: points start .. start+n-1 of the whole domain, and the block shows them. */
void sb_point_room_domain(struct sb_point_room *room, uint64_t start, uint64_t n);
/* Points start .. start+n-1 of a stream of a law's marginal, and the block shows them. */
void sb_point_room_draw(struct sb_point_room *room, const struct sb_law *law, struct sb_key key,
                        uint64_t stream, uint64_t start, uint64_t n);

/* Point i of a block as text, "(0, 1, 1)": at most 16 coordinates. */
void sb_point_print(const struct sb_block *block, uint64_t i, char *out, size_t n_out);

#endif
