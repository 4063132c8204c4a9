/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed version: what this program is made of, and how learners can be isolated here. */
#include "cli/catalog.h"
#include "cli/cli.h"
#include "config.h"
#include "runner/learner.h"

#include <errno.h>
#include <gsl/gsl_version.h>
#include <sqlite3.h>
#include <yaml.h>

/* The isolation that a learner gets when the strictest is asked for; NULL where none starts. */
static const char *try_isolation(const char *name)
{
    const struct sb_limits limits = { 256, 64, 10 };
    struct sb_learner_process *process = NULL;
    char *path SB_FREE = NULL;
    const char *got = NULL;

    if (sb_learner_find(name, NULL, &path, NULL) == 0 &&
        sb_learner_start(path, SB_ISOLATION_SECCOMP, &limits, &process, NULL) == 0)
        got = sb_isolation_name(sb_learner_isolation(process));
    sb_learner_close(process);
    return got;
}

static void put_isolation(struct sb_buf *out)
{
    const char *got = NULL;
    char **names = NULL;
    size_t n = 0;

    if (sb_learner_list(&names, &n) == 0 && n)
        got = try_isolation(names[0]);
    if (got)
        sb_buf_printf(out, "isolation  %s (tried with learner %s)\n", got, names[0]);
    else
        sb_buf_printf(out, "isolation  unknown (%s)\n",
                      n ? "no learner's process starts here" : "no learner is installed");
    sb_names_free(names, n);
}

static int verb_version(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_buf out;
    int error;

    (void)args;
    sb_buf_init(&out);
    sb_buf_printf(&out, "statbed    %s\n", SB_VERSION);
    sb_buf_printf(&out, "compiler   %s\n", SB_COMPILER);
    sb_buf_printf(&out, "libraries  sqlite %s, libyaml %s, gsl %s\n", sqlite3_libversion(),
                  yaml_get_version_string(), gsl_version);
    put_isolation(&out);
    sb_buf_printf(&out, "learners   interface %d.%d, plugins in %s\n", SB_ABI_MAJOR, SB_ABI_MINOR,
                  SB_PLUGINDIR);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = { SB_OPTION_END };

const struct sb_verb sb_verb_version = {
    .name = "version",
    .summary = "version, compiler, libraries, and the isolation that works here",
    .options = options,
    .examples = "  statbed version\n",
    .main = verb_version,
};
