/* Mappings from inputs to features, behind one interface.
 *
 * The input side of each fold is prepared once, and shared by every target, permutation and thread. A fit learns one target
 * from it; its levels (component counts, penalties, neighbours) are then predicted one after the other. Conditions, baselines, permutation tests and the
 * choice of a level on an inner split all go through here. A new mapping is one file that fills an xp_mapper and one line in EXPLAINT_MAPPINGS
 * (explaint/infer.h); docs/mappings.md has an example. */
#ifndef XP_PROBE_MAPPING_H
#define XP_PROBE_MAPPING_H

#include "base/strings.h"
#include "explaint/error.h"
#include "explaint/infer.h"
#include "probe/ffnn.h"
#include "probe/metrics.h"
#include "probe/plsr_nipals.h"
#include "probe/target.h"

/* What of a mapping stands side by side, or is chosen inside; ascending. None: count 0. */
typedef struct xp_levels {
    const double *value;
    size_t count;
} xp_levels;

/* Every mapping reads its own. */
typedef struct xp_mapping_settings {
    bool nipals;       /* plsr: weights as scikit-learn finds them; else exact */
    bool by_row;       /* ridge: a penalty is that much for each training row */
    size_t group_size; /* bottleneck: concepts of a cluster */
    bool dense;        /* bottleneck: how norms are clustered */
    xp_ffnn_settings ffnn;
} xp_mapping_settings;

typedef struct xp_mapper xp_mapper;

/* A mapping with its settings: what a caller asks for. */
typedef struct xp_mapping {
    const xp_mapper *mapper;
    xp_levels levels;
    bool choose; /* each fold takes one of the levels, the best on an inner split of its training concepts */
    xp_mapping_settings settings;
} xp_mapping;

/* How many levels it gives predictions of. */
static inline size_t xp_mapping_n_levels(const xp_mapping *mapping) {
    return mapping->choose || mapping->levels.count == 0 ? 1 : mapping->levels.count;
}

/* What goes in, whatever the fold. Borrows all but the cosines. */
typedef struct xp_data {
    const xp_mapping *mapping;
    size_t n, d, m;          /* concepts, width of x, features of the targets to come at most */
    const double *x;         /* n x d; NULL: nothing goes in, or the target itself */
    const xp_target *itself; /* then that target; else NULL */
    const int *label;        /* n: groups known beforehand, -1 none */
    xp_cosines cosines;      /* of every concept, if the mapper asks for them */
} xp_data;

/* All members but the cosines are set. false without memory. */
bool xp_data_open(xp_data *data);
void xp_data_close(xp_data *data);

/* The input side of one fold: read-only once it is prepared. */
typedef struct xp_input {
    const xp_data *data;
    const xp_fold *fold; /* n_train > 0, or nobody is held out: then it is empty, and nothing fits it */
    const double *x;     /* while it is prepared: n x d, what goes in */
    size_t d;
    void *own; /* the mapper's */
} xp_input;

bool xp_input_prepare(xp_input *input, const xp_data *data, const xp_fold *fold);
void xp_input_release(xp_input *input);

/* What a fit says of itself. */
typedef struct xp_note {
    uint32_t used;          /* components found, neighbours copied, epochs of ffnn */
    xp_nipals_count nipals; /* plsr */
} xp_note;

/* One target to learn. Borrowed until the last prediction. */
typedef struct xp_job {
    const xp_target *target;
    const xp_columns *columns; /* the target's on the fold */
    xp_levels levels;          /* all or some of the mapping's */
    bool rough;                /* a mean over many fits: 1e-6 is near enough */
    uint64_t seed;             /* a mapping that draws does it from these two */
    uint32_t stream;
    double *losses; /* ffnn: where to leave the losses, all epochs' of training and then of development; or NULL */
    explaint_error *error; /* a fit that fails for a reason of its own writes one sentence here */
} xp_job;

/* A fit of one thread: its scratch, and what it found. */
typedef struct xp_work {
    const xp_mapper *mapper;
    void *own;
    const xp_input *input;
    xp_job job;
} xp_work;

/* For fits of this input, which is not empty. */
bool xp_work_open(xp_work *work, const xp_input *input);
void xp_work_close(xp_work *work);

/* false: no memory, or what job->error says. */
bool xp_mapping_fit(xp_work *work, const xp_input *input, const xp_job *job, xp_note *note);
/* After the last fit: gives back what only fits need, the input too (NULL: others fit it) where predictions do not read it. */
void xp_mapping_settle(xp_work *work, xp_input *own);
/* Predicts level 0, 1, ... in this order. block (m x n_test: a feature's test rows lie together) holds what the level before left there. false: it is the
 * same as for that level. */
bool xp_mapping_predict(xp_work *work, size_t level, double *block);

/* Which option gives the levels that stand side by side or are chosen from. */
typedef enum xp_levels_from {
    XP_LEVELS_NONE,
    XP_LEVELS_COMPONENTS,
    XP_LEVELS_ALPHA,
    XP_LEVELS_K,
    XP_LEVELS_GRAPH_K
} xp_levels_from;

/* A mapping inside. Hooks may be NULL where there is nothing to do; own memory comes zeroed, of the size asked for, and is freed after the hook. */
struct xp_mapper {
    const char *name;  /* as --mapping takes it */
    const char *words; /* as texts call it */
    const char *level; /* what rows call its levels; NULL: they do not tell them */
    const char *fixed; /* JSON: what else decides a result and is no option; NULL: nothing */
    xp_levels_from levels_from;
    const char *level_setting; /* under which settings list the one level; NULL: they do not, or under `level` */
    bool copies;               /* it copies the norms of neighbours: these are no baseline of it */
    bool slow;                 /* fits that decide nothing would take longer than all the rest */
    bool by_cosine;            /* reads the data's cosines */
    bool
        takes_itself; /* predicts a target from itself without x; others get it as a dense x, missing cells filled with the training mean */
    bool reads_input; /* its predictions read the input; else only its fits do */
    size_t input_size, work_size;
    bool (*prepare)(xp_input *input);
    void (*release)(xp_input *input);
    bool (*open)(xp_work *work, const xp_input *input);
    void (*settle)(xp_work *work);
    void (*close)(xp_work *work);
    bool (*fit)(xp_work *work, xp_note *note);
    bool (*predict)(xp_work *work, size_t level, double *block);
    /* ---- what a plan asks of it; NULL: what is common to the others ---- */
    size_t (*n_epochs)(const xp_mapping_settings *settings); /* a loss each is kept, of every fold */
    /* Of one fit over all folds, n concepts, d inputs, m features: floating-point operations at a third of the rate of a matrix product; doubles of one fit
     * beside what all have. */
    double (*fit_work)(const xp_mapping_settings *settings, double n, double d, double m, double n_folds);
    double (*fit_memory)(const xp_mapping_settings *settings, double n, double d, double m);
    /* Its settings that decide a result, as JSON, in the order of documents; their part of a signature, from ':' on. false: no memory. */
    bool (*list)(const xp_mapping_settings *settings, xp_strings *keys, xp_strings *values);
    void (*sign)(const xp_mapping_settings *settings, char *text, size_t size);
};

/* Those of --mapping, and those that only stand beside them. */
#define XP_DECLARE(IDENTIFIER, ...) extern const xp_mapper xp_##IDENTIFIER##_mapper;
EXPLAINT_MAPPINGS(XP_DECLARE)
XP_DECLARE(mean, )       /* training means; no input */
XP_DECLARE(label_mean, ) /* training mean of a known group; no vectors */
XP_DECLARE(bottleneck, ) /* discriminant analysis, then the mean of the norm cluster */
#undef XP_DECLARE

/* What is tried where nothing is given: numbers of neighbours, penalties. */
extern const xp_levels xp_k_choices, xp_penalties;

/* NULL: no mapping of --mapping has this name. */
const xp_mapper *xp_mapper_find(const char *name);

#endif
