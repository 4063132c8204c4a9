/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions as data: nodes and their checks, text, bytes. */
#include "random_expr.h"

static sb_expr parse(struct sb_pool *pool, const char *text)
{
    struct sb_diag diag;
    sb_expr e;

    sb_diag_init(&diag);
    e = sb_expr_parse(pool, text, &diag);
    if (!e)
        fail_msg("'%s': %s", text, diag.n_items ? diag.items[0].text : "no message");
    sb_diag_fini(&diag);
    return e;
}

static sb_expr constant(struct sb_pool *pool, double v)
{
    return sb_pool_op(pool, SB_CONST, &v, 1, NULL, 0);
}

static sb_expr binary(struct sb_pool *pool, uint32_t op, sb_expr a, sb_expr b)
{
    const sb_expr arg[2] = { a, b };

    return sb_pool_op(pool, op, NULL, 0, arg, 2);
}

static void test_equal_nodes_are_one(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(0));
    const uint32_t mark = sb_pool_mark(pool);
    const sb_expr a = parse(pool, "x0*y + 1"), b = parse(pool, " ( x0 * y )+1.0 ");
    uint32_t before;

    (void)state;
    assert_int_equal(a, b);
    assert_int_equal(sb_pool_node(pool, a)->n_tree, 5);
    assert_int_equal(constant(pool, 0.0), constant(pool, -0.0));
    before = sb_pool_mark(pool);
    assert_int_not_equal(parse(pool, "x0*y + 2"), a);
    sb_pool_forget(pool, before);
    assert_null(sb_pool_node(pool, before + 1));
    assert_int_equal(parse(pool, "x0*y + 1"), a);
    sb_pool_forget(pool, mark);
    assert_null(sb_pool_node(pool, a));
    sb_pool_free(pool);
}

static void test_nodes_are_checked(void **state)
{
    static const struct {
        uint32_t op;
        double num[3];
        uint64_t n_num, n_arg;
    } bad[] = {
        { 0, { 0 }, 0, 0 },
        { 28, { 0 }, 0, 0 },
        { 1u << 31, { 0 }, 0, 0 },
        { SB_CONST, { 0 }, 0, 0 },
        { SB_CONST, { NAN }, 1, 0 },
        { SB_CONST, { INFINITY }, 1, 0 },
        { SB_CONST, { 1, 1 }, 2, 0 },
        { SB_Y, { 1 }, 1, 0 },
        { SB_X, { RANDOM_DIM }, 1, 0 },
        { SB_X, { -1 }, 1, 0 },
        { SB_X, { 0.5 }, 1, 0 },
        { SB_X, { NAN }, 1, 0 },
        { SB_DOT, { 1, 2, 3 }, 3, 0 },
        { SB_DOT, { 1 }, UINT64_MAX, 0 },
        { SB_CHI, { 1, 1 }, 2, 0 },
        { SB_CHI, { 2, 1 }, 2, 0 },
        { SB_CHI, { 1, RANDOM_DIM }, 2, 0 },
        { SB_CHI, { NAN }, 1, 0 },
        { SB_HERMITE, { 65 }, 1, 1 },
        { SB_HERMITE, { 1.5 }, 1, 1 },
        { SB_CANDIDATE, { RANDOM_CANDIDATES }, 1, 0 },
        { SB_CANDIDATE, { 1e30 }, 1, 0 },
        { SB_CANDIDATE_BIT, { 64 }, 1, 0 },
        { SB_ADD, { 0 }, 0, 1 },
        { SB_ADD, { 0 }, 0, UINT64_MAX },
        { SB_NEAR, { -1 }, 1, 2 },
        { SB_NEAR, { NAN }, 1, 2 },
        { SB_CLIP, { 1, 0 }, 2, 1 },
        { SB_CLIP, { -INFINITY, 0 }, 2, 1 },
        { SB_CLIP, { 0 }, 1, 1 },
    };
    struct sb_pool *pool = sb_pool_new(random_space(0));
    const sb_expr arg[2] = { parse(pool, "y"), parse(pool, "x0") };

    (void)state;
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        sb_pool_clear_error(pool);
        if (sb_pool_op(pool, bad[i].op, bad[i].num, bad[i].n_num, arg, bad[i].n_arg))
            fail_msg("case %zu was accepted", i);
        assert_true(strlen(sb_pool_error(pool)) > 10);
    }
    sb_pool_clear_error(pool);
    assert_int_equal(binary(pool, SB_ADD, 0, arg[0]), 0);
    assert_string_equal(sb_pool_error(pool), ""); /* a failed argument passes on silently */
    assert_int_equal(binary(pool, SB_ADD, arg[0], 1000), 0);
    assert_non_null(strstr(sb_pool_error(pool), "argument 2"));
    assert_int_equal(sb_pool_op(pool, 99, NULL, 0, NULL, 0), 0);
    assert_non_null(strstr(sb_pool_error(pool), "argument 2")); /* the first cause stays */
    sb_pool_free(pool);
}

static void test_the_tree_is_limited(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(0));
    sb_expr e = parse(pool, "x0");
    int doublings = 0;

    (void)state;
    for (sb_expr next; (next = binary(pool, SB_ADD, e, e)); doublings++)
        e = next;
    assert_int_equal(doublings, 15); /* 2^16 - 1 nodes */
    assert_int_equal(sb_pool_node(pool, e)->n_tree, SB_EXPR_TREE - 1);
    assert_non_null(strstr(sb_pool_error(pool), "65536"));
    sb_pool_free(pool);
}

static void test_canonical_text(void **state)
{
    static const char *const cases[][2] = {
        { "chi(0,2)*y", "chi(0, 2)*y" },
        { " - 0.5", "-0.5" },
        { "-0", "0" },
        { "-(2)", "neg(2)" },
        { "--2", "neg(-2)" },
        { "-neg(2)", "-neg(2)" },
        { "- -x0", "--x0" },
        { "-x0*y", "-x0*y" },
        { "-(x0*y)", "-(x0*y)" },
        { "x0 - -2", "x0 - -2" },
        { "x0-(y-1)", "x0 - (y - 1)" },
        { "(x0-y)-1", "x0 - y - 1" },
        { "x0/(y*2)", "x0/(y*2)" },
        { "x0/y*2", "x0/y*2" },
        { "(x0+1)*2", "(x0 + 1)*2" },
        { "add(x0, mul(y, 2))", "x0 + y*2" },
        { "1e-300", "1e-300" },
        { "0.1e1", "1" },
        { "chi()", "chi()" },
        { "near(x0,y,0.25)", "near(x0, y, 0.25)" },
        { "hermite(3,x0+y)", "hermite(3, x0 + y)" },
        { "clip(min(x0,y),-1,1)", "clip(min(x0, y), -1, 1)" },
        { "candidate(3)*candidate_bit(0)", "candidate(3)*candidate_bit(0)" },
        { "dot(1,-2,0.5,0,0,1e22)", "dot(1, -2, 0.5, 0, 0, 1e+22)" },
    };
    struct sb_pool *pool = sb_pool_new(random_space(0));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(cases); i++) {
        char *text = text_of(pool, parse(pool, cases[i][0]));

        assert_string_equal(text, cases[i][1]);
        assert_int_equal(parse(pool, text), parse(pool, cases[i][0]));
        free(text);
    }
    /* left to right, * before + */
    assert_int_equal(parse(pool, "1 - 2*x0 - y"),
                     binary(pool, SB_SUB,
                            binary(pool, SB_SUB, constant(pool, 1),
                                   binary(pool, SB_MUL, constant(pool, 2), parse(pool, "x0"))),
                            parse(pool, "y")));
    sb_pool_free(pool);
}

static void test_malformed_text(void **state)
{
    static const struct {
        const char *text;
        uint32_t column;
        const char *says;
    } bad[] = {
        { "", 1, "ends" },
        { "   ", 4, "ends" },
        { "x0 +", 5, "ends" },
        { "x0 x1", 4, "found 'x'" },
        { "(x0", 1, "not closed" },
        { "abs((x0)", 1, "not closed" },
        { "x0)", 3, "closes nothing" },
        { "()", 2, "found ')'" },
        { "abs()", 1, "1 argument" },
        { "abs(x0, y)", 1, "1 argument, and has 2" },
        { "abs(x0,)", 8, "found ')'" },
        { "min(,x0)", 5, "found ','" },
        { "x0, y", 3, "comma" },
        { "(x0, y)", 4, "comma" },
        { "cip(x0, 0, 1)", 1, "clip(e, lo, hi)" },
        { "x0 + hermit(2, y)", 6, "hermite(k, e)" },
        { "zebra", 1, "variables" },
        { "x", 1, "x0, x1" },
        { "x01", 1, "x0, x1" },
        { "x6", 1, "0 to 5" },
        { "x99999999999999999999", 1, "x0, x1" },
        { "1e-3x", 1, "'1e-3x'" },
        { "1e999", 1, "not a number" },
        { "1.", 1, "not a number" },
        { ".5", 1, "found '.'" },
        { "0x10", 1, "not a number" },
        { "nan", 1, "no operator" },
        { "+1", 1, "found '+'" },
        { "abs x0", 5, "parentheses" },
        { "abs", 4, "parentheses" },
        { "dot(1, 2)", 1, "6 numbers, one a coordinate, and has 2" },
        { "dot()", 1, "has 0" },
        { "dot(1, 2, 3, 4, 5, x0)", 20, "number here" },
        { "dot(@0123456789abcdef)", 5, "stored vector" },
        { "@0123456789abcdef", 1, "stored vector" },
        { "chi(3, 1)", 1, "increasing" },
        { "chi(0,)", 7, "number" },
        { "clip(x0, 1/2, 3)", 11, "number here" },
        { "clip(x0, 1, 0)", 1, "lo <= hi" },
        { "clip(x0, 1)", 1, "2 numbers, and has 1" },
        { "clip(x0, 1, 2, 3)", 1, "argument" },
        { "near(x0, y, -1)", 1, "eps >= 0" },
        { "hermite(x0, 3)", 9, "number here" },
        { "hermite(65, x0)", 1, "degree" },
        { "candidate(12)", 1, "the task has 12" },
        { "candidate(-1)", 1, "candidate -1" },
        { "5 $ 3", 3, "'$'" },
        { "x0 \x01", 4, "0x01" },
        { "\xc3\xa9", 1, "0xc3" },
        { "x0 ** y", 5, "found '*'" },
        { "number(3)", 1, "no operator" },
    };
    struct sb_pool *pool = sb_pool_new(random_space(0));

    (void)state;
    for (size_t i = 0; i < SB_COUNT(bad); i++) {
        struct sb_diag diag;

        sb_diag_init(&diag);
        sb_pool_clear_error(pool);
        if (sb_expr_parse(pool, bad[i].text, &diag))
            fail_msg("'%s' was accepted", bad[i].text);
        assert_int_equal(diag.n_items, 1);
        if (diag.items[0].column != bad[i].column || !strstr(diag.items[0].text, bad[i].says))
            fail_msg("'%s' gave column %u: %s", bad[i].text, diag.items[0].column,
                     diag.items[0].text);
        assert_int_equal(diag.items[0].line, 1);
        assert_null(diag.items[0].file);
        assert_true(strlen(sb_pool_error(pool)) > 0);
        assert_null(strchr(sb_pool_error(pool), '\n'));
        sb_diag_fini(&diag);
    }
    sb_pool_free(pool);
}

static void test_the_caret_stands_below(void **state)
{
    struct sb_pool *pool = sb_pool_new(random_space(0));
    struct sb_diag diag;

    (void)state;
    sb_diag_init(&diag);
    sb_expr_parse(pool, "x0 +\ty * cip(x0, 0, 1)", &diag);
    assert_string_equal(diag.items[0].text,
                        "column 10: there is no operator 'cip': is it clip(e, lo, hi)?\n"
                        "  x0 + y * cip(x0, 0, 1)\n"
                        "           ^");
    sb_diag_fini(&diag);
    sb_pool_free(pool);
}

/* text -> node -> text -> node over random expressions, in all spaces */
static void test_text_round_trip(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *pool = sb_pool_new(random_space(s));
        struct rng r = { 1 + s };

        for (int i = 0; i < 1500; i++) {
            const sb_expr e = random_expr(pool, &r, 1 + rng_below(&r, 6));
            char *text = text_of(pool, e);

            if (parse(pool, text) != e)
                fail_msg("read back as another expression: %s", text);
            free(text);
        }
        sb_pool_free(pool);
    }
}

/* Left and right sums, negations, parentheses, all deep: no C stack is used up. */
static void test_deep_expressions(void **state)
{
    enum { DEEP = 20000 };
    struct sb_pool *pool = sb_pool_new(random_space(0));
    const sb_expr x = parse(pool, "x0"), y = parse(pool, "y");
    sb_expr deep[3] = { x, x, x };
    char *parens = calloc(2, 70000), *text;

    (void)state;
    for (int i = 0; i < DEEP; i++) {
        deep[0] = binary(pool, SB_ADD, deep[0], y);
        deep[1] = binary(pool, SB_SUB, y, deep[1]);
        deep[2] = sb_pool_op(pool, i % 2 ? SB_NEG : SB_ABS, NULL, 0, &deep[2], 1);
    }
    for (int k = 0; k < 3; k++) {
        text = text_of(pool, deep[k]);
        assert_int_equal(parse(pool, text), deep[k]);
        free(text);
    }
    memset(parens, '(', 70000);
    assert_int_equal(sb_expr_parse(pool, parens, NULL), 0);
    assert_non_null(strstr(sb_pool_error(pool), "65536 parentheses"));
    free(parens);
    sb_pool_free(pool);
}

struct seen {
    size_t n_puts, n;
    double first;
    struct sb_digest digest;
};

static void see(void *self, const struct sb_digest *digest, const double *u, size_t n)
{
    struct seen *seen = self;

    seen->n_puts++;
    seen->n = n;
    seen->first = u[0];
    seen->digest = *digest;
}

static void test_long_vectors_are_stored(void **state)
{
    const struct sb_space space = { .domain = SB_GAUSS, .dim = 9 };
    const double u[9] = { 3, 1, 4, 1, 5, 9, 2, 6, 5 };
    struct sb_pool *pool = sb_pool_new(&space);
    const sb_expr dot = sb_pool_op(pool, SB_DOT, u, 9, NULL, 0);
    struct seen seen = { 0 };
    const struct sb_vector_sink sink = { &seen, see };
    const struct sb_digest digest = sb_digest_of(u, sizeof u);
    struct sb_buf b;
    char hex[65], expected[160];

    (void)state;
    sb_digest_hex(&digest, hex);
    hex[16] = '\0';
    snprintf(expected, sizeof expected, "dot(@%s)*dot(@%s)", hex, hex);
    sb_buf_init(&b);
    sb_expr_print(pool, binary(pool, SB_MUL, dot, dot), &sink, &b);
    assert_string_equal(sb_buf_str(&b), expected);
    assert_int_equal(seen.n_puts, 2);
    assert_int_equal(seen.n, 9);
    assert_same(seen.first, 3);
    assert_true(sb_digest_equal(&seen.digest, &digest));
    sb_buf_clear(&b);
    sb_expr_print(pool, dot, NULL, &b);
    assert_string_equal(sb_buf_str(&b), "dot(3, 1, 4, 1, 5, 9, 2, 6, 5)");
    sb_buf_fini(&b);
    sb_pool_free(pool);
}

/* The bytes of one expression, written down by hand from codec.c's description. */
static void test_bytes_by_hand(void **state)
{
    static const uint8_t expected[] = {
        3,  0, 0, 0,                      /* three nodes */
        5,  2, 0, 0, 0,                   /* chi, two numbers */
        0,  0, 0, 0, 0, 0, 0,    0,       /* 0.0 */
        0,  0, 0, 0, 0, 0, 0xf0, 0x3f,    /* 1.0 */
        2,                                /* y */
        11, 0, 0, 0, 0, 1, 0,    0,    0, /* mul of 0 and 1 */
    };
    struct sb_pool *pool = sb_pool_new(random_space(0));
    struct sb_buf b;

    (void)state;
    sb_buf_init(&b);
    parse(pool, "y + 3"); /* other nodes, made before */
    sb_expr_encode(pool, parse(pool, "chi(0,1)*y"), &b);
    assert_int_equal(b.n, sizeof expected);
    assert_memory_equal(b.data, expected, sizeof expected);
    sb_buf_fini(&b);
    sb_pool_free(pool);
}

static void assert_canonical(struct sb_pool *pool, sb_expr e, const uint8_t *bytes, size_t n)
{
    struct sb_buf b;

    sb_buf_init(&b);
    sb_expr_encode(pool, e, &b);
    assert_int_equal(b.n, n);
    assert_memory_equal(b.data, bytes, n);
    sb_buf_fini(&b);
}

static void test_bytes_round_trip(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *one = sb_pool_new(random_space(s)), *two = sb_pool_new(random_space(s));
        struct rng r = { 100 + s };
        struct sb_buf b;

        sb_buf_init(&b);
        for (int i = 0; i < 1500; i++) {
            const uint32_t mark = sb_pool_mark(two);
            const sb_expr e = random_expr(one, &r, 1 + rng_below(&r, 6));
            sb_expr back;

            sb_buf_clear(&b);
            sb_expr_encode(one, e, &b);
            back = sb_expr_decode(two, b.data, b.n);
            if (!back)
                fail_msg("%s", sb_pool_error(two));
            assert_canonical(two, back, b.data, b.n);
            if (rng_below(&r, 2))
                sb_pool_forget(two, mark);
        }
        sb_buf_fini(&b);
        sb_pool_free(one);
        sb_pool_free(two);
    }
}

/* One of: a byte changed, a byte lost, a byte more, cut short, two parts swapped. */
static void mutate(struct rng *r, struct sb_buf *b)
{
    const size_t at = rng_below(r, (uint32_t)b->n);

    switch (rng_below(r, 4)) {
    case 0:
        b->data[at] ^= (uint8_t)(1u << rng_below(r, 8));
        break;
    case 1:
        b->data[at] = (uint8_t)rng_below(r, 32);
        break;
    case 2:
        memmove(b->data + at, b->data + at + 1, b->n - at - 1);
        b->n--;
        break;
    default:
        b->n = at;
        break;
    }
}

/* Whatever the bytes, they are refused with a reason, or they are the canonical bytes. */
static void test_mutated_bytes(void **state)
{
    size_t n_refused = 0, n_tried = 0;

    (void)state;
    for (uint32_t s = 0; s < N_SPACES; s++) {
        struct sb_pool *one = sb_pool_new(random_space(s)), *two = sb_pool_new(random_space(s));
        struct rng r = { 200 + s };

        for (int i = 0; i < 3000; i++, n_tried++) {
            struct sb_buf b;
            sb_expr e;

            sb_buf_init(&b);
            sb_expr_encode(one, random_expr(one, &r, 4), &b);
            for (uint32_t k = 1 + rng_below(&r, 3); k && b.n; k--)
                mutate(&r, &b);
            sb_pool_clear_error(two);
            e = sb_expr_decode(two, b.data, b.n);
            if (e)
                assert_canonical(two, e, b.data, b.n);
            else
                assert_true(strlen(sb_pool_error(two)) > 0);
            n_refused += !e;
            sb_pool_forget(two, 0);
            sb_buf_fini(&b);
        }
        sb_pool_free(one);
        sb_pool_free(two);
    }
    assert_true(n_refused > n_tried / 2);
}

/* Bytes that are no encoding of their expression: spare, repeated or unordered nodes, -0.0. */
static void test_other_bytes_of_a_known_expression(void **state)
{
    static const uint8_t spare[] = { 2, 0, 0, 0, 2, 5, 0, 0, 0, 0 };
    static const uint8_t twice[] = { 3, 0, 0, 0, 2, 2, 9, 0, 0, 0, 0, 1, 0, 0, 0 };
    static const uint8_t ahead[] = { 1, 0, 0, 0, 13, 0, 0, 0, 0 };
    static const uint8_t order[] = { 3, 0, 0, 0, 2, 5, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0 };
    static const uint8_t minus[] = { 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x80 };
    static const uint8_t none[] = { 0, 0, 0, 0 };
    static const uint8_t many[] = { 0xff, 0xff, 0xff, 0xff, 2 };
    struct sb_pool *pool = sb_pool_new(random_space(0));

    (void)state;
    assert_int_equal(sb_expr_decode(pool, spare, sizeof spare), 0);
    assert_int_equal(sb_expr_decode(pool, twice, sizeof twice), 0);
    assert_int_equal(sb_expr_decode(pool, ahead, sizeof ahead), 0);
    assert_int_equal(sb_expr_decode(pool, order, sizeof order), 0);
    assert_int_equal(sb_expr_decode(pool, minus, sizeof minus), 0);
    assert_int_equal(sb_expr_decode(pool, none, sizeof none), 0);
    assert_int_equal(sb_expr_decode(pool, many, sizeof many), 0);
    assert_int_equal(sb_expr_decode(pool, NULL, 0), 0);
    sb_pool_free(pool);
}

/* A runner's life: decode, use, forget. The nodes' numbers do not grow. */
static void test_decode_and_forget(void **state)
{
    struct sb_pool *one = sb_pool_new(random_space(0)), *two = sb_pool_new(random_space(0));
    const uint32_t mark = sb_pool_mark(two);
    struct rng r = { 7 };

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct sb_buf b;

        sb_buf_init(&b);
        sb_expr_encode(one, random_expr(one, &r, 3), &b);
        assert_true(sb_expr_decode(two, b.data, b.n) <= 64);
        sb_pool_forget(two, mark);
        sb_pool_forget(one, 0);
        sb_buf_fini(&b);
    }
    sb_pool_free(one);
    sb_pool_free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_nodes_are_one),
        cmocka_unit_test(test_nodes_are_checked),
        cmocka_unit_test(test_the_tree_is_limited),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_malformed_text),
        cmocka_unit_test(test_the_caret_stands_below),
        cmocka_unit_test(test_text_round_trip),
        cmocka_unit_test(test_deep_expressions),
        cmocka_unit_test(test_long_vectors_are_stored),
        cmocka_unit_test(test_bytes_by_hand),
        cmocka_unit_test(test_bytes_round_trip),
        cmocka_unit_test(test_mutated_bytes),
        cmocka_unit_test(test_other_bytes_of_a_known_expression),
        cmocka_unit_test(test_decode_and_forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
