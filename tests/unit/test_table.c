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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_aligned),  cmocka_unit_test(csv_quotes),
        cmocka_unit_test(json_is_an_array), cmocka_unit_test(markdown_escapes),
        cmocka_unit_test(latex_escapes),    cmocka_unit_test(only_one_select),
        cmocka_unit_test(formats_by_name),  cmocka_unit_test(a_constant_setting_stands_above),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
