/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay: what goes through it and into a store is what goes into the store directly, to the bit,
 * in pieces of any length; what is damaged is refused, and touches nothing but its own cell. */
#include "unit.h"

#include "rng.h"
#include "rows.h"
#include "runner/relay.h"
#include "runner/relay_rows.h"

#include <errno.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONG = 1 << 20, N_QUERIES = 600 };

static struct rng rng;
static char *long_text;

/* Numbers from the corners. */
static double real(void)
{
    static const double corner[] = { 0, -0.0, 1, -1, 0.1, 1e308, -1e-320, NAN, INFINITY };
    const uint32_t i = rng_below(&rng, 2 * SB_COUNT(corner));

    return i < SB_COUNT(corner) ? corner[i] : rng_uniform(&rng) - 0.5;
}

static uint64_t count(void)
{
    static const uint64_t corner[] = { 0, 1, UINT32_MAX, INT64_MAX, UINT64_MAX };
    const uint32_t i = rng_below(&rng, 2 * SB_COUNT(corner));

    return i < SB_COUNT(corner) ? corner[i] : rng_below(&rng, 1000);
}

static bool flag(void)
{
    return rng_below(&rng, 2) == 1;
}

static const char *text(void)
{
    static const char *const some[] = { "", "a", "dimension=8", "\n\"quoted\"", "na\xc3\xafve" };
    const uint32_t i = rng_below(&rng, 1500);

    return i == 0 ? long_text : some[i % SB_COUNT(some)];
}

static const char *maybe_text(void)
{
    return flag() ? text() : NULL;
}

static struct sb_digest digest(uint32_t below)
{
    const uint32_t i = rng_below(&rng, below);

    return sb_digest_of(&i, sizeof i);
}

static void print(void *self, struct sb_buf *out)
{
    sb_buf_puts(out, self);
}

/* A run of random rows. */
static int write_run(const struct sb_sink *sink, int64_t id, uint64_t seed)
{
    struct sb_store_run run;
    int error;

    rng = (struct rng){ seed };
    run = (struct sb_store_run){
        .id = id,
        .experiment = 1,
        .cell = (uint64_t)id,
        .cell_key = sb_digest_of(&id, sizeof id),
        .learner_digest = digest(9),
        .repeat = 1 + rng_below(&rng, 9),
        .label = text(),
        .family = text(),
        .family_params = text(),
        .family_digest = maybe_text(),
        .dimension = rng_below(&rng, 100),
        .log2_members = real(),
        .oracle = text(),
        .rule = maybe_text(),
        .policy = text(),
        .oracle_params = text(),
        .tolerance = real(),
        .learner = text(),
        .learner_params = text(),
        .coins = count(),
        .goal = text(),
        .goal_params = text(),
        .success_wanted = real(),
        .budget_queries = count(),
        .grants = maybe_text(),
        .budget_labels = count(),
        .budget_samples = count(),
        .reduction = maybe_text(),
        .isolation = maybe_text(),
        .summary = flag(),
    };
    error = sink->begin(sink->self, &run, NULL);
    for (uint64_t i = 1; i <= N_QUERIES && !error; i++) {
        char line[64];
        const struct sb_store_text named = { digest(300), print, line };
        const struct sb_store_query q = {
            .seq = i,
            .oracle = text(),
            .tolerance = real(),
            .answered = flag(),
            .answer = real(),
            .truth = real(),
            .half_width = real(),
            .status = (int32_t)rng_below(&rng, 4),
            .method = maybe_text(),
            .samples = rng_below(&rng, 1000),
            .cost = rng_below(&rng, 1000),
            .clipped = flag(),
            .from_null = flag(),
            .eliminated = (int64_t)rng_below(&rng, 3) - 1,
            .dropped = (int64_t)rng_below(&rng, 3) - 1,
        };

        snprintf(line, sizeof line, "expression %02x%02x", named.digest.byte[0],
                 named.digest.byte[1]);
        error = sink->query(sink->self, &q, flag() ? &named : NULL, NULL);
        if (!error && rng_below(&rng, 20) == 0) {
            const double u[3] = { real(), real(), real() };
            const struct sb_digest d = sb_digest_of(u, sizeof u);

            error = sink->vector(sink->self, &d, u, rng_below(&rng, 4), NULL);
        }
    }
    for (int i = 0; i < 5 && !error; i++) {
        const struct sb_store_bound bound = {
            .name = text(),
            .theorem = maybe_text(),
            .applies = flag(),
            .why = maybe_text(),
            .log2_queries = real(),
            .success_probability = real(),
            .success_ub = real(),
            .success_at_zero = real(),
            .success_per_query = real(),
            .at_tolerance = real(),
            .prior = maybe_text(),
            .problem = maybe_text(),
            .convention = maybe_text(),
            .subset = flag(),
        };

        error = sink->bound(sink->self, &bound, NULL);
    }
    for (int i = 0; i < 3 && !error; i++) {
        const struct sb_store_fact fact = { text(), real(), text() };

        error = sink->fact(sink->self, &fact, NULL);
    }
    if (!error) {
        const struct sb_store_end end = {
            .status = "finished",
            .detail = (int)rng_below(&rng, 3) - 1,
            .text = maybe_text(),
            .compared = flag(),
            .transcript = digest(9),
            .certificates = digest(9),
            .n_queries = count(),
            .n_answered = count(),
            .n_sampled = count(),
            .samples = count(),
            .n_labels = count(),
            .n_examples = count(),
            .equivalent_samples = real(),
            .max_eliminated = (int64_t)rng_below(&rng, 3) - 1,
            .max_dropped = (int64_t)rng_below(&rng, 3) - 1,
            .n_left_null = (int64_t)rng_below(&rng, 3) - 1,
            .n_live = (int64_t)rng_below(&rng, 3) - 1,
            .n_right = (int64_t)rng_below(&rng, 3) - 1,
            .at_tolerance = real(),
            .success = (int)rng_below(&rng, 3) - 1,
            .loss = real(),
            .loss_half_width = real(),
            .hypothesis = long_text,
            .hidden = maybe_text(),
            .output = flag() ? long_text : NULL,
            .n_output = rng_below(&rng, LONG),
            .output_cut = flag(),
            .isolation = maybe_text(),
            .seconds = real(),
        };

        error = sink->end(sink->self, &end, NULL);
    }
    return error;
}

/* A store with an experiment to hang runs on. */
static struct sb_store *new_store(void)
{
    const struct sb_store_experiment e = { .name = "e", .yaml = "", .seed = "1" };
    struct sb_store *store = NULL;
    int64_t id;

    assert_int_equal(sb_store_open(NULL, SB_STORE_MEMORY, &store, NULL), 0);
    assert_int_equal(sb_store_experiment(store, &e, &id, NULL), 0);
    assert_int_equal(id, 1);
    return store;
}

static void print_store(struct sb_store *store, struct sb_buf *out)
{
    static const char *const tables[] = { "run", "query", "expression", "vector", "bound", "fact" };

    sb_buf_init(out);
    for (size_t i = 0; i < SB_COUNT(tables); i++) {
        char sql[64];

        snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY id", tables[i]);
        rows_print(sb_store_handle(store), sql, out);
    }
}

/* What a worker sends of one cell. */
struct stream {
    uint8_t *bytes; /* owned */
    size_t n;
};

static struct stream send_run(int64_t id, uint64_t seed)
{
    const struct sb_cell_outcome outcome = { "finished", -1, 7, UINT64_MAX, 0 };
    const int fd = memfd_create("relay", MFD_CLOEXEC);
    struct sb_relay_sender sender;
    struct stream s = { NULL, 0 };
    struct sb_sink sink;

    assert_true(fd >= 0);
    assert_int_equal(sb_relay_sender_init(&sender, fd), 0);
    sink = sb_relay_sink(&sender);
    assert_int_equal(write_run(&sink, id, seed), 0);
    assert_int_equal(sb_relay_outcome(&sender, &outcome), 0);
    sb_relay_sender_fini(&sender);
    s.n = (size_t)lseek(fd, 0, SEEK_END);
    s.bytes = malloc(s.n);
    assert_non_null(s.bytes);
    assert_int_equal(pread(fd, s.bytes, s.n, 0), s.n);
    close(fd);
    return s;
}

/* In pieces of random length, most of them short. Ends at an error or at the outcome. */
static int receive(struct sb_relay_receiver *receiver, const struct stream *s, struct rng *pieces,
                   struct sb_relay_news *news, struct sb_diag *diag)
{
    size_t done = 0;
    int error = 0;

    *news = (struct sb_relay_news){ 0 };
    while (done < s->n && !error && !news->over) {
        size_t n = 1 + rng_below(pieces, rng_below(pieces, 3) ? 40000 : 40);

        n = n < s->n - done ? n : s->n - done;
        error = sb_relay_receive(receiver, s->bytes + done, n, news, diag);
        done += n;
    }
    return error;
}

static void every_row_arrives(void **state)
{
    struct sb_store *direct = new_store(), *relayed = new_store();
    struct sb_store_writer direct_writer = { .store = direct }, writer = { .store = relayed };
    const struct sb_sink direct_sink = sb_store_sink(&direct_writer), sink = sb_store_sink(&writer);
    struct sb_relay_receiver receiver;
    struct rng pieces = { 5 };
    const int64_t n_runs = getenv("STATBED_TEST_VALGRIND") ? 2 : 4;
    struct sb_buf a, b;

    (void)state;
    sb_relay_receiver_init(&receiver, &sink);
    for (int64_t id = 1; id <= n_runs; id++) {
        struct stream s = send_run(id, (uint64_t)id);
        struct sb_relay_news news;

        assert_int_equal(write_run(&direct_sink, id, (uint64_t)id), 0);
        sb_relay_expect(&receiver, id);
        assert_int_equal(receive(&receiver, &s, &pieces, &news, NULL), 0);
        assert_true(news.over);
        assert_int_equal(news.error, 0);
        assert_string_equal(news.outcome.end, "finished");
        assert_int_equal(news.outcome.success, -1);
        assert_int_equal(news.outcome.n_queries, 7);
        assert_true(news.outcome.n_labels == UINT64_MAX);
        free(s.bytes);
    }
    sb_relay_receiver_fini(&receiver);
    print_store(direct, &a);
    print_store(relayed, &b);
    assert_true(a.n > (size_t)n_runs * N_QUERIES * 100);
    rows_equal(&a, &b);
    sb_buf_fini(&a);
    sb_buf_fini(&b);
    sb_store_close(direct, NULL);
    sb_store_close(relayed, NULL);
}

/* The table of texts sent has 2^15 places: more texts than that are still all there, and known texts
 * are not sent again. */
static void texts_are_sent_once(void **state)
{
    struct sb_store *store = new_store();
    struct sb_store_writer writer = { .store = store };
    const struct sb_sink sink = sb_store_sink(&writer);
    const int fd = memfd_create("relay", MFD_CLOEXEC);
    struct sb_relay_sender sender;
    struct sb_relay_receiver receiver;
    struct sb_sink out;
    const struct sb_store_run run = { .id = 1,
                                      .experiment = 1,
                                      .label = "",
                                      .family = "",
                                      .family_params = "",
                                      .oracle = "",
                                      .policy = "",
                                      .oracle_params = "",
                                      .learner = "",
                                      .learner_params = "",
                                      .goal = "",
                                      .goal_params = "" };
    const size_t n = getenv("STATBED_TEST_VALGRIND") ? 1000 : SB_RELAY_SENT;
    struct stream s;
    struct sb_relay_news news;
    struct sb_buf found;
    char expected[64];

    (void)state;
    assert_int_equal(sb_relay_sender_init(&sender, fd), 0);
    out = sb_relay_sink(&sender);
    assert_int_equal(out.begin(out.self, &run, NULL), 0);
    for (uint64_t i = 0; i < 3 * n; i++) {
        const uint64_t which = i < n ? i % 4 : i % (2 * n);
        const struct sb_store_text named = { sb_digest_of(&which, sizeof which), print,
                                             long_text + LONG - 1000 };
        const struct sb_store_query q = { .seq = i + 1, .oracle = "stat", .eliminated = -1 };

        assert_int_equal(out.query(out.self, &q, &named, NULL), 0);
        if (i == n - 1) /* four texts of 1000 bytes among so many rows */
            assert_true(lseek(fd, 0, SEEK_CUR) < (off_t)(200 * n));
    }
    assert_int_equal(out.end(out.self, &(struct sb_store_end){ .status = "finished" }, NULL), 0);
    assert_int_equal(sb_relay_outcome(&sender, &(struct sb_cell_outcome){ .end = "finished" }), 0);
    sb_relay_sender_fini(&sender);
    s.n = (size_t)lseek(fd, 0, SEEK_END);
    s.bytes = mmap(NULL, s.n, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(s.bytes != MAP_FAILED);
    sb_relay_receiver_init(&receiver, &sink);
    sb_relay_expect(&receiver, 1);
    assert_int_equal(sb_relay_receive(&receiver, s.bytes, s.n, &news, NULL), 0);
    assert_true(news.over);
    sb_relay_receiver_fini(&receiver);
    munmap(s.bytes, s.n);
    close(fd);
    sb_buf_init(&found);
    rows_print(sb_store_handle(store),
               "SELECT count(*) AS n, count(DISTINCT e.digest) AS d, min(length(e.text)) AS l FROM "
               "query q JOIN expression e ON e.id = q.expression",
               &found);
    snprintf(expected, sizeof expected, "n=%zu d=%zu l=999\n", 3 * n, 2 * n);
    assert_string_equal(sb_buf_str(&found), expected);
    sb_buf_fini(&found);
    sb_store_close(store, NULL);
}

static void a_failure_arrives(void **state)
{
    const int fd = memfd_create("relay", MFD_CLOEXEC);
    struct sb_relay_sender sender;
    struct sb_relay_receiver receiver;
    struct sb_diag told, diag;
    struct sb_relay_news news;
    char bytes[4096];
    ssize_t n;

    (void)state;
    sb_diag_init(&told);
    sb_diag_init(&diag);
    sb_diag_fail_at(&told, -EINVAL, "a.yaml", 3, 4, "no such thing");
    sb_diag_fail(&told, -EINVAL, "%s", "");
    assert_int_equal(sb_relay_sender_init(&sender, fd), 0);
    assert_int_equal(sb_relay_failure(&sender, -EFAULT, &told), 0);
    sb_relay_sender_fini(&sender);
    n = pread(fd, bytes, sizeof bytes, 0);
    sb_relay_receiver_init(&receiver, NULL);
    sb_relay_expect(&receiver, 1);
    assert_int_equal(sb_relay_receive(&receiver, bytes, (size_t)n, &news, &diag), 0);
    assert_true(news.over);
    assert_int_equal(news.error, -EFAULT);
    assert_int_equal(diag.n_items, 2);
    assert_string_equal(diag.items[0].file, "a.yaml");
    assert_int_equal(diag.items[0].column, 4);
    assert_string_equal(diag.items[0].text, "no such thing");
    assert_null(diag.items[1].file);
    assert_string_equal(diag.items[1].text, "");
    sb_relay_receiver_fini(&receiver);
    sb_diag_fini(&told);
    sb_diag_fini(&diag);
    close(fd);
}

/* A sink that takes all, so that only what the relay itself finds is an error. */
static int take_run(void *self, const struct sb_store_run *run, struct sb_diag *diag)
{
    (void)self, (void)diag;
    return run->label && strlen(run->label) > LONG;
}
static int take_vector(void *self, const struct sb_digest *d, const double *u, size_t n,
                       struct sb_diag *diag)
{
    (void)self, (void)d, (void)diag;
    return n > LONG && u[n - 1] == 0;
}
static int take_query(void *self, const struct sb_store_query *query,
                      const struct sb_store_text *named, struct sb_diag *diag)
{
    struct sb_buf out;

    (void)self, (void)diag;
    sb_buf_init(&out);
    if (named && named->print)
        named->print(named->self, &out);
    sb_buf_fini(&out);
    return strlen(query->oracle) > LONG;
}
static int take_bound(void *self, const struct sb_store_bound *bound, struct sb_diag *diag)
{
    (void)self, (void)diag;
    return bound->name && strlen(bound->name) > LONG;
}
static int take_fact(void *self, const struct sb_store_fact *fact, struct sb_diag *diag)
{
    (void)self, (void)diag;
    return strlen(fact->name) > LONG || strlen(fact->help) > LONG;
}
static int take_end(void *self, const struct sb_store_end *end, struct sb_diag *diag)
{
    (void)self, (void)diag;
    return end->n_output > 0 && end->output[end->n_output - 1] == 1;
}
static const struct sb_sink taker = { NULL,       take_run,  take_vector, take_query,
                                      take_bound, take_fact, take_end };

/* Where each record of a stream begins; the last entry is its end. */
static size_t find_records(const struct stream *s, size_t *at)
{
    size_t n = 0, i = 0;
    uint32_t length;

    while (i < s->n) {
        at[n++] = i;
        memcpy(&length, s->bytes + i, sizeof length);
        i += SB_FRAME_HEAD + length;
    }
    assert_int_equal(i, s->n);
    at[n] = i;
    return n;
}

/* Feeds one whole stream to a new receiver. */
static int feed(const struct stream *s, bool *over_out)
{
    struct sb_relay_receiver receiver;
    struct sb_relay_news news;
    struct rng pieces = { 7 };
    int error;

    sb_relay_receiver_init(&receiver, &taker);
    sb_relay_expect(&receiver, 1);
    error = receive(&receiver, s, &pieces, &news, NULL);
    *over_out = news.over;
    sb_relay_receiver_fini(&receiver);
    return error;
}

/* One record in place of another, at its end, or twice. */
static void wrong_order(void **state)
{
    static size_t at[3 * N_QUERIES];
    struct stream s = send_run(1, 11), t;
    const size_t n = find_records(&s, at);
    bool over;

    (void)state;
    assert_int_equal(feed(&s, &over), 0);
    assert_true(over);
    /* without its beginning; twice the beginning; END before the rows; a row behind OUTCOME */
    t = (struct stream){ s.bytes + at[1], s.n - at[1] };
    assert_int_equal(feed(&t, &over), -EFAULT);
    t.bytes = malloc(2 * s.n);
    memcpy(t.bytes, s.bytes, at[1]);
    memcpy(t.bytes + at[1], s.bytes, s.n);
    t.n = at[1] + s.n;
    assert_int_equal(feed(&t, &over), -EFAULT);
    memcpy(t.bytes + at[1], s.bytes + at[n - 2], at[n - 1] - at[n - 2]);
    memcpy(t.bytes + at[1] + at[n - 1] - at[n - 2], s.bytes + at[1], at[2] - at[1]);
    t.n = at[2] + at[n - 1] - at[n - 2];
    assert_int_equal(feed(&t, &over), -EFAULT);
    memcpy(t.bytes, s.bytes, s.n);
    memcpy(t.bytes + s.n, s.bytes + at[1], at[2] - at[1]);
    t.n = s.n + at[2] - at[1];
    {
        struct sb_relay_receiver receiver;
        struct sb_relay_news news;

        sb_relay_receiver_init(&receiver, &taker);
        sb_relay_expect(&receiver, 1);
        assert_int_equal(sb_relay_receive(&receiver, t.bytes, t.n, &news, NULL), -EFAULT);
        sb_relay_expect(&receiver, 2); /* another run than the stream's */
        assert_int_equal(sb_relay_receive(&receiver, s.bytes, s.n, &news, NULL), -EFAULT);
        sb_relay_receiver_fini(&receiver);
    }
    free(t.bytes);
    free(s.bytes);
}

/* Every record a byte shorter and a byte longer than what it holds. */
static void wrong_lengths(void **state)
{
    static size_t at[3 * N_QUERIES];
    struct stream s = send_run(1, 12);
    const size_t n = find_records(&s, at);

    (void)state;
    for (size_t i = 0; i < n; i += i < 3 || i + 9 > n ? 1 : 97) {
        uint32_t length, changed;

        memcpy(&length, s.bytes + at[i], sizeof length);
        for (int by = -1; by <= 1; by += 2) {
            struct stream cut = { s.bytes, at[i + 1] };
            bool over;

            changed = length + (uint32_t)by;
            if (by > 0 && i + 1 == n)
                continue; /* there is no such byte */
            cut.n += by > 0;
            memcpy(s.bytes + at[i], &changed, sizeof changed);
            assert_int_equal(feed(&cut, &over), -EFAULT);
            assert_false(over);
        }
        memcpy(s.bytes + at[i], &length, sizeof length);
    }
    free(s.bytes);
}

/* A length alone costs the receiver nothing, and one beyond all bounds is refused at once. */
static void huge_lengths(void **state)
{
    struct stream s = send_run(1, 13);
    const uint32_t huge[] = { SB_RELAY_MAX + 1u, UINT32_MAX };
    bool over;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(huge); i++) {
        const struct stream head = { s.bytes, SB_FRAME_HEAD };

        memcpy(s.bytes, &huge[i], sizeof huge[i]);
        assert_int_equal(feed(&head, &over), -EFAULT);
    }
    free(s.bytes);
}

/* Random bytes changed: it may go unnoticed in a number, but nothing is read beside the stream. */
static void random_damage(void **state)
{
    struct stream s = send_run(1, 14), t = { malloc(s.n), s.n };
    struct rng r = { 15 };
    size_t n_refused = 0;

    (void)state;
    s.n = t.n = s.n < 40000 ? s.n : 40000; /* rows of every kind but the last */
    for (int i = 0; i < 400; i++) {
        bool over;
        int error;

        memcpy(t.bytes, s.bytes, s.n);
        for (uint32_t k = 1 + rng_below(&r, 4); k > 0; k--)
            t.bytes[rng_below(&r, (uint32_t)s.n)] = (uint8_t)rng_next(&r);
        error = feed(&t, &over);
        assert_true(error == 0 || error == -EFAULT);
        n_refused += error != 0;
    }
    assert_true(n_refused > 40);
    free(s.bytes);
    free(t.bytes);
}

/* A text that is said to be known but is not on record: nothing may be stored in its place. */
static void unknown_text(void **state)
{
    struct sb_store *store = new_store();
    struct sb_store_writer writer = { .store = store };
    const struct sb_sink sink = sb_store_sink(&writer);
    const struct sb_store_run run = { .id = 1,
                                      .experiment = 1,
                                      .label = "",
                                      .family = "",
                                      .family_params = "",
                                      .oracle = "",
                                      .policy = "",
                                      .oracle_params = "",
                                      .learner = "",
                                      .learner_params = "",
                                      .goal = "",
                                      .goal_params = "" };
    const struct sb_store_query q = { .seq = 1, .oracle = "stat", .eliminated = -1 };
    const struct sb_store_text known = { .digest = sb_digest_of("a", 1) };
    struct sb_buf found;

    (void)state;
    assert_int_equal(sink.begin(sink.self, &run, NULL), 0);
    assert_int_equal(sink.query(sink.self, &q, &known, NULL), -EFAULT);
    sb_buf_init(&found);
    rows_print(sb_store_handle(store),
               "SELECT (SELECT count(*) FROM expression) + (SELECT count(*) FROM query) AS n",
               &found);
    assert_string_equal(sb_buf_str(&found), "n=0\n");
    sb_buf_fini(&found);
    sb_store_close(store, NULL);
}

/* No field of a row is forgotten: between those that are sent there is padding alone. */
static void check_fields(const struct sb_relay_field *fields, size_t size, size_t left_out)
{
    uint8_t sent[1024] = { 0 };
    size_t missing = 0;

    assert_true(size <= sizeof sent);
    for (const struct sb_relay_field *f = fields; f->kind != SB_RELAY_LAST; f++) {
        memset(sent + f->offset, 1, f->size);
        if (f->kind == SB_RELAY_BLOB)
            memset(sent + f->length, 1, sizeof(size_t));
    }
    for (size_t i = 0; i < size; i += 8) {
        size_t n = 0;

        while (n < 8 && sent[i + n])
            n++;
        missing += n == 0; /* eight bytes and more are a field, fewer at an end padding */
        for (; n < 8; n++)
            assert_false(sent[i + n]);
    }
    assert_int_equal(missing, left_out);
}

static void all_fields(void **state)
{
    (void)state;
    check_fields(sb_relay_run, sizeof(struct sb_store_run), 0);
    check_fields(sb_relay_query, sizeof(struct sb_store_query), 1); /* expression: an id */
    check_fields(sb_relay_bound, sizeof(struct sb_store_bound), 0);
    check_fields(sb_relay_fact, sizeof(struct sb_store_fact), 0);
    check_fields(sb_relay_end, sizeof(struct sb_store_end), 0);
    check_fields(sb_relay_cell, sizeof(struct sb_cell_outcome), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_arrives), cmocka_unit_test(texts_are_sent_once),
        cmocka_unit_test(a_failure_arrives), cmocka_unit_test(wrong_order),
        cmocka_unit_test(wrong_lengths),     cmocka_unit_test(huge_lengths),
        cmocka_unit_test(random_damage),     cmocka_unit_test(unknown_text),
        cmocka_unit_test(all_fields),
    };
    int failed;

    long_text = malloc(LONG);
    if (!long_text)
        return 1;
    memset(long_text, 'x', LONG - 1);
    long_text[LONG - 1] = '\0';
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(long_text);
    return failed;
}
