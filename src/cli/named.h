/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command line names and sets, for the verbs that take FAMILY KEY=VALUE... and options of an
 * oracle: classes by name, a family with its parameters, values from options. */
#ifndef SB_CLI_NAMED_H
#define SB_CLI_NAMED_H

#include "cli/cli.h"
#include "runner/runner.h"

/* The entry of a kind (cli/catalog.h) by name, as its class; -EINVAL names the nearest. */
int sb_class_find(const struct sb_args *args, const char *kind, const char *name,
                  const void **class_out, struct sb_diag *diag);

/* A family; zeroed, to be finished whatever came of it. */
struct sb_named_family {
    struct sb_plugins *plugins; /* keeps a family that is one */
    const struct sb_family_class *class;
    struct sb_values values;
    struct sb_family *family;
};
/* By name, or a plugin by its path, from the current folder: `class` is set. */
int sb_named_family_find(struct sb_named_family *named, const struct sb_args *args,
                         const char *name, struct sb_diag *diag);
/* With these parameters: the family itself. */
int sb_named_family_make(struct sb_named_family *named, const struct sb_given *given,
                         size_t n_given, struct sb_diag *diag);
void sb_named_family_fini(struct sb_named_family *named);
/* --member=INDEX, or 'null', as what is hidden; where it was not given, *out is left alone. */
int sb_named_member(const struct sb_args *args, const struct sb_family *family,
                    struct sb_hidden *out, struct sb_diag *diag);

/* Is the operand KEY=VALUE? It is then cut in two in place (argv is ours to write to). */
bool sb_given_split(const char *operand, struct sb_given *out);

/* Declared parameters that have options of their names. */
struct sb_option_section {
    const char *where; /* "oracle stat" */
    const char *what;  /* who takes them, "oracle stat with policy exact" */
    const struct sb_param *const *tables;
    size_t n_tables;
    const char *const *options;
    size_t n_options;
};
/* Values from options as given, or their defaults where the tables declare them. -EINVAL: an option that
 * was given and is not taken, or a value that is none. */
int sb_options_values(const struct sb_args *args, const struct sb_option_section *section,
                      struct sb_values *out, struct sb_diag *diag);

#endif
