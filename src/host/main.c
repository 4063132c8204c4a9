/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed-host, the learner's process: gives up its rights, loads one plugin, talks to the runner
 * over descriptor 3, with the board behind descriptor 4, and runs the learner. Links only base,
 * numeric, query and wire, and is started by the runner, never by hand:
 *
 *     statbed-host PLUGIN MODE MEMORY LOG PARENT
 *
 * MODE 1 or 2 as enum sb_isolation of the runner, which is told what was had; MEMORY and LOG in bytes; PARENT: its pid. */
#include "base/text.h"
#include "host/sandbox.h"
#include "host/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROCESS = 1, SECCOMP = 2, NO_LANDLOCK = 3 };

static int line_send(void *self, const struct sb_buf *frame)
{
    return sb_link_write(self, frame);
}

static int line_exchange(void *self, const struct sb_buf *frame, struct sb_frame *reply)
{
    const int error = sb_link_write(self, frame);

    return error ? error : sb_link_read(self, SB_FRAME_MAX, reply);
}

static bool read_arguments(int argc, char **argv, uint64_t *mode, struct sb_sandbox_limits *limits)
{
    uint64_t parent;

    if (argc != 6 || !sb_parse_u64(argv[2], mode) || !sb_parse_u64(argv[3], &limits->memory) ||
        !sb_parse_u64(argv[4], &limits->file_bytes) || !sb_parse_u64(argv[5], &parent))
        return false;
    limits->parent = (pid_t)parent;
    return true;
}

static int say(const struct sb_channel *channel, const struct sb_diag *diag)
{
    return sb_session_fail(channel, diag->n_items ? diag->items[0].text : "out of memory");
}

/* Steps 4 to 6, and the version check. `mode` falls to PROCESS where there are no filters, and to
 * NO_LANDLOCK where there is nothing but filters. */
static int load(const char *path, uint64_t *mode, struct sb_plugin *plugin, struct sb_diag *diag)
{
    bool files = true;
    int error;

    if (*mode == SECCOMP)
        files = sb_sandbox_close_files(path) != 0;
    if (*mode == SECCOMP && sb_sandbox_filter_loading())
        *mode = PROCESS;
    error = sb_plugin_load(path, plugin, diag);
    if (error)
        return error;
    sb_sandbox_close_from(SB_CHANNEL_FD + 1);
    error = *mode == SECCOMP ? sb_sandbox_filter_running() : 0;
    if (error)
        return sb_diag_fail(diag, error, "the second system-call filter could not be loaded: %s",
                            strerror(-error));
    if (*mode == SECCOMP && files)
        *mode = NO_LANDLOCK;
    return sb_plugin_check(path, plugin, diag);
}

/* DESCRIBE, CONFIG, the run. */
static int serve(const struct sb_plugin *plugin, uint64_t mode, const struct sb_channel *channel)
{
    struct sb_frame config;
    struct sb_buf frame;
    int error;

    sb_buf_init(&frame);
    error = sb_plugin_describe(plugin, (uint32_t)mode, &frame);
    if (!error)
        error = channel->exchange(channel->self, &frame, &config);
    sb_buf_fini(&frame);
    return error ? error : sb_session_run(plugin, &config, channel);
}

int main(int argc, char **argv)
{
    static char log_buffer[BUFSIZ];
    struct sb_sandbox_limits limits = { 0 };
    struct sb_plugin plugin;
    struct sb_diag diag;
    struct sb_link line;
    struct sb_channel channel = { &line, line_exchange, line_send, NULL, NULL };
    uint64_t mode = 0;
    int error;

    if (!read_arguments(argc, argv, &mode, &limits)) {
        fputs("statbed-host runs a learner for statbed; it is not started by hand\n", stderr);
        return 2;
    }
    if (sb_sandbox_restrict(&limits))
        return 2;
    channel.board = sb_sandbox_map_board();
    if (!channel.board)
        return 2;
    /* a buffer of our own, and a line at a time: what was printed before a crash is kept */
    setvbuf(stdout, log_buffer, _IOLBF, sizeof log_buffer);
    sb_diag_init(&diag);
    sb_link_init(&line, SB_CHANNEL_FD);
    error = load(argv[1], &mode, &plugin, &diag);
    error = error ? say(&channel, &diag) : serve(&plugin, mode, &channel);
    /* not exit(): the plugin's destructors have no business after the last frame */
    _exit(error ? 1 : 0);
}
