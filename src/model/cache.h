/* Hugging Face's cache: from the name of a model to the folder of its snapshot, as huggingface_hub 2 looks for it. */
#ifndef XP_MODEL_CACHE_H
#define XP_MODEL_CACHE_H

#include "base/error.h"
#include "base/strings.h"

/* name, or org/name: ASCII letters, digits, '.', '_' and '-', as huggingface_hub allows them. */
bool xp_cache_is_name(const char *name);

/* Looks in the cache of huggingface_hub (HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub,
 * ~/.cache/huggingface/hub), then in TRANSFORMERS_CACHE, where transformers 4 kept its files, and SENTENCE_TRANSFORMERS_HOME. A name
 * without organisation is sought as it is, then as sentence-transformers/name. The snapshot is the one that refs/main names; without
 * refs/main, the only one. *found becomes the name it was found under (added to `strings`). */
explaint_status xp_cache_find(const char *name, xp_text *folder, xp_strings *strings, const char **found,
                              explaint_error *error);

#endif
