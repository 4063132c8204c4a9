/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A matrix of correlations from a file with commas. A Gram matrix of functions to {-1,1} is K for fair
 * labels. */
#include "base/diag.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "bounds/correlate_parts.h"
#include "bounds/eigenvalue.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_ROWS = 2048 };
#define MOST_BYTES ((size_t)MOST_ROWS * MOST_ROWS * 32)
#define MOST_SIZE 1e100 /* of a number: sums of products stay finite */
#define SYMMETRY 1e-9   /* relative to 1 + |K_ij| */
#define ROUNDED 1e-6 /* least eigenvalue allowed, relative to n times the largest entry: below 0 */

struct reader {
    const char *path;
    struct sb_diag *diag;
    uint32_t line;
    double *row; /* MOST_ROWS */
};

static char *trim(char *s)
{
    char *end = s + strlen(s);

    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    return s + strspn(s, " \t");
}

/* The numbers of one line, which is cut up, into r->row; 1: it has none, but fields. */
static int read_line(struct reader *r, char *line, size_t *n_out)
{
    const char *wrong = NULL;
    size_t n = 0, n_numbers = 0, wrong_at = 0;

    for (char *field = line, *next; field; field = next) {
        char *comma = strchr(field, ',');
        char *text;

        next = comma ? comma + 1 : NULL;
        if (comma)
            *comma = '\0';
        text = trim(field);
        if (n == MOST_ROWS)
            return sb_diag_fail_at(r->diag, -EINVAL, r->path, r->line, (uint32_t)(field - line) + 1,
                                   "column 2049; give at most 2048 rows and columns");
        if (sb_parse_real(text, &r->row[n]) && fabs(r->row[n]) <= MOST_SIZE) {
            n_numbers++;
        } else if (!wrong) {
            wrong = text;
            wrong_at = (size_t)(text - line);
        }
        n++;
    }
    *n_out = n;
    if (wrong && !n_numbers && r->line == 1)
        return 1;
    if (!wrong)
        return 0;
    return sb_diag_fail_at(r->diag, -EINVAL, r->path, r->line, (uint32_t)wrong_at + 1,
                           "'%.40s' is no number up to 1e100; expected a decimal such as -0.25",
                           wrong);
}

static void cut_return(char *line)
{
    const size_t n = strlen(line);

    if (n && line[n - 1] == '\r')
        line[n - 1] = '\0';
}

static bool is_blank(const char *line)
{
    return !line[strspn(line, " \t")];
}

/* What has been read. */
struct rows {
    double *K; /* owned by who reads */
    size_t n, n_done;
};

static int add_row(struct reader *r, struct rows *rows, size_t n)
{
    if (!rows->n_done) {
        rows->n = n;
        rows->K = SB_NEW_ARRAY(double, n *n);
        if (!rows->K)
            return sb_diag_fail(r->diag, -ENOMEM, "%s: no memory for a matrix of %zu rows", r->path,
                                n);
    }
    if (n != rows->n)
        return sb_diag_fail_at(r->diag, -EINVAL, r->path, r->line, 1,
                               "%zu numbers; expected %zu, as in the rows before", n, rows->n);
    if (rows->n_done == n)
        return sb_diag_fail_at(r->diag, -EINVAL, r->path, r->line, 1,
                               "one row more than the %zu columns; expected a square matrix", n);
    memcpy(rows->K + rows->n_done++ * n, r->row, n * sizeof *r->row);
    return 0;
}

static int read_rows(struct reader *r, char *text, struct rows *rows)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as spreadsheets write it */
    char *const first = text + (strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0);
    int error = 0;

    for (char *line = first, *next; line && !error; line = next) {
        char *end = strchr(line, '\n');
        size_t n = 0;

        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        r->line++;
        cut_return(line);
        if (is_blank(line))
            continue;
        error = read_line(r, line, &n);
        if (error == 1)
            error = 0;
        else if (!error)
            error = add_row(r, rows, n);
    }
    if (!error && (!rows->n_done || rows->n_done < rows->n))
        error =
            sb_diag_fail(r->diag, -EINVAL, "%s: %zu rows of %zu numbers; expected a square matrix",
                         r->path, rows->n_done, rows->n);
    return error;
}

/* Makes it symmetric; its error is what that changes and what its decimals may have lost. */
static int make_symmetric(const struct reader *r, double *K, size_t n, double *error_out)
{
    double error = 0, most = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double a = K[i * n + j], b = K[j * n + i];

            if (!(fabs(a - b) <= SYMMETRY * (1 + fabs(a))))
                return sb_diag_fail(r->diag, -EINVAL,
                                    "%s: row %zu has %.12g in column %zu, row %zu has %.12g in "
                                    "column %zu; expected a symmetric matrix",
                                    r->path, i + 1, a, j + 1, j + 1, b, i + 1);
            K[i * n + j] = K[j * n + i] = (a + b) / 2;
            error = fmax(error, fabs(a - b) / 2);
            most = fmax(most, fabs(a));
        }
    *error_out = (error + most * 0x1p-52) * (1 + 0x1p-40);
    return 0;
}

/* Are all eigenvalues above a little less than 0? */
static int check_definite(const struct reader *r, const double *K, size_t n)
{
    double *a SB_FREE = SB_NEW_ARRAY(double, n *n);
    double *panel SB_FREE = SB_NEW_ARRAY(double, sb_cholesky_room(n));
    double most = 0;

    if (!a || !panel)
        return sb_diag_fail(r->diag, -ENOMEM, "%s: no memory for a matrix of %zu rows", r->path, n);
    for (size_t i = 0; i < n * n; i++)
        most = fmax(most, fabs(K[i]));
    if (!(most > 0))
        return 0;
    memcpy(a, K, n * n * sizeof *a);
    for (size_t i = 0; i < n; i++)
        a[i * n + i] += ROUNDED * (double)n * most;
    if (!sb_cholesky(a, n, panel))
        return sb_diag_fail(
            r->diag, -EINVAL,
            "%s: the matrix has a negative eigenvalue; expected correlations, which "
            "are inner products",
            r->path);
    return 0;
}

/* Bytes to read at most: of a file its own, of a pipe what is allowed. */
static size_t most_bytes(const char *path)
{
    struct stat st;
    const bool known = stat(path, &st) == 0 && S_ISREG(st.st_mode);

    return known && (size_t)st.st_size < MOST_BYTES ? (size_t)st.st_size : MOST_BYTES;
}

static int read_matrix(struct reader *r, struct sb_correlations *out)
{
    char *text SB_FREE = NULL;
    struct rows rows = { 0 };
    size_t n_bytes;
    int error = sb_file_text(r->path, most_bytes(r->path), &text, &n_bytes);

    if (error)
        return sb_diag_fail(r->diag, error, "%s: %s", r->path,
                            error == -EFBIG ? "more than 128 MiB" : strerror(-error));
    if (strlen(text) != n_bytes)
        return sb_diag_fail(r->diag, -EINVAL, "%s: a zero byte; expected text", r->path);
    error = read_rows(r, text, &rows);
    out->matrix = rows.K;
    out->n = (double)rows.n;
    if (!error)
        error = make_symmetric(r, rows.K, rows.n, &out->matrix_error);
    if (!error)
        error = check_definite(r, rows.K, rows.n);
    return error;
}

int sb_correlations_read_csv(const char *path, struct sb_correlations *out, struct sb_diag *diag)
{
    double *row SB_FREE = SB_NEW_ARRAY(double, MOST_ROWS);
    struct reader r = { .path = path, .diag = diag, .row = row };
    int error;

    sb_correlations_init(out, 0);
    out->how = "matrix";
    error = row ? read_matrix(&r, out) : -ENOMEM;
    if (!error) {
        error = sb_correlations_from_matrix(out);
        if (error)
            sb_diag_fail(diag, error, "%s: no memory for its eigenvalues", path);
    }
    if (error)
        sb_correlations_fini(out);
    return error;
}
