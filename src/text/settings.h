/* What the small files of a model's folder say of its tokenizer, put together as transformers 5 does it:
 *
 * - tokenizer_config.json, and config.json where it is silent, name the class. BERT's and MPNet's take pieces and added tokens
 *   from tokenizer.json, and nothing else; PreTrainedTokenizerFast takes all of it.
 * - Where tokenizer_config.json has added_tokens_decoder, the added tokens are those; special_tokens_map.json and
 *   added_tokens.json are not looked at. Where it has none, special_tokens_map.json goes before tokenizer_config.json, and the
 *   tokens of added_tokens.json and tokenizer.json are added.
 *
 * A tokenizer.json with BPE or Unigram decides alone: the classes of transformers build parts of it anew, and lose some. */
#ifndef XP_TEXT_SETTINGS_H
#define XP_TEXT_SETTINGS_H

#include "text/tokenizer.h"

typedef enum xp_folder_file {
    XP_TOKENIZER_JSON,
    XP_VOCAB_TXT,
    XP_TOKENIZER_CONFIG,
    XP_SPECIAL_TOKENS_MAP,
    XP_ADDED_TOKENS,
    XP_MODEL_CONFIG,
    XP_FOLDER_FILES
} xp_folder_file;

/* data NULL: there is no such file. Borrowed. */
typedef struct xp_folder_files {
    const char *folder; /* for messages */
    const char *chat;   /* name of the file with a chat template; NULL: none */
    const char *unread; /* name of a file with pieces of a kind that is not read; NULL: none */
    struct {
        const char *path, *data;
        size_t size;
    } file[XP_FOLDER_FILES];
} xp_folder_files;

const char *xp_folder_file_name(xp_folder_file source); /* "vocab.txt" */

#define XP_USUAL_LIMIT 100 /* characters of a word; as every published BERT has it */

typedef enum xp_class {
    XP_CLASS_BERT,
    XP_CLASS_MPNET,
    XP_CLASS_FILE, /* PreTrainedTokenizerFast: tokenizer.json as it is, and added tokens of the other files */
    XP_CLASS_ALONE /* a tokenizer.json of another model than WordPiece: the other files are not asked, whatever class they name */
} xp_class;

/* In the order in which transformers adds them. */
typedef enum xp_role { XP_BOS, XP_EOS, XP_UNK, XP_SEP, XP_PAD, XP_CLS, XP_MASK, XP_ROLES } xp_role;

/* do_lower_case, strip_accents, tokenize_chinese_chars */
typedef enum xp_switch { XP_LOWERS, XP_STRIPS, XP_IDEOGRAPHS_APART, XP_SWITCHES } xp_switch;

typedef struct xp_settings {
    const xp_folder_files *files;
    explaint_error *error;
    xp_value *value[XP_FOLDER_FILES]; /* the JSON files; NULL: not there */
    bool listed;                      /* tokenizer_config.json has added_tokens_decoder */
    xp_class class;
    const char *class_name;
    bool on[XP_SWITCHES], given[XP_SWITCHES], splits_special;
    xp_folder_file given_by[XP_SWITCHES];
    xp_candidate role[XP_ROLES];      /* an empty content: no file gives the role to a token, and the class neither */
    xp_folder_file role_by[XP_ROLES]; /* XP_FOLDER_FILES: the class */
} xp_settings;

extern const char *const xp_switch_keys[XP_SWITCHES];
extern const char *const xp_role_keys[XP_ROLES];

/* Parses the JSON files and reads what they say, but for the added tokens. To be freed in any case. */
explaint_status xp_settings_read(xp_settings *settings, const xp_folder_files *files, explaint_error *error);
/* Adds all tokens to the draft that the files name, but for those of a tokenizer.json. */
explaint_status xp_settings_add(const xp_settings *settings, xp_draft *draft);
void xp_settings_free(xp_settings *settings);

/* NULL: no file that counts has the key. *from: which has it. */
const xp_value *xp_setting(const xp_settings *settings, const char *key, xp_folder_file *from);

#endif
