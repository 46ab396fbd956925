/* A run that also looks into blocks; explaint_model_run is one that does not. */
#ifndef XP_MODEL_RUN_H
#define XP_MODEL_RUN_H

#include "model/block.h"

/* Beside the observer, for the same texts on the same threads: of each layer after `values`. false stops the run. */
typedef struct xp_run_watcher {
    void *self;
    bool (*block)(void *self, size_t text, const xp_model_block *block);
} xp_run_watcher;

/* watcher may be NULL; errors as explaint_model_run's. */
explaint_status xp_run_texts(const explaint_model *model, const explaint_ids *texts, size_t n_texts,
                             const explaint_observer *observer, const xp_run_watcher *watcher, unsigned threads,
                             explaint_error *error);

#endif
