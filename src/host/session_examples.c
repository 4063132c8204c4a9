/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels at chosen points, and examples. A call is one message, so that it gets all or nothing. */
#include "host/session_internal.h"

#include <stdio.h>
#include <string.h>

/* Too many points for one message: nothing is asked. */
static bool too_many(struct sb_session *s, uint64_t n)
{
    const uint64_t max = sb_points_max(&s->space);
    char line[128];

    if (n <= max)
        return false;
    snprintf(line, sizeof line,
             "a call has room for fewer points: ask in parts of at most %llu points",
             (unsigned long long)max);
    sb_session_say(s, SB_REFUSED, line);
    return true;
}

/* Rows of coordinates into a message; where one is no coordinate, says so and returns false. */
static bool put_rows(struct sb_session *s, uint64_t n, const double *x)
{
    static const char *const expected[] = { "a number", "0 or 1", "one of 0 .. q-1",
                                            "a finite number" };
    const uint32_t dim = s->space.dim, domain = s->space.domain;
    const bool cube = domain == SB_CUBE;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits = 0;

        for (uint32_t j = 0; j < dim; j++) {
            const double v = x[i * dim + j];

            if (!sb_coordinate_fits(&s->space, v)) {
                sb_session_misuse(s,
                                  "the learner called labels() with %.17g as coordinate %u of "
                                  "point %llu; expected %s",
                                  v, j, (unsigned long long)i, expected[domain <= 3 ? domain : 0]);
                return false;
            }
            if (!cube)
                sb_buf_f64(&s->out, v);
            else if (v != 0)
                bits |= UINT64_C(1) << j;
        }
        if (cube)
            sb_buf_u64(&s->out, bits);
    }
    return true;
}

static void take_rows(const struct sb_session *s, struct sb_reader *r, uint64_t n, double *x_out)
{
    const uint32_t dim = s->space.dim;
    const bool cube = s->space.domain == SB_CUBE;

    for (uint64_t i = 0; i < n; i++) {
        const uint64_t bits = cube ? sb_read_u64(r) : 0;

        for (uint32_t j = 0; j < dim; j++)
            x_out[i * dim + j] = cube ? (double)(bits >> j & 1) : sb_read_f64(r);
    }
}

/* Sends what is in s->out, and takes n labels, with their points unless x_out is NULL. */
static int32_t take_examples(struct sb_session *s, uint64_t n, double *x_out, double *y_out)
{
    const size_t size = (x_out ? sb_point_bytes(&s->space) : 0) + sizeof *y_out;
    struct sb_frame reply;
    struct sb_reader *r = &reply.body;
    int32_t status;

    if (sb_frame_end(&s->out))
        return sb_session_no_memory(s);
    if (sb_session_exchange(s, &reply) || reply.type != SB_FRAME_EXAMPLES)
        return sb_session_stop(s);
    status = (int32_t)sb_read_u32(r);
    if (sb_read_u64(r) != (status == SB_OK ? n : 0) || (status == SB_OK && r->n / size < n))
        return sb_session_stop(s);
    if (status == SB_OK) {
        if (x_out)
            take_rows(s, r, n, x_out);
        for (uint64_t i = 0; i < n; i++)
            y_out[i] = sb_read_f64(r);
    }
    return sb_session_told(s, status, r);
}

static int32_t host_labels(void *self, uint64_t n, const double *x, double *y_out)
{
    struct sb_session *s = self;

    if (!sb_session_running(s, "labels"))
        return SB_STOP;
    if (!n)
        return SB_OK;
    if (!x || !y_out) {
        sb_session_misuse(s, "the learner called labels() without %s",
                          x ? "room for the labels" : "points");
        return SB_STOP;
    }
    if (too_many(s, n))
        return SB_REFUSED;
    sb_session_say(s, SB_OK, "");
    sb_frame_begin(&s->out, SB_FRAME_LABELS);
    sb_buf_u64(&s->out, n);
    return put_rows(s, n, x) ? take_examples(s, n, NULL, y_out) : SB_STOP;
}

static int32_t host_samples(void *self, uint64_t n, double *x_out, double *y_out)
{
    struct sb_session *s = self;

    if (!sb_session_running(s, "samples"))
        return SB_STOP;
    if (!n)
        return SB_OK;
    if (!x_out || !y_out) {
        sb_session_misuse(s, "the learner called samples() without room for the %s",
                          x_out ? "labels" : "points");
        return SB_STOP;
    }
    if (too_many(s, n))
        return SB_REFUSED;
    sb_session_say(s, SB_OK, "");
    sb_frame_begin(&s->out, SB_FRAME_SAMPLES);
    sb_buf_u64(&s->out, n);
    return take_examples(s, n, x_out, y_out);
}

void sb_session_offer_examples(struct sb_host *host)
{
    host->labels = host_labels;
    host->samples = host_samples;
}
