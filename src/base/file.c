/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files, read whole. */
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int sb_file_text(const char *path, size_t most, char **out, size_t *n_out)
{
    FILE *f = fopen(path, "rbe");
    char *text;
    size_t n;
    int error;

    if (!f)
        return -errno;
    text = malloc(most + 1);
    n = text ? fread(text, 1, most + 1, f) : 0;
    error = !text ? -ENOMEM : ferror(f) ? -errno : n > most ? -EFBIG : 0;
    fclose(f);
    if (error) {
        free(text);
        return error;
    }
    text[n] = '\0';
    *out = text;
    *n_out = n;
    return 0;
}

bool sb_file_is(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}
