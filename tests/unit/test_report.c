/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on its way into scripts and markup, and an SVG on its way into a page. */
#include "report/escape.h"
#include "report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The text that an escape makes, compared with what it should be. */
#define ESCAPES(call, wanted)                                                                      \
    do {                                                                                           \
        struct sb_buf out;                                                                         \
                                                                                                   \
        sb_buf_init(&out);                                                                         \
        call;                                                                                      \
        assert_string_equal(sb_buf_str(&out), wanted);                                             \
        sb_buf_fini(&out);                                                                         \
    } while (0)

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void lines_are_utf8_without_controls(void **state)
{
    (void)state;
    ESCAPES(sb_escape_line("a\n\tb\x1b[1m\x7f", 0, &out), "a  b [1m ");
    ESCAPES(sb_escape_line("\xcf\x84\xe2\x89\xa4\xf0\x9f\x98\x80", 0, &out),
            "\xcf\x84\xe2\x89\xa4\xf0\x9f\x98\x80");
    /* Cut off, overlong, a surrogate, beyond the last one, a lone continuation. */
    ESCAPES(sb_escape_line("\xcf", 0, &out), BAD);
    ESCAPES(sb_escape_line("\xc0\xaf", 0, &out), BAD);
    ESCAPES(sb_escape_line("\xed\xa0\x80", 0, &out), BAD);
    ESCAPES(sb_escape_line("\xf4\x90\x80\x80", 0, &out), BAD);
    ESCAPES(sb_escape_line("\x80z", 0, &out), BAD "z");
    /* C1 controls, line separators, turned text, no character. */
    ESCAPES(sb_escape_line("\xc2\x85\xe2\x80\xa8", 0, &out), "  ");
    ESCAPES(sb_escape_line("\xe2\x80\xae\xef\xbf\xbf", 0, &out), BAD BAD);
    ESCAPES(sb_escape_line("abcdef", 4, &out), "abc...");
    ESCAPES(sb_escape_line("abcd", 4, &out), "abcd");
    ESCAPES(sb_escape_line("", 4, &out), "");
}

static void no_text_ends_its_string(void **state)
{
    (void)state;
    ESCAPES(sb_escape_gnuplot("it's", &out), "'it'.\"'\".'s'");
    ESCAPES(sb_escape_gnuplot("''`$@\\", &out), "''.\"'\".''.\"'\".'`$@\\'");
    ESCAPES(sb_escape_gnuplot("&#65;]]>", &out), "'& #65;]] >'");
    ESCAPES(sb_escape_comment("a\nset\\", &out), "a set\\.");
    ESCAPES(sb_escape_latex("\\{}$&#%_^~<\xcf\x84\xc3\xa9", &out),
            "\\textbackslash{}\\{\\}\\$\\&\\#\\%\\_\\^{}\\~{}$<$$\\tau$?");
    ESCAPES(sb_escape_html("<a b=\"c\" d='e'>&\n\x01", &out),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\n ");
    ESCAPES(sb_escape_shell("plain=1", &out), "'plain=1'");
    ESCAPES(sb_escape_shell("it's", &out), "'it'\\''s'");
    ESCAPES(sb_escape_shell("results/a.db", &out), "results/a.db");
}

static void names_in_an_svg_are_the_pages_own(void **state)
{
    static const char svg[] =
        "<?xml version=\"1.0\"?>\n<svg \n width=\"1\">\n<title>a</title><desc>b</desc>"
        "<g id=\"p\"><use xlink:href='#x' id='y'/></g><text>id='z' #x</text>"
        "<path fill='url(#x)'/></svg>\n";

    (void)state;
    ESCAPES(sb_html_svg(svg, "f1-", "a \"b\"", &out),
            "<svg role=\"img\" aria-label=\"a &quot;b&quot;\" \n width=\"1\">\n"
            "<g id=\"f1-p\"><use xlink:href='#f1-x' id='f1-y'/></g><text>id='z' #x</text>"
            "<path fill='url(#f1-x)'/></svg>\n");
    ESCAPES(sb_html_svg("no picture", "f", "a", &out), "");
    ESCAPES(sb_html_svg("<svg><title>open", "f", "a", &out),
            "<svg role=\"img\" aria-label=\"a\"><title>open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_utf8_without_controls),
        cmocka_unit_test(no_text_ends_its_string),
        cmocka_unit_test(names_in_an_svg_are_the_pages_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
