#include "formats/tensors_out.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"

void xp_tensors_out_note(xp_tensors_out *out, const char *key, const char *value) {
    if (out->notes.length > 0) xp_text_adds(&out->notes, ",");
    xp_json_quote(&out->notes, key, strlen(key));
    xp_text_adds(&out->notes, ":");
    xp_json_quote(&out->notes, value, strlen(value));
}

void xp_tensors_out_add(xp_tensors_out *out, const char *name, const char *dtype, size_t n_dimensions,
                        const size_t *shape) {
    size_t bytes = strcmp(dtype, "U8") == 0 ? 1 : strcmp(dtype, "F64") == 0 || strcmp(dtype, "I64") == 0 ? 8 : 4;
    if (out->tensors.length > 0) xp_text_adds(&out->tensors, ",");
    xp_json_quote(&out->tensors, name, strlen(name));
    xp_text_addf(&out->tensors, ":{\"dtype\":\"%s\",\"shape\":[", dtype);
    for (size_t i = 0; i < n_dimensions; i++) {
        xp_text_addf(&out->tensors, "%s%zu", i > 0 ? "," : "", shape[i]);
        if (xp_mul_overflows(bytes, shape[i], &bytes)) out->failed = true;
    }
    if (bytes > SIZE_MAX - out->offset) out->failed = true;
    if (out->failed) return;
    xp_text_addf(&out->tensors, "],\"data_offsets\":[%zu,%zu]}", out->offset, out->offset + bytes);
    out->offset += bytes;
}

bool xp_tensors_out_text(xp_tensors_out *out, xp_text *text) {
    xp_text head = {0};
    char length[8];
    xp_text_adds(&head, "{");
    if (out->notes.length > 0) {
        xp_text_adds(&head, "\"__metadata__\":{");
        xp_text_add(&head, out->notes.data, out->notes.length);
        xp_text_adds(&head, out->tensors.length > 0 ? "}," : "}");
    }
    if (out->tensors.length > 0) xp_text_add(&head, out->tensors.data, out->tensors.length);
    xp_text_adds(&head, "}");
    while (head.length % 8 != 0 && !head.failed) xp_text_adds(&head, " ");
    out->failed = out->failed || head.failed || out->notes.failed || out->tensors.failed;
    for (int b = 0; b < 8; b++) length[b] = (char)(head.length >> 8 * b);
    if (!out->failed) {
        xp_text_add(text, length, sizeof length);
        xp_text_add(text, head.data, head.length);
        out->failed = text->failed;
    }
    xp_text_free(&head);
    return !out->failed;
}

bool xp_tensors_out_head(xp_tensors_out *out, FILE *file) {
    xp_text head = {0};
    const bool ok = xp_tensors_out_text(out, &head) && fwrite(head.data, 1, head.length, file) == head.length;
    xp_text_free(&head);
    return ok;
}

void xp_tensors_out_free(xp_tensors_out *out) {
    xp_text_free(&out->notes);
    xp_text_free(&out->tensors);
}

bool xp_npy_out_head(size_t rows, size_t width, FILE *file) {
    enum { MAGIC = 10, STEP = 64 }; /* magic, version and length; the numbers begin at a multiple of 64 */
    char head[2 * STEP + 1];
    int n = snprintf(head, sizeof head, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, width);
    while ((MAGIC + n + 1) % STEP != 0) head[n++] = ' ';
    head[n++] = '\n';
    const unsigned char magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)n, 0};
    return fwrite(magic, 1, sizeof magic, file) == sizeof magic && fwrite(head, 1, (size_t)n, file) == (size_t)n;
}
