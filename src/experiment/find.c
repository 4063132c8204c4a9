/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where experiment files are: a name becomes a path. */
#include "experiment/experiment.h"

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS = 3 };

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The folders that hold experiments, best first: under the current one; beside the program, in its
 * build folder; the installed one. Entries are malloc'd or NULL. */
static void list_folders(char *out[FOLDERS])
{
    out[0] = sb_strdup("experiments");
    out[1] = sb_program_path("experiments");
    out[2] = sb_program_path(SB_EXPERIMENTDIR);
}

static void free_folders(char *folders[FOLDERS])
{
    for (size_t i = 0; i < FOLDERS; i++)
        free(folders[i]);
}

/* "NAME" or "NAME.yaml" in a folder (NULL: as it stands); malloc'd, NULL where there is none. */
static char *find_in(const char *folder, const char *name)
{
    static const char *const endings[] = { "", ".yaml" };

    for (size_t i = 0; i < SB_COUNT(endings); i++) {
        char *path =
            sb_printf("%s%s%s%s", folder ? folder : "", folder ? "/" : "", name, endings[i]);

        if (path && is_file(path))
            return path;
        free(path);
    }
    return NULL;
}

static void free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* The first of the folders of shipped experiments that is there, or NULL; borrowed. */
static const char *shipped_folder(char *const folders[FOLDERS])
{
    struct stat st;

    for (size_t i = 1; i < FOLDERS; i++)
        if (folders[i] && stat(folders[i], &st) == 0 && S_ISDIR(st.st_mode))
            return folders[i];
    return NULL;
}

static bool ends_in_yaml(const char *name)
{
    const size_t n = strlen(name);

    return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

static int fail_find(const char *name, char *const folders[FOLDERS], struct sb_diag *diag)
{
    const char *const shipped = shipped_folder(folders);
    char **names = NULL;
    size_t n = 0;
    const char *near = NULL;

    if (strchr(name, '/'))
        return sb_diag_fail(diag, -ENOENT, "no experiment file '%s'", name);
    if (sb_experiment_list(&names, &n) == 0)
        near = sb_nearest(name, (const char *const *)names, n);
    sb_diag_fail(
        diag, -ENOENT, "no experiment '%s'%s%s%s; looked for %s%s here, in experiments/ and in %s",
        name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", name,
        ends_in_yaml(name) ? "" : ".yaml", shipped ? shipped : "the folder of shipped ones");
    free_names(names, n);
    return -ENOENT;
}

int sb_experiment_find(const char *name, char **path_out, struct sb_diag *diag)
{
    char *folders[FOLDERS];
    char *path = find_in(NULL, name);
    int error = 0;

    list_folders(folders);
    for (size_t i = 0; i < FOLDERS && !path && !strchr(name, '/'); i++)
        path = folders[i] ? find_in(folders[i], name) : NULL;
    if (path)
        *path_out = path;
    else
        error = fail_find(name, folders, diag);
    free_folders(folders);
    return error;
}

/* The names of a folder's .yaml files go into the list, without the ending, each once. */
static int list_folder(const char *folder, char ***names, size_t *n, size_t *cap)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    int error = 0;

    while (dir && !error && (entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        char *name = NULL, **grown;
        bool known = !dot || dot == entry->d_name || strcmp(dot, ".yaml") != 0;

        if (!known)
            name = sb_strndup(entry->d_name, (size_t)(dot - entry->d_name));
        for (size_t i = 0; name && i < *n; i++)
            known = known || strcmp((*names)[i], name) == 0;
        if (known) {
            free(name);
            continue;
        }
        grown = name ? sb_grow(*names, cap, *n + 1, sizeof *grown) : NULL;
        if (grown)
            (*names = grown)[(*n)++] = name;
        else
            free(name);
        error = grown ? 0 : -ENOMEM;
    }
    if (dir)
        closedir(dir);
    return error;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int sb_experiment_list(char ***names_out, size_t *n_out)
{
    char *folders[FOLDERS], **names = SB_NEW_ARRAY(char *, 8);
    size_t n = 0, cap = 8;
    int error = names ? 0 : -ENOMEM;

    list_folders(folders);
    for (size_t i = 0; i < FOLDERS && !error; i++)
        error = list_folder(folders[i], &names, &n, &cap);
    free_folders(folders);
    if (error) {
        free_names(names, n);
        return error;
    }
    qsort(names, n, sizeof *names, by_name);
    *names_out = names;
    *n_out = n;
    return 0;
}
