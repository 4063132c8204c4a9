/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed completion: the script that completes command lines in a shell. */
#include "cli/cli.h"
#include "cli/completion.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    void (*print)(struct sb_buf *out);
} shells[] = {
    { "bash", sb_completion_bash },
    { "zsh", sb_completion_zsh },
};

static int verb_completion(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_buf out;
    size_t i = 0;
    int error;

    while (i < SB_COUNT(shells) && strcmp(shells[i].name, args->operands[0]) != 0)
        i++;
    if (i == SB_COUNT(shells))
        return sb_diag_fail(diag, -EINVAL, "completion: expected bash or zsh, found '%s'",
                            args->operands[0]);
    sb_buf_init(&out);
    shells[i].print(&out);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static const struct sb_option options[] = { SB_OPTION_END };

const struct sb_verb sb_verb_completion = {
    .name = "completion",
    .group = SB_GROUP_SET_UP,
    .operands = "bash|zsh",
    .summary = "prints the script that completes command lines in a shell",
    .options = options,
    .n_least = 1,
    .n_most = 1,
    .notes =
        "Verbs, options, their words, names of experiments, learners, views and the like, and "
        "files of the right ending. An installed statbed has the scripts where both shells look "
        "for them. Otherwise, for bash, in ~/.bashrc:\n\n"
        "  source <(statbed completion bash)\n\n"
        "and for zsh, where fpath has ~/.zfunc before compinit is called:\n\n"
        "  statbed completion zsh >~/.zfunc/_statbed\n",
    .examples = "  statbed completion bash >statbed.bash\n",
    .main = verb_completion,
};
