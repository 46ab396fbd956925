#include "formats/wordlist.h"

#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "formats/encoding.h"

void xp_wordlist_free(xp_wordlist *list) {
    xp_bytes_free(&list->bytes);
    xp_text_free(&list->text);
    xp_free(list->word);
    *list = (xp_wordlist){0};
}

static bool is_blank(const char *p, const char *end) {
    while (p < end && (*p == '\n' || *p == '\r')) p++;
    return p == end;
}

bool xp_wordlist_trim(xp_wordlist *list, const char *path, xp_strings *notes) {
    size_t blank = 0, first = 0, apart = 0, first_apart = 0, other;
    bool found, good = true;
    xp_index *words = NULL; /* made for the first word with blanks around it: most lists have none */
    for (size_t i = 0; i < list->count && good; i++) {
        const xp_view word = list->word[i], trimmed = xp_view_trim(word);
        if (trimmed.length == word.length || trimmed.length == 0) continue;
        if (words == NULL) {
            words = xp_index_create(list->count);
            good = words != NULL;
            for (size_t k = 0; k < list->count && good; k++)
                good = xp_index_intern(words, list->word[k].data, list->word[k].length, k, &other, &found);
        }
        if (!good) break;
        if (xp_index_find(words, trimmed.data, trimmed.length, &other)) {
            if (apart++ == 0) first_apart = other;
            continue;
        }
        list->word[i] = trimmed;
        if (blank++ == 0) first = i;
    }
    xp_index_destroy(words);
    if (good && apart > 0)
        good = xp_strings_addf(notes,
                               "%.200s: %zu word%s blanks around %s and stand%s there without them, too, such as "
                               "\"%.*s\": the row without them counts",
                               path, apart, apart == 1 ? " has" : "s have", apart == 1 ? "it" : "them",
                               apart == 1 ? "s" : "", XP_SHOW(list->word[first_apart]));
    if (!good || blank == 0) return good;
    return xp_strings_addf(notes, "%.200s: %zu word%s read without the blanks around %s, the first as \"%.*s\"", path,
                           blank, blank == 1 ? " is" : "s are", blank == 1 ? "it" : "them", XP_SHOW(list->word[first]));
}

void xp_wordlist_fit(xp_wordlist *list, size_t count) {
    while (list->count > count && xp_view_trim(list->word[list->count - 1]).length == 0) list->count--;
}

explaint_status xp_wordlist_read(xp_wordlist *list, const char *path, xp_strings *notes, explaint_error *error) {
    list->path = xp_file_name(path);
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &list->bytes, error);
    if (status == EXPLAINT_OK) status = xp_encoding_decode(list->path, &list->bytes, notes, error);
    if (status != EXPLAINT_OK) return status;
    const char *p = list->bytes.data, *end = p + list->bytes.size;
    size_t lines = 1;
    for (const char *q = p; q < end; q++) lines += *q == '\n';
    list->word = xp_alloc(lines, sizeof *list->word);
    if (list->word == NULL) return xp_no_memory(error, "a list of words");
    xp_view word;
    while (xp_view_line(&p, end, &word)) {
        if (word.length == 0 && is_blank(p, end)) break; /* empty lines at the end */
        if (word.length == 0)
            return xp_fail(error, EXPLAINT_INVALID, list->path, list->count + 1,
                           "expected a word in each line, found an empty line");
        list->word[list->count++] = word;
    }
    return EXPLAINT_OK;
}

explaint_status xp_wordlist_cut(xp_wordlist *list, size_t count, explaint_error *error) {
    const char *p = list->text.data;
    list->word = xp_alloc(count, sizeof *list->word);
    if (list->word == NULL) return xp_no_memory(error, "a list of words");
    for (; list->count < count; list->count++) {
        list->word[list->count] = (xp_view){p, strlen(p)};
        p += list->word[list->count].length + 1;
    }
    return EXPLAINT_OK;
}

explaint_status xp_wordlist_json(xp_wordlist *list, const char *json, const char *path, explaint_error *error) {
    xp_value *words = xp_value_parse(json, strlen(json), path, error);
    if (words == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    bool good = xp_value_is_array(words);
    const size_t n = good ? xp_value_count(words) : 0;
    for (size_t i = 0; good && i < n; i++) {
        const char *word = xp_value_string(xp_value_item(words, i));
        good = word != NULL && *word != 0;
        if (good) xp_text_add(&list->text, word, strlen(word) + 1);
    }
    xp_value_free(words);
    list->path = path;
    if (list->text.failed) return xp_no_memory(error, "a list of words");
    if (good) return xp_wordlist_cut(list, n, error);
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected the words to be a JSON list of texts, found another value");
}
