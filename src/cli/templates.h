/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts that `statbed new` fills in, made from *_template.* by tools/embed, and those that
 * `statbed completion` ends with. */
#ifndef SB_CLI_TEMPLATES_H
#define SB_CLI_TEMPLATES_H

extern const char sb_learner_template[];            /* a plugin; NAME stands for its name */
extern const char sb_learner_experiment_template[]; /* an experiment that runs it */
extern const char sb_family_template[];
extern const char sb_family_experiment_template[];

extern const char sb_completion_bash_functions[]; /* completion.bash */
extern const char sb_completion_zsh_functions[];

#endif
