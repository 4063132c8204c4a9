/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plugin says of itself, as it comes from its process: untrusted. */
#include "base/memory.h"
#include "host/plugin.h"
#include "runner/learner_talk.h"

#include <errno.h>
#include <string.h>

static char *read_maybe_line(struct sb_reader *r)
{
    return sb_read_u8(r) ? sb_talk_read_line(r) : NULL;
}

static void free_params(struct sb_param *params)
{
    for (struct sb_param *param = params; param && param->name; param++) {
        free((char *)(uintptr_t)param->name);
        free((char *)(uintptr_t)param->fallback);
        free((char *)(uintptr_t)param->range);
        free((char *)(uintptr_t)param->help);
    }
    free(params);
}

void sb_talk_descriptor_fini(struct sb_descriptor *descriptor)
{
    free(descriptor->name);
    free(descriptor->summary);
    free(descriptor->source);
    free_params(descriptor->params);
    memset(descriptor, 0, sizeof *descriptor);
}

static void read_params(struct sb_reader *r, struct sb_descriptor *out)
{
    const uint32_t n = sb_read_u32(r);

    out->params = n <= SB_PLUGIN_PARAMS ? SB_NEW_ARRAY(struct sb_param, n + 1) : NULL;
    if (!out->params)
        r->failed = true;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        struct sb_param *param = &out->params[i];

        param->name = sb_talk_read_line(r);
        param->type = sb_read_u32(r);
        param->fallback = read_maybe_line(r);
        param->range = read_maybe_line(r);
        param->help = read_maybe_line(r);
    }
}

static int told_fail(const struct sb_frame *frame, const char *path, struct sb_diag *diag)
{
    struct sb_reader r = frame->body;
    char *line SB_FREE = sb_talk_read_line(&r);

    return sb_diag_fail(diag, -EINVAL, "%s", line ? line : path);
}

static int read_descriptor(const struct sb_frame *frame, uint32_t *isolation_out,
                           struct sb_descriptor *out)
{
    struct sb_reader r = frame->body;

    *isolation_out = sb_read_u32(&r);
    out->abi_minor = sb_read_u32(&r);
    out->access = sb_read_u32(&r);
    out->flags = sb_read_u32(&r);
    out->name = sb_talk_read_line(&r);
    out->summary = sb_talk_read_line(&r);
    out->source = sb_talk_read_line(&r);
    read_params(&r, out);
    return r.failed || r.n ? -EPROTO : 0;
}

int sb_talk_describe(const struct sb_frame *frame, const char *path, uint32_t *isolation_out,
                     struct sb_descriptor *out, struct sb_diag *diag)
{
    memset(out, 0, sizeof *out);
    if (frame->type == SB_FRAME_FAIL)
        return told_fail(frame, path, diag);
    if (frame->type != SB_FRAME_DESCRIBE || read_descriptor(frame, isolation_out, out))
        return sb_diag_fail(diag, -EINVAL,
                            "%s: its process sent what is not a descriptor; a constructor of the "
                            "plugin interferes",
                            path);
    return sb_plugin_check_params(out->params, "learner", diag);
}
