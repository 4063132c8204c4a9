/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views, against values worked out by hand and against loops over the same runs. */
#include "unit.h"

#include "estimate/estimate.h"
#include "store/store.h"
#include "store/table.h"

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

static int64_t n_cells;

/* A run at a dimension that ended; success -1: not decided. log2_bound NaN: no bound row. */
static void add(struct sb_store *store, const char *label, int dimension, uint64_t asked,
                const char *status, int success, double log2_bound, bool applies)
{
    const struct sb_store_experiment e = { .name = "e", .yaml = "" };
    char params[64];
    struct sb_store_run run = { .repeat = 1,
                                .label = label,
                                .family = "parity",
                                .family_params = params,
                                .dimension = dimension,
                                .oracle = "stat",
                                .rule = "stat",
                                .policy = "reference",
                                .oracle_params = "{}",
                                .tolerance = 0.25,
                                .learner = "bent",
                                .learner_params = "{\"k\":2}",
                                .goal = "predict",
                                .goal_params = "{}" };
    const struct sb_store_end end = {
        .status = status,
        .n_queries = asked + 1, /* one was refused: views count the answered */
        .n_answered = asked,
        .success = success,
        .at_tolerance = 0.2,
        .loss = NAN,
    };
    struct sb_store_bound bound = { .name = "spectral",
                                    .applies = applies,
                                    .why = "because",
                                    .log2_queries = log2_bound,
                                    .success_ub = 0.125,
                                    .at_tolerance = 0.2 };
    int64_t id;

    snprintf(params, sizeof params, "{\"dimension\":%d,\"noise\":0}", dimension);
    n_cells++;
    run.cell_key = sb_digest_of(&n_cells, sizeof n_cells);
    assert_int_equal(sb_store_experiment(store, &e, &run.experiment, NULL), 0);
    assert_int_equal(sb_store_run_begin(store, &run, &id, NULL), 0);
    if (!isnan(log2_bound)) {
        assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
        bound.log2_queries = log2_bound - 1; /* a weaker one: never shown */
        assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
        bound.log2_queries = log2_bound + 1; /* a stronger one whose conditions are not met */
        bound.applies = false;
        if (applies)
            assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    }
    bound.name = "played"; /* of this learner alone: never shown, whatever else there is */
    bound.applies = true;
    bound.log2_queries = NAN;
    bound.success_ub = 1;
    assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    if (status)
        assert_int_equal(sb_store_run_end(store, id, &end, NULL), 0);
}

static struct sb_store *handful(void)
{
    struct sb_store *store = fresh();
    sqlite3 *db = sb_store_handle(store);

    add(store, "d=4", 4, 8, "finished", 1, 3, true);
    add(store, "d=4", 4, 16, "finished", 1, 3, true);
    add(store, "d=4", 4, 32, "finished", 0, 3, true);
    add(store, "d=4", 4, 0, "crashed", 0, 3, true);
    add(store, "d=6", 6, 64, "finished", 1, 4, false);
    add(store, "d=9", 9, 1024, "finished", -1, NAN, false);
    add(store, "d=9", 9, 7, "finished", 1, NAN, false);
    assert_int_equal(sqlite3_exec(db, "UPDATE run SET stale = 1 WHERE id = 7", NULL, NULL, NULL),
                     0);
    add(store, "d=9", 9, 0, NULL, 0, 1, true); /* still running */
    return store;
}

/* Wilson at z = 1.959964, z^2 = 3.841459, by hand. 2 of 4: centre 0.5, half
 * sqrt(0.25/4 + 3.841459/64) / (1 + 0.960365) * 1.959964 = 0.349961 -> 0.150, 0.850. 1 of 1:
 * (1 + z^2/2)/(1 + z^2) -+ (z^2/2)/(1 + z^2) = 1/(1 + z^2), 1 = 0.207, 1. */
static void run_summary_is_right(void **state)
{
    struct sb_store *store = handful();

    (void)state;
    prints_from(
        store, "SELECT * FROM run_summary", SB_TABLE_CSV,
        "experiment,family,dim,oracle,tol,policy,learner,goal,other,runs,won,rate,lo,hi,q_min,"
        "q_mean,q_max,bound,p_max,applies,bad\r\n"
        "e,parity,4,stat,0.25,reference,bent,predict,d=4,4,2,0.5,0.15,0.85,0,14,32,8,0.125,1,1"
        "\r\n"
        "e,parity,6,stat,0.25,reference,bent,predict,d=6,1,1,1,0.207,1,64,64,64,16,0.125,0,0\r\n"
        "e,parity,9,stat,0.25,reference,bent,predict,d=9,1,,,,,1024,1024,1024,,,,0\r\n");
    sb_store_close(store, NULL);
}

/* What a column of its own says is not said twice; the tolerance is 0.25, the dimension 4. */
static void other_is_what_has_no_column(void **state)
{
    static const char *const labels[][2] = {
        { "family.dimension=4", NULL },
        { "family.dimension=40", "family.dimension=40" },
        { "family.type=parity family.sparsity=2 family.dimension=4", "family.sparsity=2" },
        { "oracle.type=stat oracle.tolerance=0.25 oracle.policy=reference learner.type=bent",
          NULL },
        { "learner.type=bent learner.k=2 oracle.slack=0.5", "learner.k=2 oracle.slack=0.5" },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(labels); i++) {
        struct sb_store *store = fresh();
        char *expected = sb_printf("other\r\n%s\r\n", labels[i][1] ? labels[i][1] : "");

        n_cells = 0;
        add(store, labels[i][0], 4, 8, "finished", 1, 3, true);
        prints_from(store, "SELECT other FROM run_summary", SB_TABLE_CSV, expected);
        prints_from(store, "SELECT other FROM queries_vs_bound", SB_TABLE_CSV, expected);
        free(expected);
        sb_store_close(store, NULL);
    }
}

static void facts_are_those_of_the_run(void **state)
{
    static const struct sb_store_fact of_first[] = { { "miss", 0.25, "a" }, { "u", NAN, "b" } };
    struct sb_store *store = fresh();

    (void)state;
    add(store, "", 4, 8, "finished", 1, 3, true);
    add(store, "", 5, 8, "finished", 1, 3, true);
    for (size_t i = 0; i < SB_COUNT(of_first); i++)
        assert_int_equal(sb_store_fact(store, 1, &of_first[i], NULL), 0);
    assert_int_equal(sb_store_fact(store, 2, &of_first[0], NULL), 0);
    prints_from(store, "SELECT run, dim, name, value, help FROM facts", SB_TABLE_CSV,
                "run,dim,name,value,help\r\n1,4,miss,0.25,a\r\n1,4,u,,b\r\n2,5,miss,0.25,a\r\n");
    sb_store_close(store, NULL);
}

static void queries_vs_bound_is_right(void **state)
{
    struct sb_store *store = handful();

    (void)state;
    prints_from(store,
                "SELECT run, dim, queries, bound, ratio, success, p_max, at_tol, applies, why_not "
                "FROM queries_vs_bound",
                SB_TABLE_CSV,
                "run,dim,queries,bound,ratio,success,p_max,at_tol,applies,why_not\r\n"
                "1,4,8,8,1,1,0.125,0.2,1,\r\n"
                "2,4,16,8,2,1,0.125,0.2,1,\r\n"
                "3,4,32,8,4,0,0.125,0.2,1,\r\n"
                "4,4,0,8,0,0,0.125,0.2,1,\r\n"
                "5,6,64,16,,1,0.125,0.2,0,because\r\n"
                "6,9,1024,,,,,,,\r\n");
    sb_store_close(store, NULL);
}

/* Whatever the order in which the cells were done: shards that were merged read like one run. */
static void rows_stand_in_the_order_of_the_plan(void **state)
{
    struct sb_store *store = handful();
    sqlite3 *db = sb_store_handle(store);

    (void)state;
    assert_int_equal(sqlite3_exec(db, "UPDATE run SET cell = 10 - id", NULL, NULL, NULL), 0);
    prints_from(store, "SELECT dim FROM run_summary", SB_TABLE_CSV, "dim\r\n9\r\n6\r\n4\r\n");
    prints_from(store, "SELECT run FROM queries_vs_bound", SB_TABLE_CSV,
                "run\r\n6\r\n5\r\n4\r\n3\r\n2\r\n1\r\n");
    sb_store_close(store, NULL);
}

/* d = 4: (3 + 4 + 5 + log2 max(0, 1)) / 4 = 3; growth (6 - 3) / 2, (10 - 6) / 3. */
static void scaling_is_right(void **state)
{
    struct sb_store *store = handful();

    (void)state;
    assert_int_equal(sqlite3_exec(sb_store_handle(store),
                                  "UPDATE run SET label = 'family.dimension=' || dimension", NULL,
                                  NULL, NULL),
                     0);
    prints_from(store, "SELECT * FROM scaling", SB_TABLE_CSV,
                "experiment,family,family_params,oracle,tol,policy,learner,learner_params,goal,"
                "other,dim,runs,won,log2_q,log2_q_max,log2_bound,applies,growth,bound_growth\r\n"
                "e,parity,\"{\"\"noise\"\":0}\",stat,0.25,reference,bent,\"{\"\"k\"\":2}\",predict,"
                ",4,4,2,3,5,3,1,,\r\n"
                "e,parity,\"{\"\"noise\"\":0}\",stat,0.25,reference,bent,\"{\"\"k\"\":2}\",predict,"
                ",6,1,1,6,6,4,0,1.5,0.5\r\n"
                "e,parity,\"{\"\"noise\"\":0}\",stat,0.25,reference,bent,\"{\"\"k\"\":2}\",predict,"
                ",9,1,,10,10,,,1.333,\r\n");
    sb_store_close(store, NULL);
}

/* Until it is done again; what is under way or cut short by us does not count at all. */
static void a_killed_run_is_no_success(void **state)
{
    struct sb_store *store = fresh();

    (void)state;
    n_cells = 0;
    add(store, "family.dimension=4", 4, 2, "finished", 1, 1, true);
    add(store, "family.dimension=4", 4, 1, "killed", 0, 1, true);
    add(store, "family.dimension=4", 4, 1, "interrupted", 0, 1, true);
    prints_from(store, "SELECT runs, won, rate, bad FROM run_summary", SB_TABLE_CSV,
                "runs,won,rate,bad\r\n2,1,0.5,1\r\n");
    sb_store_close(store, NULL);
}

/* Runs with another budget, or for another goal, are another series, with a bound of its own;
 * other coins, and what columns of parameters say, are not. */
static void scaling_keeps_apart_what_the_grid_does(void **state)
{
    struct sb_store *store = fresh();

    (void)state;
    n_cells = 0;
    add(store, "family.dimension=4 goal.success=0.1 learner.coins=1", 4, 2, "finished", 1, 1, true);
    add(store, "family.dimension=4 goal.success=0.1 learner.coins=2", 4, 8, "finished", 1, 1, true);
    add(store, "family.dimension=6 family.noise=0 goal.success=0.1", 6, 8, "finished", 1, 2, true);
    add(store, "family.dimension=4 goal.success=0.9", 4, 64, "finished", 0, 3, true);
    add(store, "family.dimension=6 goal.success=0.9 budget.queries=9", 6, 9, "finished", 0, 5,
        true);
    prints_from(store, "SELECT other, dim, runs, log2_q, log2_bound, growth FROM scaling",
                SB_TABLE_CSV,
                "other,dim,runs,log2_q,log2_bound,growth\r\n"
                "goal.success=0.1,4,2,2,1,\r\n"
                "goal.success=0.1,6,1,3,2,0.5\r\n"
                "goal.success=0.9,4,1,6,3,\r\n"
                "goal.success=0.9 budget.queries=9,6,1,3.17,5,\r\n");
    sb_store_close(store, NULL);
}

/* A run with access of its own; rule and tolerance as in the store: NULL and NaN for none. */
static void add_access(struct sb_store *store, const char *oracle, const char *rule,
                       double tolerance, const char *grants, int success, struct sb_store_end end)
{
    const struct sb_store_experiment e = { .name = "e", .yaml = "" };
    char label[64], params[64];
    struct sb_store_run run = { .repeat = 1,
                                .label = "",
                                .family = "parity",
                                .family_params = "{}",
                                .dimension = 4,
                                .oracle = oracle,
                                .rule = rule,
                                .policy = rule && strcmp(rule, "fresh") != 0 ? "exact" : "fresh",
                                .oracle_params = params,
                                .tolerance = tolerance,
                                .grants = grants,
                                .learner = "bent",
                                .learner_params = "{}",
                                .goal = "predict",
                                .goal_params = "{}",
                                .success_wanted = 0.66 };
    int64_t id;

    snprintf(label, sizeof label, "oracle.type=%s grant=%s", oracle, *grants ? grants : "none");
    run.label = label;
    snprintf(params, sizeof params, "{\"tolerance\":%g}", tolerance);
    n_cells++;
    run.cell_key = sb_digest_of(&n_cells, sizeof n_cells);
    end.status = "finished";
    end.success = success;
    end.loss = end.loss_half_width = NAN;
    assert_int_equal(sb_store_experiment(store, &e, &run.experiment, NULL), 0);
    assert_int_equal(sb_store_run_begin(store, &run, &id, NULL), 0);
    assert_int_equal(sb_store_run_end(store, id, &end, NULL), 0);
}

/* One of two: Wilson as above, centre 0.5, half sqrt(3.841459/8 + 3.841459^2/16) / 2.920729 =
 * 0.405469. */
static void separation_is_right(void **state)
{
    struct sb_store *store = fresh();

    (void)state;
    add_access(store, "stat", "stat", 0.1, "", 1,
               (struct sb_store_end){ .n_answered = 8, .equivalent_samples = 1000 });
    add_access(store, "stat", "stat", 0.1, "", 0,
               (struct sb_store_end){ .n_answered = 16, .equivalent_samples = 2000 });
    add_access(store, "stat", "stat", 0.1, "label,sample", 1,
               (struct sb_store_end){ .n_labels = 5, .n_examples = 2, .equivalent_samples = NAN });
    add_access(store, "sample", NULL, NAN, "", 1,
               (struct sb_store_end){ .n_examples = 20, .equivalent_samples = 20 });
    add_access(store, "sample", NULL, NAN, "", 1,
               (struct sb_store_end){ .n_examples = 41, .equivalent_samples = 41 });
    prints_from(
        store, "SELECT * FROM separation", SB_TABLE_CSV,
        "experiment,family,dim,oracle,tol,policy,learner,goal,other,runs,won,rate,lo,hi,queries,"
        "labels,samples,equivalent\r\n"
        "e,parity,4,stat,0.1,exact,bent,predict,,2,1,0.5,0.095,0.905,12,0,0,1500\r\n"
        "e,parity,4,stat+label+sample,0.1,exact,bent,predict,,1,1,1,0.207,1,0,5,2,\r\n"
        "e,parity,4,sample,,fresh,bent,predict,,2,2,1,0.342,1,0,0,30.5,30.5\r\n");
    sb_store_close(store, NULL);
}

static void the_frontier_lies_between_tolerances(void **state)
{
    static const struct {
        const char *oracle, *rule;
        double tolerance;
        int success;
        uint64_t queries;
    } runs[] = {
        { "stat", "stat", 0.1, 1, 40 },      { "stat", "stat", 0.25, 1, 20 },
        { "stat", "stat", 0.5, 0, 10 },      { "vstat", "bernoulli", 10, 0, 5 },
        { "vstat", "bernoulli", 100, 1, 6 }, { "vstat", "bernoulli", 1000, 1, 7 },
        { "csq", "stat", 0.25, 0, 1 },
    };
    struct sb_store *store = fresh();

    (void)state;
    for (size_t i = 0; i < SB_COUNT(runs); i++)
        add_access(store, runs[i].oracle, runs[i].rule, runs[i].tolerance, "", runs[i].success,
                   (struct sb_store_end){ .n_answered = runs[i].queries });
    add_access(store, "sample", NULL, NAN, "", 1, (struct sb_store_end){ 0 }); /* has none */
    prints_from(store,
                "SELECT oracle, wanted, tolerances, holds_to, breaks_at, q_least FROM "
                "success_frontier",
                SB_TABLE_CSV,
                "oracle,wanted,tolerances,holds_to,breaks_at,q_least\r\n"
                "stat,0.66,3,0.25,0.5,20\r\n"
                "vstat,0.66,3,100,10,6\r\n"
                "csq,0.66,1,,0.25,\r\n");
    sb_store_close(store, NULL);
}

static void print_text(void *self, struct sb_buf *out)
{
    sb_buf_puts(out, self);
}

static void transcript_reads_one_range(void **state)
{
    struct sb_store *store = handful();
    struct sb_store_query q = { .seq = 1,
                                .oracle = "stat",
                                .tolerance = 0.25,
                                .answered = true,
                                .answer = -0.5,
                                .truth = -0.5,
                                .method = "exact",
                                .cost = 3,
                                .clipped = true,
                                .eliminated = 2,
                                .dropped = 4 };
    char text[] = "y * chi(0,1)";
    const struct sb_digest digest = sb_digest_of(text, sizeof text);
    struct sb_buf plan;

    (void)state;
    assert_int_equal(sb_store_expression(store, &(struct sb_store_text){ digest, print_text, text },
                                         &q.expression, NULL),
                     0);
    assert_int_equal(sb_store_query(store, 8, &q, NULL), 0);
    assert_int_equal(sb_store_query(store, 7, &q, NULL), 0);
    prints_from(
        store, "SELECT * FROM transcript WHERE run = 8", SB_TABLE_CSV,
        "run,seq,oracle,expression,tol,status,answer,truth,half_width,method,samples,"
        "cost,clipped,from_null,eliminated,tag\r\n"
        "8,1,stat,\"y * chi(0,1)\",0.25,answered,-0.5,-0.5,0,exact,0,3,1,0,2,certified\r\n");
    assert_int_equal(sqlite3_exec(sb_store_handle(store), "UPDATE run SET summary = 1 WHERE id = 6",
                                  NULL, NULL, NULL),
                     0);
    prints_from(
        store, "SELECT * FROM transcript ORDER BY run", SB_TABLE_CSV,
        "run,seq,oracle,expression,tol,status,answer,truth,half_width,method,samples,"
        "cost,clipped,from_null,eliminated,tag\r\n"
        "6,,,no rows are kept: transcript: summary,,summary,,,,,,,,,,\r\n"
        "7,1,stat,\"y * chi(0,1)\",0.25,answered,-0.5,-0.5,0,exact,0,3,1,0,2,certified\r\n"
        "8,1,stat,\"y * chi(0,1)\",0.25,answered,-0.5,-0.5,0,exact,0,3,1,0,2,certified\r\n");
    sb_buf_init(&plan);
    assert_int_equal(sb_table_print(store,
                                    "EXPLAIN QUERY PLAN SELECT * FROM transcript WHERE run = 8",
                                    SB_TABLE_CSV, &plan, NULL),
                     0);
    assert_non_null(strstr(sb_buf_str(&plan), "SEARCH q USING INTEGER PRIMARY KEY (rowid>? AND "));
    assert_null(strstr(sb_buf_str(&plan), "SCAN"));
    sb_buf_fini(&plan);
    sb_store_close(store, NULL);
}

/* A game that ended: its learner's coins, what it asked and was right on, and its certificate. */
struct game {
    const char *label;
    uint64_t coins, asked;
    int64_t n_live, n_right, max_dropped;
    double share, log2_played, log2_bound;
    bool counts;
};

static void add_game(struct sb_store *store, const struct game *g)
{
    const struct sb_store_experiment e = { .name = "e", .yaml = "" };
    struct sb_store_run run = { .repeat = 1,
                                .label = g->label,
                                .family = "parity",
                                .family_params = "{}",
                                .dimension = 6,
                                .log2_members = 6,
                                .oracle = "stat",
                                .policy = "eliminate",
                                .oracle_params = "{}",
                                .tolerance = 0.25,
                                .learner = "bent",
                                .learner_params = "{}",
                                .coins = g->coins,
                                .goal = "recover",
                                .goal_params = "{}" };
    const struct sb_store_end end = { .status = "finished",
                                      .n_answered = g->asked,
                                      .max_dropped = g->max_dropped,
                                      .n_live = g->n_live,
                                      .n_right = g->n_right };
    struct sb_store_bound bound = { .name = "spectral",
                                    .applies = true,
                                    .log2_queries = g->log2_bound,
                                    .success_ub = 0.75,
                                    .success_per_query = 0.25,
                                    .problem = "search" };
    int64_t id;

    n_cells++;
    run.cell = (uint64_t)n_cells;
    run.cell_key = sb_digest_of(&n_cells, sizeof n_cells);
    assert_int_equal(sb_store_experiment(store, &e, &run.experiment, NULL), 0);
    assert_int_equal(sb_store_run_begin(store, &run, &id, NULL), 0);
    assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    bound.log2_queries += 5;
    bound.subset = true; /* of another prior: never shown */
    assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    bound = (struct sb_store_bound){ .name = "played",
                                     .applies = g->counts,
                                     .log2_queries = g->log2_played,
                                     .success_ub = g->counts ? g->share : NAN };
    assert_int_equal(sb_store_bound(store, id, &bound, NULL), 0);
    assert_int_equal(sb_store_run_end(store, id, &end, NULL), 0);
}

/* By hand: shares 0.5 and 1 at two seeds have mean 0.75; Wilson at n = 2: centre (0.75 + 3.841459/4) /
 * (1 + 3.841459/2) = 0.585594, half sqrt(3.841459 0.1875/2 + 3.841459^2/16) / 2.920729 = 0.387728, so
 * 0.198 to 0.973. The cap is 0.25 64. */
static void a_seed_is_one_game(void **state)
{
    static const struct game games[] = {
        { "k=1 learner.coins=1", 1, 20, 1, 1, 5, 0.5, 4, 3, true },
        { "k=1 learner.coins=1", 1, 20, 1, 1, 5, 0.5, 4, 3, true },
        { "k=1 learner.coins=2", 2, 30, 3, 1, 7, 1, 3.5, 3, true },
        { "k=2 learner.coins=1", 1, 8, 2, 2, 9, 1, 3, 3.5, true },   /* played below proven */
        { "k=3 learner.coins=1", 1, 7, 2, 2, 9, 1, 3, 2, true },     /* asked below played */
        { "k=4 learner.coins=1", 1, 7, 2, 2, 9, 1, NAN, 2, false },  /* nothing is stated */
        { "k=4 learner.coins=2", 2, 7, 2, 1, 9, 0.5, 3, NAN, true }, /* not right on all */
        { "k=5 learner.coins=7", 7, 9, 1, 1, 0, 1, NAN, NAN, true }, /* no statement of queries */
    };
    struct sb_store *store = fresh();

    (void)state;
    n_cells = 0;
    for (size_t i = 0; i < SB_COUNT(games); i++)
        add_game(store, &games[i]);
    prints_from(store,
                "SELECT other, runs, coins, q_min, q_mean, q_max, played, bound, kappa, cap, live, "
                "share, lo, hi, p_max, chain FROM adversary",
                SB_TABLE_CSV,
                "other,runs,coins,q_min,q_mean,q_max,played,bound,kappa,cap,live,share,lo,hi,p_max,"
                "chain\r\n"
                "k=1,3,2,20,23.3,30,11.3,8,7,16,1.7,0.75,0.198,0.973,0.75,1\r\n"
                "k=2,1,1,8,8,8,8,11.3,9,16,2,1,,,0.75,0\r\n"
                "k=3,1,1,7,7,7,8,4,9,16,2,1,,,0.75,0\r\n"
                "k=4,2,2,7,7,7,,4,9,16,2,,,,0.75,\r\n"
                "k=5,1,1,9,9,9,,,0,16,1,1,,,0.75,1\r\n");
    sb_store_close(store, NULL);
}

/* At 10 seeds a share is 1 with probability 0.1, else 0.05, so that the mean is 0.145. The interval misses it
 * where four or more shares are 1: it covers with probability 0.987 (a coin of that mean: 0.955), and of 300
 * points fewer than 280 with probability 6e-10 (under valgrind of 30 fewer than 25: 2e-6). Key fixed. */
static void intervals_of_shares_cover(void **state)
{
    enum { SEEDS = 10 };
    const bool brief = getenv("STATBED_TEST_VALGRIND");
    const int n_points = brief ? 30 : 300;
    const struct sb_key key = sb_key_derive("test_views", "shares", 6);
    struct sb_store *store = fresh();
    sqlite3_stmt *stmt;

    (void)state;
    for (uint64_t i = 0; i < (uint64_t)(n_points * SEEDS); i++) {
        char label[64];
        struct game g = { label, i % SEEDS, 1, 1, 1, 1, 0.05, 0, 0, true };

        snprintf(label, sizeof label, "k=%d learner.coins=%d", (int)(i / SEEDS), (int)(i % SEEDS));
        if (sb_random_below(key, i, 10) == 0)
            g.share = 1;
        add_game(store, &g);
    }
    assert_int_equal(sqlite3_prepare_v2(sb_store_handle(store),
                                        "SELECT count(*), sum(lo <= 0.145 AND 0.145 <= hi), "
                                        "sum(coins = 10) FROM adversary",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(stmt, 0), n_points);
    assert_int_equal(sqlite3_column_int(stmt, 2), n_points);
    assert_in_range(sqlite3_column_int(stmt, 1), brief ? 25 : 280, n_points);
    sqlite3_finalize(stmt);
    sb_store_close(store, NULL);
}

/* The view's tag is that of the layer that estimates, of every method that there is. */
static void tags_are_the_methods_own(void **state)
{
    struct sb_store *store = handful();
    struct sb_buf expected;

    (void)state;
    sb_buf_init(&expected);
    sb_buf_puts(&expected, "method,tag\r\n");
    for (uint32_t m = 1; strcmp(sb_method_name(m), "none") != 0; m++) {
        const struct sb_store_query q = {
            .seq = m, .oracle = "stat", .answered = true, .method = sb_method_name(m)
        };

        assert_int_equal(sb_store_query(store, 7, &q, NULL), 0);
        sb_buf_printf(&expected, "%s,%s\r\n", sb_method_name(m), sb_method_tag(m));
    }
    prints_from(store, "SELECT method, tag FROM transcript WHERE run = 7", SB_TABLE_CSV,
                sb_buf_str(&expected));
    sb_buf_fini(&expected);
    sb_store_close(store, NULL);
}

static void every_view_is_there(void **state)
{
    struct sb_store *store = fresh();
    char select[96];

    (void)state;
    for (const struct sb_view *v = sb_views; v->name; v++) {
        struct sb_buf out;

        sb_buf_init(&out);
        snprintf(select, sizeof select, "SELECT * FROM %s", v->name);
        assert_int_equal(sb_table_print(store, select, SB_TABLE_TEXT, &out, NULL), 0);
        sb_buf_clear(&out);
        assert_int_equal(sb_table_print(store, v->sql, SB_TABLE_JSON, &out, NULL), 0);
        assert_string_equal(sb_buf_str(&out), "[]\n");
        sb_buf_fini(&out);
    }
    assert_string_equal(sb_views[0].name, "run_summary");
    sb_store_close(store, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_summary_is_right),
        cmocka_unit_test(other_is_what_has_no_column),
        cmocka_unit_test(facts_are_those_of_the_run),
        cmocka_unit_test(queries_vs_bound_is_right),
        cmocka_unit_test(rows_stand_in_the_order_of_the_plan),
        cmocka_unit_test(scaling_is_right),
        cmocka_unit_test(scaling_keeps_apart_what_the_grid_does),
        cmocka_unit_test(a_killed_run_is_no_success),
        cmocka_unit_test(separation_is_right),
        cmocka_unit_test(the_frontier_lies_between_tolerances),
        cmocka_unit_test(transcript_reads_one_range),
        cmocka_unit_test(a_seed_is_one_game),
        cmocka_unit_test(intervals_of_shares_cover),
        cmocka_unit_test(tags_are_the_methods_own),
        cmocka_unit_test(every_view_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
