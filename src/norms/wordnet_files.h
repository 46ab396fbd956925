/* The database files of WordNet 3.0: nouns with their relations and glosses, the lemmas of every part of speech, the
 * exception lists, and how often a sense was tagged. Formats: wndb(5WN), cntlist(5WN).
 *
 * Everything is checked while it is read: a synset stands at the byte offset that it names, a pointer leads to a
 * synset. After that the rest of the room trusts indices. */
#ifndef XP_NORMS_WORDNET_FILES_H
#define XP_NORMS_WORDNET_FILES_H

#include "base/strings.h"
#include "base/view.h"

typedef enum xp_wordnet_pos { XP_NOUN, XP_VERB, XP_ADJECTIVE, XP_ADVERB, XP_N_POS } xp_wordnet_pos;

typedef enum xp_wordnet_kind { XP_HYPERNYM, XP_HAS, XP_PART_OF } xp_wordnet_kind;

typedef struct xp_synset {
    uint32_t offset;                    /* in data.noun */
    uint32_t first_word, n_words;       /* into words */
    uint32_t first_pointer, n_pointers; /* into pointers */
    xp_view gloss;                      /* definition and examples */
} xp_synset;

typedef struct xp_pointer {
    xp_wordnet_kind kind; /* others are checked and left out; has: parts and substances */
    uint32_t target;      /* index into synsets */
} xp_pointer;

typedef struct xp_lemma {
    xp_view name;
    uint32_t first_sense, n_senses; /* nouns: into senses; other parts of speech have only the count */
    uint32_t tagged, tagged_first;  /* occurrences in the semantic concordances: of all senses, of the first */
} xp_lemma;

typedef struct xp_exception {
    xp_view inflected, base;
} xp_exception;

typedef struct xp_wordnet {
    char *bytes[10]; /* the files, owned */
    size_t size[10];
    xp_synset *synsets;
    size_t n_synsets, synset_capacity;
    xp_view *words; /* as spelled in the synset, underscores for spaces */
    size_t n_words, word_capacity;
    xp_pointer *pointers;
    size_t n_pointers, pointer_capacity;
    uint32_t *senses; /* indices into synsets, most frequent first */
    size_t n_senses, sense_capacity;
    xp_lemma *lemmas[XP_N_POS];
    size_t n_lemmas[XP_N_POS], lemma_capacity[XP_N_POS];
    xp_index *by_name[XP_N_POS];
    xp_exception *exceptions[XP_N_POS];
    size_t n_exceptions[XP_N_POS], exception_capacity[XP_N_POS];
    xp_index *by_inflected[XP_N_POS];
} xp_wordnet;

/* The files that are read, by name: data.noun, index.{noun,verb,adj,adv}, {noun,verb,adj,adv}.exc, cntlist.rev. */
#define XP_WORDNET_FILES 10
const char *xp_wordnet_file(size_t i);

/* Reads the folder, or copies the bytes `given` in the order of xp_wordnet_file. On failure *wordnet is released. */
explaint_status xp_wordnet_open(const char *folder, const xp_view *given, xp_wordnet *wordnet, explaint_error *error);
void xp_wordnet_close(xp_wordnet *wordnet);

/* The lemma's entry or NULL. */
const xp_lemma *xp_wordnet_lemma(const xp_wordnet *wordnet, xp_wordnet_pos pos, const char *name, size_t length);

#endif
