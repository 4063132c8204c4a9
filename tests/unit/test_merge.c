/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merging: what comes out is what one store would hold that had done all cells, whatever the order and
 * the grouping; contradictions are refused and nothing is written. */
#include "unit.h"

#include "store/merge.h"
#include "store/store.h"
#include "store/table.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- stores of a few cells --- */

static char folder[64];

static int folder_new(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/statbed-merge-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    return 0;
}

static int folder_free(void **state)
{
    char *command = sb_printf("rm -rf '%s'", folder);

    (void)state;
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(command), 0);
    free(command);
    return 0;
}

/* Under valgrind, where only memory is looked at. */
static bool slow(void)
{
    return getenv("STATBED_TEST_VALGRIND") != NULL;
}

static struct sb_digest digest_of(uint64_t i)
{
    return sb_digest_of(&i, sizeof i);
}

static void hex_of(uint64_t i, char hex[65])
{
    const struct sb_digest digest = digest_of(i);

    sb_digest_hex(&digest, hex);
}

/* A run: the cell's number decides all that is not said. */
struct spec {
    uint64_t cell;      /* 0: the end of a list */
    uint64_t build;     /* of the learner */
    uint64_t n;         /* queries */
    const char *status; /* NULL: finished; "running": no end */
    const char *cpu;    /* of the experiment; NULL: "c" */
    bool not_bitwise;   /* no digests */
};

/* The number of queries, and after it what else is to be set. */
#define RUN(i, by, ...)                                                                            \
    {                                                                                              \
        .cell = (i), .build = (by), .n = __VA_ARGS__                                               \
    }

static void print_text(void *self, struct sb_buf *out)
{
    sb_buf_printf(out, "x%llu", (unsigned long long)*(uint64_t *)self);
}

/* Cells share expressions, and every third has one of its own; every second query has none. */
static void add_queries(struct sb_store *store, int64_t run, const struct spec *s)
{
    struct sb_store_query q = { .oracle = "stat",
                                .tolerance = 0.25,
                                .answered = true,
                                .truth = 0.25,
                                .method = "enumeration",
                                .cost = 1,
                                .eliminated = -1,
                                .dropped = -1 };

    for (q.seq = 1; q.seq <= s->n; q.seq++) {
        uint64_t number = s->cell % 3 ? q.seq : 1000 * s->cell + q.seq;
        const struct sb_store_text text = { digest_of(number), print_text, &number };

        q.answer = 1.0 / (double)(s->cell + q.seq);
        q.expression = 0;
        if (q.seq % 2)
            assert_int_equal(sb_store_expression(store, &text, &q.expression, NULL), 0);
        assert_int_equal(sb_store_query(store, run, &q, NULL), 0);
    }
}

static void add_bound_and_vector(struct sb_store *store, int64_t run, const struct spec *s)
{
    const struct sb_store_bound bound = { .name = "spectral",
                                          .applies = s->cell % 2,
                                          .log2_queries = (double)s->cell,
                                          .success_probability = 0.66,
                                          .success_ub = NAN };
    const struct sb_store_fact fact = { "miss", (double)s->cell / 8, "what" };
    const double u[] = { (double)(s->cell % 2), 1.5 };
    const struct sb_digest digest = digest_of(s->cell % 2);

    assert_int_equal(sb_store_bound(store, run, &bound, NULL), 0);
    assert_int_equal(sb_store_fact(store, run, &fact, NULL), 0);
    assert_int_equal(sb_store_vector(store, &digest, u, 2, NULL), 0);
}

static void add_end(struct sb_store *store, int64_t run, const struct spec *s)
{
    const struct sb_store_end end = { .status = s->status ? s->status : "finished",
                                      .compared = !s->not_bitwise,
                                      .transcript = digest_of(100 + s->cell),
                                      .certificates = digest_of(200 + s->cell),
                                      .n_queries = s->n,
                                      .n_answered = s->n,
                                      .max_eliminated = -1,
                                      .n_live = -1,
                                      .at_tolerance = 0.2,
                                      .success = s->cell % 2,
                                      .loss = 0.5,
                                      .output = "o\0p",
                                      .n_output = 3 };

    if (!s->status || strcmp(s->status, "running") != 0)
        assert_int_equal(sb_store_run_end(store, run, &end, NULL), 0);
}

static void add(struct sb_store *store, const struct spec *s)
{
    const struct sb_store_experiment experiment = {
        .name = "e", .yaml = "name: e\n", .seed = "1", .cpu = s->cpu ? s->cpu : "c"
    };
    char label[32];
    struct sb_store_run run = { .cell = s->cell,
                                .cell_key = digest_of(s->cell),
                                .learner_digest = digest_of(s->build),
                                .repeat = 1 + s->cell % 2,
                                .label = label,
                                .family = "parity",
                                .family_params = "{\"dimension\":4}",
                                .dimension = 4,
                                .log2_members = 4,
                                .oracle = "stat",
                                .rule = "stat",
                                .policy = "reference",
                                .oracle_params = "{}",
                                .tolerance = 0.25,
                                .learner = "bent",
                                .learner_params = "{}",
                                .coins = 1,
                                .goal = "predict",
                                .goal_params = "{}",
                                .budget_queries = UINT64_MAX };
    int64_t id;

    snprintf(label, sizeof label, "d=%llu", (unsigned long long)(s->cell + 1) / 2);
    assert_int_equal(sb_store_experiment(store, &experiment, &run.experiment, NULL), 0);
    assert_int_equal(sb_store_run_begin(store, &run, &id, NULL), 0);
    add_queries(store, id, s);
    add_bound_and_vector(store, id, s);
    add_end(store, id, s);
}

static struct sb_store *open_ok(const char *path, enum sb_store_mode mode)
{
    struct sb_store *store = NULL;

    assert_int_equal(sb_store_open(path, mode, &store, NULL), 0);
    return store;
}

/* The file as SQLite has it: opening a store checks it and makes its views anew, which takes longer. */
static sqlite3 *raw(const char *path, int flags)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    return db;
}

static void execute(sqlite3 *db, const char *text)
{
    char *message = NULL;

    if (sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s: %s", text, message);
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db = raw(path, SQLITE_OPEN_READWRITE);

    execute(db, text);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* specs: cell 0 ends them. */
static void make(const char *path, const struct spec *specs)
{
    struct sb_store *store = open_ok(path, SB_STORE_WRITE);

    for (; specs->cell; specs++)
        add(store, specs);
    execute(sb_store_handle(store), "UPDATE experiment SET created = '2026-01-01T00:00:00Z'");
    assert_int_equal(sb_store_close(store, NULL), 0);
}

/* --- looking at stores, without what merge.c is made of --- */

static void append(sqlite3 *db, const char *select, struct sb_buf *out)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, select, -1, &s, NULL))
        fail_msg("%s: %s", select, sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW)
        sb_buf_printf(out, "%s\n", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
}

/* All rows of all tables as text, sorted, with what ids refer to in their place. */
static char *content(const char *path)
{
    static const struct {
        const char *table, *without, *with;
    } parts[] = {
        { "experiment", "'id'", "''" },
        { "run", "'id', 'experiment'",
          "(SELECT quote(name) || quote(cpu) FROM experiment e WHERE e.id = t.experiment)" },
        { "query", "'id', 'expression'",
          "(SELECT cell_key || learner_digest FROM run r WHERE r.id = t.id >> 32) || ' ' || (t.id "
          "& "
          "4294967295) || quote((SELECT hex(digest) || text FROM expression x WHERE x.id = "
          "t.expression))" },
        { "expression", "'id'", "''" },
        { "vector", "'id'", "''" },
        { "bound", "'id', 'run'", "(SELECT cell_key FROM run r WHERE r.id = t.run)" },
        { "fact", "'id', 'run'", "(SELECT cell_key FROM run r WHERE r.id = t.run)" },
    };
    sqlite3 *db = raw(path, SQLITE_OPEN_READONLY);
    struct sb_buf out;
    char *text;

    sb_buf_init(&out);
    for (size_t i = 0; i < SB_COUNT(parts); i++) {
        struct sb_buf columns;
        char *select;

        sb_buf_init(&columns);
        select = sb_printf("SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM "
                           "pragma_table_info('%s') WHERE name NOT IN (%s)",
                           parts[i].table, parts[i].without);
        append(db, select, &columns);
        free(select);
        select = sb_printf("SELECT '%s ' || %s || ' ' || %s FROM %s t ORDER BY 1", parts[i].table,
                           parts[i].with, sb_buf_str(&columns), parts[i].table);
        append(db, select, &out);
        free(select);
        sb_buf_fini(&columns);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    text = sb_strdup(sb_buf_str(&out));
    sb_buf_fini(&out);
    return text;
}

static void same_content(const char *a, const char *b)
{
    char *x = content(a), *y = content(b);

    if (strcmp(x, y) != 0)
        fail_msg("%s:\n%s\n%s:\n%s", a, x, b, y);
    free(x);
    free(y);
}

static char *bytes(const char *path, size_t *n_out)
{
    FILE *f = fopen(path, "r");
    struct stat s;
    char *all;

    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &s), 0);
    *n_out = (size_t)s.st_size;
    all = SB_NEW_ARRAY(char, *n_out);
    assert_non_null(all);
    assert_int_equal(fread(all, 1, *n_out, f), *n_out);
    fclose(f);
    return all;
}

static int64_t number(const char *path, const char *select)
{
    sqlite3 *db = raw(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *s = NULL;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(db, select, -1, &s, NULL), 0);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return value;
}

/* --- merging --- */

#define MERGE(out, ...)                                                                            \
    merge_ok(out, (const char *[]){ __VA_ARGS__ }, sizeof((const char *[]){ __VA_ARGS__ }) / 8)

static struct sb_merge_outcome merge_ok(const char *out, const char **in, size_t n)
{
    struct sb_merge_outcome outcome;
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = sb_store_merge(out, in, n, &outcome, &diag);
    if (error)
        fail_msg("%s", diag.n_items ? diag.items[0].text : "no message");
    sb_diag_fini(&diag);
    return outcome;
}

/* Refused with `error`, of n lines, the first of which holds `words` and `place`; `out` stays as it is. */
static void refused_at(const char *out, const char **in, size_t n_in, int error, size_t n,
                       const char *words, const char *place)
{
    struct sb_merge_outcome outcome;
    struct sb_diag diag;
    struct stat s;
    const bool is_new = stat(out, &s) != 0;
    size_t n_before = 0, n_after = 0;
    char *before = is_new ? NULL : bytes(out, &n_before), *after;

    sb_diag_init(&diag);
    assert_int_equal(sb_store_merge(out, in, n_in, &outcome, &diag), error);
    assert_int_equal(diag.n_items, n);
    if (!strstr(diag.items[0].text, words) || !strstr(diag.items[0].text, place))
        fail_msg("'%s' does not say '%s' and '%s'", diag.items[0].text, words, place);
    sb_diag_fini(&diag);
    if (is_new) {
        assert_int_not_equal(stat(out, &s), 0);
    } else {
        after = bytes(out, &n_after);
        assert_int_equal(n_before, n_after);
        assert_memory_equal(before, after, n_before);
        free(after);
    }
    free(before);
}

static void refused(const char *out, const char **in, size_t n_in, int error, size_t n,
                    const char *words)
{
    refused_at(out, in, n_in, error, n, words, "");
}

static const struct spec all[] = { RUN(1, 1, 5), RUN(2, 1, 0), RUN(3, 1, 7), RUN(4, 1, 3),
                                   RUN(5, 1, 2), RUN(6, 1, 4), RUN(7, 1, 6), { 0 } };

/* The whole, and three shards of it. */
static void make_shards(void)
{
    static const char *const path[] = { "1.db", "2.db", "3.db" };

    make("whole.db", all);
    for (uint64_t k = 0; k < 3; k++) {
        struct spec some[4] = { { 0 } };

        for (uint64_t i = k, n = 0; all[i].cell && n < 3; i += 3) {
            some[n++] = all[i];
            if (i + 3 >= SB_COUNT(all))
                break;
        }
        make(path[k], some);
    }
}

static void any_order_and_grouping_gives_the_whole(void **state)
{
    static const char *order[6][3] = {
        { "1.db", "2.db", "3.db" }, { "1.db", "3.db", "2.db" }, { "2.db", "1.db", "3.db" },
        { "2.db", "3.db", "1.db" }, { "3.db", "1.db", "2.db" }, { "3.db", "2.db", "1.db" },
    };

    (void)state;
    make_shards();
    for (size_t i = 0; i < (slow() ? 1 : 6); i++) {
        assert_int_equal(merge_ok("at-once.db", order[i], 3).n_copied, 7);
        same_content("at-once.db", "whole.db");
        assert_int_equal(number("at-once.db", "SELECT count(*) FROM run WHERE id <> cell"), 0);
        unlink("at-once.db");
        if (i % 3)
            continue;
        MERGE("one-by-one.db", order[i][0]);
        MERGE("one-by-one.db", order[i][1], order[i][2]);
        same_content("one-by-one.db", "whole.db");
        MERGE("two.db", order[i][1], order[i][2]);
        MERGE("grouped.db", "two.db", order[i][0]);
        same_content("grouped.db", "whole.db");
        unlink("one-by-one.db");
        unlink("two.db");
        unlink("grouped.db");
    }
}

static void merging_again_changes_nothing(void **state)
{
    struct sb_merge_outcome outcome;
    size_t n, m;
    char *before, *after;

    (void)state;
    make_shards();
    MERGE("out.db", "1.db", "2.db", "3.db");
    before = bytes("out.db", &n);
    outcome = MERGE("out.db", "3.db", "whole.db", "1.db");
    assert_int_equal(outcome.n_copied, 0);
    assert_int_equal(outcome.n_there, 2 + 7 + 3);
    after = bytes("out.db", &m);
    assert_int_equal(n, m);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
    /* a copy of an input among the inputs */
    outcome = MERGE("new.db", "1.db", "whole.db", "2.db");
    assert_int_equal(outcome.n_copied, 7);
    assert_int_equal(outcome.n_there, 5);
    same_content("new.db", "whole.db");
}

/* Each says another thing of cell 4, of one 'finished' run with digests, than 2.db does. */
static void contradictions_name_the_cell(void **state)
{
    static const char *in[] = { "whole.db", "other.db" };
    static const struct {
        const char *change, *words;
    } cases[] = {
        { "UPDATE run SET transcript = 'abc' WHERE cell = 4", "transcript " },
        { "UPDATE run SET certificates = 'abc' WHERE cell = 4", "certificates " },
        { "UPDATE run SET transcript = NULL WHERE cell = 4", ", (none) in other.db" },
        { "UPDATE run SET success = 1 WHERE cell = 4", "success in other.db" },
        { "UPDATE run SET success = NULL WHERE cell = 4", "not decided in other.db" },
        { "UPDATE run SET n_queries = 9 WHERE cell = 4", "9 queries (3 answered)" },
        { "UPDATE run SET n_labels = 9 WHERE cell = 4", "9 labels" },
        { "UPDATE run SET n_examples = 9 WHERE cell = 4", "9 examples" },
        { "UPDATE run SET status = 'crashed' WHERE cell = 4", "crashed, 3 queries" },
        { "INSERT INTO experiment (name, yaml, yaml_digest, seed) VALUES ('e', '', '', '00ff');"
          "UPDATE run SET experiment = (SELECT max(id) FROM experiment) WHERE cell = 4",
          "seed 1 in whole.db, 00ff in other.db" },
        { "INSERT INTO experiment (name, yaml, yaml_digest, seed) VALUES ('f', '', '', '1');"
          "UPDATE run SET experiment = (SELECT max(id) FROM experiment), learner_digest = 'abc' "
          "WHERE cell = 4",
          ", abc in other.db: run one" },
    };
    char hex[65];
    char *cell;

    (void)state;
    hex_of(4, hex);
    cell = sb_printf("d=2 repeat 1 (cell %.12s), learner bent: ", hex);
    make("whole.db", all);
    for (size_t i = 0; i < SB_COUNT(cases); i += slow() ? 5 : 1) {
        make("other.db", (struct spec[]){ all[3], { 0 } });
        sql("other.db", cases[i].change);
        refused_at("out.db", in, 2, 1, 2, cases[i].words, cell);
        refused("whole.db", in + 1, 1, 1, 2, cases[i].words);
        unlink("other.db");
    }
    free(cell);
}

/* Libm may differ between two machines: no digests, and equal where the counts are. */
static void without_digests_counts_decide(void **state)
{
    static const char *in[] = { "a.db", "b.db" };
    const struct spec run = { .cell = 1, .build = 1, .n = 3, .not_bitwise = true };

    (void)state;
    make("a.db", (struct spec[]){ run, { 0 } });
    make("b.db", (struct spec[]){ run, { 0 } });
    assert_int_equal(MERGE("out.db", "a.db", "b.db").n_there, 1);
    sql("b.db", "UPDATE run SET seconds = 77, loss = 0.25, message = 'm'");
    assert_int_equal(MERGE("out.db", "b.db").n_there, 1);
    sql("b.db", "UPDATE run SET n_answered = 2");
    refused("new.db", in, 2, 1, 2, "3 queries (3 answered), 0 labels, 0 examples, success in a.db");
    sql("b.db", "UPDATE run SET n_answered = 3, success = 0");
    refused("new.db", in, 2, 1, 2,
            "success in a.db, finished, 3 queries (3 answered), 0 labels, 0 "
            "examples, no success in b.db");
}

static void a_rate_is_that_of_one_build(void **state)
{
    static const char *in[] = { "a.db", "b.db", "mixed.db", "c.db" };
    char one[65], two[65], *words;

    (void)state;
    hex_of(1, one);
    hex_of(2, two);
    words = sb_printf("learner bent: build %.12s in a.db, %.12s in b.db: run one of them "
                      "again",
                      one, two);
    make("a.db", (struct spec[]){ RUN(1, 1, 3), RUN(3, 1, 3), { 0 } });
    make("b.db", (struct spec[]){ RUN(2, 2, 3), RUN(4, 2, 3), { 0 } });
    refused("out.db", in, 2, 1, 2, words); /* one line, whatever the number of cells */
    make("b.db", (struct spec[]){ RUN(5, 2, 3), { 0 } });
    make("c.db", (struct spec[]){ RUN(1, 2, 3), { 0 } });
    refused("out.db", (const char *[]){ "a.db", "c.db" }, 2, 1, 2, "run one of them again");
    free(words);

    /* run --keep-stale: its user wanted that */
    make("mixed.db", (struct spec[]){ RUN(6, 1, 3), RUN(7, 2, 3), { 0 } });
    sql("mixed.db", "UPDATE run SET stale = 0");
    assert_int_equal(MERGE("out.db", "mixed.db").n_copied, 2);
    assert_int_equal(MERGE("out.db", "mixed.db").n_there, 2);
    assert_int_equal(MERGE("out.db", "mixed.db", "a.db", "b.db").n_copied, 2 + 3);
    refused("out.db", in + 3, 1, 1, 2, "build"); /* but not of one cell */
}

static void ten_contradictions_are_named(void **state)
{
    static const char *in[] = { "a.db", "b.db" };
    struct spec many[24] = { { 0 } };
    struct sb_merge_outcome outcome;
    struct sb_diag diag;

    (void)state;
    for (uint64_t i = 0; i < 23; i++)
        many[i] = (struct spec){ .cell = i + 1, .build = 1 };
    make("a.db", many);
    make("b.db", many);
    sql("b.db", "UPDATE run SET n_queries = n_queries + 1 WHERE cell > 11");
    sb_diag_init(&diag);
    assert_int_equal(sb_store_merge("out.db", in, 2, &outcome, &diag), 1);
    assert_int_equal(diag.n_items, 11);
    assert_string_equal(diag.items[10].text,
                        "nothing was merged into out.db: 12 contradictions, the first ten above");
    sb_diag_fini(&diag);
}

/* What is under way, cut short or stale stays where it is; cut short in what is merged into, it is
 * replaced, and what is stale there stays. */
static void only_runs_that_ended_are_taken(void **state)
{
    struct sb_merge_outcome outcome;
    struct sb_store *writer;

    (void)state;
    make("in.db", (struct spec[]){ RUN(1, 1, 3, .status = "running"),
                                   RUN(2, 1, 3, .status = "interrupted"),
                                   RUN(3, 1, 3, .status = "killed"),
                                   RUN(4, 1, 3, .status = "crashed"),
                                   RUN(5, 1, 3),
                                   RUN(6, 1, 3),
                                   { 0 } });
    sql("in.db", "UPDATE run SET stale = 1 WHERE cell = 6");
    make("out.db", (struct spec[]){ RUN(4, 1, 2, .status = "running"),
                                    RUN(5, 1, 2, .status = "interrupted"),
                                    RUN(6, 1, 3),
                                    RUN(7, 1, 3),
                                    { 0 } });
    sql("out.db", "UPDATE run SET stale = 1 WHERE cell = 7");
    outcome = MERGE("out.db", "in.db");
    assert_int_equal(outcome.n_copied, 2);
    assert_int_equal(outcome.n_there, 0);
    assert_int_equal(outcome.n_cut, 3);
    assert_int_equal(outcome.n_stale, 1);
    assert_int_equal(number("out.db", "SELECT count(*) FROM run"), 4);
    assert_int_equal(number("out.db", "SELECT count(*) FROM run WHERE status IN ('running', "
                                      "'interrupted', 'killed')"),
                     0);
    assert_int_equal(number("out.db", "SELECT count(*) FROM query"), 4 * 3);
    assert_int_equal(number("out.db", "SELECT count(*) FROM bound"), 4);
    assert_int_equal(number("out.db", "SELECT sum(run NOT IN (SELECT id FROM run)) FROM query"), 0);

    /* from a database that is being written */
    writer = open_ok("in.db", SB_STORE_WRITE);
    add(writer, &(struct spec)RUN(8, 1, 5));
    add(writer, &(struct spec)RUN(9, 1, 5, .status = "running"));
    outcome = MERGE("out.db", "in.db");
    assert_int_equal(outcome.n_copied, 1);
    assert_int_equal(outcome.n_cut, 4);
    add(writer, &(struct spec)RUN(10, 1, 5));
    assert_int_equal(sb_store_close(writer, NULL), 0);
    assert_int_equal(MERGE("out.db", "in.db").n_copied, 1);
}

/* One row a text, version, machine, ...; the time is that of the first. */
static void experiments_are_matched(void **state)
{
    (void)state;
    make("a.db", (struct spec[]){ RUN(1, 1, 0, .cpu = "x"), RUN(2, 1, 0, .cpu = "y"), { 0 } });
    make("b.db", (struct spec[]){ RUN(3, 1, 0, .cpu = "y"), RUN(4, 1, 0, .cpu = "z"), { 0 } });
    sql("b.db", "UPDATE experiment SET created = '2025-01-01T00:00:00Z' WHERE cpu = 'y'");
    MERGE("ab.db", "a.db", "b.db");
    MERGE("ba.db", "b.db", "a.db");
    same_content("ab.db", "ba.db");
    assert_int_equal(number("ab.db", "SELECT count(*) FROM experiment"), 3);
    assert_int_equal(number("ab.db", "SELECT count(*) FROM experiment WHERE created LIKE '2025%' "
                                     "AND cpu = 'y'"),
                     1);
    assert_int_equal(number("ab.db",
                            "SELECT count(*) FROM run r JOIN experiment e ON e.id = "
                            "r.experiment WHERE (cell, cpu) IN (VALUES (1, 'x'), (2, 'y'), "
                            "(3, 'y'), (4, 'z'))"),
                     4);
}

/* While learners run, a seed that was drawn is not told, and nobody can say whether two databases hold
 * the same draw: what is being written is left out, what was killed is taken. */
static void runs_of_an_untold_seed_wait(void **state)
{
    struct sb_store *writer;

    (void)state;
    make("1.db", (struct spec[]){ RUN(1, 1, 2), RUN(2, 1, 2), { 0 } });
    sql("1.db", "UPDATE experiment SET seed = NULL");
    make("2.db", (struct spec[]){ RUN(3, 1, 2), { 0 } });
    sql("2.db", "UPDATE experiment SET seed = NULL, created = '2026-02-01T00:00:00Z'");
    writer = open_ok("1.db", SB_STORE_WRITE);
    assert_int_equal(MERGE("out.db", "1.db").n_cut, 2);
    assert_int_equal(number("out.db", "SELECT count(*) FROM run"), 0);
    assert_int_equal(sb_store_close(writer, NULL), 0);
    assert_int_equal(MERGE("out.db", "1.db", "2.db").n_copied, 3);
    assert_int_equal(MERGE("out.db", "1.db", "2.db").n_there, 3);
    assert_int_equal(number("out.db", "SELECT count(*) FROM experiment"), 2);
    sql("1.db", "UPDATE experiment SET seed = '00ff'");
    refused("out.db", (const char *[]){ "1.db" }, 1, 1, 3, "seed (none) in out.db, 00ff in 1.db");
}

static void one_file_has_one_name(void **state)
{
    (void)state;
    make("a.db", all);
    make("b.db", all);
    assert_int_equal(symlink("a.db", "s.db"), 0);
    refused("a.db", (const char *[]){ "b.db", "a.db" }, 2, -EINVAL, 1,
            "a.db is what is merged into");
    refused("a.db", (const char *[]){ "s.db" }, 1, -EINVAL, 1, "s.db is what is merged into");
    refused("o.db", (const char *[]){ "a.db", "b.db", "a.db" }, 3, -EINVAL, 1, "are one file");
    refused("o.db", (const char *[]){ "a.db", "s.db" }, 2, -EINVAL, 1,
            "a.db and s.db are one file");
    refused("o.db", (const char *[]){ "a.db", "none.db" }, 2, -ENOENT, 1, "none.db: no such");
    refused("b.db", (const char *[]){ "none.db" }, 1, -ENOENT, 1, "none.db: no such");
    refused("no/o.db", (const char *[]){ "a.db" }, 1, -ENOENT, 1, "no/o.db");
}

/* A limit on the size of files stops it at some run, as a full disk does: only whole runs are there,
 * and merging again does the rest. */
static void a_merge_cut_short_is_completed(void **state)
{
    static const char *in[] = { "1.db", "2.db" };
    struct spec half[2][9] = { { { 0 } } };
    struct rlimit was, limit;
    const int64_t rows = 1000;
    uint64_t least = UINT64_MAX, most = 0;

    (void)state;
    if (slow()) /* many rows, and no memory that the other tests do not touch */
        return;
    for (uint64_t i = 0; i < 16; i++)
        half[i % 2][i / 2] = (struct spec){ .cell = i + 1, .build = 1, .n = (uint64_t)rows };
    make("1.db", half[0]);
    make("2.db", half[1]);
    MERGE("whole.db", "1.db", "2.db");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    for (rlim_t kib = 200; kib <= 1400; kib += 400) {
        struct sb_merge_outcome outcome;
        struct sb_diag diag;
        int error;

        sb_diag_init(&diag);
        limit = (struct rlimit){ kib << 10, was.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        error = sb_store_merge("out.db", in, 2, &outcome, &diag);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        if (error) {
            const int64_t n = number("out.db", "SELECT count(*) FROM run");

            assert_int_equal(error, -EIO);
            assert_int_equal(diag.n_items, 1);
            if (!strstr(diag.items[0].text, "again"))
                fail_msg("'%s' does not say to merge again", diag.items[0].text);
            assert_int_equal(number("out.db", "SELECT count(*) FROM query"), rows * n);
            assert_int_equal(number("out.db", "SELECT count(*) FROM bound"), n);
            least = (uint64_t)n < least ? (uint64_t)n : least;
            most = (uint64_t)n > most ? (uint64_t)n : most;
        }
        sb_diag_fini(&diag);
        outcome = MERGE("out.db", "1.db", "2.db");
        assert_int_equal(outcome.n_copied + outcome.n_there, 16);
        same_content("out.db", "whole.db");
        unlink("out.db");
    }
    assert_in_range(least, 0, 8); /* some limits cut early, some late */
    assert_in_range(most, 4, 15);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_new, folder_free)
    const struct CMUnitTest tests[] = {
        TEST(any_order_and_grouping_gives_the_whole),
        TEST(merging_again_changes_nothing),
        TEST(contradictions_name_the_cell),
        TEST(without_digests_counts_decide),
        TEST(a_rate_is_that_of_one_build),
        TEST(ten_contradictions_are_named),
        TEST(only_runs_that_ended_are_taken),
        TEST(experiments_are_matched),
        TEST(runs_of_an_untold_seed_wait),
        TEST(one_file_has_one_name),
        TEST(a_merge_cut_short_is_completed),
    };

    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
