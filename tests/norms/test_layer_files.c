/* Several arrays of a file as layers: which number each has, what they must have in common, whose words they are. */
#include "support/files.h"
#include "support/workbook.h"

#include "norms/layer_names.h"
#include "norms/norms.h"
#include "norms/vectors.h"

static explaint_norms *norms;

static int open_norms(void **state) {
    static const char text[] = "concept,feature,value\ndog,barks,3\nbat_(animal),flies,2\nice_cream,is_cold,4\n";
    explaint_error error = {0};
    return files_setup(state) || xp_norms_read("n.csv", text, sizeof text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int close_norms(void **state) {
    explaint_norms_close(norms);
    return files_teardown(state);
}

/* ---- names ---- */

static void names(void **state) {
    (void)state;
    enum { MOST = 6 };
    static const struct {
        const char *given[MOST], *sorted[MOST];
        int number[MOST];
        bool told;
    } cases[] = {
        {{"layer.10", "layer.2", "layer.0"}, {"layer.0", "layer.2", "layer.10"}, {0, 2, 10}, true},
        {{"6", "11", "1"}, {"1", "6", "11"}, {1, 6, 11}, true},
        {{"layer_06", "layer_12"}, {"layer_06", "layer_12"}, {6, 12}, true},
        {{"bert2.h.3.out", "bert2.h.1.out"}, {"bert2.h.1.out", "bert2.h.3.out"}, {1, 3}, true},
        {{"3.bert2", "1.bert2"}, {"1.bert2", "3.bert2"}, {1, 3}, true},
        {{"bert2.layer.6"}, {"bert2.layer.6"}, {6}, true},
        {{"arr_0"}, {"arr_0"}, {0}, true},
        {{"layer.100000", "layer.1"}, {"layer.1", "layer.100000"}, {1, 100000}, true},
        /* no layers told */
        {{"layer.1", "embeddings", "layer.2"}, {"embeddings", "layer.1", "layer.2"}, {0, 1, 2}, false},
        {{"glove", "bert"}, {"bert", "glove"}, {0, 1}, false},
        {{"words"}, {"words"}, {0}, false},
        {{"layer.6", "layer.06"}, {"layer.06", "layer.6"}, {0, 1}, false}, /* one layer twice */
        {{"a1.b2", "a2.b1"}, {"a1.b2", "a2.b1"}, {0, 1}, false},           /* which of the two? */
        {{"layer.100001", "layer.1"}, {"layer.1", "layer.100001"}, {0, 1}, false},
        {{"layer.99999999999999999999", "layer.1"}, {"layer.1", "layer.99999999999999999999"}, {0, 1}, false},
        {{"h1", "h.2"}, {"h.2", "h1"}, {0, 1}, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char *name[MOST];
        int number[MOST];
        size_t n = 0;
        for (; n < MOST && cases[c].given[n] != NULL; n++) name[n] = strdup(cases[c].given[n]);
        assert_int_equal(xp_layer_numbers(name, n, number), cases[c].told);
        for (size_t i = 0; i < n; i++) {
            assert_string_equal(name[i], cases[c].sorted[i]);
            assert_int_equal(number[i], cases[c].number[i]);
            free(name[i]);
        }
    }
}

/* ---- safetensors ---- */

/* Number k of array i is 10 i + k. */
typedef struct tensor {
    const char *name, *type;
    int rows, width; /* width 0: a vector of rows */
} tensor;
#define PLAIN(name)                                                                                                    \
    { name, "F32", 3, 2 }
#define VECTOR(name)                                                                                                   \
    { name, "F32", 6, 0 }

static const char *write_tensors(const char *metadata, const tensor *tensors, size_t n) {
    static unsigned char bytes[8192];
    char header[2048];
    size_t at = 0;
    int length = snprintf(header, sizeof header, "{\"__metadata__\": {%s}", metadata);
    unsigned char *data = bytes + 4096;
    for (size_t i = 0; i < n; i++) {
        const tensor *t = &tensors[i];
        const bool wide = strcmp(t->type, "F64") == 0;
        const int cells = t->rows * (t->width > 0 ? t->width : 1);
        const size_t size = (size_t)cells * (wide ? 8 : 4);
        char shape[32];
        snprintf(shape, sizeof shape, t->width > 0 ? "%d, %d" : "%d", t->rows, t->width);
        length += snprintf(header + length, sizeof header - (size_t)length,
                           ", \"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%zu, %zu]}", t->name,
                           t->type, shape, at, at + size);
        for (int k = 0; k < cells; k++) {
            const float x = (float)(10 * i) + (float)k;
            const double y = (double)x;
            memcpy(data + at + (size_t)k * (wide ? 8 : 4), wide ? (const void *)&y : (const void *)&x, wide ? 8 : 4);
        }
        at += size;
    }
    length += snprintf(header + length, sizeof header - (size_t)length, "}");
    const uint64_t announced = (uint64_t)length;
    memcpy(bytes, &announced, 8);
    memcpy(bytes + 8, header, (size_t)length);
    memmove(bytes + 8 + length, data, at);
    return files_write("v.safetensors", bytes, 8 + (size_t)length + at);
}

#define WORDS "\"words\": \"[\\\"bat\\\", \\\"ice cream\\\", \\\"dog\\\"]\""

static explaint_status open_layers(const char *path, const char *list, const char *words, explaint_layers *layers,
                                   explaint_error *error) {
    const explaint_vectors_options options = {.tensor = list, .words = words};
    *error = (explaint_error){0};
    return explaint_layers_open(path, norms, &options, layers, error);
}

static void check_layer(const explaint_layer *layer, int number, const char *name, double first) {
    assert_int_equal(layer->number, number);
    assert_string_equal(layer->vectors->tensor, name);
    assert_true(explaint_vectors_of_concept(layer->vectors, 0)[0] == first + 4); /* dog */
    assert_true(explaint_vectors_of_concept(layer->vectors, 1)[1] == first + 1); /* bat */
    assert_true(explaint_vectors_of_concept(layer->vectors, 2)[0] == first + 2); /* ice cream */
    assert_string_equal(explaint_vectors_name(layer->vectors), "v");
}

static void layers_of_tensors(void **state) {
    (void)state;
    static const tensor three[] = {PLAIN("layer.10"), PLAIN("layer.2"), VECTOR("bias")};
    explaint_layers layers;
    explaint_error error;
    const char *path = write_tensors(WORDS, three, 3);
    if (open_layers(path, "all", NULL, &layers, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(layers.n, 2);
    check_layer(&layers.layer[0], 2, "layer.2", 10);
    check_layer(&layers.layer[1], 10, "layer.10", 0);
    for (size_t i = 0; i < 2; i++) {
        const explaint_vectors *v = layers.layer[i].vectors;
        assert_contains(explaint_vectors_note(v, 0), "1 array of the file is no layer");
        assert_contains(explaint_vectors_note(v, 0), "bias");
        assert_int_equal(strlen(v->sha256.array), 64);
        assert_string_equal(v->sha256.words, "");
    }
    explaint_layers_close(&layers);
    assert_int_equal(layers.n, 0);
    /* a list, with blanks around its names, and words in a file */
    const char *words = files_text("words", "bat\nice cream\ndog\n");
    if (open_layers(path, " layer.10 ,layer.2", words, &layers, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(layers.n, 2);
    check_layer(&layers.layer[0], 2, "layer.2", 10);
    assert_int_equal(strlen(layers.layer[0].vectors->sha256.words), 64);
    explaint_layers_close(&layers);
    /* the words of the file serve a single tensor, too */
    const explaint_vectors_options one = {.tensor = "layer.2"};
    explaint_vectors *v = NULL;
    if (explaint_vectors_open(path, norms, &one, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_true(explaint_vectors_of_concept(v, 0)[0] == 14);
    explaint_vectors_close(v);
}

static void names_that_tell_nothing(void **state) {
    (void)state;
    static const tensor two[] = {PLAIN("large"), PLAIN("base")};
    explaint_layers layers;
    explaint_error error;
    if (open_layers(write_tensors(WORDS, two, 2), "all", NULL, &layers, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    check_layer(&layers.layer[0], 0, "base", 10);
    check_layer(&layers.layer[1], 1, "large", 0);
    assert_contains(explaint_vectors_note(layers.layer[0].vectors, 0), "numbered in their order: 0 base, 1 large");
    assert_string_equal(explaint_vectors_note(layers.layer[0].vectors, 0),
                        explaint_vectors_note(layers.layer[1].vectors, 0));
    explaint_layers_close(&layers);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *metadata, *list, *part;
        tensor tensors[3];
        explaint_status status;
    } cases[] = {
        {WORDS,
         "all",
         "one shape, found 3 x 2 in \"h1\" and 2 x 2 in \"h2\"",
         {PLAIN("h1"), {"h2", "F32", 2, 2}},
         EXPLAINT_INVALID},
        {WORDS,
         "all",
         "one shape, found 3 x 2 in \"h1\" and 3 x 4 in \"h2\"",
         {PLAIN("h1"), {"h2", "F32", 3, 4}},
         EXPLAINT_INVALID},
        {WORDS,
         "all",
         "one type of numbers, found F32 in \"h1\" and F64 in \"h2\"",
         {PLAIN("h1"), {"h2", "F64", 3, 2}},
         EXPLAINT_INVALID},
        {WORDS, "all", "expected arrays of two dimensions", {VECTOR("h1")}, EXPLAINT_INVALID},
        {WORDS, "h1,h3", "no tensor \"h3\"", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_USAGE},
        {WORDS, "h1,", "found an empty one", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_USAGE},
        {WORDS, "h1,h2,h1", "\"h1\" is named twice", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_USAGE},
        {WORDS,
         "h1,h2",
         "expected tensor \"h2\" to have two dimensions",
         {PLAIN("h1"), VECTOR("h2")},
         EXPLAINT_INVALID},
        {"\"format\": \"pt\"",
         "all",
         "does not name its rows; give the words",
         {PLAIN("h1"), PLAIN("h2")},
         EXPLAINT_USAGE},
        {"\"words\": \"[\\\"dog\\\"]\"", "all", "expected 3 words", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_INVALID},
        {"\"words\": \"dog bat cat\"", "all", "not valid JSON", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_INVALID},
        {"\"words\": \"{}\"", "all", "a JSON list of texts", {PLAIN("h1"), PLAIN("h2")}, EXPLAINT_INVALID},
        {"\"words\": \"[\\\"dog\\\", 1, 2]\"",
         "all",
         "a JSON list of texts",
         {PLAIN("h1"), PLAIN("h2")},
         EXPLAINT_INVALID},
        {"\"words\": \"[\\\"x\\\", \\\"y\\\", \\\"z\\\"]\"",
         "all",
         "no concept",
         {PLAIN("h1"), PLAIN("h2")},
         EXPLAINT_INVALID},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t n = 0;
        explaint_layers layers;
        explaint_error error;
        while (n < 3 && cases[c].tensors[n].name != NULL) n++;
        const char *path = write_tensors(cases[c].metadata, cases[c].tensors, n);
        const explaint_status status = open_layers(path, cases[c].list, NULL, &layers, &error);
        if (status != cases[c].status || strstr(error.message, cases[c].part) == NULL)
            fail_msg("%zu: %d, %s", c, (int)status, error.message);
        assert_int_equal(layers.n, 0);
        assert_null(layers.layer);
    }
    explaint_layers layers;
    explaint_error error;
    assert_int_equal(open_layers(files_text("v.txt", "dog 1 2\n"), "all", NULL, &layers, &error), EXPLAINT_USAGE);
    assert_contains(error.message, "v.txt: several tensors at once");
    assert_int_equal(open_layers(files_path("absent"), "all", NULL, &layers, &error), EXPLAINT_INVALID);
}

/* ---- .npz ---- */

static void add_array(workbook *archive, const char *name, const char *descr, const char *shape, const void *data,
                      size_t size) {
    unsigned char bytes[512] = "\x93NUMPY\1\0\x76";
    memset(bytes + 10, ' ', 117);
    const int used =
        snprintf((char *)bytes + 10, 118, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape);
    bytes[10 + used] = ' ';
    bytes[127] = '\n';
    memcpy(bytes + 128, data, size);
    workbook_bytes(archive, name, bytes, 128 + size, 0);
}

static void layers_of_npz(void **state) {
    (void)state;
    const float first[] = {0, 1, 2, 3, 4, 5}, second[] = {10, 11, 12, 13, 14, 15};
    static const char words[] = "bat\0\0\0\0\0\0ice creamdog\0\0\0\0\0\0";
    workbook archive;
    workbook_begin(&archive);
    add_array(&archive, "layer_12.npy", "<f4", "3, 2", first, sizeof first);
    add_array(&archive, "words.npy", "|S9", "3,", words, 27);
    add_array(&archive, "layer_3.npy", "<f4", "3, 2", second, sizeof second);
    workbook_end(&archive);
    const char *path = files_write("v.npz", archive.data, archive.size);
    workbook_free(&archive);
    explaint_layers layers;
    explaint_error error;
    if (open_layers(path, "all", NULL, &layers, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(layers.n, 2);
    check_layer(&layers.layer[0], 3, "layer_3", 10);
    check_layer(&layers.layer[1], 12, "layer_12", 0);
    for (size_t i = 0; i < explaint_vectors_n_notes(layers.layer[0].vectors);
         i++) /* the words are no layer, and none is missed */
        assert_null(strstr(explaint_vectors_note(layers.layer[0].vectors, i), "no layer"));
    explaint_layers_close(&layers);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(layers_of_tensors),
                                       cmocka_unit_test(refusals), cmocka_unit_test(names_that_tell_nothing),
                                       cmocka_unit_test(layers_of_npz)};
    return cmocka_run_group_tests(tests, open_norms, close_norms);
}
