/* WordNet's database files, hostile: clang -fsanitize=fuzzer,address,undefined. The input holds the files in the order of
 * xp_wordnet_file, separated by form feeds; files that are not there are empty. What opens is then used: every
 * hypernym chain, every word as an inflected form. */
#include <string.h>

#include "norms/wordnet_concepts.h"
#include "norms/wordnet_morphy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    xp_view files[XP_WORDNET_FILES];
    const char *from = (const char *)data, *stop = from + size;
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) {
        const char *to = from < stop ? memchr(from, '\f', (size_t)(stop - from)) : NULL;
        if (to == NULL) to = stop;
        files[i] = (xp_view){from, (size_t)(to - from)};
        from = to < stop ? to + 1 : stop;
    }
    xp_wordnet wordnet;
    explaint_error error = {0};
    if (xp_wordnet_open(NULL, files, &wordnet, &error) != EXPLAINT_OK) {
        if (error.message[0] == 0) __builtin_trap(); /* every refusal has its sentence */
        return 0;
    }
    for (size_t i = 0; i < wordnet.n_synsets && i < 1000; i++) {
        xp_above above[XP_ABOVE_MAX];
        size_t n = xp_wordnet_above(&wordnet, (uint32_t)i, above);
        if (n == 0 || n > XP_ABOVE_MAX || above[n - 1].synset >= wordnet.n_synsets) __builtin_trap();
    }
    for (size_t i = 0; i < wordnet.n_words && i < 1000; i++)
        for (int pos = 0; pos < XP_N_POS; pos++) {
            char base[XP_MORPHY_MAX + 1];
            xp_view word = wordnet.words[i];
            if (xp_wordnet_morphy(&wordnet, (xp_wordnet_pos)pos, word.data, word.length, base) &&
                strlen(base) > XP_MORPHY_MAX)
                __builtin_trap();
            xp_wordnet_spells(word, wordnet.words[wordnet.n_words - 1 - i]);
        }
    xp_wordnet_close(&wordnet);
    return 0;
}
