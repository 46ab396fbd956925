/* Attention maps on the page: what the script shows of them (their bytes: blocks.c), and one picture that needs no script. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "draw/color.h"
#include "explaint/catalogue.h"
#include "explaint/visible.h"
#include "report/blocks.h"
#include "report/page.h"

enum {
    DRAWN = 40, /* pieces of a text that is drawn without a script, at most */
    WIDTH = 440,
    ROOM = 12 << 20, /* bytes of all maps of a page, which opens within two seconds */
    LEAST = 2 << 20, /* of a file's maps, whatever else the page has */
    PAGE = 14500000  /* bytes of a page with runs beside the maps */
};

/* Bytes for one file's maps, after so many of the page. */
static size_t room_for(const xp_collection *c, size_t number, size_t written) {
    const size_t left = written < PAGE ? (PAGE - written) / (c->n_maps - number) : 0, most = ROOM / c->n_maps;
    const size_t room = left < most ? left : most;
    return room > LEAST ? room : LEAST;
}

/* ---- without a script ---- */

static bool one_drawing(const xp_maps *m, size_t kind, size_t layer, double most, double *matrix, xp_text *out) {
    const xp_maps_text *t = &m->text[0];
    char title[128];
    xp_svg svg = {0};
    snprintf(title, sizeof title,
             m->kind[kind].of == XP_MAPS_HEADS    ? "%s, layer %zu, mean of heads"
             : m->kind[kind].of == XP_MAPS_LAYERS ? "%s, layer %zu"
                                                  : "%s",
             m->kind[kind].label, layer + 1);
    if (!xp_maps_matrix(m, 0, kind, layer, matrix)) return false;
    xp_chart_heat_draw(&(xp_chart_heat){.title = title,
                                        .description = "Rows attend to columns.",
                                        .value = matrix,
                                        .rows = t->n,
                                        .columns = t->n,
                                        .row_label = (const char *const *)t->piece.item,
                                        .column_label = (const char *const *)t->piece.item,
                                        .high = most,
                                        .root = true,
                                        .width = WIDTH},
                       &svg);
    const bool good = !svg.out.failed;
    if (good) xp_text_add(out, svg.out.data, svg.out.length);
    xp_text_free(&svg.out);
    return good;
}

/* Intact beside the first damage, or the first flow where there is none, on one scale. */
static bool drawing(const xp_maps *m, size_t number, xp_text *out) {
    const size_t n = m->text[0].n, layer = (m->n_layers - 1) / 2;
    if (n > DRAWN || n == 0) return true;
    double *matrix = xp_alloc(n * n, sizeof *matrix), most = 0;
    if (matrix == NULL) return false;
    const size_t kinds = m->n_kinds > 1 && m->text[0].kind[1] != NULL ? 2 : 1;
    bool good = true;
    for (size_t k = 0; good && k < kinds; k++) {
        good = xp_maps_matrix(m, 0, k, layer, matrix);
        for (size_t i = 0; i < n * n; i++) most = fmax(most, good ? matrix[i] : 0);
    }
    xp_page_put(
        out,
        "<figure id=\"maps-%zu-static\" class=\"static\" data-title=\"maps of the first text\"><div class=\"pair\">\n",
        number);
    for (size_t k = 0; good && k < kinds; k++) good = one_drawing(m, k, layer, most, matrix, out);
    xp_page_put(out, "</div><figcaption><strong>Attention of the first text.</strong> Rows attend to columns; lighter "
                     "is more, on the same scale of square roots.</figcaption></figure>\n");
    xp_free(matrix);
    return good;
}

/* What each row of a layer takes from the layer before, from the first kind that says it. */
static bool graph(const xp_maps *m, size_t number, xp_text *out) {
    const size_t n = m->text[0].n, size = n * n;
    size_t kind = 0;
    while (kind < m->n_kinds && (!m->kind[kind].steps || m->text[0].kind[kind] == NULL)) kind++;
    if (n > DRAWN || n == 0 || kind == m->n_kinds) return true;
    double *value = xp_alloc(m->n_layers * size, sizeof *value);
    bool good = value != NULL;
    for (size_t l = 0; good && l < m->n_layers; l++) good = xp_maps_matrix(m, 0, kind, l, value + l * size);
    char id[48], caption[400];
    snprintf(id, sizeof id, "maps-%zu-graph", number);
    snprintf(caption, sizeof caption,
             "The first text, by %s. Columns are layers, 0 is the embedding layer; rows are pieces. A line joins a row "
             "with one of the layer before if .05 or more of it comes from there; the wider, the more.",
             m->kind[kind].label);
    const xp_chart_graph chart = {.title = "Where rows come from, layer by layer",
                                  .description = caption,
                                  .value = value,
                                  .layers = m->n_layers,
                                  .rows = n,
                                  .row_label = (const char *const *)m->text[0].piece.item,
                                  .least = .05};
    if (good) {
        xp_text_adds(out, "<div class=\"static\">\n");
        good = xp_page_take_figure(out, &(xp_figure){id, chart.title, caption, XP_FIGURE_GRAPH, &chart});
        xp_text_adds(out, "</div>\n");
    }
    xp_free(value);
    return good;
}

/* ---- with a script ---- */

/* The share of rows that a linear map gives back, by layer; from a run of the same model. */
static void add_shares(const xp_collection *c, const xp_maps *m, xp_json *json) {
    for (size_t i = 0; i < c->n_attention; i++) {
        const explaint_attend_result *r = c->run[c->n_infer + i].attention;
        bool same = false;
        for (size_t k = 0; k < r->n_inputs; k++)
            same |= strcmp(xp_report_or_empty(r->inputs[k].role), "model") == 0 &&
                    strcmp(xp_report_or_empty(r->inputs[k].name), m->model) == 0;
        if (!same || r->n_layers == 0) continue;
        xp_json_open(json, "shares", '{', XP_JSON_LINE);
        for (size_t k = 0; k < r->n_layers; k++) {
            char layer[24];
            snprintf(layer, sizeof layer, "%zu", r->layers[k].layer);
            xp_json_number(json, layer, r->layers[k].recovered);
        }
        xp_json_close(json);
        return;
    }
}

static void add_text(const xp_maps *m, size_t i, xp_json *json) {
    const xp_maps_text *t = &m->text[i];
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_size(json, "block", xp_blocks_heads(m, i));
    xp_json_open(json, "pieces", '[', XP_JSON_LINE);
    for (size_t k = 0; k < t->n; k++) xp_json_string(json, NULL, t->piece.item[k]);
    xp_json_close(json);
    xp_json_open(json, "special", '[', XP_JSON_LINE);
    for (size_t k = 0; k < t->n; k++) xp_json_size(json, NULL, t->special[k]);
    xp_json_close(json);
    xp_json_open(json, "words", '[', XP_JSON_LINE);
    for (size_t k = 0; k < t->word.count; k++) {
        xp_json_open(json, NULL, '[', XP_JSON_LINE);
        xp_json_string(json, NULL, t->word.item[k]);
        xp_json_size(json, NULL, t->word_pieces[k]);
        xp_json_close(json);
    }
    xp_json_close(json);
    xp_json_close(json);
}

static void facts(const xp_collection *c, const xp_maps *m, size_t number, size_t n_texts, xp_text *out) {
    xp_json json = {0};
    char scale[256 * 6 + 1], model[256], id[48];
    explaint_visible_text(m->model, model, sizeof model);
    for (unsigned i = 0; i < 256; i++) snprintf(scale + 6 * i, 7, "%06x", xp_color_scale(i / 255.0));
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_size(&json, "layers", m->n_layers);
    xp_json_size(&json, "heads", m->n_heads);
    xp_json_string(&json, "model", model);
    xp_json_string(&json, "scale", scale);
    add_shares(c, m, &json);
    xp_json_open(&json, "kinds", '[', XP_JSON_LINE);
    for (size_t k = 0; k < m->n_kinds; k++) {
        static const char *const of[] = {
            [XP_MAPS_HEADS] = "heads", [XP_MAPS_LAYERS] = "layers", [XP_MAPS_MODEL] = "model"};
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "label", m->kind[k].label);
        xp_json_string(&json, "of", of[m->kind[k].of]);
        xp_json_raw(&json, "steps", m->kind[k].steps ? "true" : "false");
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "texts", '[', XP_JSON_LINE);
    for (size_t i = 0; i < n_texts; i++) add_text(m, i, &json);
    xp_json_close(&json);
    xp_json_close(&json);
    snprintf(id, sizeof id, "maps-%zu-facts", number);
    xp_page_facts(out, id, &json);
}

static void say_left_out(size_t n_texts, size_t n_maps, xp_text *out) {
    if (n_texts == 0 && n_maps == 0) return;
    xp_text_adds(out, " So that the page does not become too large, it lacks ");
    if (n_texts > 0) xp_page_put(out, "the last %zu %s", n_texts, n_texts == 1 ? "text" : "texts");
    if (n_texts > 0 && n_maps > 0) xp_text_adds(out, " and ");
    if (n_maps > 0)
        xp_page_put(out, "%zu %s of damaged rows or of flow of the %s", n_maps, n_maps == 1 ? "map" : "maps",
                    n_texts > 0 ? "others" : "texts");
    xp_text_adds(out, "; fewer texts in a file of maps, or fewer of <code>--damage</code>, bring all.");
}

void xp_page_maps(const xp_collection *c, size_t number, xp_text *out) {
    const xp_maps *m = &c->maps[number];
    xp_blocks_kept shown;
    xp_text blocks = {0};
    bool good = xp_blocks_write(m, number, room_for(c, number, out->length), &blocks, &shown);
    xp_page_put(out,
                "<section id=\"maps-%zu\" class=\"maps\" aria-labelledby=\"maps-%zu-title\"><h2 "
                "id=\"maps-%zu-title\">Attention maps of %s</h2>\n",
                number, number, number, m->model);
    xp_page_put(out, "<p>%zu %s, %zu %s of %zu %s, from %s.", m->n_texts, m->n_texts == 1 ? "text" : "texts",
                m->n_layers, m->n_layers == 1 ? "layer" : "layers", m->n_heads, m->n_heads == 1 ? "head" : "heads",
                m->path);
    say_left_out(m->n_texts - shown.n_texts, shown.left_out, out);
    xp_text_adds(out, "</p>\n");
    good = good && drawing(m, number, out) && graph(m, number, out);
    if (good && shown.n_texts > 0) facts(c, m, number, shown.n_texts, out);
    if (good && blocks.length > 0) xp_text_add(out, blocks.data, blocks.length);
    xp_text_free(&blocks);
    out->failed |= !good;
    xp_text_adds(out, "</section>\n");
}
