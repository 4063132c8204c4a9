/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where learners are found: by path, or by the name of a shipped one. */
#include "runner/learner.h"

#include "base/memory.h"
#include "base/program.h"
#include "config.h"

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

static int list(char *const places[N_PLACES], struct sb_names *names)
{
    int error = 0;

    for (size_t i = 0; i < N_PLACES && !error; i++)
        error = sb_names_add_folder(names, places[i], ".so");
    sb_names_sort(names);
    return error;
}

int sb_learner_list(struct sb_names *out)
{
    char *places[N_PLACES];
    int error;

    *out = (struct sb_names){ 0 };
    find_places(places);
    error = list(places, out);
    free_places(places);
    return error;
}

/* ".so", unless the name has it. */
static const char *missing_suffix(const char *type)
{
    const size_t n = strlen(type);

    return n > 3 && strcmp(type + n - 3, ".so") == 0 ? "" : ".so";
}

static int not_found(const char *type, char *const places[N_PLACES], struct sb_diag *diag)
{
    struct sb_names names = { 0 };
    struct sb_buf looked;
    const char *near;

    sb_buf_init(&looked);
    for (size_t i = 0; i < N_PLACES; i++)
        if (places[i] && access(places[i], R_OK) == 0)
            sb_buf_printf(&looked, "%s%s", looked.n ? ", " : "", places[i]);
    list(places, &names);
    near = sb_names_nearest(&names, type);
    sb_diag_fail(diag, -ENOENT,
                 "there is no learner '%s' in %s%s%s%s; a learner of your own is named by its "
                 "path, with a slash: ./%s%s",
                 type, looked.n ? sb_buf_str(&looked) : "the folder of shipped ones",
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", type,
                 missing_suffix(type));
    sb_buf_fini(&looked);
    sb_names_fini(&names);
    return -ENOENT;
}

int sb_plugin_path(const char *noun, const char *type, const char *base_dir, char **path_out,
                   struct sb_diag *diag)
{
    const bool as_is = *type == '/' || !base_dir || strcmp(base_dir, ".") == 0;
    char *path = as_is ? sb_strdup(type)
                       : sb_printf("%s/%s", base_dir, strncmp(type, "./", 2) ? type : type + 2);

    if (!path)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (access(path, R_OK)) {
        const int error = errno;

        sb_diag_fail(diag, -ENOENT, "the %s %s cannot be read: %s; build it, or correct its path%s",
                     noun, path, strerror(error),
                     base_dir ? ", which counts from the folder of the experiment" : "");
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
        return sb_plugin_path("learner", type, base_dir, path_out, diag);
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
