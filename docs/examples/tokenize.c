/* How does a model cut a text into pieces, and where in the text does each of them stand?
 *
 *     cc tokenize.c $(pkg-config --cflags --libs explaint) -o tokenize
 *     ./tokenize all-MiniLM-L6-v2 "The robin's unbelievable wings"
 */
#include <stdio.h>
#include <string.h>

#include <explaint/explaint.h>

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: tokenize MODEL TEXT\n");
        return EXPLAINT_USAGE;
    }
    const char *text = argv[2];
    explaint_error error = {0};
    explaint_tokenizer *tokenizer = NULL;
    explaint_encoding e = {0};
    explaint_status status = explaint_tokenizer_open(argv[1], &tokenizer, &error);
    if (status == EXPLAINT_OK) status = explaint_tokenizer_encode(tokenizer, text, strlen(text), NULL, &e, &error);
    if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);

    for (size_t i = 0; i < e.n; i++) {
        const char *piece = explaint_tokenizer_piece(tokenizer, e.id[i]);
        if (e.special[i])
            printf("%6d  %s\n", (int)e.id[i], piece);
        else
            printf("%6d  %-10s word %d, '%.*s'\n", (int)e.id[i], piece, (int)e.word[i], (int)(e.end[i] - e.begin[i]),
                   text + e.begin[i]);
    }
    explaint_encoding_free(&e);
    explaint_tokenizer_close(tokenizer);
    return (int)status;
}
