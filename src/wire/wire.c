/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: building, opening, and moving them over a stream socket. */
#include "wire/wire.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_READ = 1 << 14 };

void sb_frame_begin(struct sb_buf *b, uint32_t type)
{
    sb_buf_clear(b);
    sb_buf_u32(b, 0);
    sb_buf_u32(b, type);
}

int sb_frame_end(struct sb_buf *b)
{
    uint32_t length;

    if (b->failed)
        return -ENOMEM;
    if (b->n - SB_FRAME_HEAD > SB_FRAME_MAX)
        return -EMSGSIZE;
    length = (uint32_t)(b->n - SB_FRAME_HEAD);
    memcpy(b->data, &length, sizeof length);
    return 0;
}

void sb_frame_maybe_text(struct sb_buf *b, const char *s)
{
    sb_buf_u8(b, s != NULL);
    if (s)
        sb_buf_text(b, s);
}

int sb_frame_open(const void *bytes, size_t n, struct sb_frame *out)
{
    struct sb_reader r;
    uint32_t length;

    sb_reader_init(&r, bytes, n);
    length = sb_read_u32(&r);
    out->type = sb_read_u32(&r);
    if (r.failed || r.n != length)
        return -EPROTO;
    out->body = r;
    return 0;
}

void sb_link_init(struct sb_link *line, int fd)
{
    memset(line, 0, sizeof *line);
    line->fd = fd;
}

void sb_link_fini(struct sb_link *line)
{
    free(line->in);
    line->in = NULL;
    line->cap = 0;
}

static int keep_waiting(const struct sb_link *line)
{
    return line->waiting ? line->waiting(line->self) : 0;
}

/* What a failed or interrupted transfer means: 0 is "again". */
static int trouble(const struct sb_link *line)
{
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
        return keep_waiting(line);
    return errno == ECONNRESET ? -EPIPE : -errno;
}

int sb_link_write(struct sb_link *line, const struct sb_buf *frame)
{
    size_t done = 0;

    while (done < frame->n) {
        const uint8_t *p = frame->data + done;
        const size_t n = frame->n - done;
        const ssize_t k = line->quiet ? send(line->fd, p, n, MSG_NOSIGNAL) : write(line->fd, p, n);
        const int error = k < 0 ? trouble(line) : 0;

        if (error)
            return error;
        if (k > 0)
            done += (size_t)k;
    }
    return 0;
}

/* Room for what is still to come, as far as it has been announced; grown as bytes arrive, so that
 * a length alone costs the reader nothing. */
static int make_room(struct sb_link *line, size_t n)
{
    uint8_t *in;

    if (line->in && n < line->cap)
        return 0;
    in = sb_grow(line->in, &line->cap, n < FIRST_READ ? FIRST_READ : n + 1, 1);
    if (!in)
        return -ENOMEM;
    line->in = in;
    return 0;
}

/* Bytes of the whole frame of which n are here; SB_FRAME_HEAD while that is not known. */
static size_t announced(const struct sb_link *line, size_t n)
{
    uint32_t length;

    if (n < SB_FRAME_HEAD)
        return SB_FRAME_HEAD;
    memcpy(&length, line->in, sizeof length);
    return SB_FRAME_HEAD + (size_t)length;
}

int sb_link_read(struct sb_link *line, size_t max, struct sb_frame *out)
{
    size_t n = 0, need = SB_FRAME_HEAD;
    int error = 0;

    while (n < need && !error) {
        ssize_t k;

        error = make_room(line, n);
        if (error)
            break;
        k = read(line->fd, line->in + n, line->cap - n);
        if (k == 0)
            return -EPIPE;
        if (k < 0) {
            error = trouble(line);
            continue;
        }
        n += (size_t)k;
        need = announced(line, n);
        if (need > SB_FRAME_HEAD + max || n > need)
            return -EPROTO;
        if (n < need) /* a sender that drips its bytes must not outlive the fuse */
            error = keep_waiting(line);
    }
    return error ? error : sb_frame_open(line->in, n, out);
}
