/* A file of attention maps as a report reads it. The laws: what is refused is refused in one line; what opens has a page whose elements are closed, with nothing
 * in it that is markup of a piece, a word or a model's name, or that turns the direction of writing. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t maps_times(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what)) n++;
    return n;
}

static void maps_check_text(const xp_maps_text *t) {
    size_t pieces = 0;
    if (t->n == 0 || t->piece.count != t->n || t->kind[0] == NULL) abort();
    for (size_t i = 0; i < t->word.count; i++) pieces += t->word_pieces[i];
    if (t->word.count > 0 && pieces != t->n) abort();
}

static void maps_check_page(const char *page) {
    static const char *const markup[] = {"script", "section", "figure", "svg", "text", "h2", "title", "g"};
    for (size_t i = 0; i < sizeof markup / sizeof *markup; i++) {
        char opened[2][16], closed[16];
        snprintf(opened[0], sizeof opened[0], "<%s ", markup[i]);
        snprintf(opened[1], sizeof opened[1], "<%s>", markup[i]);
        snprintf(closed, sizeof closed, "</%s>", markup[i]);
        if (maps_times(page, opened[0]) + maps_times(page, opened[1]) != maps_times(page, closed)) abort();
    }
    for (const char *at = page; *at != 0; at++)
        if (((unsigned char)*at < ' ' && *at != '\n') || strncmp(at, "\xe2\x80\xae", 3) == 0 ||
            strncmp(at, "<!--", 4) == 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    xp_maps maps;
    const explaint_status status = xp_maps_read("fuzz.safetensors", data, size, &maps, &error);
    if (status == EXPLAINT_OK) {
        xp_text page = {0};
        for (size_t i = 0; i < maps.n_texts; i++) maps_check_text(&maps.text[i]);
        xp_page_maps(&(xp_collection){.maps = &maps, .n_maps = 1}, 0, &page);
        if (page.failed) abort();
        maps_check_page(page.data);
        xp_text_free(&page);
    } else if (status != error.code || error.message[0] == 0 || strpbrk(error.message, "\n\r") != NULL) {
        abort();
    }
    xp_maps_free(&maps);
    return 0;
}
