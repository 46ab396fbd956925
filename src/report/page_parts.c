/* What the parts of the page are made of: text, outcomes, tables, figures, notes. */
#include "report/page.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw/scale.h"
#include "store/table.h"

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

void xp_page_run_table(xp_text *out, const xp_report_run *run, const char *name, const char *caption,
                       const char *const *heads) {
    char id[48];
    snprintf(id, sizeof id, "%s-%s", run->label, name);
    xp_page_table(out, id, caption, heads);
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

void xp_page_begin(xp_text *out, const xp_report_run *run, bool alone, const char *what, const char *a, const char *b) {
    xp_page_put(out, "<section id=\"run-%s\" aria-labelledby=\"title-%s\">\n", run->label, run->label);
    xp_page_put(out, alone ? "<h1 id=\"title-%s\">" : "<h2 id=\"title-%s\">Run %s: ", run->label, run->label);
    xp_page_put(out, what, a, b);
    xp_text_adds(out, alone ? "</h1>\n" : "</h2>\n");
}

const char *xp_page_model(const xp_report_run *run) {
    const char *model = xp_report_input(run, "model");
    return model[0] != 0 ? model : "a model";
}

void xp_page_notes(xp_text *out, const xp_report_run *run, bool alone) {
    const xp_record_run *s = &run->says;
    if (s->n_lints == 0) return;
    xp_page_heading(out, alone, "What to keep in mind");
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

void xp_page_origin(xp_text *out, const xp_report_run *run, bool alone) {
    static const char *const inputs[] = {"role", "name", "#rows", "#columns", "SHA-256", NULL};
    static const char *const settings[] = {"setting", "value", NULL};
    const xp_record_run *s = &run->says;
    xp_page_heading(out, alone, "Where the numbers come from");
    xp_page_put(out,
                "<p>Run %s is %s, of explaint %s. The same version, files and "
                "command give the same document, byte for byte, on one machine.</p>\n",
                run->label, run->place, s->version);
    command_of(out, s->command);
    xp_page_run_table(out, run, "inputs", "Files that went in", inputs);
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
        s->signature, run->sha256);
    if (s->n_settings == 0) return;
    xp_text_adds(out, "<details><summary>All settings</summary>\n");
    xp_page_run_table(out, run, "settings", "Settings", settings);
    for (size_t i = 0; i < s->n_settings; i++)
        xp_page_put(out, "<tr><th scope=\"row\">%s</th><td class=\"wide-text\"><code>%s</code></td></tr>\n",
                    s->settings[i].key, s->settings[i].json);
    xp_page_table_end(out);
    xp_text_adds(out, "</details>\n");
}
