/* What attend keeps: bytes give back the numbers, any reader of safetensors finds them, and nothing stored is believed. */
#include "support/files.h"

#include <math.h>

#include "base/memory.h"
#include "formats/safetensors.h"
#include "units/attention.h"
#include "units/flow.h"

static const char *const series[] = {"permute", "permute undone", "gaussian"};
static const char *const ways[] = {"identity, sentence, word, cosine", "linear, vocabulary, word, l2"};

static xp_units_maps maps_of(size_t n_others) {
    xp_units_maps m = {.series = series, .n_series = 3, .n_layers = 2, .n_heads = 4, .n_others = n_others};
    assert_true(xp_units_maps_create(&m));
    return m;
}

static size_t count(const xp_units_maps *m) { return 3 * 2 * 4 * 2 * 4 + 2 * 2 * 4 * (1 + m->n_others) + 3 + 1; }

static xp_units_rows rows_of(size_t n_rows) {
    xp_units_rows r = {.variant = ways, .n_variants = 2, .n_rows = n_rows, .n_texts = 3};
    assert_true(xp_units_rows_create(&r));
    return r;
}

static void numbers_come_back(void **state) {
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    xp_units_maps m = maps_of(5), again = maps_of(5);
    for (size_t i = 0; i < count(&m); i++)
        if (i % 7 != 0) m.alike[i] = sin((double)i) * (i + 4 < count(&m) ? 1 : 0);
    assert_true(xp_units_maps_pack(&m, &bytes, &size));
    assert_true(xp_units_maps_unpack(&again, bytes, size));
    assert_memory_equal(again.alike, m.alike, count(&m) * sizeof(double));

    xp_safetensors *file = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_safetensors_open("unit", bytes, size, &file, &error), EXPLAINT_OK);
    const xp_tensor *alike = xp_safetensors_find(file, "alike");
    const size_t shape[] = {3, 2, 4, 2, 4};
    assert_memory_equal(alike->shape, shape, sizeof shape);
    assert_non_null(strstr(xp_safetensors_metadata(file, "holds"), "permute undone"));
    assert_non_null(strstr(xp_safetensors_metadata(file, "holds"), "damage_same_target"));
    xp_safetensors_close(file);
    xp_free(bytes);
    xp_free(m.alike);
    xp_free(again.alike);

    xp_units_rows r = rows_of(9), other = rows_of(9);
    for (size_t i = 0; i < 18; i++) {
        r.rank[i] = (uint32_t)(i % 5 + 1);
        r.row[i] = i % 4 == 0;
        r.next[i] = i % 3 == 0;
        r.previous[i] = (uint32_t)i;
    }
    r.cka[3] = .25;
    r.cosine[3] = -.5;
    r.anisotropy[11] = .125;
    assert_true(xp_units_rows_pack(&r, &bytes, &size));
    assert_true(xp_units_rows_unpack(&other, bytes, size));
    assert_memory_equal(other.rank, r.rank, 18 * sizeof *r.rank);
    assert_memory_equal(other.row, r.row, 18);
    assert_memory_equal(other.next, r.next, 18);
    assert_memory_equal(other.previous, r.previous, 18 * sizeof *r.previous);
    assert_memory_equal(other.cosine, r.cosine, 32 * sizeof *r.cosine);
    xp_free(bytes);
    xp_free(r.cosine);
    xp_free(other.cosine);
}

static void looks_come_back_and_are_not_believed(void **state) {
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    xp_units_looks l = {.text = 2, .n_pieces = 7, .n_layers = 3, .n_heads = 5}, other = l;
    const size_t n = XP_UNITS_N_ROWS * XP_UNITS_LOOKS;
    assert_true(xp_units_looks_create(&l) && xp_units_looks_create(&other));
    for (size_t i = 0; i < n * 15; i++) l.sum[i] = (double)(i % 11) / 3;
    for (size_t i = 0; i < n; i++) l.n[i] = (double)(i % 8);
    assert_true(xp_units_looks_pack(&l, &bytes, &size));
    assert_true(xp_units_looks_unpack(&other, bytes, size));
    assert_memory_equal(other.sum, l.sum, (n * 15 + n) * sizeof *l.sum);
    other.text = 1;
    assert_false(xp_units_looks_unpack(&other, bytes, size));
    xp_free(bytes);
    other.text = 2;
    const double unlikely[] = {-1, 9, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        l.n[3] = unlikely[i]; /* 9 of 7 pieces */
        assert_true(xp_units_looks_pack(&l, &bytes, &size));
        assert_false(xp_units_looks_unpack(&other, bytes, size));
        xp_free(bytes);
    }
    xp_free(l.sum);
    xp_free(other.sum);
}

/* Another shape or another name is another unit; a byte less, a byte more, or any byte of the head changed does no harm. */
static void nothing_is_believed(void **state) {
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    xp_units_maps m = maps_of(5), other = maps_of(4);
    for (size_t i = 0; i < count(&m); i++) m.alike[i] = 0;
    assert_true(xp_units_maps_pack(&m, &bytes, &size));
    assert_false(xp_units_maps_unpack(&other, bytes, size));
    const char *const renamed[] = {"permute", "permute undone", "reverse"};
    other.n_others = 5;
    other.series = renamed;
    xp_units_maps named = maps_of(5);
    named.series = renamed;
    assert_false(xp_units_maps_unpack(&named, bytes, size));
    unsigned char *changed = malloc(size + 1);
    memcpy(changed, bytes, size);
    changed[size] = 0;
    for (size_t length = 0; length <= size + 1; length += length < 900 ? 1 : 97)
        if (length != size) assert_false(xp_units_maps_unpack(&named, changed, length));
    for (size_t i = 0; i < 700; i++) {
        for (int bit = 0; bit < 8; bit++) {
            changed[i] ^= (unsigned char)(1 << bit);
            (void)xp_units_maps_unpack(&m, changed, size); /* it may still be one: a blank in the head */
            changed[i] ^= (unsigned char)(1 << bit);
        }
    }
    assert_true(xp_units_maps_unpack(&m, changed, size));
    const double unlikely[] = {1.5, INFINITY, -2};
    for (size_t i = 0; i < 3; i++) {
        memcpy(changed + size - 8 * 60, &unlikely[i], 8);
        assert_false(xp_units_maps_unpack(&m, changed, size));
    }
    xp_free(bytes);
    m.text = 3; /* of another text */
    assert_false(xp_units_maps_unpack(&m, changed, size));
    free(changed);
    xp_free(m.alike);
    xp_free(other.alike);
    xp_free(named.alike);

    xp_units_rows r = rows_of(9);
    r.next[3] = 2; /* neither yes nor no */
    assert_true(xp_units_rows_pack(&r, &bytes, &size));
    assert_false(xp_units_rows_unpack(&r, bytes, size));
    xp_free(bytes);
    xp_free(r.cosine);

    double hits[4] = {3, 4, 0, 1}, rows[2] = {3, 4};
    xp_units_hits h = {5, 2, hits};
    assert_true(xp_units_hits_pack(&h, &bytes, &size));
    assert_true(xp_units_hits_unpack(&h, rows, bytes, size));
    rows[1] = 3.5; /* more than there are */
    assert_false(xp_units_hits_unpack(&h, rows, bytes, size));
    xp_free(bytes);
}

static void without_memory_there_are_no_bytes(void **state) {
    (void)state;
    xp_units_maps m = maps_of(5);
    for (size_t n = 1, done = 0; !done; n++) {
        void *bytes = NULL;
        size_t size = 0;
        xp_fail_allocation(n);
        done = xp_units_maps_pack(&m, &bytes, &size);
        xp_fail_allocation(0);
        assert_true(done == (bytes != NULL));
        xp_free(bytes);
        assert_true(n < 1000);
    }
    xp_free(m.alike);
}

static void a_flow_comes_back_and_is_not_believed(void **state) {
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    xp_units_flow f = {.text = 1, .n_pieces = 4, .n_layers = 2}, again = f, other = f;
    other.text = 2;
    assert_true(xp_units_flow_create(&f) && xp_units_flow_create(&again) && xp_units_flow_create(&other));
    const size_t at = xp_units_flow_at(&f, XP_FLOW_OWN, 1);
    f.mean[at] = .5;
    f.rows[at] = 4;
    assert_true(xp_units_flow_pack(&f, &bytes, &size));
    assert_true(xp_units_flow_unpack(&again, bytes, size));
    assert_true(again.mean[at] == .5 && again.rows[at] == 4 && isnan(again.mean[0]));
    assert_false(xp_units_flow_unpack(&other, bytes, size));
    xp_free(bytes);
    const double impossible[][2] = {{.5, 5}, {.5, 0}, {NAN, 4}, {INFINITY, 4}, {.5, -1}};
    for (size_t k = 0; k < sizeof impossible / sizeof *impossible; k++) {
        f.mean[at] = impossible[k][0];
        f.rows[at] = impossible[k][1];
        assert_true(xp_units_flow_pack(&f, &bytes, &size));
        assert_false(xp_units_flow_unpack(&again, bytes, size));
        xp_free(bytes);
    }
    xp_free(f.mean);
    xp_free(again.mean);
    xp_free(other.mean);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(looks_come_back_and_are_not_believed),
        cmocka_unit_test(nothing_is_believed),
        cmocka_unit_test(a_flow_comes_back_and_is_not_believed),
        cmocka_unit_test(without_memory_there_are_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
