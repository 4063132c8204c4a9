/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of what a learner's file and descriptor say, before it is run. */
#include "base/memory.h"
#include "check/shared_object.h"
#include "check/subject.h"

#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The file. */

/* Of the names that C and the linker reserve for themselves, and of those that C++ shares. */
static bool is_ours_to_judge(const struct sb_elf_symbol *symbol)
{
    return symbol->name[0] != '_' && !symbol->weak;
}

static bool is_statbeds(const char *name)
{
    return strncmp(name, "sb_", 3) == 0 || strncmp(name, "statbed_", 8) == 0;
}

/* What it exports besides, functions or data: how many, and the first. */
static size_t count_others(const struct sb_elf *elf, bool data, const char **first_out)
{
    size_t n = 0;

    for (size_t i = 0; i < elf->n_defined; i++) {
        const struct sb_elf_symbol *symbol = &elf->defined[i];

        if (symbol->data != data || !is_ours_to_judge(symbol) ||
            strcmp(symbol->name, "statbed_learner") == 0)
            continue;
        if (!n++)
            *first_out = symbol->name;
    }
    return n;
}

static int judge_exports(struct sb_check_context *context, const struct sb_elf *elf)
{
    const char *first = NULL;
    size_t n = count_others(elf, true, &first);

    for (size_t i = 0; i < elf->n_defined; i++)
        if (strcmp(elf->defined[i].name, "statbed_learner") == 0 && !elf->defined[i].data)
            return sb_check_fail(context, "statbed_learner is a function; it is to be data: define "
                                          "it with SB_LEARNER(...)");
    if (n)
        return sb_check_fail(context,
                             "exports data besides statbed_learner: %s, %zu in all; make them "
                             "static, or build with -fvisibility=hidden",
                             first, n);
    n = count_others(elf, false, &first);
    if (n)
        return sb_check_warn(context,
                             "exports functions besides statbed_learner: %s, %zu in all; make them "
                             "static, or build with -fvisibility=hidden",
                             first, n);
    return 0;
}

static int judge_needs(struct sb_check_context *context, const struct sb_elf *elf)
{
    for (size_t i = 0; i < elf->n_undefined; i++)
        if (is_statbeds(elf->undefined[i].name))
            return sb_check_fail(context,
                                 "wants the symbol %s from elsewhere; a learner links nothing of "
                                 "statbed's: call the functions of struct sb_host",
                                 elf->undefined[i].name);
    for (size_t i = 0; i < elf->n_needed; i++)
        if (strstr(elf->needed[i], "statbed"))
            return sb_check_fail(context,
                                 "is linked against %s; a learner links nothing of statbed's",
                                 elf->needed[i]);
    return 0;
}

int sb_check_file(struct sb_check_context *context)
{
    struct sb_diag diag;
    struct sb_elf elf;
    struct sb_buf needs;
    int result;

    sb_diag_init(&diag);
    result = sb_elf_read(context->path, &elf, &diag);
    if (result) {
        result = result == -EINVAL ? sb_check_usage(context, &diag) : result;
        sb_diag_fini(&diag);
        return result;
    }
    result = judge_needs(context, &elf);
    if (!result)
        result = judge_exports(context, &elf);
    sb_buf_init(&needs);
    for (size_t i = 0; i < elf.n_needed; i++)
        sb_buf_printf(&needs, " %s", elf.needed[i]);
    if (!result)
        result = sb_check_ok(context, "exports statbed_learner alone; needs%s",
                             elf.n_needed ? sb_buf_str(&needs) : " no library");
    sb_buf_fini(&needs);
    sb_elf_fini(&elf);
    sb_diag_fini(&diag);
    return result;
}

/* The descriptor, as the plugin holds it: what comes over the wire is made printable first. */

enum {
    KNOWN_ACCESS = (1 << SB_ACCESS_KINDS) - 1,
    KNOWN_FLAGS = SB_NOT_BITWISE | SB_LABEL_SET | SB_TWO_LABELS,
    TEXT_MAX = 300
};

/* What is wrong with a text, or NULL. */
static const char *text_fault(const char *text)
{
    size_t n = 0;

    if (!text || !*text)
        return "is missing";
    for (; text[n]; n++)
        if ((unsigned char)text[n] < ' ' || text[n] == 0x7f)
            return "is not one printable line";
    return n > TEXT_MAX ? "is longer than a line" : NULL;
}

static int judge_texts(struct sb_check_context *context, const struct sb_learner *l)
{
    const char *const names[] = { "name", "summary", "source" };
    const char *const texts[] = { l->name, l->summary, l->source };

    for (size_t i = 0; i < SB_COUNT(names); i++) {
        const char *fault = text_fault(texts[i]);

        if (fault)
            return sb_check_fail(context, "its %s %s; give one line in SB_LEARNER(...)", names[i],
                                 fault);
    }
    for (size_t i = 0; l->params; i++) {
        const char *at = (const char *)l->params + i * l->param_size;
        const struct sb_param *param = (const struct sb_param *)(const void *)at;
        const char *fault = param->name ? text_fault(param->help) : NULL;

        if (!param->name)
            break;
        if (fault)
            return sb_check_fail(context, "the help of its parameter '%s' %s; give one line",
                                 param->name, fault);
    }
    return 0;
}

static int judge_bits(struct sb_check_context *context, const struct sb_learner *l)
{
    const uint32_t unknown = l->access & ~(uint32_t)KNOWN_ACCESS;

    if (!l->access)
        return sb_check_fail(context, "it names no oracle that it can use; put SB_STAT or another "
                                      "of enum sb_access into SB_LEARNER(...)");
    if (l->abi_minor > SB_ABI_MINOR)
        return sb_check_warn(context,
                             "it was built for version %u.%u of the interface, this statbed speaks "
                             "%u.%u: what is newer is not there",
                             l->abi_major, l->abi_minor, SB_ABI_MAJOR, SB_ABI_MINOR);
    if (unknown || l->flags & ~(uint32_t)KNOWN_FLAGS)
        return sb_check_fail(context,
                             "it sets bits that have no meaning (access %#x, flags %#x); use "
                             "enum sb_access and enum sb_flag",
                             l->access, l->flags);
    return 0;
}

int sb_check_descriptor(struct sb_check_context *context)
{
    struct sb_subject subject;
    const struct sb_learner *learner;
    void *object = NULL;
    int result = sb_subject_init(&subject, context, false);

    if (!result) {
        object = dlopen(context->path, RTLD_NOW | RTLD_LOCAL);
        learner = object ? dlsym(object, "statbed_learner") : NULL;
        if (!learner)
            result = sb_check_fail(context, "it cannot be loaded: %s", dlerror());
        if (!result)
            result = judge_texts(context, learner);
        if (!result)
            result = judge_bits(context, learner);
        if (!result)
            result = sb_check_ok(context, "%s, for version %u.%u of the interface", learner->name,
                                 learner->abi_major, learner->abi_minor);
    }
    sb_subject_fini(&subject);
    return result;
}

/* The parameters: defaults are checked whenever a plugin is loaded; here, what they do not show. */

static int judge_range(struct sb_check_context *context, const struct sb_param *param)
{
    const bool number = param->type == SB_INT || param->type == SB_REAL || param->type == SB_VECTOR;
    struct sb_range range;

    if (param->type == SB_BOOL && param->range)
        return sb_check_fail(context,
                             "its parameter '%s' is a truth value with a range '%s'; "
                             "leave it out",
                             param->name, param->range);
    if (!number || !param->range)
        return 0;
    if (!sb_param_range(param, &range))
        return sb_check_fail(context,
                             "the range '%s' of its parameter '%s' is malformed; write it as "
                             "\"[1,63]\", \"(0,1]\" or \"[0,inf)\"",
                             param->range, param->name);
    if (range.lo > range.hi || (range.lo >= range.hi && (range.lo_open || range.hi_open)))
        return sb_check_fail(context, "the range '%s' of its parameter '%s' holds no number",
                             param->range, param->name);
    return 0;
}

int sb_check_parameters(struct sb_check_context *context)
{
    struct sb_subject subject;
    size_t n = 0;
    int result = sb_subject_init(&subject, context, false);

    for (; !result && subject.descriptor->params[n].name; n++)
        result = judge_range(context, &subject.descriptor->params[n]);
    if (!result)
        result = sb_check_ok(context, "%zu declared, each default within its range", n);
    sb_subject_fini(&subject);
    return result;
}
