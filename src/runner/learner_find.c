/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where learners are found: by path, or by the name of a shipped one. */
#include "runner/learner.h"

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { N_PLACES = 3 };

/* The folders of shipped learners, in order; owned, NULL where there is none. */
static void find_places(char *places[N_PLACES])
{
    const char *told = getenv("STATBED_PLUGINDIR");

    places[0] = told && *told ? sb_strdup(told) : NULL;
    places[1] = sb_program_path("learners"); /* a build folder's */
    places[2] = sb_program_path(SB_PLUGINDIR);
}

static void free_places(char *places[N_PLACES])
{
    for (size_t i = 0; i < N_PLACES; i++)
        free(places[i]);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char **items;
    size_t n, cap;
};

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
}

static int add_name(struct names *names, const char *name, size_t length)
{
    char **items = sb_grow(names->items, &names->cap, names->n + 1, sizeof *items);

    if (!items)
        return -ENOMEM;
    names->items = items;
    items[names->n] = sb_strndup(name, length);
    if (!items[names->n])
        return -ENOMEM;
    names->n++;
    return 0;
}

/* Adds NAME for each NAME.so; a folder that is not there has none. */
static int add_folder(struct names *names, const char *folder)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    int error = 0;

    while (dir && !error && (entry = readdir(dir))) {
        const size_t n = strlen(entry->d_name);

        if (n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0)
            error = add_name(names, entry->d_name, n - 3);
    }
    if (dir)
        closedir(dir);
    return error;
}

static void sort_and_unite(struct names *names)
{
    size_t kept = 0;

    if (names->n)
        qsort(names->items, names->n, sizeof *names->items, by_name);
    for (size_t i = 0; i < names->n; i++) {
        if (kept && strcmp(names->items[kept - 1], names->items[i]) == 0)
            free(names->items[i]);
        else
            names->items[kept++] = names->items[i];
    }
    names->n = kept;
}

static int list(char *const places[N_PLACES], struct names *names)
{
    int error = 0;

    for (size_t i = 0; i < N_PLACES && !error; i++)
        error = add_folder(names, places[i]);
    sort_and_unite(names);
    return error;
}

int sb_learner_list(char ***names_out, size_t *n_out)
{
    char *places[N_PLACES];
    struct names names = { 0 };
    int error;

    find_places(places);
    error = list(places, &names);
    free_places(places);
    if (error) {
        free_names(&names);
        return error;
    }
    *names_out = names.items;
    *n_out = names.n;
    return 0;
}

static int not_found(const char *type, char *const places[N_PLACES], struct sb_diag *diag)
{
    struct names names = { 0 };
    struct sb_buf looked;
    const char *near;

    sb_buf_init(&looked);
    for (size_t i = 0; i < N_PLACES; i++)
        if (places[i] && access(places[i], R_OK) == 0)
            sb_buf_printf(&looked, "%s%s", looked.n ? ", " : "", places[i]);
    list(places, &names);
    near = sb_nearest(type, (const char *const *)names.items, names.n);
    sb_diag_fail(diag, -ENOENT,
                 "there is no learner '%s' in %s%s%s%s; a learner of your own is named by its "
                 "path, with a slash: ./%s.so",
                 type, looked.n ? sb_buf_str(&looked) : "the folder of shipped ones",
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", type);
    sb_buf_fini(&looked);
    free_names(&names);
    return -ENOENT;
}

/* A path, relative to the folder of the file that names it. */
static int find_path(const char *type, const char *base_dir, char **path_out, struct sb_diag *diag)
{
    const bool as_is = *type == '/' || !base_dir || strcmp(base_dir, ".") == 0;
    char *path = as_is ? sb_strdup(type)
                       : sb_printf("%s/%s", base_dir, strncmp(type, "./", 2) ? type : type + 2);

    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (access(path, R_OK)) {
        const int error = errno;

        sb_diag_fail(diag, -ENOENT,
                     "the learner %s cannot be read: %s; build it, or correct its "
                     "path, which counts from the folder of the experiment",
                     path, strerror(error));
        free(path);
        return -ENOENT;
    }
    *path_out = path;
    return 0;
}

int sb_learner_find(const char *type, const char *base_dir, char **path_out, struct sb_diag *diag)
{
    char *places[N_PLACES];
    char *path = NULL;
    int error = 0;

    if (strchr(type, '/'))
        return find_path(type, base_dir, path_out, diag);
    find_places(places);
    for (size_t i = 0; i < N_PLACES && !path; i++) {
        path = places[i] ? sb_printf("%s/%s.so", places[i], type) : NULL;
        if (path && access(path, R_OK)) {
            free(path);
            path = NULL;
        }
    }
    if (path)
        *path_out = path;
    else
        error = not_found(type, places, diag);
    free_places(places);
    return error;
}
