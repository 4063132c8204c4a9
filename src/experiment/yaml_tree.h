/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML as a tree of maps, lists and scalars, each with its place. A strict subset: UTF-8, one
 * document, no anchors, aliases or tags, keys are one-line texts and unique in their map. Scalars
 * stay text: what `no` or `1e3` mean is for the reader of the tree to say. */
#ifndef SB_EXPERIMENT_YAML_TREE_H
#define SB_EXPERIMENT_YAML_TREE_H

#include "base/diag.h"

#include <stdbool.h>

enum sb_yaml_kind { SB_YAML_SCALAR = 1, SB_YAML_LIST, SB_YAML_MAP };

struct sb_yaml;
struct sb_yaml_entry {
    char *key;             /* NULL in a list */
    uint32_t line, column; /* of the key, in a list of the value; from 1, in characters */
    struct sb_yaml *value;
};
struct sb_yaml {
    uint32_t kind; /* enum sb_yaml_kind */
    uint32_t line, column;
    bool quoted; /* a scalar in quotes: its text begins one column on */
    bool flawed; /* wrong in a way already reported: a reader says no more about it */
    char *text;  /* of a scalar */
    struct sb_yaml_entry *entries;
    size_t n, cap;
};

/* `file` names the text in messages. Returns 0; SB_YAML_FLAWED where mistakes were reported but
 * there is a tree, so that a reader can report its own in the same go; -EINVAL where the text is no
 * YAML; -ENOMEM. */
enum { SB_YAML_FLAWED = 1 };
int sb_yaml_parse(const char *text, size_t n, const char *file, struct sb_yaml **out,
                  struct sb_diag *diag);
void sb_yaml_free(struct sb_yaml *node); /* NULL ok */

/* The entry of a map; NULL where there is none, or no map. */
const struct sb_yaml_entry *sb_yaml_find(const struct sb_yaml *map, const char *key);
const char *sb_yaml_found(const struct sb_yaml *node); /* "a list", for messages */

#endif
