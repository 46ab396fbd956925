/* Attention maps on the page: what the script shows, in a block of bytes for each text and kind, and one picture that needs no script. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "draw/color.h"
#include "explaint/catalogue.h"
#include "formats/deflate.h"
#include "report/page.h"

enum { DRAWN = 40, WIDTH = 440 }; /* pieces of a text that is drawn without a script */

/* The name of a kind for people. */
static const char *label_of(const char *kind) {
    const explaint_entry *entry = explaint_catalogue_find("damages", kind);
    return entry != NULL ? entry->label : strcmp(kind, "attention") == 0 ? "intact" : kind;
}

/* ---- without a script ---- */

static bool one_drawing(const xp_maps *m, size_t kind, size_t layer, double most, double *matrix, xp_text *out) {
    const xp_maps_text *t = &m->text[0];
    char title[128];
    xp_svg svg = {0};
    snprintf(title, sizeof title, "%s, layer %zu, mean of heads", label_of(m->kind[kind]), layer + 1);
    xp_maps_matrix(m, 0, kind, layer, SIZE_MAX, matrix);
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

/* Intact beside the first damage, on one scale. */
static bool drawing(const xp_maps *m, size_t number, xp_text *out) {
    const size_t n = m->text[0].n, layer = (m->n_layers - 1) / 2;
    if (n > DRAWN || n == 0) return true;
    double *matrix = xp_alloc(n * n, sizeof *matrix), most = 0;
    if (matrix == NULL) return false;
    const size_t kinds = m->n_kinds > 1 && m->text[0].kind[1] != NULL ? 2 : 1;
    for (size_t k = 0; k < kinds; k++) {
        xp_maps_matrix(m, 0, k, layer, SIZE_MAX, matrix);
        for (size_t i = 0; i < n * n; i++) most = fmax(most, matrix[i]);
    }
    bool good = true;
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

/* ---- with a script ---- */

/* The share of rows that a linear map gives back, by layer; from a run of the same model. */
static void add_shares(const xp_collection *c, const xp_maps *m, xp_json *json) {
    for (size_t i = 0; i < c->n_attention; i++) {
        const explaint_attend_result *r = c->attention[i].result;
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

static bool facts(const xp_collection *c, const xp_maps *m, size_t number, xp_text *out) {
    xp_json json = {0};
    char scale[256 * 6 + 1];
    for (unsigned i = 0; i < 256; i++) snprintf(scale + 6 * i, 7, "%06x", xp_color_scale(i / 255.0));
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_size(&json, "layers", m->n_layers);
    xp_json_size(&json, "heads", m->n_heads);
    xp_json_string(&json, "scale", scale);
    add_shares(c, m, &json);
    xp_json_open(&json, "kinds", '[', XP_JSON_LINE);
    for (size_t k = 0; k < m->n_kinds; k++) xp_json_string(&json, NULL, label_of(m->kind[k]));
    xp_json_close(&json);
    xp_json_open(&json, "texts", '[', XP_JSON_LINE);
    for (size_t i = 0; i < m->n_texts; i++) {
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_open(&json, "pieces", '[', XP_JSON_LINE);
        for (size_t k = 0; k < m->text[i].n; k++) xp_json_string(&json, NULL, m->text[i].piece.item[k]);
        xp_json_close(&json);
        xp_json_open(&json, "special", '[', XP_JSON_LINE);
        for (size_t k = 0; k < m->text[i].n; k++) xp_json_size(&json, NULL, m->text[i].special[k]);
        xp_json_close(&json);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_close(&json);
    const bool good = xp_json_end(&json);
    xp_page_put(out, "<script type=\"application/json\" id=\"maps-%zu-facts\">", number);
    for (const char *at = good ? json.text.data : ""; *at != 0;
         at++) /* no text ends the element, or begins a comment */
        if (*at == '<')
            xp_text_adds(out, "\\u003c");
        else
            xp_text_add(out, at, 1);
    xp_text_adds(out, "</script>\n");
    xp_json_free(&json);
    return good;
}

static void base64(const unsigned char *bytes, size_t n, xp_text *out) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[4 * 256];
    size_t used = 0;
    for (size_t i = 0; i < n; i += 3) {
        const unsigned three =
            (unsigned)bytes[i] << 16 | (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) | (i + 2 < n ? bytes[i + 2] : 0);
        for (int k = 3; k >= 0; k--) line[used++] = digit[three >> (6 * k) & 63];
        if (i + 1 >= n) line[used - 2] = '=';
        if (i + 2 >= n) line[used - 1] = '=';
        if (used == sizeof line || i + 3 >= n) {
            xp_text_add(out, line, used);
            used = 0;
        }
    }
}

/* Square roots in 255 steps, so that small shares are told apart: the browser's value is off by at most .004. */
static bool block(const xp_maps *m, size_t number, size_t text, size_t kind, xp_text *out) {
    const size_t n = m->text[text].n, size = m->n_layers * m->n_heads * n * n;
    unsigned char *byte = xp_alloc(size, 1);
    void *packed = NULL;
    size_t length = 0, at = 0;
    for (size_t l = 0; byte != NULL && l < m->n_layers; l++)
        for (size_t h = 0; h < m->n_heads; h++)
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                    const double value = xp_maps_value(m, text, kind, l, h, i, j);
                    byte[at++] = (unsigned char)lround(255 * sqrt(fmin(fmax(value, 0), 1)));
                }
    const bool good = byte != NULL && xp_deflate_pack(byte, size, &packed, &length);
    if (good) {
        xp_page_put(out, "<script type=\"application/octet-stream\" id=\"maps-%zu-%zu-%zu\">", number, text, kind);
        base64(packed, length, out);
        xp_text_adds(out, "</script>\n");
    }
    xp_free(byte);
    xp_free(packed);
    return good;
}

void xp_page_maps(const xp_collection *c, size_t number, xp_text *out) {
    const xp_maps *m = &c->maps[number];
    bool good = true;
    xp_page_put(out,
                "<section id=\"maps-%zu\" class=\"maps\" aria-labelledby=\"maps-%zu-title\"><h2 "
                "id=\"maps-%zu-title\">Attention maps of %s</h2>\n",
                number, number, number, m->model);
    xp_page_put(out, "<p>%zu texts, %zu layers of %zu heads, from %s.", m->n_texts, m->n_layers, m->n_heads, m->path);
    if (m->texts_left_out > 0 || m->maps_left_out > 0)
        xp_page_put(out,
                    " Left out are the last %zu texts and %zu damaged maps of the others: the page would be too large. "
                    "Fewer texts in a file of maps, or fewer of --damage, bring all.",
                    m->texts_left_out, m->maps_left_out);
    xp_text_adds(out, "</p>\n");
    good = drawing(m, number, out) && facts(c, m, number, out);
    for (size_t i = 0; good && i < m->n_texts; i++)
        for (size_t k = 0; good && k < m->n_kinds; k++)
            if (m->text[i].kind[k] != NULL) good = block(m, number, i, k, out);
    out->failed |= !good;
    xp_text_adds(out, "</section>\n");
}
