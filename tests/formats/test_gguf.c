#include "support/files.h"

#include <math.h>

#include "formats/ggml.h"
#include "formats/gguf.h"

/* ---- a file that the gguf package wrote: tests/oracle/make_gguf.py ---- */

static char *golden(size_t *size) {
    char *bytes = files_slurp(EXPLAINT_SOURCE_DIR "/tests/golden/gguf/blocks.gguf", size);
    assert_non_null(bytes);
    return bytes;
}

static void blocks_to_the_bit(void **state) {
    (void)state;
    size_t size = 0, n_types = 0;
    char *bytes = golden(&size);
    xp_gguf *file;
    explaint_error error = {0};
    if (xp_gguf_open("blocks.gguf", bytes, size, &file, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    for (size_t i = 0; i < xp_gguf_n(file); i++) {
        char name[64];
        const xp_tensor *t = xp_gguf_tensor(file, i);
        snprintf(name, sizeof name, "%s.expected", t->name);
        const xp_tensor *expected = xp_gguf_find_tensor(file, name);
        if (expected == NULL) continue;
        n_types++;
        assert_string_equal(t->dtype, t->name);
        assert_int_equal(t->n_dimensions, 2);
        assert_int_equal(t->shape[0], 4);
        assert_int_equal(t->shape[1], expected->shape[1]);
        assert_int_equal(expected->type, XP_F32);
        const size_t n = 4 * t->shape[1];
        float *to = malloc(n * sizeof *to), *right = malloc(n * sizeof *right);
        memcpy(right, expected->data, n * sizeof *right);
        xp_ggml_widen(t->blocks, t->data, n / t->blocks->block, to);
        for (size_t k = 0; k < n; k++)
            if (memcmp(&to[k], &right[k], sizeof *to) != 0 && !(isnan(to[k]) && isnan(right[k])))
                fail_msg("%s, number %zu: %a, expected %a", t->name, k, (double)to[k], (double)right[k]);
        free(to);
        free(right);
    }
    assert_int_equal(n_types, 15);
    xp_gguf_close(file);
    free(bytes);
}

static double number(const xp_gguf *file, const char *key) {
    double value = NAN;
    const xp_gguf_value *v = xp_gguf_find(file, key);
    if (v == NULL || !xp_gguf_value_number(v, &value)) fail_msg("%s is no number", key);
    return value;
}

static void values_of_every_type(void **state) {
    (void)state;
    size_t size = 0, whole;
    char *bytes = golden(&size);
    xp_gguf *file;
    assert_int_equal(xp_gguf_open("blocks.gguf", bytes, size, &file, NULL), EXPLAINT_OK);
    assert_int_equal(xp_gguf_version(file), 3);
    assert_true(number(file, "int8.least") == -128 && number(file, "uint8.most") == 255);
    assert_true(number(file, "int16.least") == -32768 && number(file, "uint16.most") == 65535);
    assert_true(number(file, "int32.least") == -0x1p31 && number(file, "uint32.most") == 0x1p32 - 1);
    assert_true(number(file, "int64.least") == -0x1p63 && number(file, "uint64.most") == 0x1p64);
    assert_true(number(file, "float32") == (double)1e-5f && number(file, "float64") == .1);
    assert_true(xp_gguf_value_size(xp_gguf_find(file, "uint64.most"), &whole) && whole == SIZE_MAX);
    assert_false(xp_gguf_value_size(xp_gguf_find(file, "int8.least"), &whole));
    assert_false(xp_gguf_value_size(xp_gguf_find(file, "float64"), &whole));
    assert_false(xp_gguf_value_size(xp_gguf_find(file, "bool.true"), &whole));
    bool yes = false, no = true;
    assert_true(xp_gguf_value_bool(xp_gguf_find(file, "bool.true"), &yes) && yes);
    assert_true(xp_gguf_value_bool(xp_gguf_find(file, "bool.false"), &no) && !no);
    assert_false(xp_gguf_value_bool(xp_gguf_find(file, "uint8.least"), &no));
    xp_view text, texts[4];
    assert_true(xp_gguf_value_string(xp_gguf_find(file, "string"), &text) && xp_view_is(text, "\xc4\xa0"
                                                                                              "dog\n"));
    const xp_gguf_value *list = xp_gguf_find(file, "string.list");
    assert_int_equal(list->count, 4);
    assert_true(xp_gguf_value_strings(list, texts) && xp_view_is(texts[0], "") &&
                xp_view_is(texts[2], "\xe2\x96\x81"
                                     "dog"));
    double numbers[5];
    assert_false(xp_gguf_value_numbers(list, numbers));
    assert_true(xp_gguf_value_numbers(xp_gguf_find(file, "int8.list"), numbers));
    for (size_t i = 0; i < 5; i++)
        assert_true(numbers[i] >= -128 && numbers[i] <= 127 && numbers[i] == floor(numbers[i]));
    xp_text shown = {0};
    xp_gguf_value_json(list, 3, 2, &shown); /* three bytes are one character, which is not cut */
    assert_string_equal(shown.data, "[\"\", \"a\", \"\"]");
    xp_text_free(&shown);
    assert_null(xp_gguf_find(file, "none"));
    assert_null(xp_gguf_find_tensor(file, "none"));
    xp_gguf_close(file);
    free(bytes);
}

/* ---- files made here ---- */

static unsigned char made[8192];
static size_t length;

static void put(uint64_t value, size_t size) {
    for (size_t i = 0; i < size; i++) made[length++] = (unsigned char)(i < 8 ? value >> (8 * i) : 0);
}

static void put_string(const char *text) {
    put(strlen(text), 8);
    memcpy(made + length, text, strlen(text));
    length += strlen(text);
}

static void begin(uint32_t version, uint64_t n_tensors, uint64_t n_values) {
    length = 0;
    memcpy(made, "GGUF", 4);
    length = 4;
    put(version, 4);
    put(n_tensors, 8);
    put(n_values, 8);
}

static void put_tensor(const char *name, uint64_t columns, uint64_t rows, uint32_t type, uint64_t offset) {
    put_string(name);
    put(2, 4);
    put(columns, 8);
    put(rows, 8);
    put(type, 4);
    put(offset, 8);
}

static void put_data(size_t size) {
    while (length % 32 != 0) put(0, 1);
    for (size_t i = 0; i < size; i++) put(i, 1);
}

/* Opens what was made, in memory of its exact size. NULL: it must open; else the sentence must contain this. */
static void check(const char *says) {
    explaint_error error = {0};
    xp_gguf *file;
    void *exact = malloc(length);
    memcpy(exact, made, length);
    explaint_status status = xp_gguf_open("m.gguf", exact, length, &file, &error);
    if (says == NULL && status != EXPLAINT_OK) fail_msg("%s", error.message);
    if (says != NULL) {
        assert_int_equal(status, EXPLAINT_INVALID);
        assert_null(file);
        assert_contains(error.message, "m.gguf: ");
        assert_contains(error.message, says);
    }
    xp_gguf_close(file);
    free(exact);
}

static void two_tensors(uint64_t second) {
    begin(3, 2, 0);
    put_tensor("a", 2, 4, 0, 0);
    put_tensor("b", 32, 1, 8, second);
    put_data(32 + 34);
}

static void tensors(void **state) {
    (void)state;
    two_tensors(32);
    check(NULL);
    begin(2, 0, 0); /* a vocabulary alone */
    check(NULL);
    two_tensors(0);
    check("tensors \"a\" and \"b\" share bytes");
    two_tensors(8);
    check("multiple of the alignment 32, found 8");
    two_tensors(64);
    check("takes 34 bytes from byte 64 of the data, the file holds 66");
    two_tensors(UINT64_MAX - 31);
    check("it was cut off");
    static const struct {
        uint64_t columns, rows;
        uint32_t type;
        const char *says;
    } bad[] = {{31, 1, 8, "whole blocks of 32 numbers, as Q8_0 has them, found a first dimension of 31"},
               {0, 1, 0, "a dimension of 0"},
               {1, 0, 0, "a dimension of 0"},
               {UINT64_C(1) << 63, 1, 0, "larger than any file"},
               {UINT64_C(1) << 62, 4, 0, "larger than any file"},
               {UINT64_C(1) << 40, UINT64_C(1) << 40, 14, "larger than any file"},
               {1, 1, 4, "have type 4, which this version does not know"},
               {1, 1, 31, "have type 31"},
               {1, 1, UINT32_MAX, "have type 4294967295"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        begin(3, 1, 0);
        put_tensor("t", bad[i].columns, bad[i].rows, bad[i].type, 0);
        put_data(64);
        check(bad[i].says);
    }
    begin(3, 2, 0);
    put_tensor("t", 1, 1, 0, 0);
    put_tensor("t", 1, 1, 0, 32);
    put_data(64);
    check("the name of a tensor \"t\" stands twice, as number 1 and number 2");
    begin(3, 1, 0);
    put_string("t");
    put(5, 4);
    put_data(64);
    check("at most 4 dimensions, found 5");
    begin(3, 1, 0);
    put_tensor("", 1, 1, 0, 0);
    put_data(64);
    check("number 1: expected 1 to 65535 bytes without a zero, found none");
}

static void put_key(const char *key, uint32_t type) {
    put_string(key);
    put(type, 4);
}

static void put_array(const char *key, uint32_t item, uint64_t count) {
    put_key(key, XP_GGUF_ARRAY);
    put(item, 4);
    put(count, 8);
}

static void metadata(void **state) {
    (void)state;
    static const uint32_t alignments[] = {0, 3, 48};
    for (size_t i = 0; i < 3; i++) {
        begin(3, 0, 1);
        put_key("general.alignment", XP_GGUF_U32);
        put(alignments[i], 4);
        check("\"general.alignment\" of the metadata: expected a power of two as u32");
    }
    begin(3, 0, 1);
    put_key("general.alignment", XP_GGUF_I32);
    put(32, 4);
    check("found 32 as i32");
    begin(3, 1, 1);
    put_key("general.alignment", XP_GGUF_U32);
    put(8, 4);
    put_tensor("t", 2, 1, 0, 0);
    while (length % 8 != 0) put(0, 1);
    put(0, 8);
    check(NULL);
    begin(3, 0, 1);
    put_key("k", 13);
    put(0, 8);
    check("key \"k\" of the metadata: expected a type of value from 0 to 12, found 13");
    begin(3, 0, 1);
    put_key("k", XP_GGUF_BOOL);
    put(2, 1);
    check("expected 0 or 1 as a bool");
    begin(3, 0, 2);
    put_key("k", XP_GGUF_U8);
    put(2, 1);
    put_key("k", XP_GGUF_U8);
    put(2, 1);
    check("a key of the metadata \"k\" stands twice");
    begin(3, 0, 1);
    put_array("k", XP_GGUF_U64, UINT64_C(1) << 61);
    put(0, 8);
    check("k at byte 49 needs");
    begin(3, 0, 1);
    put_array("k", XP_GGUF_STRING, 3);
    put_string("a");
    put_string("b");
    put(100, 8);
    put(0, 8);
    check("k at byte 75 needs 100 bytes, the file holds 8");
    begin(3, 0, 1);
    put_array("k", XP_GGUF_ARRAY, 1); /* arrays within arrays are walked over */
    put(XP_GGUF_STRING, 4);
    put(1, 8);
    put_string("inner");
    check(NULL);
    begin(3, 0, 1);
    put_array("k", XP_GGUF_ARRAY, 1);
    for (int i = 0; i < 4; i++) {
        put(XP_GGUF_ARRAY, 4);
        put(1, 8);
    }
    put(0, 12);
    check("more than four deep");
}

static void versions_and_counts(void **state) {
    (void)state;
    begin(1, 0, 0);
    check("version 2 or 3, found version 1; convert the model anew");
    begin(4, 0, 0);
    check("found version 4; it is newer");
    begin(0x03000000, 0, 0);
    check("found big-endian ones");
    begin(3, UINT64_MAX, 0);
    check("the number of tensors is given as 18446744073709551615, more than fit into the 24 bytes");
    begin(3, 0, 1);
    check("the number of keys is given as 1, more than fit");
    length = 0;
    put(0x46554747, 4);
    check("less than five bytes");
    memcpy(made, "GGML and more", 13);
    length = 13;
    check("found other bytes");
    memcpy(made, "\x18\0\0\0\0\0\0\0{\"a\":{}}", 16);
    length = 16;
    check("expected a GGUF file, found safetensors");
}

static void every_cut(void **state) {
    (void)state;
    begin(3, 1, 2);
    put_key("k", XP_GGUF_F64);
    put(0, 8);
    put_array("l", XP_GGUF_STRING, 1);
    put_string("a");
    put_tensor("t", 2, 4, 0, 0);
    put_data(32);
    const size_t whole = length;
    check(NULL);
    for (length = 0; length < whole; length++) check("");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_to_the_bit), cmocka_unit_test(values_of_every_type), cmocka_unit_test(tensors),
        cmocka_unit_test(metadata),          cmocka_unit_test(versions_and_counts),  cmocka_unit_test(every_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
