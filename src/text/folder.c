#include "text/folder.h"

#include <sys/stat.h>

#include "base/memory.h"
#include "formats/file.h"
#include "text/contradictions.h"
#include "text/gguf.h"
#include "text/tokenizer_read.h"

static const xp_view usual_prefix = {"##", 2};

static bool is_there(const xp_folder_files *files, xp_folder_file source) { return files->file[source].data != NULL; }

/* ---- PreTrainedTokenizerFast: tokenizer.json as it is ---- */

static explaint_status read_whole(const xp_settings *s, xp_draft *draft) {
    const xp_value *root = s->value[XP_TOKENIZER_JSON];
    if (root == NULL)
        return xp_fail(s->error, EXPLAINT_INVALID, s->files->folder, 0,
                       "expected a tokenizer.json, which %s is read from, found none", s->class_name);
    explaint_status status = xp_tokenizer_read_model(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_added(draft, root, XP_FROM_FILE);
    if (status == EXPLAINT_OK && s->class == XP_CLASS_FILE) {
        status = xp_settings_add(s, draft);
        if (status == EXPLAINT_OK && !s->listed) status = xp_tokenizer_read_added(draft, root, XP_LISTED);
    }
    if (status == EXPLAINT_OK) status = xp_draft_number(draft);
    return status == EXPLAINT_OK ? xp_tokenizer_read_pipeline(draft, root) : status;
}

/* ---- BertTokenizer and MPNetTokenizer: built around the pieces ---- */

static void set_steps(const xp_settings *s, explaint_tokenizer *t) {
    xp_normalizer *n = &t->normalizer;
    xp_normalizer_add(n, (xp_normalizer_step){.kind = XP_STEP_CLEAN});
    if (s->on[XP_IDEOGRAPHS_APART]) xp_normalizer_add(n, (xp_normalizer_step){.kind = XP_STEP_IDEOGRAPHS});
    if (s->on[XP_STRIPS]) xp_normalizer_add(n, (xp_normalizer_step){.kind = XP_STEP_STRIP});
    if (s->on[XP_LOWERS]) xp_normalizer_add(n, (xp_normalizer_step){.kind = XP_STEP_LOWER});
    xp_splitter_add(&t->splitter, (xp_split){.kind = XP_SPLIT_BERT});
}

static explaint_status set_template(const xp_settings *s, xp_draft *draft) {
    explaint_status status = xp_draft_special(draft, xp_draft_id(draft, s->role[XP_CLS].content), false);
    if (status == EXPLAINT_OK) status = xp_draft_special(draft, xp_draft_id(draft, s->role[XP_SEP].content), true);
    if (status == EXPLAINT_OK && s->class == XP_CLASS_MPNET) /* its RobertaProcessing trims places; no prefix space */
        status = xp_draft_trim(draft, (xp_trim){0});
    return status;
}

static explaint_status build(const xp_settings *s, xp_draft *draft) {
    const xp_value *root = s->value[XP_TOKENIZER_JSON];
    const bool json = root != NULL;
    explaint_status status =
        json ? xp_tokenizer_read_pieces(draft, root)
             : xp_vocab_read(draft, s->files->file[XP_VOCAB_TXT].data, s->files->file[XP_VOCAB_TXT].size);
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft);
    if (status == EXPLAINT_OK)
        status = xp_draft_wordpiece(draft, usual_prefix, XP_USUAL_LIMIT, s->role[XP_UNK].content);
    if (status == EXPLAINT_OK) status = xp_settings_add(s, draft);
    if (status == EXPLAINT_OK && json && !s->listed) status = xp_tokenizer_read_added(draft, root, XP_LISTED);
    if (status == EXPLAINT_OK) status = xp_draft_number(draft);
    if (status == EXPLAINT_OK && json) status = xp_contradictions_of_pipeline(s, draft);
    if (status == EXPLAINT_OK && json) status = xp_tokenizer_read_decoder(draft, root);
    if (status != EXPLAINT_OK) return status;
    set_steps(s, draft->t);
    return set_template(s, draft);
}

/* ---- a folder ---- */

/* In a file of its own, or a key of tokenizer_config.json. */
static explaint_status note_chat(const xp_settings *s, xp_draft *draft) {
    const char *where = s->files->chat;
    if (where == NULL && !xp_value_is_null(xp_value_member(s->value[XP_TOKENIZER_CONFIG], "chat_template")))
        where = xp_folder_file_name(XP_TOKENIZER_CONFIG);
    return where == NULL || xp_draft_note_chat(draft, where) ? EXPLAINT_OK : xp_no_memory(s->error, "a note");
}

static explaint_status fill(const xp_settings *s, xp_draft *draft) {
    const xp_value *root = s->value[XP_TOKENIZER_JSON];
    explaint_status status = root != NULL ? xp_tokenizer_read_head(draft, root) : EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = s->class >= XP_CLASS_FILE ? read_whole(s, draft) : build(s, draft);
    if (status == EXPLAINT_OK) status = xp_draft_finish(draft);
    if (status == EXPLAINT_OK) status = xp_contradictions_of_files(s, draft);
    if (status == EXPLAINT_OK) status = note_chat(s, draft);
    return status == EXPLAINT_OK && root != NULL ? xp_tokenizer_read_unapplied(draft, root) : status;
}

explaint_status xp_folder_read(const xp_folder_files *files, explaint_tokenizer **tokenizer, explaint_error *error) {
    xp_settings settings;
    xp_draft draft;
    *tokenizer = NULL;
    const bool pieces_there = is_there(files, XP_TOKENIZER_JSON) || is_there(files, XP_VOCAB_TXT);
    if (!pieces_there && files->unread != NULL)
        return xp_fail(
            error, EXPLAINT_INVALID, files->folder, 0,
            "expected a tokenizer.json or a vocab.txt in the folder, found %s, which has the pieces in a form "
            "that is not read; transformers write tokenizer.json of it, in the folder: python3 -c \"from "
            "transformers import AutoTokenizer as A; A.from_pretrained('.').save_pretrained('.')\"",
            files->unread);
    if (!pieces_there)
        return xp_fail(error, EXPLAINT_INVALID, files->folder, 0,
                       "expected a tokenizer.json or a vocab.txt in the folder, found neither");
    const xp_folder_file pieces = is_there(files, XP_TOKENIZER_JSON) ? XP_TOKENIZER_JSON : XP_VOCAB_TXT;
    explaint_status status = xp_draft_begin(&draft, files->file[pieces].path, error);
    if (status != EXPLAINT_OK) return status;
    status = xp_settings_read(&settings, files, error);
    if (status == EXPLAINT_OK) status = fill(&settings, &draft);
    status = xp_draft_end(&draft, status, tokenizer);
    xp_settings_free(&settings);
    return status;
}

/* ---- files ---- */

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0;
}

/* prefix: the folder with its slash, "" here. vocab: a vocabulary to be read in place of the folder's files of pieces, or NULL. */
static bool name_files(const char *prefix, const char *vocab, xp_text path[XP_FOLDER_FILES]) {
    bool made = true;
    for (size_t i = 0; i < XP_FOLDER_FILES; i++) {
        if (i == XP_VOCAB_TXT && vocab != NULL)
            xp_text_adds(&path[i], vocab);
        else
            xp_text_addf(&path[i], "%s%s", prefix, xp_folder_file_name((xp_folder_file)i));
        made = made && !path[i].failed;
    }
    return made;
}

/* The first of the names that the folder has; NULL: it has none. false: no memory. */
static bool find_first(const char *prefix, const char *const *names, const char **found) {
    bool made = true;
    *found = NULL;
    for (size_t i = 0; made && *found == NULL && names[i] != NULL; i++) {
        xp_text path = {0};
        xp_text_addf(&path, "%s%s", prefix, names[i]);
        made = !path.failed;
        if (made && exists(path.data)) *found = names[i];
        xp_text_free(&path);
    }
    return made;
}

/* Templates for conversations, and pieces as slow tokenizers have them: neither is read. */
static const char *const chats[] = {"chat_template.jinja", "chat_template.json", NULL};
static const char *const slow[] = {"spm.model",       "spiece.model", "sentencepiece.bpe.model",
                                   "tokenizer.model", "vocab.json",   NULL};

/* The other files are read only where there are pieces. */
static explaint_status open_files(const char *prefix, const char *vocab, explaint_tokenizer **tokenizer,
                                  explaint_error *error) {
    xp_text path[XP_FOLDER_FILES] = {{0}};
    xp_bytes bytes[XP_FOLDER_FILES] = {{0}};
    xp_folder_files files = {.folder = prefix};
    bool there[XP_FOLDER_FILES] = {false};
    const bool made = name_files(prefix, vocab, path) && find_first(prefix, chats, &files.chat) &&
                      find_first(prefix, slow, &files.unread);
    explaint_status status = made ? EXPLAINT_OK : xp_no_memory(error, "a path");
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_FOLDER_FILES; i++)
        there[i] = vocab == NULL ? exists(path[i].data)
                                 : i == XP_VOCAB_TXT || (i != XP_TOKENIZER_JSON && exists(path[i].data));
    const bool pieces = there[XP_TOKENIZER_JSON] || there[XP_VOCAB_TXT];
    for (size_t i = 0; status == EXPLAINT_OK && pieces && i < XP_FOLDER_FILES; i++) {
        if (!there[i]) continue;
        status = xp_file_read(path[i].data, XP_LIMIT_TOKENIZER, &bytes[i], error);
        files.file[i].path = path[i].data;
        files.file[i].data = bytes[i].data;
        files.file[i].size = bytes[i].size;
    }
    if (status == EXPLAINT_OK) status = xp_folder_read(&files, tokenizer, error);
    for (size_t i = 0; i < XP_FOLDER_FILES; i++) {
        xp_bytes_free(&bytes[i]);
        xp_text_free(&path[i]);
    }
    return status;
}

static explaint_status open_json(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    xp_bytes bytes = {0};
    explaint_status status = xp_file_read(path, XP_LIMIT_TOKENIZER, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read(path, bytes.data, bytes.size, tokenizer, error);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status explaint_tokenizer_open(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    explaint_error unseen;
    const size_t length = strlen(path);
    const char *slash = strrchr(path, '/');
    xp_text prefix = {0};
    if (error == NULL) error = &unseen;
    *tokenizer = NULL;
    const bool folder = is_folder(path);
    bool is_gguf;
    explaint_status status = xp_gguf_is_file(path, &is_gguf, error);
    if (status != EXPLAINT_OK) return status;
    if (is_gguf) return xp_gguf_tokenizer_open(path, tokenizer, error);
    if (!folder && length >= 5 && strcmp(path + length - 5, ".json") == 0) return open_json(path, tokenizer, error);
    xp_text_add(&prefix, path, folder ? length : slash != NULL ? (size_t)(slash + 1 - path) : 0);
    if (folder && path[length - 1] != '/') xp_text_adds(&prefix, "/");
    status =
        prefix.failed ? xp_no_memory(error, "a path") : open_files(prefix.data, folder ? NULL : path, tokenizer, error);
    xp_text_free(&prefix);
    return status;
}
