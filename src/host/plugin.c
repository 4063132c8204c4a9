/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a learner plugin and reading its descriptor. Nothing of the plugin but its constructors
 * runs before the version check; no field is read that its struct_size does not cover. */
#include "host/plugin.h"

#include "base/memory.h"
#include "base/params.h"
#include "wire/wire.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct sb_learner) >= SB_LEARNER_SIZE_1_0, "the descriptor only grows");
static_assert(sizeof(struct sb_param) >= SB_PARAM_SIZE_1_0, "a parameter only grows");
static_assert(sizeof(struct sb_query) >= SB_QUERY_SIZE_1_0, "a query only grows");

static const char rebuild[] = "rebuild the learner against this statbed's headers";

int sb_plugin_load(const char *path, struct sb_plugin *out, struct sb_diag *diag)
{
    memset(out, 0, sizeof *out);
    out->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!out->object) {
        const char *why = dlerror();

        return sb_diag_fail(diag, -EINVAL,
                            "%s cannot be loaded as a learner: %s; build it with cc -shared -fPIC, "
                            "and put libraries that are not the system's beside it, linked with "
                            "-Wl,-rpath,'$ORIGIN'",
                            path, why ? why : "dlopen failed");
    }
    return 0;
}

static int check_head(const char *path, const struct sb_learner *theirs, struct sb_diag *diag)
{
    if (theirs->abi_major != SB_ABI_MAJOR)
        return sb_diag_fail(diag, -EINVAL,
                            "%s was built for version %u of the learner interface, this statbed "
                            "speaks version %u: %s",
                            path, theirs->abi_major, SB_ABI_MAJOR, rebuild);
    if (theirs->struct_size < SB_LEARNER_SIZE_1_0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its descriptor has %u bytes, version 1.0 has %d; the header is "
                            "older than the oldest supported: %s",
                            path, theirs->struct_size, SB_LEARNER_SIZE_1_0, rebuild);
    if (theirs->params && theirs->param_size < SB_PARAM_SIZE_1_0)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: a parameter has %u bytes, version 1.0 has %d; the header is older "
                            "than the oldest supported: %s",
                            path, theirs->param_size, SB_PARAM_SIZE_1_0, rebuild);
    return 0;
}

int sb_plugin_copy_params(const char *path, const struct sb_param *table, uint32_t param_size,
                          struct sb_param **out, struct sb_diag *diag)
{
    const char *theirs = (const char *)table;
    const size_t size = param_size < sizeof(struct sb_param) ? param_size : sizeof(struct sb_param);
    struct sb_param *params = SB_NEW_ARRAY(struct sb_param, SB_PLUGIN_PARAMS + 1);

    if (!params)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    *out = params;
    for (size_t i = 0; theirs; i++) {
        struct sb_param param = { 0 };

        memcpy(&param, theirs + i * param_size, size);
        if (!param.name)
            break;
        if (i == SB_PLUGIN_PARAMS)
            return sb_diag_fail(diag, -EINVAL,
                                "%s: its parameter table has more than %d entries; end it with an "
                                "entry whose name is NULL",
                                path, SB_PLUGIN_PARAMS);
        params[i] = param;
    }
    return 0;
}

int sb_plugin_check(const char *path, struct sb_plugin *plugin, struct sb_diag *diag)
{
    const struct sb_learner *theirs = dlsym(plugin->object, "statbed_learner");
    struct sb_learner *learner = &plugin->learner;
    int error;

    if (!theirs)
        return sb_diag_fail(diag, -EINVAL,
                            "%s is no learner: it exports no symbol statbed_learner; define it "
                            "with SB_LEARNER(...) of statbed/learner.h",
                            path);
    error = check_head(path, theirs, diag);
    if (error)
        return error;
    memcpy(learner, theirs,
           theirs->struct_size < sizeof *learner ? theirs->struct_size : sizeof *learner);
    if (!learner->name || !*learner->name)
        return sb_diag_fail(diag, -EINVAL, "%s: its descriptor has no name; name it in SB_LEARNER",
                            path);
    if (!learner->run)
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its descriptor has no run function; give one in SB_LEARNER", path);
    error =
        sb_plugin_copy_params(path, learner->params, learner->param_size, &plugin->params, diag);
    return error ? error : sb_plugin_check_params(plugin->params, "learner", diag);
}

void sb_plugin_unload(struct sb_plugin *plugin)
{
    free(plugin->params);
    if (plugin->object)
        dlclose(plugin->object);
    memset(plugin, 0, sizeof *plugin);
}

static bool name_fits(const char *name)
{
    const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

    return n > 0 && n <= 64 && name[n] == '\0';
}

int sb_plugin_check_name(const char *name, const char *noun, struct sb_diag *diag)
{
    if (name_fits(name))
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "the %s is named '%.64s': a name has 1 to 64 lower case letters, digits, "
                        "'-' or '_'",
                        noun, name);
}

/* The default must be a value that the declaration itself accepts. */
static int check_default(const struct sb_param *param, const char *noun, struct sb_diag *diag)
{
    const struct sb_param table[2] = { *param, { 0 } };
    const struct sb_param *const tables[1] = { table };
    struct sb_diag inner;
    struct sb_values values;
    int error;

    if (!param->fallback)
        return 0;
    sb_diag_init(&inner);
    error = sb_values_parse(tables, 1, NULL, 0, NULL, 0, noun, &values, &inner);
    if (!error)
        sb_values_fini(&values);
    else
        sb_diag_fail(diag, error, "the %s declares parameter '%s' with a default of no use: %s",
                     noun, param->name, inner.n_items ? inner.items[0].text : "it does not parse");
    sb_diag_fini(&inner);
    return error;
}

static int check_param(const struct sb_param *params, size_t i, const char *noun,
                       struct sb_diag *diag)
{
    const struct sb_param *param = &params[i];

    if (!name_fits(param->name))
        return sb_diag_fail(diag, -EINVAL,
                            "the %s declares a parameter '%.64s': a name has 1 to 64 lower case "
                            "letters, digits, '-' or '_'",
                            noun, param->name);
    if (param->type < SB_INT || param->type > SB_VECTOR)
        return sb_diag_fail(diag, -EINVAL,
                            "the %s declares parameter '%s' with type %u: use SB_INT, SB_REAL, "
                            "SB_BOOL, SB_TEXT or SB_VECTOR",
                            noun, param->name, param->type);
    for (size_t k = 0; k < i; k++)
        if (strcmp(params[k].name, param->name) == 0)
            return sb_diag_fail(diag, -EINVAL, "the %s declares parameter '%s' twice", noun,
                                param->name);
    return check_default(param, noun, diag);
}

int sb_plugin_check_params(const struct sb_param *params, const char *noun, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; !error && params && params[i].name; i++)
        error = check_param(params, i, noun, diag);
    return error;
}

int sb_plugin_describe(const struct sb_plugin *plugin, uint32_t isolation, struct sb_buf *frame)
{
    const struct sb_learner *learner = &plugin->learner;

    sb_frame_begin(frame, SB_FRAME_DESCRIBE);
    sb_buf_u32(frame, isolation);
    sb_buf_u32(frame, learner->abi_minor);
    sb_buf_u32(frame, learner->access);
    sb_buf_u32(frame, learner->flags);
    sb_buf_text(frame, learner->name);
    sb_buf_text(frame, learner->summary);
    sb_buf_text(frame, learner->source);
    sb_buf_u32(frame, (uint32_t)sb_params_count(plugin->params));
    for (const struct sb_param *param = plugin->params; param->name; param++) {
        sb_buf_text(frame, param->name);
        sb_buf_u32(frame, param->type);
        sb_frame_maybe_text(frame, param->fallback);
        sb_frame_maybe_text(frame, param->range);
        sb_frame_maybe_text(frame, param->help);
    }
    return sb_frame_end(frame);
}
