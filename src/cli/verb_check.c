/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed check: is a plugin fit to be run and believed? */
#include "base/memory.h"
#include "base/params.h"
#include "check/check.h"
#include "cli/cli.h"
#include "runner/learner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SECONDS_MAX = 1000000 }; /* that stay a number in nanoseconds */

/* KEY=VALUE behind the file. */
static int split_operands(const struct sb_args *args, struct sb_given *given, size_t *n_out,
                          struct sb_diag *diag)
{
    size_t n = 0;

    for (size_t i = 1; i < args->n_operands; i++) {
        char *word = (char *)(uintptr_t)args->operands[i]; /* argv's, which is ours to write to */
        char *equals = strchr(word, '=');

        if (!equals)
            return sb_diag_fail(diag, -EINVAL,
                                "check: expected one plugin and KEY=VALUE, found '%s'", word);
        *equals = '\0';
        given[n++] = (struct sb_given){ .name = word, .text = equals + 1 };
    }
    *n_out = n;
    return 0;
}

/* A file as it is, or a shipped learner by its name. */
static int find_plugin(const char *name, char **path_out, struct sb_diag *diag)
{
    const size_t n = strlen(name);

    if (!strchr(name, '/') && !(n > 3 && strcmp(name + n - 3, ".so") == 0))
        return sb_learner_find(name, ".", path_out, diag);
    /* with a slash: without one the loader would look in the system's folders */
    *path_out = strchr(name, '/') ? sb_strdup(name) : sb_printf("./%s", name);
    return *path_out ? 0 : -ENOMEM;
}

static int read_number(const struct sb_args *args, const char *name, uint64_t *out,
                       struct sb_diag *diag)
{
    const char *text = sb_args_value(args, name);

    if (sb_parse_u64(text, out))
        return 0;
    return sb_diag_fail(diag, -EINVAL, "check: --%s=%s is not a whole number", name, text);
}

/* Lines of text: a result, the check's name, what it says. */
static void print_text(const struct sb_check_suite *suite, const struct sb_check_context *context,
                       const struct sb_check_report *report, struct sb_buf *out)
{
    sb_buf_printf(out, "%s: %s, seed %llu\n", context->path, suite->kind,
                  (unsigned long long)context->seed);
    for (size_t i = 0; i < report->n; i++) {
        const struct sb_check_outcome *item = &report->items[i];

        sb_buf_printf(out, "%-5s %-12s ", sb_check_result_name(item->result), item->check->name);
        if (item->result == SB_CHECK_FAILED)
            sb_buf_printf(out, "expected: %s; found: ", item->check->what);
        sb_buf_printf(out, "%s\n", item->said);
    }
    sb_buf_printf(out, "%zu failed of %zu; repeat with --seed=%llu\n", report->n_failed, report->n,
                  (unsigned long long)context->seed);
}

static void put_member(struct sb_buf *out, const char *before, const char *name, const char *text)
{
    sb_buf_printf(out, "%s\"%s\": ", before, name);
    sb_json_string(text, out);
}

static void print_json(const struct sb_check_suite *suite, const struct sb_check_context *context,
                       const struct sb_check_report *report, struct sb_buf *out)
{
    char seed[24];

    snprintf(seed, sizeof seed, "%llu", (unsigned long long)context->seed); /* may exceed 2^53 */
    put_member(out, "{", "plugin", context->path);
    put_member(out, ", ", "kind", suite->kind);
    put_member(out, ", ", "seed", seed);
    sb_buf_printf(out, ", \"failed\": %zu, \"checks\": [", report->n_failed);
    for (size_t i = 0; i < report->n; i++) {
        const struct sb_check_outcome *item = &report->items[i];

        put_member(out, i ? ",\n  {" : "\n  {", "check", item->check->name);
        put_member(out, ", ", "result", sb_check_result_name(item->result));
        put_member(out, ", ", "expected", item->check->what);
        put_member(out, ", ", "found", item->said);
        sb_buf_puts(out, "}");
    }
    sb_buf_puts(out, "\n]}\n");
}

/* Runs and prints; 1: a check failed. */
static int check(const struct sb_args *args, struct sb_check_context *context, struct sb_diag *diag)
{
    const struct sb_check_suite *suite;
    struct sb_check_report report;
    struct sb_buf out;
    int error = sb_check_suite_find(context->path, &suite, diag);

    if (!error && context->family && suite->checks != sb_learner_checks)
        error = sb_diag_fail(diag, -EINVAL, "check: --family is for learners, and %s is a %s",
                             context->path, suite->kind);
    if (!error)
        error = sb_check_run(suite->checks, sb_args_value(args, "only"), context, &report, diag);
    if (error)
        return error;
    sb_buf_init(&out);
    if (strcmp(sb_args_value(args, "format"), "json") == 0)
        print_json(suite, context, &report, &out);
    else
        print_text(suite, context, &report, &out);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    if (!error && report.n_failed)
        error = 1;
    sb_check_report_fini(&report);
    return error;
}

static int verb_check(const struct sb_args *args, struct sb_diag *diag)
{
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, args->n_operands);
    char *path SB_FREE = NULL;
    struct sb_check_context context = { .given = given,
                                        .family = sb_args_value(args, "family"),
                                        .isolation = sb_args_isolation(args) };
    int error = given ? split_operands(args, given, &context.n_given, diag) : -ENOMEM;

    if (!error)
        error = read_number(args, "seed", &context.seed, diag);
    if (!error)
        error = read_number(args, "seconds", &context.seconds, diag);
    if (!error && (context.seconds < 1 || context.seconds > SECONDS_MAX))
        error = sb_diag_fail(diag, -EINVAL, "check: --seconds=%s is not from 1 to %d",
                             sb_args_value(args, "seconds"), SECONDS_MAX);
    if (!error)
        error = find_plugin(args->operands[0], &path, diag);
    context.path = path;
    return error ? error : check(args, &context, diag);
}

static const struct sb_option options[] = {
    { "format", "text|json", "text", "how the report is printed", 0 },
    { "seed", "NUMBER", "1", "from which every random choice is drawn", 0 },
    { "only", "CHECK", NULL, "this check alone, and those that all others rest on", 0 },
    { "family", "FAMILY|FILE.so", NULL,
      "the family that a learner is tried on, or a family plugin's path; its parameters stand "
      "behind the file as family.KEY=VALUE",
      0 },
    { "seconds", "NUMBER", "60", "that one check may take", 0 },
    SB_OPTION_ISOLATION,
    SB_OPTION_END
};

const struct sb_verb sb_verb_check = {
    .name = "check",
    .group = SB_GROUP_WRITE,
    .operands = "LEARNER|FILE.so [KEY=VALUE...]",
    .summary = "checks a plugin: is it fit to be run and believed?",
    .options = options,
    .n_least = 1,
    .n_most = SB_OPERANDS_ANY,
    .notes =
        "FILE.so is a learner or a family; KEY=VALUE are its parameters. A learner is tried on "
        "small shipped families, with every oracle that it can take; what a family says of itself "
        "is compared with what it draws and weighs.\n\n"
        "Each check runs in a process of its own; some of them load the plugin there without "
        "filters, so check what you would run.\n",
    .examples = "  statbed check ./mine.so\n  statbed check ./mine.so degree=3 --family=parity "
                "family.dimension=5\n",
    .main = verb_check,
};
