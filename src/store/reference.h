/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reference: the view `digests` of an experiment as a JSON file (statbed table digests
 * --format=json), small enough to be kept with the sources, against which a replay compares. */
#ifndef SB_STORE_REFERENCE_H
#define SB_STORE_REFERENCE_H

#include "store/store.h"

/* Loads it into a temporary store, whose runs have counts and digests, but no queries (`summary`), and
 * of what a run is made of its label and key alone. -EINVAL/-ENOENT with one line. */
int sb_store_reference(const char *path, struct sb_store **out, struct sb_diag *diag);

#endif
