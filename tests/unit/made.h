/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families by name and parameters in a line: "dimension=8 size=2". */
#ifndef SB_TESTS_MADE_H
#define SB_TESTS_MADE_H

#include "oracles/families/families.h"
#include "unit.h"

struct made {
    struct sb_values values;
    struct sb_family *family;
};

static inline struct made make(const char *name, const char *line)
{
    const struct sb_family_class *const *class = sb_families;
    struct sb_given given[16] = { 0 };
    char *text = sb_strdup(line), *rest = NULL;
    struct sb_diag diag;
    struct made made;
    size_t n = 0;

    sb_diag_init(&diag);
    while (strcmp((*class)->name, name) != 0)
        assert_non_null(*++class);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        given[n].name = word;
        given[n].text = strchr(word, '=') + 1;
        *strchr(word, '=') = '\0';
        n++;
    }
    if (sb_values_parse((const struct sb_param *const[]){ (*class)->params }, 1, given, n, NULL, 0,
                        name, &made.values, &diag) ||
        sb_family_new(*class, &made.values, &made.family, &diag))
        fail_msg("%s", diag.items[0].text);
    sb_diag_fini(&diag);
    free(text);
    return made;
}

static inline void unmake(struct made *made)
{
    sb_family_free(made->family);
    sb_values_fini(&made->values);
}

#endif
