/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where experiment files are: a name becomes a path. */
#include "experiment/experiment.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS = 3 };

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

        if (path && sb_file_is(path))
            return path;
        free(path);
    }
    return NULL;
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
    struct sb_names names;
    const char *near = NULL;

    if (strchr(name, '/'))
        return sb_diag_fail(diag, -ENOENT, "no experiment file '%s'", name);
    if (sb_experiment_list(&names) == 0)
        near = sb_names_nearest(&names, name);
    sb_diag_fail(
        diag, -ENOENT, "no experiment '%s'%s%s%s; looked for %s%s here, in experiments/ and in %s",
        name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", name,
        ends_in_yaml(name) ? "" : ".yaml", shipped ? shipped : "the folder of shipped ones");
    sb_names_fini(&names);
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

int sb_experiment_list(struct sb_names *out)
{
    char *folders[FOLDERS];
    int error = 0;

    *out = (struct sb_names){ 0 };
    list_folders(folders);
    for (size_t i = 0; i < FOLDERS && !error; i++)
        error = sb_names_add_folder(out, folders[i], ".yaml");
    free_folders(folders);
    sb_names_sort(out);
    return error;
}
