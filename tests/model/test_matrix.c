/* Matrices that stay as they lie in a GGUF beside the same numbers in fp32, packed: the same bits, for every type of numbers, every
 * instruction set, few rows and many; from parts of several types, of which one is interleaved. */
#include "support/files.h"

#include "base/rng.h"
#include "model/gguf.h"
#include "model/matrix.h"

enum {
    ROWS = 80, /* of the matrix: two heads, then 48 */
    HEAD = 16,
    FIRST = 2 * HEAD,
    WIDTH = 1280, /* whole blocks of 256, of which three chains of 384 are none */
    TEXT = 29
};

static float input[TEXT * WIDTH], numbers[ROWS * WIDTH];
static unsigned char bytes[2][ROWS * WIDTH * 4];

/* Random blocks with no exponent that makes a half infinite. */
static void draw(const xp_ggml *type, size_t rows, uint32_t stream, unsigned char *to) {
    xp_rng rng = xp_rng_begin(5, XP_RNG_TEST, stream);
    if (type->type == XP_F32) {
        for (size_t i = 0; i < rows * WIDTH; i++) {
            const float x = (float)xp_rng_normal(&rng);
            memcpy(to + i * sizeof x, &x, sizeof x);
        }
        return;
    }
    for (size_t i = 0; i < rows * (WIDTH / type->block) * type->bytes; i++)
        to[i] = (unsigned char)(xp_rng_below(&rng, 256) & 0xbf);
}

/* The rows of a part in the model's order, in fp32. */
static void widen(const xp_matrix_part *part, float *to) {
    for (size_t r = 0; r < part->rows; r++) {
        const size_t stored = part->head > 0 ? xp_gguf_interleaved(r, part->head) : r;
        const size_t blocks = WIDTH / part->type->block;
        xp_ggml_widen(part->type, part->data + stored * blocks * part->type->bytes, blocks, to + r * WIDTH);
    }
}

static void compare(const xp_matrix *m, const xp_kernels *kernels, const char *name) {
    size_t size;
    assert_true(xp_panels_size(WIDTH, ROWS, &size));
    float *panels = calloc(size, sizeof *panels), *want = malloc(sizeof(float) * TEXT * ROWS),
          *found = malloc(sizeof(float) * TEXT * ROWS);
    assert_true(panels != NULL && want != NULL && found != NULL);
    xp_panels_put(WIDTH, 0, ROWS, numbers, WIDTH, panels);
    const xp_matrix packed = {.rows = ROWS, .columns = WIDTH, .panels = panels};
    const xp_linear a = xp_matrix_linear(&packed, numbers), b = xp_matrix_linear(m, numbers);
    static const size_t counts[] = {1, 7, TEXT};
    for (size_t i = 0; i < 3; i++) {
        const size_t n = counts[i];
        memset(found, 0xff, sizeof(float) * TEXT * ROWS);
        xp_linear_apply(kernels, &a, n, input, WIDTH, XP_SILU, input, WIDTH, want, ROWS);
        xp_linear_apply(kernels, &b, n, input, WIDTH, XP_SILU, input, WIDTH, found, ROWS);
        if (memcmp(want, found, n * ROWS * sizeof(float)) != 0) fail_msg("%s, %s, %zu rows", name, kernels->name, n);
    }
    free(panels);
    free(want);
    free(found);
}

static void every_type_gives_the_same_bits(void **state) {
    (void)state;
    xp_rng rng = xp_rng_begin(4, XP_RNG_TEST, 0);
    size_t n_types = 0;
    for (size_t i = 0; i < TEXT * WIDTH; i++) input[i] = (float)xp_rng_normal(&rng);
    const xp_ggml *const other = xp_ggml_find(3); /* Q4_1 */
    for (uint32_t number = 0; number < 64; number++) {
        const xp_ggml *type = xp_ggml_find(number);
        if (type == NULL || type->widen == NULL) continue;
        n_types++;
        draw(type, FIRST, number, bytes[0]);
        draw(other, ROWS - FIRST, number, bytes[1]);
        const xp_matrix m = {.rows = ROWS,
                             .columns = WIDTH,
                             .n_parts = 2,
                             .part = {{FIRST, bytes[0], type, HEAD}, {ROWS - FIRST, bytes[1], other, 0}}};
        widen(&m.part[0], numbers);
        widen(&m.part[1], numbers + FIRST * WIDTH);
        for (size_t set = 0; xp_kernels_list(set) != NULL; set++)
            if (xp_kernels_list(set)->usable()) compare(&m, xp_kernels_list(set), type->name);
        float row[WIDTH];
        double wide[WIDTH];
        for (size_t r = 0; r < ROWS; r++) {
            xp_matrix_row(&m, r, row);
            xp_matrix_row_wide(&m, r, wide);
            assert_memory_equal(row, numbers + r * WIDTH, sizeof row);
            for (size_t k = 0; k < WIDTH; k++) assert_true(wide[k] == (double)row[k]);
        }
    }
    assert_int_equal(n_types, 15);
}

/* A table in fp32 gives rows and products, too. */
static void tables(void **state) {
    (void)state;
    float row[WIDTH];
    for (size_t i = 0; i < ROWS * WIDTH; i++) numbers[i] = input[i % (TEXT * WIDTH)];
    const xp_matrix m = {.rows = ROWS, .columns = WIDTH, .floats = numbers};
    xp_matrix_row(&m, ROWS - 1, row);
    assert_memory_equal(row, numbers + (ROWS - 1) * WIDTH, sizeof row);
    compare(&m, xp_kernels_find(NULL), "a table");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_type_gives_the_same_bits), cmocka_unit_test(tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
