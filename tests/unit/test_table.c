/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A SELECT's result as a table, in every format. */
#include "unit.h"

#include "store/store.h"
#include "store/table.h"

#include <errno.h>
#include <math.h>

static struct sb_store *fresh(void)
{
    struct sb_store *store = NULL;

    assert_int_equal(sb_store_open(NULL, SB_STORE_MEMORY, &store, NULL), 0);
    return store;
}

static void prints_from(struct sb_store *store, const char *select, enum sb_table_format format,
                        const char *expected)
{
    struct sb_buf out;

    sb_buf_init(&out);
    assert_int_equal(sb_table_print(store, select, format, &out, NULL), 0);
    assert_string_equal(sb_buf_str(&out), expected);
    sb_buf_fini(&out);
}

static void prints(const char *select, enum sb_table_format format, const char *expected)
{
    struct sb_store *store = fresh();

    prints_from(store, select, format, expected);
    sb_store_close(store, NULL);
}

#define TWO_ROWS                                                                                   \
    "SELECT 'a' AS name, 1 AS n, 0.5 AS rate, NULL AS \"none\" UNION ALL SELECT 'bcdefg', NULL, "  \
    "-12.25, NULL"

static void text_is_aligned(void **state)
{
    (void)state;
    prints(TWO_ROWS, SB_TABLE_TEXT,
           "name    n    rate  none\n"
           "------  -  ------  ----\n"
           "a       1     0.5  -\n"
           "bcdefg  -  -12.25  -\n");
    /* one text makes a column one of texts; characters count, not bytes; no line breaks */
    prints("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 'm\xc3\xbc\xc3\xbc', 'l1' || char(10) || 'l2'",
           SB_TABLE_TEXT,
           "a    b\n"
           "---  -----\n"
           "1    x\n"
           "m\xc3\xbc\xc3\xbc  l1 l2\n");
    prints("SELECT 1 AS a WHERE 0", SB_TABLE_TEXT, "a\n-\n");
    prints("SELECT x'00ff' AS b, 1e999 AS i, -1e999 AS j, 1e20 AS k", SB_TABLE_TEXT,
           "b       i     j      k\n"
           "----  ---  ----  -----\n"
           "00ff  inf  -inf  1e+20\n");
}

static void csv_quotes(void **state)
{
    (void)state;
    prints(TWO_ROWS, SB_TABLE_CSV, "name,n,rate,none\r\na,1,0.5,\r\nbcdefg,,-12.25,\r\n");
    prints("SELECT 'a,b' AS \"x,y\", 'say \"hi\"' AS q, 'l1' || char(10) || 'l2' AS l, ' s ' AS s",
           SB_TABLE_CSV, "\"x,y\",q,l,s\r\n\"a,b\",\"say \"\"hi\"\"\",\"l1\nl2\", s \r\n");
}

static void json_is_an_array(void **state)
{
    (void)state;
    prints(TWO_ROWS, SB_TABLE_JSON,
           "[\n {\"name\": \"a\", \"n\": 1, \"rate\": 0.5, \"none\": null},\n"
           " {\"name\": \"bcdefg\", \"n\": null, \"rate\": -12.25, \"none\": null}\n]\n");
    prints("SELECT 1 WHERE 0", SB_TABLE_JSON, "[]\n");
    prints("SELECT 'a\"b\\' || char(10) AS t, 1e999 AS i, '1' AS s", SB_TABLE_JSON,
           "[\n {\"t\": \"a\\\"b\\\\\\u000a\", \"i\": null, \"s\": \"1\"}\n]\n");
}

static void markdown_escapes(void **state)
{
    (void)state;
    prints(TWO_ROWS, SB_TABLE_MARKDOWN,
           "| name | n | rate | none |\n|---|---:|---:|---|\n"
           "| a | 1 | 0.5 | - |\n| bcdefg | - | -12.25 | - |\n");
    prints("SELECT 'a|b' || char(10) || '*c_d' AS t", SB_TABLE_MARKDOWN,
           "| t |\n|---|\n| a\\|b \\*c\\_d |\n");
}

static void latex_escapes(void **state)
{
    (void)state;
    prints(TWO_ROWS, SB_TABLE_LATEX,
           "% \\usepackage{booktabs}\n\\begin{tabular}{lrrl}\n\\toprule\n"
           "name & n & rate & none \\\\\n\\midrule\n"
           "a & 1 & 0.5 & -- \\\\\nbcdefg & -- & -12.25 & -- \\\\\n"
           "\\bottomrule\n\\end{tabular}\n");
    prints("SELECT '[1] a_b & 5% $x$ #1 {} ~ ^ \\ < > |' AS a_b", SB_TABLE_LATEX,
           "% \\usepackage{booktabs}\n\\begin{tabular}{l}\n\\toprule\na\\_b \\\\\n\\midrule\n"
           "{}[1] a\\_b \\& 5\\% \\$x\\$ \\#1 \\{\\} \\textasciitilde{} \\textasciicircum{} "
           "\\textbackslash{} \\textless{} \\textgreater{} \\textbar{} \\\\\n"
           "\\bottomrule\n\\end{tabular}\n");
}

static void only_one_select(void **state)
{
    static const char *const bad[] = {
        "DELETE FROM run", "SELECT 1; SELECT 2",      "",
        "SELEC 1",         "SELECT nothing FROM run", "PRAGMA user_version = 3"
    };
    struct sb_store *store = fresh();
    struct sb_buf out;

    (void)state;
    sb_buf_init(&out);
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        struct sb_diag diag;

        sb_diag_init(&diag);
        if (sb_table_print(store, bad[i], SB_TABLE_TEXT, &out, &diag) != -EINVAL)
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(diag.n_items, 1);
        assert_int_equal(out.n, 0);
        sb_diag_fini(&diag);
    }
    sb_buf_fini(&out);
    prints_from(store, "SELECT 1 AS a ; \n", SB_TABLE_CSV, "a\r\n1\r\n");
    sb_store_close(store, NULL);
}

static void formats_by_name(void **state)
{
    enum sb_table_format format = SB_TABLE_TEXT;
    struct sb_diag diag;

    (void)state;
    for (size_t i = 0; sb_table_format_names[i]; i++) {
        assert_int_equal(sb_table_format(sb_table_format_names[i], &format, NULL), 0);
        assert_int_equal(format, i);
    }
    assert_int_equal(format, SB_TABLE_LATEX);
    sb_diag_init(&diag);
    assert_int_equal(sb_table_format("jsn", &format, &diag), -EINVAL);
    assert_non_null(strstr(diag.items[0].text, "did you mean 'json'"));
    sb_diag_fini(&diag);
}

static void prints_view(struct sb_store *store, const struct sb_view *view,
                        enum sb_table_format format, size_t line, const char *expected)
{
    const struct sb_select select = { .view = view };
    const struct sb_table_style style = { .format = format, .line = line };
    struct sb_rows rows = { 0 };
    struct sb_buf out;

    sb_buf_init(&out);
    assert_int_equal(sb_rows_of_view(store, &select, &rows, NULL), 0);
    assert_int_equal(sb_table_write(store, &rows, &style, &out, NULL), 0);
    assert_string_equal(sb_buf_str(&out), expected);
    sb_buf_fini(&out);
    sb_rows_fini(&rows);
}

static void a_constant_setting_stands_above(void **state)
{
    static const struct sb_view view = {
        "v", "s",
        "SELECT 'a' AS same, i AS n, NULL AS never, 'l1' || char(10) || 'l2' AS flat, 7 AS seven,"
        " 1 AS result FROM (SELECT 1 AS i UNION ALL SELECT 20)",
        5
    };
    static const struct sb_view all = { "v", "s", "SELECT 'a' AS same, 2 AS n", 1 };
    static const struct sb_view none = { "v", "s", "SELECT 'a' AS same, 2 AS n WHERE 0", 1 };
    static const struct sb_view wide = {
        "v", "s", "SELECT printf('%.60c', 'x') AS a, printf('%.60c', 'y') AS b, 'z' AS c, 1 AS n", 3
    };
    struct sb_store *store = fresh();

    (void)state;
    prints_view(store, &view, SB_TABLE_TEXT, 0,
                "same a, flat l1 l2, seven 7\n\n"
                " n  result\n"
                "--  ------\n"
                " 1       1\n"
                "20       1\n");
    prints_view(store, &view, SB_TABLE_CSV, 0,
                "same,n,never,flat,seven,result\r\n"
                "a,1,,\"l1\nl2\",7,1\r\na,20,,\"l1\nl2\",7,1\r\n");
    prints_view(store, &all, SB_TABLE_TEXT, 0, "same a\n\nn\n-\n2\n");
    prints_view(store, &none, SB_TABLE_TEXT, 0, "same  n\n----  -\n");
    prints_view(store, &wide, SB_TABLE_TEXT, 0,
                "a xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,\n"
                "b yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy, c z\n\n"
                "n\n-\n1\n");
    sb_store_close(store, NULL);
}

/* What is too wide: empty columns are named, columns set closer, constants go above from the last
 * on, long texts are folded to 12 characters at least. */
static void wide_text_fits_its_line(void **state)
{
    static const struct sb_view wide = {
        "v", "s",
        "SELECT i, 'a long text-of words, ' || i AS t, NULL AS never, 7 AS seven, i * 10 AS x, "
        "'same' AS same FROM (SELECT 1 AS i UNION ALL SELECT 20)",
        1
    };
    static const struct sb_view one = { "v", "s", "SELECT 1 AS i, 'some words to fold' AS t", 1 };
    static const char folded[] = "seven 7, same same\nwithout a value: never\n\n"
                                 " i t                  x\n"
                                 "-- ---------------- ---\n"
                                 " 1 a long text-of    10\n"
                                 "   words, 1\n"
                                 "20 a long text-of   200\n"
                                 "   words, 20\n";
    struct sb_store *store = fresh();

    (void)state;
    prints_view(store, &wide, SB_TABLE_TEXT, 53,
                " i  t                         never  seven    x  same\n"
                "--  ------------------------  -----  -----  ---  ----\n"
                " 1  a long text-of words, 1   -          7   10  same\n"
                "20  a long text-of words, 20  -          7  200  same\n");
    prints_view(store, &wide, SB_TABLE_TEXT, 52,
                "without a value: never\n\n"
                " i  t                         seven    x  same\n"
                "--  ------------------------  -----  ---  ----\n"
                " 1  a long text-of words, 1       7   10  same\n"
                "20  a long text-of words, 20      7  200  same\n");
    prints_view(store, &wide, SB_TABLE_TEXT, 41,
                "same same\nwithout a value: never\n\n"
                " i t                        seven   x\n"
                "-- ------------------------ ----- ---\n"
                " 1 a long text-of words, 1      7  10\n"
                "20 a long text-of words, 20     7 200\n");
    prints_view(store, &wide, SB_TABLE_TEXT, 23, folded);
    prints_view(store, &wide, SB_TABLE_TEXT, 1,
                "seven 7,\nsame same\nwithout a value: never\n\n"
                " i t              x\n"
                "-- ------------ ---\n"
                " 1 a long text-  10\n"
                "   of words, 1\n"
                "20 a long text- 200\n"
                "   of words, 20\n");
    prints_view(store, &wide, SB_TABLE_CSV, 23,
                "i,t,never,seven,x,same\r\n1,\"a long text-of words, 1\",,7,10,same\r\n"
                "20,\"a long text-of words, 20\",,7,200,same\r\n");
    prints_view(store, &one, SB_TABLE_TEXT, 9, "i 1\n\nt\n------------\nsome words\nto fold\n");
    sb_store_close(store, NULL);
}

/* Folding loses no character, wherever a line may be broken, and every line ends in time. */
static void folded_text_is_whole(void **state)
{
    static const char text[] = "m\xc3\xbc\xc3\xbcllerstra\xc3\x9f"
                               "e-and,so;on forever-and-ever to the end";
    char *sql = sb_printf("SELECT '%s' AS t", text);
    const struct sb_view view = { "v", "s", sql, 0 };
    const struct sb_select select = { .view = &view };
    struct sb_store *store = fresh();

    (void)state;
    for (size_t line = 16; line < 50; line++) {
        const struct sb_table_style style = { .line = line };
        struct sb_rows rows = { 0 };
        struct sb_buf out, joined;
        char *at;

        sb_buf_init(&out);
        sb_buf_init(&joined);
        assert_int_equal(sb_rows_of_view(store, &select, &rows, NULL), 0);
        assert_int_equal(sb_table_write(store, &rows, &style, &out, NULL), 0);
        sb_buf_str(&out);
        at = strchr(strchr((char *)out.data, '\n') + 1, '\n') + 1;
        for (char *piece = strsep(&at, "\n"); piece && *piece; piece = strsep(&at, "\n")) {
            assert_true(strlen(piece) <= line + 3); /* three letters have two bytes */
            sb_buf_puts(&joined, piece);
            if (strncmp(text + joined.n, " ", 1) == 0)
                sb_buf_puts(&joined, " "); /* the blank that a line was broken at */
        }
        assert_string_equal(sb_buf_str(&joined), text);
        sb_buf_fini(&joined);
        sb_buf_fini(&out);
        sb_rows_fini(&rows);
    }
    free(sql);
    sb_store_close(store, NULL);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    prints("SELECT CAST(x'61ff62c328e282ac00c0af' AS TEXT) AS t", SB_TABLE_JSON,
           "[\n {\"t\": \"a\xef\xbf\xbd"
           "b\xef\xbf\xbd(\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}\n]\n");
}

static size_t n_pieces, n_bytes, most_bytes;

static int take_piece(struct sb_buf *piece, struct sb_diag *diag)
{
    (void)diag;
    n_pieces++;
    n_bytes += piece->n;
    most_bytes = piece->n > most_bytes ? piece->n : most_bytes;
    return n_pieces < 12 ? 0 : -EIO;
}

#define MANY(n)                                                                                    \
    "WITH RECURSIVE i(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM i WHERE i < " n ") "            \
    "SELECT 1000000 + i AS number, 'some text' AS t FROM i"

/* A row of csv has 19 bytes here. Pieces are small; the first that is not taken ends it. */
static void rows_are_written_in_pieces(void **state)
{
    const struct sb_table_style style = { .format = SB_TABLE_CSV, .put = take_piece };
    struct sb_store *store = fresh();
    struct sb_rows rows = { 0 };
    struct sb_buf out;

    (void)state;
    sb_buf_init(&out);
    assert_int_equal(sb_rows_of_sql(store, "f", MANY("20000"), &rows, NULL), 0);
    assert_int_equal(sb_table_write(store, &rows, &style, &out, NULL), 0);
    assert_int_equal(n_bytes, strlen("number,t\r\n") + 20000 * 19);
    assert_in_range(n_pieces, 5, 10);
    assert_in_range(most_bytes, 1, 1 << 17);
    assert_int_equal(out.n, 0);
    sb_rows_fini(&rows);
    assert_int_equal(sb_rows_of_sql(store, "f", MANY("1000000"), &rows, NULL), 0);
    assert_int_equal(sb_table_write(store, &rows, &style, &out, NULL), -EIO);
    assert_int_equal(n_pieces, 12);
    sb_rows_fini(&rows);
    sb_buf_fini(&out);
    sb_store_close(store, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_aligned),
        cmocka_unit_test(csv_quotes),
        cmocka_unit_test(json_is_an_array),
        cmocka_unit_test(markdown_escapes),
        cmocka_unit_test(latex_escapes),
        cmocka_unit_test(only_one_select),
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(a_constant_setting_stands_above),
        cmocka_unit_test(wide_text_fits_its_line),
        cmocka_unit_test(folded_text_is_whole),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(rows_are_written_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
