/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between two runs of one cell. A run has several aspects, each a list of texts under
 * names; of each aspect the first text that differs is written, with both sides. */
#include "base/memory.h"
#include "base/text.h"
#include "runner/compare.h"
#include "store/stepping.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define QUERIES                                                                                    \
    " FROM query q LEFT JOIN expression e ON e.id = q.expression"                                  \
    " WHERE q.id BETWEEN (?1 << 32) AND (?1 << 32) + 4294967295 ORDER BY q.id"
/* -0.0 is 0.0, in digests too. SQLite's printf has 16 digits: too few to tell two numbers apart. */
#define REAL(column) "coalesce(sb_exact(q." column " + 0.0), '-')"
#define ANSWER                                                                                     \
    "SELECT 'query ' || q.seq, q.oracle || ' ' || coalesce(e.text, '(none)') || ' tolerance ' "    \
    "|| " REAL("tolerance") " || ': ' || q.status || ' ' || " REAL("answer")

enum {
    DIGEST = 1 << SB_REPLAY_DIGEST,
    ANSWERS = 1 << SB_REPLAY_ANSWERS,
    COUNTS = 1 << SB_REPLAY_COUNTS
};
enum {
    FROM_ROWS = 1, /* only where both runs have their queries */
    FIRST = 2,     /* only where nothing differed so far: else it is sure to */
    IN_BOTH = 4    /* a name that one side lacks says nothing: it was not recorded */
};

struct aspect {
    unsigned levels, flags;
    const char *sql; /* of ?1, a run: names and texts, in the order of the names with IN_BOTH */
};

static const struct aspect aspects[] = {
    { DIGEST, FROM_ROWS,
      ANSWER " || coalesce(' eliminated ' || q.eliminated, '') ||"
             " iif(q.cost > 1, ' cost ' || q.cost, '')" QUERIES },
    { ANSWERS, FROM_ROWS, ANSWER QUERIES },
    { DIGEST, FIRST,
      "SELECT iif(summary, 'digest of the transcript', 'the digests differ, the stored queries do "
      "not: the recorded digest was changed'), transcript FROM run WHERE id = ?1" },
    { DIGEST, FROM_ROWS | FIRST,
      "SELECT 'the same answers under different certificates: query ' || q.seq,"
      " coalesce(q.method, '(none)') || ' half-width ' || " REAL(
          "half_width") " || ' of ' ||"
                        " q.samples || ' samples' || iif(q.clipped, ' clipped', '') ||"
                        " iif(q.from_null, ' from the null', '')" QUERIES },
    { DIGEST, FIRST,
      "SELECT 'the same answers under different certificates: digest', certificates FROM run"
      " WHERE id = ?1" },
    { DIGEST | ANSWERS | COUNTS, 0,
      "SELECT 'outcome', status || ', ' || n_queries || ' queries, ' || n_answered || ' answered, '"
      " || n_labels || ' labels, ' || n_examples || ' examples, success ' || coalesce(success, '-')"
      " FROM run WHERE id = ?1" },
    { DIGEST | ANSWERS, FIRST | IN_BOTH,
      "SELECT 'hidden', hidden FROM run WHERE id = ?1 AND hidden IS NOT NULL" },
    { DIGEST | ANSWERS, FIRST | IN_BOTH,
      "SELECT 'hypothesis', hypothesis FROM run WHERE id = ?1 AND hypothesis IS NOT NULL" },
    { DIGEST | ANSWERS, FIRST | IN_BOTH,
      "SELECT 'members left', n_live FROM run WHERE id = ?1 AND n_live IS NOT NULL" },
    { DIGEST, FIRST | IN_BOTH,
      "SELECT 'loss', printf('%.6g', loss) FROM run WHERE id = ?1 AND loss IS NOT NULL" },
    { DIGEST | ANSWERS, FIRST | IN_BOTH,
      "SELECT 'fact ' || name, coalesce(printf('%.9g', value), 'not known') FROM fact WHERE run = "
      "?1"
      " ORDER BY name" },
    /* rounded: bounds may use libm, which differs between machines in the last digits */
    { DIGEST | ANSWERS, FIRST | IN_BOTH,
      "SELECT 'bound ' || name, iif(applies, 'applies', 'does not apply') ||"
      " iif(log2_queries IS NULL, '', printf(': 2^%.6f queries', log2_queries)) ||"
      " iif(success_ub IS NULL, '', printf(', success at most %.6g', success_ub)) ||"
      " iif(success_per_query IS NULL, '', printf(', of q queries %.6g + %.6g q', success_at_zero, "
      "success_per_query))"
      " FROM bound WHERE run = ?1 ORDER BY name" },
};

/* sb_exact(x): the shortest decimal that is x and no other number; NULL for NULL. */
static void exact(sqlite3_context *context, int n, sqlite3_value **values)
{
    const double v = sqlite3_value_double(values[0]);
    char text[32];

    (void)n;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    if (isfinite(v))
        sb_format_real(v, text);
    sqlite3_result_text(context, isfinite(v) ? text : v > 0 ? "inf" : "-inf", -1, SQLITE_TRANSIENT);
}

int sb_compare_prepare(struct sb_store *store, struct sb_diag *diag)
{
    if (sqlite3_create_function_v2(sb_store_handle(store), "sb_exact", 1,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, exact, NULL, NULL,
                                   NULL) == SQLITE_OK)
        return 0;
    return sb_diag_fail(diag, -ENOMEM, "out of memory");
}

/* Two statements that are stepped side by side. */
struct lists {
    struct sb_store *store[2];
    sqlite3_stmt *stmt[2];
    bool more[2];
};

static int open_list(struct lists *l, int side, const char *sql, int64_t run, struct sb_diag *diag)
{
    const int error = sb_step_prepare(l->store[side], sql, &l->stmt[side], diag);

    if (!error)
        sqlite3_bind_int64(l->stmt[side], 1, run);
    return error;
}

static int step(struct lists *l, int side, struct sb_diag *diag)
{
    return sb_step_next(l->store[side], l->stmt[side], &l->more[side], diag);
}

/* Steps past names that one side lacks. */
static int meet(struct lists *l, struct sb_diag *diag)
{
    int error = 0;

    while (!error && l->more[0] && l->more[1]) {
        const int order = strcmp(sb_step_text(l->stmt[0], 0), sb_step_text(l->stmt[1], 0));

        if (!order)
            return 0;
        error = step(l, order > 0, diag);
    }
    l->more[0] = l->more[1] = false;
    return error;
}

static bool same(const struct lists *l)
{
    return l->more[0] && l->more[1] &&
           strcmp(sb_step_text(l->stmt[0], 1), sb_step_text(l->stmt[1], 1)) == 0;
}

static const char *side_text(const struct lists *l, int side)
{
    return l->more[side] ? sb_step_text(l->stmt[side], 1) : "(none: the run ended)";
}

static void tell(const struct sb_compare_pair *pair, const struct lists *l, struct sb_buf *out)
{
    sb_buf_printf(out, "%s: %s\n  recorded: %s\n  replayed: %s\n", pair->name,
                  sb_step_text(l->stmt[l->more[0] ? 0 : 1], 0), side_text(l, 0), side_text(l, 1));
}

/* Writes the first text that differs. */
static int walk(const struct sb_compare_pair *pair, const struct aspect *aspect, struct lists *l,
                struct sb_buf *out, struct sb_diag *diag)
{
    int error = 0;

    while (!error) {
        error = step(l, 0, diag);
        if (!error)
            error = step(l, 1, diag);
        if (!error && (aspect->flags & IN_BOTH))
            error = meet(l, diag);
        if (error || (!l->more[0] && !l->more[1]))
            break;
        if (!same(l)) {
            tell(pair, l, out);
            break;
        }
    }
    return error;
}

static int compare_aspect(const struct sb_compare_pair *pair, const struct aspect *aspect,
                          struct sb_buf *out, struct sb_diag *diag)
{
    struct lists l = { .store = { pair->recorded, pair->replayed } };
    int error = open_list(&l, 0, aspect->sql, pair->a, diag);

    if (!error)
        error = open_list(&l, 1, aspect->sql, pair->b, diag);
    if (!error)
        error = walk(pair, aspect, &l, out, diag);
    sqlite3_finalize(l.stmt[0]);
    sqlite3_finalize(l.stmt[1]);
    return error;
}

int sb_compare_pair(const struct sb_compare_pair *pair, enum sb_replay_level level,
                    struct sb_buf *out, struct sb_diag *diag)
{
    const size_t before = out->n;
    int error = 0;

    for (size_t i = 0; i < SB_COUNT(aspects) && !error; i++) {
        const struct aspect *aspect = &aspects[i];

        if (!(aspect->levels & 1u << level) || ((aspect->flags & FROM_ROWS) && !pair->rows) ||
            ((aspect->flags & FIRST) && out->n > before))
            continue;
        error = compare_aspect(pair, aspect, out, diag);
    }
    return error;
}
