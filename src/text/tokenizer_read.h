/* The parts of a tokenizer.json, each for a draft. root: the whole file. What would change a result and is not done here is
 * refused by name: EXPLAINT_INVALID. */
#ifndef XP_TEXT_TOKENIZER_READ_H
#define XP_TEXT_TOKENIZER_READ_H

#include "text/tokenizer.h"

/* That it is one: an object of version 1.0, without unknown keys. */
explaint_status xp_tokenizer_read_head(xp_draft *draft, const xp_value *root);
/* That the model is BPE or Unigram: then the file alone counts. NULL: false. */
bool xp_tokenizer_is_alone(const xp_value *root);
/* The pieces alone; whose type may be unsaid. */
explaint_status xp_tokenizer_read_pieces(xp_draft *draft, const xp_value *root);
/* The pieces and all else that the model says. */
explaint_status xp_tokenizer_read_model(xp_draft *draft, const xp_value *root);
/* Its added tokens, added to the draft as of that batch. */
explaint_status xp_tokenizer_read_added(xp_draft *draft, const xp_value *root, xp_batch batch);
/* lstrip and the like, of a token of any file; part: as xp_tokenizer_unexpected. */
explaint_status xp_tokenizer_read_switches(const char *path, const char *part, const xp_value *object,
                                           xp_candidate *candidate, explaint_error *error);
explaint_status xp_tokenizer_read_normalizer(xp_draft *draft, const xp_value *root);
explaint_status xp_tokenizer_read_pre_tokenizer(xp_draft *draft, const xp_value *root);
explaint_status xp_tokenizer_read_post_processor(xp_draft *draft,
                                                 const xp_value *root); /* once added tokens have their ids */
explaint_status xp_tokenizer_read_decoder(xp_draft *draft, const xp_value *root);
/* The four above. */
explaint_status xp_tokenizer_read_pipeline(xp_draft *draft, const xp_value *root);
/* Notes what it asks for that is never applied here. */
explaint_status xp_tokenizer_read_unapplied(xp_draft *draft, const xp_value *root);

#endif
