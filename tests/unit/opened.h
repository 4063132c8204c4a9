/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A shipped family by its name and parameters as text. */
#ifndef SB_TESTS_OPENED_H
#define SB_TESTS_OPENED_H

#include "unit.h"

#include "oracles/families/families.h"

struct opened {
    struct sb_values values;
    struct sb_family *family;
};

/* text: "dimension=2 q=5"; *o stays where it is while it is open. 0, or a negative errno with the lines in `message`, which may be NULL. */
static inline int opened_try(struct opened *o, const char *name, const char *text, char *message,
                             size_t n_message)
{
    const struct sb_family_class *class = NULL;
    char *copy SB_FREE = sb_strdup(text), *rest = NULL;
    struct sb_given given[16];
    struct sb_diag diag;
    size_t n = 0;
    int error;

    for (size_t i = 0; sb_families[i]; i++)
        if (strcmp(sb_families[i]->name, name) == 0)
            class = sb_families[i];
    assert_non_null(class);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *is = strchr(word, '=');

        assert_true(is && n < 16);
        *is = '\0';
        given[n++] = (struct sb_given){ .name = word, .text = is + 1 };
    }
    *o = (struct opened){ .family = NULL };
    sb_diag_init(&diag);
    error = sb_values_parse(&class->params, 1, given, n, NULL, 0, "family", &o->values, &diag);
    if (!error)
        error = sb_family_new(class, &o->values, &o->family, &diag);
    if (message)
        snprintf(message, n_message, "%s", diag.n_items ? diag.items[0].text : "");
    sb_diag_fini(&diag);
    return error;
}

static inline void opened_close(struct opened *o)
{
    sb_family_free(o->family);
    sb_values_fini(&o->values);
}

static inline void opened_new(struct opened *o, const char *name, const char *text)
{
    char message[512];

    if (opened_try(o, name, text, message, sizeof message))
        fail_msg("family %s %s: %s", name, text, message);
}

#endif
