/* Every key of config.json of every family, and every field of a GGUF, in turn with a value that is not as expected: what opens runs and
 * gives finite states; what does not is refused in one sentence that names the file and what stands there.
 *
 *     test_hostile_keys            at every place some of the values
 *     test_hostile_keys 1200 7     all of them, then for 1,200 seconds several places at once at random, from seed 7 */
#include "support/models.h"

#include <dirent.h>
#include <time.h>

#include "base/memory.h"
#include "base/rng.h"
#include "formats/gguf.h"
#include "model/family.h"
#include "model/gguf.h"
#include "model/open.h"
#include "text/gguf.h"

#define FOLDER "a-folder"
#define FILE_NAME "a-file.gguf"

/* What stands in place of a value; NULL: the key goes. */
static const char *const instead[] = {NULL,
                                      "null",
                                      "true",
                                      "false",
                                      "0",
                                      "-1",
                                      "1",
                                      "3",
                                      "4096",
                                      "0.5",
                                      "1e-300",
                                      "1e300",
                                      "-1e300",
                                      "1e999",
                                      "NaN",
                                      "16777216",
                                      "131072",
                                      "9007199254740993",
                                      "99999999999999999999",
                                      "\"\"",
                                      "\"1\"",
                                      "\"gelu\"",
                                      "\"default\"",
                                      "[]",
                                      "{}",
                                      "[1, 2]",
                                      "[null]",
                                      "[[[[]]]]",
                                      "{\"a\": 1}",
                                      "{\"full_attention\": 1}",
                                      "\"a\\nb\\u0001\\u202e\""};
enum { N_INSTEAD = sizeof instead / sizeof *instead };

/* Keys that are read beside those of a family's tables. */
static const char *const more_keys[] = {"model_type",
                                        "rope_scaling",
                                        "rope_parameters",
                                        "layer_types",
                                        "text_config",
                                        "position_embedding_type",
                                        "sliding_window",
                                        "use_sliding_window",
                                        "max_window_layers",
                                        "no_rope_layers",
                                        "no_rope_layer_interval",
                                        "sliding_window_pattern",
                                        "global_attn_every_n_layers",
                                        "hidden_act",
                                        "hidden_activation",
                                        "qk_layernorm",
                                        "add_cross_attention",
                                        "pruned_heads",
                                        "quantization_config",
                                        "per_layer_config",
                                        "pos_att_type",
                                        "norm_rel_ebd",
                                        "position_buckets",
                                        "max_relative_positions",
                                        "conv_kernel_size",
                                        "conv_groups"};

/* ---- what must hold ---- */

static size_t n_tried, n_opened;
static size_t stride = 5; /* of the values; at each place others */

static void one_sentence(const explaint_error *error, const char *file, const char *what, const char *place) {
    const char *m = error->message;
    if (error->code != EXPLAINT_INVALID) fail_msg("%s at %s: code %d: %s", what, place, error->code, m);
    if (strlen(m) < 20 || strncmp(m, file, strlen(file)) != 0 || strpbrk(m, "\n\r\x01\x1b") != NULL)
        fail_msg("%s at %s: %s", what, place, m);
    static const char *const says[] = {"expected", "found", "JSON", "needs", "twice", "tensor", "given as"};
    size_t k = 0;
    while (k < sizeof says / sizeof *says && strstr(m, says[k]) == NULL) k++;
    if (k == sizeof says / sizeof *says) fail_msg("%s at %s: %s", what, place, m);
}

static bool all_finite(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const explaint_model_info *info = self;
    (void)text, (void)layer;
    for (size_t i = 0; i < n * info->width; i++)
        if (!(rows[i] - rows[i] == 0)) abort();
    return true;
}

static void run_model(const explaint_model *model, const char *file, const char *what, const char *place) {
    explaint_model_info info = *explaint_model_describe(model);
    const int32_t id[] = {0, (int32_t)info.vocabulary - 1, 0};
    const explaint_ids text = {id, info.n_positions < 3 ? info.n_positions : 3};
    const explaint_observer look = {.self = &info, .hidden = all_finite};
    explaint_error error = {0};
    n_opened++;
    if (explaint_model_run(model, &text, 1, &look, 1, &error) != EXPLAINT_OK && error.code != EXPLAINT_INVALID)
        fail_msg("%s: %s at %s: %s", file, what, place, error.message);
}

static void try_source(const xp_source *source, const char *what, const char *place) {
    const explaint_model_options options = {.threads = 1};
    explaint_error error = {0};
    explaint_model *model = NULL;
    xp_strings strings = {0};
    n_tried++;
    if (xp_model_open(source, source->folder, source->folder, &strings, &options, &model, &error) == EXPLAINT_OK)
        run_model(model, source->folder, what, place);
    else
        one_sentence(&error, source->folder, what, place);
    explaint_model_close(model);
    xp_strings_free(&strings);
}

/* ---- config.json ---- */

typedef struct folder {
    xp_text config;
    xp_bytes weights;
} folder;

static bool has(void *self, const char *name) {
    (void)self;
    return strcmp(name, "config.json") == 0 || strcmp(name, "model.safetensors") == 0;
}

static explaint_status open_file(void *self, const char *name, const char *path, xp_bytes *bytes,
                                 explaint_error *error) {
    const folder *f = self;
    const bool config = strcmp(name, "config.json") == 0;
    if (!has(NULL, name)) return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a file");
    *bytes = (xp_bytes){.size = config ? f->config.length : f->weights.size};
    bytes->data = xp_alloc(bytes->size + 1, 1);
    assert_non_null(bytes->data);
    memcpy(bytes->data, config ? f->config.data : f->weights.data, bytes->size);
    bytes->data[bytes->size] = 0;
    return EXPLAINT_OK;
}

static void try_config(folder *f, const char *what, const char *place) {
    const xp_source source = {.folder = FOLDER, .self = f, .open = open_file, .has = has};
    try_source(&source, what, place);
}

/* A document written anew, with another value at one node. */
typedef struct pen {
    xp_text *text;
    size_t at, node; /* counted as they are written, a list's elements too; the node that changes */
    const char *value;
    char place[64]; /* its key, or that of the list that it is in */
} pen;

static void write_value(pen *p, const xp_value *value, const char *key) {
    bool first = true;
    if (p->at++ == p->node) {
        snprintf(p->place, sizeof p->place, "%s", key);
        xp_text_adds(p->text, p->value);
    } else if (xp_value_is_object(value)) {
        xp_text_adds(p->text, "{");
        for (void *at = xp_value_first(value); at != NULL; at = xp_value_next(value, at)) {
            if (p->at == p->node && p->value == NULL) { /* it goes */
                snprintf(p->place, sizeof p->place, "%s", xp_value_key(at));
                p->node = SIZE_MAX;
                continue;
            }
            xp_text_addf(p->text, "%s\"%s\": ", first ? "" : ", ", xp_value_key(at));
            write_value(p, xp_value_at(at), xp_value_key(at));
            first = false;
        }
        xp_text_adds(p->text, "}");
    } else if (xp_value_is_array(value)) {
        xp_text_adds(p->text, "[");
        for (size_t i = 0; i < xp_value_count(value); i++) {
            if (p->at == p->node && p->value == NULL) p->value = "null";
            if (i > 0) xp_text_adds(p->text, ", ");
            write_value(p, xp_value_item(value, i), key);
        }
        xp_text_adds(p->text, "]");
    } else {
        xp_value_text(value, p->text);
    }
}

/* The config with `value` at a node, or (node SIZE_MAX) as it is; how many nodes there are. */
static size_t write_config(xp_text *to, const xp_value *config, size_t node, const char *value, char place[64]) {
    pen p = {.text = to, .node = node, .value = value};
    to->length = 0;
    write_value(&p, config, "");
    if (place != NULL) memcpy(place, p.place, sizeof p.place);
    return p.at;
}

static void with_key(folder *f, const xp_value *config, const char *key) {
    if (key == NULL || xp_value_member(config, key) != NULL) return;
    for (size_t v = 1 + strlen(key) % stride; v < N_INSTEAD; v += stride) {
        write_config(&f->config, config, SIZE_MAX, NULL, NULL);
        f->config.length--; /* its brace */
        xp_text_addf(&f->config, ", \"%s\": %s}", key, instead[v]);
        try_config(f, instead[v], key);
    }
}

static void every_key_of(folder *f, const xp_value *config) {
    const char *type = xp_value_string(xp_value_member(config, "model_type"));
    const xp_family *family;
    char place[64] = "";
    const size_t n = write_config(&f->config, config, SIZE_MAX, NULL, NULL);
    for (size_t node = 1; node < n; node++)
        for (size_t v = node % stride; v < N_INSTEAD; v += stride) {
            write_config(&f->config, config, node, instead[v], place);
            try_config(f, instead[v] != NULL ? instead[v] : "nothing", place);
        }
    for (size_t i = 0; (family = xp_family_list(i)) != NULL; i++) {
        if (strcmp(family->name, type) != 0) continue;
        for (size_t k = 0; family->keys[k].name != NULL; k++) with_key(f, config, family->keys[k].name);
        for (size_t k = 0; family->refused != NULL && family->refused[k] != NULL; k++)
            with_key(f, config, family->refused[k]);
    }
    for (size_t k = 0; k < sizeof more_keys / sizeof *more_keys; k++) with_key(f, config, more_keys[k]);
}

static bool read_golden(const char *name, folder *f, xp_value **config) {
    char path[600];
    xp_bytes bytes = {0};
    snprintf(path, sizeof path, "%s/model.safetensors", models_golden(name));
    *f = (folder){0};
    *config = NULL;
    if (access(path, F_OK) != 0 || xp_file_read(path, XP_LIMIT_TABLE, &f->weights, NULL) != EXPLAINT_OK) return false;
    snprintf(path, sizeof path, "%s/config.json", models_golden(name));
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, NULL), EXPLAINT_OK);
    *config = xp_value_parse(bytes.data, bytes.size, path, NULL);
    assert_non_null(*config);
    xp_bytes_free(&bytes);
    return true;
}

static void forget_golden(folder *f, xp_value *config) {
    xp_value_free(config);
    xp_bytes_free(&f->weights);
    xp_text_free(&f->config);
}

static int is_small(const struct dirent *entry) {
    char path[600];
    snprintf(path, sizeof path, "%s/model.safetensors", models_golden(entry->d_name));
    return entry->d_name[0] != '.' && access(path, F_OK) == 0;
}

/* One of each family, the last: of two the second lacks what is seldom left out. */
static void every_key_of_config(void **state) {
    (void)state;
    struct dirent **entry;
    const int n = scandir(models_golden(""), &entry, is_small, alphasort);
    assert_true(n >= 40);
    size_t n_families = 0;
    for (const xp_family *family; (family = xp_family_list(n_families)) != NULL; n_families++) {
        folder f;
        xp_value *config = NULL;
        bool found = false;
        for (int i = n; i-- > 0 && !found;) {
            assert_true(read_golden(entry[i]->d_name, &f, &config));
            found = strcmp(xp_value_string(xp_value_member(config, "model_type")), family->name) == 0;
            if (found) every_key_of(&f, config);
            forget_golden(&f, config);
        }
        if (!found && strcmp(family->name, "camembert") != 0) fail_msg("no model of %s", family->name); /* RoBERTa's */
    }
    for (int i = 0; i < n; i++) free(entry[i]);
    free(entry);
    print_message("%zu configs, %zu of them opened\n", n_tried, n_opened);
    assert_true(n_opened > n_tried / 10);
}

/* ---- GGUF ---- */

enum { MOST_FIELDS = 512 };

/* Where something lies in the file. */
typedef struct part {
    size_t from, to;
} part;

typedef struct layout {
    const unsigned char *data;
    size_t size, n_values, n_tensors;
    part value[MOST_FIELDS], tensor[MOST_FIELDS];
    size_t type[MOST_FIELDS]; /* where the type of a value stands, behind its key */
    size_t numbers;           /* where the tensors' numbers begin */
} layout;

static uint64_t integer_at(const unsigned char *at, size_t bytes) {
    uint64_t x = 0;
    for (size_t i = bytes; i-- > 0;) x = x << 8 | at[i];
    return x;
}

static size_t value_end(const unsigned char *data, size_t at, uint64_t type) {
    static const unsigned char bytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    if (type == XP_GGUF_STRING) return at + 8 + (size_t)integer_at(data + at, 8);
    if (type != XP_GGUF_ARRAY) return at + bytes[type];
    const uint64_t of = integer_at(data + at, 4), n = integer_at(data + at + 4, 8);
    at += 12;
    for (uint64_t i = 0; i < n; i++) at = value_end(data, at, of);
    return at;
}

/* Of a file that is whole. */
static void read_layout(const unsigned char *data, size_t size, layout *l) {
    *l = (layout){.data = data, .size = size};
    l->n_tensors = (size_t)integer_at(data + 8, 8);
    l->n_values = (size_t)integer_at(data + 16, 8);
    assert_true(l->n_tensors <= MOST_FIELDS && l->n_values <= MOST_FIELDS);
    size_t at = 24, alignment = 32;
    for (size_t i = 0; i < l->n_values; i++) {
        l->value[i].from = at;
        l->type[i] = at + 8 + (size_t)integer_at(data + at, 8);
        at = value_end(data, l->type[i] + 4, integer_at(data + l->type[i], 4));
        l->value[i].to = at;
    }
    for (size_t i = 0; i < l->n_tensors; i++) {
        l->tensor[i].from = at;
        at += 8 + (size_t)integer_at(data + at, 8);
        at += 4 + 8 * (size_t)integer_at(data + at, 4) + 4 + 8;
        l->tensor[i].to = at;
    }
    l->numbers = (at + alignment - 1) / alignment * alignment;
    if (l->numbers > size) l->numbers = size; /* a tokenizer alone */
}

/* Types and bytes of values. */
#define BYTES(text) text, sizeof text - 1
static const struct {
    const char *what;
    uint32_t type;
    const char *bytes;
    size_t size;
} values[] = {
    {"u8 0", 0, BYTES("\0")},
    {"i32 -1", 5, BYTES("\377\377\377\377")},
    {"u32 0", 4, BYTES("\0\0\0\0")},
    {"u32 1", 4, BYTES("\1\0\0\0")},
    {"u32 3", 4, BYTES("\3\0\0\0")},
    {"u32 2^32-1", 4, BYTES("\377\377\377\377")},
    {"u64 2^63", 10, BYTES("\0\0\0\0\0\0\0\200")},
    {"u64 2^64-1", 10, BYTES("\377\377\377\377\377\377\377\377")},
    {"i64 -1", 11, BYTES("\377\377\377\377\377\377\377\377")},
    {"f32 NaN", 6, BYTES("\0\0\300\177")},
    {"f32 infinity", 6, BYTES("\0\0\200\177")},
    {"f32 0", 6, BYTES("\0\0\0\0")},
    {"f32 -1", 6, BYTES("\0\0\200\277")},
    {"f64 1e300", 12, BYTES("\234\165\0\210\074\344\067\176")},
    {"true", 7, BYTES("\1")},
    {"bool 2", 7, BYTES("\2")},
    {"empty string", 8, BYTES("\0\0\0\0\0\0\0\0")},
    {"string x", 8, BYTES("\1\0\0\0\0\0\0\0x")},
    {"string linear", 8, BYTES("\6\0\0\0\0\0\0\0linear")},
    {"string of a newline", 8, BYTES("\2\0\0\0\0\0\0\0\n\33")},
    {"string that is no UTF-8", 8, BYTES("\2\0\0\0\0\0\0\0\377\376")},
    {"string beyond the file", 8, BYTES("\377\377\377\377\377\377\377\177x")},
    {"empty list", 9, BYTES("\4\0\0\0\0\0\0\0\0\0\0\0")},
    {"list of 2 u32", 9, BYTES("\4\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0")},
    {"list of 2 strings", 9, BYTES("\10\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a\1\0\0\0\0\0\0\0a")},
    {"list beyond the file", 9, BYTES("\6\0\0\0\377\377\377\377\377\377\377\37\0\0\0\0")},
    {"list of lists", 9, BYTES("\11\0\0\0\1\0\0\0\0\0\0\0\11\0\0\0\1\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\0\0\0\0")},
    {"list of an unknown type", 9, BYTES("\15\0\0\0\1\0\0\0\0\0\0\0\0")},
    {"unknown type", 13, BYTES("\0\0\0\0")},
    {"unknown type", 0xffffffff, BYTES("\0\0\0\0")}};
enum { N_VALUES = sizeof values / sizeof *values };

/* Keys that the files have not. */
static const char *const new_keys[] = {"attention.sliding_window",
                                       "attention.sliding_window_pattern",
                                       "attention.key_length",
                                       "attention.value_length",
                                       "rope.dimension_count",
                                       "rope.scaling.type",
                                       "rope.scaling.factor",
                                       "rope.scaling.attn_factor",
                                       "rope.scaling.original_context_length",
                                       "rope.scaling.yarn_beta_fast",
                                       "rope.freq_base",
                                       "rope.freq_base_swa",
                                       "attn_logit_softcapping",
                                       "final_logit_softcapping",
                                       "expert_count",
                                       "attention.causal",
                                       "vocab_size",
                                       "an_unknown_key"};

static void add_integer(xp_text *to, uint64_t x, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) xp_text_add(to, (char[]){(char)(x >> 8 * i & 255)}, 1);
}

static void add_part(xp_text *to, const layout *l, size_t from, size_t end) {
    xp_text_add(to, (const char *)l->data + from, end - from);
}

static void try_tokenizer(const xp_gguf *file, const char *what, const char *place) {
    static const char text[] = "The dog's 12 caf\xc3\xa9\n";
    explaint_error error = {0};
    explaint_tokenizer *tokenizer = NULL;
    explaint_encoding e = {0};
    if (xp_gguf_tokenizer_read(FILE_NAME, file, &tokenizer, &error) == EXPLAINT_OK) {
        if (explaint_tokenizer_encode(tokenizer, text, sizeof text - 1, NULL, &e, &error) != EXPLAINT_OK)
            assert_int_equal(error.code, EXPLAINT_INVALID);
        explaint_encoding_free(&e);
    } else {
        one_sentence(&error, FILE_NAME, what, place);
    }
    explaint_tokenizer_close(tokenizer);
}

static void try_model(const xp_text *made, const char *what, const char *place) {
    explaint_error error = {0};
    xp_gguf_model gguf;
    xp_bytes bytes = {.data = xp_alloc(made->length + 1, 1), .size = made->length};
    assert_non_null(bytes.data);
    memcpy(bytes.data, made->data, made->length);
    if (xp_gguf_model_read(FILE_NAME, bytes, &gguf, &error) != EXPLAINT_OK) {
        n_tried++;
        one_sentence(&error, FILE_NAME, what, place);
        return;
    }
    const xp_source source = xp_gguf_model_source(FILE_NAME, &gguf);
    try_source(&source, what, place);
    xp_gguf_model_close(&gguf);
}

static void try_gguf(const xp_text *made, const char *what, const char *place) {
    xp_gguf *file;
    try_model(made, what, place);
    if (xp_gguf_open(FILE_NAME, made->data, made->length, &file, NULL) != EXPLAINT_OK) return;
    try_tokenizer(file, what, place);
    xp_gguf_close(file);
}

/* The file with `n` more values and tensors, one part of its head replaced by what `put` was filled with. */
static void splice(xp_text *made, const layout *l, size_t from, size_t to, const xp_text *put, int more_values,
                   int more_tensors) {
    made->length = 0;
    add_part(made, l, 0, 8);
    add_integer(made, l->n_tensors + (uint64_t)(int64_t)more_tensors, 8);
    add_integer(made, l->n_values + (uint64_t)(int64_t)more_values, 8);
    const size_t head = l->n_tensors > 0 ? l->tensor[l->n_tensors - 1].to : l->value[l->n_values - 1].to;
    add_part(made, l, 24, from);
    xp_text_add(made, put->length > 0 ? put->data : "", put->length);
    add_part(made, l, to, head);
    while (made->length % 32 != 0) add_integer(made, 0, 1);
    add_part(made, l, l->numbers, l->size);
}

static void put_value(xp_text *put, const layout *l, size_t i, size_t v) {
    put->length = 0;
    add_part(put, l, l->value[i].from, l->type[i]);
    add_integer(put, values[v].type, 4);
    xp_text_add(put, values[v].bytes, values[v].size);
}

static void put_new(xp_text *put, const char *architecture, const char *key, size_t v) {
    put->length = 0;
    add_integer(put, strlen(architecture) + 1 + strlen(key), 8);
    xp_text_addf(put, "%s.%s", architecture, key);
    add_integer(put, values[v].type, 4);
    xp_text_add(put, values[v].bytes, values[v].size);
}

static const char *name_at(const layout *l, size_t at) {
    static char name[80];
    snprintf(name, sizeof name, "%.*s", (int)integer_at(l->data + at, 8), (const char *)l->data + at + 8);
    return name;
}

static void every_value(const layout *l, const char *architecture, xp_text *made, xp_text *put) {
    for (size_t i = 0; i < l->n_values; i++) {
        const part at = l->value[i];
        for (size_t v = i % stride; v < N_VALUES; v += stride) {
            put_value(put, l, i, v);
            splice(made, l, at.from, at.to, put, 0, 0);
            try_gguf(made, values[v].what, name_at(l, at.from));
        }
        put->length = 0;
        splice(made, l, at.from, at.to, put, -1, 0);
        try_gguf(made, "nothing", name_at(l, at.from));
        add_part(put, l, at.from, at.to);
        splice(made, l, at.from, at.from, put, 1, 0);
        try_gguf(made, "twice", name_at(l, at.from));
    }
    for (size_t k = 0; k < sizeof new_keys / sizeof *new_keys; k++)
        for (size_t v = k % stride; v < N_VALUES; v += stride) {
            put_new(put, architecture, new_keys[k], v);
            splice(made, l, 24, 24, put, 1, 0);
            try_gguf(made, values[v].what, new_keys[k]);
        }
}

/* Fields of what the file says of a tensor, each with these. */
static void every_field(const layout *l, xp_text *made, xp_text *put) {
    static const uint64_t numbers[] = {0, 1, 2, 3, 5, 31, 33, 40, 255, 1u << 31, UINT32_MAX, 1ull << 62, UINT64_MAX};
    for (size_t i = 0; i < l->n_tensors; i++) {
        const part at = l->tensor[i];
        const size_t dimensions = at.from + 8 + (size_t)integer_at(l->data + at.from, 8);
        const size_t n = (size_t)integer_at(l->data + dimensions, 4);
        for (size_t field = 0; field < n + 4; field++) /* length of the name, count, each dimension, type, offset */
            for (size_t k = (i + field) % stride; k < sizeof numbers / sizeof *numbers; k += stride) {
                const size_t where = field == 0   ? at.from
                                     : field == 1 ? dimensions
                                                  : dimensions + 4 + 8 * (field - 2) - (field == n + 3 ? 4 : 0);
                const size_t bytes = field == 1 || field == n + 2 ? 4 : 8;
                put->length = 0;
                add_integer(put, numbers[k], bytes);
                splice(made, l, where, where + bytes, put, 0, 0);
                try_gguf(made, "a number", name_at(l, at.from));
            }
        put->length = 0;
        splice(made, l, at.from, at.to, put, 0, -1);
        try_gguf(made, "nothing", name_at(l, at.from));
        add_part(put, l, at.from, at.to);
        splice(made, l, at.from, at.from, put, 0, 1);
        try_gguf(made, "twice", name_at(l, at.from));
    }
    for (size_t at = 0; at < 24; at++) /* magic, version, counts */
        for (size_t k = at % stride; k < sizeof numbers / sizeof *numbers; k += stride) {
            put->length = 0;
            splice(made, l, 24, 24, put, 0, 0);
            made->data[at] = (char)(made->data[at] ^ (char)numbers[k]);
            try_gguf(made, "another byte", "the head");
        }
}

static int is_chosen(const struct dirent *entry) {
    return strncmp(entry->d_name, "model-", 6) == 0 || strncmp(entry->d_name, "sentence-piece", 14) == 0 ||
           strcmp(entry->d_name, "byte-level") == 0;
}

static void every_field_of_gguf(void **state) {
    (void)state;
    static layout l;
    struct dirent **entry;
    xp_text made = {0}, put = {0};
    const int n = scandir(EXPLAINT_SOURCE_DIR "/fuzz/corpus/gguf", &entry, is_chosen, alphasort);
    assert_true(n >= 13);
    n_tried = n_opened = 0;
    for (int i = 0; i < n; i++) {
        char path[600];
        xp_bytes bytes = {0};
        snprintf(path, sizeof path, EXPLAINT_SOURCE_DIR "/fuzz/corpus/gguf/%s", entry[i]->d_name);
        assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, NULL), EXPLAINT_OK);
        read_layout((const unsigned char *)bytes.data, bytes.size, &l);
        every_value(&l, strchr(entry[i]->d_name, '-') + 1, &made, &put);
        every_field(&l, &made, &put);
        xp_bytes_free(&bytes);
        free(entry[i]);
    }
    free(entry);
    xp_text_free(&made);
    xp_text_free(&put);
    print_message("%zu files, %zu of them opened\n", n_tried, n_opened);
    assert_true(n_opened > n_tried / 20);
}

/* What ends a text is the tokenizer's to say. */
static void ends_of_texts(void **state) {
    (void)state;
    static layout l;
    static const char *const names[] = {"eos_token_id", "eot_token_id"};
    xp_text made = {0}, put = {0}, both = {0};
    xp_bytes bytes = {0};
    xp_gguf_model gguf;
    xp_strings strings = {0};
    explaint_model *model = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_file_read(EXPLAINT_SOURCE_DIR "/fuzz/corpus/gguf/model-llama", XP_LIMIT_TABLE, &bytes, NULL),
                     EXPLAINT_OK);
    read_layout((const unsigned char *)bytes.data, bytes.size, &l);
    for (size_t i = 0; i < 2; i++) {
        put_new(&put, "tokenizer.ggml", names[i], 3 + i); /* u32 1, u32 3 */
        xp_text_add(&both, put.data, put.length);
    }
    splice(&made, &l, 24, 24, &both, 2, 0);
    xp_bytes copy = {.data = xp_alloc(made.length, 1), .size = made.length};
    assert_non_null(copy.data);
    memcpy(copy.data, made.data, made.length);
    if (xp_gguf_model_read(FILE_NAME, copy, &gguf, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    const xp_source source = xp_gguf_model_source(FILE_NAME, &gguf);
    if (xp_model_open(&source, FILE_NAME, FILE_NAME, &strings, NULL, &model, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(model->config.ends.n, 2);
    assert_int_equal(model->config.ends.id[0], 1);
    assert_int_equal(model->config.ends.id[1], 3);
    explaint_model_close(model);
    xp_gguf_model_close(&gguf);
    xp_bytes_free(&bytes);
    xp_text_free(&made);
    xp_text_free(&put);
    xp_text_free(&both);
}

/* ---- for longer ---- */

/* Two or three places at once. */
static void draw_config(xp_rng *rng, struct dirent **entry, size_t n) {
    folder f;
    xp_value *config;
    char place[64] = "";
    assert_true(read_golden(entry[xp_rng_below(rng, (uint32_t)n)]->d_name, &f, &config));
    size_t nodes = write_config(&f.config, config, SIZE_MAX, NULL, NULL);
    for (size_t k = 2 + xp_rng_below(rng, 2); k > 0 && nodes > 1; k--) {
        const char *value = instead[xp_rng_below(rng, N_INSTEAD)];
        write_config(&f.config, config, 1 + xp_rng_below(rng, (uint32_t)nodes - 1), value, place);
        try_config(&f, value != NULL ? value : "nothing", place);
        xp_value *next = xp_value_parse(f.config.data, f.config.length, FOLDER, NULL);
        if (next == NULL || !xp_value_is_object(next)) {
            xp_value_free(next);
            break;
        }
        xp_value_free(config);
        config = next;
        nodes = write_config(&f.config, config, SIZE_MAX, NULL, NULL);
    }
    forget_golden(&f, config);
}

static void draw_for(double seconds, uint64_t seed) {
    struct dirent **entry;
    const int n = scandir(models_golden(""), &entry, is_small, alphasort);
    const time_t end = time(NULL) + (time_t)seconds;
    xp_rng rng = xp_rng_begin(seed, XP_RNG_TEST, 0);
    while (time(NULL) < end) draw_config(&rng, entry, (size_t)n);
    printf("%zu configs, %zu of them opened\n", n_tried, n_opened);
    for (int i = 0; i < n; i++) free(entry[i]);
    free(entry);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_key_of_config), cmocka_unit_test(every_field_of_gguf),
                                       cmocka_unit_test(ends_of_texts)};
    if (argc > 1) stride = 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed == 0 && argc > 1) draw_for(atof(argv[1]), argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
    return failed;
}
