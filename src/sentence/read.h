/* Reading the files of a folder of sentence-transformers: what they share. */
#ifndef XP_SENTENCE_READ_H
#define XP_SENTENCE_READ_H

#include "base/json_read.h"
#include "model/modules.h"
#include "sentence/sentence.h"

typedef struct xp_sentence_reader {
    const xp_source *source; /* the folder that modules.json stands in */
    const explaint_model_info *model;
    bool lowers;
    xp_sentence *to;
    xp_text path; /* of the file that is read, for messages */
    explaint_error *error;
} xp_sentence_reader;

/* A JSON file; sub: "" or a folder in the source's. *value NULL: it is not there. reader->path becomes its path, and
 * reader->to->files know it. */
explaint_status xp_read_json(xp_sentence_reader *reader, const char *sub, const char *name, xp_value **value);

/* The config.json of a module, which must be there. */
explaint_status xp_read_config(xp_sentence_reader *reader, const xp_module *module, xp_value **value);
/* What a module that works on vectors reads and writes. */
explaint_status xp_read_names(const xp_sentence_reader *reader, const xp_value *object);

/* EXPLAINT_INVALID: "expected EXPECTED for "KEY", found VALUE", in the file that was read last. */
explaint_status xp_read_refuse(const xp_sentence_reader *reader, const char *key, const xp_value *value,
                               const char *expected);
/* Refuses a key of the object that is not in the list, which ends with NULL. */
explaint_status xp_read_known(const xp_sentence_reader *reader, const xp_value *object, const char *const *keys);

/* As Python takes a value for true or false: 0, "", null and empty lists are false. */
bool xp_read_truth(const xp_value *value);

/* ---- one file each ---- */

explaint_status xp_read_transformer(xp_sentence_reader *reader, const xp_module *module);
explaint_status xp_read_pooling(xp_sentence_reader *reader, const xp_module *module);
/* width: of what comes in; becomes that of what comes out. */
explaint_status xp_read_dense(xp_sentence_reader *reader, const xp_module *module, size_t *width);
explaint_status xp_read_normalize(xp_sentence_reader *reader, const xp_module *module);
/* NULL: no more memory. */
xp_stage *xp_read_stage(xp_sentence *sentence);

#endif
