/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from a database on its way into scripts and markup. Whatever bytes it has, it stays text
 * there. Appends; failures are the buffer's. */
#ifndef SB_REPORT_ESCAPE_H
#define SB_REPORT_ESCAPE_H

#include "base/buffer.h"

/* Valid UTF-8 on one line: control characters become blanks, bytes that are no character U+FFFD.
 * At most `most` characters, then "..."; 0: all. */
void sb_escape_line(const char *s, size_t most, struct sb_buf *out);
/* A comment's line in a .dat or .gp: as above; it cannot end in a backslash, which would join the
 * next line. */
void sb_escape_comment(const char *s, struct sb_buf *out);
/* A string expression of gnuplot's, of parts in single quotes, in which nothing is expanded, joined
 * by apostrophes in double quotes: two pairs '' in a row, its other spelling, end the string in
 * gnuplot 5.4. "&#" and "]>" get a blank between them: its SVG
 * passes both on as they are, and they mean something there. */
void sb_escape_gnuplot(const char *s, struct sb_buf *out);
/* Text of LaTeX: what is special there is spelt out; characters that a plain document may not know
 * become '?'. */
void sb_escape_latex(const char *s, struct sb_buf *out);
/* HTML, as text and inside of double quotes. Line ends and tabs stay. */
void sb_escape_html(const char *s, struct sb_buf *out);

/* A word of a shell's command, in quotes where it needs them. */
void sb_escape_shell(const char *word, struct sb_buf *out);

#endif
