/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tasks that a learner is tried on: every oracle that it can take, every goal, on shipped
 * families or on the one that the user names. */
#include "base/memory.h"
#include "base/text.h"
#include "check/trial.h"
#include "oracles/access/accesses.h"
#include "oracles/families/families.h"
#include "oracles/policies/policies.h"

#include <errno.h>
#include <string.h>

/* Parameters of the shipped families, KEY=VALUE with blanks between: small enough to be learned at
 * once, and too large to be learned within a small budget. */
static const struct {
    const char *family, *small, *large;
} sizes[] = {
    { "parity", "dimension=6", "dimension=30" },
    { "conjunction", "dimension=6 literals=2", "dimension=30 literals=9" },
};

/* What an oracle is granted where it declares no default. */
static const struct {
    const char *name, *small, *large;
} grants[] = {
    { "tolerance", "0.2", "0.25" },
    { "t", "100", "12" },
    { "m", "400", "400" },
    { "lambda", "2", "2" },
};

static const struct {
    uint32_t goal;
    const char *name;
} goals[] = { { SB_PREDICT, "predict" },
              { SB_RECOVER, "recover" },
              { SB_DISTINGUISH, "distinguish" } };

enum { SIZES_MAX = 8 }; /* parameters in one line of `sizes` */

/* KEY=VALUE pairs. */
struct pairs {
    struct sb_given *items; /* owned */
    size_t n;
    char *copy; /* what the texts of `sizes` lie in; owned */
};

static void put(struct pairs *p, const char *name, const char *text)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return; /* what the user gives comes first, and counts */
    p->items[p->n++] = (struct sb_given){ .name = name, .text = text };
}

/* What the user gave for the family: family.KEY=VALUE. */
static void put_given(struct pairs *p, const struct sb_check_context *context)
{
    for (size_t i = 0; i < context->n_given; i++)
        if (strncmp(context->given[i].name, "family.", 7) == 0)
            put(p, context->given[i].name + 7, context->given[i].text);
}

static void put_sizes(struct pairs *p, const char *family, bool large)
{
    char *rest, *word;

    for (size_t i = 0; i < SB_COUNT(sizes); i++)
        if (strcmp(sizes[i].family, family) == 0)
            p->copy = sb_strdup(large ? sizes[i].large : sizes[i].small);
    rest = p->copy;
    while ((word = strsep(&rest, " "))) {
        char *equals = strchr(word, '=');

        *equals = '\0';
        put(p, word, equals + 1);
    }
}

static int sized_values(const struct sb_check_context *context,
                        const struct sb_family_class *family, bool large, struct sb_values *out,
                        struct sb_diag *diag)
{
    const struct sb_param *const tables[] = { family->params };
    struct pairs pairs = { .items = SB_NEW_ARRAY(struct sb_given, context->n_given + SIZES_MAX) };
    char *where SB_FREE = sb_printf("family %s", family->name);
    int error = where && pairs.items ? 0 : -ENOMEM;

    if (!error) {
        put_given(&pairs, context);
        put_sizes(&pairs, family->name, large);
        error = sb_values_parse(tables, 1, pairs.items, pairs.n, NULL, 0, where, out, diag);
    }
    free(pairs.items);
    free(pairs.copy);
    return error;
}

/* Do the large sizes go with what the user gave? */
static bool goes_with_large(const struct sb_check_context *context,
                            const struct sb_family_class *class)
{
    struct sb_family *family = NULL;
    struct sb_values values = { 0 };
    struct sb_diag unheard;
    bool goes;

    sb_diag_init(&unheard);
    goes = sized_values(context, class, true, &values, &unheard) == 0 &&
           sb_family_new(class, &values, &family, &unheard) == 0;
    sb_family_free(family);
    sb_values_fini(&values);
    sb_diag_fini(&unheard);
    return goes;
}

static int family_values(const struct sb_check_context *context,
                         const struct sb_family_class *family, bool large, struct sb_values *out,
                         struct sb_diag *diag)
{
    return sized_values(context, family, large && goes_with_large(context, family), out, diag);
}

static int oracle_values(const struct sb_trial_task *task, bool large, struct sb_values *out,
                         struct sb_diag *diag)
{
    const struct sb_param *const tables[] = { task->access->params, task->policy->params,
                                              sb_oracle_params };
    struct sb_given given[SB_COUNT(grants)];
    size_t n = 0;

    for (size_t i = 0; i < SB_COUNT(grants); i++) {
        const struct sb_param *param = sb_params_find(task->access->params, grants[i].name);

        if (param && !param->fallback)
            given[n++] = (struct sb_given){ .name = grants[i].name,
                                            .text = large ? grants[i].large : grants[i].small };
    }
    return sb_values_parse(tables, SB_COUNT(tables), given, n, NULL, 0, task->access->name, out,
                           diag);
}

static const struct sb_policy_class *find_policy(const char *name)
{
    for (const struct sb_policy_class *const *p = sb_policies; *p; p++)
        if (strcmp((*p)->name, name) == 0)
            return *p;
    return NULL;
}

/* The policy that plays a kind of access. */
static const struct sb_policy_class *policy_of(const struct sb_access_class *access, bool large)
{
    if (access->kind != SB_ACCESS_QUERY)
        return find_policy("fresh");
    return find_policy(large ? "reference" : "exact");
}

static int add(struct sb_trial_tasks *tasks, const struct sb_check_context *context,
               const struct sb_family_class *family, const struct sb_access_class *access,
               size_t goal, bool large, struct sb_diag *diag)
{
    struct sb_trial_task *task = &tasks->items[tasks->n];
    int error;

    if (tasks->n == SB_TASKS_MAX)
        return 0;
    *task = (struct sb_trial_task){ .family = family,
                                    .access = access,
                                    .policy = policy_of(access, large),
                                    .goal = goals[goal].goal };
    if (!task->policy)
        return 0;
    error = family_values(context, family, large, &task->family_values, diag);
    if (error)
        return error;
    tasks->n++; /* fini frees it from here on */
    error = oracle_values(task, large, &task->oracle_values, diag);
    if (error)
        return error;
    task->name = sb_printf("%s, %s, %s", family->name, access->name, goals[goal].name);
    return task->name ? 0 : -ENOMEM;
}

/* What tables cannot say: is there such a family? */
static int try_family(const struct sb_trial_task *task, struct sb_diag *diag)
{
    struct sb_family *family = NULL;
    const int error = sb_family_new(task->family, &task->family_values, &family, diag);

    sb_family_free(family);
    return error;
}

/* Every goal with every oracle that it may be granted. */
static int add_family(struct sb_trial_tasks *tasks, const struct sb_check_context *context,
                      uint32_t access, const struct sb_family_class *family, bool large,
                      struct sb_diag *diag)
{
    const size_t first = tasks->n;
    int error = 0;

    for (size_t goal = 0; goal < SB_COUNT(goals); goal++)
        for (const struct sb_access_class *const *a = sb_accesses; *a && !error; a++)
            if ((*a)->bit & access)
                error = add(tasks, context, family, *a, goal, large, diag);
    return error || tasks->n == first ? error : try_family(&tasks->items[first], diag);
}

static int find_family(const char *name, const struct sb_family_class **out, struct sb_diag *diag)
{
    const char *names[64];
    const char *near;
    size_t n = 0;

    for (const struct sb_family_class *const *f = sb_families; *f && n < SB_COUNT(names); f++) {
        names[n++] = (*f)->name;
        if (strcmp((*f)->name, name) == 0) {
            *out = *f;
            return 0;
        }
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -EINVAL, "unknown family '%s'%s%s%s; see statbed list families", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* A shipped family, or a plugin's path. */
static int name_family(struct sb_trial_tasks *tasks, const char *name,
                       const struct sb_family_class **out, struct sb_diag *diag)
{
    int error;

    if (!strchr(name, '/'))
        return find_family(name, out, diag);
    error = sb_family_so_load(name, &tasks->plugin, diag);
    if (!error)
        *out = &tasks->plugin->class;
    return error;
}

int sb_trial_tasks_init(struct sb_trial_tasks *tasks, const struct sb_check_context *context,
                        uint32_t access, bool large, struct sb_diag *diag)
{
    const struct sb_family_class *family;
    int error = 0;

    tasks->n = 0;
    tasks->plugin = NULL;
    if (context->family) {
        error = name_family(tasks, context->family, &family, diag);
        return error ? error : add_family(tasks, context, access, family, large, diag);
    }
    for (size_t i = 0; i < SB_COUNT(sizes) && !error; i++) {
        error = find_family(sizes[i].family, &family, diag);
        if (!error)
            error = add_family(tasks, context, access, family, large, diag);
    }
    return error;
}

void sb_trial_tasks_fini(struct sb_trial_tasks *tasks)
{
    for (size_t i = 0; i < tasks->n; i++) {
        sb_values_fini(&tasks->items[i].family_values);
        sb_values_fini(&tasks->items[i].oracle_values);
        free(tasks->items[i].name);
    }
    sb_family_so_free(tasks->plugin);
    tasks->plugin = NULL;
    tasks->n = 0;
}

int sb_trial_values(const struct sb_check_context *context, const struct sb_param *params,
                    struct sb_values *out, struct sb_diag *diag)
{
    const struct sb_param *const tables[] = { params };
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, context->n_given);
    size_t n = 0;

    if (!given)
        return -ENOMEM;
    for (size_t i = 0; i < context->n_given; i++)
        if (strncmp(context->given[i].name, "family.", 7) != 0)
            given[n++] = context->given[i];
    return sb_values_parse(tables, 1, given, n, NULL, 0, "learner", out, diag);
}
