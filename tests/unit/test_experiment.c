/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Experiment files, with registries and learners of the test's own: what a good file gives, and
 * where and how every mistake is reported. */
#include "unit.h"

#include "base/buffer.h"
#include "experiment/experiment.h"
#include "experiment/yaml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The fakes */

static const struct sb_param parity_params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates" },
    { "noise", SB_REAL, 0, "0", "[0,0.5)", "noise rate" },
    { "labels", SB_TEXT, 0, "signs", "signs|bits", "label set" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param conjunction_params[] = {
    { "dimension", SB_INT, 0, NULL, "[1,63]", "number of coordinates" },
    { "literals", SB_INT, 0, NULL, "[1,63]", "number of literals" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param stat_params[] = {
    { "tolerance", SB_REAL, 0, NULL, "(0,1]", "tau" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param vstat_params[] = {
    { "t", SB_REAL, 0, NULL, "[1,inf)", "sample size" },
    { "rule", SB_TEXT, 0, "mean", "mean|variance", "which variance" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param slack_params[] = {
    SB_SLACK("0.1"),
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param finish_params[] = {
    SB_SLACK("0.2"),
    { "finish", SB_TEXT, 0, "random", "random|worst", "the choice at the end" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param oracle_params[] = {
    { "delta", SB_REAL, 0, "1e-6", "(0,1)", "failure probability" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static const struct sb_param bent_params[] = {
    { "weights", SB_VECTOR, 0, "1", NULL, "a vector" },
    { "depth", SB_INT, 0, "3", "[1,10]", "a depth" },
    { NULL, 0, 0, NULL, NULL, NULL },
};
static uint64_t n_family_labels = 2; /* of the families to come */
/* Refuses one thing that no table says. */
static int create_family(const struct sb_values *params, struct sb_family *out, struct sb_diag *to)
{
    static const double labels[3] = { -1, 1, 2 }; /* what goal predict needs */

    out->space.n_labels = n_family_labels;
    out->space.labels = labels;
    if (sb_values_int(params, "literals") > sb_values_int(params, "dimension"))
        return sb_diag_fail(to, -EINVAL, "family: too many literals");
    return 0;
}
/* Plays dimensions up to 30. */
static int create_policy(const struct sb_policy_setup *setup, void **state_out, struct sb_diag *to)
{
    (void)state_out;
    if (sb_values_int(setup->family->params, "dimension") > 30)
        return sb_diag_fail(to, -EINVAL, "oracle: too large to play");
    return 0;
}
static struct sb_tolerance granted(const struct sb_values *oracle)
{
    return (struct sb_tolerance){ SB_RULE_STAT, sb_values_real(oracle, "tolerance") };
}
static double least(struct sb_tolerance tolerance)
{
    return tolerance.value;
}
static const struct sb_family_class parity = { .name = "parity",
                                               .params = parity_params,
                                               .create = create_family };
static const struct sb_family_class conjunction = { .name = "conjunction",
                                                    .params = conjunction_params,
                                                    .create = create_family };
static const struct sb_access_class stat_class = {
    .name = "stat", .bit = SB_STAT, .params = stat_params, .granted = granted, .least = least
};
static const struct sb_access_class vstat_class = {
    .name = "vstat", .bit = SB_VSTAT, .params = vstat_params, .granted = granted, .least = least
};
static const struct sb_policy_class reference = { .name = "reference", .params = slack_params };
static const struct sb_policy_class eliminate = { .name = "eliminate",
                                                  .params = finish_params,
                                                  .create = create_policy };
static const struct sb_family_class *const families[] = { &parity, &conjunction, NULL };
static const struct sb_access_class *const accesses[] = { &stat_class, &vstat_class, NULL };
static const struct sb_policy_class *const policies[] = { &reference, &eliminate, NULL };
static const struct sb_catalog catalog = { families, accesses, policies, oracle_params, NULL };

/* The same with access that is no query oracle, and the policy that goes with it. */
static const struct sb_access_class label_class = {
    .name = "label", .bit = SB_LABEL, .kind = SB_ACCESS_EXAMPLES, .granted = granted, .least = least
};
static const struct sb_access_class sample_class = { .name = "sample",
                                                     .bit = SB_SAMPLE,
                                                     .kind = SB_ACCESS_EXAMPLES,
                                                     .granted = granted,
                                                     .least = least };
static const struct sb_access_class one_class = { .name = "one-stat",
                                                  .bit = SB_ONE_STAT,
                                                  .kind = SB_ACCESS_FRESH,
                                                  .granted = granted,
                                                  .least = least };
static const struct sb_policy_class lazy = { .name = "eliminate",
                                             .params = finish_params,
                                             .lazy = true };
static const struct sb_policy_class fresh = { .name = "fresh", .fresh = true };
static const struct sb_access_class *const all_accesses[] = { &stat_class,  &vstat_class,
                                                              &label_class, &sample_class,
                                                              &one_class,   NULL };
static const struct sb_policy_class *const all_policies[] = { &reference, &lazy, &fresh, NULL };
static const struct sb_catalog all = { families, all_accesses, all_policies, oracle_params, NULL };
static const struct sb_catalog *in_use = &catalog;

static size_t n_resolved;
static char resolved_from[256];

static int resolve(void *self, const char *type, const char *base_dir, char **path_out,
                   const struct sb_param **params_out, struct sb_learner_needs *needs_out,
                   struct sb_diag *diag)
{
    (void)self;
    n_resolved++;
    snprintf(resolved_from, sizeof resolved_from, "%s", base_dir);
    if (strcmp(type, "bent") != 0 && strcmp(type, "plain") != 0 && !strchr(type, '/'))
        return sb_diag_fail(diag, -ENOENT, "no learner '%s'", type);
    *path_out = sb_printf("/lib/%s.so", type);
    *params_out = strcmp(type, "bent") == 0 ? bent_params : NULL;
    needs_out->flags = strcmp(type, "./parities") == 0 ? SB_TWO_LABELS : 0;
    needs_out->access = strcmp(type, "plain") == 0       ? SB_STAT
                        : strcmp(type, "./chooses") == 0 ? SB_LABEL
                                                         : SB_STAT | SB_VSTAT;
    if (in_use == &all && strcmp(type, "bent") == 0)
        needs_out->access |= SB_SAMPLE | SB_ONE_STAT;
    return 0;
}
static const struct sb_learner_resolver resolver = { .self = NULL, .resolve = resolve };

/* The files */

static char path[64];
static struct sb_experiment *experiment;
static struct sb_diag diag;

static int setup(void **state)
{
    char folder[] = "/tmp/sb_experiment_XXXXXX";

    (void)state;
    in_use = &catalog;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/e.yaml", folder);
    return 0;
}

static void forget(void)
{
    sb_experiment_free(experiment);
    experiment = NULL;
    sb_diag_fini(&diag);
}

static int teardown(void **state)
{
    (void)state;
    forget();
    unlink(path);
    *strrchr(path, '/') = '\0';
    return rmdir(path);
}

static int read_bytes(const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");

    forget();
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
    return sb_experiment_read(path, in_use, &resolver, &experiment, &diag);
}

static int read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* Each mistake as "line:column: text". */
static void assert_mistakes(const char *const *expected, size_t n)
{
    struct sb_buf found, wanted;

    sb_buf_init(&found);
    sb_buf_init(&wanted);
    for (size_t i = 0; i < diag.n_items; i++) {
        if (diag.items[i].file)
            assert_string_equal(diag.items[i].file, path);
        sb_buf_printf(&found, "%u:%u: %s\n", diag.items[i].line, diag.items[i].column,
                      diag.items[i].text);
    }
    for (size_t i = 0; i < n; i++)
        sb_buf_printf(&wanted, "%s\n", expected[i]);
    assert_string_equal(sb_buf_str(&found), sb_buf_str(&wanted));
    sb_buf_fini(&found);
    sb_buf_fini(&wanted);
}

static void refuses_bytes(const char *text, size_t n_text, const char *const *expected, size_t n)
{
    assert_int_equal(read_bytes(text, n_text), -EINVAL);
    assert_null(experiment);
    assert_mistakes(expected, n);
}

#define refuses(text, ...)                                                                         \
    refuses_bytes((text), strlen(text), (const char *const[]){ __VA_ARGS__ },                      \
                  SB_COUNT(((const char *const[]){ __VA_ARGS__ })))

/* Lines 1 to 7, column 12 on for the values of maps. */
#define NAME "name: e\nseed: 7\n"
#define FAMILY "family:  { type: parity, dimension: 8 }\n"
#define ORACLE "oracle:  { type: stat, policy: reference, tolerance: 0.1 }\n"
#define LEARNER "learner: { type: bent }\n"
#define GOAL "goal:    { type: predict, max: 0.1 }\n"
#define ALL NAME FAMILY ORACLE LEARNER GOAL

static const struct sb_point *point(size_t i)
{
    assert_non_null(experiment);
    assert_true(i < experiment->n_points);
    return &experiment->points[i];
}

/* Good files */

static void test_a_whole_file(void **state)
{
    (void)state;
    assert_int_equal(read_text(ALL "claim: >\n  a claim over\n  two lines\nrepeat: 3\n"
                                   "budget: { queries: 500 }\n"),
                     0);
    assert_string_equal(experiment->name, "e");
    assert_string_equal(experiment->claim, "a claim over two lines");
    assert_string_equal(experiment->seed, "7");
    assert_int_equal(experiment->repeat, 3);
    assert_int_equal(experiment->n_points, 1);
    assert_ptr_equal(point(0)->family, &parity);
    assert_ptr_equal(point(0)->access, &stat_class);
    assert_ptr_equal(point(0)->policy, &reference);
    assert_string_equal(point(0)->goal->name, "predict");
    assert_string_equal(point(0)->label, "");
    assert_string_equal(point(0)->learner_type, "bent");
    assert_string_equal(point(0)->learner_path, "/lib/bent.so");
    assert_int_equal(point(0)->coins, 1);
    assert_int_equal(point(0)->learner_values.n, 2); /* without coins */
    assert_int_equal(sb_values_int(&point(0)->family_values, "dimension"), 8);
    assert_same(sb_values_real(&point(0)->oracle_values, "tolerance"), 0.1);
    assert_same(sb_values_real(&point(0)->oracle_values, "slack"), 0.1); /* the policy's */
    assert_int_equal(sb_values_int(&point(0)->budget_values, "queries"), 500);
    assert_int_equal(sb_values_int(&point(0)->budget_values, "memory_mib"), 1024);
    assert_same(sb_values_real(&point(0)->goal_values, "success"), 0.66);
    assert_string_equal(sb_values_text(&point(0)->goal_values, "loss"), "zero-one");
    *strrchr(path, '/') = '\0';
    assert_string_equal(resolved_from, path); /* relative paths start at the file */
    path[strlen(path)] = '/';
}

static void test_seed_takes_64_bits(void **state)
{
    (void)state;
    assert_int_equal(read_text("name: e\nseed: 18446744073709551615\n" FAMILY ORACLE LEARNER GOAL),
                     0);
    assert_string_equal(experiment->seed, "18446744073709551615");
}

static void test_the_grid_is_a_product_first_key_slowest(void **state)
{
    static const char *const labels[] = {
        "family.dimension=6 learner.type=bent learner.depth=2",
        "family.dimension=6 learner.type=plain",
        "family.dimension=10 learner.type=bent learner.depth=2",
        "family.dimension=10 learner.type=plain",
    };

    (void)state;
    n_resolved = 0;
    assert_int_equal(read_text(ALL "grid:\n  family.dimension: [6, 1e1]\n"
                                   "  learner: [ { type: bent, depth: 2 }, { type: plain } ]\n"),
                     0);
    assert_int_equal(experiment->n_points, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(point(i)->label, labels[i]);
        assert_int_equal(sb_values_int(&point(i)->family_values, "dimension"), i < 2 ? 6 : 10);
        assert_string_equal(point(i)->learner_type, i % 2 ? "plain" : "bent");
    }
    assert_int_equal(sb_values_int(&point(2)->learner_values, "depth"), 2);
    assert_int_equal(n_resolved, 2); /* once a type */
}

static void test_cases_set_several_sections_together(void **state)
{
    static const char *const labels[] = {
        "family.dimension=6 oracle.type=stat oracle.tolerance=0.2 learner.type=bent "
        "learner.depth=2",
        "family.dimension=6 learner.type=plain family.noise=0.25",
        "family.dimension=10 oracle.type=stat oracle.tolerance=0.2 learner.type=bent "
        "learner.depth=2",
        "family.dimension=10 learner.type=plain family.noise=0.25",
    };

    (void)state;
    assert_int_equal(read_text(NAME FAMILY GOAL
                               "oracle: { type: stat, policy: reference, tolerance: 0.1 }\n"
                               "grid:\n"
                               "  family.dimension: [6, 10]\n"
                               "  case:\n"
                               "    - { oracle: { type: stat, tolerance: = 0.4/2 }, learner: "
                               "{ type: bent, depth: 2 } }\n"
                               "    - { learner: { type: plain }, family: { noise: "
                               "= oracle.tolerance * 2.5 } }\n"),
                     0);
    assert_int_equal(experiment->n_points, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(point(i)->label, labels[i]);
        assert_int_equal(sb_values_int(&point(i)->family_values, "dimension"), i < 2 ? 6 : 10);
        assert_same(sb_values_real(&point(i)->family_values, "noise"), i % 2 ? 0.25 : 0);
        assert_same(sb_values_real(&point(i)->oracle_values, "tolerance"), i % 2 ? 0.1 : 0.2);
        assert_string_equal(point(i)->learner_type, i % 2 ? "plain" : "bent");
    }
}

static void test_a_case_may_grant(void **state)
{
    (void)state;
    in_use = &all;
    assert_int_equal(read_text(ALL "grant: [label]\n"
                                   "grid:\n"
                                   "  case:\n"
                                   "    - { learner: { type: bent }, grant: [sample] }\n"
                                   "    - { grant: [] }\n"
                                   "    - { learner: { type: plain } }\n"),
                     0);
    assert_int_equal(experiment->n_points, 3);
    assert_int_equal(point(0)->grants, SB_SAMPLE);
    assert_int_equal(point(1)->grants, 0);
    assert_int_equal(point(2)->grants, SB_LABEL);
    assert_string_equal(point(0)->label, "learner.type=bent grant=sample");
    assert_string_equal(point(1)->label, "grant=none");
    assert_string_equal(point(2)->label, "learner.type=plain");
    refuses(ALL "grid:\n  case: [ { grant: sample } ]\n",
            "8:20: grid: case: grant expects a list, found a scalar");
    refuses(ALL "grid:\n  grant: [[]]\n  case: [ { grant: [sample] } ]\n",
            "9:3: grid: grant is set by 'grant' already");
}

static void test_a_misspelt_type_or_policy_is_named(void **state)
{
    (void)state;
    refuses(NAME FAMILY LEARNER GOAL "oracle: { type: stat, polcy: reference, tolerance: 0.1 }\n",
            "6:23: oracle: unknown parameter 'polcy'; did you mean 'policy'?");
    refuses(NAME FAMILY ORACLE GOAL "learner: { tpye: bent }\n",
            "6:12: learner: unknown parameter 'tpye'; did you mean 'type'?");
}

static void test_formulas_refer_to_each_other_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(NAME "family: { type: parity, noise: = oracle.tolerance/2, dimension: 8 }\n"
                       "oracle: { type: stat, policy: reference, tolerance: "
                       "\"= 2^(-family.dimension/4)\" }\n" LEARNER GOAL
                       "budget: { queries: = budget.memory_mib * 2 }\n"
                       "grid: { family.dimension: [8, 16], learner.coins: [ = family.dimension ] "
                       "}\n"),
        0);
    assert_same(sb_values_real(&point(0)->oracle_values, "tolerance"), 0.25);
    assert_same(sb_values_real(&point(0)->family_values, "noise"), 0.125);
    assert_same(sb_values_real(&point(1)->oracle_values, "tolerance"), 0.0625);
    assert_same(sb_values_real(&point(1)->family_values, "noise"), 0.03125);
    assert_int_equal(sb_values_int(&point(1)->budget_values, "queries"), 2048); /* a default */
    assert_int_equal(point(1)->coins, 16);
    assert_string_equal(point(1)->label, "family.dimension=16 learner.coins=16");
}

static void test_vectors_are_lists_or_texts(void **state)
{
    (void)state;
    assert_int_equal(read_text(NAME FAMILY ORACLE GOAL
                               "learner: { type: bent }\n"
                               "grid: { learner.weights: [ [0.5, 1, -2], \"3,4\" ] }\n"),
                     0);
    assert_string_equal(sb_values_text(&point(0)->learner_values, "weights"), "0.5,1,-2");
    assert_int_equal(sb_values_find(&point(1)->learner_values, "weights")->n_vector, 2);
}

static void test_sections_may_come_from_the_grid_alone(void **state)
{
    (void)state;
    assert_int_equal(read_text(NAME FAMILY LEARNER GOAL
                               "oracle: { policy: eliminate }\n"
                               "grid:\n  oracle:\n    - { type: stat, tolerance: 0.1 }\n"
                               "    - { type: vstat, t: 100, finish: worst }\n"),
                     0);
    assert_ptr_equal(point(1)->access, &vstat_class);
    assert_string_equal(sb_values_text(&point(0)->oracle_values, "finish"), "random");
    assert_string_equal(sb_values_text(&point(1)->oracle_values, "finish"), "worst");
}

/* Keys */

static struct sb_digest cell_key(const char *text, size_t i, uint64_t repeat)
{
    assert_int_equal(read_text(text), 0);
    return sb_cell_key(experiment, point(i), repeat);
}

static struct sb_digest secret(const char *text)
{
    assert_int_equal(read_text(text), 0);
    return sb_secret_material(experiment, point(0), 1);
}

/* PBKDF2 as Python's hashlib computes it. */
static void test_the_seed_is_stretched(void **state)
{
    struct sb_seed *seed = sb_seed_new("7");
    char hex[65];

    (void)state;
    assert_non_null(seed);
    for (int again = 0; again < 2; again++) {
        sb_digest_hex(sb_seed_root(seed), hex);
        assert_string_equal(hex,
                            "cb0897772604119923c9df85cfee81c06a61b05a835dd5cc2285ade2ecf923d9");
    }
    sb_seed_free(seed);
}

static void test_keys_change_with_what_changes_a_transcript(void **state)
{
    static const char *const other[] = {
        "name: e\nseed: 8\n" FAMILY ORACLE LEARNER GOAL,
        ALL "grid: { family.dimension: [9] }\n",
        ALL "grid: { oracle.tolerance: [0.2] }\n",
        ALL "grid: { oracle.policy: [eliminate] }\n",
        ALL "grid: { learner.type: [plain] }\n",
        ALL "grid: { learner.depth: [4] }\n",
        ALL "grid: { learner.coins: [2] }\n",
        ALL "grid: { goal.max: [0.2] }\n",
        ALL "budget: { queries: 10 }\n",
    };
    static const char *const same[] = {
        ALL "claim: other\nrepeat: 9\n",
        ALL "budget: { seconds: 10, memory_mib: 64, output_kib: 1 }\n",
        ALL "grid: { oracle.tolerance: [1e-1] }\n",
        "seed: 7\nname: other\n" GOAL LEARNER ORACLE "family: { dimension: 8, type: parity }\n",
    };
    const struct sb_digest key = cell_key(ALL, 0, 1), second = cell_key(ALL, 0, 2);
    struct sb_digest k;

    (void)state;
    assert_false(sb_digest_equal(&key, &second));
    for (size_t i = 0; i < SB_COUNT(other); i++) {
        k = cell_key(other[i], 0, 1);
        assert_false(sb_digest_equal(&key, &k));
    }
    for (size_t i = 0; i < SB_COUNT(same); i++) {
        k = cell_key(same[i], 0, 1);
        assert_true(sb_digest_equal(&key, &k));
    }
}

static void put_values(struct sb_buf *b, const char *const *names_and_texts, uint64_t n)
{
    sb_buf_u64(b, n);
    for (uint64_t i = 0; i < 2 * n; i++)
        sb_buf_text(b, names_and_texts[i]);
}

/* The record of cell ALL as keys.c states it, written by hand; `more` numbers at its end. */
static struct sb_digest key_by_hand(const uint64_t *more, size_t n_more)
{
    static const char *const family_values[] = {
        "dimension", "8", "noise", "0", "labels", "signs"
    };
    static const char *const oracle_values[] = { "tolerance", "0.1",   "slack",
                                                 "0.1",       "delta", "1e-06" };
    static const char *const learner_values[] = { "weights", "1", "depth", "3" };
    static const char *const goal_values[] = {
        "loss", "zero-one", "max", "0.1", "success", "0.66"
    };
    struct sb_digest key;
    struct sb_buf b;

    sb_buf_init(&b);
    sb_buf_text(&b, "statbed family 1");
    sb_buf_text(&b, "parity");
    put_values(&b, family_values, 3);
    key = sb_digest_of(b.data, b.n);
    sb_buf_clear(&b);
    sb_buf_text(&b, "statbed cell 1");
    sb_buf_text(&b, "7");
    sb_buf_bytes(&b, key.byte, sizeof key.byte);
    sb_buf_text(&b, "stat");
    sb_buf_text(&b, "reference");
    put_values(&b, oracle_values, 3);
    sb_buf_text(&b, "bent");
    put_values(&b, learner_values, 2);
    sb_buf_u64(&b, 1); /* coins */
    sb_buf_text(&b, "predict");
    put_values(&b, goal_values, 3);
    sb_buf_u64(&b, 1000000); /* queries */
    sb_buf_u64(&b, 1);       /* repeat */
    for (size_t i = 0; i < n_more; i++)
        sb_buf_u64(&b, more[i]);
    key = sb_digest_of(b.data, b.n);
    sb_buf_fini(&b);
    return key;
}

/* Without labels and examples a key is what it was before there were any. */
static void test_a_key_takes_in_what_is_granted(void **state)
{
    static const uint64_t both[] = { SB_LABEL | SB_SAMPLE, 1000000, 5 };
    struct sb_digest key = cell_key(ALL, 0, 1), wanted = key_by_hand(NULL, 0);

    (void)state;
    assert_true(sb_digest_equal(&key, &wanted));
    in_use = &all;
    key = cell_key(ALL "grant: []\nbudget: { labels: 3, samples: 4 }\n", 0, 1);
    assert_true(sb_digest_equal(&key, &wanted));
    key = cell_key(ALL "grant: [sample, label]\nbudget: { samples: 5 }\n", 0, 1);
    wanted = key_by_hand(both, 3);
    assert_true(sb_digest_equal(&key, &wanted));
    key = cell_key(ALL "grant: [label, sample]\nbudget: { samples: 5 }\n", 0, 1);
    assert_true(sb_digest_equal(&key, &wanted));
}

static void test_further_access_is_granted_by_name(void **state)
{
    (void)state;
    in_use = &all;
    assert_int_equal(read_text(ALL "budget: { labels: 10, samples: 20 }\n"
                                   "grid: { grant: [ [], [sample], [sample, label] ] }\n"),
                     0);
    assert_int_equal(experiment->n_points, 3);
    assert_string_equal(point(0)->label, "grant=none");
    assert_string_equal(point(2)->label, "grant=sample,label");
    assert_string_equal(point(0)->grants_text, "");
    assert_string_equal(point(2)->grants_text, "label,sample");
    assert_int_equal(point(0)->grants, 0);
    assert_int_equal(point(1)->grants, SB_SAMPLE);
    assert_int_equal(point(0)->n_samples, 0);
    assert_int_equal(point(1)->n_samples, 20);
    assert_int_equal(point(1)->n_labels, 0);
    assert_int_equal(point(2)->n_labels, 10);
    assert_int_equal(
        read_text(NAME FAMILY ORACLE GOAL "learner: { type: ./chooses }\ngrant: [label]\n"), 0);
}

static void test_oracles_that_draw_examples_need_no_policy(void **state)
{
    (void)state;
    in_use = &all;
    assert_int_equal(read_text(NAME FAMILY LEARNER GOAL
                               "grid:\n  oracle:\n"
                               "    - { type: stat, policy: reference, tolerance: 0.1 }\n"
                               "    - { type: sample }\n    - { type: one-stat, policy: fresh }\n"),
                     0);
    assert_string_equal(point(1)->policy->name, "fresh");
    assert_string_equal(point(1)->label, "oracle.type=sample");
    assert_int_equal(point(0)->n_samples, 0);
    assert_int_equal(point(1)->n_samples, 1000000);
    assert_int_equal(point(2)->n_samples, 1000000); /* its answers cost examples */
    refuses(NAME FAMILY "oracle: { type: sample, policy: reference }\n" LEARNER GOAL,
            "4:33: oracle: sample draws fresh examples, which leaves policy reference nothing to "
            "choose: leave policy out");
    refuses(NAME FAMILY "oracle: { type: stat, policy: fresh, tolerance: 0.1 }\n" LEARNER GOAL,
            "4:31: oracle: policy fresh is that of oracles which draw fresh examples, and stat "
            "answers within a tolerance: name another");
    refuses(NAME FAMILY "oracle: { type: one-stat, slack: 0.1 }\n" LEARNER GOAL,
            "4:27: oracle: 'slack' belongs to policy reference; fresh takes no parameter");
}

static void test_grants_that_are_wrong(void **state)
{
    (void)state;
    in_use = &all;
    refuses(ALL "grant: [samples]\n", "7:9: grant: unknown access 'samples'; did you mean "
                                      "'sample'? (granted can be label, sample)");
    refuses(ALL "grant: [label, label]\n", "7:16: grant: label stands twice");
    refuses(ALL "grant: [vstat]\n",
            "7:9: grant: 'vstat' is an oracle for queries, of which there is one: name it in "
            "oracle.type (granted can be label, sample)");
    refuses(ALL "grant: sample\n",
            "7:8: grant: expected a list such as [label, sample], found a scalar");
    refuses(ALL "grant: [[label]]\n", "7:9: grant: expected a name, found a list");
    refuses(ALL "grid: { grant: [label, []] }\n",
            "7:17: grid: grant expects lists, found a scalar");
    refuses(ALL "grid: { grant.label: [1] }\n",
            "7:9: grid: 'grant.label' names no value: write section.key (sections: family, oracle, "
            "learner, budget, goal), grant or case");
    refuses(NAME FAMILY "oracle: { type: sample }\n" LEARNER GOAL "grant: [label, sample]\n",
            "7:16: grant: sample is the oracle already: leave it out");
    refuses(ALL "grant: [label]\ngrid: { oracle.policy: [reference, eliminate] }\n",
            "7:9: grant: eliminate is refused where labels or samples are granted: no member is "
            "hidden yet");
    refuses(NAME FAMILY ORACLE "learner: { type: ./chooses }\n" GOAL "grant: [sample]\n",
            "5:18: learner: ./chooses asks label, but the oracle is stat and sample is granted");
}

static void test_the_secret_hangs_on_seed_family_and_repeat_only(void **state)
{
    const struct sb_digest s = secret(ALL);
    struct sb_digest k;

    (void)state;
    k = secret(NAME FAMILY "oracle: { type: vstat, policy: eliminate, t: 9 }\n"
                           "learner: { type: bent, coins: 5 }\ngoal: { type: recover }\n"
                           "budget: { queries: 3 }\n");
    assert_true(sb_digest_equal(&s, &k));
    if (getenv("STATBED_TEST_VALGRIND")) /* each secret takes it seconds, of the same memory */
        return;
    k = secret(ALL "grid: { family.noise: [0.1] }\n");
    assert_false(sb_digest_equal(&s, &k));
    k = secret("name: e\nseed: 8\n" FAMILY ORACLE LEARNER GOAL);
    assert_false(sb_digest_equal(&s, &k));
    assert_int_equal(read_text(ALL), 0);
    k = sb_secret_material(experiment, point(0), 2);
    assert_false(sb_digest_equal(&s, &k));
}

#define FRESH "name: e\nseed: fresh\n" FAMILY ORACLE LEARNER GOAL
#define HEX "0123456789abcdef0123456789abcdef"

/* A fresh seed as recorded, given back: the same secrets and material; the keys never tell it. */
static void test_a_recorded_seed_is_set_again(void **state)
{
    struct sb_digest key, fresh_secret, material, k;
    char drawn[SB_SEED_TEXT];

    (void)state;
    key = cell_key(FRESH, 0, 1);
    assert_true(experiment->fresh);
    assert_int_equal(strspn(experiment->seed, "0123456789abcdef"), 32);
    assert_int_equal(strlen(experiment->seed), 32);
    memcpy(drawn, experiment->seed, sizeof drawn);
    fresh_secret = sb_secret_material(experiment, point(0), 1);
    material = sb_cell_material(experiment, point(0), 1);

    k = cell_key(FRESH, 0, 1); /* another one is drawn, under the same key */
    assert_true(sb_digest_equal(&key, &k));
    assert_string_not_equal(drawn, experiment->seed);
    k = sb_secret_material(experiment, point(0), 1);
    assert_false(sb_digest_equal(&fresh_secret, &k));

    assert_int_equal(sb_experiment_set_seed(experiment, drawn), 0);
    assert_true(experiment->fresh);
    assert_string_equal(experiment->seed, drawn);
    k = sb_cell_key(experiment, point(0), 1);
    assert_true(sb_digest_equal(&key, &k));
    k = sb_secret_material(experiment, point(0), 1);
    assert_true(sb_digest_equal(&fresh_secret, &k));
    k = sb_cell_material(experiment, point(0), 1);
    assert_true(sb_digest_equal(&material, &k));
}

static void test_seeds_that_cannot_be_set(void **state)
{
    static const char *const bad[] = { "fresh", "", "-1", "18446744073709551616", HEX "0", "x" };

    (void)state;
    assert_int_equal(read_text("name: e\nseed: " HEX "\n" FAMILY ORACLE LEARNER GOAL), 0);
    assert_false(experiment->fresh);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sb_experiment_set_seed(experiment, bad[i]), -EINVAL);
    assert_string_equal(experiment->seed, HEX);
    assert_int_equal(sb_experiment_set_seed(experiment, "18446744073709551615"), 0);
    assert_string_equal(experiment->seed, "18446744073709551615");
    /* 32 digits are hexadecimal, whatever they look like */
    assert_int_equal(sb_experiment_set_seed(experiment, "1E000000000000000000000000000003"), 0);
    assert_string_equal(experiment->seed, "1e000000000000000000000000000003");
}

/* Mistakes */

static void test_keys_that_are_wrong(void **state)
{
    (void)state;
    refuses(ALL "familly: 3\n",
            "7:1: experiment: unknown parameter 'familly'; did you mean 'family'?");
    refuses(ALL "seed: 8\n", "7:1: duplicate key 'seed': it stands in line 2 already");
    refuses(NAME "family: { type: parity, dimension: 8, dimension: 9 }\n" ORACLE LEARNER GOAL,
            "3:39: duplicate key 'dimension': it stands in line 3 already");
    refuses(NAME "family: { type: parity, dimenson: 8 }\n" ORACLE LEARNER GOAL,
            "3:1: family parity: 'dimension' is missing (an integer in [1,63]: number of "
            "coordinates)",
            "3:25: family parity: unknown parameter 'dimenson'; did you mean 'dimension'?");
    refuses("seed: 7\n" FAMILY ORACLE LEARNER GOAL,
            "1:1: experiment: 'name' is missing (a text: names the results: lower-case letters, "
            "digits and '-')");
    refuses("name: e\n" FAMILY ORACLE LEARNER GOAL,
            "1:1: experiment: 'seed' is missing (an integer in [0,18446744073709551615], 32 "
            "hexadecimal digits, or fresh: what is hidden is drawn from it)");
    refuses(NAME FAMILY ORACLE GOAL,
            "1:1: experiment: 'learner' is missing (a map with a type and its parameters)");
    refuses(NAME FAMILY ORACLE "learner: { coins: 1 }\n" GOAL,
            "5:1: learner: 'type' is missing (a learner's name, or the path of a plugin with a "
            "slash in it)");
    refuses(NAME "family: { dimension: 3 }\n" ORACLE LEARNER GOAL,
            "3:1: family: 'type' is missing (one of parity, conjunction)");
}

static void test_values_that_are_wrong(void **state)
{
    (void)state;
    refuses(NAME "family: { type: parity, dimension: 64 }\n" ORACLE LEARNER GOAL,
            "3:36: family parity: dimension = 64 is outside [1,63]");
    refuses(NAME "family: { type: parity, dimension: 017 }\n" ORACLE LEARNER GOAL,
            "3:36: family parity: dimension = '017' is not an integer (a leading 0 is not "
            "allowed)");
    refuses(NAME "family: { type: parity, dimension: 8, noise: nan }\n" ORACLE LEARNER GOAL,
            "3:46: family parity: noise = 'nan' is not a number");
    refuses(NAME "family: { type: parity, dimension: [8] }\n" ORACLE LEARNER GOAL,
            "3:36: family: dimension expects one value, found a list (a list of values to try "
            "belongs in grid:)");
    refuses(NAME "family: { type: parity, dimension: {a: 8} }\n" ORACLE LEARNER GOAL,
            "3:36: family: dimension expects one value, found a map");
    refuses(NAME FAMILY
            "oracle: { type: stat, policy: reference, tolerance: 1e-3x }\n" LEARNER GOAL,
            "4:53: oracle: tolerance = '1e-3x' is not a number");
    refuses(NAME FAMILY
            "oracle: { type: stat, policy: reference, tolerance: 1e999 }\n" LEARNER GOAL,
            "4:53: oracle: tolerance = '1e999' is not a number (it is too large)");
    refuses(NAME "family: parity\n" ORACLE LEARNER GOAL,
            "3:9: family: expected a map of keys, found a scalar");
    refuses("name: [e]\nseed: stale\nrepeat: 0\n" FAMILY ORACLE LEARNER GOAL,
            "1:7: experiment: name expects one value, found a list",
            "2:7: experiment: seed = 'stale' is not an integer in [0,18446744073709551615], 32 "
            "hexadecimal digits, or fresh",
            "3:9: experiment: repeat = 0 is outside [1,1000000]");
    refuses("name: My Test\nseed: -1\n" FAMILY ORACLE LEARNER GOAL,
            "1:7: experiment: name = 'My Test' must be up to 64 lower-case letters, digits and '-' "
            "(it names the database)",
            "2:7: experiment: seed = '-1' is not an integer in [0,18446744073709551615], 32 "
            "hexadecimal digits, or fresh");
    refuses("name: e\nseed: 18446744073709551616\n" FAMILY ORACLE LEARNER GOAL,
            "2:7: experiment: seed = '18446744073709551616' is not an integer in "
            "[0,18446744073709551615], 32 hexadecimal digits, or fresh");
}

static void test_types_that_are_wrong(void **state)
{
    (void)state;
    refuses(NAME "family: { type: party, dimension: 8 }\n" ORACLE LEARNER GOAL,
            "3:17: family: unknown family 'party'; did you mean 'parity'? (one of parity, "
            "conjunction)");
    refuses(NAME "family: { type: hard.so, dimension: 8 }\n" ORACLE LEARNER GOAL,
            "3:17: family: 'hard.so' is no shipped family's name; a plugin's path has a slash: "
            "'./hard.so'");
    refuses(NAME FAMILY "oracle: { type: sta, policy: refrence, tolerance: 0.1 }\n" LEARNER GOAL,
            "4:17: oracle: unknown oracle type 'sta'; did you mean 'stat'? (one of stat, vstat)",
            "4:30: oracle: unknown policy 'refrence'; did you mean 'reference'? (one of "
            "reference, eliminate)");
    refuses(NAME FAMILY ORACLE "learner: { type: bend }\n" GOAL,
            "5:18: learner: no learner 'bend'");
    refuses(NAME FAMILY ORACLE LEARNER "goal: { type: win }\n",
            "6:15: goal: unknown goal 'win' (one of predict, distinguish, recover, learn)");
}

static void test_parameters_of_another_type(void **state)
{
    (void)state;
    refuses(NAME FAMILY "oracle: { type: vstat, policy: reference, tolerance: 0.1 }\n" LEARNER GOAL,
            "4:1: oracle: 't' is missing (a number in [1,inf): sample size)",
            "4:43: oracle: 'tolerance' belongs to oracle type stat; vstat takes t, rule");
    refuses(
        NAME FAMILY
        "oracle: { type: stat, policy: reference, tolerance: 0.1, finish: worst }\n" LEARNER GOAL,
        "4:58: oracle: 'finish' belongs to policy eliminate; reference takes slack");
    refuses(NAME FAMILY ORACLE LEARNER "goal: { type: recover, max: 0.1 }\n",
            "6:24: goal: 'max' belongs to goal predict; recover takes success");
    refuses(NAME FAMILY "oracle: { type: vstat, policy: reference, t: 10 }\n"
                        "learner: { type: plain }\n" GOAL,
            "5:18: learner: plain asks stat, but the oracle is vstat");
}

static void test_formulas_that_are_wrong(void **state)
{
    (void)state;
    refuses(NAME FAMILY "oracle: { type: stat, policy: reference, tolerance: "
                        "= 2^(-family.dimenson/4) }\n" LEARNER GOAL,
            "4:59: oracle: tolerance = '= 2^(-family.dimenson/4)': unknown name "
            "'family.dimenson'; did you mean 'family.dimension'?");
    refuses(NAME FAMILY "oracle: { type: stat, policy: reference, tolerance: "
                        "\"= 2^(-family.dimenson/4)\" }\n" LEARNER GOAL,
            "4:60: oracle: tolerance = '= 2^(-family.dimenson/4)': unknown name "
            "'family.dimenson'; did you mean 'family.dimension'?");
    refuses(ALL "grid: { oracle.tolerance: [ = family.dimension/16 ], "
                "family.dimension: [8, 32] }\n",
            "7:29: oracle: tolerance = 2 is outside (0,1] ('= family.dimension/16' at "
            "oracle.tolerance=2 family.dimension=32)");
    refuses(NAME
            "family: { type: parity, dimension: = oracle.delta * 0 + 7.5 }\n" ORACLE LEARNER GOAL,
            "3:36: family parity: dimension = 7.5 is not an integer ('= oracle.delta * 0 + 7.5')");
    refuses(NAME "family: { type: parity, dimension: = 8, noise: = oracle.tolerance }\n"
                 "oracle: { type: stat, policy: reference, tolerance: = family.noise / 2 "
                 "}\n" LEARNER GOAL,
            "3:48: formulas in a circle: family.noise -> oracle.tolerance -> family.noise");
    /* what is wrong with a value is said once, not again by what refers to it */
    refuses(NAME "family: { type: parity, dimension: [8] }\n"
                 "oracle: { type: stat, policy: reference, tolerance: = 1/family.dimension "
                 "}\n" LEARNER GOAL,
            "3:36: family: dimension expects one value, found a list (a list of values to try "
            "belongs in grid:)");
}

static void test_grids_that_are_wrong(void **state)
{
    (void)state;
    refuses(ALL "grid:\n  famly.dimension: [8]\n",
            "8:3: grid: 'famly.dimension' names no value; did you mean 'family.dimension'?");
    refuses(ALL "grid:\n  dimension: [8]\n",
            "8:3: grid: 'dimension' names no value: write section.key (sections: family, oracle, "
            "learner, budget, goal), grant or case");
    refuses(ALL "grid:\n  family.dimenson: [8, 9]\n",
            "8:3: family parity: unknown parameter 'dimenson'; did you mean 'dimension'?");
    refuses(ALL "grid:\n  family.dimension: []\n",
            "8:21: grid: family.dimension is an empty list: give a value, or drop the key");
    refuses(ALL "grid:\n  family.dimension: 8\n",
            "8:21: grid: family.dimension expects a list of values, found a scalar");
    refuses(ALL "grid:\n  learner: [bent]\n",
            "8:13: grid: learner expects maps, found a scalar; for one key write learner.key");
    refuses(ALL "grid:\n  family.dimension: [8, 64, x]\n",
            "8:25: family parity: dimension = 64 is outside [1,63]",
            "8:29: family parity: dimension = 'x' is not an integer");
    refuses(ALL "grid:\n  learner.coins: [1, 2]\n  learner: [ { coins: 3 } ]\n",
            "9:3: grid: learner.coins is set by 'learner.coins' already");
    refuses(ALL "grid: [1]\n", "7:7: grid: expected a map of section.key: [values], found a list");
}

static void test_cases_that_are_wrong(void **state)
{
    (void)state;
    refuses(ALL "grid:\n  case: [ { learnr: { type: bent } } ]\n",
            "8:13: grid: case: 'learnr' is no section (family, oracle, learner, budget, goal), nor "
            "grant");
    refuses(ALL "grid:\n  case: [ { learner: bent }, [1] ]\n",
            "8:22: grid: case: learner expects a map of keys, found a scalar",
            "8:30: grid: case expects maps of sections, found a list");
    refuses(ALL "grid:\n  case: [ { learner: { dpth: 1 } } ]\n",
            "8:24: learner bent: unknown parameter 'dpth'; did you mean 'depth'?");
    refuses(ALL "grid:\n  learner: [ { type: bent } ]\n"
                "  case: [ { family: { noise: 0 }, learner: { type: plain } } ]\n",
            "9:3: grid: learner.type is set by 'learner' already");
    refuses(ALL "grid:\n  case: [ { learner: { depth: 1 } } ]\n  learner.depth: [2]\n",
            "9:3: grid: learner.depth is set by 'case' already");
    refuses(ALL "grid:\n  case: []\n",
            "8:9: grid: case is an empty list: give a value, or drop the key");
    refuses(ALL "grid:\n  case.learner: [ { type: bent } ]\n",
            "8:3: grid: 'case.learner' names no value: write section.key (sections: family, "
            "oracle, learner, budget, goal), grant or case");
}

static void test_too_many_cells(void **state)
{
    (void)state;
    refuses(ALL "repeat: 1e6\n",
            "7:1: repeat: 1000000 cells (1 points, repeat 1000000); at most 100000 are run in one "
            "experiment");
    /* the values of a grid that is too large are looked at all the same */
    refuses(ALL "repeat: 250000\ngrid:\n  family.dimension: [1, 2]\n"
                "  learner.coins: [1, bad]\n",
            "8:1: grid: 1000000 cells (4 points, repeat 250000); at most 100000 are run in one "
            "experiment",
            "10:22: learner bent: coins = 'bad' is not an integer");
    assert_int_equal(read_text(ALL "repeat: 100000\n"), 0);
}

static void test_the_product_does_not_overflow(void **state)
{
    struct sb_buf text;

    (void)state;
    sb_buf_init(&text);
    sb_buf_puts(&text, ALL "grid:\n");
    for (int k = 0; k < 9; k++) {
        static const char *const key[] = { "learner.coins",  "learner.depth", "learner.weights",
                                           "family.noise",   "oracle.delta",  "budget.queries",
                                           "budget.seconds", "goal.max",      "goal.success" };

        sb_buf_printf(&text, "  %s: [", key[k]);
        for (int i = 0; i < 200; i++)
            sb_buf_puts(&text, "1,");
        sb_buf_puts(&text, "1]\n");
    }
    assert_int_equal(read_text(sb_buf_str(&text)), -EINVAL);
    sb_buf_fini(&text);
    assert_string_equal(diag.items[0].text,
                        "grid: at least 18446744073709551615 cells (18446744073709551615 points, "
                        "repeat 1); at most 100000 are run in one experiment");
}

static void test_all_mistakes_in_one_go_in_file_order(void **state)
{
    (void)state;
    refuses("name: E\n"
            "sed: 7\n"
            "family:\n"
            "  type: parity\n"
            "  dimension: 64\n"
            "oracle: { type: vstat, policy: reference, t: 1e-3x }\n"
            "learner: { type: bend }\n"
            "goal: { type: predict, max: nan, max: 3 }\n"
            "grid: { family.nois: [1] }\n",
            "1:1: experiment: 'seed' is missing (an integer in [0,18446744073709551615], 32 "
            "hexadecimal digits, or fresh: what is hidden is drawn from it)",
            "1:7: experiment: name = 'E' must be up to 64 lower-case letters, digits and '-' (it "
            "names the database)",
            "2:1: experiment: unknown parameter 'sed'; did you mean 'seed'?",
            "5:14: family parity: dimension = 64 is outside [1,63]",
            "6:46: oracle: t = '1e-3x' is not a number", "7:18: learner: no learner 'bend'",
            "8:29: goal predict: max = 'nan' is not a number",
            "8:34: duplicate key 'max': it stands in line 8 already",
            "9:9: family parity: unknown parameter 'nois'; did you mean 'noise'?");
}

/* What only a class knows, with the place of its name, once, and beside other mistakes. */
static void test_points_that_a_class_refuses(void **state)
{
    (void)state;
    refuses(NAME "family:  { type: conjunction, dimension: 3, literals: 5 }\n" ORACLE LEARNER
                 "goal:    { type: predict, max: x }\n",
            "3:18: family: too many literals", "6:32: goal predict: max = 'x' is not a number");
    refuses(NAME FAMILY "oracle:  { type: stat, policy: eliminate, tolerance: 0.1 }\n" LEARNER GOAL
                        "grid: { family.dimension: [8, 31, 32], learner.depth: [1, 2] }\n",
            "4:32: oracle: too large to play (at family.dimension=31 learner.depth=1)");
}

/* YAML itself */

static void test_yaml_that_is_not_taken(void **state)
{
    static const char latin[] = NAME "claim: caf\xe9\n";
    static const char wide[] = "\xff\xfen\0a\0";
    static const char zero[] = "name: a\0b\n";

    (void)state;
    refuses("", "1:1: the file is empty");
    refuses("[1]\n", "1:1: an experiment is a map of keys (name, seed, family, ...), found a list");
    refuses("name: e\n---\nname: f\n", "2:1: a second document: a file holds one");
    refuses("name: {\n", "2:1: not YAML: while parsing a flow node, did not find expected node "
                         "content");
    refuses("name: a: b\n", "1:8: not YAML: mapping values are not allowed in this context");
    refuses("family:\n\ttype: x\n", "2:1: not YAML: while scanning for the next token, found "
                                    "character that cannot start any token (indent with blanks, "
                                    "not tabs)");
    refuses("? [a]\n: b\n", "1:3: a key must be a plain word");
    refuses_bytes(latin, sizeof latin - 1,
                  (const char *const[]){
                      "3:11: the file must be UTF-8 text: incomplete UTF-8 octet sequence" },
                  1);
    refuses_bytes(
        wide, sizeof wide - 1,
        (const char *const[]){ "1:1: the file must be UTF-8 text: invalid leading UTF-8 octet" },
        1);
    refuses_bytes(zero, sizeof zero - 1,
                  (const char *const[]){
                      "1:8: the file must be UTF-8 text: control characters are not allowed" },
                  1);
}

static void test_yaml_properties_are_reported_with_the_rest(void **state)
{
    (void)state;
    refuses(NAME "family: &f { type: parity, dimension: 64 }\n" ORACLE
                 "learner: { type: !!str bent }\n"
                 "goal: { type: predict, max: *f }\n",
            "3:9: anchors are not taken: write the value out",
            "3:39: family parity: dimension = 64 is outside [1,63]",
            "5:18: tags are not taken: write the value alone",
            "6:29: aliases are not taken: write the value out");
    refuses(NAME FAMILY ORACLE LEARNER "goal: { type: predict, max: \"0\\0\" }\n",
            "6:29: a control character in a text");
    refuses(NAME FAMILY ORACLE LEARNER "goal: { type: predict, max: \"0\\n1\" }\n",
            "6:29: goal: max must stand on one line");
}

static void test_yaml_columns_count_characters(void **state)
{
    (void)state;
    refuses(NAME
            "family: { type: parity, labels: \"\xc3\xa9\xc3\xa9\", dimension: 64 }\n" ORACLE LEARNER
                GOAL,
            "3:33: family parity: labels = '\xc3\xa9\xc3\xa9' is not one of signs|bits",
            "3:50: family parity: dimension = 64 is outside [1,63]");
    assert_int_equal(read_text("\xef\xbb\xbf" ALL), 0); /* a byte order mark */
}

static void test_deep_yaml_is_refused(void **state)
{
    char text[20001];

    (void)state;
    memset(text, '[', 20000);
    text[20000] = '\0';
    assert_int_equal(read_text(text), -EINVAL);
    assert_string_equal(diag.items[0].text, "lists and maps are nested too deeply");
    for (size_t i = 0; i < 10000; i++)
        memcpy(text + 2 * i, "- ", 2);
    assert_int_equal(read_text(text), -EINVAL);
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(
        sb_experiment_read("/nonexistent.yaml", &catalog, &resolver, &experiment, &diag), -ENOENT);
    assert_int_equal(diag.n_items, 1);
    sb_diag_fini(&diag);
    assert_int_equal(sb_experiment_read("/tmp", &catalog, &resolver, &experiment, &diag), -EINVAL);
    assert_int_equal(diag.n_items, 1);
}

/* The text in memory is the same experiment as the file, with the name in the messages. */
static void test_text_in_memory(void **state)
{
    static const char file[] = "/gone/mine.yaml";
    struct sb_experiment *again = NULL;
    struct sb_digest a, b;

    (void)state;
    assert_int_equal(read_text(ALL), 0);
    assert_int_equal(sb_experiment_read_text(ALL, file, &catalog, &resolver, &again, &diag), 0);
    a = sb_cell_key(experiment, &experiment->points[0], 1);
    b = sb_cell_key(again, &again->points[0], 1);
    assert_true(sb_digest_equal(&a, &b));
    assert_true(sb_digest_equal(&experiment->text_digest, &again->text_digest));
    assert_string_equal(again->file, file);
    assert_string_equal(again->text, experiment->text);
    sb_experiment_free(again);
    assert_int_equal(sb_experiment_read_text("name: x", file, &catalog, &resolver, &again, &diag),
                     -EINVAL);
    assert_string_equal(diag.items[0].file, file);
}

/* Every prefix of a good file, and every file with one byte changed, is read without harm. */
static void test_damaged_files(void **state)
{
    static const char good[] = ALL "grid:\n  family.dimension: [8, = 3*3]\n"
                                   "  learner: [ { type: bent, weights: [1, 2] } ]\n";
    static const char bytes[] = "\0\n\t:{[&*!=\"'#-x9\xff";
    char text[sizeof good];

    (void)state;
    assert_int_equal(read_text(good), 0);
    for (size_t n = 0; n < sizeof good - 1; n++) {
        (void)read_bytes(good, n);
        memcpy(text, good, sizeof good);
        text[n] = bytes[n % (sizeof bytes - 1)];
        (void)read_bytes(text, sizeof good - 1);
    }
}

/* Names */

static void touch(const char *name)
{
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static void test_find_and_list(void **state)
{
    char folder[] = "/tmp/sb_find_XXXXXX", here[4096], *found = NULL;
    struct sb_names names;
    bool listed = false;

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("experiments", 0700), 0);
    touch("experiments/sb-test-alpha.yaml");
    touch("experiments/notes.txt");
    touch("beta.yaml");
    assert_int_equal(sb_experiment_find("sb-test-alpha", &found, &diag), 0);
    assert_string_equal(found, "experiments/sb-test-alpha.yaml");
    free(found);
    assert_int_equal(sb_experiment_find("sb-test-alpha.yaml", &found, &diag), 0);
    assert_string_equal(found, "experiments/sb-test-alpha.yaml");
    free(found);
    assert_int_equal(sb_experiment_find("./beta.yaml", &found, &diag), 0);
    assert_string_equal(found, "./beta.yaml");
    free(found);
    assert_int_equal(sb_experiment_find("experiments", &found, &diag), -ENOENT); /* a folder */
    sb_diag_fini(&diag);
    assert_int_equal(sb_experiment_find("sb-test-alpa", &found, &diag), -ENOENT);
    assert_non_null(strstr(diag.items[0].text, "did you mean 'sb-test-alpha'?"));
    assert_int_equal(sb_experiment_list(&names), 0);
    for (size_t i = 0; i < names.n; i++) {
        listed = listed || strcmp(names.items[i], "sb-test-alpha") == 0;
        assert_true(i == 0 || strcmp(names.items[i - 1], names.items[i]) < 0);
        assert_null(strchr(names.items[i], '.'));
    }
    sb_names_fini(&names);
    assert_true(listed);
    unlink("experiments/sb-test-alpha.yaml");
    unlink("experiments/notes.txt");
    unlink("beta.yaml");
    rmdir("experiments");
    assert_int_equal(chdir(here), 0);
    rmdir(folder);
}

/* A learner that says which labels it needs, and a family with others. */
static void test_a_learner_of_other_labels(void **state)
{
    static const char text[] = NAME FAMILY ORACLE "learner: { type: ./parities }\n"
                                                  "goal: { type: recover }\n";

    (void)state;
    for (n_family_labels = 0; n_family_labels < 4; n_family_labels += 3) {
        assert_int_equal(read_text(text), -EINVAL);
        assert_non_null(strstr(diag.items[0].text, "./parities needs labels of a set of two"));
        assert_non_null(
            strstr(diag.items[0].text, n_family_labels ? "are a set of 3" : "are real numbers"));
        sb_diag_fini(&diag);
        sb_diag_init(&diag);
    }
    n_family_labels = 2;
    assert_int_equal(read_text(text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_a_whole_file),
        TEST(test_seed_takes_64_bits),
        TEST(test_the_grid_is_a_product_first_key_slowest),
        TEST(test_cases_set_several_sections_together),
        TEST(test_a_case_may_grant),
        TEST(test_a_misspelt_type_or_policy_is_named),
        TEST(test_formulas_refer_to_each_other_in_any_order),
        TEST(test_vectors_are_lists_or_texts),
        TEST(test_sections_may_come_from_the_grid_alone),
        TEST(test_the_seed_is_stretched),
        TEST(test_keys_change_with_what_changes_a_transcript),
        TEST(test_a_key_takes_in_what_is_granted),
        TEST(test_further_access_is_granted_by_name),
        TEST(test_oracles_that_draw_examples_need_no_policy),
        TEST(test_grants_that_are_wrong),
        TEST(test_the_secret_hangs_on_seed_family_and_repeat_only),
        TEST(test_keys_that_are_wrong),
        TEST(test_values_that_are_wrong),
        TEST(test_types_that_are_wrong),
        TEST(test_parameters_of_another_type),
        TEST(test_formulas_that_are_wrong),
        TEST(test_grids_that_are_wrong),
        TEST(test_cases_that_are_wrong),
        TEST(test_too_many_cells),
        TEST(test_the_product_does_not_overflow),
        TEST(test_all_mistakes_in_one_go_in_file_order),
        TEST(test_points_that_a_class_refuses),
        TEST(test_yaml_that_is_not_taken),
        TEST(test_yaml_properties_are_reported_with_the_rest),
        TEST(test_yaml_columns_count_characters),
        TEST(test_deep_yaml_is_refused),
        TEST(test_files_that_cannot_be_read),
        TEST(test_text_in_memory),
        TEST(test_a_recorded_seed_is_set_again),
        TEST(test_seeds_that_cannot_be_set),
        TEST(test_damaged_files),
        TEST(test_find_and_list),
        TEST(test_a_learner_of_other_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
