#include "model/gguf.h"

#include <string.h>

#include "base/memory.h"

enum { MOST_TYPES = 64 };

static explaint_status refuse_part(const char *path, const xp_gguf *file, explaint_error *error) {
    const xp_gguf_value *value = xp_gguf_find(file, "split.count");
    size_t count = 1;
    if (value == NULL || (xp_gguf_value_size(value, &count) && count <= 1)) return EXPLAINT_OK;
    return xp_fail(
        error, EXPLAINT_INVALID, path, 0,
        "expected a model in one file, found one of %zu parts; join them: llama-gguf-split --merge FIRST NEW.gguf",
        count);
}

explaint_status xp_gguf_model_read(const char *path, xp_bytes bytes, xp_gguf_model *m, explaint_error *error) {
    const xp_gguf_architecture *architecture = NULL;
    *m = (xp_gguf_model){.bytes = bytes};
    explaint_status status = xp_gguf_open(path, bytes.data, bytes.size, &m->file, error);
    if (status == EXPLAINT_OK) status = refuse_part(path, m->file, error);
    if (status == EXPLAINT_OK) status = xp_gguf_architecture_find(path, m->file, &architecture, error);
    if (status == EXPLAINT_OK) status = xp_gguf_config_write(path, architecture, m, error);
    if (status == EXPLAINT_OK) status = xp_gguf_names_read(path, architecture, m, error);
    if (status != EXPLAINT_OK) xp_gguf_model_close(m);
    return status;
}

void xp_gguf_model_close(xp_gguf_model *m) {
    xp_gguf_close(m->file);
    xp_bytes_free(&m->bytes);
    xp_text_free(&m->config);
    xp_free_all(m->tensor, m->reading);
    xp_strings_free(&m->names);
    *m = (xp_gguf_model){0};
}

static bool has(void *self, const char *name) {
    (void)self;
    return strcmp(name, "config.json") == 0;
}

static explaint_status open_config(void *self, const char *name, const char *path, xp_bytes *bytes,
                                   explaint_error *error) {
    const xp_gguf_model *m = self;
    if (!has(self, name)) return xp_fail(error, EXPLAINT_INVALID, path, 0, "a GGUF has no such file");
    *bytes = (xp_bytes){.data = xp_strndup(m->config.data, m->config.length), .size = m->config.length};
    return bytes->data == NULL ? xp_no_memory(error, path) : EXPLAINT_OK;
}

xp_source xp_gguf_model_source(const char *path, xp_gguf_model *m) {
    return (xp_source){.folder = path, .self = m, .open = open_config, .has = has, .gguf = m};
}

size_t xp_gguf_interleaved(size_t row, size_t head) {
    const size_t within = row % head, half = head / 2;
    return row - within + within % half * 2 + within / half;
}

void xp_gguf_count_types(const xp_gguf *file, xp_text *text) {
    struct {
        const char *name; /* of one table, so that pointers tell names apart */
        size_t n;
    } type[MOST_TYPES];
    size_t n_types = 0;
    for (size_t i = 0; i < xp_gguf_n(file); i++) {
        const char *name = xp_gguf_tensor(file, i)->dtype;
        size_t at = 0;
        while (at < n_types && type[at].name != name) at++;
        if (at == MOST_TYPES) continue;
        if (at == n_types) type[n_types++].n = 0;
        type[at].name = name;
        type[at].n++;
    }
    if (n_types == 0) xp_text_adds(text, "none");
    for (size_t done = 0; done < n_types; done++) {
        size_t most = 0;
        for (size_t k = 1; k < n_types; k++)
            if (type[k].n > type[most].n) most = k;
        xp_text_addf(text, "%s%zu %s", done > 0 ? ", " : "", type[most].n, type[most].name);
        type[most].n = 0;
    }
}
