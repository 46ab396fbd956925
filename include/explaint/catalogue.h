/* What there is, by name: metrics, conditions, tests, mappings, measures, damages, families. Each stands here once; options, help, views, reports and
 * the man page read it.
 *
 *     size_t n;
 *     const explaint_entry *metric = explaint_catalogue("metrics", &n);
 *     for (size_t i = 0; i < n; i++) printf("%-20s %s\n", metric[i].name, metric[i].help);
 *
 * A new one is an entry in its list and the function that computes it ("Where to add what" of docs/architecture.md).
 */
#ifndef EXPLAINT_CATALOGUE_H
#define EXPLAINT_CATALOGUE_H

#include <stddef.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the lists: ONE(IDENTIFIER, name, label, short label, role, needs, help) ----
 *
 * IDENTIFIER completes the enumerator or the function of the library. A label is for tables and headings, a short one for a terminal's columns. */

/* In the order of rows. role: "neighbours" compares a prediction with all others; else "row". */
#define EXPLAINT_METRICS(ONE)                                                                                          \
    ONE(F1_AT_10, "f1_at_10", "F1@10", "F1@10", "row", "",                                                             \
        "ten strongest predicted features against the concept's own")                                                  \
    ONE(SPEARMAN, "spearman", "Spearman \xcf\x81", "Spearman", "row", "", "rank correlation over features")            \
    ONE(NA_AT_10_RETRIEVAL, "na_at_10_retrieval", "NA@10, retrieval", "NA@10 own", "neighbours", "",                   \
        "the concept's norms are among the ten nearest to its prediction")                                             \
    ONE(NA_AT_10_GOLD, "na_at_10_gold", "NA@10, gold", "NA@10 gold", "neighbours", "",                                 \
        "ten nearest predictions against ten nearest norms")                                                           \
    ONE(NA_AT_10_INPUT, "na_at_10_input", "NA@10, input", "NA@10 input", "neighbours", "",                             \
        "ten nearest predictions against ten nearest vectors")                                                         \
    ONE(PRECISION_AT_R, "precision_at_r", "precision at R", "P@R", "row", "",                                          \
        "of a concept with R features: their share among the R strongest")                                             \
    ONE(MAP, "map", "MAP", "MAP", "row", "", "mean average precision")                                                 \
    ONE(R2, "r2", "R2", "R2", "row", "", "share of variance over all cells, against the training mean")                \
    ONE(MSE, "mse", "MSE", "MSE", "row", "", "mean squared error over all cells")                                      \
    ONE(COSINE, "cosine", "cosine", "cosine", "row", "", "between prediction and norms")

/* Asked for as metrics, and no scores of a prediction: "all" does not mean them. */
#define EXPLAINT_LENGTHS(ONE)                                                                                          \
    ONE(DESCRIPTION_LENGTH, "description_length", "description length", "bits", "code", "sparse norms",                \
        "bits per concept of a code that learns the mapping; not in all")

/* In the order of the paper. role: subject (what is claimed), bound (what could be reached), broken (meaning is gone), rest (no vector). The label says what
 * goes in and what is predicted. */
#define EXPLAINT_CONDITIONS(ONE)                                                                                       \
    ONE(SYSTEM, "system", "vectors → norms", "system", "subject", "",                                                  \
        "the vectors predict the norms: what is claimed")                                                              \
    ONE(MEAN, "mean", "nothing → norms", "mean", "rest", "", "no vector at all: the mean of the training concepts")    \
    ONE(UPPER, "upper", "norms → norms", "upper", "bound", "", "the norms predict themselves")                         \
    ONE(SHUFFLE, "shuffle", "vectors → each feature shuffled", "shuffle", "broken", "",                                \
        "each feature permuted: its frequency stays, its meaning goes")                                                \
    ONE(SHUFFLE_ROWS, "shuffle-rows", "vectors → whole rows shuffled", "shuffle-rows", "broken", "",                   \
        "whole rows permuted: features keep their company")                                                            \
    ONE(SHUFFLE_UPPER, "shuffle-upper", "shuffled → the same", "shuffle-upper", "bound", "",                           \
        "the shuffled norms predict themselves")                                                                       \
    ONE(RANDOM, "random", "vectors → random features", "random", "broken", "", "features drawn at random")             \
    ONE(WORD_FORM, "word-form", "vectors → letters of the word", "word-form", "broken", "",                            \
        "letters of the word instead of norms")                                                                        \
    ONE(TAXONOMIC_SHUFFLE, "taxonomic-shuffle", "vectors → categories shuffled", "taxonomic-shuffle", "broken",        \
        "taxonomic features", "only the category features permuted")                                                   \
    ONE(TAXONOMIC_DROP, "taxonomic-drop", "vectors → without categories", "taxonomic-drop", "broken",                  \
        "taxonomic features", "norms without the category features")                                                   \
    ONE(TAXONOMIC_SWAP, "taxonomic-swap", "vectors → another category's", "taxonomic-swap", "broken", "categories",    \
        "features of a concept of another category")                                                                   \
    ONE(CATEGORY_MEAN, "category-mean", "category's name → norms", "category-mean", "rest", "categories",              \
        "no vector: the mean of the concept's category")                                                               \
    ONE(CATEGORY_FOLDS, "category-folds", "vectors → unseen categories", "category-folds", "subject", "categories",    \
        "whole categories held out")                                                                                   \
    ONE(RANDOM_EMBEDDING, "random-embedding", "noise of X's shape → norms", "random-embedding", "broken", "",          \
        "noise with the vectors' mean and covariance predicts the norms")

/* Of the claim on information. The label is what is assumed, the short label what r is beyond; help says how rows are permuted. */
#define EXPLAINT_TESTS(ONE)                                                                                            \
    ONE(E1, "E1", "there is anything (rows permuted over all concepts)", "chance", "test", "", "over all concepts")    \
    ONE(E2, "E2", "beyond the given categories (rows permuted within categories)", "the category", "test",             \
        "categories", "within categories")                                                                             \
    ONE(E3, "E3",                                                                                                      \
        "beyond groups that nobody labelled (rows permuted within cells of embedding clusters × norm clusters)",       \
        "unlabelled groups", "test", "", "within groups that nobody labelled")                                         \
    ONE(E4, "E4", "for unseen categories (each category held out whole; signs of categories flipped)",                 \
        "known categories", "transfer", "categories", "within categories, which are held out whole")                   \
    ONE(HELD_OUT, "E4-clusters",                                                                                       \
        "for unseen groups (each norm cluster of about 12 held out whole; their signs flipped)", "known groups",       \
        "transfer", "", "within clusters, which are held out whole")

/* IDENTIFIER: of xp_IDENTIFIER_mapper. needs: the options that are about it. */
#define EXPLAINT_MAPPINGS(ONE)                                                                                         \
    ONE(plsr, "plsr", "PLSR", "PLSR", "mapping", "--components, --pls", "partial least squares; --components, --pls")  \
    ONE(knn, "knn", "kNN", "kNN", "mapping", "--k", "the mean of the k nearest concepts; --k")                         \
    ONE(ridge, "ridge", "ridge", "ridge", "mapping", "--alpha", "linear, with a penalty; --alpha")                     \
    ONE(labelprop, "labelprop", "label propagation", "label propagation", "mapping", "--k",                            \
        "labels spread over a graph of nearest concepts; --k")                                                         \
    ONE(ffnn, "ffnn", "network", "a network", "mapping", "--preset, --hidden, --dropout, ...",                         \
        "a network with one hidden layer; --preset, --hidden, --dropout, ...")

/* Of attend. role: the family, which --measures takes as well. */
#define EXPLAINT_MEASURES(ONE)                                                                                         \
    ONE(IDENTITY_RECOVERED, "identity_recovered", "identity recovered", "identity", "continuity", "",                  \
        "share of rows that are nearest to their own token")                                                           \
    ONE(OWN_RANK_MEAN, "own_rank_mean", "mean rank", "rank", "continuity", "", "mean rank of the own token")           \
    ONE(OWN_RANK_MEDIAN, "own_rank_median", "median rank", "median rank", "continuity", "",                            \
        "median rank of the own token")                                                                                \
    ONE(NEXT_RECOVERED, "next_recovered", "next recovered", "next", "continuity", "",                                  \
        "share of rows that are nearest to the next token")                                                            \
    ONE(CHANCE, "chance", "chance", "chance", "continuity", "", "1 / number of candidates")                            \
    ONE(PREVIOUS_LAYER_RECOVERED, "previous_layer_recovered", "previous layer recovered", "previous", "continuity",    \
        "", "share of rows nearest to the same row one layer before")                                                  \
    ONE(ANISOTROPY, "anisotropy", "anisotropy", "anisotropy", "continuity", "", "mean cosine of two rows")             \
    ONE(COSINE_RANDOM_PAIRS, "cosine_random_pairs", "cosine, random pairs", "random pairs", "continuity", "",          \
        "mean cosine of rows of two texts")                                                                            \
    ONE(COSINE_SAME_TOKEN, "cosine_same_token", "cosine, same token", "same token", "continuity", "",                  \
        "mean cosine of rows of one token")                                                                            \
    ONE(COSINE_SAME_POSITION, "cosine_same_position", "cosine, same position", "same position", "continuity", "",      \
        "mean cosine of rows of one position")                                                                         \
    ONE(CKA_PREVIOUS_LAYER, "cka_previous_layer", "CKA, previous layer", "CKA", "continuity", "",                      \
        "linear CKA with the layer before")                                                                            \
    ONE(ATTENTION_ENTROPY, "attention_entropy", "entropy", "entropy", "attention", "",                                 \
        "entropy of a row of the map, in nats")                                                                        \
    ONE(ATTENTION_MAX, "attention_max", "largest entry", "largest", "attention", "", "largest entry of a row")         \
    ONE(ATTENTION_SELF, "attention_self", "on itself", "self", "attention", "", "mass on the piece itself")            \
    ONE(ATTENTION_FIRST, "attention_first", "on the first", "first", "attention", "", "mass on the first piece")       \
    ONE(ATTENTION_PREVIOUS, "attention_previous", "on the previous", "previous", "attention", "",                      \
        "mass on the piece before")                                                                                    \
    ONE(ATTENTION_NEXT, "attention_next", "on the next", "next", "attention", "encoders", "mass on the piece behind")  \
    ONE(ATTENTION_LAST_SPECIAL, "attention_last_special", "on the last special", "last special", "attention", "",      \
        "mass on the last special token")                                                                              \
    ONE(ATTENTION_SPECIAL, "attention_special", "on special tokens", "special", "attention", "",                       \
        "mass on all special tokens")                                                                                  \
    ONE(ATTENTION_TOP10, "attention_top10", "on ten", "ten", "attention", "", "mass of the ten largest entries")       \
    ONE(DAMAGE_PEARSON, "damage_pearson", "r, damaged", "r", "damage", "", "r of the damaged and the intact map")      \
    ONE(DAMAGE_JSD, "damage_jsd", "divergence, damaged", "JSD", "damage", "",                                          \
        "Jensen-Shannon divergence of both maps, in nats")                                                             \
    ONE(DAMAGE_SAME_TARGET, "damage_same_target", "same target", "target", "damage", "",                               \
        "rows with the same strongest target")                                                                         \
    ONE(DAMAGE_SAME_PATTERN, "damage_same_pattern", "same pattern", "pattern", "damage", "",                           \
        "rows with the same strongest targets in order")                                                               \
    ONE(DAMAGE_NULL_PEARSON, "damage_null_pearson", "r, other texts", "null", "damage", "",                            \
        "r of other texts' maps of equal length")                                                                      \
    ONE(DAMAGE_NULL_P, "damage_null_p", "p, other texts", "p", "damage", "",                                           \
        "share of other texts whose map is at least as alike")                                                         \
    ONE(MODAL_TARGET_SHARE, "modal_target_share", "modal target", "modal", "damage", "",                               \
        "what a constant guess of the strongest target reaches")                                                       \
    ONE(UNIFORM_PEARSON, "uniform_pearson", "r, uniform map", "uniform", "damage", "causal models",                    \
        "r of the map with one of equal weights")                                                                      \
    ONE(ROLLOUT_OWN, "rollout_own", "rollout, own", "rollout", "flow", "",                                             \
        "rollout: share of a row that is its own token's")                                                             \
    ONE(ROLLOUT_ENTROPY, "rollout_entropy", "rollout, entropy", "entropy", "flow", "",                                 \
        "entropy of a row's rollout, in nats")                                                                         \
    ONE(ROLLOUT_FIRST, "rollout_first", "rollout, first", "first", "flow", "",                                         \
        "share that the rollout gives to piece 0")                                                                     \
    ONE(ROLLOUT_UNIFORM_FIRST, "rollout_uniform_first", "uniform rollout, first", "uniform", "flow", "",               \
        "the same for maps of equal weights")                                                                          \
    ONE(ROLLOUT_COLUMN, "rollout_column", "rollout of a piece", "column", "flow", "--columns",                         \
        "share that the rollout gives to a chosen piece, in the rows that see it")                                     \
    ONE(FLOW_OWN, "flow_own", "maximum flow, own", "flow", "flow", "",                                                 \
        "maximum flow: share of a row that is its own token's")                                                        \
    ONE(MIXING_ATTN_W, "mixing_attn_w", "mixing, weights", "weights", "flow", "", "share of other rows in a map")      \
    ONE(MIXING_ATTN_N, "mixing_attn_n", "mixing, vectors", "vectors", "flow", "",                                      \
        "share of other rows in the length of what attention adds up")                                                 \
    ONE(MIXING_ATTNRES_N, "mixing_attnres_n", "mixing, with the row", "mixing", "flow", "",                            \
        "the same with the row itself, which is added")                                                                \
    ONE(MIXING_ATTNRESLN_N, "mixing_attnresln_n", "mixing, behind the norm", "normed", "flow", "",                     \
        "the same behind the norm of the sum")                                                                         \
    ONE(ALTI_OWN, "alti_own", "ALTI, own", "ALTI", "flow", "", "ALTI of a layer: share of a row that is its own")      \
    ONE(ALTI_ENTROPY, "alti_entropy", "ALTI, entropy", "entropy", "flow", "", "entropy of a row of ALTI, in nats")     \
    ONE(ALTI_PRODUCT_OWN, "alti_product_own", "ALTI product, own", "ALTI product", "flow", "",                         \
        "ALTI over layers: share of a row that is its own token's")                                                    \
    ONE(ALTI_PRODUCT_ENTROPY, "alti_product_entropy", "ALTI product, entropy", "entropy", "flow", "",                  \
        "entropy of a row of that product, in nats")                                                                   \
    ONE(ALTI_PRODUCT_OWN_LARGEST, "alti_product_own_largest", "ALTI product, own largest", "own largest", "flow", "",  \
        "share of rows of ordinary tokens that no other piece gives as much to as the own one")                        \
    ONE(ALTI_UNIT_ROWS, "alti_unit_rows", "ALTI, unit rows", "unit rows", "flow", "", "rows that no piece is near to") \
    ONE(VALUE_ZEROING_OWN, "value_zeroing_own", "value zeroing, own", "zeroed", "flow", "",                            \
        "how far a row turns without its own value")                                                                   \
    ONE(VALUE_ZEROING_OTHER, "value_zeroing_other", "value zeroing, other", "other", "flow", "",                       \
        "the same of another piece's value")                                                                           \
    ONE(VALUE_ZEROING_OWN_NORMALISED, "value_zeroing_own_normalised", "value zeroing, own share", "own share", "flow", \
        "", "the own part of all that turns a row")                                                                    \
    ONE(VALUE_ZEROING_MAX, "value_zeroing_max", "value zeroing, largest", "largest", "flow", "",                       \
        "how far the piece that matters most turns a row")                                                             \
    ONE(VALUE_ZEROING_ZERO_ROWS, "value_zeroing_zero_rows", "value zeroing, zero rows", "zero rows", "flow", "",       \
        "rows that no value turns")                                                                                    \
    ONE(EFFECTIVE_RANK_MIN, "effective_rank_min", "effective attention, least rank", "least rank", "flow", "",         \
        "least rank of a head's values")                                                                               \
    ONE(EFFECTIVE_RANK_MAX, "effective_rank_max", "effective attention, largest rank", "largest rank", "flow", "",     \
        "largest rank of a head's values")                                                                             \
    ONE(EFFECTIVE_REMOVED, "effective_removed", "effective attention, removed", "removed", "flow", "",                 \
        "share of a map's squared length that reaches no output")                                                      \
    ONE(ATTRIBUTION_OWN, "attribution_own", "attribution, own", "attribution", "flow", "--attribution",                \
        "hidden token attribution: share of a row that is its own token's")                                            \
    ONE(ATTRIBUTION_OWN_NOT_LARGEST, "attribution_own_not_largest", "attribution, own not largest", "not largest",     \
        "flow", "--attribution", "share of rows to which another token gives more than their own")                     \
    ONE(ATTRIBUTION_ERROR, "attribution_error", "attribution, error", "error", "flow", "--attribution",                \
        "standard error of a row's own share, 0 where it is exact")

#define EXPLAINT_DAMAGES(ONE)                                                                                          \
    ONE(PERMUTE, "permute", "rows permuted", "permute", "rows", "", "all rows of the text in another order")           \
    ONE(PERMUTE_CONTENT, "permute-content", "content rows permuted", "permute-content", "rows", "",                    \
        "special tokens stay in place")                                                                                \
    ONE(REVERSE, "reverse", "rows reversed", "reverse", "rows", "", "rows without special tokens the other way round") \
    ONE(NEXT_ROWS, "next-rows", "rows of the next text", "next-rows", "rows", "",                                      \
        "rows of the next text at the same place")                                                                     \
    ONE(NEXT_CONTENT_ROWS, "next-content-rows", "content rows of the next text", "next-content-rows", "rows", "",      \
        "special tokens stay as they are")                                                                             \
    ONE(GAUSSIAN, "gaussian", "noise", "gaussian", "rows", "", "noise of equal norm")                                  \
    ONE(SHUFFLE_DIMENSIONS, "shuffle-dimensions", "dimensions shuffled", "shuffle-dimensions", "rows", "",             \
        "each dimension in another order")                                                                             \
    ONE(RANDOM_INIT, "random-init", "untrained model", "random-init", "model", "",                                     \
        "the same architecture with weights drawn at random")

/* IDENTIFIER: of xp_family_IDENTIFIER; name: the model_type of a config.json. */
#define EXPLAINT_FAMILIES(ONE)                                                                                         \
    ONE(bert, "bert", "BERT", "BERT", "encoder", "", "BERT, MiniLM and their like")                                    \
    ONE(mpnet, "mpnet", "MPNet", "MPNet", "encoder", "", "MPNet")                                                      \
    ONE(roberta, "roberta", "RoBERTa", "RoBERTa", "encoder", "", "RoBERTa, DistilRoBERTa and their like")              \
    ONE(xlm_roberta, "xlm-roberta", "XLM-R", "XLM-RoBERTa", "encoder", "", "XLM-RoBERTa")                              \
    ONE(camembert, "camembert", "CamemBERT", "CamemBERT", "encoder", "", "CamemBERT")                                  \
    ONE(distilbert, "distilbert", "DistilBERT", "DistilBERT", "encoder", "", "DistilBERT")                             \
    ONE(electra, "electra", "ELECTRA", "ELECTRA", "encoder", "", "ELECTRA, discriminators and generators")             \
    ONE(albert, "albert", "ALBERT", "ALBERT", "encoder", "", "ALBERT")                                                 \
    ONE(modernbert, "modernbert", "ModernBERT", "ModernBERT", "encoder", "", "ModernBERT")                             \
    ONE(deberta_v2, "deberta-v2", "DeBERTa", "DeBERTa", "encoder", "", "DeBERTa v2 and v3")                            \
    ONE(llama, "llama", "Llama", "Llama", "decoder", "",                                                               \
        "Llama and models of its form, SmolLM and SmolLM2 among them")                                                 \
    ONE(mistral, "mistral", "Mistral", "Mistral", "decoder", "", "Mistral 7B and models of its form")                  \
    ONE(qwen2, "qwen2", "Qwen2", "Qwen2", "decoder", "", "Qwen2 and Qwen2.5")                                          \
    ONE(qwen3, "qwen3", "Qwen3", "Qwen3", "decoder", "", "Qwen3, dense")                                               \
    ONE(smollm3, "smollm3", "SmolLM3", "SmolLM3", "decoder", "", "SmolLM3")                                            \
    ONE(olmo2, "olmo2", "OLMo 2", "OLMo 2", "decoder", "", "OLMo 2")                                                   \
    ONE(gemma, "gemma", "Gemma", "Gemma", "decoder", "", "Gemma 1")                                                    \
    ONE(gemma2, "gemma2", "Gemma 2", "Gemma 2", "decoder", "", "Gemma 2")                                              \
    ONE(gemma3_text, "gemma3_text", "Gemma 3", "Gemma 3", "decoder", "", "Gemma 3, its models of text")                \
    ONE(phi3, "phi3", "Phi-3", "Phi-3", "decoder", "", "Phi-3, Phi-3.5 and Phi-4 of its form")                         \
    ONE(phi, "phi", "Phi", "Phi", "decoder", "", "Phi-1, Phi-1.5 and Phi-2")                                           \
    ONE(gpt2, "gpt2", "GPT-2", "GPT-2", "decoder", "", "GPT-2 and models of its form, DistilGPT2 among them")          \
    ONE(gpt_neox, "gpt_neox", "GPT-NeoX", "GPT-NeoX", "decoder", "", "GPT-NeoX, Pythia")                               \
    ONE(opt, "opt", "OPT", "OPT", "decoder", "", "OPT")

/* ---- reading them ---- */

typedef struct explaint_entry {
    const char *name;
    const char *label, *short_label;
    const char *role;  /* what it is among its like */
    const char *needs; /* "" or what must be given */
    const char *help;  /* in a line */
} explaint_entry;

/* The entries of "metrics", "lengths", "conditions", "tests", "mappings", "measures", "damages" or "families", in their order; NULL and 0: no such list. */
EXPLAINT_API const explaint_entry *explaint_catalogue(const char *list, size_t *n);
/* The one of a name (hyphen and underscore are the same); NULL: none. */
EXPLAINT_API const explaint_entry *explaint_catalogue_find(const char *list, const char *name);

/* For ONE: the name in a text with a bar or a comma before it, and as an element of a list. */
#define EXPLAINT_WITH_BAR(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) "|" NAME
#define EXPLAINT_WITH_SPACE(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) " " NAME
#define EXPLAINT_AS_NAME(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) NAME,
#define EXPLAINT_AS_ENTRY(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) {NAME, LABEL, SHORT, ROLE, NEEDS, HELP},
#define EXPLAINT_AS_TERM(IDENTIFIER, NAME, LABEL, SHORT, ROLE, NEEDS, HELP) {NAME, HELP},

#ifdef __cplusplus
}
#endif
#endif
