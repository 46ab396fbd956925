#include "model/modules.h"

#include <string.h>

#include "base/memory.h"

static explaint_status bad(const xp_modules *m, size_t i, const char *expected, const xp_value *found,
                           explaint_error *error) {
    xp_text text = {0};
    xp_value_show(found, &text);
    return xp_text_fail(&text, m->file, error, EXPLAINT_INVALID, m->file, 0, "expected %s in module %zu, found %s",
                        expected, i, text.data);
}

/* A class is found by its last name: wherever sentence-transformers has one of these names, it is this class. */
static xp_module_kind kind_of(const char *type) {
    static const char *const names[] = {"Transformer", "Pooling", "Dense", "Normalize", "Dropout"};
    static const char package[] = "sentence_transformers.";
    if (strncmp(type, package, sizeof package - 1) != 0) return XP_MODULE_OTHER;
    size_t k = 0;
    while (k < XP_MODULE_OTHER && strcmp(strrchr(type, '.') + 1, names[k]) != 0) k++;
    return (xp_module_kind)k;
}

/* Relative, on Windows too, and without "..". */
static bool stays(const char *path) {
    if (path[0] == '/' || path[0] == '\\' || (path[0] != 0 && path[1] == ':')) return false;
    while (true) {
        const size_t length = strcspn(path, "/\\");
        if (length == 2 && path[0] == '.' && path[1] == '.') return false;
        if (path[length] == 0) return true;
        path += length + 1;
    }
}

static explaint_status read_module(xp_modules *m, size_t i, explaint_error *error) {
    const xp_value *value = xp_value_item(m->value, i), *name = xp_value_member(value, "name");
    xp_module *module = &m->module[i];
    module->type = xp_value_string(xp_value_member(value, "type"));
    module->path = xp_value_string(xp_value_member(value, "path"));
    if (module->type == NULL) return bad(m, i, "a \"type\"", value, error);
    if (module->path == NULL || !stays(module->path))
        return bad(m, i, "the \"path\" of a folder in the model's own", xp_value_member(value, "path"), error);
    if (name != NULL && xp_value_string(name) == NULL) return bad(m, i, "a text as \"name\"", name, error);
    for (size_t k = 0; name != NULL && k < i; k++)
        if (xp_value_equal(name, xp_value_member(xp_value_item(m->value, k), "name")))
            return bad(m, i, "a \"name\" that no module before has", name, error);
    module->kind = kind_of(module->type);
    return EXPLAINT_OK;
}

explaint_status xp_modules_read(const xp_source *source, xp_modules *m, explaint_error *error) {
    xp_text path = {0};
    *m = (xp_modules){0};
    xp_text_addf(&path, "%s/" XP_MODULES, source->folder);
    if (path.failed) {
        xp_text_free(&path);
        return xp_no_memory(error, XP_MODULES);
    }
    m->file = path.data;
    explaint_status status = xp_source_json(source, XP_MODULES, (size_t)1 << 24, &m->value, m->sha256, error);
    if (status == EXPLAINT_OK && m->value != NULL && (!xp_value_is_array(m->value) || xp_value_count(m->value) == 0))
        status = xp_fail(error, EXPLAINT_INVALID, m->file, 0, "expected a list of modules");
    if (status == EXPLAINT_OK && m->value != NULL) {
        m->n = xp_value_count(m->value);
        m->module = xp_calloc(m->n, sizeof *m->module);
        if (m->module == NULL) status = xp_no_memory(error, XP_MODULES);
    }
    for (size_t i = 0; status == EXPLAINT_OK && i < m->n; i++) status = read_module(m, i, error);
    if (status != EXPLAINT_OK) xp_modules_free(m);
    return status;
}

void xp_modules_free(xp_modules *m) {
    xp_free_all(m->file, m->module);
    xp_value_free(m->value);
    *m = (xp_modules){0};
}
