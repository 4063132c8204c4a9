/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: strict numbers in, shortest exact numbers out, the nearest known name. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [-] digits [. digits] [e [+-] digits], without a leading zero before another digit */
static bool is_decimal(const char *s)
{
    const char *digits;

    s += *s == '-';
    digits = s;
    while (isdigit((unsigned char)*s))
        s++;
    if (s == digits || (s - digits > 1 && *digits == '0'))
        return false;
    if (*s == '.') {
        s++;
        if (!isdigit((unsigned char)*s))
            return false;
        while (isdigit((unsigned char)*s))
            s++;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        if (!isdigit((unsigned char)*s))
            return false;
        while (isdigit((unsigned char)*s))
            s++;
    }
    return *s == '\0';
}

bool sb_parse_real(const char *s, double *out)
{
    double v;

    if (!is_decimal(s))
        return false;
    v = strtod(s, NULL);
    if (!(v >= -DBL_MAX && v <= DBL_MAX))
        return false;
    *out = v;
    return true;
}

bool sb_parse_u64(const char *s, uint64_t *out)
{
    char *end;
    double real;
    unsigned long long v;

    if (*s == '-' || !is_decimal(s))
        return false;
    errno = 0;
    v = strtoull(s, &end, 10);
    if (*end == '\0') {
        if (errno == ERANGE)
            return false;
        *out = v;
        return true;
    }
    /* 1e6: whole, and small enough that the double is the number meant */
    if (!sb_parse_real(s, &real) || real != floor(real) || real > 9007199254740992.0)
        return false;
    *out = (uint64_t)real;
    return true;
}

bool sb_parse_int(const char *s, int64_t *out)
{
    const bool negative = *s == '-';
    uint64_t v;

    if (!sb_parse_u64(s + negative, &v) || v > (uint64_t)INT64_MAX)
        return false;
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

void sb_format_real(double v, char out[32])
{
    v += 0.0;
    if (v == floor(v) && fabs(v) < 1e15) {
        snprintf(out, 32, "%.0f", v); /* 60, where %g has 6e+01 */
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            return;
    }
}

static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t row[LONGEST + 1];
    const size_t n = strlen(a), m = strlen(b);

    if (n > LONGEST || m > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t change = diagonal + (a[i - 1] != b[j - 1]);
            const size_t edit = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);

            diagonal = row[j];
            row[j] = change < edit ? change : edit;
        }
    }
    return row[m];
}

/* The one name that begins with `found`, as dimension does with dim; NULL where several do, or none. */
static const char *begins_alone(const char *found, const char *const *names, size_t n)
{
    const size_t length = strlen(found);
    const char *only = NULL;

    for (size_t i = 0; i < n && length >= 2; i++) {
        if (strncmp(names[i], found, length) != 0)
            continue;
        if (only)
            return NULL;
        only = names[i];
    }
    return only;
}

const char *sb_nearest(const char *found, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        const size_t d = distance(found, names[i]);

        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    /* a third of the letters may differ */
    return best && least <= 1 + strlen(found) / 3 ? best : begins_alone(found, names, n);
}
