/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies beside the running program. */
#include "base/program.h"

#include "base/memory.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* The folder that the running program is in, malloc'd. */
static char *program_folder(void)
{
    char path[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    const char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;

    return slash ? sb_strndup(path, (size_t)(slash - path)) : NULL;
}

char *sb_program_path(const char *relative)
{
    char *folder SB_FREE = *relative == '/' ? NULL : program_folder();
    char *path, *tidy;

    if (!folder && *relative != '/')
        return NULL;
    path = folder ? sb_printf("%s/%s", folder, relative) : sb_strdup(relative);
    tidy = path ? realpath(path, NULL) : NULL;
    if (!tidy)
        return path;
    free(path);
    return tidy;
}
