#include "support/files.h"

#include <math.h>

#include "formats/npy.h"
#include "support/array.h"

/* A file of version 1 with the given dictionary. */
static size_t make(unsigned char *out, const char *dictionary, const void *data, size_t size) {
    size_t length = strlen(dictionary);
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = (unsigned char)(length & 255);
    out[9] = (unsigned char)(length >> 8);
    memcpy(out + 10, dictionary, length);
    if (size > 0) memcpy(out + 10 + length, data, size);
    return 10 + length + size;
}

static void types_and_orders(void **state) {
    (void)state;
    unsigned char file[512];
    explaint_error error = {0};
    xp_array a;
    float f4[6] = {0, 1, 2, 3, 4, 5.5f};
    size_t size = make(file, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", f4, sizeof f4);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_int_equal(a.rows, 2);
    assert_int_equal(a.width, 3);
    assert_true(array_at(&a, 1, 2) == 5.5);
    assert_true(array_at(&a, 0, 1) == 1);
    size = make(file, "{\"shape\":(2,3),'descr':'<f4','fortran_order':True}", f4, sizeof f4);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 1) == 2);
    assert_true(array_at(&a, 1, 0) == 1);
    double f8[2] = {0.1, -HUGE_VAL};
    size = make(file, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}", f8, sizeof f8);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 0) == 0.1);
    assert_true(isinf(array_at(&a, 0, 1)));
    int32_t i4[2] = {-7, 2000000000};
    size = make(file, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1,)}", i4, sizeof i4);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 0) == -7 && array_at(&a, 1, 0) == 2e9);
    int64_t i8[1] = {-(INT64_C(1) << 40)};
    size = make(file, "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1)}", i8, sizeof i8);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 0) == -1099511627776.0);
    unsigned char u1[2] = {0, 255};
    size = make(file, "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2)}", u1, sizeof u1);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 1) == 255);
    unsigned char b1[3] = {0, 1, 2}; /* NumPy writes 0 and 1, and takes any other byte for true */
    size = make(file, "{'descr': '|b1', 'fortran_order': False, 'shape': (1, 3)}", b1, sizeof b1);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 0) == 0 && array_at(&a, 0, 1) == 1 && array_at(&a, 0, 2) == 1);
    uint16_t f2[6] = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00}; /* 1, -2, 2^-24, 65504, inf, nan */
    size = make(file, "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 6)}", f2, sizeof f2);
    assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_OK);
    assert_true(array_at(&a, 0, 0) == 1 && array_at(&a, 0, 1) == -2 && array_at(&a, 0, 2) == ldexp(1, -24) &&
                array_at(&a, 0, 3) == 65504);
    assert_true(isinf(array_at(&a, 0, 4)) && isnan(array_at(&a, 0, 5)));
}

static void hostile_headers(void **state) {
    (void)state;
    static const struct {
        const char *dictionary;
        size_t data;
        const char *part;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 23,
         "announces 2 x 3 numbers of 4 bytes, the file holds 23"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 25, "the file holds 1 more"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 8,
         "announces 4294967296 x 4294967296"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999999, 2)}", 8, "was cut off"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999999999, 2)}", 8, "at most 18 digits"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2)}", 8, "at most 18 digits"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2)}", 0, "the array is empty: its shape is 0 x 2"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 16, "2 dimensions (words x width), found 1"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 8, "found 0"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1)}", 8, "found 3"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1)}", 4, "found '>f4'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}", 4, "found an array of Python objects"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1)}", 4, "arrays of records are not read"},
        {"{'descr': '<f4', 'shape': (1, 1)}", 4, "the keys descr, fortran_order and shape"},
        {"{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}", 4, "one each of the keys"},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1, 1)}", 4, "True or False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}", 4, "a comma or )"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)", 4, "a comma or }"},
        {"{'descr': '<f4", 0, "a simple type"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} x", 4, "nothing after the dictionary"},
        {"", 0, "a dictionary"},
    };
    unsigned char file[512], zeros[64] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_error error = {0};
        xp_array a;
        size_t size = make(file, cases[i].dictionary, zeros, cases[i].data);
        assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), EXPLAINT_INVALID);
        assert_contains(error.message, cases[i].part);
    }
}

static void every_cut(void **state) {
    (void)state;
    unsigned char file[512];
    double f8[4] = {1, 2, 3, 4};
    size_t size = make(file, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", f8, sizeof f8);
    for (size_t cut = 0; cut < size; cut++) {
        explaint_error error = {0};
        xp_array a;
        unsigned char *exact = malloc(cut + (cut == 0)); /* so that a step too far is seen */
        memcpy(exact, file, cut);
        assert_int_equal(xp_npy_open(&a, "x.npy", exact, cut, &error), EXPLAINT_INVALID);
        free(exact);
    }
    for (int version = 0; version < 5; version++) {
        explaint_error error = {0};
        xp_array a;
        file[6] = (unsigned char)version;
        assert_int_equal(xp_npy_open(&a, "x.npy", file, size, &error), version == 1 ? EXPLAINT_OK : EXPLAINT_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_orders),
        cmocka_unit_test(hostile_headers),
        cmocka_unit_test(every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
