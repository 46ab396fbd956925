/* A sentence in words, for people. */
#include <string.h>

#include "base/json.h"
#include "base/view.h"
#include "sentence/sentence.h"

static bool describe_poolings(const xp_sentence *s, xp_strings *lines) {
    static const char *const words[XP_N_POOLINGS] = {"the first piece",
                                                     "the maximum of the pieces",
                                                     "the mean of the pieces",
                                                     "the sum of the pieces over the root of their number",
                                                     "the mean of the pieces, weighted by their places",
                                                     "the last piece"};
    xp_text text = {0};
    for (size_t k = 0; k < s->n_poolings; k++) xp_text_addf(&text, "%s%s", k > 0 ? "; " : "", words[s->pooling[k]]);
    if (!s->prompt_counts) xp_text_adds(&text, ", without the prompt's");
    const bool good = !text.failed && xp_strings_addf(lines, "%s, special pieces included", text.data);
    xp_text_free(&text);
    return good;
}

static bool describe_prompt(const xp_sentence *s, xp_strings *lines) {
    xp_text prompt = {0}, name = {0};
    xp_json_quote(&prompt, s->prompt, strlen(s->prompt));
    xp_json_quote(&name, s->prompt_name, strlen(s->prompt_name));
    const bool good =
        !prompt.failed && !name.failed &&
        xp_strings_addf(lines, "before each text the prompt %.*s, which is %.*s",
                        XP_SHOW(((xp_view){prompt.data, prompt.length})), XP_SHOW(((xp_view){name.data, name.length})));
    xp_text_free(&prompt);
    xp_text_free(&name);
    return good;
}

bool xp_sentence_describe(const xp_sentence *s, xp_strings *lines) {
    bool good = s->prompt == NULL || describe_prompt(s, lines);
    if (good && s->most > 0) good = xp_strings_addf(lines, "cut at %zu pieces, by %s", s->most, s->most_from);
    good = good && describe_poolings(s, lines);
    size_t width = s->n_poolings * s->states;
    for (size_t k = 0; good && k < s->n_stages; k++) {
        const xp_stage *stage = &s->stage[k];
        if (stage->dense)
            good = xp_strings_addf(lines, "a linear map, %zu to %zu%s, then %s", stage->n_in, stage->n_out,
                                   stage->bias != NULL ? "" : " without bias", xp_squash_names[stage->squash]);
        else
            good = xp_strings_addf(lines, "scaled to length 1");
        if (stage->dense) width = stage->n_out;
    }
    if (good && s->width < width) good = xp_strings_addf(lines, "the first %zu of %zu dimensions", s->width, width);
    return good;
}
