/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing as a data file of plain columns and a gnuplot script that reads it: both complete, to
 * be edited and run by hand. */
#ifndef SB_REPORT_SCRIPT_H
#define SB_REPORT_SCRIPT_H

#include "report/figure.h"

/* What gnuplot writes. */
struct sb_picture {
    const char *name;   /* as --format has it */
    const char *ending; /* of its file, without the dot */
    const char *terminal;
    double unit;   /* of the terminal's size, an inch; 1: it is said in inches */
    int small;     /* size of the key's letters; 0: the document's */
    bool is_latex; /* texts are LaTeX */
    bool in_page;  /* caption and setting are the document's */
    /* Where the terminal writes the time: this text, and what replaces what follows it. */
    const char *time_mark, *time_text;
};
extern const struct sb_picture sb_pictures[];               /* ends with name NULL */
const struct sb_picture *sb_picture_find(const char *name); /* NULL: there is none */
/* svg for the report's page. */
extern const struct sb_picture sb_picture_inline;

/* The head of a .dat: what was read, and the command that writes it again. */
struct sb_script_source {
    const char *database, *command;
};
void sb_script_data(const struct sb_drawing *drawing, const struct sb_script_source *source,
                    struct sb_buf *out);
/* The script NAME.gp, which reads NAME.dat and writes NAME.ending, all in the current folder. */
void sb_script_commands(const struct sb_drawing *drawing, const struct sb_picture *picture,
                        const char *name, struct sb_buf *out);

#endif
