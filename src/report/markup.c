#include "report/markup.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "explaint/visible.h"

#define MINUS "\xe2\x88\x92"

/* ---- characters ---- */

static uint32_t decode(const char *at, size_t length) {
    static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)at[0] & first[length];
    for (size_t i = 1; i < length; i++) code = code << 6 | ((unsigned char)at[i] & 0x3f);
    return code;
}

static bool is_invisible(const char *at) {
    char shown[EXPLAINT_VISIBLE];
    return explaint_visible(at, shown) > 1 && shown[0] == '\\';
}

/* The text without bytes that a terminal would obey. Characters that nobody sees stay: they are named below. */
static void clean(xp_text *out, const char *text) {
    char shown[EXPLAINT_VISIBLE];
    while (*text != 0) {
        const size_t length = explaint_visible(text, shown);
        xp_text_add(out, length > 1 ? text : shown, length > 1 ? length : strlen(shown));
        text += length;
    }
}

/* Letters that LaTeX's T1 fonts have in every TeX since 2018: Latin-1 and Latin Extended-A without a few. */
static bool in_t1(uint32_t code) {
    static const uint16_t without[] = {0xd7, 0xf7, 0x126, 0x127, 0x138, 0x13f, 0x140, 0x149, 0x166, 0x167, 0x17f};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (code == without[i]) return false;
    return code >= 0xc0 && code <= 0x17f;
}

/* The characters that explaint's own sentences have, and their like. */
static const char *latex_symbol(uint32_t code) {
    static const struct {
        uint32_t code;
        const char *latex;
    } symbols[] = {{0xd7, "$\\times$"},  {0x2013, "--"},      {0x2014, "---"},    {0x2212, "$-$"}, {0x3c1, "$\\rho$"},
                   {0x2018, "`"},        {0x2019, "'"},       {0x201c, "``"},     {0x201d, "''"},  {0xa0, "~"},
                   {0x2026, "\\dots{}"}, {0x2265, "$\\geq$"}, {0x2264, "$\\leq$"}};
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (symbols[i].code == code) return symbols[i].latex;
    return NULL;
}

/* ASCII. T1 and OT1 fonts have other signs in the places of some; " and ` are active or ligatures for some packages. */
static const char *latex_escape(char c) {
    switch (c) {
    case '\\': return "\\textbackslash{}";
    case '{': return "\\{";
    case '}': return "\\}";
    case '_': return "\\_";
    case '&': return "\\&";
    case '%': return "\\%";
    case '$': return "\\$";
    case '#': return "\\#";
    case '~': return "\\textasciitilde{}";
    case '^': return "\\textasciicircum{}";
    case '|': return "\\textbar{}";
    case '<': return "\\textless{}";
    case '>': return "\\textgreater{}";
    case '"': return "\\symbol{34}";
    case '`': return "\\symbol{96}";
    default: return NULL;
    }
}

/* What could begin or end markup. An underscore after a letter or digit never opens emphasis, and a bracket is a link's
 * only before another bracket: left alone, names and intervals stay readable as plain text. */
static bool markdown_escapes(const char *text, const char *at) {
    if (*at == '_') return at == text || !isalnum((unsigned char)at[-1]);
    if (*at == ']') return at[1] != 0 && strchr("([:", at[1]) != NULL;
    return strchr("\\`*<>&#|~$", *at) != NULL;
}

static void unicode(xp_text *out, uint32_t code, const char *open, const char *close) {
    xp_text_addf(out, "%sU+%04X%s", open, (unsigned)code, close);
}

/* One character at `at` of a text that is clean; returns its length. */
static size_t latex_character(xp_text *out, const char *at, bool breaks) {
    const unsigned char *p = (const unsigned char *)at;
    size_t length = xp_utf8_length(p, p + strnlen(at, 4));
    if (length > 1) {
        uint32_t code = decode(at, length);
        const char *symbol = latex_symbol(code);
        if (symbol != NULL)
            xp_text_adds(out, symbol);
        else if (in_t1(code))
            xp_text_add(out, at, length);
        else
            unicode(out, code, "\\textless{}", "\\textgreater{}");
        return length;
    }
    const char *escape = latex_escape(*at);
    if (escape != NULL)
        xp_text_adds(out, escape);
    else
        xp_text_add(out, at, 1);
    bool ligature = strchr("-',?!", *at) != NULL && (at[1] == *at || at[1] == '`');
    if (breaks && strchr("/_-.:|,=", *at) != NULL)
        xp_text_adds(out, "\\allowbreak{}");
    else if (ligature)
        xp_text_adds(out, "{}");
    return 1;
}

static size_t markdown_character(xp_text *out, const char *text, const char *at, bool escape) {
    const unsigned char *p = (const unsigned char *)at;
    size_t length = xp_utf8_length(p, p + strnlen(at, 4));
    if (length > 1 && is_invisible(at)) {
        unicode(out, decode(at, length), escape ? "\\<" : "<", escape ? "\\>" : ">");
        return length;
    }
    if (escape && length == 1 && markdown_escapes(text, at)) xp_text_add(out, "\\", 1);
    xp_text_add(out, at, length > 0 ? length : 1);
    return length > 0 ? length : 1;
}

/* ---- texts ---- */

typedef enum manner { TEXT, NARROW, CODE, SENTENCE } manner;

/* "-0.027" or "-.5", but not the hyphen of "cross-2". */
static bool is_minus(const char *text, const char *at) {
    bool before = at == text || at[-1] == ' ' || at[-1] == '[' || at[-1] == '(';
    return *at == '-' && before && (isdigit((unsigned char)at[1]) || at[1] == '.');
}

/* "p = .05", "p < .05" */
static bool is_p(const char *text, const char *at) {
    bool before = at == text || at[-1] == ' ' || at[-1] == '(';
    return *at == 'p' && before && (strncmp(at + 1, " = ", 3) == 0 || strncmp(at + 1, " < ", 3) == 0);
}

static void write_text(xp_markup *markup, const char *text, manner how) {
    xp_text shown = {0};
    clean(&shown, text);
    markup->out.failed |= shown.failed;
    unsigned run = 0; /* letters since the last place for a break: 64 digits of a hash are wider than a column */
    for (const char *at = shown.failed || shown.data == NULL ? "" : shown.data; *at != 0;) {
        if (how == SENTENCE && is_minus(shown.data, at)) {
            xp_text_adds(&markup->out, markup->latex ? "$-$" : MINUS);
            at++;
        } else if (how == SENTENCE && is_p(shown.data, at)) {
            xp_text_adds(&markup->out, markup->latex ? "$p$" : "*p*");
            at++;
        } else if (markup->latex) {
            bool breaks = how == CODE || how == NARROW;
            at += latex_character(&markup->out, at, breaks);
            run = isalnum((unsigned char)*at) ? run + 1 : 0;
            if (breaks && run > 0 && run % (how == CODE ? 8 : 16) == 0) xp_text_adds(&markup->out, "\\allowbreak{}");
        } else {
            at += markdown_character(&markup->out, shown.data, at, how != CODE);
        }
    }
    xp_text_free(&shown);
}

void xp_markup_text(xp_markup *markup, const char *text) { write_text(markup, text, TEXT); }
void xp_markup_name(xp_markup *markup, const char *text) { write_text(markup, text, NARROW); }
void xp_markup_code(xp_markup *markup, const char *text) { write_text(markup, text, CODE); }
void xp_markup_sentence(xp_markup *markup, const char *text) { write_text(markup, text, SENTENCE); }

void xp_markup_prose(xp_markup *markup, const char *text) {
    bool open = false, letter = false; /* letter: *p*, a variable */
    for (const char *at = text; *at != 0;) {
        if (*at == '*') {
            if (!open) letter = at[1] != 0 && at[2] == '*';
            open = !open;
            xp_text_adds(&markup->out, !markup->latex ? "*" : letter ? "$" : open ? "\\emph{" : "}");
            at++;
        } else {
            at += markup->latex ? latex_character(&markup->out, at, false)
                                : markdown_character(&markup->out, text, at, true);
        }
    }
}

void xp_markup_either(xp_markup *markup, const char *markdown, const char *latex) {
    xp_text_adds(&markup->out, markup->latex ? latex : markdown);
}

/* ---- numbers ---- */

static void decimals(xp_markup *markup, double value, int digits) {
    char text[64];
    double size = fabs(value);
    if (!isfinite(value)) {
        xp_markup_either(markup, XP_DASH, "--");
        return;
    }
    if (size >= 1e6)
        snprintf(text, sizeof text, "%.*e", digits, size);
    else
        snprintf(text, sizeof text, "%.*f", digits, size);
    char *exponent = strchr(text, 'e');
    if (value < 0 && strpbrk(text, "123456789") != NULL) xp_markup_either(markup, MINUS, "$-$");
    if (exponent != NULL) *exponent = 0;
    xp_text_adds(&markup->out, text[0] == '0' ? text + 1 : text);
    if (exponent == NULL) return;
    long power = strtol(exponent + 1, NULL, 10);
    if (markup->latex)
        xp_text_addf(&markup->out, "$\\cdot 10^{%ld}$", power);
    else
        xp_text_addf(&markup->out, "e%ld", power);
}

void xp_markup_number(xp_markup *markup, double value) { decimals(markup, value, 3); }
void xp_markup_paper(xp_markup *markup, double value) { decimals(markup, value, 2); }

void xp_markup_p(xp_markup *markup, double p) {
    if (p < .001)
        xp_markup_either(markup, "\\< .001", "$<$ .001");
    else
        decimals(markup, p, 3);
}

void xp_markup_interval(xp_markup *markup, const double ci[2]) {
    xp_text_adds(&markup->out, "[");
    xp_markup_number(markup, ci[0]);
    xp_text_adds(&markup->out, ", ");
    xp_markup_number(markup, ci[1]);
    xp_text_adds(&markup->out, "]");
}

/* ---- paragraphs ---- */

/* A word that may begin a line: neither a list's mark, nor a number with a point, nor a rule. */
static bool may_begin(const char *word) {
    if (*word == '*') word++;
    return isalpha((unsigned char)*word) || *word == '(';
}

static void wrap(xp_markup *markup, xp_markup *text, const char *newline, const char *end) {
    enum { WIDTH = 100 };
    size_t column = 0;
    markup->out.failed |= text->out.failed;
    for (const char *at = text->out.length > 0 ? text->out.data : ""; *at != 0;) {
        size_t word = strcspn(at, " ");
        bool next_line = column > 0 && column + 1 + word > WIDTH && may_begin(at);
        if (column > 0) xp_text_adds(&markup->out, next_line ? newline : " ");
        xp_text_add(&markup->out, at, word);
        column = next_line ? word : column + (column > 0) + word;
        at += word;
        while (*at == ' ') at++;
    }
    xp_text_adds(&markup->out, end);
    xp_markup_free(text);
}

void xp_markup_paragraph(xp_markup *markup, xp_markup *text) { wrap(markup, text, "\n", "\n\n"); }

void xp_markup_item(xp_markup *markup, xp_markup *text) {
    xp_markup_either(markup, "- ", "\\item ");
    wrap(markup, text, "\n  ", "\n");
}

void xp_markup_words(xp_markup *markup, const char *prose) {
    xp_markup text = {.latex = markup->latex};
    xp_markup_prose(&text, prose);
    xp_markup_paragraph(markup, &text);
}

void xp_markup_note(xp_markup *markup, const char *label, const char *text) {
    xp_markup line = {.latex = markup->latex};
    if (label != NULL) xp_text_addf(&line.out, "%s: ", label);
    xp_markup_sentence(&line, text);
    if (text[0] == 0 || text[strlen(text) - 1] != '.') xp_text_adds(&line.out, ".");
    xp_markup_item(markup, &line);
}

void xp_markup_list(xp_markup *markup, xp_markup *items) {
    markup->out.failed |= items->out.failed;
    if (items->out.length > 0) {
        xp_markup_either(markup, "", "\\begin{itemize}\n");
        xp_text_adds(&markup->out, items->out.data);
        xp_markup_either(markup, "\n", "\\end{itemize}\n\n");
    }
    xp_markup_free(items);
}

void xp_markup_bold(xp_markup *markup, bool begin) { xp_markup_either(markup, "**", begin ? "\\textbf{" : "}"); }

void xp_markup_free(xp_markup *markup) { xp_text_free(&markup->out); }
