/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages: roff with the macros of man(7). */
#ifndef SB_CLI_ROFF_H
#define SB_CLI_ROFF_H

#include "base/buffer.h"

/* "STATBED-RUN", '1': the page's first lines, and NAME. There is no date, so that a page depends on
 * nothing but statbed. */
void sb_roff_begin(const char *title, char section, const char *name, const char *summary,
                   struct sb_buf *out);
void sb_roff_section(const char *title, struct sb_buf *out);
void sb_roff_subsection(const char *title, struct sb_buf *out);
/* Text within a line, escaped: what looks like a request, and ASCII that roff would set otherwise. */
void sb_roff_text(const char *text, size_t n, struct sb_buf *out);
void sb_roff_puts(const char *text, struct sb_buf *out);
/* Paragraphs (cli/paragraphs.h); verbatim lines stay as they are. */
void sb_roff_paragraphs(const char *text, struct sb_buf *out);
/* A term and what it means, a paragraph of its own; the term's font is bold. */
void sb_roff_term(const char *term, struct sb_buf *out);
/* As a sentence: with a capital, unless a formula or a name comes first, and a stop. */
void sb_roff_sentence(const char *text, struct sb_buf *out);

#endif
