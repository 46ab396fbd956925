/* The page as a whole. */
#include "report/page.h"

#include <string.h>

#include "explaint/version.h"
#include "report/tables.h"

/* web/page.css and web/page.js, in page_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const char xp_page_css[], xp_page_js[];

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
                explaint_version(), c->n_runs + c->n_comparisons == 1 ? "one run says" : "these runs say");
    xp_text_adds(out, "<style>");
    xp_text_adds(out, style);
    xp_text_adds(out, "</style>\n</head>\n");
}

static void contents(const xp_collection *c, xp_text *out) {
    if (c->n_runs + c->n_comparisons + c->n_maps > 1) {
        xp_text_adds(out, "<nav aria-label=\"Contents\"><ul class=\"contents\">");
        if (c->n_runs > 1) xp_text_adds(out, "<li><a href=\"#overview\">All runs</a></li>");
        if (c->n_attention > 1) xp_text_adds(out, "<li><a href=\"#attention\">Attention, run beside run</a></li>");
        for (size_t i = 0; i < c->n_runs; i++)
            xp_page_put(out, "<li><a href=\"#run-%s\">Run %s%s</a></li>", c->run[i].label, c->run[i].label,
                        c->run[i].attention != NULL  ? ", attention"
                        : c->run[i].relation != NULL ? ", relation"
                                                     : "");
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
    const bool several = c->n_runs > 1;
    xp_text_adds(&style, xp_svg_style);
    xp_text_adds(&style, xp_page_css);
    out->failed |= style.failed;
    if (style.data != NULL) head(c, style.data, out);
    xp_text_free(&style);
    xp_text_adds(out, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n<p "
                      "class=\"kicker\">explaint, controls for claims about what models know</p>\n");
    if (several) xp_page_put(out, "<h1>%zu runs side by side</h1>\n", c->n_runs);
    if (c->n_runs == 0 && c->n_comparisons != 1)
        xp_text_adds(out, c->n_comparisons > 0 ? "<h1>Runs compared</h1>\n" : "<h1>Attention maps</h1>\n");
    contents(c, out);
    xp_text_adds(out, "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    if (several) xp_page_overview(c, out);
    if (c->n_attention > 1) xp_page_attend_beside(c, out);
    for (size_t i = 0; i < c->n_runs; i++)
        (c->run[i].attention != NULL  ? xp_page_attend
         : c->run[i].relation != NULL ? xp_page_relation
                                      : xp_page_infer)(c, &c->run[i], out);
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
