/* The page as a whole, and what its parts are made of. */
#include "report/page.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw/scale.h"
#include "explaint/version.h"
#include "report/tables.h"
#include "store/table.h"

/* web/page.css and web/page.js, in page_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const char xp_page_css[], xp_page_js[];

enum { WIDE = 920, NARROW = 340 };

/* ---- text ---- */

void xp_page_put(xp_text *out, const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (const char *at = format; *at != 0;) {
        const size_t plain = strcspn(at, "%");
        xp_text_add(out, at, plain);
        at += plain;
        if (strncmp(at, "%s", 2) == 0) {
            xp_svg_escape(out, xp_report_or_empty(va_arg(list, const char *)));
            at += 2;
        } else if (strncmp(at, "%zu", 3) == 0) {
            xp_text_addf(out, "%zu", va_arg(list, size_t));
            at += 3;
        } else if (strncmp(at, "%d", 2) == 0) {
            xp_text_addf(out, "%d", va_arg(list, int));
            at += 2;
        } else if (*at != 0) {
            xp_text_add(out, at++, 1);
        }
    }
    va_end(list);
}

void xp_page_sentence(xp_text *out, const char *text) {
    const char *from = xp_report_or_empty(text), *at = from;
    xp_text part = {0};
    for (; *at != 0; at++) {
        if (*at != '-' || !isdigit((unsigned char)at[1]) ||
            (at > from && at[-1] != ' ' && at[-1] != '[' && at[-1] != '(')) {
            xp_text_add(&part, at, 1);
            continue;
        }
        xp_text_adds(&part, "\xe2\x88\x92");
    }
    out->failed |= part.failed;
    if (part.data != NULL) xp_svg_escape(out, part.data);
    xp_text_free(&part);
}

void xp_page_ended(xp_text *out, const char *text) {
    const size_t n = strlen(xp_report_or_empty(text));
    xp_page_sentence(out, text);
    if (n == 0 || text[n - 1] != '.') xp_text_adds(out, ".");
}

/* ---- outcomes ---- */

static const struct {
    const char *word, *class_name, *sign;
} outcomes[] = {{"holds", "holds", "\xe2\x9c\x93"},
                {"supported", "holds", "\xe2\x9c\x93"},
                {"fails", "fails", "\xe2\x9c\x97"},
                {"not supported", "fails", "\xe2\x9c\x97"},
                {"undecided", "open", "?"}};

static size_t outcome_of(const char *outcome) {
    size_t i = 0;
    while (i < sizeof outcomes / sizeof *outcomes && strcmp(outcomes[i].word, xp_report_or_empty(outcome)) != 0) i++;
    return i;
}

const char *xp_page_outcome_class(const char *outcome) {
    const size_t i = outcome_of(outcome);
    return i < sizeof outcomes / sizeof *outcomes ? outcomes[i].class_name : "none";
}

void xp_page_outcome(xp_text *out, const char *tag, const char *outcome) {
    const size_t i = outcome_of(outcome);
    xp_text_addf(out, "<%s class=\"word %s\"><span aria-hidden=\"true\">%s </span>", tag,
                 xp_page_outcome_class(outcome),
                 i < sizeof outcomes / sizeof *outcomes ? outcomes[i].sign : "\xe2\x80\x93");
    xp_page_put(out, "%s", outcome);
    xp_text_addf(out, "</%s>", tag);
}

void xp_page_reason(xp_text *out, const char *id, const char *text, const char *outcome, const char *why) {
    xp_page_put(out, "<strong>%s</strong>, %s: ", id, text);
    xp_page_outcome(out, "span", outcome);
    if (xp_report_or_empty(why)[0] == 0) return;
    xp_text_adds(out, "; ");
    xp_page_ended(out, why);
}

/* ---- figures and tables ---- */

bool xp_page_take_figure(void *self, const xp_figure *figure) {
    const size_t end = strlen(figure->title);
    const bool asks = end > 0 && figure->title[end - 1] == '?';
    xp_text *out = self;
    const bool small =
        figure->kind == XP_FIGURE_HISTOGRAM || figure->kind == XP_FIGURE_HEAT; /* of one width everywhere */
    xp_page_put(out, "<figure id=\"%s\" data-title=\"%s\">\n", figure->id, figure->title);
    for (int narrow = small; narrow < 2; narrow++) {
        xp_svg svg;
        xp_figure_draw(figure, narrow ? NARROW : WIDE, false, &svg);
        out->failed |= svg.out.failed;
        if (!small) xp_text_adds(out, narrow ? "<div class=\"narrow\">" : "<div class=\"wide\">");
        if (svg.out.data != NULL) xp_text_add(out, svg.out.data, svg.out.length);
        if (!small) xp_text_adds(out, "</div>");
        xp_text_free(&svg.out);
    }
    xp_page_put(out,
                asks ? "<figcaption><strong>%s</strong> %s</figcaption>\n</figure>\n"
                     : "<figcaption><strong>%s.</strong> %s</figcaption>\n</figure>\n",
                figure->title, figure->caption);
    return !out->failed;
}

void xp_page_heading(xp_text *out, bool alone, const char *text) {
    xp_page_put(out, alone ? "<h2 class=\"part\">%s</h2>\n" : "<h3>%s</h3>\n", text);
}

void xp_page_table(xp_text *out, const char *id, const char *caption, const char *const *heads) {
    xp_page_put(out,
                "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table "
                "id=\"%s\"><caption>%s</caption><thead><tr>",
                caption, id, caption);
    for (; *heads != NULL; heads++)
        xp_page_put(out, **heads == '#' ? "<th scope=\"col\" class=\"n\">%s</th>" : "<th scope=\"col\">%s</th>",
                    **heads == '#' ? *heads + 1 : *heads);
    xp_text_adds(out, "</tr></thead><tbody>\n");
}

void xp_page_table_end(xp_text *out) { xp_text_adds(out, "</tbody></table></div>\n"); }

void xp_page_number(xp_text *out, double value, int decimals, bool sign, const double *ci) {
    char number[XP_SCALE_LABEL], low[XP_SCALE_LABEL], high[XP_SCALE_LABEL];
    (sign ? xp_scale_signed : xp_scale_number)(value, decimals, number);
    xp_text_addf(out, "<td class=\"n\">%s", number);
    if (ci != NULL && isfinite(ci[0]) && isfinite(value)) {
        (sign ? xp_scale_signed : xp_scale_number)(ci[0], decimals, low);
        (sign ? xp_scale_signed : xp_scale_number)(ci[1], decimals, high);
        xp_text_addf(out, " <span class=\"ci\">[%s, %s]</span>", low, high);
    }
    xp_text_adds(out, "</td>");
}

void xp_page_p(xp_text *out, double p) {
    char number[XP_SCALE_LABEL];
    xp_scale_number(p, 4, number);
    xp_text_addf(out, "<td class=\"n\">%s</td>", isfinite(p) && p < 1e-4 ? "&lt; 0.0001" : number);
}

/* ---- notes, and where it comes from ---- */

void xp_page_notes(xp_text *out, const xp_page_source *s) {
    if (s->n_lints == 0) return;
    xp_page_heading(out, s->alone, "What to keep in mind");
    xp_text_adds(out, "<ul class=\"notes\">\n");
    for (int warnings = 1; warnings >= 0; warnings--)
        for (size_t i = 0; i < s->n_lints; i++) {
            const bool warning = strcmp(xp_report_or_empty(s->lints[i].level), "warning") == 0;
            if (warning != (warnings == 1)) continue;
            xp_page_put(out, warning ? "<li><strong>Warning (%s):</strong> " : "<li>%s: ", s->lints[i].id);
            xp_page_sentence(out, s->lints[i].text);
            xp_text_adds(out, "</li>\n");
        }
    xp_text_adds(out, "</ul>\n");
}

static void command_of(xp_text *out, const char *const *command) {
    xp_text text = {0};
    if (command == NULL || command[0] == NULL) return;
    xp_table_command(&text, command);
    out->failed |= text.failed;
    if (text.data != NULL)
        xp_page_put(out,
                    "<p>The command that repeats it:</p>\n<pre class=\"command\" tabindex=\"0\" "
                    "data-copy=\"command\">%s</pre>\n",
                    text.data);
    xp_text_free(&text);
}

void xp_page_origin(xp_text *out, const xp_page_source *s) {
    static const char *const inputs[] = {"role", "name", "#rows", "#columns", "SHA-256", NULL};
    static const char *const settings[] = {"setting", "value", NULL};
    char id[32];
    xp_page_heading(out, s->alone, "Where the numbers come from");
    xp_page_put(out,
                "<p>Run %s is %s, of explaint %s. The same version, files and "
                "command give the same document, byte for byte, on one machine.</p>\n",
                s->label, s->place, s->version);
    command_of(out, s->command);
    snprintf(id, sizeof id, "%s-inputs", s->label);
    xp_page_table(out, id, "Files that went in", inputs);
    for (size_t i = 0; i < s->n_inputs; i++) {
        const explaint_input *in = &s->inputs[i];
        xp_page_put(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", in->role, in->name);
        if (in->shape[0] > 0)
            xp_page_put(out, "<td class=\"n\">%zu</td><td class=\"n\">%zu</td>", in->shape[0], in->shape[1]);
        else
            xp_text_adds(out, "<td class=\"n\">\xe2\x80\x93</td><td class=\"n\">\xe2\x80\x93</td>");
        xp_page_put(out, "<td><code>%s</code></td></tr>\n", in->sha256);
    }
    xp_page_table_end(out);
    xp_page_put(
        out, "<dl><dt>signature</dt><dd><code>%s</code></dd><dt>document, SHA-256</dt><dd><code>%s</code></dd></dl>\n",
        s->signature, s->sha256);
    if (s->n_settings == 0) return;
    xp_text_adds(out, "<details><summary>All settings</summary>\n");
    snprintf(id, sizeof id, "%s-settings", s->label);
    xp_page_table(out, id, "Settings", settings);
    for (size_t i = 0; i < s->n_settings; i++)
        xp_page_put(out, "<tr><th scope=\"row\">%s</th><td class=\"wide-text\"><code>%s</code></td></tr>\n",
                    s->settings[i].key, s->settings[i].json);
    xp_page_table_end(out);
    xp_text_adds(out, "</details>\n");
}

/* ---- the whole ---- */

/* 'sha256-...' of a text, in base64 as a security policy has it. */
static void policy_hash(const char *text, xp_text *out) {
    char hex[XP_SHA256_TEXT];
    unsigned char byte[32] = {0};
    xp_sha256 sha;
    xp_sha256_begin(&sha);
    xp_sha256_add(&sha, text, strlen(text));
    xp_sha256_end(&sha, hex);
    for (size_t i = 0; i < 64; i++) {
        const unsigned value = hex[i] <= '9' ? (unsigned)(hex[i] - '0') : (unsigned)(hex[i] - 'a' + 10);
        byte[i / 2] = (unsigned char)((unsigned)byte[i / 2] << 4 | value);
    }
    xp_text_adds(out, "'sha256-");
    xp_page_base64(byte, sizeof byte, out);
    xp_text_adds(out, "'");
}

static void head(const xp_collection *c, const char *style, xp_text *out) {
    xp_text_adds(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    xp_text_adds(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    policy_hash(style, out);
    xp_text_adds(out, "; script-src ");
    policy_hash(xp_page_js, out);
    xp_text_adds(out, "; img-src data:; base-uri 'none'; form-action 'none'\">\n");
    xp_text_adds(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
                      "name=\"referrer\" content=\"no-referrer\">\n");
    xp_page_put(out, "<meta name=\"generator\" content=\"explaint %s\">\n<title>explaint: what %s</title>\n",
                explaint_version(),
                xp_collection_n_runs(c) + c->n_comparisons == 1 ? "one run says" : "these runs say");
    xp_text_adds(out, "<style>");
    xp_text_adds(out, style);
    xp_text_adds(out, "</style>\n</head>\n");
}

static void contents(const xp_collection *c, xp_text *out) {
    if (xp_collection_n_runs(c) + c->n_comparisons + c->n_maps > 1) {
        xp_text_adds(out, "<nav aria-label=\"Contents\"><ul class=\"contents\">");
        if (xp_collection_n_runs(c) > 1) xp_text_adds(out, "<li><a href=\"#overview\">All runs</a></li>");
        if (c->n_attention > 1) xp_text_adds(out, "<li><a href=\"#attention\">Attention, run beside run</a></li>");
        for (size_t i = 0; i < c->n_runs; i++)
            xp_page_put(out, "<li><a href=\"#run-%s\">Run %s</a></li>", c->run[i].label, c->run[i].label);
        for (size_t i = 0; i < c->n_attention; i++)
            xp_page_put(out, "<li><a href=\"#run-%s\">Run %s, attention</a></li>", c->attention[i].label,
                        c->attention[i].label);
        for (size_t i = 0; i < c->n_relations; i++)
            xp_page_put(out, "<li><a href=\"#run-%s\">Run %s, relation</a></li>", c->relation[i].label,
                        c->relation[i].label);
        for (size_t i = 0; i < c->n_comparisons; i++)
            xp_page_put(out, "<li><a href=\"#comparison-%zu\">Two runs compared</a></li>", i);
        for (size_t i = 0; i < c->n_maps; i++)
            xp_page_put(out, "<li><a href=\"#maps-%zu\">Maps of %s</a></li>", i, c->maps[i].model);
        xp_text_adds(out, "<li><a href=\"#paper\">For a paper</a></li></ul></nav>\n");
    }
}

static void for_a_paper(const xp_collection *c, xp_text *out) {
    xp_markup latex = {.latex = true};
    xp_report_compose(c, &latex);
    out->failed |= latex.out.failed;
    xp_page_put(out,
                "<section id=\"paper\" aria-labelledby=\"paper-title\">\n<h2 id=\"paper-title\">For a "
                "paper</h2>\n<p>Cite explaint %s, and Abdelhalim, Edinger, Laue &amp; Regneri (2026), <cite>LLMs "
                "Explain't: A Post-Mortem on Semantic "
                "Interpretability in Transformer Models</cite>, arXiv 2601.22928; then the norms and the vectors that "
                "were used.</p>\n",
                explaint_version());
    if (c->notes.count > 0) {
        xp_text_adds(out, "<ul class=\"notes\">\n");
        for (size_t i = 0; i < c->notes.count; i++) xp_page_put(out, "<li>%s</li>\n", c->notes.item[i]);
        xp_text_adds(out, "</ul>\n");
    }
    if (latex.out.data != NULL && !latex.out.failed) {
        xp_text_adds(
            out, "<details><summary>The tables in LaTeX</summary>\n<pre tabindex=\"0\" data-copy=\"LaTeX tables\">");
        for (char *at = latex.out.data, *end; *at != 0;
             at = end) { /* lines stay lines; what is within one is escaped */
            end = at + strcspn(at, "\n");
            const char ends = *end;
            *end = 0;
            xp_svg_escape(out, at);
            *end = ends;
            if (ends != 0) {
                xp_text_adds(out, "\n");
                end++;
            }
        }
        xp_text_adds(out, "</pre></details>\n");
    }
    xp_text_adds(out, "</section>\n");
    xp_markup_free(&latex);
}

void xp_page_compose(const xp_collection *c, xp_text *out) {
    xp_text style = {0};
    const bool several = xp_collection_n_runs(c) > 1;
    xp_text_adds(&style, xp_svg_style);
    xp_text_adds(&style, xp_page_css);
    out->failed |= style.failed;
    if (style.data != NULL) head(c, style.data, out);
    xp_text_free(&style);
    xp_text_adds(out, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n<p "
                      "class=\"kicker\">explaint, controls for claims about what models know</p>\n");
    if (several) xp_page_put(out, "<h1>%zu runs side by side</h1>\n", xp_collection_n_runs(c));
    if (xp_collection_n_runs(c) == 0 && c->n_comparisons != 1)
        xp_text_adds(out, c->n_comparisons > 0 ? "<h1>Runs compared</h1>\n" : "<h1>Attention maps</h1>\n");
    contents(c, out);
    xp_text_adds(out, "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    if (several) xp_page_overview(c, out);
    if (c->n_attention > 1) xp_page_attend_beside(c, out);
    for (size_t i = 0; i < c->n_runs; i++) xp_page_infer(c, &c->run[i], out);
    for (size_t i = 0; i < c->n_attention; i++) xp_page_attend(c, &c->attention[i], out);
    for (size_t i = 0; i < c->n_relations; i++) xp_page_relation(c, &c->relation[i], out);
    for (size_t i = 0; i < c->n_comparisons; i++) xp_page_comparison(c, i, out);
    for (size_t i = 0; i < c->n_maps; i++) xp_page_maps(c, i, out);
    for_a_paper(c, out);
    xp_page_put(
        out,
        "</main>\n<footer><p>Made by explaint %s from stored results; nothing was fitted or tested for this page. "
        "It is one file, it asks nothing of anybody, and it prints.</p></footer>\n",
        explaint_version());
    xp_text_adds(out, "<script type=\"text/plain\" id=\"drawing-style\">");
    xp_text_adds(out, xp_svg_style);
    xp_text_adds(out, "</script>\n<script>");
    xp_text_adds(out, xp_page_js);
    xp_text_adds(out, "</script>\n</body>\n</html>\n");
}
