/* Replays the corpus of fuzz/fuzz_ledger.c. */
#include <dirent.h>
#include <stdio.h>

#include "../../fuzz/fuzz_ledger.c"

int main(void) {
    static const char corpus[] = EXPLAINT_SOURCE_DIR "/fuzz/corpus/ledger";
    static uint8_t bytes[1 << 20];
    size_t count = 0;
    DIR *inputs = opendir(corpus);
    for (struct dirent *entry; inputs != NULL && (entry = readdir(inputs)) != NULL;) {
        char name[1024];
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%s", corpus, entry->d_name);
        FILE *file = fopen(name, "rb");
        if (file == NULL) return 1;
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        LLVMFuzzerTestOneInput(bytes, size);
        count++;
    }
    if (inputs != NULL) closedir(inputs);
    printf("%zu inputs\n", count);
    return count >= 10 ? 0 : 1;
}
