/* Mistral (Jiang et al. 2023, arXiv 2310.06825), as transformers' MistralModel computes it: Llama whose layers may slide.
 *
 * Easy to get wrong:
 * - An absent sliding_window is 4096 and slides in all layers; null is none. layer_types changes nothing.
 * - A window of w sees w pieces, itself among them.
 * - An absent num_key_value_heads is 8, null is as many as there are heads. */
#include "model/decoder.h"

static const xp_config_key keys[] = {
    XP_KEYS_OF_LLAMA, XP_KEYS_OF_ROPE, {"sliding_window", XP_KEY_SIZE_OR_NULL, XP_KEY(window), XP_MOST_ROWS}, {0}};

static const xp_weight_row rows[] = {XP_ROWS_OF_LLAMA, {0}};

static explaint_status configure(const char *path, const xp_value *object, xp_config *config, explaint_error *error) {
    xp_decoder_slide(config, config->window > 0);
    return xp_decoder_configure(path, object, config, error);
}

const xp_family xp_family_mistral = {.name = "mistral",
                                     .prefix = "model.",
                                     .defaults = {.n_layers = 32,
                                                  .n_heads = 32,
                                                  .width = 4096,
                                                  .feed_forward = 14336,
                                                  .vocabulary = 32000,
                                                  .n_positions = 4096 * 32,
                                                  .pad = XP_NO_PAD,
                                                  .eps = 1e-6,
                                                  .theta = 1e4,
                                                  .partial = 1,
                                                  .activation = XP_SILU,
                                                  .has = XP_HAS_WHAT_LLAMA_HAS,
                                                  .n_key_heads = 8,
                                                  .window = 4096},
                                     .keys = keys,
                                     .configure = configure,
                                     .rows = rows,
                                     .ignored = xp_decoder_ignored};
