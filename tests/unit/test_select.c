/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters, columns, order and limit of a view, and what is taken of a user's own SQL. */
#include "unit.h"

#include "store/store.h"
#include "store/table.h"

#include <errno.h>

static const struct sb_view view = {
    "v", "s",
    "SELECT column1 AS name, column2 AS dim, column3 AS rate, column4 AS other FROM (VALUES "
    "('bent', 8, 0.5, NULL), ('bent', 10, 1.0, 'a=1'), ('plain', 8, NULL, 'a,b'), "
    "('10', 12, 0.25, ''), ('x''y', 10, 0.75, '8')) ORDER BY dim, name DESC",
    2
};

static struct sb_store *fresh(void)
{
    struct sb_store *store = NULL;

    assert_int_equal(sb_store_open(NULL, SB_STORE_MEMORY, &store, NULL), 0);
    return store;
}

/* Of all that only reads. */
static struct sb_store *empty;

/* The names of the rows that are found, with blanks between them; the message where it fails. */
static void finds(const struct sb_select *select, int error, const char *expected)
{
    struct sb_rows rows = { 0 };
    struct sb_diag diag;
    char found[512] = "";

    sb_diag_init(&diag);
    assert_int_equal(sb_rows_of_view(empty, select, &rows, &diag), error);
    assert_int_equal(diag.n_items, error != 0);
    while (!error && sqlite3_step(rows.stmt) == SQLITE_ROW) {
        strcat(found, *found ? " " : "");
        strcat(found, (const char *)sqlite3_column_text(rows.stmt, 0));
    }
    if (error && !strstr(diag.items[0].text, expected))
        fail_msg("'%s' is not in '%s'", expected, diag.items[0].text);
    if (!error)
        assert_string_equal(found, expected);
    sb_rows_fini(&rows);
    sb_diag_fini(&diag);
}

static void filters(const char *a, const char *b, int error, const char *expected)
{
    const char *const all[] = { a, b };
    const struct sb_select select = { .view = &view, .filters = all, .n_filters = b ? 2 : 1 };

    finds(&select, error, expected);
}

/* In the view's order: plain bent, x'y bent, 10. */
static void filters_compare_like_with_like(void **state)
{
    (void)state;
    finds(&(struct sb_select){ .view = &view }, 0, "plain bent x'y bent 10");
    filters("dim=8", NULL, 0, "plain bent");
    filters("dim=8.0", NULL, 0, "plain bent");
    filters("dim=8,12", NULL, 0, "plain bent 10");
    filters("dim!=8,12", NULL, 0, "x'y bent");
    filters("dim<10", NULL, 0, "plain bent");
    filters("dim<=1e1", NULL, 0, "plain bent x'y bent");
    filters("dim>10", NULL, 0, "10");
    filters("dim>=10", NULL, 0, "x'y bent 10");
    filters("dim>=10", "rate<1", 0, "x'y 10");
    filters("rate>-1", NULL, 0, "bent x'y bent 10");
    filters("rate=0.75", NULL, 0, "x'y");
    filters("rate!=0.75", NULL, 0, "plain bent bent 10");
    filters("rate=", NULL, 0, "plain");
    filters("rate!=", NULL, 0, "bent x'y bent 10");
    filters("rate=,1", NULL, 0, "plain bent");
    filters("name=bent", NULL, 0, "bent bent");
    filters("name=10", NULL, 0, "10");
    filters("name!=10", NULL, 0, "plain bent x'y bent");
    filters("name=x'y", NULL, 0, "x'y");
    filters("name<c", NULL, 0, "bent bent 10");
    filters("name<5", NULL, 0, "");  /* no number is a name */
    filters("dim<abc", NULL, 0, ""); /* and no text a dimension */
    filters("dim>abc", NULL, 0, "");
    filters("other=8", NULL, 0, "x'y");
    filters("other=", NULL, 0, "bent 10"); /* NULL, and empty */
    filters("other=a\\,b", NULL, 0, "plain");
    filters("other=a,b", NULL, 0, "");
    filters("other~a", NULL, 0, "plain bent");
    filters("other~1,8", NULL, 0, "x'y bent");
    filters("other=a=1", NULL, 0, "bent");
    filters("name~en", NULL, 0, "bent bent");
    filters("name~EN", NULL, 0, "");
    filters("dim~1", NULL, 0, "x'y bent 10");
}

static void values_are_never_sql(void **state)
{
    (void)state;
    filters("name=' OR 1 --", NULL, 0, "");
    filters("name=\"name\"", NULL, 0, "");
    filters("name~') OR (1", NULL, 0, "");
    filters("name=?1", NULL, 0, "");
    filters("name\"=1", NULL, -EINVAL, "v has no column 'name\"'");
}

static void mistakes_of_filters(void **state)
{
    (void)state;
    filters("dm=8", NULL, -EINVAL,
            "v has no column 'dm', but name, dim, rate, other; did you mean 'dim'?");
    filters("=8", NULL, -EINVAL, "v has no column ''");
    filters("dim", NULL, -EINVAL, "'dim' is no filter");
    filters("dim!8", NULL, -EINVAL, "'dim!8' is no filter");
    filters("dim=>8", NULL, -EINVAL, "did you mean 'dim>=8'?");
    filters("dim=<8", NULL, -EINVAL, "did you mean 'dim<=8'?");
    filters("dim==8", NULL, -EINVAL, "did you mean 'dim=8'?");
    filters("dim<>8", NULL, -EINVAL, "did you mean 'dim!=8'?");
    filters("learner=~bent", NULL, -EINVAL, "did you mean 'learner~bent'?");
    filters("dim<", NULL, -EINVAL, "lacks a value");
    filters("name~", NULL, -EINVAL, "lacks a value");
    filters("dim=8", "dmi=9", -EINVAL, "did you mean 'dim'?");
    assert_true(sb_is_filter("dim=8"));
    assert_true(sb_is_filter("x!8"));
    assert_false(sb_is_filter("run_summary"));
}

static void order_and_limit(void **state)
{
    static const uint64_t none = 0, two = 2, most = UINT64_MAX;

    (void)state;
    finds(&(struct sb_select){ .view = &view, .sort = "name" }, 0, "10 bent bent plain x'y");
    finds(&(struct sb_select){ .view = &view, .sort = "-rate" }, 0, "bent x'y bent 10 plain");
    finds(&(struct sb_select){ .view = &view, .sort = "rate" }, 0, "10 bent x'y bent plain");
    finds(&(struct sb_select){ .view = &view, .sort = "-dim,name" }, 0, "10 bent x'y bent plain");
    finds(&(struct sb_select){ .view = &view, .sort = "-dim" }, 0, "10 x'y bent plain bent");
    finds(&(struct sb_select){ .view = &view, .sort = "dim", .limit = &two }, 0, "plain bent");
    finds(&(struct sb_select){ .view = &view, .limit = &none }, 0, "");
    finds(&(struct sb_select){ .view = &view, .limit = &most }, 0, "plain bent x'y bent 10");
    finds(&(struct sb_select){ .view = &view, .sort = "--dim" }, -EINVAL, "no column '-dim'");
    finds(&(struct sb_select){ .view = &view, .sort = "" }, -EINVAL, "no column ''");
    finds(&(struct sb_select){ .view = &view, .sort = "dim," }, -EINVAL, "no column ''");
}

static void columns_are_chosen(void **state)
{
    const struct sb_select select = { .view = &view, .columns = "rate,dim", .sort = "name" };
    struct sb_store *store = fresh();
    struct sb_rows rows = { 0 };

    (void)state;
    assert_int_equal(sb_rows_of_view(store, &select, &rows, NULL), 0);
    assert_int_equal(sqlite3_column_count(rows.stmt), 2);
    assert_string_equal(sqlite3_column_name(rows.stmt, 0), "rate");
    assert_string_equal(sqlite3_column_name(rows.stmt, 1), "dim");
    assert_int_equal(rows.setting, 2); /* dim alone is of the setting */
    sb_rows_fini(&rows);
    sb_store_close(store, NULL);
    finds(&(struct sb_select){ .view = &view, .columns = "name,nam" }, -EINVAL, "'name'?");
    finds(&(struct sb_select){ .view = &view, .columns = "dim,dim" }, -EINVAL, "named twice");
    finds(&(struct sb_select){ .view = &view, .columns = "" }, -EINVAL, "no column ''");
}

/* A filter on the run reaches the key, not a scan. */
static void transcript_is_searched(void **state)
{
    static const char *const filter[] = { "run=8" };
    struct sb_select select = { .filters = filter, .n_filters = 1 };
    struct sb_store *store = fresh();
    struct sb_rows rows = { 0 };
    struct sb_buf plan;
    char *explain;

    (void)state;
    assert_int_equal(sb_rows_view("transcript", &select.view, NULL), 0);
    assert_int_equal(sb_rows_of_view(store, &select, &rows, NULL), 0);
    explain = sb_printf("EXPLAIN QUERY PLAN %s", sqlite3_sql(rows.stmt));
    sb_buf_init(&plan);
    assert_int_equal(sb_table_print(store, explain, SB_TABLE_CSV, &plan, NULL), 0);
    assert_null(strstr(sb_buf_str(&plan), "SCAN"));
    sb_buf_fini(&plan);
    free(explain);
    sb_rows_fini(&rows);
    sb_store_close(store, NULL);
}

/* --- SQL of the user's --- */

/* NULL: it is taken, and gives a row. */
static void sql_gives(struct sb_store *store, const char *sql, const char *message)
{
    struct sb_rows rows = { 0 };
    struct sb_diag diag;
    char *line;

    sb_diag_init(&diag);
    if (!message) {
        assert_int_equal(sb_rows_of_sql(store, "f", sql, &rows, &diag), 0);
        assert_int_equal(sqlite3_step(rows.stmt), SQLITE_ROW);
        sb_rows_fini(&rows);
        return;
    }
    if (sb_rows_of_sql(store, "f", sql, &rows, &diag) != -EINVAL)
        fail_msg("'%s' was taken", sql);
    assert_int_equal(diag.n_items, 1);
    line = sb_diag_line(&diag.items[0]);
    if (!strstr(line, message))
        fail_msg("'%s' is not in '%s'", message, line);
    free(line);
    sb_diag_fini(&diag);
}

static void sql_that_reads(void **state)
{
    static const char *const taken[] = {
        "SELECT 1",
        " ; SELECT 1 ; -- and no more\n /* at all */ ; ",
        "-- first\nSELECT count(*) FROM run",
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT * FROM n",
        "VALUES (1, 2)",
        "EXPLAIN QUERY PLAN SELECT * FROM run_summary",
        "EXPLAIN SELECT 1",
        "SELECT value FROM json_each('[1]')",
        "SELECT name FROM pragma_table_xinfo('query')",
        "SELECT sql FROM sqlite_schema",
        "SELECT log2(8)",
    };
    struct sb_store *store = fresh();

    (void)state;
    for (size_t i = 0; i < SB_COUNT(taken); i++)
        sql_gives(store, taken[i], NULL);
    sb_store_close(store, NULL);
}

static void sql_that_does_more(void **state)
{
    static const char *const refused[] = {
        "DELETE FROM run",
        "INSERT INTO vector VALUES (1, x'00', 0, x'')",
        "UPDATE run SET stale = 1",
        "WITH a AS (SELECT 1) DELETE FROM run",
        "DELETE FROM run RETURNING id",
        "EXPLAIN DELETE FROM run",
        "CREATE TABLE t(a)",
        "CREATE TEMP TABLE t(a)",
        "CREATE TEMP VIEW t AS SELECT 1",
        "DROP VIEW run_summary",
        "ALTER TABLE run RENAME TO runs",
        "PRAGMA user_version",
        "PRAGMA query_only = 0",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT s",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('./x.so')",
        "SELECT LOAD_EXTENSION('./x.so')",
        "",
        " ; -- nothing\n",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM run",
        "SELECT 1; SELEC",
    };
    struct sb_store *store = fresh();

    (void)state;
    for (size_t i = 0; i < SB_COUNT(refused); i++)
        sql_gives(store, refused[i], "f: expected one SELECT");
    sql_gives(store, "SELECT 1; DELETE FROM run", "found: DELETE FROM run");
    sql_gives(store, "UPDATE sqlite_schema SET sql = ''", "may not be modified");
    /* the authorizer was only asked about these */
    assert_int_equal(sqlite3_exec(sb_store_handle(store), "DELETE FROM run", NULL, NULL, NULL), 0);
    sb_store_close(store, NULL);
}

static void sql_with_mistakes(void **state)
{
    static const char *const wrong[][2] = {
        { "SELECT nam FROM run", "f:1:8: no such column: nam" },
        { "\n SELECT famly\nFROM run", "f:2:9: no such column: famly, did you mean 'family'?" },
        { "SELECT 'm\xc3\xbc', r.famly FROM run r",
          "f:1:14: no such column: r.famly, did you mean" },
        { "SELECT 1 FROM runn", "no such table: runn, did you mean 'run'?" },
        { "SELECT 1 FROM run_sumary", "did you mean 'run_summary'?" },
        { "SELECT lenght('a')", "f:1:8: no such function: lenght, did you mean 'length'?" },
        { "SELECT zzzzzzzzzzzz FROM run", "no such column: zzzzzzzzzzzz" },
        { "SELEC 1", "f:1:1: near \"SELEC\": syntax error" },
        { "SELECT 1 +", "incomplete input" },
        { "SELECT 'a", "unrecognized token" },
    };
    struct sb_store *store = fresh();

    (void)state;
    for (size_t i = 0; i < SB_COUNT(wrong); i++)
        sql_gives(store, wrong[i][0], wrong[i][1]);
    sb_store_close(store, NULL);
}

static int empty_open(void **state)
{
    (void)state;
    empty = fresh();
    return 0;
}

static int empty_close(void **state)
{
    (void)state;
    return sb_store_close(empty, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_compare_like_with_like),
        cmocka_unit_test(values_are_never_sql),
        cmocka_unit_test(mistakes_of_filters),
        cmocka_unit_test(order_and_limit),
        cmocka_unit_test(columns_are_chosen),
        cmocka_unit_test(transcript_is_searched),
        cmocka_unit_test(sql_that_reads),
        cmocka_unit_test(sql_that_does_more),
        cmocka_unit_test(sql_with_mistakes),
    };

    return cmocka_run_group_tests(tests, empty_open, empty_close);
}
