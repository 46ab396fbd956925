/* A WordNet database of a dozen synsets, written by hand. Include after cmocka.h. */
#ifndef XP_TESTS_SUPPORT_WORDNET_H
#define XP_TESTS_SUPPORT_WORDNET_H

#include <stdio.h>
#include <string.h>

#include "base/strings.h"
#include "norms/wordnet_files.h"
#include "norms/wordnet_lists.h"

typedef struct mini {
    char folder[64], output[96], vocabulary[96];
    xp_text files[XP_WORDNET_FILES];
} mini;

typedef struct mini_synset {
    const char *words, *symbol; /* "robin"; hypernym pointers have "@" */
    int above;                  /* -1: none */
    int part;                   /* -1: none */
    const char *gloss;
} mini_synset;

static const mini_synset mini_synsets[] = {
    {"entity", "@", -1, -1, "that which is"},
    {"physical_entity", "@", 0, -1, "a thing"},
    {"object", "@", 1, -1, "a thing that can be seen"},
    {"whole", "@", 2, -1, "an assemblage of parts"},
    {"living_thing", "@", 3, -1, "a living entity"},
    {"bird", "@", 4, 6, "a creature with feathers"},
    {"feather", "@", 4, -1, "the covering"},
    {"robin", "@", 5, -1, "small red thrushes; \"a quoted red eagle\""},
    {"eagle", "@", 5, -1, "large red hunters"},
    {"heron", "@", 5, -1, "grey waders"},
    {"magpie", "@", 5, -1, "black and white feathers"},
    {"vulture", "@", 5, -1, "a naked head"},
    {"osprey", "@", 5, -1, "an osprey eats fish"},
};
#define MINI_SYNSETS (sizeof mini_synsets / sizeof *mini_synsets)

static inline void mini_data(xp_text *data, size_t offsets[MINI_SYNSETS]) {
    for (int pass = 0; pass < 2; pass++) { /* offsets have eight digits in both */
        data->length = 0;
        xp_text_adds(data, "  1 The licence stands here.  \n");
        for (size_t i = 0; i < MINI_SYNSETS; i++) {
            const mini_synset *s = &mini_synsets[i];
            offsets[i] = data->length;
            xp_text_addf(data, "%08zu 05 n 01 %s 0 %03d", offsets[i], s->words, (s->above >= 0) + (s->part >= 0));
            if (s->above >= 0) xp_text_addf(data, " %s %08zu n 0000", s->symbol, offsets[s->above]);
            if (s->part >= 0) xp_text_addf(data, " %%p %08zu n 0000", pass > 0 ? offsets[s->part] : 0);
            xp_text_addf(data, " | %s  \n", s->gloss);
        }
    }
}

static inline void mini_fill(mini *m) {
    size_t offsets[MINI_SYNSETS] = {0};
    mini_data(&m->files[0], offsets);
    xp_text *nouns = &m->files[1];
    xp_text_adds(nouns, "  1 The licence stands here.  \n");
    for (size_t i = 0; i < MINI_SYNSETS; i++)
        if (strcmp(mini_synsets[i].words, "bird") != 0)
            xp_text_addf(nouns, "%s n 1 1 @ 1 0 %08zu  \n", mini_synsets[i].words, offsets[i]);
    for (size_t i = 0; i < XP_WORDNET_CATEGORIES; i++) { /* every super-category is the bird */
        size_t seen = 0;
        xp_view lemma, other;
        xp_wordnet_category(i, &lemma);
        for (size_t k = 0; k < i; k++) {
            xp_wordnet_category(k, &other);
            seen += xp_view_equal(other, lemma);
        }
        if (seen > 0) continue;
        xp_text_addf(nouns, "%.*s n 6 1 @ 6 0", XP_SHOW(lemma));
        for (int k = 0; k < 6; k++) xp_text_addf(nouns, " %08zu", offsets[5]);
        xp_text_adds(nouns, "  \n");
    }
    static const char *const words[] = {"thrush", "red_", "hunter", "wader", "head", "creature"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        xp_text_addf(nouns, "%s n 1 1 @ 1 0 %08zu  \n", words[i], offsets[0]);
    xp_text_adds(&m->files[2], "eat v 1 0 1 0 00000031  \n");
    xp_text_adds(&m->files[3], "red a 1 0 1 0 00000031  \nlarge a 1 0 1 0 00000031\nblack a 1 0 1 0 00000031  \n");
    xp_text_adds(&m->files[4], "well r 1 0 1 0 00000031  \n");
    xp_text_adds(&m->files[5], "geese goose\n");
    xp_text_adds(&m->files[6], "ate eat\n");
    xp_text_adds(&m->files[7], "better good well\n");
    xp_text_adds(&m->files[8], "best well\n");
    xp_text_adds(&m->files[9], "robin%1:05:00:: 1 5\nunknown%1:05:00:: 1 5\nred%5:00:00:deep:00 1 9\n");
}

static inline void put(const char *folder, const char *name, const char *data, size_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static inline void mini_write(const mini *m) {
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) {
        assert_false(m->files[i].failed);
        put(m->folder, xp_wordnet_file(i), m->files[i].data, m->files[i].length);
    }
    static const char words[] =
        "the\n\nrobin 0.1 0.2\neagle\r\nheron\nmagpie\nvulture\nosprey\neagles\nherons\nmagpies\n"
        "vultures\nospreys";
    put(m->folder, "vocabulary.txt", words, sizeof words - 1);
}

static inline void mini_clear(mini *m) {
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) xp_text_free(&m->files[i]);
}

#endif
