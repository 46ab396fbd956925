/* Opening norms: what kind of file it is, and who reads it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/file.h"
#include "formats/npy.h"
#include "norms/build.h"
#include "norms/wordnet_data.h"

static const char wordnet_citation[] =
    "Fellbaum, C. (Ed.) (1998). WordNet: An electronic lexical database. MIT Press. Norms derived from WordNet 3.0.";

static const char *const suffixes[] = {".csv", ".tsv", ".txt", ".tab"};

static bool fill_labels(explaint_norms *n, const char *path, const char *kind, const char *given,
                        const char *citation) {
    n->path = xp_strdup(path);
    n->kind = xp_strdup(kind);
    n->citation = xp_strdup(citation);
    bool own_name = strcmp(kind, "mcrae") == 0 || strcmp(kind, "wordnet") == 0;
    n->name = given != NULL ? xp_strdup(given)
              : own_name    ? xp_strdup(kind)
                            : xp_name_of_file(path, suffixes, sizeof suffixes / sizeof *suffixes);
    return n->path != NULL && n->kind != NULL && n->citation != NULL && n->name != NULL;
}

/* Files that people try and that are no text. */
static explaint_status refuse_binary(const char *path, const xp_stream *stream, explaint_error *error) {
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    if (size >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected CSV or TSV text, found a zip archive or a spreadsheet (.xlsx); unpack it, or save the "
                       "sheet as CSV");
    if (xp_npy_is(head, size))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected CSV or TSV text, found a .npy array, which has no names of concepts and features; "
                       "write it as wide CSV");
    return EXPLAINT_OK;
}

static explaint_status read_table(const char *path, xp_bytes *bytes, xp_strings *notes,
                                  const explaint_norms_options *options, explaint_norms **norms,
                                  explaint_error *error) {
    xp_csv csv;
    explaint_status status = xp_csv_open(&csv, path, bytes->data, bytes->size, error);
    if (status != EXPLAINT_OK) return status;
    xp_builder b;
    status = xp_builder_begin(&b, path, error);
    if (status == EXPLAINT_OK) {
        b.norms->notes = *notes; /* what was said about the encoding comes first */
        *notes = (xp_strings){0};
        if (csv.separator == ';' &&
            !xp_strings_addf(&b.norms->notes, "the cells are separated by %s", xp_csv_separator(&csv)))
            status = xp_no_memory(error, "a note");
        bool wordnet = strcmp(path, "wordnet") == 0, mcrae = xp_mcrae_is(&csv), is_long = xp_table_is_long(&csv);
        const char *kind = wordnet ? "wordnet" : mcrae ? "mcrae" : is_long ? "long" : "wide";
        if (status == EXPLAINT_OK)
            status = mcrae     ? xp_mcrae_read(&csv, &b, error)
                     : is_long ? xp_table_read_long(&csv, &b, error)
                               : xp_table_read_wide(&csv, &b, error);
        explaint_norms *made = NULL;
        if (status == EXPLAINT_OK)
            status = xp_builder_finish(&b, options, &made, error);
        else
            xp_builder_discard(&b);
        if (status == EXPLAINT_OK && !fill_labels(made, path, kind, options->name,
                                                  wordnet ? wordnet_citation
                                                  : mcrae ? xp_mcrae_citation
                                                          : "")) {
            explaint_norms_close(made);
            status = xp_no_memory(error, "norms");
        }
        if (status == EXPLAINT_OK) {
            memcpy(made->sha256, bytes->sha256, sizeof made->sha256);
            *norms = made;
        }
    }
    xp_csv_close(&csv);
    return status;
}

static explaint_status read_stream(const char *path, xp_stream *stream, const explaint_norms_options *options,
                                   explaint_norms **norms, explaint_error *error) {
    static const explaint_norms_options defaults = {0};
    if (options == NULL) options = &defaults;
    xp_bytes bytes = {0};
    xp_strings notes = {0};
    explaint_status status = refuse_binary(path, stream, error);
    if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_decode_text(path, &bytes, &notes, error);
    if (status == EXPLAINT_OK) status = read_table(path, &bytes, &notes, options, norms, error);
    xp_strings_free(&notes);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status xp_norms_read(const char *display_path, const void *bytes, size_t size,
                              const explaint_norms_options *options, explaint_norms **norms, explaint_error *error) {
    *norms = NULL;
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory(display_path, bytes, size, &stream, error);
    if (status == EXPLAINT_OK) status = read_stream(display_path, stream, options, norms, error);
    xp_stream_close(stream);
    return status;
}

static explaint_status read_path(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                 explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK) status = read_stream(path, stream, options, norms, error);
    xp_stream_close(stream);
    return status;
}

/* A folder is the publisher's: the file of its name inside of it. */
static explaint_status read_folder(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                   explaint_error *error) {
    xp_text inside = {0};
    size_t length = strlen(path);
    xp_text_addf(&inside, "%s%s%s", path, length > 0 && path[length - 1] == '/' ? "" : "/", xp_mcrae_file);
    explaint_status status;
    if (inside.failed)
        status = xp_no_memory(error, "the name of a file");
    else if (access(inside.data, F_OK) != 0)
        status = xp_fail(error, EXPLAINT_INVALID, path, 0,
                         "expected McRae's folder with the file %s, found a folder without it; name the norms' file "
                         "itself, or unpack the archive",
                         xp_mcrae_file);
    else
        status = read_path(inside.data, options, norms, error);
    xp_text_free(&inside);
    return status;
}

explaint_status explaint_norms_open(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                    explaint_error *error) {
    *norms = NULL;
    if (strcmp(path, "wordnet") == 0) {
        const unsigned char *bytes;
        size_t size;
        xp_wordnet_norms(&bytes, &size);
        return xp_norms_read(path, bytes, size, options, norms, error);
    }
    struct stat kind;
    if (stat(path, &kind) == 0 && S_ISDIR(kind.st_mode)) return read_folder(path, options, norms, error);
    return read_path(path, options, norms, error);
}
