/* Replays the fuzzers' corpora with any compiler: what a fuzzer once found stays fixed. The targets are included,
 * each under a name of its own. */
#include "support/files.h"

#include <dirent.h>

#define LLVMFuzzerTestOneInput fuzz_csv
#include "../../fuzz/fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_npy
#include "../../fuzz/fuzz_npy.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_wordtext
#include "../../fuzz/fuzz_wordtext.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_word2vec
#include "../../fuzz/fuzz_word2vec.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_vectors_csv
#include "../../fuzz/fuzz_vectors_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_safetensors
#include "../../fuzz/fuzz_safetensors.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_npz
#include "../../fuzz/fuzz_npz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_norms
#include "../../fuzz/fuzz_norms.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_columns
#include "../../fuzz/fuzz_columns.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_folds
#include "../../fuzz/fuzz_folds.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_xlsx
#include "../../fuzz/fuzz_xlsx.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_gzip
#include "../../fuzz/fuzz_gzip.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_report
#include "../../fuzz/fuzz_report.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tokenizer
#include "../../fuzz/fuzz_tokenizer.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_texts
#include "../../fuzz/fuzz_texts.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_torch
#include "../../fuzz/fuzz_torch.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_model
#include "../../fuzz/fuzz_model.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_sentence
#include "../../fuzz/fuzz_sentence.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_maps
#include "../../fuzz/fuzz_maps.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_gguf
#include "../../fuzz/fuzz_gguf.c"
#undef LLVMFuzzerTestOneInput

static const struct {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {{"csv", fuzz_csv},
               {"npy", fuzz_npy},
               {"wordtext", fuzz_wordtext},
               {"word2vec", fuzz_word2vec},
               {"vectors_csv", fuzz_vectors_csv},
               {"safetensors", fuzz_safetensors},
               {"npz", fuzz_npz},
               {"norms", fuzz_norms},
               {"columns", fuzz_columns},
               {"folds", fuzz_folds},
               {"gzip", fuzz_gzip},
               {"report", fuzz_report},
               {"xlsx", fuzz_xlsx},
               {"tokenizer", fuzz_tokenizer},
               {"texts", fuzz_texts},
               {"model", fuzz_model},
               {"torch", fuzz_torch},
               {"sentence", fuzz_sentence},
               {"maps", fuzz_maps},
               {"gguf", fuzz_gguf}};

static void replay(void **state) {
    (void)state;
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
        char folder[512];
        snprintf(folder, sizeof folder, "%s/fuzz/corpus/%s", EXPLAINT_SOURCE_DIR, targets[t].name);
        DIR *entries = opendir(folder);
        assert_non_null(entries);
        size_t count = 0;
        for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
            if (entry->d_name[0] == '.') continue;
            char path[1024];
            size_t size = 0;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            char *bytes = files_slurp(path, &size);
            assert_non_null(bytes);
            uint8_t *exact = malloc(size + (size == 0)); /* so that a step too far is seen */
            memcpy(exact, bytes, size);
            free(bytes);
            assert_int_equal(targets[t].run(exact, size), 0);
            free(exact);
            count++;
        }
        closedir(entries);
        assert_true(count > 0);
        print_message("%s: %zu inputs\n", targets[t].name, count);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(replay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
