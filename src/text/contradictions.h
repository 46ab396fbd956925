/* What files of a folder say and another one overrules: each has a note, none is left out in silence. */
#ifndef XP_TEXT_CONTRADICTIONS_H
#define XP_TEXT_CONTRADICTIONS_H

#include "text/settings.h"

/* For a class that takes only the pieces of tokenizer.json: the rest of that file, beside what the class does. What the draft
 * knows of the pipeline is undone. After xp_draft_number. */
explaint_status xp_contradictions_of_pipeline(const xp_settings *settings, xp_draft *draft);
/* The other files. After xp_draft_finish. */
explaint_status xp_contradictions_of_files(const xp_settings *settings, xp_draft *draft);

#endif
