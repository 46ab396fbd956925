/* Pre-tokenizers: a normalized text to the words that a model cuts into pieces, and each word's text as the model sees it.
 *
 * A splitter is a list of steps; each sees what the one before left of the words, every word as if it were alone. An empty word is
 * none. */
#ifndef XP_TEXT_SPLITTER_H
#define XP_TEXT_SPLITTER_H

#include "text/pattern.h"
#include "text/placed.h"

#define XP_SPLITS 32

typedef enum xp_split_kind {
    XP_SPLIT_BERT,        /* BertPreTokenizer: white space goes, punctuation is apart */
    XP_SPLIT_WORDS,       /* Whitespace: runs of \w, runs of what is neither that nor white space */
    XP_SPLIT_SPACES,      /* WhitespaceSplit: white space goes */
    XP_SPLIT_PUNCTUATION, /* by behaviour */
    XP_SPLIT_DIGITS,      /* by behaviour */
    XP_SPLIT_DELIMITER,   /* a character, which goes */
    XP_SPLIT_LENGTH,      /* FixedLength */
    XP_SPLIT_PATTERN,     /* Split: by behaviour */
    XP_SPLIT_BYTES,       /* ByteLevel */
    XP_SPLIT_METASPACE
} xp_split_kind;

/* What becomes of a match. */
typedef enum xp_behaviour {
    XP_REMOVED,
    XP_ISOLATED,
    XP_CONTIGUOUS, /* neighbours that are both matches, or both none, are one word */
    XP_MERGED_WITH_PREVIOUS,
    XP_MERGED_WITH_NEXT
} xp_behaviour;

typedef enum xp_prefix {
    XP_PREFIX_NEVER,
    XP_PREFIX_FIRST,
    XP_PREFIX_ALWAYS
} xp_prefix; /* FIRST: at the text's begin alone */

typedef struct xp_split {
    xp_split_kind kind;
    xp_behaviour behaviour;
    bool invert;         /* PATTERN: what lies between matches is the match */
    xp_pattern *pattern; /* PATTERN, BYTES (NULL: its words are not cut) */
    uint32_t point;      /* DELIMITER; METASPACE: what stands for a space */
    size_t length;       /* LENGTH: characters, 1 or more */
    xp_prefix prefix;    /* BYTES, METASPACE: a space, or what stands for it, before words without one */
    bool cuts;           /* METASPACE: before each */
} xp_split;

typedef struct xp_splitter {
    xp_split step[XP_SPLITS];
    size_t n;
} xp_splitter;

/* false: there are XP_SPLITS already. What the step holds is the splitter's from then on. */
bool xp_splitter_add(xp_splitter *splitter, xp_split step);
void xp_splitter_clear(xp_splitter *splitter);

typedef struct xp_split_span {
    size_t begin, end;
} xp_split_span;

/* The words of a text, and what the steps work on. Zeroed once, used for any number of texts. */
typedef struct xp_split_words {
    const char *text; /* that the spans are of: the given one, or a copy that steps have changed */
    const uint32_t *origin;
    xp_split_span *span;
    size_t n;
    xp_split_span *next; /* the words that a step makes */
    size_t n_next, capacity, next_capacity;
    xp_placed now, spare;
    xp_pattern_scan scan;
} xp_split_words;

/* Of text[begin, end) with its origins. Errors: as xp_pattern_next. */
explaint_status xp_splitter_run(const xp_splitter *splitter, const char *text, const uint32_t *origin, size_t begin,
                                size_t end, xp_split_words *words, explaint_error *error);
void xp_split_words_free(xp_split_words *words);

#endif
