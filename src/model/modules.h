/* modules.json: what sentence-transformers put on top of each other to make a vector of a text, in the order of the list. */
#ifndef XP_MODEL_MODULES_H
#define XP_MODEL_MODULES_H

#include "model/source.h"

#define XP_MODULES "modules.json"

typedef enum xp_module_kind {
    XP_MODULE_TRANSFORMER,
    XP_MODULE_POOLING,
    XP_MODULE_DENSE,
    XP_MODULE_NORMALIZE,
    XP_MODULE_DROPOUT, /* changes nothing outside of training */
    XP_MODULE_OTHER
} xp_module_kind;

typedef struct xp_module {
    xp_module_kind kind;
    const char *type, *path; /* path: "" or a folder in the model's own */
} xp_module;

typedef struct xp_modules {
    char *file; /* its path */
    char sha256[XP_SHA256_TEXT];
    size_t n; /* 0: there is no such file */
    xp_module *module;
    xp_value *value; /* what module points into */
} xp_modules;

/* EXPLAINT_INVALID for a list that sentence-transformers would not load: a path that leaves the folder, two modules of one name. */
explaint_status xp_modules_read(const xp_source *source, xp_modules *modules, explaint_error *error);
void xp_modules_free(xp_modules *modules);

#endif
