/* One head as a picture for a paper: the intact map beside a damaged one on one scale, and above them what the rows still stand for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attention/experiment.h"
#include "base/choose.h"
#include "base/memory.h"
#include "base/output.h"
#include "draw/chart.h"
#include "explaint/catalogue.h"
#include "explaint/visible.h"

static const char what[] = "the picture";

enum { WIDTH = 420, GAP = 20, HEADER = 44 };

/* The map of a head, or the mean of all (head 0), of what lies layer by layer and head by head. */
static void matrix_of(const float *maps, size_t n_heads, size_t n, const explaint_picture_options *o, double *matrix) {
    const size_t first = o->head > 0 ? o->head - 1 : 0, last = o->head > 0 ? o->head : n_heads;
    for (size_t i = 0; i < n * n; i++) {
        double sum = 0;
        for (size_t h = first; h < last; h++) sum += (double)maps[((o->layer - 1) * n_heads + h) * n * n + i];
        matrix[i] = sum / (double)(last - first);
    }
}

/* Texts of the rows, as they are shown: pieces, or words as the text spells them; released by xp_strings_free. */
static bool rows_of(const xp_attend *a, size_t t, xp_strings *rows) {
    const xp_encoded_text *text = &a->texts.text[t];
    char row[256], shown[256];
    for (size_t k = 0; k < text->side.n; k++) {
        const size_t begin = text->side.begin[k];
        const xp_view word = xp_corpus_spelled(text, explaint_texts_text(a->source, t, NULL), begin, text->side.end[k]);
        if (a->read.level == XP_LEVEL_WORD && word.length > 0)
            snprintf(row, sizeof row, "%.*s", XP_SHOW(word));
        else
            snprintf(row, sizeof row, "%s", explaint_tokenizer_piece(a->tokenizer, text->id[begin]));
        explaint_visible_text(row, shown, sizeof shown);
        if (!xp_strings_add(rows, shown, strlen(shown))) return false;
    }
    return true;
}

/* "Layer 3, head 5 of all-MiniLM-L6-v2", and the share of its rows that a linear map gives back. */
static void header(const xp_attend *a, const explaint_picture_options *o, char first[256], char second[256]) {
    char head[32] = "mean of heads", name[128];
    explaint_visible_text(a->info->name, name, sizeof name);
    if (o->head > 0) snprintf(head, sizeof head, "head %zu", o->head);
    snprintf(first, 256, "Attention of %s, layer %zu, %s", name, o->layer, head);
    snprintf(second, 256, "How many rows still stand for their tokens was not measured.");
    for (size_t i = 0; i < a->result.n_layers; i++)
        if (a->result.layers[i].layer == o->layer && isfinite(a->result.layers[i].recovered))
            snprintf(
                second, 256,
                "%.1f %% of the rows of this layer still stand for their tokens: a linear map gives the token back.",
                100 * a->result.layers[i].recovered);
}

/* Both maps as drawings of their own, then one around them. */
static bool draw(const xp_attend *a, const explaint_picture_options *o, size_t damage, double *matrix, xp_svg *svg) {
    const xp_encoded_text *text = &a->texts.text[o->text];
    const size_t n = text->side.n, n_heads = a->texts.n_heads;
    xp_strings rows = {0};
    char first[256], second[256];
    xp_svg in[2] = {0};
    double most = 0;
    bool good = rows_of(a, o->text, &rows);
    matrix_of(text->maps, n_heads, n, o, matrix);
    matrix_of(a->experiment->maps + damage * a->experiment->map_size + a->experiment->map_at[o->text], n_heads, n, o,
              matrix + n * n);
    for (size_t i = 0; i < 2 * n * n; i++) most = fmax(most, matrix[i]);
    for (size_t k = 0; good && k < 2; k++) {
        in[k].x = (double)k * (WIDTH + GAP);
        in[k].y = HEADER;
        const explaint_entry *entry = explaint_catalogue_find("damages", xp_damage_names[damage]);
        xp_chart_heat_draw(&(xp_chart_heat){.title = k == 0          ? "intact"
                                                     : entry != NULL ? entry->label
                                                                     : xp_damage_names[damage],
                                            .description = "Rows attend to columns.",
                                            .value = matrix + k * n * n,
                                            .rows = n,
                                            .columns = n,
                                            .row_label = (const char *const *)rows.item,
                                            .column_label = (const char *const *)rows.item,
                                            .high = most > 0 ? most : 1,
                                            .root = true,
                                            .width = WIDTH},
                           &in[k]);
        good = !in[k].out.failed;
    }
    if (good) {
        header(a, o, first, second);
        xp_svg_begin(svg, 2 * WIDTH + GAP, HEADER + in[0].height, first, second);
        xp_svg_text(svg, &(xp_svg_label){.x = 4, .y = 16, .class_names = "bold", .text = first});
        xp_svg_text(svg, &(xp_svg_label){.x = 4, .y = 35, .text = second});
        for (size_t k = 0; k < 2; k++) xp_text_add(&svg->out, in[k].out.data, in[k].out.length);
        xp_svg_end(svg);
    }
    for (size_t k = 0; k < 2; k++) xp_text_free(&in[k].out);
    xp_strings_free(&rows);
    return good && !svg->out.failed;
}

explaint_picture_options explaint_picture_defaults(void) {
    return (explaint_picture_options){.layer = 1, .damage = "permute"};
}

explaint_status explaint_attend_write_picture(const explaint_attend_result *result,
                                              const explaint_picture_options *options, FILE *out,
                                              explaint_error *error) {
    const explaint_picture_options defaults = explaint_picture_defaults(), *o = options != NULL ? options : &defaults;
    const xp_attend *a = result->internals;
    size_t damage = 0;
    if (a->experiment == NULL || a->experiment->maps == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a run that keeps maps (keep_maps)");
    if (o->text >= a->texts.n_texts)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a text of 1 to %zu, found %zu", a->texts.n_texts,
                       o->text + 1);
    if (o->layer == 0 || o->layer > a->texts.n_layers)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a layer of 1 to %zu, found %zu", a->texts.n_layers,
                       o->layer);
    if (o->head > a->texts.n_heads)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a head of 1 to %zu, found %zu", a->texts.n_heads,
                       o->head);
    explaint_status status = xp_choose(o->damage, xp_damage_names, XP_N_DAMAGES, "damage", &damage, error);
    if (status != EXPLAINT_OK) return status;
    if (!a->damage[damage])
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "the damage '%s' was left out of this run", o->damage);
    const size_t n = a->texts.text[o->text].side.n;
    xp_svg svg = {.file = true};
    double *matrix = xp_alloc(2 * n * n, sizeof *matrix);
    if (matrix == NULL || !draw(a, o, damage, matrix, &svg)) status = xp_no_memory(error, what);
    if (status == EXPLAINT_OK) status = xp_write_text(&svg.out, what, out, error);
    xp_text_free(&svg.out);
    xp_free(matrix);
    return status;
}
