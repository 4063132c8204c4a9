/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: checked sizes, growth, cleanup attributes. All functions return NULL/-ENOMEM on failure
 * and never abort. */
#ifndef SB_BASE_MEMORY_H
#define SB_BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/* n zeroed elements of `size` bytes; NULL when n * size overflows or memory is short. Free with
 * free(). n = 0 gives a unique pointer. */
void *sb_new(size_t n, size_t size);

/* Make room for `need` elements in an array of *cap_inout elements: grows geometrically, keeps the
 * content. Returns the (possibly moved) array, or NULL with the old one intact. */
void *sb_grow(void *array, size_t *cap_inout, size_t need, size_t size);

char *sb_strdup(const char *s); /* NULL in, NULL out */
char *sb_strndup(const char *s, size_t n);
char *sb_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* malloc'd text */

#define SB_NEW(type) ((type *)sb_new(1, sizeof(type)))
#define SB_NEW_ARRAY(type, n) ((type *)sb_new((n), sizeof(type)))

static inline void sb_freep(void *p)
{
    free(*(void **)p);
}
/* char *text SB_FREE = NULL; frees at the end of the scope. */
#define SB_FREE __attribute__((cleanup(sb_freep)))

#define SB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
