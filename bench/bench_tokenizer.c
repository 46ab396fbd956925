/* bench_tokenizer TOKENIZER TEXTS: pieces of a file's lines, one by one, in one thread. Prints one line of JSON: the best of
 * many passes (for two seconds, five at least), the time to open, and sums by which bench/tokenizer.py sees that both did the
 * same work. What is timed holds every allocation. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explaint/tokenizer.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv) {
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    explaint_encoding e = {0};
    char *line = NULL, **text = NULL;
    size_t capacity = 0, n = 0, bytes = 0, passes = 0, *length = NULL;
    double begin = now(), best = 1e9, all = 0;
    if (argc != 3 || explaint_tokenizer_open(argv[1], &t, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", argc == 3 ? error.message : "usage: bench_tokenizer TOKENIZER TEXTS");
        return 1;
    }
    double open = now() - begin;
    FILE *file = fopen(argv[2], "r");
    for (ssize_t got; file != NULL && (got = getline(&line, &capacity, file)) > 0;) {
        text = realloc(text, (n + 1) * sizeof *text);
        length = realloc(length, (n + 1) * sizeof *length);
        length[n] = (size_t)got - (line[got - 1] == '\n');
        text[n] = strndup(line, length[n]);
        bytes += length[n++];
    }
    if (n == 0) return 1;
    fclose(file);
    uint64_t pieces = 0, ids = 0, places = 0;
    for (; passes < 5 || all < 2; passes++) {
        pieces = ids = places = 0;
        begin = now();
        for (size_t i = 0; i < n; i++) {
            if (explaint_tokenizer_encode(t, text[i], length[i], NULL, &e, &error) != EXPLAINT_OK) exit(1);
            pieces += e.n;
            for (size_t k = 0; k < e.n; k++) {
                ids += (uint64_t)e.id[k];
                places += e.end[k];
            }
        }
        double took = now() - begin;
        best = took < best ? took : best;
        all += took;
    }
    printf("{\"texts\": %zu, \"bytes\": %zu, \"pieces\": %" PRIu64 ", \"ids\": %" PRIu64 ", \"places\": %" PRIu64
           ", \"seconds\": %.6f, \"open\": %.6f}\n",
           n, bytes, pieces, ids, places, best, open);
    explaint_encoding_free(&e);
    explaint_tokenizer_close(t);
    for (size_t i = 0; i < n; i++) free(text[i]);
    free(text);
    free(length);
    free(line);
    return 0;
}
