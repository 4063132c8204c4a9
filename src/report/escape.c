/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from a database on its way into scripts and markup: one reader of UTF-8, and a table of
 * spellings for each language. */
#include "report/escape.h"

#include "base/memory.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

/* The next character of *s, which moves behind it; REPLACEMENT for a byte that begins none. */
static uint32_t next_character(const char **s)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = (const unsigned char *)*s;
    const unsigned n = p[0] < 0x80       ? 1
                       : p[0] >> 5 == 6  ? 2
                       : p[0] >> 4 == 14 ? 3
                       : p[0] >> 3 == 30 ? 4
                                         : 0;
    uint32_t c = n < 2 ? p[0] : p[0] & (0x7fu >> n);

    *s += 1;
    if (n == 0)
        return REPLACEMENT;
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return REPLACEMENT;
        c = c << 6 | (p[i] & 0x3fu);
    }
    *s += n - 1;
    return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? REPLACEMENT : c;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* Marks that turn the direction of the text behind them, and code points that are no character. */
static bool is_no_text(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
           (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

static void put_character(uint32_t c, struct sb_buf *out)
{
    const unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    sb_buf_u8(out, (uint8_t)(lead[n] | c >> 6 * (n - 1)));
    for (unsigned i = n - 1; i > 0; i--)
        sb_buf_u8(out, (uint8_t)(0x80 | ((c >> 6 * (i - 1)) & 0x3f)));
}

void sb_escape_line(const char *s, size_t most, struct sb_buf *out)
{
    for (size_t n = 1; *s; n++) {
        const uint32_t c = next_character(&s);

        if (most && n == most && *s) {
            sb_buf_puts(out, "...");
            return;
        }
        put_character(is_control(c) ? ' ' : is_no_text(c) ? REPLACEMENT : c, out);
    }
}

void sb_escape_comment(const char *s, struct sb_buf *out)
{
    sb_escape_line(s, 0, out);
    if (*s && s[strlen(s) - 1] == '\\')
        sb_buf_puts(out, ".");
}

/* How a language spells a character that means something in it. */
struct spelling {
    uint32_t character;
    const char *text;
};

static const char *spelt(const struct spelling *table, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].character == c)
            return table[i].text;
    return NULL;
}

void sb_escape_gnuplot(const char *s, struct sb_buf *out)
{
    struct sb_buf line;

    sb_buf_init(&line);
    sb_escape_line(s, 0, &line);
    sb_buf_puts(out, "'");
    for (const char *p = sb_buf_str(&line); p && *p; p++) {
        if (*p == '\'')
            sb_buf_puts(out, "'.\"'\".'");
        else
            sb_buf_bytes(out, p, 1);
        if (strncmp(p, "&#", 2) == 0 || strncmp(p, "]>", 2) == 0)
            sb_buf_puts(out, " ");
    }
    sb_buf_puts(out, "'");
    out->failed = out->failed || line.failed;
    sb_buf_fini(&line);
}

void sb_escape_latex(const char *s, struct sb_buf *out)
{
    static const struct spelling table[] = {
        { '\\', "\\textbackslash{}" },
        { '{', "\\{" },
        { '}', "\\}" },
        { '$', "\\$" },
        { '&', "\\&" },
        { '#', "\\#" },
        { '%', "\\%" },
        { '_', "\\_" },
        { '^', "\\^{}" },
        { '~', "\\~{}" },
        { '<', "$<$" },
        { '>', "$>$" },
        { '|', "$|$" },
        { '"', "''" },
        { 0x3c4, "$\\tau$" },
        { 0x2264, "$\\le$" },
    };

    while (*s) {
        const uint32_t c = next_character(&s);
        const char *text = spelt(table, SB_COUNT(table), c);

        if (text)
            sb_buf_puts(out, text);
        else
            put_character(is_control(c) ? ' ' : c < 0x7f ? c : '?', out);
    }
}

void sb_escape_html(const char *s, struct sb_buf *out)
{
    static const struct spelling table[] = {
        { '&', "&amp;" },  { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
        { '\'', "&#39;" }, { '\n', "\n" },  { '\t', "\t" },
    };

    while (*s) {
        const uint32_t c = next_character(&s);
        const char *text = spelt(table, SB_COUNT(table), c);

        if (text)
            sb_buf_puts(out, text);
        else
            put_character(is_control(c) ? ' ' : is_no_text(c) ? REPLACEMENT : c, out);
    }
}

void sb_escape_shell(const char *word, struct sb_buf *out)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+,:@%";
    const bool quoted = word[strspn(word, plain)] != '\0';

    sb_buf_puts(out, quoted ? "'" : "");
    for (; *word; word++)
        if (*word == '\'')
            sb_buf_puts(out, "'\\''");
        else
            sb_buf_bytes(out, word, 1);
    sb_buf_puts(out, quoted ? "'" : "");
}
