/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of names: the files of one ending in some folders, sorted, each name once. */
#include "base/names.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static int add(struct sb_names *names, const char *name, size_t length)
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

int sb_names_add_folder(struct sb_names *names, const char *folder, const char *ending)
{
    const size_t tail = strlen(ending);
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    int error = 0;

    while (dir && !error && (entry = readdir(dir))) {
        const size_t n = strlen(entry->d_name);

        if (n > tail && strcmp(entry->d_name + n - tail, ending) == 0)
            error = add(names, entry->d_name, n - tail);
    }
    if (dir)
        closedir(dir);
    return error;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void sb_names_sort(struct sb_names *names)
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

void sb_names_fini(struct sb_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct sb_names){ 0 };
}

const char *sb_names_nearest(const struct sb_names *names, const char *found)
{
    return sb_nearest(found, (const char *const *)names->items, names->n);
}
