/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a learner can see is a function of the answers alone: under `reference`, secrets that get
 * the same answers exchange the same bytes with it, from CONFIG on, whatever it asks. */
#include "harness.h"
#include "runner/cell.h"

enum { SECRETS = 3, N_ACCESSES = 3 };

/* One cell's conversation, frame by frame. */
static void record(void *self, bool to_learner, uint32_t type, const void *payload, size_t n)
{
    struct sb_buf *b = self;

    sb_buf_u8(b, to_learner);
    sb_buf_u32(b, type);
    sb_buf_u64(b, n);
    sb_buf_bytes(b, payload, n);
}

struct outcome {
    struct sb_buf traffic;
    char hidden[1024], status[32], output[256];
    int64_t n_queries, n_from_truth, n_sampled, n_clipped, n_refused, n_over;
    char transcript[65];
};

static void look_up(struct sb_store *store, struct outcome *out)
{
    sqlite3_stmt *stmt = harness_select(store, "SELECT hidden, transcript, status, "
                                               "CAST(output AS TEXT) FROM run");

    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(out->hidden, sizeof out->hidden, "%s", (const char *)sqlite3_column_text(stmt, 0));
    snprintf(out->transcript, sizeof out->transcript, "%s",
             (const char *)sqlite3_column_text(stmt, 1));
    snprintf(out->status, sizeof out->status, "%s", (const char *)sqlite3_column_text(stmt, 2));
    snprintf(out->output, sizeof out->output, "%s",
             sqlite3_column_text(stmt, 3) ? (const char *)sqlite3_column_text(stmt, 3) : "");
    sqlite3_finalize(stmt);
    out->n_queries = harness_count(store, "SELECT count(*) FROM query");
    assert_int_equal(out->n_queries, harness_count(store, "SELECT n_queries FROM run"));
    out->n_from_truth = harness_count(
        store, "SELECT count(*) FROM query WHERE status = 'answered' AND NOT from_null");
    out->n_sampled =
        harness_count(store, "SELECT count(*) FROM query WHERE method = 'monte-carlo'");
    out->n_clipped = harness_count(store, "SELECT count(*) FROM query WHERE clipped");
    out->n_refused =
        harness_count(store, "SELECT count(DISTINCT status) FROM query WHERE answer IS NULL");
    out->n_over = harness_count(store, "SELECT count(*) FROM query WHERE status = 'budget'");
}

/* The cell of one experiment, its key and so all that is public, with the secret of another seed.
 */
static void converse(const char *yaml, int seed, uint32_t isolation, struct outcome *out)
{
    const struct sb_store_experiment row = { .name = "traffic", .yaml = yaml };
    struct sb_store *store = harness_store(NULL);
    struct sb_store_writer writer = { .store = store };
    const struct sb_sink sink = sb_store_sink(&writer);
    struct harness_experiment public_one, secret_one;
    struct sb_cell_outcome end;
    struct sb_cell cell = {
        .repeat = 1, .isolation = isolation, .traffic = record, .traffic_self = &out->traffic
    };
    struct sb_diag diag;

    harness_read(&public_one, "seed: 1\n%s", yaml);
    harness_read(&secret_one, "seed: %d\n%s", seed, yaml);
    cell.experiment = secret_one.experiment;
    cell.point = &secret_one.experiment->points[0];
    assert_int_equal(sb_digest_file(cell.point->learner_path, &cell.learner), 0);
    cell.key = sb_cell_key(public_one.experiment, &public_one.experiment->points[0], 1);
    cell.material = sb_cell_material(public_one.experiment, &public_one.experiment->points[0], 1);
    sb_buf_init(&out->traffic);
    sb_diag_init(&diag);
    assert_int_equal(sb_store_experiment(store, &row, &cell.experiment_id, NULL), 0);
    if (sb_cell_run(&cell, &sink, &end, &diag))
        fail_msg("%s", diag.n_items ? diag.items[0].text : "the cell stopped");
    look_up(store, out);
    sb_diag_fini(&diag);
    harness_drop(&public_one);
    harness_drop(&secret_one);
    harness_close(store);
}

static bool same_traffic(const struct outcome *a, const struct outcome *b)
{
    return a->traffic.n == b->traffic.n && !a->traffic.failed && !b->traffic.failed &&
           memcmp(a->traffic.data, b->traffic.data, a->traffic.n) == 0;
}

static const char *const accesses[N_ACCESSES] = { "type: stat, tolerance: 0.25",
                                                  "type: vstat, t: 12, rule: bernoulli",
                                                  "type: vstat, t: 12, rule: variance" };

static char *yaml_of(const char *family, const char *access, const char *policy)
{
    return sb_printf("name: traffic\n"
                     "claim: none\n"
                     "repeat: 1\n"
                     "family: { %s }\n"
                     "oracle: { %s, policy: %s, slack: 0.5 }\n"
                     "learner: { type: %s }\n"
                     "budget: { queries: 80, seconds: 60 }\n"
                     "goal: { type: predict, loss: zero-one, max: 0.1 }\n",
                     family, access, policy, harness_plugin("asks"));
}

/* The mixture is one: each kind of query and of refusal was met. */
static void assert_mixed(const struct outcome *o)
{
    assert_string_equal(o->status, "finished");
    assert_true(o->n_queries > 80);
    assert_true(o->n_over >= 5);
    assert_true(o->n_sampled >= 3);
    assert_true(o->n_clipped >= 5);
    assert_int_equal(o->n_refused, 4); /* budget, tolerance, refused, syntax */
}

static void compare_secrets(const char *family, const char *access)
{
    static const uint32_t isolations[SECRETS] = { SB_ISOLATION_SECCOMP, SB_ISOLATION_PROCESS,
                                                  SB_ISOLATION_NONE };
    char *yaml SB_FREE = yaml_of(family, access, "reference");
    struct outcome o[SECRETS];

    assert_non_null(yaml);
    for (int i = 0; i < SECRETS; i++) {
        converse(yaml, 100 + i, isolations[i], &o[i]);
        assert_mixed(&o[i]);
        assert_int_equal(o[i].n_from_truth, 0); /* the premise: both got the null's answers */
    }
    for (int i = 1; i < SECRETS; i++) {
        assert_string_not_equal(o[0].hidden, o[i].hidden);
        assert_true(same_traffic(&o[0], &o[i]));
        assert_string_equal(o[0].transcript, o[i].transcript);
    }
    for (int i = 0; i < SECRETS; i++)
        sb_buf_fini(&o[i].traffic);
}

static void parities(void **state)
{
    (void)state;
    for (int i = 0; i < N_ACCESSES; i++)
        compare_secrets("type: parity, dimension: 30", accesses[i]);
}

static void noisy_sparse_parities(void **state)
{
    (void)state;
    for (int i = 0; i < N_ACCESSES; i++)
        compare_secrets("type: parity, dimension: 48, sparsity: 5, noise: 0.1, labels: \"01\"",
                        accesses[i]);
}

static void conjunctions(void **state)
{
    (void)state;
    for (int i = 0; i < N_ACCESSES; i++)
        compare_secrets("type: conjunction, dimension: 30, literals: 9, negations: true",
                        accesses[i]);
}

/* A learner that looks where it should not (tests/plugins/leak.c) is sent the same bytes, sees the same
 * points and ends in the same way, whatever is hidden. What it prints has a digest of its points. */
static void attackers(void **state)
{
    static const struct {
        const char *how;
        int dim;
    } cases[] = { { "eliminate", 30 }, { "eliminate", 12 }, { "remember", 30 }, { "fail", 30 },
                  { "die", 30 },       { "die", 12 },       { "errors", 10 } };

    (void)state;
    for (size_t c = 0; c < SB_COUNT(cases); c++) {
        char *yaml SB_FREE = sb_printf("name: traffic\n"
                                       "claim: none\n"
                                       "family: { type: parity, dimension: %d }\n"
                                       "oracle: { type: stat, tolerance: 0.5, policy: reference }\n"
                                       "learner: { type: %s, how: %s }\n"
                                       "budget: { queries: 1000, seconds: 100 }\n"
                                       "goal: { type: recover }\n",
                                       cases[c].dim, harness_plugin("leak"), cases[c].how);
        struct outcome o[SECRETS];

        for (int i = 0; i < SECRETS; i++)
            converse(yaml, 200 + i, SB_ISOLATION_SECCOMP, &o[i]);
        print_message("# %s, d = %d: %s\n", cases[c].how, cases[c].dim, o[0].status);
        for (int i = 0; i < SECRETS; i++) {
            assert_int_equal(o[i].n_from_truth, 0);
            assert_true(i == 0 || strcmp(o[0].hidden, o[i].hidden) != 0);
            assert_string_equal(o[0].status, o[i].status);
            assert_string_equal(o[0].output, o[i].output);
            assert_string_equal(o[0].transcript, o[i].transcript);
            assert_true(same_traffic(&o[0], &o[i]));
        }
        for (int i = 0; i < SECRETS; i++)
            sb_buf_fini(&o[i].traffic);
    }
}

/* The control: where answers come from the truth, samples of it differ, and so does the traffic. */
static void exact_answers_differ(void **state)
{
    (void)state;
    for (int i = 0; i < N_ACCESSES; i++) {
        char *yaml SB_FREE = yaml_of("type: parity, dimension: 30", accesses[i], "exact");
        struct outcome a, b;

        converse(yaml, 100, SB_ISOLATION_NONE, &a);
        converse(yaml, 101, SB_ISOLATION_NONE, &b);
        assert_false(same_traffic(&a, &b));
        sb_buf_fini(&a.traffic);
        sb_buf_fini(&b.traffic);
    }
}

/* The other control: the same secret once more, through another isolation, is the same traffic even
 * where it tells the secret. */
static void one_secret_repeats(void **state)
{
    char *yaml SB_FREE = yaml_of("type: parity, dimension: 30", accesses[0], "extreme");
    struct outcome a, b;

    (void)state;
    converse(yaml, 100, SB_ISOLATION_SECCOMP, &a);
    converse(yaml, 100, SB_ISOLATION_NONE, &b);
    assert_true(same_traffic(&a, &b));
    sb_buf_fini(&a.traffic);
    sb_buf_fini(&b.traffic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parities),
        cmocka_unit_test(noisy_sparse_parities),
        cmocka_unit_test(conjunctions),
        cmocka_unit_test(attackers),
        cmocka_unit_test(exact_answers_differ),
        cmocka_unit_test(one_secret_repeats),
    };

    return cmocka_run_group_tests_name("traffic", tests, NULL, NULL);
}
