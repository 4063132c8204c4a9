/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: checked sizes, growth, small text helpers. */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void *sb_new(size_t n, size_t size)
{
    return calloc(n ? n : 1, size ? size : 1);
}

void *sb_grow(void *array, size_t *cap_inout, size_t need, size_t size)
{
    size_t cap = *cap_inout;
    size_t bytes;
    void *moved;

    if (need <= cap && array)
        return array;
    if (cap < 8)
        cap = 8;
    while (cap < need) {
        if (cap > SIZE_MAX / 2)
            return NULL;
        cap *= 2;
    }
    if (__builtin_mul_overflow(cap, size, &bytes))
        return NULL;
    moved = realloc(array, bytes);
    if (!moved)
        return NULL;
    *cap_inout = cap;
    return moved;
}

char *sb_strndup(const char *s, size_t n)
{
    char *copy = malloc(n + 1);

    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *sb_strdup(const char *s)
{
    return s ? sb_strndup(s, strlen(s)) : NULL;
}

char *sb_printf(const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    return n < 0 ? NULL : text;
}
