/* Everything that the layers hold for some texts, in one file. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "explaint/inspect.h"
#include "explaint/version.h"
#include "formats/tensors_out.h"
#include "text/pieces.h"
#include "text/texts.h"

/* States and maps that are held at once; those of one text are always held together. */
static const size_t BYTES_AT_ONCE = (size_t)256 << 20;

typedef struct dump {
    const explaint_model *model;
    const explaint_model_info *info;
    const explaint_tokenizer *tokenizer;
    unsigned threads;
    bool logits;
    xp_pieces pieces;
    size_t first; /* text of the block */
    float **kept; /* by text of the block: hidden states, the last one before the final norm where there is one, maps */
} dump;

static size_t hidden_size(const dump *d, size_t n) { return (d->info->n_layers + 1) * n * d->info->width; }
static size_t map_size(const dump *d, size_t n) { return d->info->n_layers * d->info->n_heads * n * n; }

/* Of a decoder's last state before the final norm, which the reference does not show; without such a norm it stands there twice. */
static size_t raw_size(const dump *d, size_t n) { return d->info->causal ? n * d->info->width : 0; }
static size_t logits_size(const dump *d, size_t n) { return d->logits ? n * d->info->vocabulary : 0; }
static size_t kept_size(const dump *d, size_t n) {
    return hidden_size(d, n) + raw_size(d, n) + map_size(d, n) + logits_size(d, n);
}

static bool keep_hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const dump *d = self;
    const size_t size = n * d->info->width;
    if (layer < d->info->n_layers || !d->info->final_norm)
        memcpy(d->kept[text] + layer * size, rows, size * sizeof *rows);
    if (layer == d->info->n_layers && d->info->causal)
        memcpy(d->kept[text] + (layer + 1) * size, rows, size * sizeof *rows);
    return true;
}

static bool keep_normed(void *self, size_t text, size_t n, const float *rows) {
    const dump *d = self;
    memcpy(d->kept[text] + d->info->n_layers * n * d->info->width, rows, n * d->info->width * sizeof *rows);
    return true;
}

static bool keep_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const dump *d = self;
    const size_t size = d->info->n_heads * n * n;
    memcpy(d->kept[text] + hidden_size(d, n) + raw_size(d, n) + (layer - 1) * size, maps, size * sizeof *maps);
    return true;
}

static bool keep_logits(void *self, size_t text, size_t first, size_t n, const float *rows) {
    const dump *d = self;
    const size_t all = d->pieces.encoding[d->first + text].n, vocabulary = d->info->vocabulary;
    float *to = d->kept[text] + hidden_size(d, all) + raw_size(d, all) + map_size(d, all);
    memcpy(to + first * vocabulary, rows, n * vocabulary * sizeof *rows);
    return true;
}

static bool add_pieces(const dump *d, xp_tensors_out *out) {
    xp_text list = {0};
    for (size_t t = 0; t < d->pieces.n; t++) {
        xp_text_adds(&list, t > 0 ? ", [" : "[[");
        for (size_t i = 0; i < d->pieces.encoding[t].n; i++) {
            const char *piece = explaint_tokenizer_piece(d->tokenizer, d->pieces.encoding[t].id[i]);
            if (i > 0) xp_text_adds(&list, ", ");
            xp_json_quote(&list, piece != NULL ? piece : "", piece != NULL ? strlen(piece) : 0);
        }
        xp_text_adds(&list, "]");
    }
    xp_text_adds(&list, "]");
    const bool good = !list.failed;
    if (good) xp_tensors_out_note(out, "pieces", list.data);
    xp_text_free(&list);
    return good;
}

static explaint_status write_head(const dump *d, const explaint_texts *texts, FILE *file, explaint_error *error) {
    const explaint_model_info *info = d->info;
    xp_tensors_out out = {0};
    xp_tensors_out_note(&out, "explaint", explaint_version());
    xp_tensors_out_note(&out, "model", info->name);
    for (size_t i = 0; i < info->n_files; i++) {
        const char *slash = strrchr(info->file[i].path, '/');
        xp_tensors_out_note(&out, slash != NULL ? slash + 1 : info->file[i].path, info->file[i].sha256);
    }
    xp_tensors_out_note(&out, "texts_sha256", texts->sha256);
    bool good = add_pieces(d, &out);
    for (size_t t = 0; t < d->pieces.n; t++) {
        const size_t n = d->pieces.encoding[t].n;
        char name[64];
        snprintf(name, sizeof name, "%zu.ids", t);
        xp_tensors_out_add(&out, name, "I64", 1, &n);
        snprintf(name, sizeof name, "%zu.hidden_states", t);
        xp_tensors_out_add(&out, name, "F32", 3, (const size_t[]){info->n_layers + 1, n, info->width});
        snprintf(name, sizeof name, "%zu.hidden_last_raw", t);
        if (info->causal) xp_tensors_out_add(&out, name, "F32", 2, (const size_t[]){n, info->width});
        snprintf(name, sizeof name, "%zu.attentions", t);
        xp_tensors_out_add(&out, name, "F32", 4, (const size_t[]){info->n_layers, info->n_heads, n, n});
        snprintf(name, sizeof name, "%zu.logits", t);
        if (d->logits) xp_tensors_out_add(&out, name, "F32", 2, (const size_t[]){n, info->vocabulary});
    }
    good = good && (xp_tensors_out_head(&out, file) || !out.failed);
    xp_tensors_out_free(&out);
    return good ? EXPLAINT_OK : xp_no_memory(error, "the names of the tensors");
}

static void write_text(const dump *d, size_t t, FILE *file) {
    const explaint_encoding *e = &d->pieces.encoding[d->first + t];
    for (size_t i = 0; i < e->n; i++) {
        const int64_t id = e->id[i];
        fwrite(&id, sizeof id, 1, file);
    }
    fwrite(d->kept[t], sizeof **d->kept, kept_size(d, e->n), file);
}

static explaint_status dump_block(dump *d, size_t end, FILE *file, explaint_error *error) {
    const size_t n = end - d->first;
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    d->kept = xp_calloc(n, sizeof *d->kept);
    bool good = ids != NULL && d->kept != NULL;
    for (size_t t = 0; good && t < n; t++) {
        const explaint_encoding *e = &d->pieces.encoding[d->first + t];
        ids[t] = (explaint_ids){e->id, e->n};
        d->kept[t] = xp_alloc(kept_size(d, e->n), sizeof **d->kept);
        good = d->kept[t] != NULL;
    }
    const explaint_observer watch = {.self = d,
                                     .hidden = keep_hidden,
                                     .normed = keep_normed,
                                     .attention = keep_maps,
                                     .logits = d->logits ? keep_logits : NULL};
    explaint_status status =
        good ? explaint_model_run(d->model, ids, n, &watch, d->threads, error) : xp_no_memory(error, "states and maps");
    for (size_t t = 0; status == EXPLAINT_OK && t < n; t++) write_text(d, t, file);
    for (size_t t = 0; d->kept != NULL && t < n; t++) xp_free(d->kept[t]);
    xp_free_all((void *)d->kept, ids);
    return status;
}

static explaint_status write_all(dump *d, const explaint_texts *texts, FILE *file, explaint_error *error) {
    explaint_status status = write_head(d, texts, file, error);
    size_t end;
    for (; status == EXPLAINT_OK && d->first < d->pieces.n && !ferror(file); d->first = end) {
        size_t bytes = 0;
        for (end = d->first; end < d->pieces.n; end++) {
            const size_t n = d->pieces.encoding[end].n;
            bytes += kept_size(d, n) * sizeof(float);
            if (end > d->first && bytes > BYTES_AT_ONCE) break;
        }
        status = dump_block(d, end, file, error);
    }
    return status;
}

explaint_dump_options explaint_dump_defaults(void) { return (explaint_dump_options){0}; }

explaint_status explaint_model_dump(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_texts *texts, const explaint_dump_options *options, const char *path,
                                    explaint_error *error) {
    const explaint_dump_options defaults = explaint_dump_defaults();
    if (options == NULL) options = &defaults;
    dump d = {.model = model,
              .info = explaint_model_describe(model),
              .tokenizer = tokenizer,
              .threads = options->threads,
              .logits = options->logits};
    const bool endless = d.info->open_ended && !options->truncate;
    const xp_piece_options how = {.most = endless ? SIZE_MAX : d.info->n_positions,
                                  .truncate = options->truncate,
                                  .threads = options->threads,
                                  .path = texts->path,
                                  .by_line = texts->by_line};
    xp_output output;
    explaint_status status = xp_pieces_of(tokenizer, texts->text, texts->n, &how, &d.pieces, error);
    if (options->n_cut != NULL) *options->n_cut = d.pieces.n_cut;
    for (size_t t = 0; options->n_longer != NULL && t < d.pieces.n; t++)
        *options->n_longer += d.pieces.encoding[t].n > d.info->n_positions;
    if (status != EXPLAINT_OK) return status;
    status = xp_output_open(&output, path, error);
    if (status == EXPLAINT_OK) {
        status = write_all(&d, texts, output.file, error);
        if (status == EXPLAINT_OK)
            status = xp_output_commit(&output, error);
        else
            xp_output_discard(&output);
    }
    xp_pieces_free(&d.pieces);
    return status;
}
