/* What attention says of pairs: for each head, how much the left word looks at the right one and the right at the left. */
#ifndef XP_RELATE_BETWEEN_H
#define XP_RELATE_BETWEEN_H

#include "explaint/infer.h"
#include "relate/sentences.h"

enum { XP_LEFT_TO_RIGHT, XP_RIGHT_TO_LEFT, XP_DIRECTIONS };
enum { XP_DISORDERS = 5 }; /* of each text: what one of them says is mostly chance */
extern const char *const xp_between_directions[XP_DIRECTIONS]; /* "left-to-right", "right-to-left" */

typedef struct xp_between {
    size_t n_rows, n_layers, n_heads;
    size_t n;                    /* XP_DIRECTIONS x layers x heads */
    size_t draws;                /* 1; of damaged rows XP_DISORDERS */
    double *value;               /* draws x n_rows x n; a direction that no template carries is 0 */
    bool carried[XP_DIRECTIONS]; /* by at least one template: of a decoder the word behind looks at the one before */
} xp_between;

static inline size_t xp_between_place(const xp_between *f, size_t direction, size_t layer, size_t head) { /* from 0 */
    return (direction * f->n_layers + layer) * f->n_heads + head;
}

enum { XP_BETWEEN_BATCH = 64 }; /* texts of a unit, whose states are kept at a time */
static inline size_t xp_between_n_units(const xp_sentences *s) {
    return (s->n_texts + XP_BETWEEN_BATCH - 1) / XP_BETWEEN_BATCH;
}

/* For progress: part of all texts that are done; false: to be stopped. And where batches of texts are kept, as stem/0, stem/1, ... */
typedef struct xp_between_watch {
    bool (*report)(void *self, double done);
    void *self;
    const explaint_units *units; /* NULL: nowhere */
    const char *stem;
} xp_between_watch;

/* Of a word of several pieces the mean over those that look and the sum over those that are looked at; then the mean over the templates that carry
 * the direction. damaged (may be NULL): the same where, before each layer, the content rows of the text were permuted (attention/damage.h), and the
 * layer's attention was made of them; XP_DISORDERS times, each text in orders of its own. */
explaint_status xp_between_create(const explaint_model *model, const xp_sentences *sentences, uint64_t seed,
                                  unsigned threads, const xp_between_watch *watch, xp_between *features,
                                  xp_between *damaged, explaint_error *error);
void xp_between_free(xp_between *features);

#endif
