/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What families of a hidden direction have in common (estimate/ngca.h): a law A on the line along v, one of a packing of
 * public directions, and a Gaussian across it. They differ in A alone. */
#ifndef SB_FAMILIES_HIDDEN_DIRECTION_H
#define SB_FAMILIES_HIDDEN_DIRECTION_H

#include "estimate/ngca.h"
#include "oracles/families/families.h"
#include "oracles/families/packing.h"

/* Rows of a family's table of parameters, without its end. */
#define SB_HIDDEN_DIRECTION_PARAMS                                                                 \
    { "dimension", SB_INT, 0, NULL, "[2,4096]", "number of coordinates d" },                       \
        { "packing",                                                                               \
          SB_TEXT,                                                                                 \
          0,                                                                                       \
          "sphere",                                                                                \
          SB_PACKING_KINDS,                                                                        \
          "the directions: independent ones, ones kept where `overlap` allows, coordinates, "      \
          "signs "                                                                                 \
          "of a code, d/2 + 1 bases (d = 4^k)" },                                                  \
        { "members",                                                                               \
          SB_INT,                                                                                  \
          0,                                                                                       \
          "0",                                                                                     \
          "[0,9007199254740992]",                                                                  \
          "number of directions that one is drawn from; 0: all that the packing has, of sphere "   \
          "and binary 2^32 at most, of greedy those among 1024 candidates" },                      \
        { "overlap", SB_REAL,                                                                      \
          0,         "0.5",                                                                        \
          "(0,1]",   "packing greedy: what |<v,w>| is at most, v and w different directions" },    \
        { "direction",                                                                             \
          SB_VECTOR,                                                                               \
          0,                                                                                       \
          "",                                                                                      \
          "[-1,1]",                                                                                \
          "a unit vector, d numbers: the only direction there is, in place of a packing" },        \
    {                                                                                              \
        "angle", SB_REAL, 0, "0.1", "(0,1.5]",                                                     \
            "goal recover: how far from v, in radians, what is returned may point; or from -v "    \
            "where the law along v is symmetric"                                                   \
    }
#define SB_HIDDEN_DIRECTION_RECOVER                                                                \
    "the direction v: d values of any length, within `angle` of it, or of -v where the law along " \
    "v is symmetric"

/* What is the same for all such families, as plain numbers. */
struct sb_hidden_direction_wish {
    struct sb_packing_wish packing;
    double angle;              /* in (0, pi/2) */
    const struct sb_fact *own; /* of A: told in front of the common ones; copied */
    size_t n_own;
};
/* From the values of the parameters above, borrowed; defaults where a table does not have one. */
struct sb_hidden_direction_wish sb_hidden_direction_wish(const char *where,
                                                         const struct sb_values *params);

/* Sets all of *out but class and params; destroy: sb_hidden_direction_destroy. Takes the line over, in case of an
 * error, too. 0, -ENOMEM, or -EINVAL with a line. */
int sb_hidden_direction_new(const struct sb_hidden_direction_wish *wish, struct sb_line *line,
                            struct sb_family *out, struct sb_diag *diag);
void sb_hidden_direction_destroy(struct sb_family *family);

/* How many messages there are. */
static inline size_t sb_hidden_direction_said(const struct sb_diag *diag)
{
    return diag ? diag->n_items : 0;
}
/* Puts "WHERE: " in front of the messages from number `from` on, which others wrote. Returns `error`, or -ENOMEM. */
int sb_hidden_direction_says(const char *where, size_t from, int error, struct sb_diag *diag);

#endif
