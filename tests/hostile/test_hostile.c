/* Files that people and programs get wrong, one fault each: every one is refused with EXPLAINT_INVALID and a
 * sentence that says what is wrong, and where. */
#include "support/files.h"

#include "norms/assign.h"
#include "norms/vectors.h"

typedef enum kind { NORMS, VECTORS, FOLDS, CATEGORIES } kind;

static const struct {
    const char *file;
    kind kind;
    const char *part; /* of the sentence */
    size_t line;
    const char *words;
} cases[] = {
    {"empty.csv", NORMS, "the file is empty", 0, NULL},
    {"header-only.csv", NORMS, "expected rows after the header", 0, NULL},
    {"wide-header-only.csv", NORMS, "expected rows after the header", 0, NULL},
    {"ragged.csv", NORMS, "expected 3 cells separated by commas, as in the header, found 2", 3, NULL},
    {"open-quote.csv", NORMS, "is never closed", 2, NULL},
    {"after-quote.csv", NORMS, "after the closing quote", 2, NULL},
    {"not-a-number.csv", NORMS, "column \"value\", found \"many\", which is not a number", 3, NULL},
    {"long-missing.csv", NORMS, "which is missing", 3, NULL},
    {"long-infinite.csv", NORMS, "infinite", 3, NULL},
    {"decimal-comma.csv", NORMS, "decimals take a point", 2, NULL},
    {"no-concept.csv", NORMS, "expected a name in column \"concept\"", 3, NULL},
    {"no-feature.csv", NORMS, "expected a name in column \"feature\"", 3, NULL},
    {"two-concept-columns.csv", NORMS, "two columns named \"Concept\"", 1, NULL},
    {"long-all-equal.csv", NORMS, "all values are equal (2)", 0, NULL},
    {"long-all-zero.csv", NORMS, "all values are equal (0)", 0, NULL},
    {"wide-all-equal.csv", NORMS, "all values are equal (1.5)", 0, NULL},
    {"wide-all-missing.csv", NORMS, "every value is missing", 0, NULL},
    {"wide-infinity.csv", NORMS, "column \"a\", found \"-inf\", which is infinite", 3, NULL},
    {"wide-text.csv", NORMS, "column \"b\", found \"two\"", 3, NULL},
    {"wide-twice.csv", NORMS, "\"dog\" stands in line 2 and again in line 4", 4, NULL},
    {"wide-feature-twice.csv", NORMS, "heads two columns, the second is column 4", 1, NULL},
    {"wide-feature-unnamed.csv", NORMS, "header of column 3, found none", 1, NULL},
    {"no-header.csv", NORMS, "the header seems to be missing", 1, NULL},
    {"one-column.csv", NORMS, "found one column, \"words\"", 1, NULL},
    {"two-categories.csv", NORMS, "expected the category \"animal\"", 3, NULL},
    {"utf16.csv", NORMS, "iconv -f UTF-16 -t UTF-8 FILE > NEW", 0, NULL},
    {"utf16-no-mark.csv", NORMS, "iconv -f UTF-16LE -t UTF-8", 0, NULL},
    {"nul.csv", NORMS, "NUL byte", 2, NULL},
    {"spreadsheet.csv", NORMS, "the zip archive cannot be read", 0, NULL},
    {"cut.csv.gz", NORMS, "ends inside a gzip block", 0, NULL},
    {"damaged.csv.gz", NORMS, "gzip data are damaged", 0, NULL},
    {"empty-inside.csv.gz", NORMS, "empty once it is inflated", 0, NULL},
    {"not-gzip.csv.gz", NORMS, "gzip", 0, NULL},
    {"bomb.csv.gz", NORMS, "times as many", 0, NULL},
    {"control.csv", NORMS, "\\x07", 2, NULL},
    {"mcrae-count.txt", NORMS, "Prod_Freq", 2, NULL},
    {"mcrae-negative.txt", NORMS, "negative", 2, NULL},
    {"ragged.txt", VECTORS, "3 numbers, as in the first rows, found 2 after the word \"cat\"", 2, NULL},
    {"nan.txt", VECTORS, "value 1 of the word \"cat\", found \"nan\", which is NaN", 2, NULL},
    {"infinity-unwanted.txt", VECTORS, "of the word \"other\", found \"Infinity\"", 2, NULL},
    {"too-large.txt", VECTORS, "too large for a double", 2, NULL},
    {"nobody.txt", VECTORS, "no concept of the norms has a vector", 0, NULL},
    {"nul.txt", VECTORS, "NUL byte", 2, NULL},
    {"word2vec-cut.bin", VECTORS, "announces 3 words of 2 numbers, the file ends inside row 3", 0, NULL},
    {"word2vec-cut-inside.bin", VECTORS, "the file ends inside row 2, after 26 bytes", 0, NULL},
    {"word2vec-more.bin", VECTORS, "the file goes on behind them, at byte 18", 0, NULL},
    {"word2vec-nan.bin", VECTORS, "found NaN as value 1 of row 2 (the word \"cat\")", 0, NULL},
    {"word2vec-infinity.bin", VECTORS, "found infinity as value 2 of row 1 (the word \"other\")", 0, NULL},
    {"word2vec-wide.bin", VECTORS, "the file ends inside row 1", 0, NULL},
    {"word2vec-no-space.bin", VECTORS, "found no space in 4096 bytes; is the width in the first line, 2, true", 0,
     NULL},
    {"cut.txt.gz", VECTORS, "ends inside a gzip block", 0, NULL},
    {"announces-more.npy", VECTORS, "announces 400000 x 100 numbers", 0, "words-2.list"},
    {"overflow.npy", VECTORS, "announces 4294967296 x 4294967296", 0, "words-2.list"},
    {"header-cut.npy", VECTORS, "header announces", 0, "words-2.list"},
    {"nan.npy", VECTORS, "found NaN in row 2 (the word \"cat\"), column 1", 0, "words-2.list"},
    {"three-rows.npy", VECTORS, "expected 3 words, one for each row", 0, "words-2.list"},
    {"two-rows.npy", VECTORS, "found an empty line", 2, "words-empty-line.list"},
    {"header-long.safetensors", VECTORS, "announces 1048576 bytes, the file holds", 0, NULL},
    {"header-huge.safetensors", VECTORS, "at most 100000000 bytes, found one that announces 100000001", 0, NULL},
    {"json.safetensors", VECTORS, "is not valid JSON", 1, NULL},
    {"key-twice.safetensors", VECTORS, "duplicate object key", 1, NULL},
    {"dtype.safetensors", VECTORS, "tensor \"v\" of the header: expected a dtype such as F32 or BF16, found \"F31\"", 0,
     NULL},
    {"no-dtype.safetensors", VECTORS, "expected the keys dtype, shape and data_offsets", 0, NULL},
    {"shape-negative.safetensors", VECTORS, "expected counts in its shape", 0, NULL},
    {"shape-overflow.safetensors", VECTORS, "its shape is larger than any file", 0, NULL},
    {"size.safetensors", VECTORS, "its shape and dtype need 24 bytes, data_offsets give it 16", 0, NULL},
    {"offsets-reversed.safetensors", VECTORS, "begin not behind end", 0, NULL},
    {"offsets-beyond.safetensors", VECTORS, "ends at byte 32 of the data, the file holds 16", 0, NULL},
    {"hole.safetensors", VECTORS, "tensor \"b\" of the header: expected it to begin at byte 8 of the data", 0, NULL},
    {"overlap.safetensors", VECTORS, "tensor \"b\" of the header: expected it to begin at byte 8 of the data", 0, NULL},
    {"uncovered.safetensors", VECTORS, "cover 8 bytes, the file holds 16", 0, NULL},
    {"metadata.safetensors", VECTORS, "expected __metadata__ of the header to hold strings", 0, NULL},
    {"no-matrix.safetensors", VECTORS, "expected a tensor of two dimensions", 0, NULL},
    {"nan.safetensors", VECTORS, "found NaN in row 2 (the word \"cat\"), column 1", 0, "words-2.list"},
    {"three-rows.safetensors", VECTORS, "expected 3 words, one for each row", 0, "words-2.list"},
    {"cut.npz", VECTORS, "zip archive cannot be read", 0, NULL},
    {"damaged.npz", VECTORS, "CRC error", 0, NULL},
    {"no-matrix.npz", VECTORS, "found a zip archive without one", 0, NULL},
    {"text.zip", VECTORS, "unpack it (unzip)", 0, NULL},
    {"words-differ.npz", VECTORS, "expected 2 words, one for each row", 0, NULL},
    {"words-invalid.npz", VECTORS, "word 1, counted from 1, holds a character that is none", 0, NULL},
    {"nan.npz", VECTORS, "found NaN in row 2 (the word \"cat\"), column 1", 0, NULL},
    {"bomb.npz", VECTORS, "inflates to more than", 0, NULL},
    {"folds-missing.csv", FOLDS, "found none for \"bird\"", 0, NULL},
    {"folds-unknown.csv", FOLDS, "found \"unicorn\", which they do not have", 4, NULL},
    {"folds-twice.csv", FOLDS, "\"dog\" stands in line 2 and again in line 4", 4, NULL},
    {"folds-gap.csv", FOLDS, "no concept with a vector in fold 1", 0, NULL},
    {"folds-gap-dropped.csv", FOLDS, "no concept with a vector in fold 1", 0, NULL},
    {"folds-one.csv", FOLDS, "at least 2 folds, found 1", 0, NULL},
    {"folds-negative.csv", FOLDS, "found \"-1\"", 3, NULL},
    {"folds-fraction.csv", FOLDS, "found \"1.5\"", 3, NULL},
    {"folds-huge.csv", FOLDS, "smaller than the number of concepts", 3, NULL},
    {"folds-empty-cell.csv", FOLDS, "expected a fold", 3, NULL},
    {"folds-no-header.csv", FOLDS, "a column named \"concept\"", 1, NULL},
    {"folds-no-column.csv", FOLDS, "a column named \"fold\"", 1, NULL},
    {"folds-from-one.csv", FOLDS, "in fold 0", 0, NULL},
    {"categories-differ.csv", CATEGORIES, "\"animal\" in line 2 and \"pet\" in line 4", 4, NULL},
    {"categories-unknown.csv", CATEGORIES, "found none of them", 0, NULL},
    {"categories-no-column.csv", CATEGORIES, "a column named \"category\"", 1, NULL},
    {"categories-empty-concept.csv", CATEGORIES, "found an empty cell", 2, NULL},
};

static explaint_norms *norms;

static int open_norms(void **state) {
    (void)state;
    static const char text[] =
        "concept,feature,value\ndog,barks,3\ncat,purrs,2\nbird,flies,4\ndunebuggy,has_wheels,5\n";
    explaint_error error = {0};
    return xp_norms_read("norms.csv", text, sizeof text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int close_norms(void **state) {
    (void)state;
    explaint_norms_close(norms);
    return 0;
}

static explaint_status read_one(size_t i, const char *path, explaint_error *error) {
    static const uint8_t kept[4] = {1, 1, 1, 0};
    char sha256[XP_SHA256_TEXT], words[512];
    int number[4];
    size_t k;
    explaint_status status = EXPLAINT_OK;
    explaint_norms *other = NULL;
    explaint_vectors *vectors = NULL;
    xp_strings names = {0}, notes = {0};
    explaint_vectors_options options = {0};
    switch (cases[i].kind) {
    case NORMS:
        status = explaint_norms_open(path, NULL, &other, error);
        explaint_norms_close(other);
        break;
    case VECTORS:
        snprintf(words, sizeof words, "%s/tests/hostile/files/%s", EXPLAINT_SOURCE_DIR,
                 cases[i].words != NULL ? cases[i].words : "");
        if (cases[i].words != NULL) options.words = words;
        status = explaint_vectors_open(path, norms, &options, &vectors, error);
        explaint_vectors_close(vectors);
        break;
    case FOLDS: status = xp_norms_read_folds(path, NULL, norms, kept, number, &k, sha256, &notes, error); break;
    case CATEGORIES: status = xp_norms_read_categories(path, NULL, norms, number, &names, sha256, &notes, error); break;
    }
    xp_strings_free(&names);
    xp_strings_free(&notes);
    return status;
}

static void every_file_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[512];
        explaint_error error = {0};
        snprintf(path, sizeof path, "%s/tests/hostile/files/%s", EXPLAINT_SOURCE_DIR, cases[i].file);
        explaint_status status = read_one(i, path, &error);
        if (status != EXPLAINT_INVALID || error.code != status)
            fail_msg("%s: status %d, %s", cases[i].file, status, error.message);
        assert_contains(error.message, cases[i].part);
        if (error.line != cases[i].line) fail_msg("%s: line %zu in \"%s\"", cases[i].file, error.line, error.message);
        if (cases[i].words == NULL) assert_contains(error.message, cases[i].file);
        for (const char *p = error.message; *p != 0; p++)
            assert_true((unsigned char)*p >= 0x20); /* a terminal obeys nothing */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_file_is_refused)};
    return cmocka_run_group_tests(tests, open_norms, close_norms);
}
