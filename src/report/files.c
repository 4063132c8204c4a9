/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files. */
#include "report/files.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sb_file_read(const char *path, struct sb_buf *out, struct sb_diag *diag)
{
    FILE *file = fopen(path, "rb");
    char chunk[1 << 16];
    bool fine;

    if (!file)
        return sb_diag_fail(diag, -EIO, "%s cannot be read: %s", path, strerror(errno));
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        sb_buf_bytes(out, chunk, n);
    fine = !ferror(file);
    fclose(file);
    if (out->failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    return fine ? 0 : sb_diag_fail(diag, -EIO, "%s cannot be read", path);
}

int sb_file_write(const char *path, struct sb_buf *text, struct sb_diag *diag)
{
    FILE *file = text->failed ? NULL : fopen(path, "wb");
    bool fine;

    if (text->failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (!file)
        return sb_diag_fail(diag, -EIO, "%s cannot be written: %s", path, strerror(errno));
    fine = fwrite(text->data, 1, text->n, file) == text->n;
    fine = fclose(file) == 0 && fine;
    return fine ? 0 : sb_diag_fail(diag, -EIO, "%s cannot be written: %s", path, strerror(errno));
}

int sb_file_replaceable(const char *path, struct sb_diag *diag)
{
    struct stat s;

    if (stat(path, &s) || S_ISREG(s.st_mode))
        return 0;
    return sb_diag_fail(diag, -EINVAL, "%s is not a plain file: name another with --out", path);
}

static void hold_signals(sigset_t *before)
{
    static const int held[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < SB_COUNT(held); i++)
        sigaddset(&set, held[i]);
    sigprocmask(SIG_BLOCK, &set, before);
}

int sb_drafts_make(const char *parent, struct sb_drafts *out, struct sb_diag *diag)
{
    char *folder = sb_printf("%s/.statbed-XXXXXX", parent);
    sigset_t before;
    int error;

    if (!folder)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    hold_signals(&before);
    if (mkdtemp(folder)) {
        *out = (struct sb_drafts){ folder, before };
        return 0;
    }
    error = sb_diag_fail(diag, errno == ENOENT || errno == EACCES ? -ENOENT : -EIO,
                         "nothing can be written to the folder %s: %s", parent, strerror(errno));
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(folder);
    return error;
}

static void remove_files(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char *path SB_FREE = sb_printf("%s/%s", folder, entry->d_name);

        if (path && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    if (dir)
        closedir(dir);
}

void sb_drafts_remove(struct sb_drafts *drafts)
{
    if (!drafts->folder)
        return;
    remove_files(drafts->folder);
    rmdir(drafts->folder);
    free(drafts->folder);
    drafts->folder = NULL;
    sigprocmask(SIG_SETMASK, &drafts->before, NULL);
}

char *sb_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return sb_strdup(".");
    return slash == path ? sb_strdup("/") : sb_strndup(path, (size_t)(slash - path));
}

const char *sb_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}
