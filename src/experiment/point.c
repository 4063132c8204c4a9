/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of an experiment: finds the classes that it names, then checks every section against
 * the parameters that they declare. */
#include "experiment/point.h"

#include "base/memory.h"
#include "base/text.h"
#include "experiment/keys.h"

#include <errno.h>
#include <string.h>

/* What a `type` or `policy` may name: the classes by number, NULL behind the last. */
struct kind {
    size_t section;
    const char *key;  /* of the section */
    const char *noun; /* for messages */
    const char *(*name)(const struct sb_catalog *catalog, size_t i);
    const struct sb_param *(*params)(const struct sb_catalog *catalog, size_t i);
};

static const char *family_name(const struct sb_catalog *c, size_t i)
{
    return c->families[i] ? c->families[i]->name : NULL;
}
static const struct sb_param *family_params(const struct sb_catalog *c, size_t i)
{
    return c->families[i]->params;
}
static const char *access_name(const struct sb_catalog *c, size_t i)
{
    return c->accesses[i] ? c->accesses[i]->name : NULL;
}
static const struct sb_param *access_params(const struct sb_catalog *c, size_t i)
{
    return c->accesses[i]->params;
}
static const char *policy_name(const struct sb_catalog *c, size_t i)
{
    return c->policies[i] ? c->policies[i]->name : NULL;
}
static const struct sb_param *policy_params(const struct sb_catalog *c, size_t i)
{
    return c->policies[i]->params;
}
static const char *goal_name(const struct sb_catalog *c, size_t i)
{
    (void)c;
    return sb_goals[i].name;
}
static const struct sb_param *goal_params(const struct sb_catalog *c, size_t i)
{
    (void)c;
    return sb_goals[i].params;
}

static const struct kind family_kind = { SB_SECTION_FAMILY, "type", "family", family_name,
                                         family_params };
static const struct kind access_kind = { SB_SECTION_ORACLE, "type", "oracle type", access_name,
                                         access_params };
static const struct kind policy_kind = { SB_SECTION_ORACLE, "policy", "policy", policy_name,
                                         policy_params };
static const struct kind goal_kind = { SB_SECTION_GOAL, "type", "goal", goal_name, goal_params };

/* The point being read. */
struct work {
    struct sb_point_reader *reader;
    struct sb_view view;
    struct sb_point *point;
    const struct kind *kinds[SB_SECTIONS][2]; /* of a section, NULL where none */
    size_t chosen[SB_SECTIONS][2];            /* class number of each kind */
    char *label;
};

/* Names of params or of classes, with commas between; malloc'd. */
static char *list_params(const struct sb_param *params)
{
    char *text SB_FREE = NULL;
    struct sb_buf out;

    sb_buf_init(&out);
    for (; params && params->name; params++)
        sb_buf_printf(&out, "%s%s", out.n ? ", " : "", params->name);
    text = sb_strdup(out.n ? sb_buf_str(&out) : "no parameter");
    sb_buf_fini(&out);
    return sb_strdup(text);
}

static const char **list_classes(const struct sb_catalog *c, const struct kind *kind, size_t *n_out,
                                 char **text_out)
{
    const char **names;
    struct sb_buf out;
    size_t n = 0;

    while (kind->name(c, n))
        n++;
    names = sb_new(n, sizeof *names);
    sb_buf_init(&out);
    for (size_t i = 0; names && i < n; i++) {
        names[i] = kind->name(c, i);
        sb_buf_printf(&out, "%s%s", i ? ", " : "", names[i]);
    }
    *text_out = sb_buf_str(&out) ? sb_strdup(sb_buf_str(&out)) : NULL;
    sb_buf_fini(&out);
    *n_out = n;
    return names;
}

static int fail_section(struct work *w, size_t section)
{
    const struct sb_view_section *s = &w->view.section[section];

    return sb_mistake(w->reader->mistakes, s->line, s->column,
                      "experiment: '%s' is missing (a map with a type and its parameters)",
                      sb_section_names[section]);
}

static int fail_class(struct work *w, const struct kind *kind, const struct sb_item *item)
{
    const struct sb_view_section *s = &w->view.section[kind->section];
    const char *section = sb_section_names[kind->section];
    char *all SB_FREE = NULL;
    size_t n;
    const char **names SB_FREE = list_classes(w->reader->catalog, kind, &n, &all);
    const char *near;

    if (!names || !all)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    if (!item)
        return s->given ? sb_mistake(w->reader->mistakes, s->line, s->column,
                                     "%s: '%s' is missing (one of %s)", section, kind->key, all)
                        : fail_section(w, kind->section);
    near = sb_nearest(item->text, names, n);
    return sb_mistake(w->reader->mistakes, item->value->line, item->value->column,
                      "%s: unknown %s '%s'%s%s%s (one of %s)", section, kind->noun, item->text,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", all);
}

/* The class that a section names: its number in *out. */
static int choose(struct work *w, const struct kind *kind, size_t *out)
{
    const struct sb_catalog *c = w->reader->catalog;
    bool given;
    const char *word = sb_view_word(&w->view, kind->section, kind->key, &given);

    if (given && !word)
        return -EINVAL;
    for (size_t i = 0; word && kind->name(c, i); i++) {
        if (strcmp(kind->name(c, i), word) == 0) {
            *out = i;
            return 0;
        }
    }
    return fail_class(w, kind, word ? sb_view_find(&w->view, kind->section, kind->key) : NULL);
}

static void add_table(struct work *w, size_t section, const struct sb_param *table)
{
    struct sb_view_section *s = &w->view.section[section];

    s->tables[s->n_tables++] = table;
}

/* Chooses the classes of a section; one that cannot be chosen leaves the section without tables,
 * and so unchecked: what may stand in it is not known. */
static bool choose_all(struct work *w, const struct kind *first, const struct kind *second)
{
    const struct kind *const kinds[2] = { first, second };
    const size_t section = first->section;
    struct sb_view_section *s = &w->view.section[section];

    const bool hidden = s->unknown;

    for (size_t k = 0; k < 2; k++) {
        w->kinds[section][k] = kinds[k];
        if (!kinds[k] || (hidden && !sb_view_find(&w->view, section, kinds[k]->key)))
            continue;
        if (choose(w, kinds[k], &w->chosen[section][k]))
            s->unknown = true;
    }
    for (size_t k = 0; k < 2 && !s->unknown; k++) {
        if (kinds[k])
            add_table(w, section, kinds[k]->params(w->reader->catalog, w->chosen[section][k]));
    }
    return !s->unknown;
}

/* Learners */

static struct sb_known_learner *resolve_new(struct sb_point_reader *r, const char *type)
{
    struct sb_known_learner *all =
        sb_grow(r->learners, &r->cap_learners, r->n_learners + 1, sizeof *all);
    struct sb_known_learner *l;
    struct sb_diag diag;

    if (!all)
        return NULL;
    r->learners = all;
    l = &all[r->n_learners];
    *l = (struct sb_known_learner){ .type = sb_strdup(type) };
    if (!l->type)
        return NULL;
    r->n_learners++;
    sb_diag_init(&diag);
    l->error = r->resolver->resolve(r->resolver->self, type, r->base_dir, &l->path, &l->params,
                                    &l->access, &diag);
    if (l->error)
        l->message = sb_strdup(diag.n_items ? diag.items[0].text : "cannot be loaded");
    sb_diag_fini(&diag);
    return l;
}

static struct sb_known_learner *resolve(struct sb_point_reader *r, const char *type)
{
    for (size_t i = 0; i < r->n_learners; i++) {
        if (strcmp(r->learners[i].type, type) == 0)
            return &r->learners[i];
    }
    return resolve_new(r, type);
}

static int fail_learner(struct work *w, const struct sb_known_learner *l,
                        const struct sb_item *item)
{
    struct sb_mistakes *m = w->reader->mistakes;

    if (l->message)
        sb_mistake(m, item->value->line, item->value->column, "learner: %s", l->message);
    if (!l->message || (l->error != -EINVAL && l->error != -ENOENT))
        return sb_mistakes_worse(m, l->message ? l->error : -ENOMEM);
    return -EINVAL;
}

/* The learner's type, resolved; its two tables. */
static int choose_learner(struct work *w, const struct sb_known_learner **out)
{
    struct sb_view_section *s = &w->view.section[SB_SECTION_LEARNER];
    const struct sb_known_learner *l;
    bool given;
    const char *type = sb_view_word(&w->view, SB_SECTION_LEARNER, "type", &given);

    if (!type) {
        if (!s->given)
            fail_section(w, SB_SECTION_LEARNER);
        else if (!given && !s->unknown)
            sb_mistake(w->reader->mistakes, s->line, s->column,
                       "learner: 'type' is missing (a learner's name, or the path of a plugin "
                       "with a slash in it)");
        s->unknown = true;
        return -EINVAL;
    }
    l = resolve(w->reader, type);
    if (!l || l->error) {
        s->unknown = true;
        return l ? fail_learner(w, l, sb_view_find(&w->view, SB_SECTION_LEARNER, "type"))
                 : sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    }
    if (!s->unknown) {
        add_table(w, SB_SECTION_LEARNER, l->params);
        add_table(w, SB_SECTION_LEARNER, sb_learner_common_params);
    }
    *out = l;
    return s->unknown ? -EINVAL : 0;
}

/* Values */

/* Is the item unknown here, but a parameter of another class of one of the section's kinds? Then
 * that is said, and true returned. */
static bool belongs_elsewhere(struct work *w, size_t section, const struct sb_item *item)
{
    const struct sb_catalog *c = w->reader->catalog;
    const struct sb_view_section *s = &w->view.section[section];

    for (size_t t = 0; t < s->n_tables; t++) {
        if (sb_params_find(s->tables[t], item->name))
            return false;
    }
    for (size_t k = 0; k < 2 && w->kinds[section][k]; k++) {
        const struct kind *kind = w->kinds[section][k];
        const size_t own = w->chosen[section][k];

        for (size_t i = 0; kind->name(c, i); i++) {
            char *takes SB_FREE = NULL;

            if (strcmp(item->name, kind->key) == 0 ||
                !sb_params_find(kind->params(c, i), item->name))
                continue;
            takes = list_params(kind->params(c, own));
            sb_mistake(w->reader->mistakes, item->line, item->column,
                       "%s: '%s' belongs to %s %s; %s takes %s", sb_section_names[section],
                       item->name, kind->noun, kind->name(c, i), kind->name(c, own),
                       takes ? takes : "others");
            return true;
        }
    }
    return false;
}

/* Messages of sb_values_parse get a place where they have none (what is missing has none), and
 * those on a formula its text and its point. */
static void pass_on(struct work *w, const struct sb_diag *diag, size_t section)
{
    const struct sb_view_section *s = &w->view.section[section];

    for (size_t i = 0; i < diag->n_items; i++) {
        const struct sb_diag_item *d = &diag->items[i];
        const char *formula = d->line ? sb_view_formula_at(&w->view, d->line, d->column) : NULL;

        if (formula)
            sb_mistake(w->reader->mistakes, d->line, d->column, "%s ('%s'%s%s)", d->text, formula,
                       *w->label ? " at " : "", w->label);
        else
            sb_mistake(w->reader->mistakes, d->line ? d->line : s->line,
                       d->line ? d->column : s->column, "%s", d->text);
    }
}

/* The items of a section as sb_values_parse wants them. */
static struct sb_given *list_given(struct work *w, size_t section, size_t *n_out, bool *strange_out)
{
    const struct sb_view_section *s = &w->view.section[section];
    struct sb_given *given = SB_NEW_ARRAY(struct sb_given, s->n);
    size_t n = 0;

    for (size_t i = 0; given && i < s->n; i++) {
        const struct sb_item *item = &s->items[i];
        const struct sb_yaml *v = item->value;

        if (belongs_elsewhere(w, section, item)) {
            *strange_out = true;
            continue;
        }
        given[n++] = (struct sb_given){ item->name,
                                        item->text,
                                        w->reader->mistakes->file,
                                        item->line,
                                        item->column,
                                        v ? v->line : item->line,
                                        v ? v->column : item->column };
    }
    *n_out = n;
    return given;
}

/* where: "family parity" */
static int parse_section(struct work *w, size_t section, const char *where, struct sb_values *out)
{
    static const char *const known[] = { "type", "policy" };
    const struct sb_view_section *s = &w->view.section[section];
    const size_t n_known = section == SB_SECTION_ORACLE ? 2 : section == SB_SECTION_BUDGET ? 0 : 1;
    bool strange = false;
    size_t n;
    struct sb_given *given SB_FREE = list_given(w, section, &n, &strange);
    struct sb_diag diag;
    int error;

    if (!given || !where)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    sb_diag_init(&diag);
    error = sb_values_parse(s->tables, s->n_tables, given, n, known, n_known, where, out, &diag);
    pass_on(w, &diag, section);
    sb_diag_fini(&diag);
    if (error == -ENOMEM)
        return sb_mistakes_worse(w->reader->mistakes, error);
    return error ? error : strange ? -EINVAL : 0;
}

static int parse_oracle(struct work *w)
{
    struct sb_point *p = w->point;

    p->access = w->reader->catalog->accesses[w->chosen[SB_SECTION_ORACLE][0]];
    p->policy = w->reader->catalog->policies[w->chosen[SB_SECTION_ORACLE][1]];
    return parse_section(w, SB_SECTION_ORACLE, "oracle", &p->oracle_values);
}

/* The common values come behind the plugin's own: they move to the point. */
static void split_learner_values(struct sb_point *p)
{
    const size_t n_common = sb_params_count(sb_learner_common_params);
    struct sb_values *v = &p->learner_values;

    p->coins = (uint64_t)sb_values_int(v, "coins");
    for (size_t i = 0; i < n_common; i++) {
        v->n--;
        free(v->items[v->n].text);
        free(v->items[v->n].vector);
    }
}

static int parse_learner(struct work *w, const struct sb_known_learner *l)
{
    struct sb_point *p = w->point;
    char *where SB_FREE = sb_printf("learner %s", l->type);
    int error = parse_section(w, SB_SECTION_LEARNER, where, &p->learner_values);

    if (error)
        return error;
    split_learner_values(p);
    p->learner_type = sb_strdup(l->type);
    p->learner_path = sb_strdup(l->path);
    if (!p->learner_type || (l->path && !p->learner_path))
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    return 0;
}

static int parse_named(struct work *w, size_t section, const char *name, struct sb_values *out)
{
    char *where SB_FREE = sb_printf("%s %s", sb_section_names[section], name);

    return parse_section(w, section, where, out);
}

/* What setting up a family or an oracle said, at the key that names its class. */
static int fail_set_up(struct work *w, size_t section, const char *key, int error,
                       const struct sb_diag *found)
{
    const struct sb_item *item = sb_view_find(&w->view, section, key);

    if (error != -EINVAL)
        return sb_mistakes_worse(w->reader->mistakes, error);
    for (size_t i = 0; i < found->n_items; i++)
        sb_mistake_of_point(w->reader->mistakes, item->value->line, item->value->column, w->label,
                            found->items[i].text);
    return error;
}

/* What tables cannot say: does the family exist at these parameters, and can the policy play it
 * (eliminate, at 20 coordinates, cannot)? Both are made once, and dropped. */
static int set_up(struct work *w, bool oracle_too)
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
    } else if (oracle_too) {
        const struct sb_oracle_setup setup = {
            .access = p->access, .policy = p->policy, .values = &p->oracle_values, .family = family
        };

        error = sb_oracle_new(&setup, &oracle, &diag);
        if (error)
            error = fail_set_up(w, SB_SECTION_ORACLE, "policy", error, &diag);
    }
    sb_oracle_free(oracle);
    sb_family_free(family);
    sb_diag_fini(&diag);
    return error;
}

/* Every section that can be checked is, whatever became of the others. */
static int parse_all(struct work *w, const bool *chosen, const struct sb_known_learner *l)
{
    struct sb_point *p = w->point;
    bool good[SB_SECTIONS] = { false };

    if (chosen[SB_SECTION_FAMILY]) {
        p->family = w->reader->catalog->families[w->chosen[SB_SECTION_FAMILY][0]];
        good[SB_SECTION_FAMILY] =
            parse_named(w, SB_SECTION_FAMILY, p->family->name, &p->family_values) == 0;
    }
    if (chosen[SB_SECTION_ORACLE])
        good[SB_SECTION_ORACLE] = parse_oracle(w) == 0;
    if (chosen[SB_SECTION_LEARNER])
        good[SB_SECTION_LEARNER] = parse_learner(w, l) == 0;
    if (chosen[SB_SECTION_BUDGET])
        good[SB_SECTION_BUDGET] =
            parse_section(w, SB_SECTION_BUDGET, "budget", &p->budget_values) == 0;
    if (chosen[SB_SECTION_GOAL]) {
        p->goal = &sb_goals[w->chosen[SB_SECTION_GOAL][0]];
        good[SB_SECTION_GOAL] =
            parse_named(w, SB_SECTION_GOAL, p->goal->name, &p->goal_values) == 0;
    }
    if (good[SB_SECTION_FAMILY])
        good[SB_SECTION_FAMILY] = set_up(w, good[SB_SECTION_ORACLE]) == 0;
    for (size_t i = 0; i < SB_SECTIONS; i++)
        if (!good[i])
            return -EINVAL;
    return 0;
}

/* A learner must be granted an oracle that it can ask. */
static int check_access(struct work *w, const struct sb_known_learner *l)
{
    const struct sb_catalog *c = w->reader->catalog;
    const struct sb_item *type = sb_view_find(&w->view, SB_SECTION_LEARNER, "type");
    const struct sb_access_class *granted = c->accesses[w->chosen[SB_SECTION_ORACLE][0]];
    const char *names = NULL;
    struct sb_buf needs;
    int error = 0;

    if (!l->access || (l->access & granted->bit))
        return 0;
    sb_buf_init(&needs);
    for (size_t i = 0; c->accesses[i]; i++) {
        if (l->access & c->accesses[i]->bit)
            sb_buf_printf(&needs, "%s%s", needs.n ? " or " : "", c->accesses[i]->name);
    }
    names = needs.n ? sb_buf_str(&needs) : "an oracle that there is not yet";
    error = sb_mistake(w->reader->mistakes, type->value->line, type->value->column,
                       "learner: %s asks %s, but the oracle is %s", l->type, names, granted->name);
    sb_buf_fini(&needs);
    return error;
}

static int read_view(struct work *w, const struct sb_grid *grid, const size_t *pick)
{
    const struct sb_known_learner *learner = NULL;
    bool chosen[SB_SECTIONS];
    int error, missed = 0;

    chosen[SB_SECTION_FAMILY] = choose_all(w, &family_kind, NULL);
    chosen[SB_SECTION_ORACLE] = choose_all(w, &access_kind, &policy_kind);
    if (chosen[SB_SECTION_ORACLE])
        add_table(w, SB_SECTION_ORACLE, w->reader->catalog->oracle_params);
    chosen[SB_SECTION_LEARNER] = choose_learner(w, &learner) == 0;
    chosen[SB_SECTION_BUDGET] = !w->view.section[SB_SECTION_BUDGET].unknown;
    if (chosen[SB_SECTION_BUDGET])
        add_table(w, SB_SECTION_BUDGET, sb_budget_params);
    chosen[SB_SECTION_GOAL] = choose_all(w, &goal_kind, NULL);
    error = sb_view_resolve(&w->view);
    w->label = error ? NULL : sb_view_label(&w->view, grid, pick);
    if (!w->label)
        return sb_mistakes_worse(w->reader->mistakes, -ENOMEM);
    if (learner && chosen[SB_SECTION_ORACLE])
        missed = check_access(w, learner);
    error = parse_all(w, chosen, learner);
    return error ? error : missed;
}

int sb_point_read(struct sb_point_reader *reader, const struct sb_yaml *root,
                  const struct sb_grid *grid, const size_t *pick, struct sb_point *out)
{
    struct sb_point point = { 0 };
    struct work w = { .reader = reader, .point = &point };
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
    *point = (struct sb_point){ 0 };
}

void sb_point_reader_fini(struct sb_point_reader *reader)
{
    for (size_t i = 0; i < reader->n_learners; i++) {
        free(reader->learners[i].type);
        free(reader->learners[i].path);
        free(reader->learners[i].message);
    }
    free(reader->learners);
    reader->learners = NULL;
    reader->n_learners = reader->cap_learners = 0;
}
