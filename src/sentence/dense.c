/* 2_Dense: a linear map of the pooled vector, and a function of each value. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/shards.h"
#include "sentence/read.h"

const char *const xp_squash_names[XP_N_SQUASHES] = {"Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU"};

enum { MOST_WIDTH = 1 << 16, MOST_PATH = 4096 };

/* A class of torch.nn; "torch.nn.modules.activation.Tanh" is the one of "torch.nn.Tanh". Without the key it is Tanh. */
static explaint_status read_squash(const xp_sentence_reader *r, const xp_value *object, xp_squash *squash) {
    const xp_value *value = xp_value_member(object, "activation_function");
    const char *name = xp_value_string(value), *last = name != NULL ? strrchr(name, '.') : NULL;
    *squash = XP_SQUASH_TANH;
    if (value == NULL) return EXPLAINT_OK;
    if (last != NULL && strncmp(name, "torch.nn.", 9) == 0)
        for (size_t k = 0; k < XP_N_SQUASHES; k++)
            if (strcmp(last + 1, xp_squash_names[k]) == 0) {
                *squash = (xp_squash)k;
                return EXPLAINT_OK;
            }
    return xp_read_refuse(r, "activation_function", value, "Identity, Tanh, ReLU, GELU, Sigmoid or SiLU of torch.nn");
}

static explaint_status read_stage(const xp_sentence_reader *r, const xp_value *object, size_t width, xp_stage *stage) {
    static const char *const known[] = {
        "in_features",       "out_features",       "bias",         "activation_function",
        "module_input_name", "module_output_name", "use_residual", NULL};
    const xp_value *in = xp_value_member(object, "in_features"), *out = xp_value_member(object, "out_features"),
                   *residual = xp_value_member(object, "use_residual");
    explaint_status status = xp_read_known(r, object, known);
    if (status != EXPLAINT_OK) return status;
    if (!xp_value_size(in, &stage->n_in) || stage->n_in != width)
        return xp_read_refuse(r, "in_features", in, "the width of the vector that comes in");
    if (!xp_value_size(out, &stage->n_out) || stage->n_out == 0 || stage->n_out > MOST_WIDTH)
        return xp_read_refuse(r, "out_features", out, "a width of 1 to 65536");
    if (xp_read_truth(residual)) return xp_read_refuse(r, "use_residual", residual, "false");
    status = xp_read_names(r, object);
    return status == EXPLAINT_OK ? read_squash(r, object, &stage->squash) : status;
}

/* ---- weights ---- */

static explaint_status refuse_tensor(const xp_sentence_reader *r, const char *name, const char *shape) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path.data, 0, "expected the weights of this Dense beside it: %s, %s",
                   name, shape);
}

/* columns 0: a vector. */
static explaint_status read_tensor(const xp_sentence_reader *r, const xp_shards *shards, const char *name, size_t rows,
                                   size_t columns, float **values) {
    char shape[64];
    size_t number, cells = rows * (columns > 0 ? columns : 1);
    const xp_tensor *t = xp_shards_find(shards, name, &number) ? shards->tensor[number] : NULL;
    snprintf(shape, sizeof shape, columns > 0 ? "%zu x %zu" : "%zu numbers", rows, columns);
    if (t == NULL || t->n_dimensions != (columns > 0 ? 2u : 1u) || t->shape[0] != rows ||
        (columns > 0 && t->shape[1] != columns) || (t->type != XP_F32 && t->type != XP_F16 && t->type != XP_BF16))
        return refuse_tensor(r, name, shape);
    const xp_array all = {.rows = 1, .width = cells, .type = t->type, .data = t->data};
    double *row = xp_alloc(cells, sizeof *row);
    *values = xp_alloc(cells, sizeof **values);
    if (row == NULL || *values == NULL) {
        xp_free(row);
        return xp_no_memory(r->error, name);
    }
    xp_array_row(&all, 0, row);
    bool finite = true;
    for (size_t i = 0; i < cells; i++) {
        finite = finite && isfinite(row[i]);
        (*values)[i] = (float)row[i];
    }
    xp_free(row);
    return finite ? EXPLAINT_OK : refuse_tensor(r, name, "finite numbers");
}

/* The folder of the module as a source of its own. */
typedef struct inner {
    const xp_source *outer;
    const char *sub;
} inner;

static bool inner_name(const inner *in, const char *name, char path[MOST_PATH]) {
    const int length = snprintf(path, MOST_PATH, "%s/%s", in->sub, name);
    return length > 0 && length < MOST_PATH;
}

static bool inner_has(void *self, const char *name) {
    char path[MOST_PATH];
    const inner *in = self;
    return inner_name(in, name, path) && xp_source_has(in->outer, path);
}

static explaint_status inner_open(void *self, const char *name, const char *shown, xp_bytes *bytes,
                                  explaint_error *error) {
    char path[MOST_PATH];
    const inner *in = self;
    return inner_name(in, name, path) ? xp_source_open(in->outer, path, XP_LIMIT_ARRAY, bytes, error)
                                      : xp_fail(error, EXPLAINT_INVALID, shown, 0, "expected a shorter path");
}

static explaint_status add_files(const xp_sentence_reader *r, const char *folder, xp_shards *shards) {
    bool good = true;
    for (size_t i = 0; good && i < shards->n; i++) {
        xp_shard *shard = &shards->shard[i];
        xp_text path = {0};
        if (shard->bytes.sha256[0] == 0) xp_bytes_hash(&shard->bytes);
        xp_text_addf(&path, "%s/%s", folder, shard->name);
        good = !path.failed && xp_strings_add(&r->to->files, path.data, path.length) &&
               xp_strings_add(&r->to->files, shard->bytes.sha256, strlen(shard->bytes.sha256));
        xp_text_free(&path);
    }
    return good ? EXPLAINT_OK : xp_no_memory(r->error, "the names of files");
}

static explaint_status read_weights(const xp_sentence_reader *r, const char *path, bool bias, xp_stage *stage) {
    xp_text folder = {0};
    xp_shards shards = {0};
    inner in = {r->source, path};
    xp_text_addf(&folder, "%s/%s", r->source->folder, path);
    const xp_source source = {.folder = folder.data, .self = &in, .open = inner_open, .has = inner_has};
    explaint_status status = folder.failed ? xp_no_memory(r->error, path) : xp_shards_open(&source, &shards, r->error);
    if (status == EXPLAINT_OK && shards.n_tensors != 1u + bias)
        status = refuse_tensor(r, bias ? "linear.weight and linear.bias" : "linear.weight", "and no others");
    if (status == EXPLAINT_OK)
        status = read_tensor(r, &shards, "linear.weight", stage->n_out, stage->n_in, &stage->weight);
    if (status == EXPLAINT_OK && bias) status = read_tensor(r, &shards, "linear.bias", stage->n_out, 0, &stage->bias);
    if (status == EXPLAINT_OK) status = add_files(r, folder.data, &shards);
    xp_shards_close(&shards);
    xp_text_free(&folder);
    return status;
}

explaint_status xp_read_dense(xp_sentence_reader *r, const xp_module *module, size_t *width) {
    xp_value *object = NULL;
    xp_stage *stage = xp_read_stage(r->to);
    if (stage == NULL) return xp_no_memory(r->error, "Dense");
    stage->dense = true;
    explaint_status status = xp_read_config(r, module, &object);
    if (status == EXPLAINT_OK) status = read_stage(r, object, *width, stage);
    const xp_value *bias = xp_value_member(object, "bias");
    if (status == EXPLAINT_OK) status = read_weights(r, module->path, bias == NULL || xp_read_truth(bias), stage);
    if (status == EXPLAINT_OK) *width = stage->n_out;
    xp_value_free(object);
    return status;
}
