#include "norms/wordnet_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { DATA_NOUN, INDEX_FIRST, EXC_FIRST = INDEX_FIRST + XP_N_POS, CNTLIST = EXC_FIRST + XP_N_POS };

static const char *const file_names[XP_WORDNET_FILES] = {"data.noun", "index.noun", "index.verb", "index.adj",
                                                         "index.adv", "noun.exc",   "verb.exc",   "adj.exc",
                                                         "adv.exc",   "cntlist.rev"};

/* Four times the largest file of WordNet 3.0 (15 MB); beyond it the folder holds something else. */
#define LARGEST_FILE ((size_t)64 << 20)

const char *xp_wordnet_file(size_t i) { return file_names[i]; }

/* ---- lines and fields ---- */

typedef struct reader {
    const char *path;
    const char *begin, *next, *stop; /* the file; the next line begins at next */
    const char *at, *end;            /* the rest of the line */
    size_t line;
    explaint_error *error;
} reader;

static bool next_line(reader *r) {
    xp_view line;
    if (!xp_view_line(&r->next, r->stop, &line)) return false;
    r->at = line.data;
    r->end = line.data + line.length;
    r->line++;
    return true;
}

/* The licence stands above the entries, indented by two spaces. */
static bool next_entry(reader *r) {
    while (next_line(r))
        if (r->at < r->end && *r->at != ' ') return true;
    return false;
}

static explaint_status bad(const reader *r, const char *expected, xp_view found) {
    int shown = found.length > 40 ? 40 : (int)found.length;
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, r->line,
                   "expected %s, found %s'%.*s'; the file is damaged or not of WordNet 3.0: install the package "
                   "wordnet-base again, or name the folder that holds the database",
                   expected, found.length == 0 ? "the end of the line, " : "", shown,
                   found.length == 0 ? "" : found.data);
}

static xp_view field(reader *r) {
    while (r->at < r->end && *r->at == ' ') r->at++;
    const char *from = r->at;
    while (r->at < r->end && *r->at != ' ') r->at++;
    return (xp_view){from, (size_t)(r->at - from)};
}

/* A number of at most nine digits in the base; `digits` 0: any count. */
static bool number(xp_view s, size_t digits, uint32_t base, uint32_t *value) {
    if (s.length == 0 || s.length > 9 || (digits > 0 && s.length != digits)) return false;
    uint32_t sum = 0;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.data[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (base == 16 && c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else
            return false;
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}

static explaint_status read_number(reader *r, const char *what, size_t digits, uint32_t base, uint32_t *value) {
    *value = 0;
    xp_view s = field(r);
    return number(s, digits, base, value) ? EXPLAINT_OK : bad(r, what, s);
}

/* Room for one more element; false without memory, or beyond 32-bit indices. */
static bool room(void **items, size_t count, size_t *capacity, size_t size) {
    return count < UINT32_MAX / 2 && xp_grow(items, count, capacity, size) != NULL;
}

#define ROOM(items, count, capacity) room((void **)&(items), (count), &(capacity), sizeof *(items))

static explaint_status no_memory(const reader *r) { return xp_no_memory(r->error, "the WordNet database"); }

/* ---- data.noun ---- */

/* Pointer symbols of nouns that the norms use; the rest is -1. */
static int kind_of(xp_view symbol) {
    static const struct {
        char symbol[3];
        xp_wordnet_kind kind;
    } kinds[] = {{"@", XP_HYPERNYM}, {"@i", XP_HYPERNYM}, {"%p", XP_HAS},
                 {"%s", XP_HAS},     {"#p", XP_PART_OF},  {"#s", XP_PART_OF}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (xp_view_is(symbol, kinds[i].symbol)) return (int)kinds[i].kind;
    return -1;
}

static explaint_status read_words(reader *r, xp_wordnet *w, xp_synset *synset) {
    explaint_status status = read_number(r, "the number of words (two hexadecimal digits)", 2, 16, &synset->n_words);
    if (status != EXPLAINT_OK) return status;
    if (synset->n_words == 0) return bad(r, "at least one word in the synset", (xp_view){"00", 2});
    synset->first_word = (uint32_t)w->n_words;
    for (uint32_t i = 0; i < synset->n_words; i++) {
        xp_view word = field(r);
        if (word.length == 0) return bad(r, "a word of the synset", word);
        xp_view id = field(r);
        uint32_t ignored;
        if (!number(id, 1, 16, &ignored)) return bad(r, "a lexical identifier (one hexadecimal digit)", id);
        if (!ROOM(w->words, w->n_words, w->word_capacity)) return no_memory(r);
        w->words[w->n_words++] = word;
    }
    return EXPLAINT_OK;
}

/* Targets stay byte offsets until every synset is known. */
static explaint_status read_pointers(reader *r, xp_wordnet *w, xp_synset *synset) {
    uint32_t count;
    explaint_status status = read_number(r, "the number of pointers (three digits)", 3, 10, &count);
    if (status != EXPLAINT_OK) return status;
    synset->first_pointer = (uint32_t)w->n_pointers;
    for (uint32_t i = 0; i < count; i++) {
        xp_view symbol = field(r);
        if (symbol.length == 0 || symbol.length > 2) return bad(r, "a pointer symbol", symbol);
        uint32_t target, ignored;
        status = read_number(r, "a pointer's synset offset (eight digits)", 8, 10, &target);
        if (status != EXPLAINT_OK) return status;
        xp_view pos = field(r);
        if (pos.length != 1 || strchr("nvar", pos.data[0]) == NULL)
            return bad(r, "a pointer's part of speech (n, v, a or r)", pos);
        status = read_number(r, "a pointer's source and target (four hexadecimal digits)", 4, 16, &ignored);
        if (status != EXPLAINT_OK) return status;
        int kind = pos.data[0] == 'n' ? kind_of(symbol) : -1;
        if (kind < 0) continue;
        if (!ROOM(w->pointers, w->n_pointers, w->pointer_capacity)) return no_memory(r);
        w->pointers[w->n_pointers++] = (xp_pointer){(xp_wordnet_kind)kind, target};
        synset->n_pointers++;
    }
    return EXPLAINT_OK;
}

static explaint_status read_synset(reader *r, xp_wordnet *w) {
    size_t position = (size_t)(r->at - r->begin);
    xp_synset synset = {0};
    uint32_t file_number;
    xp_view name = field(r);
    if (!number(name, 8, 10, &synset.offset) || synset.offset != position) {
        char expected[96];
        snprintf(expected, sizeof expected, "the synset's own byte offset %08zu", position);
        return bad(r, expected, name);
    }
    explaint_status status = read_number(r, "a lexicographer file number (two digits)", 2, 10, &file_number);
    if (status != EXPLAINT_OK) return status;
    xp_view type = field(r);
    if (type.length != 1 || type.data[0] != 'n') return bad(r, "the synset type n", type);
    if ((status = read_words(r, w, &synset)) != EXPLAINT_OK) return status;
    if ((status = read_pointers(r, w, &synset)) != EXPLAINT_OK) return status;
    xp_view bar = field(r);
    if (bar.length != 1 || bar.data[0] != '|') return bad(r, "'|' before the gloss", bar);
    synset.gloss = (xp_view){r->at, (size_t)(r->end - r->at)};
    if (!ROOM(w->synsets, w->n_synsets, w->synset_capacity)) return no_memory(r);
    w->synsets[w->n_synsets++] = synset;
    return EXPLAINT_OK;
}

/* Offsets ascend, because every synset stands where it says. */
static bool find_synset(const xp_wordnet *w, uint32_t offset, uint32_t *index) {
    size_t low = 0, high = w->n_synsets;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->synsets[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    *index = (uint32_t)low;
    return low < w->n_synsets && w->synsets[low].offset == offset;
}

static explaint_status resolve_pointers(const reader *r, xp_wordnet *w) {
    size_t line = 0;
    const char *counted = r->begin;
    for (size_t s = 0; s < w->n_synsets; s++) {
        const xp_synset *synset = &w->synsets[s];
        for (uint32_t i = 0; i < synset->n_pointers; i++) {
            xp_pointer *pointer = &w->pointers[synset->first_pointer + i];
            uint32_t target = pointer->target;
            if (find_synset(w, target, &pointer->target)) continue;
            for (; counted <= r->begin + synset->offset; counted++) /* only now, to name the line */
                line += counted == r->begin || counted[-1] == '\n';
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, line,
                           "expected pointers to synsets of this file, found one to offset %08u, where none begins; "
                           "the file is damaged: install the package wordnet-base again",
                           target);
        }
    }
    return EXPLAINT_OK;
}

static explaint_status read_data(reader *r, xp_wordnet *w) {
    while (next_entry(r)) {
        explaint_status status = read_synset(r, w);
        if (status != EXPLAINT_OK) return status;
    }
    if (w->n_synsets == 0)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "expected synsets, found none; install the package wordnet-base, or name the folder that holds "
                       "the database");
    return resolve_pointers(r, w);
}

/* ---- index.* ---- */

static explaint_status read_senses(reader *r, xp_wordnet *w, xp_lemma *lemma) {
    lemma->first_sense = (uint32_t)w->n_senses;
    for (uint32_t i = 0; i < lemma->n_senses; i++) {
        xp_view s = field(r);
        uint32_t offset, index;
        if (!number(s, 8, 10, &offset)) return bad(r, "a synset offset (eight digits)", s);
        if (!find_synset(w, offset, &index)) return bad(r, "the offset of a synset in data.noun", s);
        if (!ROOM(w->senses, w->n_senses, w->sense_capacity)) return no_memory(r);
        w->senses[w->n_senses++] = index;
    }
    return EXPLAINT_OK;
}

static explaint_status read_index(reader *r, xp_wordnet *w, xp_wordnet_pos pos) {
    while (next_entry(r)) {
        xp_lemma lemma = {.name = field(r)};
        xp_view letter = field(r);
        if (letter.length != 1 || letter.data[0] != "nvar"[pos]) {
            char expected[] = "the part of speech ?";
            expected[sizeof expected - 2] = "nvar"[pos];
            return bad(r, expected, letter);
        }
        uint32_t n_symbols, senses, ignored;
        explaint_status status = read_number(r, "the number of synsets", 0, 10, &lemma.n_senses);
        if (status != EXPLAINT_OK) return status;
        if (lemma.n_senses == 0) return bad(r, "at least one synset", (xp_view){"0", 1});
        if ((status = read_number(r, "the number of pointer symbols", 0, 10, &n_symbols)) != EXPLAINT_OK) return status;
        for (uint32_t i = 0; i < n_symbols; i++) {
            xp_view symbol = field(r);
            if (symbol.length == 0) return bad(r, "a pointer symbol", symbol);
        }
        if ((status = read_number(r, "the number of senses", 0, 10, &senses)) != EXPLAINT_OK) return status;
        if ((status = read_number(r, "the number of tagged senses", 0, 10, &ignored)) != EXPLAINT_OK) return status;
        if (pos == XP_NOUN && (status = read_senses(r, w, &lemma)) != EXPLAINT_OK) return status;
        if (!ROOM(w->lemmas[pos], w->n_lemmas[pos], w->lemma_capacity[pos])) return no_memory(r);
        size_t stored;
        bool found;
        if (!xp_index_intern(w->by_name[pos], lemma.name.data, lemma.name.length, w->n_lemmas[pos], &stored, &found))
            return no_memory(r);
        if (found) return bad(r, "every lemma once", lemma.name);
        w->lemmas[pos][w->n_lemmas[pos]++] = lemma;
    }
    return EXPLAINT_OK;
}

/* ---- *.exc: an inflected form and its base forms, of which the first is taken ---- */

static explaint_status read_exceptions(reader *r, xp_wordnet *w, xp_wordnet_pos pos) {
    while (next_entry(r)) {
        xp_exception entry = {.inflected = field(r), .base = field(r)};
        if (entry.base.length == 0) return bad(r, "an inflected form and its base form", entry.base);
        if (!ROOM(w->exceptions[pos], w->n_exceptions[pos], w->exception_capacity[pos])) return no_memory(r);
        size_t stored;
        bool found;
        if (!xp_index_intern(w->by_inflected[pos], entry.inflected.data, entry.inflected.length, w->n_exceptions[pos],
                             &stored, &found))
            return no_memory(r);
        if (!found) w->exceptions[pos][w->n_exceptions[pos]++] = entry; /* a form twice: the first stays */
    }
    return EXPLAINT_OK;
}

/* ---- cntlist.rev: sense key, sense number, count ---- */

static explaint_status read_counts(reader *r, xp_wordnet *w) {
    while (next_entry(r)) {
        xp_view key = field(r);
        const char *percent = memchr(key.data, '%', key.length);
        if (percent == NULL || percent + 1 == key.data + key.length || percent[1] < '1' || percent[1] > '5')
            return bad(r, "a sense key (lemma%type:...)", key);
        uint32_t sense, count;
        explaint_status status = read_number(r, "a sense number", 0, 10, &sense);
        if (status != EXPLAINT_OK) return status;
        if ((status = read_number(r, "a count", 0, 10, &count)) != EXPLAINT_OK) return status;
        static const xp_wordnet_pos of_type[] = {XP_NOUN, XP_VERB, XP_ADJECTIVE, XP_ADVERB, XP_ADJECTIVE};
        xp_wordnet_pos pos = of_type[percent[1] - '1']; /* 5: a satellite adjective */
        size_t at;
        if (!xp_index_find(w->by_name[pos], key.data, (size_t)(percent - key.data), &at)) continue;
        xp_lemma *lemma = &w->lemmas[pos][at];
        if (count > 1000000 || lemma->tagged > 1000000) return bad(r, "a count of at most a million", key);
        lemma->tagged += count;
        if (sense == 1) lemma->tagged_first += count;
    }
    return EXPLAINT_OK;
}

/* ---- opening ---- */

static explaint_status read_file(const char *path, char **bytes, size_t *size, explaint_error *error) {
    FILE *file = fopen(path, "rb");
    if (file == NULL && errno == ENOMEM) return xp_no_memory(error, "the WordNet database");
    if (file == NULL)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected a file of the WordNet 3.0 database, but: %s; install the package wordnet-base, or "
                       "name the folder that holds the database",
                       strerror(errno));
    size_t capacity = (size_t)1 << 20, length = 0;
    char *data = xp_alloc(capacity, 1);
    while (data != NULL) {
        length += fread(data + length, 1, capacity - length, file);
        if (length < capacity || length > LARGEST_FILE) break;
        char *grown = xp_realloc(data, capacity *= 2, 1);
        if (grown == NULL) xp_free(data);
        data = grown;
    }
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    *bytes = data;
    *size = length;
    if (data == NULL) return xp_no_memory(error, "the WordNet database");
    if (failed != 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "could not be read: %s; name the folder that holds the "
                       "WordNet 3.0 database",
                       strerror(failed));
    if (length > LARGEST_FILE)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected a file of at most %zu bytes, found more; WordNet 3.0 has none so large: name the "
                       "folder that holds its database",
                       LARGEST_FILE);
    return EXPLAINT_OK;
}

static explaint_status parse(const char *path, size_t i, const char *bytes, size_t size, xp_wordnet *w,
                             explaint_error *error) {
    reader r = {.path = path, .begin = bytes, .next = bytes, .stop = bytes + size, .error = error};
    if (i == DATA_NOUN) return read_data(&r, w);
    if (i < EXC_FIRST) return read_index(&r, w, (xp_wordnet_pos)(i - INDEX_FIRST));
    if (i < CNTLIST) return read_exceptions(&r, w, (xp_wordnet_pos)(i - EXC_FIRST));
    return read_counts(&r, w);
}

static bool create_indices(xp_wordnet *w) {
    for (int pos = 0; pos < XP_N_POS; pos++) {
        w->by_name[pos] = xp_index_create(1024);
        w->by_inflected[pos] = xp_index_create(1024);
        if (w->by_name[pos] == NULL || w->by_inflected[pos] == NULL) return false;
    }
    return true;
}

static explaint_status open_file(const char *folder, const xp_view *given, size_t i, xp_wordnet *w,
                                 explaint_error *error) {
    xp_text path = {0};
    explaint_status status = EXPLAINT_OK;
    xp_text_addf(&path, "%s%s%s", given == NULL ? folder : "", given == NULL ? "/" : "", file_names[i]);
    if (path.failed) return xp_no_memory(error, "a path");
    if (given == NULL) {
        status = read_file(path.data, &w->bytes[i], &w->size[i], error);
    } else {
        w->size[i] = given[i].length;
        w->bytes[i] = xp_strndup(given[i].data, given[i].length);
        if (w->bytes[i] == NULL) status = xp_no_memory(error, "the WordNet database");
    }
    if (status == EXPLAINT_OK) status = parse(path.data, i, w->bytes[i], w->size[i], w, error);
    xp_text_free(&path);
    return status;
}

explaint_status xp_wordnet_open(const char *folder, const xp_view *given, xp_wordnet *w, explaint_error *error) {
    *w = (xp_wordnet){0};
    explaint_status status = create_indices(w) ? EXPLAINT_OK : xp_no_memory(error, "the WordNet database");
    for (size_t i = 0; i < XP_WORDNET_FILES && status == EXPLAINT_OK; i++)
        status = open_file(folder, given, i, w, error);
    if (status != EXPLAINT_OK) xp_wordnet_close(w);
    return status;
}

void xp_wordnet_close(xp_wordnet *w) {
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) xp_free(w->bytes[i]);
    xp_free_all(w->synsets, w->words, w->pointers, w->senses);
    for (int pos = 0; pos < XP_N_POS; pos++) {
        xp_free_all(w->lemmas[pos], w->exceptions[pos]);
        xp_index_destroy(w->by_name[pos]);
        xp_index_destroy(w->by_inflected[pos]);
    }
    *w = (xp_wordnet){0};
}

const xp_lemma *xp_wordnet_lemma(const xp_wordnet *w, xp_wordnet_pos pos, const char *name, size_t length) {
    size_t at;
    return xp_index_find(w->by_name[pos], name, length, &at) ? &w->lemmas[pos][at] : NULL;
}
