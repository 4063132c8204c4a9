/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and parameters from a command line, looked up and checked. */
#include "cli/named.h"

#include "cli/catalog.h"

#include <errno.h>
#include <string.h>

int sb_class_find(const struct sb_args *args, const char *kind_name, const char *name,
                  const void **class_out, struct sb_diag *diag)
{
    const struct sb_kind *kind = sb_kinds;
    const char *names[64];
    struct sb_entry entry;
    const char *near;
    size_t n = 0;

    while (strcmp(kind->name, kind_name) != 0)
        kind++;
    for (; n < SB_COUNT(names) && kind->entry(n, &entry); n++) {
        names[n] = entry.name;
        if (strcmp(entry.name, name) == 0) {
            *class_out = entry.class;
            return 0;
        }
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -EINVAL, "%s: unknown %s '%s'%s%s%s; see statbed list %s%s",
                        args->verb->name, kind_name, name, near ? ", did you mean '" : "",
                        near ? near : "", near ? "'?" : "", kind->plural,
                        strcmp(kind_name, "family") == 0 ? "; a plugin's path has a slash" : "");
}

int sb_named_family_find(struct sb_named_family *named, const struct sb_args *args,
                         const char *name, struct sb_diag *diag)
{
    struct sb_learner_resolver resolver;
    const void *class = NULL;
    int error;

    if (!strchr(name, '/')) {
        error = sb_class_find(args, "family", name, &class, diag);
        named->class = class;
        return error;
    }
    named->plugins = sb_plugins_new(0);
    if (!named->plugins)
        return -ENOMEM;
    resolver = sb_plugins_resolver(named->plugins);
    return resolver.resolve_family(resolver.self, name, NULL, &named->class, diag);
}

int sb_named_family_make(struct sb_named_family *named, const struct sb_given *given,
                         size_t n_given, struct sb_diag *diag)
{
    const struct sb_param *const tables[] = { named->class->params };
    char *where SB_FREE = sb_printf("family %s", named->class->name);
    int error =
        where ? sb_values_parse(tables, 1, given, n_given, NULL, 0, where, &named->values, diag)
              : -ENOMEM;

    return error ? error : sb_family_new(named->class, &named->values, &named->family, diag);
}

void sb_named_family_fini(struct sb_named_family *named)
{
    sb_family_free(named->family);
    sb_values_fini(&named->values);
    sb_plugins_free(named->plugins);
}

int sb_named_member(const struct sb_args *args, const struct sb_family *family,
                    struct sb_hidden *out, struct sb_diag *diag)
{
    const char *member = sb_args_value(args, "member");

    if (!member)
        return 0;
    out->planted = strcmp(member, "null") != 0;
    if (!out->planted || (sb_parse_u64(member, &out->member) && out->member < family->n_members))
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "%s: --member=%s: expected 'null' or a whole number below %llu",
                        args->verb->name, member, (unsigned long long)family->n_members);
}

bool sb_given_split(const char *operand, struct sb_given *out)
{
    char *word = (char *)(uintptr_t)operand;
    char *equals = strchr(word, '=');

    if (!equals)
        return false;
    *equals = '\0';
    *out = (struct sb_given){ .name = word, .text = equals + 1 };
    return true;
}

static bool takes(const struct sb_option_section *section, const char *name)
{
    for (size_t i = 0; i < section->n_tables; i++)
        if (sb_params_find(section->tables[i], name))
            return true;
    return false;
}

static int fail_option(const struct sb_args *args, const struct sb_option_section *section,
                       const char *name, struct sb_diag *diag)
{
    const char *all;
    struct sb_buf list;
    int error;

    sb_buf_init(&list);
    for (size_t i = 0; i < section->n_tables; i++)
        for (const struct sb_param *p = section->tables[i]; p && p->name; p++)
            sb_buf_printf(&list, "%s--%s", list.n ? ", " : "", p->name);
    all = sb_buf_str(&list);
    error = sb_diag_fail(diag, all ? -EINVAL : -ENOMEM, "%s: %s takes no --%s; it takes %s",
                         args->verb->name, section->what, name, all ? all : "");
    sb_buf_fini(&list);
    return error;
}

int sb_options_values(const struct sb_args *args, const struct sb_option_section *section,
                      struct sb_values *out, struct sb_diag *diag)
{
    struct sb_given *given SB_FREE = SB_NEW_ARRAY(struct sb_given, section->n_options);
    size_t n = 0;

    if (!given)
        return -ENOMEM;
    for (size_t i = 0; i < section->n_options; i++) {
        const char *name = section->options[i], *value = sb_args_value(args, name);
        const bool taken = takes(section, name);

        if (sb_args_given(args, name) && !taken)
            return fail_option(args, section, name, diag);
        if (value && taken)
            given[n++] = (struct sb_given){ .name = name, .text = value };
    }
    return sb_values_parse(section->tables, section->n_tables, given, n, NULL, 0, section->where,
                           out, diag);
}
