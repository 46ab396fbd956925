/* A model's folder to its tokenizer, as transformers 5 makes it: which file goes before which is in settings.h. */
#ifndef XP_TEXT_FOLDER_H
#define XP_TEXT_FOLDER_H

#include "text/settings.h"

/* From the bytes of the files. A file that says something else than what is done has a note. */
explaint_status xp_folder_read(const xp_folder_files *files, explaint_tokenizer **tokenizer, explaint_error *error);

#endif
