/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates on request, for certificates.py: reads queries from standard input, one a line, and
 * writes what the library says of each. Fields are separated by tabs:
 *
 *   name  family  parameters  member  law  mode  rule  tolerance  share  delta  expression
 *
 * family: a shipped one's name or a plugin's path; parameters: key=value, separated by blanks; member:
 * its number, or "null"; law: noisy or clean; rule: stat, bernoulli or variance.
 * mode:
 *   any            sb_estimate's own choice
 *   many           the same, together with the lines before and after that ask of the same law
 *   closed-form, enumeration, quadrature, monte-carlo      that route alone
 *   public         as a callback whose values are the expression's: public domain or points
 *   ask:POLICY     an oracle with that policy; share is its slack
 * Out: name, status ("ok", "skip": the route does not apply, "refused"), method, value, half-width,
 * variance_lb, tolerance_lb, samples, answer. */
#include "base/memory.h"
#include "base/text.h"
#include "estimate/public_points.h"
#include "oracles/access/accesses.h"
#include "oracles/access/oracle.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"
#include "query/eval.h"
#include "query/reason.h"
#include "runner/family_plugin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field {
    NAME,
    FAMILY,
    PARAMETERS,
    MEMBER,
    LAW,
    MODE,
    RULE,
    TOLERANCE,
    SHARE,
    DELTA,
    EXPRESSION
};
enum { N_FIELDS = EXPRESSION + 1, MOST_PARAMETERS = 16, MOST_MANY = 64 };

struct line {
    char *field[N_FIELDS];
};

/* The family of the lines under way: they come sorted by it. */
struct bench {
    char *key;
    char text[512]; /* of the parameters, cut into pieces */
    const struct sb_family_class *class;
    struct sb_family_so *plugin;
    struct sb_values values;
    struct sb_family *family;
    struct sb_pool *pool;
    struct sb_diag diag;
};

static _Noreturn void die(const struct bench *bench, const struct line *line, const char *what)
{
    fprintf(stderr, "driver: %s: %s: %s\n", line->field[NAME], what,
            bench->diag.n_items ? bench->diag.items[0].text : "");
    exit(2);
}

/* Families */

static size_t parameters_of(struct bench *bench, const char *text, struct sb_given *given)
{
    size_t n = 0;

    snprintf(bench->text, sizeof bench->text, "%s", text);
    for (char *word = strtok(bench->text, " "); word; word = strtok(NULL, " ")) {
        char *equals = strchr(word, '=');

        if (!equals || n == MOST_PARAMETERS)
            return n;
        *equals = '\0';
        given[n++] = (struct sb_given){ .name = word, .text = equals + 1 };
    }
    return n;
}

static void find_class(struct bench *bench, const struct line *line)
{
    const char *name = line->field[FAMILY];

    bench->class = NULL;
    if (strchr(name, '/')) {
        if (sb_family_so_load(name, &bench->plugin, &bench->diag))
            die(bench, line, "plugin");
        bench->class = &bench->plugin->class;
    }
    for (size_t i = 0; !bench->class && sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, name) == 0)
            bench->class = sb_families[i];
    if (!bench->class)
        die(bench, line, "no such family");
}

static void close_family(struct bench *bench)
{
    sb_pool_free(bench->pool);
    sb_family_free(bench->family);
    sb_values_fini(&bench->values);
    sb_family_so_free(bench->plugin);
    free(bench->key);
    bench->pool = NULL;
    bench->family = NULL;
    bench->plugin = NULL;
    bench->key = NULL;
}

static void open_family(struct bench *bench, const struct line *line)
{
    struct sb_given given[MOST_PARAMETERS];
    char *key = sb_printf("%s %s", line->field[FAMILY], line->field[PARAMETERS]);
    size_t n;

    if (bench->key && strcmp(bench->key, key) == 0) {
        free(key);
        return;
    }
    if (bench->key)
        close_family(bench);
    bench->key = key;
    find_class(bench, line);
    n = parameters_of(bench, line->field[PARAMETERS], given);
    if (sb_values_parse(&bench->class->params, 1, given, n, NULL, 0, "family", &bench->values,
                        &bench->diag) ||
        sb_family_new(bench->class, &bench->values, &bench->family, &bench->diag))
        die(bench, line, "family");
    bench->pool = sb_pool_new(&bench->family->space);
}

/* Tasks */

static uint32_t rule_of(const char *name)
{
    uint32_t rule = SB_RULE_STAT;

    while (strcmp(sb_tolerance_name(rule), name) != 0)
        rule++;
    return rule;
}

static struct sb_hidden hidden_of(const struct line *line)
{
    const bool planted = strcmp(line->field[MEMBER], "null") != 0;

    return (struct sb_hidden){ planted, planted ? strtoull(line->field[MEMBER], NULL, 10) : 0 };
}

static sb_expr expression_of(struct bench *bench, const struct line *line)
{
    const sb_expr e = sb_expr_parse(bench->pool, line->field[EXPRESSION], &bench->diag);

    if (!e)
        die(bench, line, "expression");
    return e;
}

/* As an oracle takes a query: clipped where it is not proven to be in range. */
static struct sb_estimate_task task_of(struct bench *bench, const struct line *line,
                                       const struct sb_law *law)
{
    const uint32_t rule = rule_of(line->field[RULE]);
    const double ends[2] = { rule == SB_RULE_STAT ? -1 : 0, 1 };
    sb_expr e = expression_of(bench, line);
    const struct sb_interval range = sb_expr_range(bench->pool, e);

    if (range.lo < ends[0] || range.hi > ends[1])
        e = sb_pool_op(bench->pool, SB_CLIP, ends, 2, &e, 1);
    return (struct sb_estimate_task){
        .law = law,
        .pool = bench->pool,
        .expr = e,
        .lo = ends[0],
        .hi = ends[1],
        .tolerance = { rule, strtod(line->field[TOLERANCE], NULL) },
        .share = strtod(line->field[SHARE], NULL),
        .delta = strtod(line->field[DELTA], NULL),
        .key = sb_key_derive("suite", line->field[NAME], strlen(line->field[NAME])),
    };
}

static void law_of(const struct bench *bench, const struct line *line, struct sb_law *law)
{
    sb_family_law(bench->family, hidden_of(line), strcmp(line->field[LAW], "clean") == 0, law);
}

/* Results */

static void print_status(const struct line *line, const char *status)
{
    printf("%s\t%s\n", line->field[NAME], status);
}

static void print_estimate(const struct line *line, const struct sb_estimate *e, double answer)
{
    const struct sb_tolerance tolerance = { rule_of(line->field[RULE]),
                                            strtod(line->field[TOLERANCE], NULL) };

    printf("%s\tok\t%s\t%.17g\t%.17g\t%.17g\t%.17g\t%llu\t%.17g\n", line->field[NAME],
           sb_method_name(e->method), e->value, e->half_width, e->variance_lb,
           sb_tolerance_lb(tolerance, e->value - e->half_width, e->value + e->half_width,
                           e->variance_lb),
           (unsigned long long)e->samples, answer);
}

static void print_result(const struct bench *bench, const struct line *line, int status,
                         const struct sb_estimate *e)
{
    if (status < 0)
        die(bench, line, strerror(-status));
    else if (status == 1)
        print_status(line, "skip");
    else if (status)
        print_status(line, "refused");
    else
        print_estimate(line, e, e->value);
}

/* Modes */

static const struct {
    const char *name;
    int (*estimate)(const struct sb_estimate_task *task, struct sb_estimate *out);
} routes[] = {
    { "any", sb_estimate },
    { "closed-form", sb_estimate_closed_form },
    { "enumeration", sb_estimate_enumeration },
    { "quadrature", sb_estimate_quadrature },
    { "monte-carlo", sb_estimate_monte_carlo },
};

static bool by_route(struct bench *bench, const struct line *line)
{
    struct sb_estimate_task task;
    struct sb_estimate out;
    struct sb_law law;

    for (size_t i = 0; i < SB_COUNT(routes); i++)
        if (strcmp(routes[i].name, line->field[MODE]) == 0) {
            law_of(bench, line, &law);
            task = task_of(bench, line, &law);
            print_result(bench, line, routes[i].estimate(&task, &out), &out);
            return true;
        }
    return false;
}

static bool together(const struct line *a, const struct line *b)
{
    for (size_t i = FAMILY; i <= MODE; i++)
        if (strcmp(a->field[i], b->field[i]) != 0)
            return false;
    return true;
}

/* Returns how many lines it took. */
static size_t by_many(struct bench *bench, const struct line *lines, size_t n)
{
    struct sb_estimate_task task[MOST_MANY];
    struct sb_estimate out[MOST_MANY];
    int status[MOST_MANY], error;
    struct sb_law law;
    size_t m = 0;

    law_of(bench, lines, &law);
    for (; m < n && m < MOST_MANY && together(&lines[0], &lines[m]); m++) {
        task[m] = task_of(bench, &lines[m], &law);
        task[m].key = task[0].key;
    }
    error = sb_estimate_many(task, m, out, status);
    if (error)
        die(bench, lines, strerror(-error));
    for (size_t i = 0; i < m; i++)
        print_result(bench, &lines[i], status[i], &out[i]);
    return m;
}

struct caller {
    struct sb_callback callback;
    const struct sb_space *space;
    struct sb_program *program;
};

static int call(void *self, const struct sb_block *blocks, size_t n_blocks, bool labels,
                double *out)
{
    struct caller *c = self;
    const uint64_t n_slots = labels ? c->space->n_labels : 1;
    double y[SB_BLOCK];

    for (size_t b = 0; b < n_blocks; b++)
        for (uint64_t l = 0; l < n_slots; l++) {
            struct sb_block block = blocks[b];

            for (uint64_t i = 0; i < block.n; i++)
                y[i] = c->space->labels[l];
            block.y = y;
            sb_program_run(c->program, &block, out + (b * n_slots + l) * SB_BLOCK);
        }
    return 0;
}

static void by_callback(struct bench *bench, const struct line *line)
{
    struct sb_law law, null;
    struct sb_estimate_task task;
    struct sb_public_result result;
    struct caller caller = { { &caller, "suite", call }, &bench->family->space, NULL };
    int status;

    law_of(bench, line, &law);
    bench->family->null_law(bench->family, &null);
    task = task_of(bench, line, &law);
    caller.program = sb_program_new(bench->pool, task.expr);
    status = sb_public_points(&(struct sb_public_task){ .space = &bench->family->space,
                                                        .callback = &caller.callback,
                                                        .law = { &law, &null },
                                                        .lo = task.lo,
                                                        .hi = task.hi,
                                                        .lipschitz = __builtin_inf(),
                                                        .tolerance = task.tolerance,
                                                        .share = task.share,
                                                        .delta = task.delta,
                                                        .key = task.key },
                              &result);
    print_result(bench, line, status, &result.estimate[SB_PUBLIC_HIDDEN]);
    sb_program_free(caller.program);
}

/* Oracles */

static const struct sb_policy_class *policy_of(const char *name)
{
    for (size_t i = 0; sb_policies[i]; i++)
        if (strcmp(sb_policies[i]->name, name) == 0)
            return sb_policies[i];
    return NULL;
}

static const struct sb_access_class *access_of(const char *name)
{
    for (size_t i = 0; sb_accesses[i]; i++)
        if (strcmp(sb_accesses[i]->name, name) == 0)
            return sb_accesses[i];
    return NULL;
}

static void parse_oracle(struct bench *bench, const struct line *line,
                         const struct sb_oracle_setup *setup, struct sb_values *out)
{
    const bool stat = strcmp(line->field[RULE], "stat") == 0;
    const struct sb_param *const tables[] = { setup->access->params, sb_oracle_params,
                                              setup->policy->params };
    const struct sb_given given[] = {
        { .name = stat ? "tolerance" : "t", .text = line->field[TOLERANCE] },
        { .name = "slack", .text = line->field[SHARE] },
        { .name = "delta", .text = line->field[DELTA] },
        { .name = "rule", .text = line->field[RULE] },
    };

    if (sb_values_parse(tables, SB_COUNT(tables), given, stat ? 3 : 4, NULL, 0, "oracle", out,
                        &bench->diag))
        die(bench, line, "oracle section");
}

static void by_oracle(struct bench *bench, const struct line *line)
{
    const struct sb_digest material = sb_digest_of(line->field[NAME], strlen(line->field[NAME]));
    const char *access = strcmp(line->field[RULE], "stat") == 0 ? "stat" : "vstat";
    struct sb_values values;
    struct sb_oracle_setup setup = { .access = access_of(access),
                                     .policy = policy_of(line->field[MODE] + strlen("ask:")),
                                     .values = &values,
                                     .family = bench->family,
                                     .public_material = material,
                                     .secret_material = material,
                                     .budget = 1 };
    struct sb_ask ask = { .pool = bench->pool, .expr = expression_of(bench, line) };
    struct sb_oracle *oracle;
    struct sb_asked asked;

    parse_oracle(bench, line, &setup, &values);
    if (sb_oracle_new(&setup, &oracle, &bench->diag))
        die(bench, line, "oracle");
    sb_oracle_hide(oracle, hidden_of(line));
    if (sb_oracle_ask(oracle, &ask, &asked, &bench->diag))
        die(bench, line, "ask");
    if (asked.status)
        print_status(line, "refused");
    else
        print_estimate(line, &asked.reply.truth, asked.reply.answer);
    sb_oracle_free(oracle);
    sb_values_fini(&values);
}

/* Returns how many lines it took. */
static size_t serve(struct bench *bench, const struct line *lines, size_t n)
{
    const char *mode = lines[0].field[MODE];

    open_family(bench, lines);
    if (strcmp(mode, "many") == 0)
        return by_many(bench, lines, n);
    if (strcmp(mode, "public") == 0)
        by_callback(bench, lines);
    else if (strncmp(mode, "ask:", 4) == 0 && policy_of(mode + 4))
        by_oracle(bench, lines);
    else if (!by_route(bench, lines))
        die(bench, lines, "no such mode");
    return 1;
}

static bool cut(char *text, struct line *out)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        out->field[i] = text;
        text = strchr(text, i + 1 < N_FIELDS ? '\t' : '\n');
        if (!text)
            return false;
        *text++ = '\0';
    }
    return true;
}

int main(void)
{
    struct bench bench = { 0 };
    struct line *lines = NULL;
    char *text = NULL;
    size_t n = 0, n_cap = 0, text_cap = 0;

    sb_diag_init(&bench.diag);
    while (getline(&text, &text_cap, stdin) > 0) {
        lines = sb_grow(lines, &n_cap, n + 1, sizeof *lines);
        if (!lines || !cut(strdup(text), &lines[n++]))
            return 2;
    }
    for (size_t i = 0; i < n;)
        i += serve(&bench, lines + i, n - i);
    if (bench.key)
        close_family(&bench);
    for (size_t i = 0; i < n; i++)
        free(lines[i].field[0]);
    free(lines);
    free(text);
    sb_diag_fini(&bench.diag);
    return 0;
}
