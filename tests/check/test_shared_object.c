/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a shared object's tables: what a real one exports, and that no spoilt file is read past
 * its end (which the sanitizers would see). */
#include "check/check.h"
#include "check/shared_object.h"
#include "numeric/random.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *plugin(const char *flaw)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/flawed_%s.so", getenv("STATBED_TEST_PLUGINS"), flaw);
    return path;
}

static bool wants(const struct sb_elf *elf, const char *name)
{
    for (size_t i = 0; i < elf->n_undefined; i++)
        if (strcmp(elf->undefined[i].name, name) == 0)
            return true;
    return false;
}

static void a_plugin_is_read(void **state)
{
    struct sb_elf elf;

    (void)state;
    assert_int_equal(sb_elf_read(plugin("exports"), &elf, NULL), 0);
    assert_true(sb_elf_defines(&elf, "statbed_learner"));
    assert_true(sb_elf_defines(&elf, "flawed_table"));
    assert_false(sb_elf_defines(&elf, "malloc"));
    assert_false(sb_elf_defines(&elf, "run")); /* static */
    assert_true(wants(&elf, "malloc"));
    assert_true(elf.n_needed > 0); /* libc, or a sanitizer's in its place */
    for (size_t i = 0; i < elf.n_needed; i++)
        assert_non_null(strstr(elf.needed[i], ".so."));
    sb_elf_fini(&elf);
}

static void write_file(const char *path, const uint8_t *bytes, size_t n)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void assert_refused(const char *path)
{
    const struct sb_check_suite *suite;
    struct sb_elf elf;
    struct sb_diag diag;

    sb_diag_init(&diag);
    assert_int_equal(sb_elf_read(path, &elf, &diag), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    assert_int_equal(sb_check_suite_find(path, &suite, &diag), -EINVAL);
    sb_diag_fini(&diag);
}

static void what_is_none_is_refused(void **state)
{
    static const uint8_t text[] = "int main(void) { return 0; }\n";
    char path[] = "/tmp/statbed-check-XXXXXX";
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_refused(path); /* empty */
    write_file(path, text, sizeof text - 1);
    assert_refused(path);
    write_file(path, (const uint8_t *)"\177ELF", 4);
    assert_refused(path);
    assert_int_equal(unlink(path), 0);
    assert_refused(path);   /* not there */
    assert_refused("/tmp"); /* a folder */
}

/* Shared objects and programs that export no plugin. */
static void what_exports_nothing_is_no_plugin(void **state)
{
    const struct sb_check_suite *suite;
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    assert_int_equal(sb_check_suite_find("/proc/self/exe", &suite, &diag), -EINVAL);
    assert_int_equal(diag.n_items, 1);
    sb_diag_fini(&diag);
}

/* Cut anywhere, or with bytes changed, mostly in its head and tables: read or refused. */
static void spoilt_files_do_no_harm(void **state)
{
    const struct sb_key key = sb_key_derive("spoil", "", 0);
    char path[] = "/tmp/statbed-check-XXXXXX";
    const int fd = mkstemp(path);
    struct sb_elf whole, elf;
    uint8_t *bytes;
    size_t n;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(sb_elf_read(plugin("none"), &whole, NULL), 0);
    n = whole.n;
    bytes = malloc(n);
    assert_non_null(bytes);
    for (uint64_t round = 0; round < 400; round++) {
        const bool cut = round % 4 == 0;
        const size_t length = cut ? sb_random_below(key, 2 * round, n) : n;

        memcpy(bytes, whole.bytes, n);
        for (uint64_t i = 0; i < 8 && !cut; i++) {
            uint64_t word;
            size_t at;

            sb_random_words(key, 2 * round + 1, i, 1, &word);
            /* the head, the section table at the end, or anywhere */
            at = i % 3 == 0 ? word % 64 : i % 3 == 1 ? n - 1 - word % 2400 : word % n;
            bytes[at] = (uint8_t)(word >> 56);
        }
        write_file(path, bytes, length);
        if (sb_elf_read(path, &elf, NULL) == 0)
            sb_elf_fini(&elf);
    }
    free(bytes);
    sb_elf_fini(&whole);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_is_read),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(what_exports_nothing_is_no_plugin),
        cmocka_unit_test(spoilt_files_do_no_harm),
    };

    return cmocka_run_group_tests_name("check: shared objects", tests, NULL, NULL);
}
