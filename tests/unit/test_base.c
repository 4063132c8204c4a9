/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base: buffers, digests, numbers as text, nearest names. */
#include "unit.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <float.h>
#include <unistd.h>

/* FIPS 180-2, appendix B.1 */
static void test_sha256_vector(void **state)
{
    char hex[65];
    const struct sb_digest d = sb_digest_of("abc", 3);

    (void)state;
    sb_digest_hex(&d, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_digest_as_text(void **state)
{
    const struct sb_digest d = sb_digest_of("abc", 3);
    struct sb_digest back = { { 0 } };
    char hex[66];

    (void)state;
    sb_digest_hex(&d, hex);
    assert_true(sb_digest_parse(hex, &back));
    assert_true(sb_digest_equal(&d, &back));
    hex[0] = 'B';
    assert_true(sb_digest_parse(hex, &back) && sb_digest_equal(&d, &back));
    strcat(hex, "0");
    assert_false(sb_digest_parse(hex, &back));
    hex[63] = '\0';
    assert_false(sb_digest_parse(hex, &back));
    hex[5] = 'g';
    assert_false(sb_digest_parse(hex, &back));
    assert_false(sb_digest_parse("", &back));
}

static void test_whole_files(void **state)
{
    char path[] = "/tmp/statbed-file-XXXXXX";
    const int fd = mkstemp(path);
    char *text = NULL;
    size_t n = 0;

    (void)state;
    assert_int_equal(write(fd, "a\0b", 3), 3);
    close(fd);
    assert_int_equal(sb_file_text(path, 2, &text, &n), -EFBIG);
    assert_null(text);
    assert_int_equal(sb_file_text(path, 3, &text, &n), 0);
    assert_int_equal(n, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    assert_true(sb_file_is(path));
    unlink(path);
    assert_false(sb_file_is(path) || sb_file_is("/tmp"));
    assert_int_equal(sb_file_text(path, 3, &text, &n), -ENOENT);
    assert_int_equal(sb_file_text("/tmp", 3, &text, &n), -EISDIR);
}

static void test_real_round_trip(void **state)
{
    const double v[] = { 0, 1, -1, 0.1, 1.0 / 3, DBL_MAX, DBL_MIN, 5e-324, 1e22, 123456789.125 };
    char text[32];
    double back;

    (void)state;
    for (size_t i = 0; i < SB_COUNT(v); i++) {
        sb_format_real(v[i], text);
        assert_true(sb_parse_real(text, &back));
        assert_same(back, v[i]);
    }
    sb_format_real(0.1, text);
    assert_string_equal(text, "0.1");
    sb_format_real(-60, text);
    assert_string_equal(text, "-60");
    sb_format_real(-0.0, text);
    assert_string_equal(text, "0");
    sb_format_real(1e22, text);
    assert_string_equal(text, "1e+22");
}

static void test_malformed_numbers_are_refused(void **state)
{
    static const char *const bad[] = { "",    "1e-3x", "nan", "inf", "0x10", "+1", " 1",  "1 ",
                                       "017", "1e999", ".5",  "1.",  "--1",  "1e", "1e+", "1_0" };
    double v = 42;
    int64_t i = 42;

    (void)state;
    for (size_t k = 0; k < SB_COUNT(bad); k++) {
        if (sb_parse_real(bad[k], &v) || sb_parse_int(bad[k], &i))
            fail_msg("'%s' was taken for a number", bad[k]);
    }
    assert_same(v, 42);
    assert_false(sb_parse_int("0.5", &i));
    assert_false(sb_parse_int("9223372036854775808", &i));
    assert_true(sb_parse_int("1e6", &i));
    assert_int_equal(i, 1000000);
    assert_true(sb_parse_int("-9223372036854775807", &i));
    assert_int_equal(i, -INT64_MAX);
}

static void test_nearest_name(void **state)
{
    static const char *const names[] = { "dimension", "tolerance", "policy" };

    (void)state;
    assert_string_equal(sb_nearest("dimenson", names, 3), "dimension");
    assert_string_equal(sb_nearest("polcy", names, 3), "policy");
    assert_null(sb_nearest("zebra", names, 3));
    assert_string_equal(sb_nearest("dim", names, 3), "dimension");
    assert_null(sb_nearest("d", names, 3));
    assert_null(sb_nearest("po", (const char *const[]){ "policy", "position" }, 2));
}

static void test_reader_stops_at_the_end(void **state)
{
    struct sb_buf b;
    struct sb_reader r;
    char *text;

    (void)state;
    sb_buf_init(&b);
    sb_buf_u32(&b, 7);
    sb_buf_text(&b, "abc");
    sb_reader_init(&r, b.data, b.n);
    assert_int_equal(sb_read_u32(&r), 7);
    text = sb_read_text(&r);
    assert_string_equal(text, "abc");
    free(text);
    assert_false(r.failed);
    assert_int_equal(sb_read_u64(&r), 0);
    assert_true(r.failed);
    /* a text that claims more bytes than there are */
    sb_buf_clear(&b);
    sb_buf_u32(&b, 1000);
    sb_reader_init(&r, b.data, b.n);
    assert_null(sb_read_text(&r));
    assert_true(r.failed);
    sb_buf_fini(&b);
}

/* A text for which there was no memory makes no half document. */
static void test_json_without_a_text_has_failed(void **state)
{
    struct sb_buf out;
    struct sb_json json = { .out = &out };

    (void)state;
    sb_buf_init(&out);
    sb_json_object(&json, NULL);
    sb_json_text(&json, "a", NULL);
    sb_json_end_object(&json);
    assert_true(out.failed);
    sb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_vector),
        cmocka_unit_test(test_digest_as_text),
        cmocka_unit_test(test_whole_files),
        cmocka_unit_test(test_json_without_a_text_has_failed),
        cmocka_unit_test(test_real_round_trip),
        cmocka_unit_test(test_malformed_numbers_are_refused),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_reader_stops_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
