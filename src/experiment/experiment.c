/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading an experiment file: the text, the keys of the top level, and the points of the grid. */
#include "experiment/experiment.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "experiment/point.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

const struct sb_param sb_top_params[] = {
    { "name", SB_TEXT, 0, NULL, NULL, "names the results: lower-case letters, digits and '-'" },
    { "claim", SB_TEXT, 0, "", NULL, "what the experiment tests" },
    { "repeat", SB_INT, 0, "1", "[1,1000000]", "cells at each point of the grid" },
    { "transcript", SB_TEXT, 0, "full", "full|summary",
      "what is kept of the queries: a row each, or their number and digests" },
    { "gap", SB_REAL, 0, "0", "[0,1)",
      "with a reduction and goal distinguish, above 0: the learner is told to predict, and a test "
      "of "
      "its predictor, which is to beat the best constant by so much, says what is hidden" },
    { NULL, 0, 0, NULL, NULL, NULL },
};

const struct sb_top_key sb_top_keys[] = {
    { "seed", "what is hidden is drawn from it: " SB_SEED_FORMS },
    { "grant", "further access, beside the oracle's" },
    { "reduction", "what stands between learner and oracle, or none" },
    { "grid", "lists of values, whose product is run" },
    { NULL, NULL },
};

enum { OTHER_KEYS = SB_COUNT(sb_top_keys) - 1 + SB_SECTIONS };

/* Those that the table of parameters does not hold. */
static void list_other(const char *out[OTHER_KEYS])
{
    size_t n = 0;

    for (const struct sb_top_key *key = sb_top_keys; key->name; key++)
        out[n++] = key->name;
    for (size_t i = 0; i < SB_SECTIONS; i++)
        out[n++] = sb_section_names[i];
}

/* The file's text, terminated. */
static int read_text(const char *path, char **out, size_t *n_out, struct sb_diag *diag)
{
    const int error = sb_file_text(path, FILE_MAX, out, n_out);

    if (error == -EFBIG)
        return sb_diag_fail(diag, -EINVAL, "%s: larger than 1 MiB: that is no experiment file",
                            path);
    if (error && error != -ENOMEM)
        return sb_diag_fail(diag, error == -ENOENT ? -ENOENT : -EINVAL, "%s: cannot be read: %s",
                            path, strerror(-error));
    return error;
}

/* The top level */

struct top {
    const struct sb_yaml *root;
    struct sb_mistakes *mistakes;
    struct sb_point_reader *reader;
    struct sb_values values;
};

/* A key of the top level whose value must be a scalar; NULL text where it is none. */
static struct sb_given top_given(const struct top *top, const struct sb_yaml_entry *e)
{
    const struct sb_yaml *v = e->value;
    const char *text = v->kind == SB_YAML_SCALAR && !v->flawed ? v->text : NULL;

    if (v->kind != SB_YAML_SCALAR && sb_params_find(sb_top_params, e->key))
        sb_mistake(top->mistakes, v->line, v->column, "experiment: %s expects one value, found %s",
                   e->key, sb_yaml_found(v));
    return (struct sb_given){ e->key,  text,     top->mistakes->file, e->line, e->column,
                              v->line, v->column };
}

static int parse_top(struct top *top)
{
    const struct sb_param *const tables[] = { sb_top_params };
    const char *other[OTHER_KEYS];
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, top->root->n);
    struct sb_diag diag;
    int error;

    if (!given)
        return sb_mistakes_worse(top->mistakes, -ENOMEM);
    for (size_t i = 0; i < top->root->n; i++)
        given[i] = top_given(top, &top->root->entries[i]);
    list_other(other);
    sb_diag_init(&diag);
    error = sb_values_parse(tables, 1, given, top->root->n, other, OTHER_KEYS, "experiment",
                            &top->values, &diag);
    for (size_t i = 0; i < diag.n_items; i++)
        sb_mistake(top->mistakes, diag.items[i].line ? diag.items[i].line : 1,
                   diag.items[i].line ? diag.items[i].column : 1, "%s", diag.items[i].text);
    sb_diag_fini(&diag);
    return error == -ENOMEM ? sb_mistakes_worse(top->mistakes, error) : error;
}

static int check_name(const struct top *top)
{
    const struct sb_yaml_entry *e = sb_yaml_find(top->root, "name");
    const char *s = e && e->value->kind == SB_YAML_SCALAR ? e->value->text : NULL;
    bool good = s && *s && *s != '-' && strlen(s) <= SB_EXPERIMENT_NAME_MAX;

    if (!s || e->value->flawed)
        return 0; /* reported */
    for (; good && *s; s++)
        good = islower((unsigned char)*s) || isdigit((unsigned char)*s) || *s == '-';
    if (good)
        return 0;
    return sb_mistake(top->mistakes, e->value->line, e->value->column,
                      "experiment: name = '%s' must be up to 64 lower-case letters, digits and '-' "
                      "(it names the database)",
                      strpbrk(e->value->text, "\n\t") ? "..." : e->value->text);
}

static int read_seed(const struct top *top, struct sb_experiment *out)
{
    const struct sb_yaml_entry *e = sb_yaml_find(top->root, "seed");
    char seed[SB_SEED_TEXT];

    if (!e)
        return sb_mistake(top->mistakes, 1, 1,
                          "experiment: 'seed' is missing (" SB_SEED_FORMS
                          ": what is hidden is drawn from it)");
    if (e->value->flawed)
        return -EINVAL;
    if (e->value->kind != SB_YAML_SCALAR)
        return sb_mistake(top->mistakes, e->value->line, e->value->column,
                          "experiment: seed expects one value, found %s", sb_yaml_found(e->value));
    if (sb_seed_parse(e->value->text, seed, &out->fresh))
        return sb_mistake(top->mistakes, e->value->line, e->value->column,
                          "experiment: seed = '%s' is not " SB_SEED_FORMS,
                          strpbrk(e->value->text, "\n\t") ? "..." : e->value->text);
    out->seed = sb_strdup(seed);
    return out->seed ? 0 : sb_mistakes_worse(top->mistakes, -ENOMEM);
}

/* Runs of white space as one blank: a claim may be folded over lines. */
static void squeeze(char *s)
{
    char *to = s;

    for (const char *from = s; *from; from++) {
        const bool blank = isspace((unsigned char)*from);

        if (!blank)
            *to++ = *from;
        else if (to > s && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > s && to[-1] == ' ')
        to--;
    *to = '\0';
}

static int take_top(const struct top *top, struct sb_experiment *e)
{
    e->name = sb_strdup(sb_values_text(&top->values, "name"));
    e->claim = sb_strdup(sb_values_text(&top->values, "claim"));
    if (!e->name || !e->claim)
        return sb_mistakes_worse(top->mistakes, -ENOMEM);
    squeeze(e->claim);
    e->repeat = (uint64_t)sb_values_int(&top->values, "repeat");
    e->summary = strcmp(sb_values_text(&top->values, "transcript"), "summary") == 0;
    top->reader->gap = sb_values_real(&top->values, "gap");
    sb_reduction_check_gap(top->reader);
    return 0;
}

static int read_top(const struct sb_yaml *root, struct sb_point_reader *reader,
                    struct sb_experiment *e)
{
    struct top top = { .root = root, .mistakes = reader->mistakes, .reader = reader };
    int error = parse_top(&top);

    check_name(&top);
    read_seed(&top, e);
    sb_reduction_read(reader, root);
    if (!error)
        error = take_top(&top, e);
    else
        e->repeat = 1;
    sb_values_fini(&top.values);
    return error;
}

/* Points */

/* Points times repeat must be few enough. */
static int check_size(const struct sb_yaml *root, const struct sb_grid *grid, uint64_t repeat,
                      struct sb_mistakes *m)
{
    const struct sb_yaml_entry *e = sb_yaml_find(root, "grid");
    uint64_t n;

    if (__builtin_mul_overflow(grid->n_points, repeat, &n))
        n = UINT64_MAX;
    if (n <= SB_POINTS_MAX)
        return 0;
    e = e ? e : sb_yaml_find(root, "repeat");
    return sb_mistake(m, e->line, e->column,
                      "%s: %s%" PRIu64 " cells (%" PRIu64 " points, repeat %" PRIu64
                      "); at most %d are run in one experiment",
                      e->key, n == UINT64_MAX ? "at least " : "", n, grid->n_points, repeat,
                      SB_POINTS_MAX);
}

/* A grid that is too large is not expanded, but each of its values is looked at once, beside the
 * first of every other axis. */
static void look_at_each(struct sb_point_reader *reader, const struct sb_yaml *root,
                         const struct sb_grid *grid, size_t *pick)
{
    for (size_t k = 0; k < grid->n_axes; k++) {
        memset(pick, 0, grid->n_axes * sizeof *pick);
        for (size_t i = 0; i < grid->axes[k].n && i < SB_POINTS_MAX; i++) {
            struct sb_point point;

            pick[k] = i;
            if (sb_mistakes_full(reader->mistakes) || reader->mistakes->error == -ENOMEM)
                return;
            if (sb_point_read(reader, root, grid, pick, &point) == 0)
                sb_point_fini(&point);
        }
    }
}

static int read_each(struct sb_point_reader *reader, const struct sb_yaml *root,
                     const struct sb_grid *grid, size_t *pick, struct sb_experiment *e)
{
    e->points = SB_NEW_ARRAY(struct sb_point, grid->n_points);
    if (!e->points)
        return sb_mistakes_worse(reader->mistakes, -ENOMEM);
    for (uint64_t i = 0; i < grid->n_points && !sb_mistakes_full(reader->mistakes); i++) {
        int error;

        sb_grid_pick(grid, i, pick);
        error = sb_point_read(reader, root, grid, pick, &e->points[e->n_points]);
        if (error && error != -EINVAL)
            return error;
        e->n_points += !error;
    }
    return 0;
}

static int read_points(const struct sb_yaml *root, struct sb_point_reader *reader,
                       struct sb_experiment *e)
{
    const struct sb_yaml_entry *node = sb_yaml_find(root, "grid");
    struct sb_grid grid;
    size_t *pick = NULL;
    int error = sb_grid_read(node ? node->value : NULL, reader->mistakes, &grid);

    if (!error) {
        pick = SB_NEW_ARRAY(size_t, grid.n_axes);
        error = pick ? 0 : sb_mistakes_worse(reader->mistakes, -ENOMEM);
    }
    if (!error && check_size(root, &grid, e->repeat, reader->mistakes))
        look_at_each(reader, root, &grid, pick);
    else if (!error)
        error = read_each(reader, root, &grid, pick, e);
    free(pick);
    sb_grid_fini(&grid);
    return error;
}

static int read_tree(const struct sb_yaml *root, struct sb_point_reader *reader,
                     struct sb_experiment *e)
{
    if (root->kind != SB_YAML_MAP)
        return sb_mistake(reader->mistakes, root->line, root->column,
                          "an experiment is a map of keys (name, seed, family, ...), found %s",
                          sb_yaml_found(root));
    if (read_top(root, reader, e) == -ENOMEM)
        return -ENOMEM;
    return read_points(root, reader, e);
}

/* The folder that relative paths in the file start from; malloc'd. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return sb_strdup(".");
    return sb_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* What the YAML reader reported joins the other mistakes. */
static int parse_yaml(const char *text, size_t n, struct sb_mistakes *m, struct sb_yaml **out)
{
    struct sb_diag diag;
    int error;

    sb_diag_init(&diag);
    error = sb_yaml_parse(text, n, m->file, out, &diag);
    for (size_t i = 0; i < diag.n_items; i++)
        sb_mistake(m, diag.items[i].line, diag.items[i].column, "%s", diag.items[i].text);
    sb_diag_fini(&diag);
    return error < 0 ? sb_mistakes_worse(m, error) : 0;
}

static int read_all(struct sb_experiment *e, size_t n, struct sb_point_reader *reader)
{
    char *base_dir SB_FREE = folder_of(e->file);
    struct sb_yaml *root = NULL;
    int error = base_dir ? parse_yaml(e->text, n, reader->mistakes, &root)
                         : sb_mistakes_worse(reader->mistakes, -ENOMEM);

    reader->base_dir = base_dir;
    if (!error)
        error = read_tree(root, reader, e);
    sb_yaml_free(root);
    return error;
}

/* From its text, which stands in e already. */
static int read_experiment(struct sb_experiment *e, size_t n, struct sb_point_reader *reader,
                           struct sb_diag *diag)
{
    int error;

    e->file = sb_strdup(reader->mistakes->file);
    e->text_digest = sb_digest_of(e->text, n);
    error = e->file ? read_all(e, n, reader) : -ENOMEM;
    if (reader->mistakes->error)
        return sb_mistakes_report(reader->mistakes, diag);
    if (!error) {
        e->root = sb_seed_new(e->seed);
        error = e->root ? 0 : -ENOMEM;
    }
    return error;
}

/* Takes the text: malloc'd, terminated, of n bytes; NULL: memory is out. */
static int read_taken(char *text, size_t n, const char *file, const struct sb_catalog *catalog,
                      const struct sb_learner_resolver *resolver, struct sb_experiment **out,
                      struct sb_diag *diag)
{
    struct sb_mistakes mistakes = { .file = file };
    struct sb_point_reader reader = { .catalog = catalog,
                                      .resolver = resolver,
                                      .mistakes = &mistakes };
    struct sb_experiment *e = text ? SB_NEW(struct sb_experiment) : NULL;
    int error = -ENOMEM;

    if (e) {
        e->text = text;
        error = read_experiment(e, n, &reader, diag);
    } else {
        free(text);
    }
    sb_point_reader_fini(&reader);
    sb_mistakes_fini(&mistakes);
    if (error)
        sb_experiment_free(e);
    else
        *out = e;
    return error;
}

int sb_experiment_read(const char *path, const struct sb_catalog *catalog,
                       const struct sb_learner_resolver *resolver, struct sb_experiment **out,
                       struct sb_diag *diag)
{
    char *text = NULL;
    size_t n = 0;
    const int error = read_text(path, &text, &n, diag);

    return error ? error : read_taken(text, n, path, catalog, resolver, out, diag);
}

int sb_experiment_read_text(const char *text, const char *file, const struct sb_catalog *catalog,
                            const struct sb_learner_resolver *resolver, struct sb_experiment **out,
                            struct sb_diag *diag)
{
    return read_taken(sb_strdup(text), strlen(text), file, catalog, resolver, out, diag);
}

int sb_experiment_set_seed(struct sb_experiment *experiment, const char *seed)
{
    char canonical[SB_SEED_TEXT];
    bool fresh;
    char *text;
    struct sb_seed *root;

    if (strcmp(seed, "fresh") == 0 || sb_seed_parse(seed, canonical, &fresh))
        return -EINVAL;
    text = sb_strdup(canonical);
    root = sb_seed_new(canonical);
    if (!text || !root) {
        free(text);
        sb_seed_free(root);
        return -ENOMEM;
    }
    free(experiment->seed);
    sb_seed_free(experiment->root);
    experiment->seed = text;
    experiment->root = root;
    return 0;
}

void sb_experiment_free(struct sb_experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->n_points; i++)
        sb_point_fini(&experiment->points[i]);
    free(experiment->points);
    free(experiment->file);
    free(experiment->name);
    free(experiment->claim);
    free(experiment->text);
    free(experiment->seed);
    sb_seed_free(experiment->root);
    free(experiment);
}
