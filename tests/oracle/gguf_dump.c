/* gguf_dump FILE: what a GGUF holds, for the oracle (tests/oracle/check_gguf.py): a line of JSON for each key and each tensor, [key, type, value]
 * or [name, type, shape]; behind a tensor that is widened, its numbers as float32. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "formats/file.h"
#include "formats/ggml.h"
#include "formats/gguf.h"

static void print_value(const xp_gguf_value *v) {
    xp_text text = {0};
    xp_gguf_value_json(v, SIZE_MAX, SIZE_MAX, &text);
    printf("[\"%s\", \"%s\", %s]\n", v->key, xp_gguf_type_name(v->item), text.data);
    xp_text_free(&text);
}

static void print_tensor(const xp_tensor *t) {
    printf("[\"%s\", \"%s\", [", t->name, t->dtype);
    for (size_t k = 0; k < t->n_dimensions; k++) printf("%s%zu", k > 0 ? ", " : "", t->shape[k]);
    printf("]]\n");
    if (t->blocks->widen == NULL) return;
    const size_t n_blocks = t->size / t->blocks->bytes, n = n_blocks * t->blocks->block;
    float *to = malloc(n * sizeof *to);
    if (to == NULL) exit(1);
    xp_ggml_widen(t->blocks, t->data, n_blocks, to);
    if (fwrite(to, sizeof *to, n, stdout) != n) exit(1);
    free(to);
}

int main(int argc, char **argv) {
    explaint_error error = {0};
    xp_bytes bytes = {0};
    xp_gguf *file = NULL;
    if (argc != 2 || xp_file_map(argv[1], XP_LIMIT_ARRAY, &bytes, &error) != EXPLAINT_OK ||
        xp_gguf_open(argv[1], bytes.data, bytes.size, &file, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 3;
    }
    for (size_t i = 0; i < xp_gguf_n_values(file); i++) print_value(xp_gguf_value_at(file, i));
    for (size_t i = 0; i < xp_gguf_n(file); i++) print_tensor(xp_gguf_tensor(file, i));
    xp_gguf_close(file);
    xp_bytes_free(&bytes);
    return 0;
}
