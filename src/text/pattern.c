#include "text/pattern.h"

#include <oniguruma.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "text/unicode.h"

#define LONGEST ((size_t)16 << 10) /* bytes of an expression; the longest published one has 500 */
/* Steps back of one search: those that the oracle allows a match, and more for long texts. */
#define STEPS 10000000ul
#define STEPS_OF_A_BYTE 64ul

/* Oniguruma 6.9.8 frees twice where memory runs out while it compiles alternatives. What it needs is asked for before. */
#define RESERVE ((size_t)1 << 20)

struct xp_pattern {
    regex_t *regex; /* NULL: a string */
    char *text;
    size_t length;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int begun;

static void begin_library(void) {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    begun = onig_initialize(encodings, 1);
    onig_set_parse_depth_limit(250); /* of groups; its own 4,096 need more of the stack than a thread may have */
}

static explaint_status refuse(xp_view text, int code, OnigErrorInfo *about, const char *path, const char *part,
                              explaint_error *error) {
    OnigUChar why[ONIG_MAX_ERROR_MESSAGE_LEN] = {0};
    if (code == ONIGERR_MEMORY) return xp_no_memory(error, "a regular expression");
    onig_error_code_to_str(why, code, about);
    return xp_fail(error, EXPLAINT_INVALID, path, 0, "%s has a pattern that is no regular expression: \"%.*s\" (%s)",
                   part, XP_SHOW(text), (const char *)why);
}

static explaint_status compile(xp_pattern *pattern, xp_view text, const char *path, const char *part,
                               explaint_error *error) {
    OnigErrorInfo about = {0};
    void *reserve = xp_alloc(RESERVE, 1);
    xp_free(reserve);
    if (reserve == NULL) return xp_no_memory(error, "a regular expression");
    pthread_once(&once, begin_library);
    if (begun != ONIG_NORMAL) return xp_no_memory(error, "a regular expression");
    const OnigUChar *begin = (const OnigUChar *)text.data;
    const int code = onig_new(&pattern->regex, begin, begin + text.length, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8,
                              ONIG_SYNTAX_DEFAULT, &about);
    if (code == ONIG_NORMAL) return EXPLAINT_OK;
    pattern->regex = NULL; /* the library has freed it */
    return refuse(text, code, &about, path, part, error);
}

explaint_status xp_pattern_create(xp_view text, bool regex, const char *path, const char *part, xp_pattern **pattern,
                                  explaint_error *error) {
    if (regex && text.length > LONGEST)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "%s has a pattern of %zu bytes; expected at most %zu", part,
                       text.length, LONGEST);
    xp_pattern *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "a pattern");
    explaint_status status = EXPLAINT_OK;
    if (regex || text.length == 0) { /* an empty string is found between all characters, as the expression is */
        status = compile(made, text, path, part, error);
    } else {
        made->text = xp_strndup(text.data, text.length);
        made->length = text.length;
        if (made->text == NULL) status = xp_no_memory(error, "a pattern");
    }
    if (status != EXPLAINT_OK) {
        xp_pattern_free(made);
        return status;
    }
    *pattern = made;
    return EXPLAINT_OK;
}

void xp_pattern_free(xp_pattern *pattern) {
    if (pattern == NULL) return;
    if (pattern->regex != NULL) onig_free(pattern->regex);
    xp_free_all(pattern->text, pattern);
}

/* ---- searching ---- */

/* The text with older characters in place of young ones; the same bytes where there are none. */
static bool show(xp_pattern_scan *scan) {
    scan->shown = scan->text;
    for (size_t at = 0, step; at < scan->length; at += step) {
        step = xp_unicode_step(scan->text[at]);
        if (step < 2) continue;
        const uint32_t point = xp_unicode_decode(scan->text + at), other = xp_unicode_stand_in(point);
        if (other == point) continue;
        if (scan->shown == scan->text) {
            if (scan->capacity < scan->length) {
                char *copy = xp_realloc(scan->copy, scan->length, 1);
                if (copy == NULL) return false;
                scan->copy = copy;
                scan->capacity = scan->length;
            }
            memcpy(scan->copy, scan->text, scan->length);
            scan->shown = scan->copy;
        }
        xp_unicode_encode(other, scan->copy + at);
    }
    return true;
}

explaint_status xp_pattern_begin(xp_pattern_scan *scan, const char *text, size_t length, explaint_error *error) {
    scan->text = text;
    scan->length = length;
    scan->at = scan->last = 0;
    scan->found = false;
    return show(scan) ? EXPLAINT_OK : xp_no_memory(error, "a text");
}

static bool make_search(xp_pattern_scan *scan) {
    if (scan->region == NULL) scan->region = onig_region_new();
    if (scan->limits == NULL) scan->limits = onig_new_match_param();
    if (scan->region == NULL || scan->limits == NULL) return false;
    onig_initialize_match_param(scan->limits);
    onig_set_retry_limit_in_search_of_match_param(scan->limits, STEPS + STEPS_OF_A_BYTE * (scan->length - scan->at));
    return true;
}

static explaint_status search(const xp_pattern *pattern, xp_pattern_scan *scan, xp_view *match, bool *found,
                              explaint_error *error) {
    const OnigUChar *text = (const OnigUChar *)scan->shown, *end = text + scan->length;
    if (!make_search(scan)) return xp_no_memory(error, "a search");
    OnigRegion *region = scan->region;
    const int code =
        onig_search_with_param(pattern->regex, text, end, text + scan->at, end, region, ONIG_OPTION_NONE, scan->limits);
    *found = code >= 0;
    if (code >= 0) *match = (xp_view){scan->text + region->beg[0], (size_t)(region->end[0] - region->beg[0])};
    if (code >= 0 || code == ONIG_MISMATCH) return EXPLAINT_OK;
    if (code == ONIGERR_MEMORY) return xp_no_memory(error, "a search");
    return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                   "a regular expression of the tokenizer takes too many steps on a text of %zu bytes", scan->length);
}

explaint_status xp_pattern_next(const xp_pattern *pattern, xp_pattern_scan *scan, xp_view *match, bool *found,
                                explaint_error *error) {
    *found = false;
    if (pattern->regex == NULL) {
        const char *at = memmem(scan->text + scan->at, scan->length - scan->at, pattern->text, pattern->length);
        if (at == NULL) return EXPLAINT_OK;
        *match = (xp_view){at, pattern->length};
        *found = true;
        scan->at = (size_t)(at - scan->text) + pattern->length;
        return EXPLAINT_OK;
    }
    while (scan->at <= scan->length) {
        explaint_status status = search(pattern, scan, match, found, error);
        if (status != EXPLAINT_OK || !*found) return status;
        const size_t end = (size_t)(match->data - scan->text) + match->length;
        if (match->length > 0 || !scan->found || scan->last != end) {
            scan->at = scan->last = end;
            scan->found = true;
            return EXPLAINT_OK;
        }
        /* an empty match right behind another one is none: once more from the next character on */
        *found = false;
        scan->at += scan->at < scan->length ? xp_unicode_step(scan->text[scan->at]) : 1;
    }
    return EXPLAINT_OK;
}

void xp_pattern_end(xp_pattern_scan *scan) {
    if (scan->region != NULL) onig_region_free(scan->region, 1);
    if (scan->limits != NULL) onig_free_match_param(scan->limits);
    xp_free(scan->copy);
    *scan = (xp_pattern_scan){0};
}
