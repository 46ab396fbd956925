/* What torch.save writes, in every form, beside what torch says that it holds; and what is refused
 * (tests/oracle/make_torch_files.py). */
#include "support/files.h"

#include "formats/torch.h"

static char *golden(const char *name, size_t *size) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/torch/%s", EXPLAINT_SOURCE_DIR, name);
    char *bytes = files_slurp(path, size);
    if (bytes == NULL) fail_msg("no %s", path);
    char *exact = malloc(*size); /* so that a step too far is seen */
    memcpy(exact, bytes, *size);
    free(bytes);
    return exact;
}

static void same_tensor(const xp_tensor *a, const xp_tensor *b) {
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->dtype, b->dtype);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->n_dimensions, b->n_dimensions);
    for (size_t k = 0; k < a->n_dimensions; k++) assert_int_equal(a->shape[k], b->shape[k]);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->data, b->data, a->size);
}

static void views(void **state) {
    (void)state;
    static const char *const forms[] = {"views.bin",     "views-3.bin",     "views-4.bin",        "views-5.bin",
                                        "views-old.bin", "views-old-4.bin", "views-deflated.bin", "views-zip64.bin"};
    explaint_error error = {0};
    size_t size;
    char *bytes = golden("views.safetensors", &size);
    xp_safetensors *expected;
    assert_int_equal(xp_safetensors_open("views.safetensors", bytes, size, &expected, &error), EXPLAINT_OK);
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        size_t own_size;
        char *own = golden(forms[f], &own_size);
        xp_torch *file;
        if (xp_torch_open(forms[f], own, own_size, &file, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(xp_torch_n(file), xp_safetensors_n(expected));
        assert_string_equal(xp_torch_tensor(file, 0)->name, "plain"); /* the dictionary's order */
        for (size_t i = 0; i < xp_torch_n(file); i++) {
            const xp_tensor *t = xp_torch_tensor(file, i), *e = xp_safetensors_find(expected, t->name);
            if (e == NULL) fail_msg("%s: %s", forms[f], t->name);
            same_tensor(t, e);
            assert_ptr_equal(xp_torch_find(file, t->name), t);
        }
        assert_null(xp_torch_find(file, "absent"));
        xp_torch_close(file);
        free(own);
    }
    xp_safetensors_close(expected);
    free(bytes);
}

/* What lies row after row is not copied, and tied weights are the same bytes. */
static void no_copies(void **state) {
    (void)state;
    size_t size;
    char *bytes = golden("mpnet-f16-head.bin", &size);
    explaint_error error = {0};
    xp_torch *file;
    assert_int_equal(xp_torch_open("head.bin", bytes, size, &file, &error), EXPLAINT_OK);
    for (size_t i = 0; i < xp_torch_n(file); i++) {
        const xp_tensor *t = xp_torch_tensor(file, i);
        const char *data = (const char *)t->data;
        assert_true(data >= bytes && data + t->size <= bytes + size);
    }
    assert_ptr_equal(xp_torch_find(file, "lm_head.decoder.weight")->data,
                     xp_torch_find(file, "mpnet.embeddings.word_embeddings.weight")->data);
    xp_torch_close(file);
    free(bytes);
}

static void refused_bytes(const char *name, const char *bytes, size_t size, const char *part) {
    explaint_error error = {0};
    xp_torch *file;
    const explaint_status status = xp_torch_open(name, bytes, size, &file, &error);
    if (status != EXPLAINT_INVALID) fail_msg("%s: %d %s", name, (int)status, error.message);
    assert_null(file);
    assert_contains(error.message, name);
    if (strstr(error.message, part) == NULL) fail_msg("\"%s\" does not contain \"%s\"", error.message, part);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *name, *part;
    } cases[] = {{"refused-checkpoint.bin",
                  "a dictionary within the dictionary, \"state_dict\", as checkpoints of training are"},
                 {"refused-number.bin", "entry \"epoch\": expected a tensor, found a whole number"},
                 {"refused-list.bin", "expected a dictionary of tensors by name, found a list"},
                 {"refused-key.bin", "a key that is no name"},
                 {"refused-program.bin", "it asks Python for \"__builtin__.print\""},
                 {"refused-module.bin", "it asks Python for \"torch.nn.modules.linear.Linear\""},
                 {"refused-sparse.bin", "\"torch._utils._rebuild_sparse_tensor\""},
                 {"refused-quantized.bin", "\"torch._utils._rebuild_qtensor\""},
                 {"refused-script.bin", "a program of TorchScript"},
                 {"refused-pickle.bin", "found a Python pickle"},
                 {"refused-order.bin", "expected the byte order little, found \"big\""},
                 {"refused-old-order.bin", "in the byte order little"},
                 {"refused-hole.bin", "holds no storage \"0\""},
                 {"refused-short.bin", "its storage needs 8 bytes, the file holds 7"},
                 {"refused-flat.bin", "without a data.pkl"},
                 {"views.safetensors", "expected what torch.save writes, found safetensors"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size;
        char *bytes = golden(cases[i].name, &size);
        refused_bytes(cases[i].name, bytes, size, cases[i].part);
        free(bytes);
    }
    char tar[512] = "model";
    memcpy(tar + 257, "ustar", 5);
    refused_bytes("tar.bin", tar, sizeof tar, "a tar archive");
    refused_bytes("empty.bin", tar, 0, "something else");
}

static void every_cut(void **state) {
    (void)state;
    static const char *const names[] = {"views-old.bin", "views-deflated.bin"};
    for (size_t f = 0; f < 2; f++) {
        size_t size;
        char *bytes = golden(names[f], &size);
        for (size_t cut = 0; cut < size; cut++) {
            explaint_error error = {0};
            xp_torch *file;
            char *exact = malloc(cut + (cut == 0));
            memcpy(exact, bytes, cut);
            assert_int_equal(xp_torch_open(names[f], exact, cut, &file, &error), EXPLAINT_INVALID);
            assert_null(file);
            free(exact);
        }
        free(bytes);
    }
}

/* ---- shapes that a pickle may claim, over a storage of 12 numbers ---- */

static char numbers[48];

static explaint_status find_numbers(void *self, xp_view key, xp_view *bytes, explaint_error *error) {
    (void)self, (void)key, (void)error;
    *bytes = (xp_view){numbers, sizeof numbers};
    return EXPLAINT_OK;
}

/* {"w": _rebuild_tensor_v2(("storage", FloatStorage, "0", "cpu", 12), MIDDLE, False, {})} */
static size_t make(char *out, const char *middle, size_t size) {
    static const char head[] =
        "\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage"
        "ctorch\nFloatStorage\nX\x01\x00\x00\x00"
        "0X\x03\x00\x00\x00"
        "cpuK\x0ctQ",
                      tail[] = "\x89}tRs.";
    memcpy(out, head, sizeof head - 1);
    memcpy(out + sizeof head - 1, middle, size);
    memcpy(out + sizeof head - 1 + size, tail, sizeof tail - 1);
    return sizeof head + sizeof tail - 2 + size;
}

static void extents(void **state) {
    (void)state;
#define MIDDLE(literal) literal, sizeof literal - 1
#define HUGE_COUNT "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
    static const struct {
        const char *middle;
        size_t size;
        const char *part; /* NULL: good */
    } cases[] = {{MIDDLE("K\x00K\x03K\x04\x86K\x04K\x01\x86"), NULL},
                 {MIDDLE("K\x00K\x04K\x03\x86K\x01K\x04\x86"), NULL},
                 {MIDDLE("K\x0bK\x01\x85K\x63\x85"), NULL}, /* one number: its stride does not matter */
                 {MIDDLE("K\x00))"), NULL},
                 {MIDDLE("K\x63K\x00K\x04\x86K\x04K\x01\x86"), NULL}, /* no number at all */
                 {MIDDLE("K\x0cK\x01\x85K\x01\x85"), "lead beyond its storage of 12 numbers"},
                 {MIDDLE("K\x01K\x03K\x04\x86K\x04K\x01\x86"), "beyond its storage"},
                 {MIDDLE("K\x00K\x03K\x04\x86K\x05K\x01\x86"), "beyond its storage"},
                 {MIDDLE(HUGE_COUNT "K\x01\x85K\x01\x85"), "beyond its storage"},
                 {MIDDLE("K\x00" HUGE_COUNT "\x85" HUGE_COUNT "\x85"), "larger than any file"},
                 {MIDDLE("K\x00K\x03\x85" HUGE_COUNT "\x85"), "beyond its storage"},
                 {MIDDLE("K\x00" HUGE_COUNT HUGE_COUNT "\x86K\x00K\x00\x86"), "larger than any file"},
                 {MIDDLE("K\x00J\xff\xff\xff\x00\x85K\x00\x85"), "repeat the same numbers"},
                 {MIDDLE("K\x00J\xff\xff\xff\xff\x85K\x01\x85"), "expected counts"},
                 {MIDDLE("K\x00K\x03\x85J\xff\xff\xff\xff\x85"), "expected counts"},
                 {MIDDLE("K\x00K\x03K\x04\x86K\x01\x85"), "as many strides as sizes"},
                 {MIDDLE("J\xff\xff\xff\xffK\x03\x85K\x01\x85"), "made in a way that is not known"},
                 {MIDDLE("K\x00N)"), "as many strides as sizes"}};
    for (size_t i = 0; i < sizeof numbers / 4; i++) {
        const float x = (float)i;
        memcpy(numbers + 4 * i, &x, 4);
    }
    const xp_storages storages = {.find = find_numbers, .most = 1000};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[512];
        explaint_error error = {0};
        xp_pickle *pickle;
        xp_torch *file;
        const size_t size = make(bytes, cases[i].middle, cases[i].size);
        if (xp_pickle_read("p", bytes, size, xp_torch_globals, &pickle, &error) != EXPLAINT_OK)
            fail_msg("%zu: %s", i, error.message);
        const explaint_status status = xp_torch_read("p", xp_pickle_root(pickle), &storages, &file, &error);
        xp_pickle_close(pickle);
        if (cases[i].part == NULL) {
            if (status != EXPLAINT_OK) fail_msg("%zu: %s", i, error.message);
        } else {
            assert_int_equal(status, EXPLAINT_INVALID);
            if (strstr(error.message, cases[i].part) == NULL) fail_msg("%zu: %s", i, error.message);
        }
        if (i == 1) { /* transposed */
            float x;
            memcpy(&x, xp_torch_tensor(file, 0)->data + 4, 4);
            assert_true(x == 4);
        }
        xp_torch_close(file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(views), cmocka_unit_test(no_copies), cmocka_unit_test(refusals),
                                       cmocka_unit_test(every_cut), cmocka_unit_test(extents)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
