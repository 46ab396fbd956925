/* Word vectors in text, every word kept.
 *
 *     bench_vectors make FILE WORDS WIDTH      a word2vec text file of random vectors
 *     bench_vectors read FILE THREADS          reads it; prints seconds, processor seconds, words, width and a checksum
 *     bench_vectors hash FILE                  only reads and hashes it: no reader that names its input can be faster */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "explaint/vectors.h"
#include "formats/file.h"
#include "limits.h"

static int make(const char *path, size_t words, size_t width) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) return 1;
    static char buffer[1 << 20];
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    fprintf(file, "%zu %zu\n", words, width);
    uint64_t state = 20240501;
    for (size_t i = 0; i < words; i++) {
        fprintf(file, "word%zu", i);
        for (size_t k = 0; k < width;
             k++) { /* six decimals, as word2vec and GloVe print; the sum of two is less even */
            state = state * 6364136223846793005u + 1442695040888963407u;
            int x = (int)(state >> 44 & 0x7ffff) + (int)(state >> 20 & 0x7ffff) - 0x7ffff;
            char text[16], *p = text + sizeof text;
            unsigned left = (unsigned)(x < 0 ? -x : x);
            for (int digit = 0; digit < 6; digit++, left /= 10) *--p = (char)('0' + left % 10);
            *--p = '.';
            *--p = (char)('0' + left);
            if (x < 0) *--p = '-';
            *--p = ' ';
            fwrite(p, 1, (size_t)(text + sizeof text - p), file);
        }
        putc('\n', file);
    }
    return fclose(file) != 0;
}

static int read_all(const char *path, unsigned threads) {
    explaint_error error = {0};
    explaint_vectors *v = NULL;
    explaint_vectors_options options = {.threads = threads};
    double begin = seconds(), processor = processor_seconds();
    if (explaint_vectors_open(path, NULL, &options, &v, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    double end = seconds(), sum = 0;
    processor = processor_seconds() - processor;
    for (size_t i = 0; i < explaint_vectors_n_kept(v); i++)
        for (size_t k = 0; k < explaint_vectors_width(v); k++) sum += explaint_vectors_of_word(v, i)[k];
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %.6f, \"processor_seconds\": %.6f, \"threads\": %u, \"words\": %zu, \"width\": %zu, \"sum\": "
           "%.17g, \"peak_mb\": %.0f}\n",
           end - begin, processor, threads, explaint_vectors_n_kept(v), explaint_vectors_width(v), sum,
           (double)usage.ru_maxrss / 1024);
    explaint_vectors_close(v);
    return 0;
}

static int hash(const char *path) {
    xp_stream *stream;
    explaint_error error = {0};
    char *buffer = malloc(1 << 20);
    size_t got = 1, size = 0;
    double begin = seconds(), processor = processor_seconds();
    if (buffer == NULL || xp_stream_open(path, &stream, &error) != EXPLAINT_OK) return 1;
    while (got > 0 && xp_stream_read(stream, buffer, 1 << 20, &got, &error) == EXPLAINT_OK) size += got;
    printf("{\"seconds\": %.6f, \"processor_seconds\": %.6f, \"bytes\": %zu}\n", seconds() - begin,
           processor_seconds() - processor, size);
    xp_stream_close(stream);
    free(buffer);
    return 0;
}

int main(int count, char **argument) {
    if (count == 5 && strcmp(argument[1], "make") == 0)
        return make(argument[2], strtoul(argument[3], NULL, 10), strtoul(argument[4], NULL, 10));
    if (count == 4 && strcmp(argument[1], "read") == 0)
        return read_all(argument[2], (unsigned)strtoul(argument[3], NULL, 10));
    if (count == 3 && strcmp(argument[1], "hash") == 0) return hash(argument[2]);
    fputs("bench_vectors make FILE WORDS WIDTH | read FILE THREADS | hash FILE\n", stderr);
    return 2;
}
