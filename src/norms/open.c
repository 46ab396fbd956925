/* Opening norms: what kind of file it is, and who reads it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/choose.h"
#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/file.h"
#include "formats/kinds.h"
#include "formats/npy.h"
#include "formats/xlsx.h"
#include "formats/zip.h"
#include "norms/book.h"
#include "norms/build.h"
#include "norms/wordnet_data.h"

static const char wordnet_citation[] =
    "Fellbaum, C. (Ed.) (1998). WordNet: An electronic lexical database. MIT Press. Norms derived from WordNet 3.0.";

static const char *const suffixes[] = {".csv", ".tsv", ".txt", ".tab", ".xlsx", ".npy"};

/* Names of the publishers' files, looked for in a folder. */
static const char *const published[] = {"CONCS_FEATS_concstats_brm.txt", "buchanan2019_final_words_2017.csv",
                                        "WordSet1_Ratings.xlsx", "WordSet1_Ratings_535.tsv"};

/* What is known of a kind of norms. A table is of the first kind that recognises its header; without one, long or wide by
 * its columns' roles. */
typedef struct norms_kind {
    const char *name, *citation;
    bool names_itself; /* the kind is the name in results, else the file's */
    size_t components; /* docs/methods.md#measured; 0: the default of norms that nobody knows */
    bool (*is)(const xp_csv *csv, const xp_survey *survey);
    explaint_status (*read)(xp_csv *csv, xp_builder *builder, explaint_error *error);
} norms_kind;

enum { COMPONENTS = 25 };

static const norms_kind tables[] = {
    {"mcrae", xp_mcrae_citation, true, 25, xp_mcrae_is, xp_mcrae_read},
    {"buchanan", xp_buchanan_citation, true, 75, xp_buchanan_is, xp_buchanan_read},
    {"binder", xp_binder_citation, true, 22, xp_binder_is, xp_binder_read},
    {"long", "", false, 0, NULL, xp_table_read_long},
    {"wide", "", false, 0, NULL, xp_table_read_wide},
};
enum { LONG = 3, WIDE = 4 };
static const norms_kind wordnet = {"wordnet", wordnet_citation, true, 0, NULL, xp_table_read_long};
static const norms_kind array_kind = {"npy", "", false, 0, NULL, NULL};

/* The kind of a publisher's table, or NULL. */
static const norms_kind *published_kind(const xp_csv *csv, const xp_survey *survey) {
    for (size_t k = 0; k < LONG; k++)
        if (tables[k].is(csv, survey)) return &tables[k];
    return NULL;
}

/* ---- from a builder to norms ---- */

static bool keep_choice(char **to, const char *choice) {
    if (choice != NULL) *to = xp_strdup(choice);
    return choice == NULL || *to != NULL;
}

static bool fill_labels(explaint_norms *n, const char *path, const norms_kind *kind, const explaint_norms_options *o) {
    const char *given = o->name;
    n->path = xp_strdup(path);
    n->kind = xp_strdup(kind->name);
    n->citation = xp_strdup(kind->citation);
    n->components = kind->components > 0 ? kind->components : COMPONENTS;
    n->name = given != NULL        ? xp_strdup(given)
              : kind->names_itself ? xp_strdup(kind->name)
                                   : xp_norms_name_of_file(path, suffixes, sizeof suffixes / sizeof *suffixes);
    return n->path != NULL && n->kind != NULL && n->citation != NULL && n->name != NULL &&
           keep_choice(&n->columns, o->columns) && keep_choice(&n->drop_columns, o->drop_columns) &&
           keep_choice(&n->sheet, o->sheet);
}

/* Options that mean something for other norms only. */
static explaint_status check_options(const char *path, const norms_kind *kind, const explaint_norms_options *options,
                                     xp_pair_value pair_value, explaint_error *error) {
    if (pair_value != XP_PAIR_LAST && strcmp(kind->name, "buchanan") != 0)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "--pair-value is about pairs of several sources, which only Buchanan's norms have; these are "
                       "of the kind \"%s\"",
                       kind->name);
    if ((options->concepts != NULL || options->features != NULL) && kind != &array_kind)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "--concepts and --features name the rows and columns of an .npy array; these norms (%s) name "
                       "their own",
                       kind->name);
    if ((options->columns != NULL || options->drop_columns != NULL) && kind != &tables[LONG] && kind != &tables[WIDE])
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "%s is about the columns of long and wide tables; these norms are of the kind \"%s\"",
                       options->columns != NULL ? "--columns" : "--drop-columns", kind->name);
    return EXPLAINT_OK;
}

typedef struct opening {
    const char *path;
    const explaint_norms_options *options;
    xp_na na;
    xp_pair_value pair_value;
    xp_bytes bytes;
    xp_strings notes, warnings; /* from before there were norms: about the encoding or the sheet */
} opening;

/* Reads a table (kind->read) or an array into norms. */
static explaint_status build(opening *o, const norms_kind *kind, xp_csv *csv, const xp_survey *survey,
                             const xp_roles *roles, explaint_norms **norms, explaint_error *error) {
    xp_builder b;
    explaint_status status = check_options(o->path, kind, o->options, o->pair_value, error);
    if (status == EXPLAINT_OK) status = xp_builder_begin(&b, o->path, error);
    if (status != EXPLAINT_OK) return status;
    b.norms->notes = o->notes;
    b.norms->warnings = o->warnings;
    o->notes = o->warnings = (xp_strings){0};
    b.norms->na = o->na;
    b.norms->pair_value = o->pair_value;
    b.survey = survey;
    b.roles = roles;
    b.columns_chosen = o->options->columns != NULL;
    if (csv != NULL) b.unit = xp_csv_unit(csv);
    status = csv != NULL ? kind->read(csv, &b, error)
                         : xp_norms_read_array(o->bytes.data, o->bytes.size, o->options, &b, error);
    explaint_norms *made = NULL;
    if (status == EXPLAINT_OK)
        status = xp_builder_finish(&b, o->options, &made, error);
    else
        xp_builder_discard(&b);
    if (status == EXPLAINT_OK && !fill_labels(made, o->path, kind, o->options)) {
        explaint_norms_close(made);
        return xp_no_memory(error, "norms");
    }
    if (status != EXPLAINT_OK) return status;
    memcpy(made->sha256, o->bytes.sha256, sizeof made->sha256);
    *norms = made;
    return EXPLAINT_OK;
}

/* A table of a kind that is known (NULL: that is to be found). */
static explaint_status build_table(opening *o, const norms_kind *kind, xp_csv *csv, explaint_norms **norms,
                                   explaint_error *error) {
    xp_survey survey;
    xp_roles roles = {0};
    explaint_status status = xp_survey_make(&survey, csv, error);
    if (status != EXPLAINT_OK) return status;
    if (kind == NULL && o->options->columns == NULL) kind = published_kind(csv, &survey);
    if (kind == NULL || kind == &wordnet) status = xp_roles_find(&roles, csv, &survey, o->options, error);
    if (kind == NULL) kind = &tables[roles.is_long ? LONG : WIDE];
    if (status == EXPLAINT_OK) status = build(o, kind, csv, &survey, &roles, norms, error);
    xp_roles_free(&roles);
    xp_survey_free(&survey);
    return status;
}

/* ---- text ---- */

static explaint_status read_text(opening *o, explaint_norms **norms, explaint_error *error) {
    xp_csv csv;
    explaint_status status = xp_encoding_decode(o->path, &o->bytes, &o->notes, error);
    if (status == EXPLAINT_OK) status = xp_csv_open(&csv, o->path, o->bytes.data, o->bytes.size, error);
    if (status != EXPLAINT_OK) return status;
    if ((csv.separator == ';' &&
         !xp_strings_addf(&o->notes, "the cells are separated by %s", xp_csv_separator(&csv))) ||
        (csv.has_row_names &&
         !xp_strings_addf(&o->notes, "the header has no name for the first column: R's row names")))
        status = xp_no_memory(error, "a note");
    if (status == EXPLAINT_OK)
        status = build_table(o, strcmp(o->path, "wordnet") == 0 ? &wordnet : NULL, &csv, norms, error);
    xp_csv_close(&csv);
    return status;
}

/* ---- workbooks ---- */

static explaint_status read_book(opening *o, explaint_norms **norms, explaint_error *error) {
    xp_xlsx *book;
    xp_sheet sheet = {0};
    xp_csv csv;
    explaint_status status = xp_xlsx_open(o->path, o->bytes.data, o->bytes.size, &book, error);
    if (status != EXPLAINT_OK) return status;
    status = xp_book_choose(book, o->path, o->options->sheet, &o->notes, &o->warnings, &sheet, error);
    if (status == EXPLAINT_OK) status = xp_csv_open_sheet(&csv, o->path, &sheet, error);
    if (status == EXPLAINT_OK) {
        status = build_table(o, NULL, &csv, norms, error);
        xp_csv_close(&csv);
    }
    xp_free(sheet.cell);
    xp_xlsx_close(book);
    return status;
}

/* ---- any file ---- */

const char *const xp_na_names[] = {"zero", "drop-features", "mask"};
const char *const xp_pair_value_names[] = {"last", "sum", "max"};

explaint_norms_options explaint_norms_defaults(void) {
    return (explaint_norms_options){.na = *xp_na_names, .pair_value = *xp_pair_value_names};
}

static explaint_status choose(opening *o, explaint_error *error) {
    size_t which = 0;
    explaint_status status = xp_choose(o->options->na, xp_na_names, 3, "na", &which, error);
    o->na = (xp_na)which;
    if (status == EXPLAINT_OK)
        status = xp_choose(o->options->pair_value, xp_pair_value_names, 3, "pair_value", &which, error);
    o->pair_value = (xp_pair_value)which;
    return status;
}

static explaint_status read_stream(const char *path, xp_stream *stream, const explaint_norms_options *options,
                                   explaint_norms **norms, explaint_error *error) {
    const explaint_norms_options defaults = explaint_norms_defaults();
    opening o = {.path = path, .options = options != NULL ? options : &defaults};
    explaint_error own = {0}; /* a caller without an error still needs its code */
    if (error == NULL) error = &own;
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    bool is_array = xp_npy_is(head, size), is_book = xp_zip_is(head, size);
    explaint_status status = choose(&o, error);
    if (status == EXPLAINT_OK) status = xp_kind_refuse(path, head, size, XP_READER_NORMS, error);
    if (status == EXPLAINT_OK && o.options->sheet != NULL && !is_book)
        status =
            xp_fail(error, EXPLAINT_USAGE, path, 0, "--sheet names a sheet of a workbook (.xlsx), and this is none");
    if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &o.bytes, error);
    if (status == EXPLAINT_OK)
        status = is_array  ? build(&o, &array_kind, NULL, NULL, NULL, norms, error)
                 : is_book ? read_book(&o, norms, error)
                           : read_text(&o, norms, error);
    xp_strings_free(&o.notes);
    xp_strings_free(&o.warnings);
    xp_bytes_free(&o.bytes);
    return status;
}

static explaint_status read_given(const char *path, const xp_view *given, const explaint_norms_options *options,
                                  explaint_norms **norms, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open_given(path, given, &stream, error);
    if (status == EXPLAINT_OK) status = read_stream(path, stream, options, norms, error);
    xp_stream_close(stream);
    return status;
}

explaint_status xp_norms_read(const char *display_path, const void *bytes, size_t size,
                              const explaint_norms_options *options, explaint_norms **norms, explaint_error *error) {
    *norms = NULL;
    return read_given(display_path, &(xp_view){bytes, size}, options, norms, error);
}

/* A folder is a publisher's: the first file of a published name inside of it. */
static explaint_status read_folder(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                   explaint_error *error) {
    size_t length = strlen(path), count = sizeof published / sizeof *published;
    for (size_t k = 0; k < count; k++) {
        xp_text inside = {0};
        xp_text_addf(&inside, "%s%s%s", path, length > 0 && path[length - 1] == '/' ? "" : "/", published[k]);
        bool there = !inside.failed && access(inside.data, F_OK) == 0;
        explaint_status status = inside.failed ? xp_no_memory(error, "the name of a file")
                                 : there       ? read_given(inside.data, NULL, options, norms, error)
                                               : EXPLAINT_OK;
        xp_text_free(&inside);
        if (there || status != EXPLAINT_OK) return status;
    }
    return xp_fail(
        error, EXPLAINT_INVALID, path, 0,
        "expected a folder with a published file (%s, %s or %s), found none; name the norms' file itself, or "
        "unpack the archive",
        published[0], published[1], published[2]);
}

explaint_status explaint_norms_open(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                    explaint_error *error) {
    *norms = NULL;
    const xp_view shipped = xp_wordnet_norms();
    struct stat kind;
    if (strcmp(path, "wordnet") == 0) return read_given(path, &shipped, options, norms, error);
    if (stat(path, &kind) == 0 && S_ISDIR(kind.st_mode)) return read_folder(path, options, norms, error);
    return read_given(path, NULL, options, norms, error);
}
