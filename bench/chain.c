/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell of the whole chain in a temporary folder. */
#include "chain.h"

#include "base/memory.h"
#include "runner/cell.h"
#include "wire/wire.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char yaml[] = "name: bench\n"
                           "claim: none\n"
                           "seed: 1\n"
                           "repeat: 1\n"
                           "family: { type: parity, dimension: %u }\n"
                           "oracle: { type: stat, tolerance: %g, policy: %s }\n"
                           "learner: { type: %s }\n"
                           "budget: { queries: %llu, seconds: 0 }\n"
                           "goal: { type: predict, loss: zero-one, max: 0.1 }\n";

/* How many points a POINTS message names. */
static uint64_t points_of(const void *payload, size_t n)
{
    struct sb_reader body;

    sb_reader_init(&body, payload, n);
    sb_read_u64(&body);
    sb_read_u32(&body);
    return sb_read_u64(&body);
}

static void meter(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct chain *chain = self;

    if (to_learner && type == SB_FRAME_POINTS)
        chain->n_points += points_of(payload, n);
    if (to_learner || type != SB_FRAME_ASK)
        return;
    if (chain->n_seen++ == 0)
        chain->first = bench_now();
    if (chain->n_seen == chain->n_asks + 1)
        chain->last = bench_now();
}

static struct sb_experiment *read_yaml(const struct chain *chain, const char *path,
                                       struct sb_plugins *plugins, struct sb_diag *diag)
{
    const struct sb_learner_resolver resolver = sb_plugins_resolver(plugins);
    struct sb_experiment *experiment = NULL;
    FILE *file = fopen(path, "w");

    if (!file)
        return NULL;
    fprintf(file, yaml, chain->dimension, chain->tolerance,
            chain->policy ? chain->policy : "reference", chain->plugin,
            (unsigned long long)chain->n_queries);
    fclose(file);
    sb_experiment_read(path, &sb_shipped_catalog, &resolver, &experiment, diag);
    return experiment;
}

static int64_t count(struct sb_store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;

    if (sqlite3_prepare_v2(sb_store_handle(store), sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static int run_cell(struct chain *chain, const struct sb_experiment *experiment,
                    struct sb_store *store, struct sb_diag *diag)
{
    const struct sb_store_experiment row = { .name = "bench", .yaml = yaml };
    struct sb_cell cell = { .experiment = experiment,
                            .point = experiment->points,
                            .repeat = 1,
                            .key = sb_cell_key(experiment, experiment->points, 1),
                            .isolation = SB_ISOLATION_SECCOMP,
                            .traffic = meter,
                            .traffic_self = chain };
    struct sb_store_writer writer = { .store = store };
    const struct sb_sink sink = sb_store_sink(&writer);
    struct sb_cell_outcome outcome;
    double start, cpu;
    int error = sb_store_experiment(store, &row, &cell.experiment_id, diag);

    /* the seed is stretched here, once */
    cell.material = sb_cell_material(experiment, experiment->points, 1);
    start = bench_now();
    cpu = bench_cpu();
    if (!error)
        error = sb_digest_file(cell.point->learner_path, &cell.learner);
    if (!error)
        error = sb_cell_run(&cell, &sink, &outcome, diag);
    chain->seconds = bench_now() - start;
    chain->cpu = bench_cpu() - cpu;
    chain->rows = count(store, "SELECT count(*) FROM query");
    chain->answered = count(store, "SELECT n_answered FROM run");
    return error;
}

static int in_folder(struct chain *chain, const char *folder, struct sb_diag *diag)
{
    char *path SB_FREE = sb_printf("%s/bench.yaml", folder);
    char *database SB_FREE = sb_printf("%s/bench.db", folder);
    struct sb_plugins *plugins = sb_plugins_new(SB_ISOLATION_PROCESS);
    struct sb_experiment *experiment = read_yaml(chain, path, plugins, diag);
    struct sb_store *store = NULL;
    struct stat st = { 0 };
    int error = experiment ? sb_store_open(database, SB_STORE_WRITE, &store, diag) : -1;

    if (!error)
        error = run_cell(chain, experiment, store, diag);
    sb_store_close(store, diag);
    if (stat(database, &st) == 0)
        chain->mib = (double)st.st_size / 0x1p20;
    sb_experiment_free(experiment);
    sb_plugins_free(plugins);
    unlink(path);
    unlink(database);
    return error;
}

int chain_run(struct chain *chain)
{
    char folder[] = "/tmp/statbed-bench-XXXXXX";
    struct sb_diag diag;
    int error;

    if (!mkdtemp(folder))
        return 1;
    chain->n_seen = chain->n_points = 0;
    sb_diag_init(&diag);
    error = in_folder(chain, folder, &diag);
    if (error)
        printf("%s\n", diag.n_items ? diag.items[0].text : "the cell stopped");
    sb_diag_fini(&diag);
    rmdir(folder);
    return error != 0;
}
