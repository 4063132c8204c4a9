/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: one file a verb, listed in meson.build. A verb declares its options and
 * operands; the parser, the usage text and the checks are made from that one declaration. Exit
 * codes: 0 fine, 1 the experiment or the comparison failed, 2 usage or input. */
#ifndef SB_CLI_CLI_H
#define SB_CLI_CLI_H

#include "base/buffer.h"
#include "base/diag.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdbool.h>

enum { SB_OPTIONS_MAX = 16, SB_OPERANDS_ANY = 1 << 30 };

struct sb_option {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes: a placeholder, "FILE.db", or the words "text|csv"; NULL: a
                             flag */
    const char *fallback; /* or NULL */
    const char *help;     /* one line */
    char letter;          /* also -j, -j N, -jN; 0: none */
};

/* The options of verbs that start learners, and of those that read results. */
#define SB_OPTION_ISOLATION                                                                        \
    {                                                                                              \
        "isolation", "seccomp|process|none", "seccomp",                                            \
            "how learners run: behind filters, in a process of their own, or in this one", 0       \
    }
#define SB_OPTION_DB(help)                                                                         \
    {                                                                                              \
        "db", "FILE.db", NULL, help, 0                                                             \
    }
/* What run and replay share (cli/jobs.h). */
#define SB_OPTION_JOBS                                                                             \
    { "jobs", "N", NULL, "so many cells at a time; default as many as there are CPUs to use",      \
      'j' },                                                                                       \
        { "keep-going", NULL, NULL, "whatever becomes of a cell, do the others (default)", 0 },    \
    {                                                                                              \
        "fail-fast", NULL, NULL, "begin no further cell once one did not end as it should", 0      \
    }
#define SB_OPTION_END                                                                              \
    {                                                                                              \
        NULL, NULL, NULL, NULL, 0                                                                  \
    }

/* Where a verb stands in statbed --help. */
enum sb_group {
    SB_GROUP_RESULTS = 0,
    SB_GROUP_RUN,
    SB_GROUP_LOOK,
    SB_GROUP_WRITE,
    SB_GROUP_SET_UP
};
struct sb_group_title {
    uint32_t group;
    const char *title;
};
extern const struct sb_group_title sb_groups[]; /* in the order of the help; NULL-titled end */

struct sb_args;
struct sb_verb {
    const char *name;
    uint32_t group;                  /* enum sb_group */
    const char *operands;            /* of placeholders (cli/placeholders.h); NULL: none */
    const char *summary;             /* one line */
    const struct sb_option *options; /* NULL-named end; at most SB_OPTIONS_MAX */
    size_t n_least, n_most;          /* operands */
    const char *notes;               /* further help: paragraphs (cli/paragraphs.h), or NULL */
    const char *examples;            /* lines, each indented by two */
    /* 0; 1: the experiment or comparison failed; 128 + a signal: ended by it (the exit code, too); a
     * negative errno with a message. */
    int (*main)(const struct sb_args *args, struct sb_diag *diag);
};
extern const struct sb_verb *const sb_verbs[]; /* NULL-ended; generated from the list */

/* A command line, taken apart. Everything in it is borrowed from argv. */
struct sb_args {
    const struct sb_verb *verb;
    const char *value[SB_OPTIONS_MAX]; /* by the option's place; NULL: not given; flags: "" */
    const char **operands;             /* owned array */
    size_t n_operands;
    bool help; /* --help or -h stood among them; nothing else was checked */
};
/* argv: what stands behind the verb. Takes --name=value, --name value, flags, and where an option
 * has a letter -j N and -jN; "--" ends options.
 * All mistakes are reported in one go. */
int sb_args_parse(const struct sb_verb *verb, int argc, char **argv, struct sb_args *out,
                  struct sb_diag *diag);
void sb_args_fini(struct sb_args *args);
/* The value given, else the fallback, else NULL. */
const char *sb_args_value(const struct sb_args *args, const char *name);
bool sb_args_given(const struct sb_args *args, const char *name);
/* The help of a verb, made from its declaration. */
void sb_usage(const struct sb_verb *verb, struct sb_buf *out);
/* Does its value have to be one of the words of "text|csv"? Not where they are placeholders. */
bool sb_option_has_words(const struct sb_option *option);
/* "-j N, --jobs=N" */
void sb_option_title(const struct sb_option *option, struct sb_buf *out);
/* The help of statbed: its verbs. */
#define SB_STATBED_IS                                                                              \
    "Simulates statistical-query oracles: runs learners against hard families, counts every "      \
    "query at its tolerance, and shows the proven bound beside it."
void sb_usage_all(struct sb_buf *out);

/* The options of verbs that print rows. */
#define SB_OPTION_FORMAT                                                                           \
    {                                                                                              \
        "format", "text|csv|json|markdown|latex", "text", "how it is written", 0                   \
    }
struct sb_store;
struct sb_rows;
/* Prints rows in --format, a piece at a time; text fits the terminal, else 120 columns. */
int sb_put_rows(const struct sb_args *args, struct sb_store *store, const struct sb_rows *rows,
                struct sb_diag *diag);
/* Characters of a line of text on standard output. */
size_t sb_line_width(void);

/* --isolation as enum sb_isolation. */
uint32_t sb_args_isolation(const struct sb_args *args);

/* The database to read: --db, else the only one in results/, else the newest there, and then a line
 * on standard error says which. *path_out is malloc'd. */
int sb_database_find(const char *given, char **path_out, struct sb_diag *diag);

/* " --db PATH", to be pasted into a shell, or "" where sb_database_find(NULL) would find this path;
 * malloc'd. */
char *sb_database_argument(const char *path);

/* Writes a buffer to standard output; -ENOMEM where it failed to grow. */
int sb_put(struct sb_buf *buf, struct sb_diag *diag);

#endif
