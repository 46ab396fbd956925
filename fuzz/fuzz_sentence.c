/* A folder of sentence-transformers in one text (tests/support/parts.h). The laws: what is read makes a vector of any states, and can
 * be described; what is not says why. */
#include <stdint.h>
#include <stdlib.h>

#include "sentence/sentence.h"
#include "support/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_vectors(const xp_sentence *s) {
    enum { PIECES = 3 };
    float rows[PIECES * 4];
    xp_strings lines = {0};
    if (s->width == 0 || s->width > s->room / 2 || s->n_poolings == 0 || s->states != 4) abort();
    float *room = xp_alloc(s->room, sizeof *room);
    if (room == NULL) abort();
    for (size_t i = 0; i < PIECES * 4; i++) rows[i] = (float)i - 5;
    for (size_t first = 0; first < PIECES; first++) xp_sentence_vector(s, PIECES, first, rows, room);
    if (!xp_sentence_describe(s, &lines) || lines.count == 0) abort();
    xp_strings_free(&lines);
    xp_free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1); /* of its own, so that a read beyond it is seen */
    if (text == NULL) return 0;
    memcpy(text, data, size);
    parts all = {text, size};
    const xp_source source = parts_source(&all);
    const explaint_model_info model = {.path = "m", .root = "m", .dtype = "F32", .width = 4, .n_positions = 6};
    xp_sentence sentence = {0};
    explaint_error error = {0};
    if (xp_sentence_read_from(&source, &model, size % 2 == 0, &sentence, &error) == EXPLAINT_OK)
        make_vectors(&sentence);
    else if (error.code != EXPLAINT_INVALID || error.message[0] == 0)
        abort();
    xp_sentence_free(&sentence);
    free(text);
    return 0;
}
