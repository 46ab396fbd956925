/* The inside of a tokenizer, and how it comes about: a draft is filled by the reader of one kind of file, then finished. */
#ifndef XP_TEXT_TOKENIZER_H
#define XP_TEXT_TOKENIZER_H

#include "base/json_read.h"
#include "base/strings.h"
#include "base/view.h"
#include "explaint/tokenizer.h"
#include "text/decoder.h"
#include "text/normalizer.h"
#include "text/splitter.h"
#include "text/word_model.h"

/* 128 MiB of tokenizer.json or vocab.txt; the largest of today (262,144 pieces, 514,906 merges) has 33. */
#define XP_LIMIT_TOKENIZER ((size_t)128 << 20)
#define XP_LIMIT_TEXT ((size_t)INT32_MAX)

/* A token that is found in the text before anything is split. */
typedef struct xp_added {
    int32_t id;
    bool special, normalized, single_word, lstrip, rstrip;
    bool passed_over; /* found, and left to the model: the folder asks for that */
    char *spelled;    /* its content once it is normalized, where that is another; owned; NULL: it is not */
} xp_added;

/* A post-processor that takes the white space of pieces out of their places. */
typedef struct xp_trim {
    bool prefix_space; /* one blank at the begin of a text was put there, and has no place to take */
    bool behind;       /* the template's pieces are there already: the text's first is not the first */
} xp_trim;
#define XP_TRIMS 4

struct explaint_tokenizer {
    char *pool; /* all pieces, each terminated */
    char **piece;
    size_t n_pieces, n_vocabulary; /* the model's own pieces have the first ids */
    xp_trie vocabulary;
    xp_normalizer normalizer;
    xp_splitter splitter;
    xp_word_model model;
    int32_t unknown; /* the piece for what has none; -1: there is no such piece */
    xp_decoder decoder;

    xp_added *added;
    size_t n_added;
    xp_trie raw, normalized; /* their contents, with places in `added`; n_nodes 0: none */
    size_t *raw_place, *normalized_place;

    int32_t *before, *after; /* what the template adds */
    size_t n_before, n_after;
    xp_trim trim[XP_TRIMS];
    size_t n_trims;
    uint8_t *blank; /* of each piece: it begins or ends with white space; NULL: none does */
    xp_strings notes;
};

/* When a token is added: tokens without an id of their own get the next ones in this order. */
typedef enum xp_batch {
    XP_FROM_FILE, /* added_tokens of a tokenizer.json that is read whole */
    XP_LISTED,    /* by id */
    XP_ROLE       /* cls_token and the like: only where nothing else adds the same content */
} xp_batch;

/* What a file says of an added token. */
typedef struct xp_candidate {
    xp_view content;
    size_t id;        /* that it expects, XP_ANY_ID: any */
    const char *path; /* of the file, for messages */
    xp_batch batch;
    xp_added token; /* but for its id */
    bool open;      /* normalized is not said: the opposite of special */
    bool role;      /* whatever has this content is special */
    bool declared;  /* special where added_tokens.json adds this content */
    bool unsaid;    /* from added_tokens.json, which says of no token whether it is special */
    size_t place;   /* among the candidates; filled by xp_draft_add */
} xp_candidate;
#define XP_ANY_ID SIZE_MAX

typedef struct xp_draft {
    explaint_tokenizer *t;
    const char *path;
    explaint_error *error;
    xp_view *piece; /* of each id, borrowed from what is read */
    size_t piece_capacity;
    size_t n_distinct; /* pieces of the vocabulary, where equal lines are one */
    xp_candidate *candidate;
    size_t n_candidates, candidate_capacity;
    xp_view *content; /* of each added token */
    bool splits_special;
    bool templated, merged; /* a post-processor has added pieces; to the text's own list of pieces */
} xp_draft;

/* `t` is made anew; xp_draft_end frees what is the draft's own, and the tokenizer where status is no success. */
explaint_status xp_draft_begin(xp_draft *draft, const char *path, explaint_error *error);
explaint_status xp_draft_end(xp_draft *draft, explaint_status status, explaint_tokenizer **tokenizer);

/* A tokenizer from its parts, in this order: room for n pieces, which the caller fills (draft->piece; what they point to lives until the
 * draft ends); the vocabulary; the model (word_model.h) into draft->t->model; the added tokens, which get their ids together; the steps of
 * draft->t->normalizer, splitter and decoder; the template. */
explaint_status xp_draft_pieces(xp_draft *draft, size_t n);
explaint_status xp_draft_vocabulary(xp_draft *draft);
explaint_status xp_draft_wordpiece(xp_draft *draft, xp_view prefix, size_t max_characters, xp_view unknown);
explaint_status xp_draft_add(xp_draft *draft, xp_candidate candidate);
explaint_status xp_draft_number(xp_draft *draft);
explaint_status xp_draft_finish(xp_draft *draft);

/* Of a piece or an added token; -1: there is none. Once the added tokens have their ids. */
int32_t xp_draft_id(const xp_draft *draft, xp_view content);
bool xp_draft_adds(const xp_draft *draft, xp_view content); /* that any file asked for it as an added token */
/* A piece of the template, before the text or after it. */
explaint_status xp_draft_special(xp_draft *draft, int32_t id, bool after);
explaint_status xp_draft_trim(xp_draft *draft, xp_trim trim);

/* A tokenizer.json alone, as Hugging Face's tokenizers read it. `bytes` are those of the file; path is for messages. */
explaint_status xp_tokenizer_read(const char *path, const char *bytes, size_t size, explaint_tokenizer **tokenizer,
                                  explaint_error *error);

/* vocab.txt: the pieces of the draft. */
explaint_status xp_vocab_read(xp_draft *draft, const char *bytes, size_t size);

/* "PATH: expected EXPECTED for "KEY" of PART, found ..."; part may be NULL. */
explaint_status xp_tokenizer_unexpected(const char *path, const char *part, const char *key, const char *expected,
                                        const xp_value *found, explaint_error *error);

/* Adds the pieces that the template puts before each text, with blanks between. */
void xp_tokenizer_begin(const explaint_tokenizer *tokenizer, xp_text *names);
/* That the model has a template for conversations; where: "tokenizer_config.json". false: no memory. */
bool xp_draft_note_chat(xp_draft *draft, const char *where);

/* White space at both ends of a piece, in characters; as RobertaProcessing counts it (U+0120 is one, too). */
typedef struct xp_blanks {
    size_t leading, trailing;
} xp_blanks;
xp_blanks xp_tokenizer_blanks(const char *text, size_t length);

#endif
