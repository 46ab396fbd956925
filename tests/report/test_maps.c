/* Maps of a file, and the blocks of bytes that a page keeps of them: each entry's byte, where a block ends, and what is left out where there is no room. */
#include "support/files.h"

#include <math.h>

#include "report/blocks.h"

enum { LAYERS = 2, HEADS = 3, MOST = 1 << 20 };

static float value_of(size_t text, size_t kind, size_t at) {
    return (float)((at * 2654435761u + text * 97 + kind * 31) % 1009) / 1009;
}

/* Texts of n pieces each, with the intact map and two damages. */
static const char *file_of(size_t n_texts, size_t n) {
    static const char *const kinds[] = {"attention", "permute", "reverse"};
    static float values[MOST];
    static char header[1 << 14];
    const size_t entries = LAYERS * HEADS * n * n, bytes = entries * sizeof(float);
    size_t length = (size_t)snprintf(header, sizeof header, "{\"__metadata__\": {\"model\": \"m\"}");
    for (size_t i = 0; i < n_texts; i++)
        for (size_t k = 0; k < 3; k++) {
            const size_t from = (i * 3 + k) * bytes;
            length += (size_t)snprintf(
                header + length, sizeof header - length,
                ", \"%zu.%s\": {\"dtype\": \"F32\", \"shape\": [%d, %d, %zu, %zu], \"data_offsets\": [%zu, %zu]}", i,
                kinds[k], LAYERS, HEADS, n, n, from, from + bytes);
            for (size_t at = 0; at < entries; at++) values[(i * 3 + k) * entries + at] = value_of(i, k, at);
        }
    header[length++] = '}';
    assert_true(length < sizeof header && n_texts * 3 * entries <= MOST);
    char *all = malloc(8 + length + n_texts * 3 * bytes);
    for (size_t i = 0; i < 8; i++) all[i] = (char)(length >> (8 * i) & 255);
    memcpy(all + 8, header, length);
    memcpy(all + 8 + length, values, n_texts * 3 * bytes);
    const char *path = files_write("maps.safetensors", all, 8 + length + n_texts * 3 * bytes);
    free(all);
    return path;
}

static void open_maps(size_t n_texts, size_t n, xp_maps *maps) {
    explaint_error error = {0};
    if (xp_maps_open(file_of(n_texts, n), maps, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
}

static bool there(const xp_text *page, const char *id) {
    char element[64];
    snprintf(element, sizeof element, " id=\"maps-7-%s\">", id);
    return page->data != NULL && strstr(page->data, element) != NULL;
}

/* The bytes of a block, as a browser reads them. */
static size_t inflated(const xp_text *page, const char *id, unsigned char *bytes, size_t room) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static unsigned char packed[MOST];
    char element[64];
    snprintf(element, sizeof element, " id=\"maps-7-%s\">", id);
    const char *at = strstr(page->data, element);
    assert_non_null(at);
    size_t n = 0;
    unsigned held = 0, bits = 0;
    for (at += strlen(element); strchr(digit, *at) != NULL; at++) {
        held = (held << 6 | (unsigned)(strchr(digit, *at) - digit)) & 0xffff;
        bits += 6;
        if (bits >= 8) packed[n++] = (unsigned char)(held >> (bits -= 8));
    }
    assert_int_equal(strncmp(at + strspn(at, "="), "</script>", 9), 0);
    uLongf size = room;
    assert_int_equal(uncompress(bytes, &size, packed, n), Z_OK);
    return size;
}

static void a_block_has_whole_heads(void **state) {
    (void)state;
    static unsigned char bytes[MOST];
    static const struct {
        size_t n, heads;
        const char *blocks[4];
    } cases[] = {{5, LAYERS * HEADS, {"0-0-0"}}, {44, LAYERS * HEADS, {"0-0-0"}}, {236, 4, {"0-0-0", "0-0-1"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t n = cases[i].n;
        xp_maps maps;
        xp_text page = {0};
        xp_blocks_kept blocks;
        open_maps(1, n, &maps);
        assert_int_equal(xp_blocks_heads(&maps, 0), cases[i].heads);
        assert_true(xp_blocks_write(&maps, 7, 1 << 24, &page, &blocks));
        assert_int_equal(blocks.n_texts, 1);
        assert_int_equal(blocks.left_out, 0);
        size_t at = 0;
        for (size_t k = 0; cases[i].blocks[k] != NULL; k++) {
            const size_t size = inflated(&page, cases[i].blocks[k], bytes, sizeof bytes);
            assert_int_equal(size % (n * n + n), 0);
            for (size_t b = 0; b < size; b++) {
                const size_t in_head = b % (n * n + n), row = b - in_head + n * n + in_head / n;
                if (in_head >= n * n) continue;
                assert_int_equal(bytes[b], lround(255 * sqrt(ldexp((double)value_of(0, 0, at++), 2 * bytes[row]))));
            }
        }
        assert_int_equal(at, LAYERS * HEADS * n * n);
        assert_true(there(&page, "0-1-0") && there(&page, "0-2-0"));
        assert_int_equal(there(&page, "0-small"), n > XP_BLOCKS_SMALL);
        xp_text_free(&page);
        xp_maps_free(&maps);
    }
}

/* Of a row that a special token takes nearly whole, what is left is kept as finely as that of others. */
static void rows_of_which_little_is_left(void **state) {
    (void)state;
    enum { N = 4 };
    static const float map[N][N] = {
        {.999f, 1e-3f, 2e-5f, 7e-6f}, {.5f, .25f, .125f, .125f}, {1, 0, 0, 0}, {.2f, .3f, .3f, .2f}};
    char bytes[1024];
    unsigned char kept[N * N + N + 1];
    const char header[] = "{\"__metadata__\": {\"special\": \"[[true, false, false, false]]\"}, \"0.attention\": "
                          "{\"dtype\": \"F32\", \"shape\": [1, 1, 4, 4], \"data_offsets\": [0, 64]}}";
    memset(bytes, 0, 8);
    bytes[0] = (char)(sizeof header - 1);
    memcpy(bytes + 8, header, sizeof header - 1);
    memcpy(bytes + 8 + sizeof header - 1, map, sizeof map);
    xp_maps maps;
    xp_text page = {0};
    xp_blocks_kept blocks;
    explaint_error error = {0};
    if (xp_maps_read("m", bytes, 8 + sizeof header - 1 + sizeof map, &maps, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    assert_true(xp_blocks_write(&maps, 7, 1 << 20, &page, &blocks));
    assert_int_equal(inflated(&page, "0-0-0", kept, sizeof kept), N * N + N);
    static const unsigned char doublings[N] = {4, 0, 0, 0};
    assert_memory_equal(kept + N * N, doublings, N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            const double root = kept[i * N + j] / 255.0 / (j == 0 ? 1 : 1 << kept[N * N + i]);
            assert_true(fabs(root - sqrt((double)map[i][j])) <= .5 / 255 / (j == 0 ? 1 : 1 << kept[N * N + i]) + 1e-7);
        }
    xp_text_free(&page);
    xp_maps_free(&maps);
}

/* A dot is the largest entry below it. */
static void small_maps(void **state) {
    (void)state;
    enum { N = 100, S = XP_BLOCKS_SMALL };
    static unsigned char bytes[MOST];
    static double most[LAYERS * HEADS][S][S];
    xp_maps maps;
    xp_text page = {0};
    xp_blocks_kept blocks;
    open_maps(1, N, &maps);
    assert_true(xp_blocks_write(&maps, 7, 1 << 24, &page, &blocks));
    assert_int_equal(inflated(&page, "0-small", bytes, sizeof bytes), LAYERS * HEADS * S * S);
    for (size_t h = 0; h < LAYERS * HEADS; h++)
        for (size_t a = 0; a < N; a++)
            for (size_t b = 0; b < N; b++) {
                size_t i = S - 1, j = S - 1; /* the dot whose rows a is among */
                while (i * N / S > a) i--;
                while (j * N / S > b) j--;
                most[h][i][j] = fmax(most[h][i][j], (double)value_of(0, 0, (h * N + a) * N + b));
            }
    for (size_t at = 0; at < LAYERS * HEADS * S * S; at++)
        assert_int_equal(bytes[at], lround(255 * sqrt((&most[0][0][0])[at])));
    xp_text_free(&page);
    xp_maps_free(&maps);
}

/* The first text with its first damage, intact maps, then damage by damage. */
static void what_has_no_room(void **state) {
    (void)state;
    static const char *const order[] = {"0-0-0", "0-1-0", "1-0-0", "2-0-0", "1-1-0",
                                        "2-1-0", "0-2-0", "1-2-0", "2-2-0"};
    enum { N = sizeof order / sizeof *order };
    xp_maps maps;
    xp_blocks_kept blocks;
    xp_text whole = {0};
    open_maps(3, 12, &maps);
    assert_true(xp_blocks_write(&maps, 7, 1 << 24, &whole, &blocks));
    const size_t each = whole.length / N;
    for (size_t room = 0; room <= N + 1; room++) {
        xp_text page = {0};
        assert_true(xp_blocks_write(&maps, 7, room * each + each / 2, &page, &blocks));
        const size_t held = room < 2 ? 2 : room > N ? N : room;
        for (size_t i = 0; i < N; i++) assert_int_equal(there(&page, order[i]), i < held);
        const size_t n_texts = held >= 4 ? 3 : held - 1;
        assert_int_equal(blocks.n_texts, n_texts);
        assert_int_equal(blocks.left_out, 3 * n_texts - held);
        xp_text_free(&page);
    }
    xp_text page = {0}; /* what nobody opens */
    assert_true(xp_blocks_write(&maps, 7, each / 16, &page, &blocks));
    assert_int_equal(page.length + blocks.n_texts + blocks.left_out, 0);
    xp_text_free(&page);
    xp_text_free(&whole);
    xp_maps_free(&maps);
}

/* Of flow each row is divided by its sum, whatever the file has; a row where nothing flows is zeros. Its blocks go before damages. */
static void flow_is_shares(void **state) {
    (void)state;
    enum { N = 2 };
    static const char header[] =
        "{\"0.attention\": {\"dtype\": \"F32\", \"shape\": [2, 1, 1, 1], \"data_offsets\": [0, 8]}, "
        "\"0.permute\": {\"dtype\": \"F32\", \"shape\": [2, 1, 1, 1], \"data_offsets\": [8, 16]}, "
        "\"0.value_zeroing\": {\"dtype\": \"F32\", \"shape\": [2, 1, 1], \"data_offsets\": [16, 24]}, "
        "\"0.rollout\": {\"dtype\": \"F32\", \"shape\": [1, 1], \"data_offsets\": [24, 28]}, "
        "\"1.attention\": {\"dtype\": \"F32\", \"shape\": [2, 1, 2, 2], \"data_offsets\": [28, 60]}, "
        "\"1.value_zeroing\": {\"dtype\": \"F32\", \"shape\": [2, 2, 2], \"data_offsets\": [60, 92]}, "
        "\"1.rollout\": {\"dtype\": \"F32\", \"shape\": [2, 2], \"data_offsets\": [92, 108]}}";
    static const float values[] = {1, 1,     1,     1, 1, 1,    1,   1, 0, .5f,  .5f,  1, 0, 0,
                                   1, .003f, .001f, 0, 0, 1.5f, .5f, 2, 0, .25f, .75f, 0, 1};
    static const float expected[2][2][2] = {{{.75f, .25f}, {0, 0}}, {{.75f, .25f}, {1, 0}}};
    char bytes[2048] = {0};
    bytes[0] = (char)((sizeof header - 1) & 255);
    bytes[1] = (char)((sizeof header - 1) >> 8);
    memcpy(bytes + 8, header, sizeof header - 1);
    memcpy(bytes + 8 + sizeof header - 1, values, sizeof values);
    xp_maps maps;
    explaint_error error = {0};
    if (xp_maps_read("m", bytes, 8 + sizeof header - 1 + sizeof values, &maps, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(maps.n_kinds, 4);
    assert_string_equal(maps.kind[1].name, "permute");
    assert_string_equal(maps.kind[2].name, "value_zeroing");
    assert_true(maps.kind[2].steps && !maps.kind[3].steps);
    assert_int_equal(xp_maps_count(&maps, 2), 2);
    assert_int_equal(xp_maps_count(&maps, 3), 1);
    double matrix[N * N];
    for (size_t l = 0; l < 2; l++) {
        assert_true(xp_maps_matrix(&maps, 1, 2, l, matrix));
        for (size_t at = 0; at < 4; at++) assert_true(fabs(matrix[at] - (double)(&expected[l][0][0])[at]) < 1e-6);
    }
    xp_text page = {0};
    xp_blocks_kept blocks;
    assert_true(xp_blocks_write(&maps, 7, 1 << 20, &page, &blocks));
    assert_true(there(&page, "1-2-0") && there(&page, "1-3-0") && there(&page, "0-1-0"));
    assert_true(strstr(page.data, "maps-7-0-2-0") < strstr(page.data, "maps-7-0-1-0"));
    assert_int_equal(blocks.left_out, 0);
    xp_text_free(&page);
    xp_maps_free(&maps);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_has_whole_heads, files_setup, files_teardown),
        cmocka_unit_test(rows_of_which_little_is_left),
        cmocka_unit_test(flow_is_shares),
        cmocka_unit_test_setup_teardown(small_maps, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(what_has_no_room, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
