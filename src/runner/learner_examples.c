/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LABELS, SAMPLES and EXAMPLES. A call is one message: its points are all checked before the server
 * sees one. */
#include "base/memory.h"
#include "runner/learner_talk.h"

#include <errno.h>
#include <string.h>

/* Room for the points and labels of one call; only one of bits and x is there. */
struct examples {
    uint64_t n;
    uint64_t *bits;
    double *x, *y;
};

static void examples_fini(struct examples *e)
{
    free(e->bits);
    free(e->x);
    free(e->y);
}

static bool make_room(const struct sb_talk *talk, uint64_t n, struct examples *out)
{
    const struct sb_space *space = &talk->space;

    memset(out, 0, sizeof *out);
    out->n = n;
    out->y = SB_NEW_ARRAY(double, n);
    if (space->domain == SB_CUBE)
        out->bits = SB_NEW_ARRAY(uint64_t, n);
    else
        out->x = SB_NEW_ARRAY(double, n * space->dim);
    return out->y && (out->bits || out->x);
}

/* False where one is no point of the space. */
static bool read_points(const struct sb_talk *talk, struct sb_reader *r, struct examples *e)
{
    const struct sb_space *space = &talk->space;
    bool fits = true;

    for (uint64_t i = 0; e->bits && i < e->n; i++) {
        e->bits[i] = sb_read_u64(r);
        fits = fits && sb_bits_fit(space, e->bits[i]);
    }
    for (uint64_t i = 0; e->x && i < e->n * space->dim; i++) {
        e->x[i] = sb_read_f64(r);
        fits = fits && sb_coordinate_fits(space, e->x[i]);
    }
    return fits && !r->failed && !r->n;
}

static void put_points(const struct sb_talk *talk, struct sb_buf *b, const struct examples *e)
{
    for (uint64_t i = 0; e->bits && i < e->n; i++)
        sb_buf_u64(b, e->bits[i]);
    for (uint64_t i = 0; e->x && i < e->n * talk->space.dim; i++)
        sb_buf_f64(b, e->x[i]);
}

/* What the server handed out. */
static void reply(struct sb_talk *talk, const struct examples *e, bool points, int32_t status,
                  const char *message)
{
    struct sb_buf *b = &talk->reply;
    const uint64_t n = status == SB_OK ? e->n : 0;
    int error;

    sb_frame_begin(b, SB_FRAME_EXAMPLES);
    sb_buf_u32(b, (uint32_t)status);
    sb_buf_u64(b, n);
    if (points && n)
        put_points(talk, b, e);
    for (uint64_t i = 0; i < n; i++)
        sb_buf_f64(b, e->y[i]);
    sb_talk_put_message(talk, message);
    error = sb_talk_close(talk, b, SB_FRAME_EXAMPLES);
    if (error)
        sb_talk_server_error(talk, error);
}

static void give_labels(struct sb_talk *talk, struct examples *e)
{
    const struct sb_server *server = talk->server;
    const char *message = "labels are not granted";
    int32_t status = SB_REFUSED;
    int error = 0;

    if (server->labels) {
        message = NULL;
        error = server->labels(server->self, e->n, e->bits, e->x, e->y, &status, &message);
    }
    if (error)
        sb_talk_server_error(talk, error);
    else
        reply(talk, e, false, status, message);
}

static void give_samples(struct sb_talk *talk, struct examples *e)
{
    const struct sb_server *server = talk->server;
    const char *message = "samples are not granted";
    int32_t status = SB_REFUSED;
    int error = 0;

    if (server->samples) {
        message = NULL;
        error = server->samples(server->self, e->n, e->bits, e->x, e->y, &status, &message);
    }
    if (error)
        sb_talk_server_error(talk, error);
    else
        reply(talk, e, true, status, message);
}

void sb_talk_labels(struct sb_talk *talk, struct sb_reader r)
{
    const uint64_t n = sb_read_u64(&r);
    struct examples e;

    if (n < 1 || n > sb_points_max(&talk->space) || r.n != n * sb_point_bytes(&talk->space)) {
        sb_talk_protocol(talk, "the learner's process asked for labels at no points, or for too "
                               "many");
        return;
    }
    if (!make_room(talk, n, &e))
        sb_talk_server_error(talk, -ENOMEM);
    else if (!read_points(talk, &r, &e))
        sb_talk_protocol(talk, "the learner's process asked for a label at what is no point");
    else
        give_labels(talk, &e);
    examples_fini(&e);
}

void sb_talk_samples(struct sb_talk *talk, struct sb_reader r)
{
    const uint64_t n = sb_read_u64(&r);
    struct examples e;

    if (r.failed || r.n || n < 1 || n > sb_points_max(&talk->space)) {
        sb_talk_protocol(talk, "the learner's process asked for no examples, or for too many");
        return;
    }
    if (!make_room(talk, n, &e))
        sb_talk_server_error(talk, -ENOMEM);
    else
        give_samples(talk, &e);
    examples_fini(&e);
}
