/* Checked sizes, and an n-th allocation that fails once and only once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static void products_that_do_not_fit(void **state) {
    (void)state;
    size_t product;
    assert_false(xp_mul_overflows(0, SIZE_MAX, &product));
    assert_false(xp_mul_overflows(SIZE_MAX, 0, &product));
    assert_int_equal(product, 0);
    assert_false(xp_mul_overflows(SIZE_MAX, 1, &product));
    assert_true(product == SIZE_MAX);
    assert_true(xp_mul_overflows(SIZE_MAX / 2 + 1, 2, &product));
    assert_false(xp_mul_overflows(SIZE_MAX / 8, 8, &product));
    assert_true(xp_mul_overflows(SIZE_MAX / 8 + 1, 8, &product));
    assert_null(xp_alloc(SIZE_MAX / 8 + 1, 8)); /* 0 bytes if the product were taken as it comes */
    assert_null(xp_calloc(SIZE_MAX / 8 + 1, 8));
    assert_null(xp_realloc(NULL, SIZE_MAX / 8 + 1, 8));
}

static void nothing_can_be_freed(void **state) {
    (void)state;
    void *a = xp_alloc(0, 8), *b = xp_calloc(0, 0);
    assert_non_null(a);
    assert_non_null(b);
    xp_free(a);
    xp_free(b);
    xp_free(NULL);
}

static void cleared_and_copied(void **state) {
    (void)state;
    unsigned char *cleared = xp_calloc(1013, 3);
    assert_non_null(cleared);
    for (size_t i = 0; i < 3039; i++) assert_int_equal(cleared[i], 0);
    cleared = xp_realloc(cleared, 4001, 3);
    assert_non_null(cleared);
    for (size_t i = 0; i < 3039; i++) assert_int_equal(cleared[i], 0);
    xp_free(cleared);
    char *copy = xp_strdup("norms"), *part = xp_strndup("norms", 3);
    assert_string_equal(copy, "norms");
    assert_string_equal(part, "nor");
    xp_free(copy);
    xp_free(part);
}

static void the_nth_fails_and_no_other(void **state) {
    (void)state;
    for (size_t n = 1; n <= 6; n++) {
        void *held[6];
        xp_fail_allocation(n);
        for (size_t i = 0; i < 6; i++)
            held[i] = i % 3 == 0 ? xp_alloc(1, 1) : i % 3 == 1 ? xp_calloc(1, 1) : xp_strndup("x", 1);
        for (size_t i = 0; i < 6; i++) assert_int_equal(held[i] == NULL, i + 1 == n);
        for (size_t i = 0; i < 6; i++) xp_free(held[i]);
    }
    xp_fail_allocation(1);
    xp_fail_allocation(0);
    void *p = xp_alloc(1, 1);
    assert_non_null(p);
    xp_fail_allocation(1);
    assert_null(xp_realloc(p, 2, 1)); /* p is still there */
    p = xp_realloc(p, 2, 1);
    assert_non_null(p);
    xp_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_do_not_fit),
        cmocka_unit_test(nothing_can_be_freed),
        cmocka_unit_test(cleared_and_copied),
        cmocka_unit_test(the_nth_fails_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
