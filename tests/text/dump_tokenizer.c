/* dump_tokenizer TOKENIZER [truncate [bare]] < TEXTS: the encoding of each text as a line of JSON, for the oracle
 * (tests/oracle/check_tokenizer.py). A text is its number of bytes in decimal, a line feed, the bytes, a line feed.
 *     [[ids], [begins], [ends], [words], [special], cut]      places in characters, -1: inside of one
 *     {"error": "..."}
 * dump_tokenizer TOKENIZER decode < IDS: the text of each list of ids, without special tokens; a list is how many there are, then each,
 * with blanks between. A text is written as those above are read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/tokenizer.h"

/* Characters before each byte of the text. */
static void count(const char *text, size_t length, int32_t *characters) {
    int32_t n = 0;
    for (size_t i = 0; i <= length; i++) {
        bool inside = i < length && ((unsigned char)text[i] & 0xc0) == 0x80;
        characters[i] = inside ? -1 : n;
        n += !inside;
    }
}

static void print_list(const char *before, const explaint_encoding *e, const int32_t *values) {
    fputs(before, stdout);
    for (size_t i = 0; i < e->n; i++) printf(i > 0 ? ",%" PRId32 : "%" PRId32, values[i]);
}

static void print(const explaint_encoding *e, const int32_t *characters) {
    int32_t *values = malloc((e->n + 1) * sizeof *values);
    print_list("[[", e, e->id);
    for (size_t i = 0; i < e->n; i++) values[i] = characters[e->begin[i]];
    print_list("],[", e, values);
    for (size_t i = 0; i < e->n; i++) values[i] = characters[e->end[i]];
    print_list("],[", e, values);
    print_list("],[", e, e->word);
    for (size_t i = 0; i < e->n; i++) values[i] = e->special[i];
    print_list("],[", e, values);
    printf("],%zu]\n", e->cut);
    free(values);
}

static int decode(const explaint_tokenizer *tokenizer) {
    explaint_error error = {0};
    explaint_decoded text = {0};
    size_t n;
    while (scanf("%zu", &n) == 1) { /* NOLINT(cert-err34-c) */
        int32_t *ids = malloc((n + 1) * sizeof *ids);
        for (size_t i = 0; i < n; i++)
            if (scanf("%" SCNd32, &ids[i]) != 1) exit(1); /* NOLINT(cert-err34-c) */
        if (explaint_tokenizer_decode(tokenizer, ids, n, true, &text, &error) != EXPLAINT_OK) {
            fprintf(stderr, "%s\n", error.message);
            exit(1);
        }
        printf("%zu\n", text.length);
        fwrite(text.text, 1, text.length, stdout);
        putchar('\n');
        free(ids);
    }
    explaint_decoded_free(&text);
    return 0;
}

int main(int argc, char **argv) {
    explaint_error error = {0};
    explaint_tokenizer *tokenizer = NULL;
    explaint_encoding e = {0};
    explaint_encode_options options = {.truncate = argc > 2 ? strtoul(argv[2], NULL, 10) : 0,
                                       .no_special_tokens = argc > 3};
    size_t length;
    if (argc < 2 || explaint_tokenizer_open(argv[1], &tokenizer, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (size_t i = 0; i < explaint_tokenizer_n_notes(tokenizer); i++)
        fprintf(stderr, "%s\n", explaint_tokenizer_note(tokenizer, i));
    if (argc > 2 && strcmp(argv[2], "decode") == 0) {
        const int code = decode(tokenizer);
        explaint_tokenizer_close(tokenizer);
        return code;
    }
    while (scanf("%zu", &length) == 1) { /* NOLINT(cert-err34-c): the script writes it */
        char *text = malloc(length + 1);
        int32_t *characters = malloc((length + 1) * sizeof *characters);
        if (text == NULL || characters == NULL || getchar() != '\n' || fread(text, 1, length, stdin) != length) exit(1);
        count(text, length, characters);
        if (explaint_tokenizer_encode(tokenizer, text, length, &options, &e, &error) == EXPLAINT_OK)
            print(&e, characters);
        else
            printf("{\"error\": \"%s\"}\n", error.message);
        free(text);
        free(characters);
    }
    explaint_encoding_free(&e);
    explaint_tokenizer_close(tokenizer);
    return 0;
}
