/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A learner at work, seen from the runner: started in a process of its own (statbed-host, filters,
 * limits, pinned beside the runner) or in this one (isolation none), described, run, reaped.
 * Whatever the plugin does, the calls here return. */
#ifndef SB_RUNNER_LEARNER_H
#define SB_RUNNER_LEARNER_H

#include "base/diag.h"
#include "base/digest.h"
#include "base/fuse.h"
#include "base/names.h"
#include "base/params.h"
#include "query/callback.h"
#include "wire/wire.h"

enum sb_isolation {
    SB_ISOLATION_NONE = 0,       /* in this process, for debuggers */
    SB_ISOLATION_PROCESS = 1,    /* a process of its own, without system-call filters */
    SB_ISOLATION_SECCOMP = 2,    /* a process of its own behind both filters, and Landlock */
    SB_ISOLATION_NO_LANDLOCK = 3 /* got, never asked for: SECCOMP on a kernel without Landlock */
};
/* "none", "process", "seccomp", "seccomp without landlock" */
const char *sb_isolation_name(uint32_t isolation);

struct sb_limits {
    uint64_t memory_mib; /* data of the learner's process */
    uint64_t output_kib; /* of standard output and error together */
    uint64_t seconds;    /* the fuse; 0: none */
};

/* What a plugin says of itself; owned copies. */
struct sb_descriptor {
    uint32_t abi_minor, access, flags;
    char *name, *summary, *source;
    struct sb_param *params; /* NULL-ended; strings owned */
    struct sb_digest so;     /* of the shared object's file */
};

struct sb_public_vector;

/* What the learner's process is told; all public; borrowed. */
struct sb_task {
    const struct sb_facts *facts;
    double tolerance[SB_ACCESS_KINDS]; /* granted, by bit number; NaN: not granted */
    const struct sb_values *learner;   /* its parameters */
    const struct sb_values *family;    /* the family's public parameters */
    uint64_t coins;
    /* Of real labels, of which few are possible at a point: callbacks are shown each of them. NULL: none. */
    const struct sb_labelling *labelling;
    const struct sb_public_vector *vectors; /* of the family (estimate/family.h) */
    size_t n_vectors;
};

/* One query as it comes off the wire; borrowed. */
struct sb_wire_query {
    uint32_t access;
    double tolerance;
    const uint8_t *expr; /* encoded; NULL: a callback, or could not be built and `cause` says why */
    size_t n_expr;
    const struct sb_callback *callback; /* NULL: none; valid until ask() returns */
    const char *cause;
};

/* The runner's side of the conversation. Both return 0, or a negative errno that ends the run:
 * -ETIME as SB_END_SECONDS, -EDQUOT (asked on for long without a budget) as SB_END_FAILED, any other
 * as SB_END_SERVER. */
struct sb_server {
    void *self;
    int (*ready)(void *self); /* create() is done: draw the hidden member now */
    /* answers[i] and status[i] for n queries; *message_out: public line on the first status that is
     * not SB_OK, borrowed, or NULL */
    int (*ask)(void *self, const struct sb_wire_query *q, uint64_t n, double *answers,
               int32_t *status, const char **message_out);
    /* n labels at points given (bits on the cube, rows of dim numbers elsewhere; the other is NULL),
     * or n examples with their points: *status as ask() gives it, nothing written unless SB_OK. */
    int (*labels)(void *self, uint64_t n, const uint64_t *bits, const double *x, double *y_out,
                  int32_t *status, const char **message_out);
    int (*samples)(void *self, uint64_t n, uint64_t *bits_out, double *x_out, double *y_out,
                   int32_t *status, const char **message_out);
    /* The run is over and returned a predictor that is a callback: score it now, for the learner's
     * process is about to end. The fuse is lit anew. */
    int (*predictor)(void *self, const struct sb_callback *predictor);
    /* A tap: every payload from CONFIG on, in order, type as enum sb_frame_type. NULL: none. */
    void (*traffic)(void *self, bool to_learner, uint32_t type, const void *payload, size_t n);
};

enum sb_end {
    SB_END_FINISHED = 1, /* run() returned 0 */
    SB_END_FAILED,       /* run() or create() returned something else, or misused the interface */
    SB_END_CRASHED,      /* a signal (detail: its number) */
    SB_END_EXITED,       /* the process exited (detail: its code) */
    SB_END_SECONDS,      /* the fuse */
    SB_END_KILLED,       /* by a signal from outside: no memory was left, a shutdown, a hand */
    SB_END_PROTOCOL,     /* sent what is not a message */
    SB_END_SERVER        /* the server returned an error (detail: it) */
};
const char *sb_end_name(uint32_t end); /* "finished", "failed", "crashed", ... */

enum sb_returned {
    SB_RETURNED_NOTHING = 0,
    SB_RETURNED_EXPR,
    SB_RETURNED_VERDICT,
    SB_RETURNED_VALUE,
    SB_RETURNED_CALLBACK
};
struct sb_learner_end {
    uint32_t end; /* enum sb_end */
    int32_t detail;
    char *text;         /* one line for the user, or NULL; owned */
    uint32_t returned;  /* enum sb_returned */
    struct sb_buf expr; /* encoded predictor */
    int32_t verdict;
    double *value; /* owned */
    uint64_t n_value;
    char *output; /* captured standard output and error, capped; owned; NULL: none */
    size_t n_output;
    bool output_cut;
};
void sb_learner_end_fini(struct sb_learner_end *end);

struct sb_learner_process;

/* Starts the plugin and reads its descriptor. -EINVAL with one line where it is no learner (not a
 * shared object, no statbed_learner symbol, another ABI, an older header than the oldest), -EIO
 * where the process cannot be had, -ECANCELED where it was killed from outside. `isolation`: what is asked for; sb_learner_isolation: what was
 * got. */
int sb_learner_start(const char *path, uint32_t isolation, const struct sb_limits *limits,
                     struct sb_learner_process **out, struct sb_diag *diag);
const struct sb_descriptor *sb_learner_descriptor(const struct sb_learner_process *process);
uint32_t sb_learner_isolation(const struct sb_learner_process *process);
/* Runs it to its end. 0 with *end filled, whatever the learner did; negative: statbed's own
 * trouble. To be called once. */
int sb_learner_run(struct sb_learner_process *process, const struct sb_task *task,
                   const struct sb_server *server, struct sb_learner_end *end,
                   struct sb_diag *diag);
void sb_learner_close(struct sb_learner_process *process); /* kills and reaps; NULL ok */

/* A shipped learner's name or a path with a slash to the .so; malloc'd path. -ENOENT with the
 * places looked at and the nearest shipped name. Order: $STATBED_PLUGINDIR, beside the executable
 * (learners/), the installed plugindir. */
int sb_learner_find(const char *type, const char *base_dir, char **path_out, struct sb_diag *diag);
/* The path of a plugin ("learner", "family") that is named by one, from base_dir where that is not
 * NULL; malloc'd. -ENOENT where it cannot be read. */
int sb_plugin_path(const char *noun, const char *type, const char *base_dir, char **path_out,
                   struct sb_diag *diag);
/* The names of the shipped learners. 0 or -ENOMEM; *out is to be freed in either case. */
int sb_learner_list(struct sb_names *out);

#endif
