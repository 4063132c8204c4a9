/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs of help texts, found and filled. */
#include "cli/paragraphs.h"

#include <string.h>

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
    line += line_length(line);
    return *line ? line + 1 : line;
}

bool sb_paragraph_next(const char **text, struct sb_paragraph *out)
{
    const char *at = *text;
    const char *end;

    out->apart = *at == '\n';
    at += strspn(at, "\n");
    if (!*at)
        return false;
    out->text = at;
    out->verbatim = *at == ' ';
    end = at + line_length(at);
    at = next_line(at);
    while (!out->verbatim && *at && *at != '\n' && *at != ' ') {
        end = at + line_length(at);
        at = next_line(at);
    }
    out->n = (size_t)(end - out->text);
    *text = at;
    return true;
}

static size_t columns(const char *word, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)word[i] & 0xc0) != 0x80; /* UTF-8: first bytes only */
    return count;
}

static void put_indent(size_t indent, struct sb_buf *out)
{
    while (indent--)
        sb_buf_puts(out, " ");
}

static void fill(const struct sb_paragraph *p, size_t indent, size_t width, struct sb_buf *out)
{
    size_t column = 0;

    for (size_t i = 0; i < p->n;) {
        const size_t n = strcspn(p->text + i, " \n");
        const size_t wide = columns(p->text + i, n);

        if (column && column + 1 + wide > width) {
            sb_buf_puts(out, "\n");
            column = 0;
        }
        if (column)
            sb_buf_puts(out, " ");
        else
            put_indent(indent, out);
        column += (column ? 1 : indent) + wide;
        sb_buf_bytes(out, p->text + i, n);
        i += n;
        i += strspn(p->text + i, " \n");
    }
    sb_buf_puts(out, "\n");
}

void sb_fill(const char *text, size_t indent, size_t width, struct sb_buf *out)
{
    struct sb_paragraph p;

    while (sb_paragraph_next(&text, &p)) {
        if (p.apart)
            sb_buf_puts(out, "\n");
        if (!p.verbatim) {
            fill(&p, indent, width, out);
            continue;
        }
        put_indent(indent, out);
        sb_buf_bytes(out, p.text, p.n);
        sb_buf_puts(out, "\n");
    }
}
