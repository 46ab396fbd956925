/* Gives every file of a folder to a fuzz target once, so that what a fuzzer once found stays found. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 1;
    uint8_t *data = NULL;
    size_t size = 0, room = 0, got = 1;
    while (got > 0) {
        if (size == room) {
            room = 2 * room + 4096;
            uint8_t *grown = realloc(data, room);
            if (grown == NULL) break;
            data = grown;
        }
        got = fread(data + size, 1, room - size, file);
        size += got;
    }
    fclose(file);
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that a sanitizer sees the first byte past the end */
    if (exact == NULL) abort();
    for (size_t i = 0; i < size; i++) exact[i] = data[i];
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv) {
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    size_t files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            fprintf(stderr, "%s: no such folder\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[4096];
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (replay(path) != 0) return 1;
            files++;
        }
        closedir(folder);
    }
    printf("%zu files\n", files);
    return 0;
}
