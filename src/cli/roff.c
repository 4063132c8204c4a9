/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages: roff with the macros of man(7). */
#include "cli/roff.h"

#include "cli/paragraphs.h"
#include "config.h"

#include <ctype.h>
#include <string.h>

/* What roff would set as something else than the ASCII that was meant. */
static const char *escape(char c)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

void sb_roff_text(const char *text, size_t n, struct sb_buf *out)
{
    if (n && (*text == '.' || *text == '\''))
        sb_buf_puts(out, "\\&"); /* at the beginning of a line it would be a request */
    for (size_t i = 0; i < n; i++) {
        const char *escaped = escape(text[i]);

        if (escaped)
            sb_buf_puts(out, escaped);
        else
            sb_buf_bytes(out, text + i, 1);
    }
}

void sb_roff_puts(const char *text, struct sb_buf *out)
{
    sb_roff_text(text, strlen(text), out);
}

void sb_roff_begin(const char *title, char section, const char *name, const char *summary,
                   struct sb_buf *out)
{
    sb_buf_printf(out,
                  ".\\\" Printed by statbed man.\n"
                  ".TH %s %c \"\" \"statbed " SB_VERSION "\" \"statbed manual\"\n"
                  ".nh\n.ad l\n",
                  title, section);
    sb_roff_section("NAME", out);
    sb_roff_puts(name, out);
    sb_buf_puts(out, " \\- ");
    sb_roff_puts(summary, out);
    sb_buf_puts(out, "\n");
}

void sb_roff_section(const char *title, struct sb_buf *out)
{
    sb_buf_printf(out, ".SH %s\n", title);
}

void sb_roff_subsection(const char *title, struct sb_buf *out)
{
    sb_buf_puts(out, ".SS ");
    sb_roff_puts(title, out);
    sb_buf_puts(out, "\n");
}

void sb_roff_term(const char *term, struct sb_buf *out)
{
    sb_buf_puts(out, ".TP\n\\fB");
    sb_roff_puts(term, out);
    sb_buf_puts(out, "\\fR\n");
}

/* Does it begin with a word, and not with a formula or a file's name? */
static bool begins_with_word(const char *text)
{
    const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

    return n && strchr(" ,;", text[n]) && text[n];
}

void sb_roff_sentence(const char *text, struct sb_buf *out)
{
    const size_t n = strlen(text);
    const char first = (char)toupper((unsigned char)*text);
    const size_t taken = begins_with_word(text);

    if (!n)
        return;
    sb_buf_bytes(out, &first, taken);
    sb_roff_text(text + taken, n - taken, out);
    sb_buf_puts(out, strchr(".?!", text[n - 1]) ? "\n" : ".\n");
}

/* Lines of a paragraph, each safe at its beginning. */
static void put_lines(const char *text, size_t n, struct sb_buf *out)
{
    while (n) {
        const char *end = memchr(text, '\n', n);
        const size_t length = end ? (size_t)(end - text) : n;

        sb_roff_text(text, length, out);
        sb_buf_puts(out, "\n");
        text += length + (end != NULL);
        n -= length + (end != NULL);
    }
}

void sb_roff_paragraphs(const char *text, struct sb_buf *out)
{
    struct sb_paragraph p;
    bool verbatim = false, first = true;

    while (sb_paragraph_next(&text, &p)) {
        const size_t indent = p.verbatim && p.n > 2 && p.text[1] == ' ' ? 2 : 0; /* the help's */

        if (verbatim && !p.verbatim)
            sb_buf_puts(out, ".fi\n");
        if (!first && (p.apart || verbatim != p.verbatim))
            sb_buf_puts(out, ".PP\n");
        if (!verbatim && p.verbatim)
            sb_buf_puts(out, ".nf\n");
        put_lines(p.text + indent, p.n - indent, out);
        verbatim = p.verbatim;
        first = false;
    }
    if (verbatim)
        sb_buf_puts(out, ".fi\n");
}
