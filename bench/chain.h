/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell of the whole chain, as benchmarks time it: learner's process behind both filters, oracle,
 * a database on disk. */
#ifndef SB_BENCH_CHAIN_H
#define SB_BENCH_CHAIN_H

#include "bench.h"

struct chain {
    const char *plugin;     /* path of the learner */
    uint32_t dimension;     /* of the parities */
    double tolerance;       /* of the oracle */
    const char *policy;     /* NULL: reference */
    uint64_t n_queries;     /* the budget */
    double first, last;     /* out: when the first ASK and the one after n_asks came; seconds */
    uint64_t n_asks;        /* messages to time; 0: none */
    uint64_t n_seen;        /* out: ASK messages */
    uint64_t n_points;      /* out: public points that callbacks were asked about */
    int64_t rows, answered; /* out: in the database */
    double seconds;         /* out: the cell, its learner's start included */
    double cpu;             /* out: the same in CPU time, of both processes */
    double mib;             /* out: the database */
};

/* 0, or 1 with a line printed. */
int chain_run(struct chain *chain);

#endif
