/* A stand-in for the library: every public function that the program uses, with numbers like those measured on McRae
 * norms with 100-dimensional GloVe vectors. The program's own behaviour (options, view, exit codes, signals) is tested
 * on it in milliseconds (of models: fake_model.c). Variables of the environment choose what happens:
 *   FAKE_SLOW=1        five seconds of work, a unit every 50 ms
 *   FAKE_DENSE=1       Spearman, as for dense norms
 *   FAKE_VERDICT=...   what both verdicts say
 *   FAKE_FAIL=norms|vectors|plan|run    fails there
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explaint/explaint.h"
#include "result/answer.h"

struct explaint_norms {
    char *path;
};
struct explaint_vectors {
    char *path;
};
struct explaint_plan {
    explaint_infer_options options;
    size_t *counts, n_counts, n_layers;
    char *identity;
};
struct explaint_ledger {
    size_t stored;
    FILE *file;
    char *path;
};

static explaint_status fails(const char *where, explaint_status code, explaint_error *error) {
    const char *asked = getenv("FAKE_FAIL");
    if (asked == NULL || strcmp(asked, where) != 0) return EXPLAINT_OK;
    error->code = code;
    snprintf(error->message, sizeof error->message, "norms.csv:7: expected 3 columns, found 2: add the value");
    return code;
}

/* ---- version, norms, vectors ---- */

const char *explaint_version(void) { return EXPLAINT_VERSION; }
const char *explaint_build(void) { return "stand-in"; }
const char *explaint_blas(void) { return "none"; }
const char *explaint_cpu(void) { return "none"; }

explaint_norms_options explaint_norms_defaults(void) { return (explaint_norms_options){0}; }

explaint_status explaint_norms_open(const char *path, const explaint_norms_options *options, explaint_norms **norms,
                                    explaint_error *error) {
    (void)options;
    *norms = NULL;
    if (fails("norms", EXPLAINT_INVALID, error) != 0) return EXPLAINT_INVALID;
    *norms = malloc(sizeof **norms);
    (*norms)->path = strdup(path);
    return EXPLAINT_OK;
}
void explaint_norms_close(explaint_norms *norms) {
    if (norms != NULL) free(norms->path);
    free(norms);
}
const char *explaint_norms_name(const explaint_norms *n) { return n->path; }
const char *explaint_norms_path(const explaint_norms *n) { return n->path; }
const char *explaint_norms_kind(const explaint_norms *n) {
    (void)n;
    return "mcrae";
}
const char *explaint_norms_sha256(const explaint_norms *n) {
    (void)n;
    return "0000000000000000000000000000000000000000000000000000000000000000";
}
const char *explaint_norms_citation(const explaint_norms *n) {
    (void)n;
    return "McRae, K., Cree, G. S., Seidenberg, M. S., & McNorgan, C. (2005). Semantic feature production norms for a "
           "large set of living and nonliving things. Behavior Research Methods, 37(4), 547–559.";
}
size_t explaint_norms_n_concepts(const explaint_norms *n) {
    (void)n;
    return 541;
}
size_t explaint_norms_n_features(const explaint_norms *n) {
    (void)n;
    return 2526;
}
size_t explaint_norms_n_pairs(const explaint_norms *n) {
    (void)n;
    return 7257;
}
size_t explaint_norms_n_warnings(const explaint_norms *n) {
    (void)n;
    return 0;
}
const char *explaint_norms_warning(const explaint_norms *n, size_t i) {
    (void)n, (void)i;
    return "";
}
size_t explaint_norms_n_notes(const explaint_norms *n) {
    (void)n;
    return 1;
}
size_t explaint_norms_components(const explaint_norms *norms) {
    (void)norms;
    return 25;
}
size_t explaint_norms_n_labels(const explaint_norms *norms) {
    (void)norms;
    return 1;
}
const char *explaint_norms_label_name(const explaint_norms *norms, size_t k) {
    (void)norms, (void)k;
    return "pos_cue";
}
const char *explaint_norms_label(const explaint_norms *norms, size_t k, size_t i) {
    (void)norms, (void)k;
    return i % 3 == 0 ? "verb" : "noun";
}
const char *explaint_norms_note(const explaint_norms *n, size_t i) {
    (void)n, (void)i;
    return "line 3342: harpoon/used_for_killing occurs twice (8, 6): the larger is kept";
}
void explaint_norms_summarise(const explaint_norms *n, explaint_norms_summary *s) {
    (void)n;
    *s = (explaint_norms_summary){.n_concepts = 541,
                                  .n_features = 2526,
                                  .n_pairs = 7257,
                                  .singletons = 1702,
                                  .sense_tags = 25,
                                  .distinct_forms = 532,
                                  .several_words = 3,
                                  .taxonomic_features = 207,
                                  .n_categories = 19,
                                  .in_category = 340,
                                  .zero_share = .9947,
                                  .features_per_concept = 13.41,
                                  .ceiling = .85,
                                  .chance = .0046,
                                  .value_min = 5,
                                  .value_max = 30};
}
explaint_status explaint_norms_write_csv(const explaint_norms *n, const char *path, explaint_error *error) {
    (void)n, (void)error;
    if (strcmp(path, "-") == 0) puts("concept,feature,value");
    return EXPLAINT_OK;
}
explaint_status explaint_norms_from_wordnet(const char *folder, const char *vocabulary, const char *output,
                                            explaint_error *error) {
    (void)folder, (void)vocabulary, (void)output, (void)error;
    return EXPLAINT_OK;
}
explaint_vectors_options explaint_vectors_defaults(void) { return (explaint_vectors_options){0}; }

explaint_status explaint_vectors_open(const char *path, const explaint_norms *norms,
                                      const explaint_vectors_options *options, explaint_vectors **vectors,
                                      explaint_error *error) {
    (void)norms, (void)options;
    *vectors = NULL;
    if (fails("vectors", EXPLAINT_INVALID, error) != 0) return EXPLAINT_INVALID;
    *vectors = malloc(sizeof **vectors);
    (*vectors)->path = strdup(path);
    return EXPLAINT_OK;
}
void explaint_vectors_close(explaint_vectors *vectors) {
    if (vectors != NULL) free(vectors->path);
    free(vectors);
}

explaint_status explaint_layers_open(const char *path, const explaint_norms *norms,
                                     const explaint_vectors_options *options, explaint_layers *layers,
                                     explaint_error *error) {
    explaint_vectors *vectors = NULL;
    const explaint_status status = explaint_vectors_open(path, norms, options, &vectors, error);
    *layers = (explaint_layers){0};
    if (status != EXPLAINT_OK) return status;
    *layers = (explaint_layers){calloc(1, sizeof *layers->layer), 1};
    layers->layer[0] = (explaint_layer){0, vectors};
    return EXPLAINT_OK;
}
void explaint_layers_close(explaint_layers *layers) {
    for (size_t i = 0; i < layers->n; i++) explaint_vectors_close((explaint_vectors *)layers->layer[i].vectors);
    free(layers->layer);
}

/* ---- plan ---- */

explaint_infer_options explaint_infer_defaults(void) {
    return (explaint_infer_options){.mapping = "plsr",
                                    .conditions = "all",
                                    .metrics = "all",
                                    .folds = 10,
                                    .seed = 1,
                                    .permutations = 999,
                                    .within = "default",
                                    .bootstrap = 2000,
                                    .margin = .01,
                                    .claim = "all"};
}

explaint_status explaint_infer_plan(const explaint_norms *norms, const explaint_vectors *vectors,
                                    const explaint_infer_options *options, explaint_plan **plan,
                                    explaint_error *error) {
    (void)norms, (void)vectors;
    *plan = NULL;
    if (fails("plan", EXPLAINT_USAGE, error) != 0) return EXPLAINT_USAGE;
    explaint_plan *p = calloc(1, sizeof *p);
    p->options = *options;
    const bool listed_counts = options->n_components > 0 && !options->choose_components;
    p->n_counts = listed_counts ? options->n_components : 1;
    p->counts = malloc(p->n_counts * sizeof *p->counts);
    p->counts[0] = 25;
    if (listed_counts) memcpy(p->counts, options->components, p->n_counts * sizeof *p->counts);
    size_t size = 64;
    for (size_t i = 0; options->command != NULL && options->command[i] != NULL; i++)
        size += strlen(options->command[i]) + 1;
    p->identity = calloc(1, size);
    for (size_t i = 0; options->command != NULL && options->command[i] != NULL; i++) {
        if (i > 0) strcat(p->identity, " ");
        strcat(p->identity, options->command[i]);
    }
    *plan = p;
    return EXPLAINT_OK;
}
explaint_status explaint_infer_plan_layers(const explaint_norms *norms, const explaint_layer *layers, size_t n_layers,
                                           const explaint_infer_options *options, explaint_plan **plan,
                                           explaint_error *error) {
    explaint_status status = explaint_infer_plan(norms, layers[0].vectors, options, plan, error);
    if (status == EXPLAINT_OK) (*plan)->n_layers = n_layers;
    return status;
}
void explaint_plan_close(explaint_plan *p) {
    if (p == NULL) return;
    free(p->counts);
    free(p->identity);
    free(p);
}
const char *explaint_plan_identity(const explaint_plan *p) { return p->identity; }
size_t explaint_plan_n_units(const explaint_plan *p) {
    (void)p;
    return 100;
}
const char *explaint_plan_unit(const explaint_plan *p, size_t i) {
    static char key[100][32];
    (void)p;
    snprintf(key[i], sizeof key[i], i < 3 ? "condition/%zu/norms" : "test/E2/%zu", i);
    return key[i];
}
const char *explaint_plan_covariate(const explaint_plan *p, size_t i) {
    return p->options.covariates_file != NULL && i < 2 ? (const char *[]){"frequency", "le\x07ngth"}[i] : NULL;
}

double explaint_plan_memory(const explaint_plan *p) {
    (void)p;
    return getenv("FAKE_MEMORY") != NULL ? atof(getenv("FAKE_MEMORY")) : 88e6;
}
double explaint_plan_seconds(const explaint_plan *p) {
    (void)p;
    return 192;
}

/* ---- result ---- */

typedef struct made { /* everything that a result points to */
    explaint_row *rows;
    size_t n_rows, capacity;
    explaint_verdict verdicts[1 + 2 * 64];
    xp_strings texts; /* answers */
} made;

static const struct {
    const char *condition, *target;
    double f1, rho, plateau;
    size_t n;
    bool fitted;
} shapes[] = {
    {"system", "norms", .2671, .716, 18, 540, true},
    {"mean", "norms", .1381, .402, 0, 540, false},
    {"upper", "norms", .2721, .901, 30, 540, true},
    {"shuffle", "shuffle", .1042, .303, 4, 540, true},
    {"mean", "shuffle", .1332, .375, 0, 540, false},
    {"shuffle-rows", "shuffle-rows", .1012, .310, 4, 540, true},
    {"mean", "shuffle-rows", .1379, .402, 0, 540, false},
    {"shuffle-upper", "shuffle", .1361, .593, 40, 540, true},
    {"random", "random", .0042, -.003, 4, 540, true},
    {"mean", "random", .0051, .002, 0, 540, false},
    {"word-form", "word-form", .6113, .64, 10, 540, true},
    {"mean", "word-form", .5801, .6, 0, 540, false},
    {"taxonomic-shuffle", "taxonomic-shuffle", .2312, .68, 18, 540, true},
    {"mean", "taxonomic-shuffle", .1300, .4, 0, 540, false},
    {"taxonomic-drop", "taxonomic-drop", .2298, .69, 18, 540, true},
    {"mean", "taxonomic-drop", .1210, .4, 0, 540, false},
    {"taxonomic-swap", "taxonomic-swap", .2301, .6, 18, 337, true},
    {"mean", "taxonomic-swap", .1402, .4, 0, 337, false},
    {"category-mean", "norms", .3980, .75, 0, 337, false},
    {"category-mean", "taxonomic-drop", .3490, .74, 0, 337, false},
    {"category-folds", "norms", .1921, .62, 18, 540, true},
    {"random-embedding", "norms", .1108, .31, 4, 540, true},
};

static void add(made *m, const char *condition, const char *target, const char *metric, size_t count, double value,
                size_t n) {
    if (m->n_rows == m->capacity) {
        m->capacity = 2 * m->capacity + 64;
        m->rows = realloc(m->rows, m->capacity * sizeof *m->rows);
    }
    double half = .02 * fabs(value) + .003;
    m->rows[m->n_rows++] = (explaint_row){.norms = "mcrae",
                                          .source = "glove.6B.100d",
                                          .mapping = "plsr",
                                          .condition = condition,
                                          .target = target,
                                          .metric = metric,
                                          .layer = -1,
                                          .n_components = count,
                                          .fold = -1,
                                          .value = value,
                                          .n = n,
                                          .ci = {value - half, value + half}};
}

static bool listed(const char *list, const char *name) {
    if (list == NULL || strcmp(list, "all") == 0) return true;
    size_t length = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ','), at += at != NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) return true;
    return false;
}

static void make_rows(made *m, const explaint_plan *plan) {
    static const struct {
        const char *name;
        double factor;
    } metrics[] = {{"f1_at_10", 1},
                   {"spearman", 1},
                   {"na_at_10_retrieval", .93},
                   {"na_at_10_gold", .8},
                   {"na_at_10_input", 1.8},
                   {"precision_at_r", .9},
                   {"map", .76},
                   {"r2", .2},
                   {"mse", .7},
                   {"cosine", 1.4}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        if (!listed(plan->options.conditions, shapes[s].condition) && strcmp(shapes[s].condition, "mean") != 0)
            continue;
        for (size_t j = 0; j < sizeof metrics / sizeof *metrics; j++) {
            if (!listed(plan->options.metrics, metrics[j].name)) continue;
            double value = (j == 1 ? shapes[s].rho : shapes[s].f1) * metrics[j].factor;
            if (!shapes[s].fitted) {
                add(m, shapes[s].condition, shapes[s].target, metrics[j].name, 0, value, shapes[s].n);
                continue;
            }
            for (size_t c = 0; c < plan->n_counts; c++) {
                double x = (double)plan->counts[c], p = shapes[s].plateau;
                double grown = value * (1 - .6 * exp(-x / p * 1.6)) / (1 - .6 * exp(-25 / p * 1.6));
                if (strcmp(shapes[s].condition, "upper") == 0) grown += .0012 * (x - 25);
                if (strcmp(shapes[s].condition, "system") == 0 && x > 30) grown -= .0008 * (x - 30);
                add(m, shapes[s].condition, shapes[s].target, metrics[j].name,
                    plan->options.choose_components ? 0 : plan->counts[c], grown, shapes[s].n);
            }
        }
    }
}

static const explaint_assumption information[] = {
    {.id = "E1",
     .text = "there is anything at all",
     .outcome = "holds",
     .why = "",
     .statistic = "agreement",
     .observed = .274,
     .gain = .169,
     .ci = {.165, .173},
     .p = .001,
     .p_error = .001,
     .z = 9,
     .mde = .0062,
     .null_mean = .105,
     .null_sd = .0023,
     .level = .05,
     .upper = .169,
     .margin = .02,
     .peer_gain = .190,
     .peer_p = .001,
     .effect = .164,
     .effect_metric = "f1_at_10",
     .effect_refits = 19,
     .n = 531,
     .permutations = 999,
     .p_adjusted = NAN},
    {.id = "E2",
     .text = "beyond the given categories",
     .outcome = "holds",
     .why = "",
     .statistic = "agreement",
     .observed = .328,
     .gain = .039,
     .ci = {.036, .042},
     .p = .001,
     .p_error = .001,
     .z = 9,
     .mde = .0049,
     .null_mean = .289,
     .null_sd = .0018,
     .level = .02,
     .upper = .039,
     .margin = .02,
     .peer_gain = .051,
     .peer_p = .001,
     .effect = .033,
     .effect_metric = "f1_at_10",
     .effect_refits = 19,
     .n = 337,
     .permutations = 999,
     .p_adjusted = NAN},
    {.id = "E3",
     .text = "beyond groups that nobody labelled",
     .outcome = "holds",
     .why = "",
     .statistic = "agreement",
     .observed = .275,
     .gain = .015,
     .ci = {.012, .018},
     .p = .001,
     .p_error = .001,
     .z = 9,
     .mde = .0052,
     .null_mean = .260,
     .null_sd = .0019,
     .level = .005,
     .upper = .015,
     .margin = .02,
     .peer_gain = .028,
     .peer_p = .001,
     .effect = .012,
     .effect_metric = "f1_at_10",
     .effect_refits = 19,
     .n = 489,
     .permutations = 999,
     .p_adjusted = NAN},
    {.id = "E4",
     .text = "for categories that were not seen",
     .outcome = "holds",
     .why = "",
     .statistic = "agreement",
     .observed = .189,
     .gain = .029,
     .ci = {.025, .033},
     .p = .001,
     .p_error = .001,
     .z = 9,
     .mde = .0058,
     .null_mean = .160,
     .null_sd = .0021,
     .level = .012,
     .upper = .029,
     .margin = .02,
     .peer_gain = .017,
     .peer_p = .004,
     .effect = .029,
     .effect_metric = "f1_at_10",
     .effect_refits = 19,
     .n = 337,
     .permutations = 999,
     .p_adjusted = NAN},
    {.id = "W",
     .text = "not the spelling alone",
     .outcome = "not testable",
     .why = "the spelling does not predict the norms (p = .22)",
     .observed = NAN,
     .gain = NAN,
     .ci = {NAN, NAN},
     .p = NAN,
     .p_error = NAN,
     .z = NAN,
     .mde = NAN,
     .null_mean = NAN,
     .null_sd = NAN,
     .level = NAN,
     .upper = NAN,
     .margin = NAN,
     .peer_gain = NAN,
     .peer_p = NAN,
     .effect = NAN,
     .p_adjusted = NAN},
};
static const explaint_assumption mapping[] = {
    {.id = "mean",
     .text = "better than the mean predictor",
     .outcome = "holds",
     .why = "",
     .gain = .136,
     .ci = {.124, .148},
     .n = 531,
     .observed = NAN,
     .p = NAN,
     .p_error = NAN,
     .z = NAN,
     .mde = NAN,
     .null_mean = NAN,
     .null_sd = NAN,
     .level = NAN,
     .upper = NAN,
     .margin = NAN,
     .peer_gain = NAN,
     .peer_p = NAN,
     .effect = NAN,
     .p_adjusted = NAN},
    {.id = "knn",
     .text = "better than copying neighbours, k chosen on an inner split",
     .outcome = "fails",
     .why = "",
     .gain = -.023,
     .ci = {-.034, -.012},
     .n = 531,
     .observed = NAN,
     .p = NAN,
     .p_error = NAN,
     .z = NAN,
     .mde = NAN,
     .null_mean = NAN,
     .null_sd = NAN,
     .level = NAN,
     .upper = NAN,
     .margin = NAN,
     .peer_gain = NAN,
     .peer_p = NAN,
     .effect = NAN,
     .p_adjusted = NAN},
    {.id = "bottleneck",
     .text = "better than through a group's mean",
     .outcome = "undecided",
     .why = "",
     .gain = .004,
     .ci = {-.007, .015},
     .n = 531,
     .observed = NAN,
     .p = NAN,
     .p_error = NAN,
     .z = NAN,
     .mde = NAN,
     .null_mean = NAN,
     .null_sd = NAN,
     .level = NAN,
     .upper = NAN,
     .margin = NAN,
     .peer_gain = NAN,
     .peer_p = NAN,
     .effect = NAN,
     .p_adjusted = NAN},
};
static const explaint_lint lint_list[] = {
    {"ceiling", "note", "at 25 components the best possible F1@10 of these norms is .850: 1 is not reachable"},
    {"shuffle-below-mean", "note",
     "shuffle (.104) is below the mean predictor on the same shuffled target (.133): the mapping fits noise"},
    {"duplicate-inputs", "warning",
     "9 pairs of concepts have equal vectors and lie in different folds (bat_(animal), bat_(baseball), ...): "
     "--group-identical puts them in one fold; the tests keep one of each"},
    {"shuffle-above-mean", "note", "layer 1000: of a layer that no view shows"}, /* of a run of layers */
};
static const explaint_input inputs[] = {
    {"norms", "mcrae", "mcrae/CONCS_FEATS_concstats_brm.txt", "00", {541, 2526}, 7257},
    {"embeddings", "glove.6B.100d", "glove.6B.100d.txt.gz", "11", {400000, 100}, 0},
};
static const explaint_setting setting_list[] = {
    {"mapping", "\"plsr\""}, {"pls", "\"exact\""}, {"folds", "10"}, {"seed", "1"}};
static const explaint_setting sklearn_settings[] = {
    {"mapping", "\"plsr\""}, {"pls", "\"sklearn\""}, {"folds", "10"}, {"seed", "1"}};
static const explaint_fold_components chosen[] = {
    {"system", "norms", 0, 31, 31, -1}, {"system", "norms", 1, 12, 12, -1}, {"upper", "norms", 0, 40, 40, -1}};
static const explaint_dropped dropped_list[] = {{"dunebuggy", "no vector"}};

/* Every row that vectors enter once for each layer, a little better from layer to layer; the verdicts likewise. */
static void make_layers(made *m, size_t n_layers) {
    const size_t n = m->n_rows;
    const int step = getenv("FAKE_GAPS") != NULL ? 3 : 1; /* from layer to layer */
    for (size_t i = 0; i < n; i++) {
        const char *c = m->rows[i].condition;
        if (strcmp(c, "mean") == 0 || strcmp(c, "upper") == 0 || strcmp(c, "shuffle-upper") == 0 ||
            strcmp(c, "category-mean") == 0)
            continue;
        for (size_t l = 1; l < n_layers; l++) {
            add(m, c, m->rows[i].target, m->rows[i].metric, m->rows[i].n_components,
                m->rows[i].value * (1 + .01 * (double)l), m->rows[i].n);
            m->rows[m->n_rows - 1].layer = step * (int)l;
        }
        m->rows[i].layer = 0;
    }
    const explaint_verdict both[2] = {m->verdicts[0], m->verdicts[1]};
    m->verdicts[0].n_layers = n_layers; /* the verdict on all */
    m->verdicts[0].best_layer = 1;
    for (size_t l = 0; l < n_layers && l < 63; l++)
        for (size_t v = 0; v < 2; v++) {
            explaint_verdict *verdict = &m->verdicts[1 + 2 * l + v];
            *verdict = both[v];
            verdict->layer = step * (int)l;
            if (v == 0 && l % 5 == 2) verdict->verdict = "undecided";
        }
}

static explaint_result *make(const explaint_plan *plan) {
    bool dense = getenv("FAKE_DENSE") != NULL;
    const char *forced = getenv("FAKE_VERDICT");
    made *m = calloc(1, sizeof *m);
    explaint_result *r = calloc(1, sizeof *r);
    make_rows(m, plan);
    m->verdicts[0] = (explaint_verdict){
        "information",
        "supported",
        "E3",
        "The vectors carry property information beyond groups of about 12 concepts (E1 to E4 hold). About a quarter of "
        "the gain is beyond the category, a tenth beyond groups that nobody labelled; and a category's name alone "
        "(.398) beats the embedding (.328 on the same concepts).",
        "f1_at_10",
        25,
        NULL,
        information,
        5,
        -1,
        0,
        -1,
        NULL};
    m->verdicts[1] = (explaint_verdict){
        "mapping",
        "not supported",
        "knn",
        "This mapping (plsr, 25 components) does not recover the properties better than copying neighbours: system "
        ".274, kNN .297, mean predictor .138. Conditional on the fitted folds.",
        "f1_at_10",
        25,
        NULL,
        mapping,
        3,
        -1,
        0,
        -1,
        NULL};
    if (forced != NULL) m->verdicts[0].verdict = m->verdicts[1].verdict = forced;
    if (plan->n_layers > 0) make_layers(m, plan->n_layers);
    size_t verdict_components = plan->counts[plan->n_counts - 1];
    for (size_t i = 0; i < plan->n_counts; i++)
        if (plan->counts[i] == 25) verdict_components = 25;
    *r = (explaint_result){.record = {&explaint_infer_kind},
                           .version = EXPLAINT_VERSION,
                           .command = plan->options.command,
                           .inputs = inputs,
                           .n_inputs = 2,
                           .settings = strcmp(plan->options.pls, "sklearn") == 0 ? sklearn_settings : setting_list,
                           .n_settings = 4,
                           .dropped = dropped_list,
                           .n_dropped = 1,
                           .rows = m->rows,
                           .n_rows = m->n_rows,
                           .lints = lint_list,
                           .n_lints = plan->n_layers > 0 ? 4 : 3,
                           .verdicts = m->verdicts,
                           .n_verdicts = plan->options.permutations == 0 ? 0
                                         : plan->n_layers > 0            ? 1 + 2 * plan->n_layers
                                                                         : 2,
                           .signature = "explaint|0.1.0|mcrae:541x2526",
                           .verdict_metric = dense ? "spearman" : "f1_at_10",
                           .verdict_components = plan->options.choose_components ? 0 : verdict_components,
                           .components_chosen = plan->options.choose_components,
                           .components = chosen,
                           .n_component_notes = plan->options.choose_components ? 3 : 0,
                           .n_concepts = 540,
                           .n_features = 2526,
                           .chance = .0046,
                           .ceiling = .85,
                           .internals = m};
    if (!xp_answer_record(&r->record, &m->texts)) abort();
    return r;
}

void explaint_result_free(explaint_result *r) {
    if (r == NULL) return;
    made *m = r->internals;
    xp_strings_free(&m->texts);
    free(m->rows);
    free(m);
    free(r);
}

explaint_status explaint_plan_run(explaint_plan *plan, const explaint_units *units, const explaint_progress *progress,
                                  explaint_result **result, explaint_error *error) {
    *result = NULL;
    if (fails("run", EXPLAINT_FAILED, error) != 0) return EXPLAINT_FAILED;
    bool slow = getenv("FAKE_SLOW") != NULL;
    for (size_t i = 0; i < 100; i++) {
        char key[32], what[64];
        void *bytes = NULL;
        size_t size = 0;
        snprintf(key, sizeof key, "%zu", i);
        snprintf(what, sizeof what, i < 14 ? "condition %zu of 14" : "E%zu: permutations",
                 i < 14 ? i + 1 : 1 + (i - 14) / 22);
        if (units != NULL && units->find(units->self, key, &bytes, &size, error) != EXPLAINT_OK) return EXPLAINT_FAILED;
        bool known = bytes != NULL;
        free(bytes);
        if (slow && !known) nanosleep(&(struct timespec){0, 50000000}, NULL);
        if (units != NULL && !known && units->keep(units->self, key, "x", 1, error) != EXPLAINT_OK)
            return EXPLAINT_FAILED;
        if (progress != NULL && !progress->report(progress->self, what, (double)(i + 1), 100))
            return EXPLAINT_INTERRUPTED;
    }
    *result = make(plan);
    return EXPLAINT_OK;
}

explaint_status explaint_result_write_predictions(const explaint_result *r, const char *path, explaint_error *error) {
    (void)r, (void)error;
    FILE *out = fopen(path, "w");
    if (out == NULL) return EXPLAINT_FAILED;
    fputs("concept,fold\n", out);
    fclose(out);
    return EXPLAINT_OK;
}

/* ---- ledger: the stand-in's is a text file, one line a unit ---- */

explaint_status explaint_ledger_open(const char *path, bool create, explaint_ledger **ledger, explaint_error *error) {
    *ledger = NULL;
    FILE *file = fopen(path, create ? "a+" : "r");
    if (file == NULL) {
        snprintf(error->message, sizeof error->message, "%s: no such ledger", path);
        return error->code = EXPLAINT_INVALID;
    }
    *ledger = calloc(1, sizeof **ledger);
    (*ledger)->file = file;
    (*ledger)->path = strdup(path);
    return EXPLAINT_OK;
}
explaint_status explaint_ledger_scratch(explaint_ledger **ledger, explaint_error *error) {
    (void)error;
    *ledger = calloc(1, sizeof **ledger);
    (*ledger)->file = tmpfile();
    return EXPLAINT_OK;
}
void explaint_ledger_close(explaint_ledger *l) {
    if (l == NULL) return;
    fclose(l->file);
    free(l->path);
    free(l);
}
static explaint_status find(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    explaint_ledger *l = self;
    char line[64];
    (void)error;
    *bytes = NULL;
    rewind(l->file);
    while (fgets(line, sizeof line, l->file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strcmp(line, key) == 0) {
            *bytes = malloc(1);
            *size = 1;
        }
        if (*bytes != NULL) break;
    }
    return EXPLAINT_OK;
}
static explaint_status keep(void *self, const char *key, const void *bytes, size_t size, explaint_error *error) {
    explaint_ledger *l = self;
    (void)bytes, (void)size, (void)error;
    fseek(l->file, 0, SEEK_END);
    fprintf(l->file, "%s\n", key);
    fflush(l->file);
    l->stored++;
    return EXPLAINT_OK;
}
explaint_status explaint_ledger_begin(explaint_ledger *l, const char *identity, bool resume, explaint_units *units,
                                      explaint_error *error) {
    (void)identity, (void)error;
    if (!resume && l->path != NULL) l->file = freopen(l->path, "w+", l->file);
    *units = (explaint_units){l, find, keep};
    return EXPLAINT_OK;
}
explaint_status explaint_ledger_finish(explaint_ledger *l, const explaint_record *r, explaint_error *error) {
    (void)l, (void)r, (void)error;
    return EXPLAINT_OK;
}
size_t explaint_ledger_n_units(const explaint_ledger *l) { return l->stored; }
long explaint_ledger_run(const explaint_ledger *l) {
    (void)l;
    return 1;
}
explaint_status explaint_ledger_list(explaint_ledger *l, bool json, FILE *out, explaint_error *error) {
    (void)l, (void)error;
    fputs(json ? "[]\n" : "1 infer\n", out);
    return EXPLAINT_OK;
}
explaint_status explaint_ledger_show(explaint_ledger *l, long run, FILE *out, explaint_error *error) {
    (void)l, (void)error;
    fprintf(out, "run %ld\n", run);
    return EXPLAINT_OK;
}
explaint_status explaint_ledger_record(explaint_ledger *l, long run, explaint_record **record, explaint_error *error) {
    (void)l, (void)run;
    *record = NULL;
    return error->code = EXPLAINT_INVALID; /* not finished */
}
explaint_status explaint_ledger_export(explaint_ledger *l, long run, const char *list, char decimal, FILE *out,
                                       explaint_error *error) {
    (void)l, (void)error;
    if (list != NULL)
        fprintf(out, "%s%c%ld\n", list, decimal == ',' ? ';' : ',', run);
    else
        fprintf(out, "{\"run\": %ld}\n", run);
    return EXPLAINT_OK;
}
explaint_report_options explaint_report_defaults(void) { return (explaint_report_options){.format = "markdown"}; }

explaint_status explaint_report_write_result(const explaint_record *record, explaint_ledger *ledger,
                                             const char *const *paths, size_t n_paths, const explaint_report_options *o,
                                             FILE *out, explaint_error *error) {
    (void)error;
    fprintf(out, "%s of %s, %s", o->format, record->kind->name,
            ledger == NULL         ? "no ledger"
            : ledger->path == NULL ? "a scratch ledger"
                                   : ledger->path);
    for (size_t i = 0; i < n_paths; i++) fprintf(out, " %s", paths[i]);
    fputc('\n', out);
    return EXPLAINT_OK;
}

explaint_status explaint_report_write(const char *const *paths, size_t n_paths, const explaint_report_options *o,
                                      FILE *out, explaint_error *error) {
    (void)error;
    fprintf(out, "%s", o->format);
    for (size_t i = 0; i < n_paths; i++) fprintf(out, " %s", paths[i]);
    for (size_t i = 0; i < o->n_runs; i++) fprintf(out, " run %zu", o->runs[i]);
    for (size_t i = 0; i < o->n_components; i++) fprintf(out, " c %zu", o->components[i]);
    fprintf(out, "%s\n", o->all_components || o->all ? " all" : "");
    return EXPLAINT_OK;
}

explaint_status explaint_report_figures(const char *const *paths, size_t n_paths, const explaint_report_options *o,
                                        explaint_figure_taker *take, void *self, explaint_error *error) {
    (void)paths, (void)o;
    static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\n";
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < n_paths; i++)
        status = take(self, i == 0 ? "A-scores" : "B-scores", "Scores", svg, sizeof svg - 1, error);
    return status;
}
