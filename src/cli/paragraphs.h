/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts as verbs declare them: paragraphs that may be broken anywhere, with empty lines between,
 * and lines that begin with a blank, which stay as they are. */
#ifndef SB_CLI_PARAGRAPHS_H
#define SB_CLI_PARAGRAPHS_H

#include "base/buffer.h"

struct sb_paragraph {
    const char *text; /* borrowed; n bytes */
    size_t n;
    bool verbatim; /* one line, without its end */
    bool apart;    /* an empty line stands before it */
};
/* *text moves behind it; false at the end. */
bool sb_paragraph_next(const char **text, struct sb_paragraph *out);

/* The text, filled up to `width` columns, each line indented; verbatim lines are indented only. */
void sb_fill(const char *text, size_t indent, size_t width, struct sb_buf *out);

#endif
