/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results database: what is written is what is read, cells cut short go, errors are one line.
 */
#include "unit.h"

#include "base/fuse.h"
#include "statbed/query.h"
#include "store/store.h"
#include "store/table.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of its own for each test. */
struct place {
    char folder[64], path[96];
};

static int place_new(void **state)
{
    struct place *p = SB_NEW(struct place);

    strcpy(p->folder, "/tmp/statbed-store-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/r.db", p->folder);
    *state = p;
    return 0;
}

static int place_free(void **state)
{
    struct place *p = *state;
    char command[96];

    snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

static struct sb_store *open_ok(const char *path, enum sb_store_mode mode)
{
    struct sb_store *store = NULL;
    struct sb_diag diag;
    const int error = (sb_diag_init(&diag), sb_store_open(path, mode, &store, &diag));

    if (error)
        print_error("%s\n", diag.n_items ? diag.items[0].text : "no message");
    assert_int_equal(error, 0);
    sb_diag_fini(&diag);
    return store;
}

/* Opening fails with `error` and one line that holds `words`. */
static void open_fails(const char *path, enum sb_store_mode mode, int error, const char *words)
{
    struct sb_store *store = NULL;
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(sb_store_open(path, mode, &store, &diag), error);
    assert_null(store);
    assert_int_equal(diag.n_items, 1);
    if (!strstr(diag.items[0].text, words) || strchr(diag.items[0].text, '\n'))
        fail_msg("'%s' does not say '%s' in one line", diag.items[0].text, words);
    sb_diag_fini(&diag);
}

static void sql(struct sb_store *store, const char *text)
{
    char *message = NULL;

    if (sqlite3_exec(sb_store_handle(store), text, NULL, NULL, &message))
        fail_msg("%s: %s", text, message);
}

/* The first value of a SELECT. */
static double number(struct sb_store *store, const char *select)
{
    sqlite3_stmt *stmt = NULL;
    double value;

    assert_int_equal(sqlite3_prepare_v2(sb_store_handle(store), select, -1, &stmt, NULL), 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = sqlite3_column_type(stmt, 0) == SQLITE_NULL ? -999 : sqlite3_column_double(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void is_text(struct sb_store *store, const char *select, const char *expected)
{
    struct sb_buf out;

    sb_buf_init(&out);
    assert_int_equal(sb_table_print(store, select, SB_TABLE_CSV, &out, NULL), 0);
    assert_string_equal(strstr(sb_buf_str(&out), "\r\n") + 2, expected);
    sb_buf_fini(&out);
}

static struct sb_digest digest_of(uint64_t i)
{
    return sb_digest_of(&i, sizeof i);
}

static const struct sb_store_experiment experiment = { .name = "e",
                                                       .yaml = "name: e\n",
                                                       .seed = "1" };

static struct sb_store_run a_run(struct sb_store *store, uint64_t cell, uint64_t learner)
{
    struct sb_store_run run = { .repeat = 1,
                                .label = "l",
                                .family = "parity",
                                .family_params = "{\"dimension\":4}",
                                .dimension = 4,
                                .log2_members = 4,
                                .oracle = "stat",
                                .rule = "stat",
                                .policy = "reference",
                                .oracle_params = "{}",
                                .tolerance = 0.25,
                                .learner = "parity-correlation",
                                .learner_params = "{}",
                                .coins = 1,
                                .goal = "predict",
                                .goal_params = "{}",
                                .success_wanted = 0.66,
                                .budget_queries = UINT64_MAX,
                                .isolation = "none" };

    run.cell_key = digest_of(cell);
    run.learner_digest = digest_of(learner);
    assert_int_equal(sb_store_experiment(store, &experiment, &run.experiment, NULL), 0);
    return run;
}

static int64_t begin(struct sb_store *store, const struct sb_store_run *run)
{
    int64_t id = 0;

    assert_int_equal(sb_store_run_begin(store, run, &id, NULL), 0);
    return id;
}

static void end(struct sb_store *store, int64_t run, const char *status, uint64_t n, int success)
{
    const struct sb_store_end e = { .status = status,
                                    .n_queries = n,
                                    .max_eliminated = -1,
                                    .n_live = -1,
                                    .at_tolerance = 0.2,
                                    .success = success,
                                    .loss = NAN,
                                    .loss_half_width = NAN };

    assert_int_equal(sb_store_run_end(store, run, &e, NULL), 0);
}

static void queries(struct sb_store *store, int64_t run, uint64_t from, uint64_t to)
{
    struct sb_store_query q = { .oracle = "stat",
                                .tolerance = 0.25,
                                .answered = true,
                                .answer = 0.5,
                                .truth = 0.25,
                                .method = "exact",
                                .eliminated = -1 };

    for (q.seq = from; q.seq <= to; q.seq++)
        assert_int_equal(sb_store_query(store, run, &q, NULL), 0);
}

static void print_number(void *self, struct sb_buf *out)
{
    sb_buf_printf(out, "e%llu", (unsigned long long)*(uint64_t *)self);
}

static void rows_are_what_was_written(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);
    struct sb_store_run run = a_run(store, 1, 1);
    const int64_t first = begin(store, &run);
    struct sb_store_query q = { .seq = 1,
                                .oracle = "stat",
                                .tolerance = 0.1,
                                .answered = true,
                                .answer = 1.0 / 3,
                                .truth = 0.25,
                                .half_width = 1e-300,
                                .method = "enumeration",
                                .samples = 77,
                                .cost = 4,
                                .clipped = true,
                                .eliminated = 5,
                                .dropped = 6 };
    const double u[] = { 1.5, -2, 1e300 };
    const struct sb_digest u_digest = digest_of(9);
    uint64_t text = 12;
    const struct sb_digest text_digest = digest_of(text);
    const struct sb_store_bound bound = { .name = "spectral",
                                          .theorem = "t",
                                          .applies = true,
                                          .log2_queries = NAN,
                                          .success_ub = 0.5,
                                          .prior = "uniform",
                                          .subset = true };
    const struct sb_store_fact known = { "miss", 0.25, "what" }, unknown = { "u", NAN, "why" };
    const struct sb_store_end over = { .status = "crashed",
                                       .detail = 11,
                                       .compared = true,
                                       .transcript = digest_of(3),
                                       .certificates = digest_of(4),
                                       .n_queries = 7,
                                       .max_eliminated = 5,
                                       .max_dropped = 6,
                                       .n_left_null = 0,
                                       .n_right = 2,
                                       .n_live = -1,
                                       .success = -1,
                                       .loss = NAN,
                                       .output = "a\0b",
                                       .n_output = 3,
                                       .isolation = "process", /* less than was asked for */
                                       .seconds = 0.5 };
    char hex[65], expected[256];

    assert_int_equal(
        sb_store_expression(store, &(struct sb_store_text){ text_digest, print_number, &text },
                            &q.expression, NULL),
        0);
    assert_int_equal(sb_store_query(store, first, &q, NULL), 0);
    for (int32_t s = SB_BUDGET; s <= SB_SYNTAX; s++) {
        const struct sb_store_query refused = { .seq = (uint64_t)s + 1,
                                                .oracle = "vstat",
                                                .tolerance = NAN,
                                                .answer = 3,
                                                .status = s,
                                                .eliminated = -1,
                                                .dropped = -1 };

        assert_int_equal(sb_store_query(store, first, &refused, NULL), 0);
    }
    q.seq = UINT32_MAX;
    q.from_null = true;
    assert_int_equal(sb_store_query(store, first, &q, NULL), 0);
    assert_int_equal(sb_store_vector(store, &u_digest, u, 3, NULL), 0);
    assert_int_equal(sb_store_vector(store, &u_digest, u, 3, NULL), 0);
    assert_int_equal(sb_store_bound(store, first, &bound, NULL), 0);
    assert_int_equal(sb_store_fact(store, first, &known, NULL), 0);
    assert_int_equal(sb_store_fact(store, first, &unknown, NULL), 0);
    assert_int_equal(sb_store_run_end(store, first, &over, NULL), 0);
    assert_int_equal(sb_store_close(store, NULL), 0);

    store = open_ok(p->path, SB_STORE_READ);
    is_text(
        store,
        "SELECT oracle, tolerance, answer, truth, half_width, status, method, samples, "
        "cost, clipped, from_null, eliminated, dropped, run, seq, id = (run << 32 | seq) FROM "
        "query",
        "stat,0.1,0.3333333333333333,0.25,1e-300,answered,enumeration,77,4,1,0,5,6,1,1,1\r\n"
        "vstat,,,,,budget,,0,0,0,0,,,1,2,1\r\n"
        "vstat,,,,,range,,0,0,0,0,,,1,3,1\r\n"
        "vstat,,,,,tolerance,,0,0,0,0,,,1,4,1\r\n"
        "vstat,,,,,refused,,0,0,0,0,,,1,5,1\r\n"
        "vstat,,,,,syntax,,0,0,0,0,,,1,6,1\r\n"
        "stat,0.1,0.3333333333333333,0.25,1e-300,answered,enumeration,77,4,1,1,5,6,1,4294967295,1"
        "\r\n");
    is_text(store, "SELECT text, count(*) FROM query JOIN expression x ON x.id = expression",
            "e12,2\r\n");
    is_text(store, "SELECT n, hex(data) FROM vector",
            "3,000000000000F83F00000000000000C09C7500883CE4377E\r\n");
    is_text(store, "SELECT name, value, help FROM fact WHERE id = 1", "miss,0.25,what\r\n");
    is_text(store, "SELECT name, value, help FROM fact WHERE id = 2", "u,,why\r\n");
    is_text(store, "SELECT name, applies, log2_queries, success_ub, prior, subset FROM bound",
            "spectral,1,,0.5,uniform,1\r\n");
    is_text(store,
            "SELECT status, detail, n_queries, max_eliminated, max_dropped, n_left_null, n_live, "
            "n_right, "
            "success, loss, hex(output), seconds, budget_queries, isolation FROM run",
            "crashed,11,7,5,6,0,,2,,,610062,0.5,,process\r\n");
    sb_digest_hex(&over.transcript, hex);
    snprintf(expected, sizeof expected, "%s\r\n", hex);
    is_text(store, "SELECT transcript FROM run", expected);
    assert_int_equal(sb_store_close(store, NULL), 0);
    assert_int_equal(access(p->path, F_OK), 0);
}

static void a_row_that_cannot_be_is_a_fault(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_query q = { .seq = 1, .oracle = "stat", .status = 77, .eliminated = -1 };
    const struct sb_store_end e = { .status = "finished" };

    (void)state;
    assert_int_equal(sb_store_query(store, 1, &q, NULL), -EFAULT);
    q.status = SB_OK;
    q.seq = (uint64_t)UINT32_MAX + 1;
    assert_int_equal(sb_store_query(store, 1, &q, NULL), -EFAULT);
    q.seq = 1;
    assert_int_equal(sb_store_query(store, (int64_t)1 << 31, &q, NULL), -EFAULT);
    assert_int_equal(sb_store_run_end(store, 5, &e, NULL), -EFAULT);
    sb_store_close(store, NULL);
}

static enum sb_cell_state state_of(struct sb_store *store, const struct sb_store_run *run)
{
    enum sb_cell_state state = 77;

    assert_int_equal(sb_store_cell(store, &run->cell_key, &run->learner_digest, &state, NULL), 0);
    return state;
}

static void cells_cut_short_go(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);
    struct sb_store_run one = a_run(store, 1, 1), two = a_run(store, 2, 1);
    const struct sb_store_bound bound = { .name = "b" };
    const struct sb_store_fact fact = { "f", 1, "h" };
    int64_t kept = begin(store, &one), lost;

    queries(store, kept, 1, 3);
    assert_int_equal(state_of(store, &one), SB_CELL_CUT);
    assert_int_equal(state_of(store, &two), SB_CELL_MISSING);
    end(store, kept, "finished", 3, 1);
    lost = begin(store, &two);
    queries(store, lost, 1, 20005);
    assert_int_equal(sb_store_bound(store, lost, &bound, NULL), 0);
    assert_int_equal(sb_store_fact(store, lost, &fact, NULL), 0);
    assert_int_equal(sb_store_close(store, NULL), 0);

    store = open_ok(p->path, SB_STORE_WRITE);
    assert_same(number(store, "SELECT count(*) FROM query"), 20008);
    assert_same(number(store, "SELECT count(*) FROM run WHERE status = 'running'"), 1);
    assert_int_equal(state_of(store, &one), SB_CELL_DONE);
    two.learner_digest = digest_of(8); /* whichever binary it was */
    lost = begin(store, &two);
    assert_same(number(store, "SELECT count(*) FROM query"), 3);
    assert_same(number(store, "SELECT count(*) FROM bound"), 0);
    assert_same(number(store, "SELECT count(*) FROM fact"), 0);
    assert_same(number(store, "SELECT count(*) FROM run"), 2);
    end(store, lost, "finished", 0, 0);
    assert_int_equal(sb_store_close(store, NULL), 0);
}

static void a_killed_writer_leaves_what_was_finished(void **state)
{
    struct place *p = *state;
    const pid_t child = fork();
    struct sb_store *store;
    struct sb_store_run two;
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct sb_store_run one;

        store = open_ok(p->path, SB_STORE_WRITE);
        one = a_run(store, 1, 1);
        end(store, begin(store, &one), "finished", 0, 1);
        one = a_run(store, 2, 1);
        queries(store, begin(store, &one), 1, 15000);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    store = open_ok(p->path, SB_STORE_WRITE); /* the dead one's lock is no obstacle */
    assert_same(number(store, "SELECT count(*) FROM run WHERE status = 'finished'"), 1);
    assert_same(number(store, "SELECT count(*) FROM query"), 10000);
    two = a_run(store, 2, 1);
    begin(store, &two);
    assert_same(number(store, "SELECT count(*) FROM query"), 0);
    assert_same(number(store, "SELECT count(*) FROM run"), 2);
    sb_store_close(store, NULL);
}

/* What printing an expression with a long dot does: the vector comes in the middle of the text. */
static void print_with_vector(void *self, struct sb_buf *out)
{
    const double u[2] = { 0.25, -8 };
    const struct sb_digest digest = digest_of(9);

    sb_buf_puts(out, "dot(@");
    assert_int_equal(sb_store_vector(self, &digest, u, 2, NULL), 0);
    sb_buf_puts(out, ")");
}

static void a_vector_leaves_the_text_around_it_alone(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    const struct sb_digest digest = digest_of(8);
    int64_t id;

    (void)state;
    assert_int_equal(
        sb_store_expression(store, &(struct sb_store_text){ digest, print_with_vector, store }, &id,
                            NULL),
        0);
    is_text(store, "SELECT text FROM expression", "dot(@)\r\n");
    is_text(store, "SELECT n, hex(data) FROM vector", "2,000000000000D03F00000000000020C0\r\n");
    sb_store_close(store, NULL);
}

static void a_rebuilt_learner_makes_rows_stale(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_run old = a_run(store, 1, 1), other = a_run(store, 2, 1);
    struct sb_store_run rebuilt = a_run(store, 1, 2);
    uint64_t n = 0;

    (void)state;
    end(store, begin(store, &old), "finished", 1, 1);
    end(store, begin(store, &other), "finished", 1, 1);
    assert_int_equal(state_of(store, &rebuilt), SB_CELL_STALE);
    end(store, begin(store, &rebuilt), "finished", 1, 1);
    is_text(store, "SELECT id, stale FROM run", "1,1\r\n2,0\r\n3,0\r\n");
    assert_int_equal(
        sb_store_learner(store, "e", "parity-bent", &rebuilt.learner_digest, NULL, NULL), 0);
    is_text(store, "SELECT id, stale FROM run", "1,1\r\n2,0\r\n3,0\r\n");
    assert_int_equal(
        sb_store_learner(store, "another", old.learner, &rebuilt.learner_digest, NULL, NULL), 0);
    is_text(store, "SELECT id, stale FROM run", "1,1\r\n2,0\r\n3,0\r\n");
    assert_int_equal(sb_store_learner(store, "e", old.learner, &rebuilt.learner_digest, &n, NULL),
                     0);
    assert_int_equal(n, 1);
    is_text(store, "SELECT id, stale FROM run", "1,1\r\n2,1\r\n3,0\r\n");
    /* what is marked stays so, also where the old binary comes back */
    assert_int_equal(state_of(store, &old), SB_CELL_STALE);
    assert_int_equal(state_of(store, &rebuilt), SB_CELL_DONE);
    sb_store_close(store, NULL);
}

/* Of all that a cell can have, the best counts; whichever row came last. */
static void the_state_of_a_cell_is_its_best_row(void **state)
{
    static const char *const cut[] = { "interrupted", "killed" };
    static const char *const ended[] = { "finished", "crashed", "failed", "seconds", "fault" };
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_run old = a_run(store, 1, 1), now = a_run(store, 1, 2);

    (void)state;
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) {
        now.cell_key = digest_of(100 + i);
        end(store, begin(store, &now), ended[i], 1, 1);
        assert_int_equal(state_of(store, &now), SB_CELL_DONE);
    }
    now.cell_key = old.cell_key;
    end(store, begin(store, &old), "crashed", 1, 1);
    assert_int_equal(state_of(store, &now), SB_CELL_STALE);
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        const int64_t id = begin(store, &now);

        assert_int_equal(state_of(store, &now), SB_CELL_CUT);
        end(store, id, cut[i], 1, 1);
        assert_int_equal(state_of(store, &now), SB_CELL_CUT);
        assert_int_equal(state_of(store, &old), SB_CELL_CUT);
    }
    assert_same(number(store, "SELECT count(*) FROM run WHERE learner_digest = (SELECT "
                              "learner_digest FROM run WHERE status = 'killed')"),
                6); /* the five above, and one of those cut short */
    sql(store, "UPDATE run SET status = 'finished' WHERE status = 'killed'");
    assert_int_equal(state_of(store, &now), SB_CELL_DONE);
    assert_int_equal(state_of(store, &old), SB_CELL_STALE);
    sb_store_close(store, NULL);
}

static void nothing_becomes_stale_where_that_is_kept(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_run old = a_run(store, 1, 1), other = a_run(store, 2, 1);
    struct sb_store_run now = a_run(store, 1, 2);

    (void)state;
    end(store, begin(store, &old), "finished", 1, 1);
    end(store, begin(store, &other), "finished", 1, 1);
    sb_store_keep_stale(store);
    assert_int_equal(sb_store_learner(store, "e", now.learner, &now.learner_digest, NULL, NULL), 0);
    end(store, begin(store, &now), "finished", 1, 1);
    assert_same(number(store, "SELECT sum(stale) FROM run"), 0);
    sb_store_close(store, NULL);
}

static void experiments_are_found_again(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_experiment e = experiment;
    int64_t a, b, c;

    (void)state;
    assert_int_equal(sb_store_experiment(store, &e, &a, NULL), 0);
    assert_int_equal(sb_store_experiment(store, &e, &b, NULL), 0);
    e.compiler = "gcc";
    assert_int_equal(sb_store_experiment(store, &e, &c, NULL), 0);
    assert_int_equal(a, b);
    assert_int_not_equal(a, c);
    sb_store_close(store, NULL);
}

static void a_seed_that_is_told_later(void **state)
{
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    struct sb_store_experiment e = experiment;
    int64_t a, b, c;

    (void)state;
    e.seed = NULL;
    assert_int_equal(sb_store_experiment(store, &e, &a, NULL), 0);
    assert_int_equal(sb_store_experiment(store, &e, &b, NULL), 0);
    assert_int_not_equal(a, b);
    assert_int_equal(sb_store_experiment_seed(store, b, "00ff", NULL), 0);
    is_text(store, "SELECT id, seed FROM experiment ORDER BY id", "1,\r\n2,00ff\r\n");
    e.seed = "00ff";
    assert_int_equal(sb_store_experiment(store, &e, &c, NULL), 0);
    assert_int_equal(b, c);
    sb_store_close(store, NULL);
}

struct counted {
    uint64_t number, calls;
};

static void print_counted(void *self, struct sb_buf *out)
{
    struct counted *c = self;

    c->calls++;
    print_number(&c->number, out);
}

/* Two digests with equal first bytes share one place of the cache; 100000 of them push all of it
 * out. Every one keeps its id, and is printed once. */
static void an_expression_is_stored_once(void **state)
{
    const uint64_t n = getenv("STATBED_TEST_VALGRIND") ? 2000 : 100000;
    struct sb_store *store = open_ok(NULL, SB_STORE_MEMORY);
    int64_t *id = SB_NEW_ARRAY(int64_t, n), again;
    struct counted c = { 0 };

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (c.number = 0; c.number < n; c.number++) {
            struct sb_digest d = digest_of(c.number / 2);

            d.byte[31] = (uint8_t)(d.byte[31] ^ (c.number & 1));
            assert_int_equal(sb_store_expression(store,
                                                 &(struct sb_store_text){ d, print_counted, &c },
                                                 &again, NULL),
                             0);
            if (round)
                assert_int_equal(again, id[c.number]);
            id[c.number] = again;
        }
    }
    assert_int_equal(c.calls, n);
    assert_same(number(store, "SELECT count(DISTINCT text) FROM expression"), (double)n);
    free(id);
    sb_store_close(store, NULL);
}

static void a_second_writer_is_kept_out(void **state)
{
    struct place *p = *state;
    struct sb_store *store, *reader;
    char words[64], lock[128];
    int ready[2], go[2], status;
    char byte;
    pid_t child;

    assert_int_equal(pipe(ready) | pipe(go), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(30); /* should the parent fail and never write */
        store = open_ok(p->path, SB_STORE_WRITE);
        assert_int_equal(write(ready[1], "r", 1), 1);
        assert_int_equal(read(go[0], &byte, 1), 1);
        _exit(sb_store_close(store, NULL));
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    snprintf(words, sizeof words, "process %d", (int)child);
    open_fails(p->path, SB_STORE_WRITE, -EINVAL, words);
    open_fails(p->path, SB_STORE_WRITE, -EINVAL, "r.db.lock");
    reader = open_ok(p->path, SB_STORE_READ); /* readers may */
    sb_store_close(reader, NULL);
    assert_int_equal(write(go[1], "g", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    snprintf(lock, sizeof lock, "%s.lock", p->path);
    assert_int_not_equal(access(lock, F_OK), 0);
    sb_store_close(open_ok(p->path, SB_STORE_WRITE), NULL);
    for (int i = 0; i < 2; i++)
        close(ready[i]), close(go[i]);
}

static void write_file(const char *path, const char *content)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static void other_files_are_refused(void **state)
{
    struct place *p = *state;
    char gone[128], locked[128];
    sqlite3 *db;

    snprintf(gone, sizeof gone, "%s/none/r.db", p->folder);
    snprintf(locked, sizeof locked, "%s.lock", p->path);
    open_fails(p->path, SB_STORE_READ, -ENOENT, "no such database");
    open_fails(gone, SB_STORE_WRITE, -ENOENT, "No such file");
    open_fails(p->folder, SB_STORE_WRITE, -EINVAL, "is a directory");
    open_fails(p->folder, SB_STORE_READ, -EINVAL, "is a directory");
    open_fails("/dev/null", SB_STORE_READ, -EINVAL, "not a regular file");
    open_fails("", SB_STORE_READ, -EINVAL, "no database named");

    write_file(p->path, "this is a text that is long enough to be no database at all, see, and "
                        "then some more of it to pass the header's hundred bytes.\n");
    open_fails(p->path, SB_STORE_READ, -EINVAL, "not a database");
    open_fails(p->path, SB_STORE_WRITE, -EINVAL, "not a database");
    assert_int_not_equal(access(locked, F_OK), 0);

    write_file(p->path, "");
    open_fails(p->path, SB_STORE_READ, -EINVAL, "is empty");
    assert_int_equal(sqlite3_open(p->path, &db), 0);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL, NULL), 0);
    sqlite3_close(db);
    open_fails(p->path, SB_STORE_WRITE, -EINVAL, "not one of statbed's");
    open_fails(p->path, SB_STORE_READ, -EINVAL, "not one of statbed's");
}

static void a_newer_format_is_refused(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);

    sql(store, "PRAGMA user_version = 7");
    sb_store_close(store, NULL);
    open_fails(p->path, SB_STORE_WRITE, -EINVAL, "newer statbed (format 7, this one knows 5)");
    open_fails(p->path, SB_STORE_READ, -EINVAL, "newer statbed");
}

/* Without a tolerance, and with what is granted; without grants these are NULL or 0. */
static void what_is_granted_has_columns(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);
    struct sb_store_run run = a_run(store, 1, 1);
    const struct sb_store_end over = { .status = "finished",
                                       .n_queries = 3,
                                       .n_labels = 70,
                                       .n_examples = 5,
                                       .equivalent_samples = 12.5,
                                       .loss = NAN };
    const struct sb_store_query call = { .seq = 1,
                                         .oracle = "label",
                                         .tolerance = NAN,
                                         .answered = true,
                                         .answer = NAN,
                                         .truth = NAN,
                                         .half_width = NAN,
                                         .cost = 70,
                                         .eliminated = -1 };
    int64_t id;

    end(store, begin(store, &run), "finished", 1, 1);
    run.cell_key = digest_of(2);
    run.oracle = "sample";
    run.rule = NULL;
    run.tolerance = NAN;
    run.grants = "label";
    run.budget_labels = 100;
    run.budget_samples = 50;
    id = begin(store, &run);
    assert_int_equal(sb_store_query(store, id, &call, NULL), 0);
    assert_int_equal(sb_store_run_end(store, id, &over, NULL), 0);
    is_text(store,
            "SELECT oracle, rule, tolerance, grants, budget_labels, budget_samples, n_labels, "
            "n_examples, equivalent_samples FROM run",
            "stat,stat,0.25,,,,0,0,0\r\nsample,,,label,100,50,70,5,12.5\r\n");
    is_text(store, "SELECT oracle, expression, answer, truth, status, method, cost FROM query",
            "label,,,,answered,,70\r\n");
    sb_store_close(store, NULL);
}

static void an_older_format_is_refused(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);

    sql(store, "PRAGMA user_version = 1");
    sb_store_close(store, NULL);
    open_fails(p->path, SB_STORE_WRITE, -EINVAL,
               "made by an older statbed (format 1, this one "
               "writes 5): name another database, or move");
    open_fails(p->path, SB_STORE_READ, -EINVAL, "made by an older statbed");
}

/* In a child without root's powers. */
static void files_without_permission(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);
    struct sb_store_run run = a_run(store, 1, 1);
    pid_t child;
    int status;

    end(store, begin(store, &run), "finished", 1, 1);
    sb_store_close(store, NULL);
    chmod(p->path, 0444);
    chmod(p->folder, 0555);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534))
            _exit(1);
        store = open_ok(p->path, SB_STORE_READ);
        assert_same(number(store, "SELECT count(*) FROM run_summary"), 1);
        sb_store_close(store, NULL);
        open_fails(p->path, SB_STORE_WRITE, -EINVAL, "cannot be written");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    chmod(p->folder, 0755);
    assert_int_equal(status, 0);
}

static void a_full_disk_keeps_finished_cells(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);
    struct sb_store_run one = a_run(store, 1, 1), two = a_run(store, 2, 1);
    const struct sb_store_end e = { .status = "finished" };
    struct sb_store_query q = { .oracle = "stat", .eliminated = -1 };
    int64_t run = begin(store, &one), id;
    uint64_t text = 0;
    const struct sb_digest d = digest_of(text);
    struct sb_diag diag;
    int error = 0;

    queries(store, run, 1, 10);
    end(store, run, "finished", 10, 1);
    sql(store, "PRAGMA max_page_count = 50");
    run = begin(store, &two);
    assert_int_equal(
        sb_store_expression(store, &(struct sb_store_text){ d, print_number, &text }, &id, NULL),
        0);
    sb_diag_init(&diag);
    for (q.seq = 1; q.seq < 100000 && !error; q.seq++)
        error = sb_store_query(store, run, &q, &diag);
    assert_int_equal(error, -EIO);
    assert_int_equal(diag.n_items, 1);
    assert_non_null(strstr(diag.items[0].text, "disk full"));
    assert_non_null(strstr(diag.items[0].text, "finished cells are kept"));
    sb_diag_fini(&diag);
    /* the cut run takes no more, so that no row outlives it */
    assert_int_equal(sb_store_query(store, run, &q, NULL), -EIO);
    assert_int_equal(sb_store_run_end(store, run, &e, NULL), -EIO);
    assert_same(number(store, "SELECT count(*) FROM run WHERE status = 'finished'"), 1);
    assert_same(number(store, "SELECT count(*) FROM run WHERE status = 'running'"), 1);
    /* with room again, the same handle does the cell again, and knows no id that was rolled back */
    sql(store, "PRAGMA max_page_count = 100000");
    run = begin(store, &two);
    assert_same(number(store, "SELECT count(*) FROM query"), 10);
    assert_int_equal(sb_store_expression(store, &(struct sb_store_text){ d, print_number, &text },
                                         &q.expression, NULL),
                     0);
    q.seq = 1;
    assert_int_equal(sb_store_query(store, run, &q, NULL), 0);
    end(store, run, "finished", 1, 1);
    assert_same(number(store, "SELECT count(*) FROM query JOIN expression x ON x.id = expression"),
                1);
    sb_store_close(store, NULL);
}

static void views_are_renewed(void **state)
{
    struct place *p = *state;
    struct sb_store *store = open_ok(p->path, SB_STORE_WRITE);

    sql(store, "DROP VIEW scaling; DROP VIEW run_summary; CREATE VIEW scaling AS SELECT 1 AS old");
    sb_store_close(store, NULL);
    store = open_ok(p->path, SB_STORE_WRITE);
    assert_same(number(store, "SELECT count(*) FROM scaling"), 0);
    assert_same(number(store, "SELECT count(*) FROM run_summary"), 0);
    sb_store_close(store, NULL);
}

int main(void)
{
#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)
    const struct CMUnitTest tests[] = {
        IN_PLACE(rows_are_what_was_written),
        cmocka_unit_test(a_row_that_cannot_be_is_a_fault),
        IN_PLACE(cells_cut_short_go),
        IN_PLACE(a_killed_writer_leaves_what_was_finished),
        cmocka_unit_test(a_rebuilt_learner_makes_rows_stale),
        cmocka_unit_test(the_state_of_a_cell_is_its_best_row),
        cmocka_unit_test(nothing_becomes_stale_where_that_is_kept),
        cmocka_unit_test(experiments_are_found_again),
        cmocka_unit_test(a_seed_that_is_told_later),
        cmocka_unit_test(an_expression_is_stored_once),
        cmocka_unit_test(a_vector_leaves_the_text_around_it_alone),
        IN_PLACE(a_second_writer_is_kept_out),
        IN_PLACE(other_files_are_refused),
        IN_PLACE(a_newer_format_is_refused),
        IN_PLACE(an_older_format_is_refused),
        IN_PLACE(what_is_granted_has_columns),
        IN_PLACE(files_without_permission),
        IN_PLACE(a_full_disk_keeps_finished_cells),
        IN_PLACE(views_are_renewed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
