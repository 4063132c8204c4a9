/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What statbed reads and writes beside its command line. */
#include "cli/surroundings.h"

#include "base/isa.h"
#include "base/threads.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

const struct sb_surrounding sb_environment[] = {
    { "STATBED_ISA", "baseline, avx2 or avx512: the best instruction set that kernels may use; "
                     "results do not depend on it" },
    { "STATBED_THREADS",
      "at most so many threads for a cell's oracle; results do not depend on it" },
    { "STATBED_PLUGINDIR", "a folder that is looked in for learners first" },
    { "STATBED_HOST", "the program that learners run in, in place of the installed statbed-host" },
    { "OPENBLAS_*", "given to learners as they are, but for OPENBLAS_NUM_THREADS, which is 1" },
    { "PATH", "where gnuplot is looked for" },
    { "TMPDIR", "where a figure's picture is drawn before it is moved; default /tmp" },
    { "PKG_CONFIG_PATH", "whether statbed new has to say where statbed.pc is" },
    { NULL, NULL },
};

/* PREFIX is that of the installation; a build folder has the same beside the program. */
const struct sb_surrounding sb_files[] = {
    { "results/NAME.db",
      "the results of experiment NAME, under the current folder: one SQLite file" },
    { "experiments/NAME.yaml", "experiments of your own, found by NAME" },
    { "PREFIX/share/statbed/experiments/", "the shipped experiments" },
    { "PREFIX/share/statbed/reference/", "what the shipped experiments are known to give" },
    { "PREFIX/share/statbed/experiment.schema.json", "the JSON Schema of experiment files" },
    { "PREFIX/share/doc/statbed/", "experiment.md, results.md, learner.md, family.md and more" },
    { "PREFIX/lib/.../statbed/learners/", "the shipped learners" },
    { NULL, NULL },
};

const struct sb_surrounding sb_exit_codes[] = {
    { "0", "fine" },
    { "1", "the experiment or the comparison failed" },
    { "2", "usage or input" },
    { "128 + N", "ended by signal N" },
    { NULL, NULL },
};

int sb_environment_check(struct sb_diag *diag)
{
    const char *isa = getenv("STATBED_ISA"), *threads = getenv("STATBED_THREADS");
    int error = 0;

    if (isa && *isa && sb_isa_named(isa) == SB_ISAS)
        error = sb_diag_fail(diag, -EINVAL,
                             "STATBED_ISA = '%s' is none of baseline, avx2, avx512; "
                             "correct it, or unset it",
                             isa);
    if (threads && *threads && !sb_threads_limit(threads))
        error = sb_diag_fail(diag, -EINVAL,
                             "STATBED_THREADS = '%s' is no whole number from 1; "
                             "correct it, or unset it",
                             threads);
    return error;
}
