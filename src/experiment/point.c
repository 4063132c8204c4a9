/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of an experiment: finds the classes that it names, checks every section against the
 * parameters that they declare, and tries whether they fit together. */
#include "experiment/work.h"

#include "base/memory.h"
#include "estimate/loss.h"
#include "experiment/keys.h"

#include <errno.h>

/* What setting up a family or an oracle said, at the key that names its class. */
static int fail_set_up(struct sb_work *w, size_t section, const char *key, int error,
                       const struct sb_diag *found)
{
    const struct sb_item *item = sb_view_find(&w->view, section, key);

    if (!item) /* a policy that goes without saying */
        item = sb_view_find(&w->view, section, "type");
    if (error != -EINVAL)
        return sb_mistakes_worse(w->reader->mistakes, error);
    for (size_t i = 0; i < found->n_items; i++)
        sb_mistake_of_point(w->reader->mistakes, item->value->line, item->value->column, w->label,
                            found->items[i].text);
    return error;
}

/* Can what is returned be scored so? Real labels have no zero-one loss, and some no loss at all. */
static int check_goal(struct sb_work *w, const struct sb_family *family)
{
    const struct sb_item *item = sb_view_find(&w->view, SB_SECTION_GOAL, "loss");
    const struct sb_goal_class *goal = w->point->goal;
    const enum sb_loss loss = sb_goal_loss(goal->goal, &w->point->goal_values);
    struct sb_loss_scale scale;
    const char *why;

    if (!item)
        item = sb_view_find(&w->view, SB_SECTION_GOAL, "type");
    if (!item || !sb_goal_has_loss(goal->goal))
        return 0;
    why = sb_loss_scale(family, loss, &scale);
    return why ? sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
                            "goal: %s does not fit family %s: %s", goal->name, family->class->name,
                            why)
               : 0;
}

/* What tables cannot say: does the family exist at these parameters, can the policy play it
 * (eliminate, at 20 coordinates, cannot), and can the goal be scored? Both are made once, and
 * dropped. */
static int set_up(struct sb_work *w, const struct sb_known_learner *l, bool oracle_too,
                  bool goal_too)
{
    const struct sb_point *p = w->point;
    struct sb_family *family = NULL;
    struct sb_oracle *oracle = NULL;
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = sb_family_new(p->family, &p->family_values, &family, &diag);
    if (error) {
        error = fail_set_up(w, SB_SECTION_FAMILY, "type", error, &diag);
    } else if (oracle_too && w->reader->reduction) {
        error = sb_reduction_check(w, family, goal_too);
    } else if (oracle_too) {
        const struct sb_oracle_setup setup = {
            .access = p->access, .policy = p->policy, .values = &p->oracle_values, .family = family
        };

        error = sb_oracle_new(&setup, &oracle, &diag);
        if (error)
            error = fail_set_up(w, SB_SECTION_ORACLE, "policy", error, &diag);
    }
    if (!error && goal_too)
        error = check_goal(w, family);
    if (!error && l)
        error = sb_learner_check_labels(w, l, family);
    if (!error)
        error = sb_grant_check_labels(w, family);
    sb_oracle_free(oracle);
    sb_family_free(family);
    sb_diag_fini(&diag);
    return error;
}

/* A budget counts where there is something to spend it on. */
static void set_budgets(struct sb_point *p)
{
    const uint32_t access = p->access->bit | p->grants;

    if (access & SB_LABEL)
        p->n_labels = (uint64_t)sb_values_int(&p->budget_values, "labels");
    if ((access & SB_SAMPLE) || p->access->kind == SB_ACCESS_FRESH)
        p->n_samples = (uint64_t)sb_values_int(&p->budget_values, "samples");
}

/* Every section that can be checked is, whatever became of the others. */
static int parse_all(struct sb_work *w, const bool *chosen, bool granted,
                     const struct sb_known_learner *l)
{
    bool good[SB_SECTIONS] = { false };

    good[SB_SECTION_FAMILY] = chosen[SB_SECTION_FAMILY] && sb_family_parse(w) == 0;
    good[SB_SECTION_ORACLE] = chosen[SB_SECTION_ORACLE] && sb_oracle_parse(w) == 0;
    if (good[SB_SECTION_ORACLE] && granted)
        granted = sb_grant_check(w) == 0;
    good[SB_SECTION_LEARNER] = chosen[SB_SECTION_LEARNER] && sb_learner_parse(w, l) == 0;
    good[SB_SECTION_BUDGET] = chosen[SB_SECTION_BUDGET] && sb_budget_parse(w) == 0;
    good[SB_SECTION_GOAL] = chosen[SB_SECTION_GOAL] && sb_goal_parse(w) == 0;
    if (good[SB_SECTION_FAMILY])
        good[SB_SECTION_FAMILY] = set_up(w, l, good[SB_SECTION_ORACLE], good[SB_SECTION_GOAL]) == 0;
    for (size_t i = 0; i < SB_SECTIONS; i++)
        if (!good[i])
            return -EINVAL;
    if (granted)
        set_budgets(w->point);
    return granted ? 0 : -EINVAL;
}
static int read_view(struct sb_work *w, const struct sb_grid *grid, const size_t *pick)
{
    const struct sb_known_learner *learner = NULL;
    const bool granted = sb_grant_parse(w) == 0;
    bool chosen[SB_SECTIONS];
    int error, missed = 0;

    chosen[SB_SECTION_FAMILY] = sb_family_choose(w);
    chosen[SB_SECTION_ORACLE] = sb_classes_choose(w, SB_SECTION_ORACLE);
    chosen[SB_SECTION_LEARNER] = sb_learner_choose(w, &learner) == 0;
    chosen[SB_SECTION_BUDGET] = sb_classes_choose(w, SB_SECTION_BUDGET);
    chosen[SB_SECTION_GOAL] = sb_classes_choose(w, SB_SECTION_GOAL);
    error = sb_view_resolve(&w->view);
    w->label = error ? NULL : sb_view_label(&w->view, grid, pick);
    if (!w->label)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    if (learner && granted && chosen[SB_SECTION_ORACLE])
        missed = sb_learner_check_access(w, learner);
    error = parse_all(w, chosen, granted, learner);
    return error ? error : missed;
}

int sb_point_read(struct sb_point_reader *reader, const struct sb_yaml *root,
                  const struct sb_grid *grid, const size_t *pick, struct sb_point *out)
{
    struct sb_point point = { 0 };
    struct sb_work w = { .reader = reader, .point = &point };
    int error = sb_view_init(&w.view, root, grid, pick, reader->mistakes);

    if (error)
        return sb_mistakes_worse(reader->mistakes, error);
    error = read_view(&w, grid, pick);
    sb_view_fini(&w.view);
    point.label = w.label;
    if (error) {
        sb_point_fini(&point);
        return error;
    }
    point.reduction = reader->reduction;
    point.gap = reader->gap;
    point.family_key = sb_family_key(point.family, &point.family_values);
    *out = point;
    return 0;
}

void sb_point_fini(struct sb_point *point)
{
    sb_values_fini(&point->family_values);
    sb_values_fini(&point->oracle_values);
    sb_values_fini(&point->learner_values);
    sb_values_fini(&point->goal_values);
    sb_values_fini(&point->budget_values);
    free(point->learner_type);
    free(point->learner_path);
    free(point->label);
    free(point->grants_text);
    *point = (struct sb_point){ 0 };
}
