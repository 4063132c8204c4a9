/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment from its YAML to a database in a temporary folder. */
#include "whole.h"

#include "base/memory.h"
#include "runner/runner.h"

#include <unistd.h>

static struct sb_experiment *read_yaml(const struct whole *whole, const char *path,
                                       struct sb_plugins *plugins, struct sb_diag *diag)
{
    const struct sb_learner_resolver resolver = sb_plugins_resolver(plugins);
    struct sb_experiment *experiment = NULL;
    FILE *file = fopen(path, "w");

    if (!file)
        return NULL;
    for (const char *p = whole->yaml; *p; p++) {
        if (p[0] == '%' && p[1] == 's')
            fputs(whole->plugin, file), p++;
        else
            fputc(*p, file);
    }
    fclose(file);
    sb_experiment_read(path, &sb_shipped_catalog, &resolver, &experiment, diag);
    return experiment;
}

static int run(struct whole *whole, const struct sb_experiment *experiment, const char *database,
               struct sb_diag *diag)
{
    const struct sb_run_options options = { .isolation = SB_ISOLATION_SECCOMP,
                                            .jobs = whole->jobs };
    const double start = bench_now();
    struct sb_run_outcome outcome = { 0 };
    struct sb_store *store = NULL;
    int error = sb_store_open(database, SB_STORE_WRITE, &store, diag);

    if (!error)
        error = sb_experiment_run(experiment, store, &options, &outcome, diag);
    sb_store_close(store, diag);
    whole->seconds = bench_now() - start;
    whole->n_done = outcome.n_done - outcome.n_ended_badly;
    return error || whole->n_done < outcome.n_cells;
}

int whole_run(struct whole *whole)
{
    char folder[] = "/tmp/statbed-bench-XXXXXX";
    char *path SB_FREE = mkdtemp(folder) ? sb_printf("%s/bench.yaml", folder) : NULL;
    char *database SB_FREE = sb_printf("%s/bench.db", folder);
    struct sb_plugins *plugins = sb_plugins_new(SB_ISOLATION_PROCESS);
    struct sb_experiment *experiment;
    struct sb_diag diag;
    int failed;

    if (!path || !database || !plugins)
        return 1;
    sb_diag_init(&diag);
    experiment = read_yaml(whole, path, plugins, &diag);
    failed = !experiment || run(whole, experiment, database, &diag);
    if (failed)
        printf("%s\n", diag.n_items ? diag.items[0].text : "a cell did not end as it should");
    sb_diag_fini(&diag);
    sb_experiment_free(experiment);
    sb_plugins_free(plugins);
    unlink(path);
    unlink(database);
    rmdir(folder);
    return failed;
}
