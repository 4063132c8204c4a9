/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 10^6 distinct expression queries in one cell: time a query, rows, the database's size, and the
 * most memory that the runner took, beside what the queries alone would take if they were kept.
 *
 *     million PLUGIN [QUERIES] */
#include "chain.h"

#include <string.h>
#include <sys/resource.h>

static const double goal_mib = 96; /* of which SQLite's cache may take 32 */

int main(int argc, char **argv)
{
    struct chain chain = { .dimension = 30, .tolerance = 0.1, .n_queries = 1000000 };
    struct rusage usage;
    double mib;

    if (argc < 2) {
        printf("usage: million PLUGIN [QUERIES]\n");
        return 2;
    }
    chain.plugin = argv[1];
    if (argc > 2)
        chain.n_queries = strtoull(argv[2], NULL, 10);
    if (chain_run(&chain))
        return 2;
    getrusage(RUSAGE_SELF, &usage);
    mib = (double)usage.ru_maxrss / 1024;
    printf("million: %lld queries answered, %lld rows, %.1f us a query, database %.0f MiB\n",
           (long long)chain.answered, (long long)chain.rows,
           chain.seconds * 1e6 / (double)chain.rows, chain.mib);
    printf("million: peak memory %.0f MiB, ratio to the database %.2f, goal <= %.0f MiB: %s\n", mib,
           mib / chain.mib, goal_mib, mib <= goal_mib ? "met" : "NOT met");
    return mib <= goal_mib && chain.answered == (int64_t)chain.n_queries ? 0 : 1;
}
