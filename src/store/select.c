/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows and columns of a view: a SELECT made of checked column names, and of values that are
 * bound, never pasted. */
#include "store/rows.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/internal.h"

#include <errno.h>
#include <string.h>

void sb_rows_fini(struct sb_rows *rows)
{
    sqlite3_finalize(rows->stmt);
    rows->stmt = NULL;
}

int sb_rows_view(const char *name, const struct sb_view **out, struct sb_diag *diag)
{
    const char *names[32];
    const char *near;
    size_t n = 0;

    for (; sb_views[n].name && n < SB_COUNT(names); n++) {
        names[n] = sb_views[n].name;
        if (!name || strcmp(name, names[n]) == 0) {
            *out = &sb_views[n];
            return 0;
        }
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -ENOENT, "unknown view '%s'%s%s%s; see statbed list views", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* --- making the statement --- */

enum { COLUMNS = 64 }; /* of a view, at most */

struct value {
    char *text;  /* owned */
    bool number; /* bound as one */
};

struct making {
    const struct sb_view *view;
    char *names[COLUMNS]; /* the view's columns, owned */
    size_t n_names;
    struct sb_buf sql;
    struct value *values; /* owned, in the order of their places */
    size_t n_values, cap;
    uint64_t setting;
    struct sb_diag *diag;
};

static int out_of_memory(struct making *m)
{
    return sb_diag_fail(m->diag, -ENOMEM, "out of memory");
}

static void making_fini(struct making *m)
{
    for (size_t i = 0; i < m->n_names; i++)
        free(m->names[i]);
    for (size_t i = 0; i < m->n_values; i++)
        free(m->values[i].text);
    free(m->values);
    sb_buf_fini(&m->sql);
}

static int prepare(struct sb_store *store, const char *sql, sqlite3_stmt **out,
                   struct sb_diag *diag)
{
    if (sqlite3_prepare_v2(store->db, sql, -1, out, NULL) != SQLITE_OK)
        return sb_diag_fail(diag, -EINVAL, "%s: %s", store->path, sqlite3_errmsg(store->db));
    return 0;
}

static int learn_names(struct sb_store *store, struct making *m)
{
    sqlite3_stmt *stmt = NULL;
    int error = prepare(store, m->view->sql, &stmt, m->diag);
    const int n = error ? 0 : sqlite3_column_count(stmt);

    for (int i = 0; i < n && i < COLUMNS && !error; i++) {
        m->names[i] = sb_strdup(sqlite3_column_name(stmt, i));
        error = m->names[i] ? 0 : out_of_memory(m);
        m->n_names += !error;
    }
    sqlite3_finalize(stmt);
    return error;
}

static int unknown_column(struct making *m, const char *name)
{
    const char *near = sb_nearest(name, (const char *const *)m->names, m->n_names);
    struct sb_buf all;
    int error;

    sb_buf_init(&all);
    for (size_t i = 0; i < m->n_names; i++)
        sb_buf_printf(&all, "%s%s", i ? ", " : "", m->names[i]);
    error = sb_diag_fail(m->diag, -EINVAL, "%s has no column '%s', but %s%s%s%s", m->view->name,
                         name, all.failed ? "others" : sb_buf_str(&all),
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    sb_buf_fini(&all);
    return error;
}

/* The place of the column that the n bytes at `name` are. */
static int find_column(struct making *m, const char *name, size_t n, size_t *i_out)
{
    char *found SB_FREE = sb_strndup(name, n);

    if (!found)
        return out_of_memory(m);
    for (size_t i = 0; i < m->n_names; i++) {
        if (strcmp(found, m->names[i]) == 0) {
            *i_out = i;
            return 0;
        }
    }
    return unknown_column(m, found);
}

/* The next of the names with commas between them; false at the end. */
static bool next_word(const char **at, const char **word, size_t *n)
{
    if (!*at)
        return false;
    *word = *at;
    *n = strcspn(*at, ",");
    *at = (*at)[*n] ? *at + *n + 1 : NULL;
    return true;
}

static int put_columns(struct making *m, const char *columns)
{
    const char *word;
    bool taken[COLUMNS] = { false };
    size_t n, n_put = 0, i = 0;

    while (next_word(&columns, &word, &n)) {
        const int error = find_column(m, word, n, &i);

        if (error)
            return error;
        if (taken[i])
            return sb_diag_fail(m->diag, -EINVAL, "the column '%s' is named twice", m->names[i]);
        taken[i] = true;
        sb_buf_printf(&m->sql, "%s\"%s\"", n_put ? ", " : "", m->names[i]);
        m->setting |= (uint64_t)(i < m->view->n_setting) << n_put++;
    }
    return 0;
}

static int put_order(struct making *m, const char *sort)
{
    const char *word, *between = " ORDER BY ";
    size_t n, i = 0;

    while (next_word(&sort, &word, &n)) {
        const bool down = n && *word == '-';
        const int error = find_column(m, word + down, n - down, &i);

        if (error)
            return error;
        sb_buf_printf(&m->sql, "%s\"%s\"%s NULLS LAST", between, m->names[i], down ? " DESC" : "");
        between = ", ";
    }
    return 0;
}

/* --- filters --- */

struct comparison {
    const char *word; /* as it stands in a filter */
    bool several;     /* values with commas between them */
    /* Puts the condition on a column for the values that stand in `m` from `first` on. */
    void (*put)(struct making *m, const char *column, const struct comparison *c, size_t first);
};

static bool is_number(const char *text)
{
    double v;

    return sb_parse_real(text, &v);
}

static int add_value(struct making *m, const char *text, bool number)
{
    char *copy;

    if (m->n_values == m->cap) {
        const size_t cap = m->cap ? 2 * m->cap : 16;
        struct value *values = realloc(m->values, cap * sizeof *values);

        if (!values)
            return out_of_memory(m);
        m->values = values;
        m->cap = cap;
    }
    copy = sb_strdup(text);
    if (!copy)
        return out_of_memory(m);
    m->values[m->n_values++] = (struct value){ copy, number };
    return 0;
}

/* "IN" compares with the value as a number and as a text: a column has the one or the other. */
static void put_one_of(struct making *m, const char *column, const struct comparison *c,
                       size_t first)
{
    bool missing = false;

    sb_buf_printf(&m->sql, "%s(\"%s\" IN (", *c->word == '!' ? "NOT " : "", column);
    for (size_t i = first; i < m->n_values; i++) {
        missing = missing || !*m->values[i].text;
        sb_buf_puts(&m->sql, i > first ? ",?" : "?");
    }
    sb_buf_puts(&m->sql, ")");
    if (*c->word == '!')
        sb_buf_printf(&m->sql, " AND \"%s\" IS NOT NULL", column);
    sb_buf_printf(&m->sql, missing ? " OR \"%s\" IS NULL)" : ")", column);
}

/* SQLite orders all texts behind all numbers, which is not what was asked. */
static void put_ordered(struct making *m, const char *column, const struct comparison *c,
                        size_t first)
{
    sb_buf_printf(&m->sql, "(typeof(\"%s\") %s ('integer', 'real') AND \"%s\" %s ?)", column,
                  m->values[first].number ? "IN" : "NOT IN", column, c->word);
}

static void put_contains(struct making *m, const char *column, const struct comparison *c,
                         size_t first)
{
    (void)c;
    for (size_t i = first; i < m->n_values; i++)
        sb_buf_printf(&m->sql, "%sinstr(\"%s\", ?)", i > first ? " OR " : "(", column);
    sb_buf_puts(&m->sql, ")");
}

/* Longer words first: "<=" begins with "<". */
static const struct comparison comparisons[] = {
    { "!=", true, put_one_of },  { "<=", false, put_ordered }, { ">=", false, put_ordered },
    { "<", false, put_ordered }, { ">", false, put_ordered },  { "=", true, put_one_of },
    { "~", true, put_contains },
};

static const struct comparison *find_comparison(const char *at)
{
    for (size_t i = 0; i < SB_COUNT(comparisons); i++)
        if (strncmp(at, comparisons[i].word, strlen(comparisons[i].word)) == 0)
            return &comparisons[i];
    return NULL;
}

/* What is written for another comparison by hands that know other languages. */
static const char *const slips[][2] = {
    { "=>", ">=" }, { "=<", "<=" }, { "==", "=" }, { "=~", "~" }, { "<>", "!=" },
};

/* What was meant at the beginning of `at`, or NULL. */
static const char *find_slip(const char *at)
{
    for (size_t i = 0; i < SB_COUNT(slips); i++)
        if (strncmp(at, slips[i][0], 2) == 0)
            return slips[i][1];
    return NULL;
}

static size_t name_length(const char *filter)
{
    return strcspn(filter, "!<>=~");
}

bool sb_is_filter(const char *word)
{
    return word[name_length(word)] != '\0';
}

/* Copies up to a comma that has no backslash before it; returns what stands behind it, or NULL. */
static const char *take_value(const char *at, bool several, struct sb_buf *out)
{
    sb_buf_clear(out);
    for (; *at; at++) {
        if (several && *at == ',')
            return at + 1;
        at += *at == '\\' && at[1] == ',';
        sb_buf_bytes(out, at, 1);
    }
    return NULL;
}

static int add_values(struct making *m, const struct comparison *c, const char *at)
{
    struct sb_buf word;
    int error = 0;

    sb_buf_init(&word);
    while (at && !error) {
        const char *text;

        at = take_value(at, c->several, &word);
        text = sb_buf_str(&word);
        if (!text)
            error = out_of_memory(m);
        if (!error && c->put == put_one_of && is_number(text))
            error = add_value(m, text, true);
        if (!error)
            error = add_value(m, text, c->put == put_ordered && is_number(text));
    }
    sb_buf_fini(&word);
    return error;
}

static int put_filter(struct making *m, const char *filter, bool is_first)
{
    const size_t n = name_length(filter), first = m->n_values;
    const struct comparison *c = find_comparison(filter + n);
    size_t column = 0;
    int error;

    if (!c)
        return sb_diag_fail(m->diag, -EINVAL,
                            "'%s' is no filter: expected COLUMN=VALUE, or one of != < <= > >= ~ "
                            "in place of =",
                            filter);
    if (find_slip(filter + n))
        return sb_diag_fail(m->diag, -EINVAL, "'%s' is no filter; did you mean '%.*s%s%s'?", filter,
                            (int)n, filter, find_slip(filter + n), filter + n + 2);
    error = find_column(m, filter, n, &column);
    if (error)
        return error;
    if (c->put != put_one_of && !filter[n + strlen(c->word)])
        return sb_diag_fail(m->diag, -EINVAL, "'%s' lacks a value behind %s", filter, c->word);
    error = add_values(m, c, filter + n + strlen(c->word));
    if (error)
        return error;
    sb_buf_puts(&m->sql, is_first ? " WHERE " : " AND ");
    c->put(m, m->names[column], c, first);
    return 0;
}

/* --- all of it --- */

/* Where rows are sorted anew, LIMIT keeps the view's own order for those that are equal. */
static void put_source(struct making *m, bool sorted)
{
    const bool ordered = strstr(m->view->sql, "ORDER BY") != NULL;

    sb_buf_printf(&m->sql, " FROM (%s%s)", m->view->sql, sorted && ordered ? " LIMIT -1" : "");
}

static int put_select(struct making *m, const struct sb_select *s)
{
    int error = 0;

    m->setting = ((uint64_t)1 << m->view->n_setting) - 1;
    sb_buf_puts(&m->sql, s->columns ? "SELECT " : "SELECT *");
    if (s->columns) {
        m->setting = 0;
        error = put_columns(m, s->columns);
    }
    put_source(m, s->sort);
    for (size_t i = 0; i < s->n_filters && !error; i++)
        error = put_filter(m, s->filters[i], i == 0);
    if (!error && s->sort)
        error = put_order(m, s->sort);
    if (!error && s->limit)
        sb_buf_printf(&m->sql, " LIMIT %llu",
                      (unsigned long long)(*s->limit < INT64_MAX ? *s->limit : INT64_MAX));
    return error;
}

static int bind(struct making *m, sqlite3_stmt *stmt)
{
    int code = SQLITE_OK;

    for (size_t i = 0; i < m->n_values && code == SQLITE_OK; i++) {
        const struct value *value = &m->values[i];
        const int place = (int)i + 1;
        int64_t whole;
        double real;

        if (!value->number)
            code = sqlite3_bind_text(stmt, place, value->text, -1, SQLITE_TRANSIENT);
        else if (sb_parse_int(value->text, &whole))
            code = sqlite3_bind_int64(stmt, place, whole);
        else if (sb_parse_real(value->text, &real))
            code = sqlite3_bind_double(stmt, place, real);
    }
    return code == SQLITE_OK ? 0 : out_of_memory(m);
}

int sb_rows_of_view(struct sb_store *store, const struct sb_select *select, struct sb_rows *out,
                    struct sb_diag *diag)
{
    struct making m = { .view = select->view, .diag = diag };
    struct sb_rows rows = { 0 };
    int error;

    sb_buf_init(&m.sql);
    error = learn_names(store, &m);
    if (!error)
        error = put_select(&m, select);
    if (!error && !sb_buf_str(&m.sql))
        error = out_of_memory(&m);
    if (!error)
        error = prepare(store, sb_buf_str(&m.sql), &rows.stmt, diag);
    if (!error)
        error = bind(&m, rows.stmt);
    rows.setting = m.setting;
    making_fini(&m);
    if (error)
        sb_rows_fini(&rows);
    else
        *out = rows;
    return error;
}
