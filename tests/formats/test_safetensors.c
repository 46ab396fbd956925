#include "support/array.h"
#include "support/files.h"

#include "formats/safetensors.h"

/* A file of the given header, and data of so many bytes 0, 1, 2, ... */
static size_t make(char *out, const char *header, size_t data) {
    size_t length = strlen(header);
    for (size_t i = 0; i < 8; i++) out[i] = (char)(length >> (8 * i) & 255);
    memcpy(out + 8, header, length);
    for (size_t i = 0; i < data; i++) out[8 + length + i] = (char)i;
    return 8 + length + data;
}

static void tensors_of_a_file(void **state) {
    (void)state;
    char bytes[1024];
    size_t size = make(bytes,
                       "{\"late\": {\"dtype\": \"U8\", \"shape\": [2, 3], \"data_offsets\": [4, 10]}, "
                       "\"__metadata__\": {\"format\": \"pt\", \"words\": \"a b\"}, "
                       "\"scalar\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4]}, "
                       "\"none\": {\"dtype\": \"F64\", \"shape\": [7, 0], \"data_offsets\": [10, 10]}, "
                       "\"eighth\": {\"dtype\": \"F8_E4M3\", \"shape\": [1, 2], \"data_offsets\": [10, 12]}}   ",
                       12);
    explaint_error error = {0};
    xp_safetensors *file;
    if (xp_safetensors_open("m.safetensors", bytes, size, &file, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    static const char *const order[] = {"scalar", "late", "none", "eighth"}; /* by their bytes */
    assert_int_equal(xp_safetensors_n(file), 4);
    for (size_t i = 0; i < 4; i++) assert_string_equal(xp_safetensors_tensor(file, i)->name, order[i]);
    const xp_tensor *late = xp_safetensors_find(file, "late");
    assert_int_equal(late->n_dimensions, 2);
    assert_int_equal(late->shape[0], 2);
    assert_int_equal(late->shape[1], 3);
    assert_int_equal(late->size, 6);
    assert_ptr_equal(late->data, bytes + size - 8);
    xp_array array;
    assert_true(xp_tensor_matrix(late, &array));
    assert_true(array_at(&array, 0, 0) == 4 && array_at(&array, 1, 2) == 9);
    assert_int_equal(xp_safetensors_find(file, "scalar")->n_dimensions, 0);
    assert_false(xp_tensor_matrix(xp_safetensors_find(file, "scalar"), &array));
    assert_false(xp_tensor_matrix(xp_safetensors_find(file, "none"), &array));
    assert_false(xp_tensor_matrix(xp_safetensors_find(file, "eighth"), &array));
    assert_string_equal(xp_safetensors_find(file, "eighth")->dtype, "F8_E4M3");
    assert_null(xp_safetensors_find(file, "__metadata__"));
    assert_string_equal(xp_safetensors_metadata(file, "format"), "pt");
    assert_null(xp_safetensors_metadata(file, "version"));
    xp_safetensors_close(file);
}

static void every_cut(void **state) {
    (void)state;
    char bytes[256];
    size_t size = make(bytes, "{\"v\": {\"dtype\": \"I16\", \"shape\": [2, 2], \"data_offsets\": [0, 8]}}", 8);
    for (size_t cut = 0; cut <= size; cut++) {
        explaint_error error = {0};
        xp_safetensors *file;
        char *exact = malloc(cut + (cut == 0)); /* so that a step too far is seen */
        memcpy(exact, bytes, cut);
        explaint_status status = xp_safetensors_open("m.safetensors", exact, cut, &file, &error);
        assert_int_equal(status, cut == size ? EXPLAINT_OK : EXPLAINT_INVALID);
        assert_int_equal(file != NULL, cut == size);
        if (cut < size) assert_contains(error.message, "m.safetensors");
        xp_safetensors_close(file);
        free(exact);
    }
    assert_true(xp_safetensors_is(bytes, size));
    assert_false(xp_safetensors_is(bytes, 8));
    assert_false(xp_safetensors_is("{\"a\": 12345}", 12));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tensors_of_a_file), cmocka_unit_test(every_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
