#include "formats/kinds.h"

#include <stdbool.h>
#include <string.h>

#include "base/view.h"
#include "formats/safetensors.h"
#include "formats/torch.h"
#include "formats/word2vec.h"

/* ---- what bytes alone do not tell ---- */

static bool begins(xp_view head, size_t at, const char *bytes, size_t length) {
    return head.length >= at + length && memcmp(head.data + at, bytes, length) == 0;
}

static bool begins_with(xp_view head, const char *text) { return begins(head, 0, text, strlen(text)); }

static bool holds(xp_view head, const char *text) { return memmem(head.data, head.length, text, strlen(text)) != NULL; }

static unsigned byte(xp_view head, size_t at) { return at < head.length ? (unsigned char)head.data[at] : 0; }

static xp_view skip_space(xp_view text) {
    if (begins_with(text, "\xef\xbb\xbf")) text = (xp_view){text.data + 3, text.length - 3};
    while (text.length > 0 && strchr(" \t\r\n", *text.data) != NULL && *text.data != 0)
        text = (xp_view){text.data + 1, text.length - 1};
    return text;
}

/* The name of the first member of a zip archive: programs write it where it tells what the archive is. */
static xp_view first_member(xp_view head) {
    size_t length = byte(head, 26) | byte(head, 27) << 8;
    if (!begins_with(head, "PK\3\4") || head.length < 30 || length > head.length - 30) return (xp_view){"", 0};
    return (xp_view){head.data + 30, length};
}

static bool member_begins(xp_view head, const char *const *with, size_t count) {
    xp_view name = first_member(head);
    for (size_t i = 0; i < count; i++)
        if (begins_with(name, with[i])) return true;
    return false;
}

/* Behind letters that a word may begin with, or hold ("mustard"): is there soon a byte that no text has? */
static bool is_no_text(xp_view rest) {
    for (size_t i = 0; i < 8 && i < rest.length; i++)
        if (byte(rest, i) < ' ' && memchr("\t\n\v\f\r", rest.data[i], 5) == NULL) return true;
    return false;
}

static bool is_bzip2(xp_view head) {
    return begins_with(head, "BZh") && (begins(head, 4, "1AY&SY", 6) || begins(head, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* Protocols 2 to 5 say so; the older ones begin with the making of a dictionary, a list or an object. */
static bool is_pickle(xp_view head) {
    static const char *const old[] = {"(dp0", "(dp1", "(lp0", "(lp1", "}q", "]q", "ccopy_reg\n", "c__builtin__\n"};
    if (byte(head, 0) == 0x80) return byte(head, 1) >= 2 && byte(head, 1) <= 5;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (begins_with(head, old[i])) return i < 4 || i > 5 || byte(head, 2) < 0x20;
    return false;
}

static bool is_pickle_of_gensim(xp_view head) { return is_pickle(head) && holds(head, "gensim.models"); }
static bool is_pickle_of_pandas(xp_view head) { return is_pickle(head) && holds(head, "pandas."); }

static bool is_pytorch(xp_view head) {
    xp_view name = first_member(head);
    return xp_torch_is_stream(head.data, head.length) ||
           (name.length >= 8 && memcmp(name.data + name.length - 8, "data.pkl", 8) == 0);
}

/* Protocol buffers: a small version, then the producer's name, or in its place the graph (field 7). */
static bool is_onnx(xp_view head) {
    if (byte(head, 0) != 8 || byte(head, 1) == 0 || byte(head, 1) > 32) return false;
    if (byte(head, 2) == 0x3a) return true;
    size_t length = byte(head, 3);
    if (byte(head, 2) != 0x12 || length > 40 || head.length < 4 + length) return false;
    for (size_t i = 0; i < length; i++)
        if (byte(head, 4 + i) < 0x20 || byte(head, 4 + i) > 0x7e) return false;
    return true;
}

static bool is_office(xp_view head) {
    static const char *const parts[] = {"[Content_Types].xml", "_rels/", "docProps/", "xl/", "word/", "ppt/"};
    return member_begins(head, parts, 6);
}

static bool is_open_document(xp_view head) {
    return begins(head, 30, "mimetypeapplication/vnd.oasis.opendocument", 42);
}

static bool is_safetensors(xp_view head) { return xp_safetensors_is(head.data, head.length); }
static bool is_word2vec(xp_view head) { return xp_word2vec_is(head.data, head.length); }

static bool is_html(xp_view head) {
    static const char *const tags[] = {"<!doctype html", "<html", "<head", "<body"};
    xp_view text = skip_space(head);
    for (size_t i = 0; i < 4; i++)
        if (text.length >= strlen(tags[i]) && xp_view_is_nocase((xp_view){text.data, strlen(tags[i])}, tags[i]))
            return true;
    return false;
}

static bool is_xml(xp_view head) { return begins_with(skip_space(head), "<?xml"); }

/* An object with a key, or a list of objects or of lists. Words of vectors may begin with a bracket, but what stands
 * behind them is a blank and a number. */
static bool is_json(xp_view head) {
    xp_view text = skip_space(head);
    if (text.length < 2 || (*text.data != '{' && *text.data != '[')) return false;
    xp_view rest = skip_space((xp_view){text.data + 1, text.length - 1});
    if (*text.data == '[')
        return rest.length > 1 && (*rest.data == '{' || *rest.data == '[') &&
               strchr("\"{[-0123456789", rest.data[1]) != NULL;
    if (rest.length == 0 || *rest.data != '"') return false;
    const char *close = memchr(rest.data + 1, '"', rest.length - 1);
    if (close == NULL) return false;
    rest = skip_space((xp_view){close + 1, (size_t)(rest.data + rest.length - close) - 1});
    return rest.length > 0 && *rest.data == ':';
}

/* ---- the table ---- */

#define BIT(reader) (1u << (reader))
#define OPENED BIT(XP_READER_FILE) /* by some reader, or by none: but not a matter of the file's packing */
#define VECTORS (OPENED | BIT(XP_READER_VECTORS))
#define NORMS (OPENED | BIT(XP_READER_NORMS))
#define TEXT (OPENED | BIT(XP_READER_TEXT))
#define TENSORS (OPENED | BIT(XP_READER_TENSORS))
#define TORCH (OPENED | BIT(XP_READER_TORCH))
#define GGUF (OPENED | BIT(XP_READER_GGUF) | BIT(XP_READER_MODEL))

typedef struct kind {
    const char *name;
    size_t at; /* of the bytes */
    const char *bytes;
    size_t length;
    bool (*is)(xp_view rest); /* of what stands behind them, where bytes alone do not tell */
    unsigned readers;         /* who takes it */
    const char *way;          /* NULL: the reader's own words */
    const char *vectors;      /* the same for vectors, if they need other words */
} kind;

#define MAGIC(bytes) 0, (bytes), sizeof(bytes) - 1, NULL
#define LETTERS(bytes) 0, (bytes), sizeof(bytes) - 1, is_no_text
#define TEST(is) 0, "", 0, (is)

static const char inside[] = "unpack it, and name the file inside of it";
static const char in_r[] = "in R: write.csv(readRDS(\"FILE\"), \"NEW.csv\", row.names = FALSE)";
static const char in_pandas[] = "in Python: pandas.read_parquet(\"FILE\").to_csv(\"NEW.csv\", index=False)";
static const char in_scipy[] =
    "in Python: scipy.io.loadmat(\"FILE\"), then numpy.save(\"NEW.npy\", ...) of the array in it";

/* The first that fits counts. */
static const kind kinds[] = {
    /* first of all: the length of a header may be any bytes, those of a pickle's protocol too */
    {"safetensors", TEST(is_safetensors), VECTORS | TENSORS, NULL, NULL},
    {"bzip2", TEST(is_bzip2), 0, "unpack it (bunzip2 FILE)", NULL},
    {"xz", MAGIC("\xfd\x37zXZ\0"), 0, "unpack it (unxz FILE)", NULL},
    {"lzma", MAGIC("\x5d\0\0"), 0, "unpack it (unlzma FILE)", NULL},
    {"lzip", MAGIC("LZIP\1"), 0, "unpack it (lzip -d FILE)", NULL},
    {"Zstandard", MAGIC("\x28\xb5\x2f\xfd"), 0, "unpack it (unzstd FILE)", NULL},
    {"LZ4", MAGIC("\x04\x22\x4d\x18"), 0, "unpack it (unlz4 FILE)", NULL},
    {"compress (.Z)", MAGIC("\x1f\x9d"), 0, "unpack it (uncompress FILE)", NULL},
    {"a tar archive", 257, "ustar", 5, is_no_text, 0, "unpack it (tar -xf FILE), and name the file inside of it", NULL},
    {"a 7z archive", MAGIC("7z\xbc\xaf\x27\x1c"), 0, inside, NULL},
    {"a RAR archive", MAGIC("Rar!\x1a\x07"), 0, inside, NULL},
    {"a pointer of Git LFS in the file's place", MAGIC("version https://git-lfs"), 0,
     "fetch the file itself: git lfs pull", NULL},
    {"a pointer of git-annex in the file's place", MAGIC("/annex/objects/"), 0,
     "fetch the file itself: git annex get FILE", NULL},
    {"a PDF document", MAGIC("%PDF-"), 0, "name a file of the data themselves", NULL},
    {"a document in RTF", MAGIC("{\\rtf"), 0, "save it as plain text", NULL},
    {"a picture (PNG)", MAGIC("\x89PNG\r\n\x1a\n"), 0, "name a file of the data themselves", NULL},
    {"a picture (JPEG)", MAGIC("\xff\xd8\xff"), 0, "name a file of the data themselves", NULL},

    {"a fastText model", MAGIC("\xba\x16\x4f\x2f"), OPENED, NULL,
     "name the .vec that fastText writes beside it, or make one in Python: "
     "gensim.models.fasttext.load_facebook_vectors(\"FILE\").save_word2vec_format(\"NEW.vec\")"},
    {"a file of PyTorch (torch.save)", TEST(is_pytorch), TORCH, NULL,
     "in Python: numpy.save(\"NEW.npy\", ...) of the tensor in it, and its words, one a line (--words)"},
    {"a Python pickle of gensim", TEST(is_pickle_of_gensim), OPENED, NULL,
     "in Python: gensim.models.KeyedVectors.load(\"FILE\").save_word2vec_format(\"NEW.txt\") (of a whole model: "
     "gensim.models.Word2Vec.load(\"FILE\").wv)"},
    {"a Python pickle of pandas", TEST(is_pickle_of_pandas), OPENED,
     "in Python: pandas.read_pickle(\"FILE\").to_csv(\"NEW.csv\")", NULL},
    {"a Python pickle", TEST(is_pickle), OPENED, NULL,
     "load it in Python, and save the vectors as text (gensim: save_word2vec_format) or as .npy (numpy.save) with a "
     "list "
     "of words"},
    {"HDF5", MAGIC("\x89HDF\r\n\x1a\n"), OPENED,
     "in Python: h5py.File(\"FILE\"), then numpy.save(\"NEW.npy\", ...) of the array in it", NULL},
    {"an ONNX model", TEST(is_onnx), OPENED, NULL, NULL},
    {"a GGUF model", LETTERS("GGUF"), GGUF, NULL, "make vectors of the model in it first: explaint embed --model FILE"},
    {"a GGML model", LETTERS("tjgg"), OPENED, NULL, NULL},
    {"Parquet", LETTERS("PAR1"), OPENED, in_pandas, NULL},
    {"Arrow (Feather)", LETTERS("ARROW1"), OPENED,
     "in Python: pandas.read_feather(\"FILE\").to_csv(\"NEW.csv\", index=False)", NULL},
    {"Feather, version 1", LETTERS("FEA1"), OPENED,
     "in Python: pandas.read_feather(\"FILE\").to_csv(\"NEW.csv\", index=False)", NULL},
    {"ORC", LETTERS("ORC"), OPENED, "in Python: pandas.read_orc(\"FILE\").to_csv(\"NEW.csv\", index=False)", NULL},
    {"a MATLAB file (HDF5)", MAGIC("MATLAB 7.3 MAT"), OPENED, "in MATLAB: writematrix(M, \"NEW.csv\")", NULL},
    {"a MATLAB file", MAGIC("MATLAB 5.0 MAT"), OPENED, in_scipy, NULL},
    {"an R file (.rda)", LETTERS("RDX"), OPENED, "in R: load(\"FILE\"), then write.csv(...)", NULL},
    {"an R file (.rds)", MAGIC("X\n\0\0\0\2"), OPENED, in_r, NULL},
    {"an R file (.rds)", MAGIC("X\n\0\0\0\3"), OPENED, in_r, NULL},
    {"an SPSS file", MAGIC("$FL2"), OPENED, "in Python: pandas.read_spss(\"FILE\").to_csv(\"NEW.csv\", index=False)",
     NULL},
    {"a Stata file", MAGIC("<stata_dta>"), OPENED,
     "in Python: pandas.read_stata(\"FILE\").to_csv(\"NEW.csv\", index=False)", NULL},
    {"an SQLite database", MAGIC("SQLite format 3"), OPENED, NULL,
     "of vectors in Magnitude's format, save them as text: a word and its numbers a line"},
    {"an old workbook (.xls), or one with a password", MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), OPENED,
     "save it as .xlsx without a password, or the sheet as CSV", "save the sheet as CSV"},
    {"a workbook or document of an office program", TEST(is_office), NORMS, "save the sheet as CSV", NULL},
    {"an OpenDocument file", TEST(is_open_document), NORMS, "save the sheet as CSV", NULL},
    {"a zip archive", MAGIC("PK\3\4"), VECTORS | NORMS | TORCH, inside, NULL},
    {"an empty zip archive", MAGIC("PK\5\6"), VECTORS | NORMS, inside, NULL},
    {"a NumPy array (.npy)", MAGIC("\x93NUMPY"), VECTORS | NORMS, NULL, NULL},
    {"word vectors (word2vec's .bin)", TEST(is_word2vec), VECTORS | TEXT, NULL, NULL}, /* some texts look like them */
    {"a web page (HTML)", TEST(is_html), TEXT, "get the file itself, which the page offers", NULL},
    {"XML", TEST(is_xml), TEXT, NULL, NULL},
    {"JSON", TEST(is_json), TEXT | TENSORS, NULL, "save the vectors as text (a word and its numbers a line) or CSV"},
};

/* What a reader expects, and what to do where a kind has no words of its own. */
static const struct {
    const char *expected, *way;
} readers[XP_N_READERS] = {
    [XP_READER_FILE] = {"a plain file or gzip", inside},
    [XP_READER_VECTORS] = {"word vectors",
                           "save them as text (a word and its numbers a line), word2vec's .bin, CSV, .npy, "
                           ".npz or safetensors"},
    [XP_READER_NORMS] = {"a table", "save the norms as CSV"},
    [XP_READER_TEXT] = {"text", "save it as text in UTF-8"},
    [XP_READER_MODEL] = {"a folder with config.json and the weights, or a GGUF file",
                         "name the model's folder in the layout of Hugging Face (of transformers: save_pretrained)"},
    [XP_READER_GGUF] = {"a GGUF file", "convert the model with llama.cpp's convert_hf_to_gguf.py"},
    [XP_READER_TENSORS] = {"safetensors", "save the tensors as safetensors"},
    [XP_READER_TORCH] = {"what torch.save writes", "save the model's state_dict() with torch.save"},
};

explaint_status xp_kind_refuse(const char *path, const void *head, size_t size, xp_kind_reader reader,
                               explaint_error *error) {
    const xp_view view = {head, size};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        const size_t behind = k->at + k->length;
        if (!begins(view, k->at, k->bytes, k->length)) continue;
        if (k->is != NULL && !k->is((xp_view){view.data + behind, view.length - behind})) continue;
        if ((k->readers & BIT(reader)) != 0) return EXPLAINT_OK;
        const char *way = k->way != NULL ? k->way : readers[reader].way;
        if (reader == XP_READER_VECTORS && k->vectors != NULL) way = k->vectors;
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected %s, found %s; %s", readers[reader].expected, k->name,
                       way);
    }
    return EXPLAINT_OK;
}
