/* Tokenizers. The first byte says what the rest is: a tokenizer.json ('{'), a vocab.txt with its settings before the first
 * empty line ('v'), the files of a folder in the order of xp_folder_file, with a record separator (0x1e) between them, an empty one
 * standing for none ('f'), or a text for a fixed tokenizer (anything else). The laws: places lie in the text, on characters, in
 * ascending order; words are counted without a gap; ids are pieces. With the fixed tokenizer also: every character that is
 * neither white space nor removed nor an accent is part of some piece, and cutting leaves a beginning. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/encoding.h"
#include "text/folder.h"
#include "text/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN(id, name, normalized, lstrip, rstrip, word)                                                              \
    "{\"id\":" id ",\"content\":\"" name "\",\"normalized\":" normalized ",\"lstrip\":" lstrip ",\"rstrip\":" rstrip   \
    ",\"single_word\":" word ",\"special\":true}"
static const char fixed[] =
    "{\"version\":\"1.0\",\"added_tokens\":[" TOKEN("1", "[CLS]", "false", "false", "false", "false") "," TOKEN(
        "9", "<m>", "false", "true", "true",
        "false") "," TOKEN("10", "\xc3\x89t\xc3\xa9", "true", "false", "true",
                           "true") "],"
                                   "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_"
                                   "chars\":true,\"strip_accents\":"
                                   "null,\"lowercase\":true},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
                                   "\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[CLS]\",1],\"cls\":[\"["
                                   "CLS]\",1]},"
                                   "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_"
                                   "prefix\":\"##\","
                                   "\"max_input_chars_per_word\":20,\"vocab\":{\"[UNK]\":0,\"[CLS]\":1,\"a\":2,\"##b\":"
                                   "3,\"##a\":4,\"ab\":5,\"i\":6,"
                                   "\"\xe4\xb8\xad\":7,\"##e\":8}}}";

/* In order and without gaps; `loose`: added tokens with white space of their own may share it with a neighbour, places of marks that were
 * put in order may, too, and a word may have no piece. */
static void check_laws(const explaint_tokenizer *t, const explaint_encoding *e, const char *text, size_t length,
                       bool loose) {
    uint32_t last = 0;
    int32_t word = -1;
    for (size_t i = 0; i < e->n; i++) {
        if (explaint_tokenizer_piece(t, e->id[i]) == NULL) abort();
        if (e->word[i] < 0) {
            if (e->special[i] != 1 || e->begin[i] != 0 || e->end[i] != 0) abort();
            continue;
        }
        if (loose ? e->word[i] < word : e->word[i] != word && e->word[i] != word + 1) abort();
        if (e->begin[i] > e->end[i] || e->end[i] > length) abort();
        if (e->begin[i] < length && ((unsigned char)text[e->begin[i]] & 0xc0) == 0x80) abort();
        if (e->end[i] < length && ((unsigned char)text[e->end[i]] & 0xc0) == 0x80) abort();
        if (!loose && e->begin[i] < last) abort();
        word = e->word[i];
        last = e->begin[i];
    }
}

static void check_cover(const explaint_encoding *e, const char *text, size_t length) {
    const unsigned outside = XP_UNICODE_REMOVED | XP_UNICODE_BLANK | XP_UNICODE_SPACE | XP_UNICODE_MARK;
    size_t piece = 0;
    for (size_t at = 0; at < length; at += xp_unicode_step(text[at])) {
        xp_unicode u = xp_unicode_of(xp_unicode_decode(text + at));
        if ((u.flags & (outside | XP_UNICODE_DECOMPOSED)) != 0 || u.order != 0) continue;
        while (piece < e->n && (e->word[piece] < 0 || e->end[piece] <= at)) piece++;
        if (piece == e->n || e->begin[piece] > at) abort();
    }
}

static void check_text(const explaint_tokenizer *t, const char *text, size_t length) {
    explaint_error error = {0};
    explaint_encoding whole = {0}, cut = {0};
    explaint_status status = explaint_tokenizer_encode(t, text, length, NULL, &whole, &error);
    if (status != EXPLAINT_OK) {
        if (error.code != EXPLAINT_INVALID || xp_encoding_invalid(text, length) == length) abort();
        return;
    }
    check_laws(t, &whole, text, length, false);
    check_cover(&whole, text, length);
    explaint_encode_options options = {.truncate = 5};
    if (explaint_tokenizer_encode(t, text, length, &options, &cut, &error) != EXPLAINT_OK) abort();
    if (cut.n + cut.cut != whole.n || cut.n > 5) abort();
    if (memcmp(cut.id, whole.id, (cut.n - 1) * sizeof *cut.id) != 0) abort();
    explaint_encoding_free(&whole);
    explaint_encoding_free(&cut);
}

/* Text from ids is UTF-8, or the decoder is said not to be implemented. */
static void check_decoder(const explaint_tokenizer *t, const explaint_encoding *e) {
    explaint_error error = {0};
    explaint_decoded text = {0};
    if (explaint_tokenizer_decode(t, e->id, e->n, true, &text, &error) == EXPLAINT_OK) {
        if (xp_encoding_invalid(text.text, text.length) != text.length) abort();
    } else if (error.code != EXPLAINT_INVALID || error.message[0] == 0) {
        abort();
    }
    explaint_decoded_free(&text);
}

static void check_file(explaint_tokenizer *t) {
    static const char text[] =
        "ab <m> \xc3\x89t\xc3\xa9 \xe4\xb8\xad"
        "e\xcc\x81\xcc\xa3 \xc4\xb0[CLS] [UNK]aaaa  x.\t\xed\x95\x9c it's 12\n\xef\xac\x81 \xe2\x96\x81z";
    explaint_error error = {0};
    explaint_encoding e = {0};
    const explaint_status status = explaint_tokenizer_encode(t, text, sizeof text - 1, NULL, &e, &error);
    if (status == EXPLAINT_OK) {
        check_laws(t, &e, text, sizeof text - 1, true);
        check_decoder(t, &e);
    } else if (error.code != EXPLAINT_INVALID ||
               error.message[0] == 0) { /* a text without a piece, or a slow expression */
        abort();
    }
    explaint_encoding_free(&e);
    explaint_tokenizer_close(t);
}

static explaint_status read_vocabulary(const char *bytes, size_t size, explaint_tokenizer **t, explaint_error *error) {
    const char *gap = memmem(bytes, size, "\n\n", 2);
    const size_t head = gap != NULL ? (size_t)(gap - bytes) : 0, skip = gap != NULL ? 2 : 0;
    xp_folder_files files = {.folder = "fuzz/"};
    files.file[XP_VOCAB_TXT].path = "fuzz.txt";
    files.file[XP_VOCAB_TXT].data = bytes + head + skip;
    files.file[XP_VOCAB_TXT].size = size - head - skip;
    files.file[XP_TOKENIZER_CONFIG].path = "fuzz.json";
    files.file[XP_TOKENIZER_CONFIG].data = gap != NULL ? bytes : NULL;
    files.file[XP_TOKENIZER_CONFIG].size = head;
    return xp_folder_read(&files, t, error);
}

static explaint_status read_folder(const char *bytes, size_t size, explaint_tokenizer **t, explaint_error *error) {
    xp_folder_files files = {.folder = "fuzz/"};
    const char *end = bytes + size;
    for (size_t i = 0; i < XP_FOLDER_FILES && bytes <= end; i++) {
        const char *stop = bytes < end ? memchr(bytes, 0x1e, (size_t)(end - bytes)) : NULL;
        if (stop == NULL) stop = end;
        files.file[i].path = xp_folder_file_name((xp_folder_file)i);
        files.file[i].data = stop > bytes ? bytes : NULL;
        files.file[i].size = (size_t)(stop - bytes);
        bytes = stop + 1;
    }
    return xp_folder_read(&files, t, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static explaint_tokenizer *text_tokenizer; /* kept: opening it anew would take most of the time */
    const char *bytes = (const char *)data;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    explaint_status status;
    if (text_tokenizer == NULL &&
        xp_tokenizer_read("fixed", fixed, sizeof fixed - 1, &text_tokenizer, &error) != EXPLAINT_OK)
        abort();
    if (size > 0 && data[0] == '{') {
        status = xp_tokenizer_read("fuzz.json", bytes, size, &t, &error);
    } else if (size > 0 && data[0] == 'v') {
        status = read_vocabulary(bytes + 1, size - 1, &t, &error);
    } else if (size > 0 && data[0] == 'f') {
        status = read_folder(bytes + 1, size - 1, &t, &error);
    } else {
        check_text(text_tokenizer, bytes, size);
        return 0;
    }
    if ((status == EXPLAINT_OK) != (t != NULL)) abort();
    if (status == EXPLAINT_OK)
        check_file(t);
    else if (error.code != EXPLAINT_INVALID || error.message[0] == 0)
        abort();
    return 0;
}
