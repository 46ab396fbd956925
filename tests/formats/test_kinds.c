#include "support/files.h"

#include "formats/encoding.h"
#include "formats/file.h"
#include "formats/kinds.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t size;
    const char *vectors, *norms; /* what readers of these say; NULL: they read on */
} cases[] = {
    {BYTES("\xba\x16\x4f\x2f\x0c\0\0\0"), "a fastText model; name the .vec", "a fastText model; save the norms as CSV"},
    {BYTES("\x80\4\x95\x10\0\0\0\0\0\0\0\x8c\x20gensim.models.keyedvectors\x94"),
     "a Python pickle of gensim; in Python: gensim.models.KeyedVectors.load(\"FILE\").save_word2vec_format(",
     "a Python pickle of gensim"},
    {BYTES("\x80\4\x95\x10\0\0\0\0\0\0\0\x8c\x11pandas.core.frame\x94"), "pandas.read_pickle", "pandas.read_pickle"},
    {BYTES("\x80\2}q\0"), "a Python pickle; load it in Python", "a Python pickle"},
    {BYTES("(dp0\nVrobin\n"), "a Python pickle", "a Python pickle"},
    {BYTES("}q\0(X\5\0\0\0robin"), "a Python pickle", "a Python pickle"},
    {BYTES("\x80\2\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2"), "a file of PyTorch", "a file of PyTorch"},
    {BYTES("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\22\0archive/data.pklFB"), "a file of PyTorch",
     "a file of PyTorch"},
    {BYTES("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\23\0\0\0[Content_Types].xml"),
     "office program; save the sheet as CSV", NULL},
    {BYTES("PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\10\0\0\0mimetypeapplication/"
           "vnd.oasis.opendocument.spreadsheet"),
     "an OpenDocument file", NULL},
    {BYTES("\x89HDF\r\n\x1a\n"), "HDF5; in Python: h5py.File", "HDF5"},
    {BYTES("BZh91AY&SY"), "bzip2; unpack it (bunzip2 FILE)", "bzip2"},
    {BYTES("\xfd\x37zXZ\0"), "xz; unpack it (unxz FILE)", "xz"},
    {BYTES("\x28\xb5\x2f\xfd\4"), "Zstandard", "Zstandard"},
    {BYTES("7z\xbc\xaf\x27\x1c"), "a 7z archive", "a 7z archive"},
    {BYTES("Rar!\x1a\x07\1\0"), "a RAR archive", "a RAR archive"},
    {BYTES("\x08\x07\x12\x07pytorch\x1a\x05"), "an ONNX model", "an ONNX model"},
    {BYTES("GGUF\3\0\0\0"), "a GGUF model", "a GGUF model"},
    {BYTES("PAR1\x15\4"), "pandas.read_parquet", "pandas.read_parquet"},
    {BYTES("ARROW1\0\0"), "Arrow (Feather)", "Arrow (Feather)"},
    {BYTES("MATLAB 5.0 MAT-file"), "scipy.io.loadmat", "a MATLAB file"},
    {BYTES("X\n\0\0\0\3\0\4"), "an R file (.rds); in R: write.csv", "an R file (.rds)"},
    {BYTES("SQLite format 3\0"), "an SQLite database", "an SQLite database"},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old workbook (.xls), or one with a password; save the sheet as CSV",
     "save it as .xlsx without a password"},
    {BYTES("%PDF-1.7\n"), "a PDF document", "a PDF document"},
    {BYTES("\n <!DOCTYPE HTML>\n"), "a web page (HTML)", "a web page (HTML)"},
    {BYTES("version https://git-lfs.github.com/spec/v1\noid"), "git lfs pull", "git lfs pull"},
    {BYTES("{\"robin\": [1, 2]}"), "JSON", "JSON"},
    {BYTES("[\n {\"word\": \"robin\"}]"), "JSON", "JSON"},
    {BYTES("\x93NUMPY\1\0"), NULL, NULL},
    {BYTES("\x18\0\0\0\0\0\0\0{\"a\":{}}"), NULL, "safetensors"},
    {BYTES("\x80\2\0\0\0\0\0\0{\"a\":{}}"), NULL, "safetensors"}, /* headers of 640 and 93 bytes */
    {BYTES("\x5d\0\0\0\0\0\0\0{\"a\":{}}"), NULL, "safetensors"},
    {BYTES("1 1\nx \0\0\0\0"), NULL, "word2vec's .bin"},
    {BYTES("{ 0.1 0.2\n[ 0.3 0.4\n"), NULL, NULL}, /* words of GloVe */
    {BYTES("[[ 0.1 0.2\n"), NULL, NULL},
    {BYTES("the 0.1 0.2\n"), NULL, NULL},
    {BYTES("concept,feature\n"), NULL, NULL},
    {BYTES("BZh is 1\n"), NULL, NULL},
    /* words that begin as binary files do */
    {BYTES("PAR1,PAR2\n1,2\n"), NULL, NULL},
    {BYTES("FEA1\tFEA2\n"), NULL, NULL},
    {BYTES("ORCHID 0.1 0.2\n"), NULL, NULL},
    {BYTES("GGUF 0.1 0.2 0.3\n"), NULL, NULL},
    {BYTES("RDX\n"), NULL, NULL},
    {BYTES(""), NULL, NULL},
};

static void refused(const void *bytes, size_t size, xp_kind_reader reader, const char *says) {
    explaint_error error = {0};
    explaint_status status = xp_kind_refuse("f", bytes, size, XP_READER_FILE, &error);
    if (status == EXPLAINT_OK) status = xp_kind_refuse("f", bytes, size, reader, &error);
    assert_int_equal(status, says != NULL ? EXPLAINT_INVALID : EXPLAINT_OK);
    if (says != NULL) assert_contains(error.message, says);
}

static void named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *exact = malloc(cases[i].size + 1); /* so that a step too far is seen */
        memcpy(exact, cases[i].bytes, cases[i].size);
        exact = realloc(exact, cases[i].size > 0 ? cases[i].size : 1);
        refused(exact, cases[i].size, XP_READER_VECTORS, cases[i].vectors);
        refused(exact, cases[i].size, XP_READER_NORMS, cases[i].norms);
        for (size_t cut = 0; cut < cases[i].size; cut++) /* shorter heads are no fault */
            (void)xp_kind_refuse("f", exact + cases[i].size - cut, cut, XP_READER_TEXT, NULL);
        free(exact);
    }
}

/* What is packed is refused by whoever opens a file, and what is text to nobody by whoever reads text. */
static void everywhere(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_stream *stream;
    assert_int_equal(xp_stream_open_memory("f", BYTES("BZh91AY&SY"), &stream, &error), EXPLAINT_INVALID);
    assert_null(stream);
    char tar[512] = "norms.csv";
    memcpy(tar + 257, "ustar", 6);
    unsigned char packed[1024];
    size_t size = files_gzip(tar, sizeof tar, packed, sizeof packed);
    assert_int_equal(xp_stream_open_memory("f.tar.gz", packed, size, &stream, &error), EXPLAINT_INVALID);
    assert_string_equal(error.message,
                        "f.tar.gz: expected a plain file or gzip, found a tar archive; unpack it (tar -xf "
                        "FILE), and name the file inside of it");
    char rows[512]; /* a tar archive has "ustar" at byte 257 */
    memset(rows, 'x', sizeof rows);
    memcpy(rows + 256, "mustard\n", 8);
    assert_int_equal(xp_stream_open_memory("rows.csv", rows, sizeof rows, &stream, &error), EXPLAINT_OK);
    xp_stream_close(stream);
    assert_int_equal(xp_kind_refuse("model.gguf", BYTES("GGUF\3"), XP_READER_MODEL, &error), EXPLAINT_OK);
    char text[] = "GGUF\3";
    xp_bytes bytes = {.data = text, .size = sizeof text - 1};
    xp_strings notes = {0};
    assert_int_equal(xp_encoding_decode("texts.txt", &bytes, &notes, &error), EXPLAINT_INVALID);
    assert_string_equal(error.message, "texts.txt: expected text, found a GGUF model; save it as text in UTF-8");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(named), cmocka_unit_test(everywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
