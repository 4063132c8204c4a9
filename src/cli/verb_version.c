/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed version: what this program is made of, and how learners can be isolated here. */
#include "cli/catalog.h"
#include "cli/cli.h"
#include "config.h"
#include "runner/learner.h"

#include <arb.h>
#include <errno.h>
#include <gsl/gsl_version.h>
#include <sqlite3.h>
#include <string.h>
#include <yaml.h>

/* A shipped learner: its path, malloc'd, untouched where none is installed. */
static void find_learner(char **path_out)
{
    struct sb_names names;

    if (sb_learner_list(&names) == 0 && names.n)
        sb_learner_find(names.items[0], NULL, path_out, NULL);
    sb_names_fini(&names);
}

/* The isolation that a learner gets when the strictest is asked for. */
static void put_isolation(const char *learner, struct sb_buf *out)
{
    const struct sb_limits limits = { 256, 64, 10 };
    struct sb_learner_process *process = NULL;

    if (sb_learner_start(learner, SB_ISOLATION_SECCOMP, &limits, &process, NULL) == 0)
        sb_buf_printf(out, "isolation  %s (tried)\n",
                      sb_isolation_name(sb_learner_isolation(process)));
    else
        sb_buf_puts(out, "isolation  unknown: no learner's process starts here\n");
    sb_learner_close(process);
}

static void put_learners(struct sb_buf *out)
{
    char *learner SB_FREE = NULL;

    find_learner(&learner);
    if (learner)
        put_isolation(learner, out);
    sb_buf_printf(out, "learners   interface %d.%d, ", SB_ABI_MAJOR, SB_ABI_MINOR);
    if (learner)
        sb_buf_printf(out, "in %.*s\n", (int)(strrchr(learner, '/') - learner), learner);
    else
        sb_buf_puts(out, "none is installed\n");
}

static int verb_version(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_buf out;
    int error;

    (void)args;
    sb_buf_init(&out);
    sb_buf_printf(&out, "statbed    %s\n", SB_VERSION);
    sb_buf_printf(&out, "compiler   %s\n", SB_COMPILER);
    sb_buf_printf(&out, "libraries  sqlite %s, libyaml %s, gsl %s, flint %s, arb %s\n",
                  sqlite3_libversion(), yaml_get_version_string(), gsl_version, flint_version,
                  arb_version);
    put_learners(&out);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = { SB_OPTION_END };

const struct sb_verb sb_verb_version = {
    .name = "version",
    .group = SB_GROUP_SET_UP,
    .summary = "version, compiler, libraries, and the isolation that works here",
    .options = options,
    .examples = "  statbed version\n",
    .main = verb_version,
};
