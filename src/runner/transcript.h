/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transcript of a run as two running digests over fixed little-endian records: what was asked
 * and answered, and the certificates. Equal digests mean equal runs, query by query. */
#ifndef SB_RUNNER_TRANSCRIPT_H
#define SB_RUNNER_TRANSCRIPT_H

#include "base/digest.h"
#include "oracles/access/oracle.h"

struct sb_transcript {
    struct sb_hash queries, certificates;
};

void sb_transcript_init(struct sb_transcript *transcript);
void sb_transcript_add(struct sb_transcript *transcript, const struct sb_asked *asked);

#endif
