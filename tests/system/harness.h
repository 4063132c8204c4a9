/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the system tests share: an experiment from its YAML text to a database, and the database's
 * answers. Learners are found through STATBED_PLUGINDIR and STATBED_TEST_PLUGINS, the learner's
 * process through STATBED_HOST; meson sets all three. */
#ifndef SB_TESTS_HARNESS_H
#define SB_TESTS_HARNESS_H

#include "runner/runner.h"
#include "unit.h"

/* An experiment that was read, and what it borrows from. */
struct harness_experiment {
    struct sb_plugins *plugins;
    struct sb_experiment *experiment;
};

/* Fail the test with the diagnostics. */
void harness_read_file(const char *path, struct harness_experiment *out);
/* printf-like: the YAML itself. */
void harness_read(struct harness_experiment *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void harness_drop(struct harness_experiment *e);

/* A database in memory, or in a file that is made or extended. */
struct sb_store *harness_store(const char *path);
void harness_close(struct sb_store *store);

/* Under sanitizers and valgrind, which take many times as long: tools/check says so by the isolation. */
bool harness_is_slow(void);

/* Runs all cells and requires that nothing of statbed's own went wrong. */
void harness_run(const struct harness_experiment *e, uint32_t isolation, struct sb_store *store,
                 struct sb_run_outcome *out);
/* The same from YAML to a new database in memory. */
struct sb_store *harness_results(uint32_t isolation, const char *yaml);

/* "/.../tests/plugin_NAME.so" for a YAML's learner type; static storage, one at a time. */
const char *harness_plugin(const char *name);

/* The first column of the first row; no row fails the test. */
int64_t harness_count(struct sb_store *store, const char *sql);
/* A statement to step through. */
sqlite3_stmt *harness_select(struct sb_store *store, const char *sql);

#endif
