/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An SVG by gnuplot inside of a page. gnuplot names its parts the same in every file, and a name may
 * stand only once in a page. What stands between tags was escaped by gnuplot. */
#include "report/html.h"

#include <string.h>

/* Copies from *at to the first of `stop`, which it returns; the end where there is none. */
static const char *copy_to(const char **at, const char *stop, struct sb_buf *out)
{
    const char *found = strstr(*at, stop);
    const size_t n = found ? (size_t)(found - *at) : strlen(*at);

    sb_buf_bytes(out, *at, n);
    *at += n;
    return found;
}

/* Where one of its parts is named: id="x", id='x', href='#x', url(#x). */
static const char *const names[] = { "id=\"", "id='", "href='#", "url(#", NULL };

static size_t name_at(const char *p, const char *begin)
{
    if (p == begin || (p[-1] != ' ' && p[-1] != ':' && strncmp(p, "url(#", 5) != 0))
        return 0;
    for (size_t i = 0; names[i]; i++)
        if (strncmp(p, names[i], strlen(names[i])) == 0)
            return strlen(names[i]);
    return 0;
}

/* A tag with its names made the page's own. */
static const char *put_tag(const char *tag, const char *prefix, struct sb_buf *out)
{
    const char *end = strchr(tag, '>');
    const char *p = tag;

    if (!end)
        return tag + strlen(tag);
    while (p <= end) {
        const size_t n = name_at(p, tag);

        sb_buf_bytes(out, p, n ? n : 1);
        if (n)
            sb_buf_puts(out, prefix);
        p += n ? n : 1;
    }
    return p;
}

void sb_html_svg(const char *svg, const char *prefix, const char *alt, struct sb_buf *out)
{
    const char *at = strstr(svg, "<svg");

    if (!at)
        return;
    sb_buf_puts(out, "<svg role=\"img\" aria-label=\"");
    sb_html_text(out, alt);
    sb_buf_puts(out, "\"");
    at += strlen("<svg");
    while (copy_to(&at, "<", out)) {
        const char *skip = strncmp(at, "<title>", 7) == 0  ? "</title>"
                           : strncmp(at, "<desc>", 6) == 0 ? "</desc>"
                                                           : NULL;

        if (skip && strstr(at, skip))
            at = strstr(at, skip) + strlen(skip);
        else
            at = put_tag(at, prefix, out);
    }
}
