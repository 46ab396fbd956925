/* What the sentences of all commands share. */
#include <string.h>

#include "result/answer.h"

bool xp_answer_is(const char *text, const char *word) { return text != NULL && strcmp(text, word) == 0; }

const char *xp_answer_keep(xp_text *text, xp_strings *texts) {
    bool failed = false;
    const char *kept = xp_strings_keep_text(texts, &failed, text);
    return failed ? NULL : kept;
}

void xp_answer_layers(xp_text *text, const int *layer, size_t n) {
    xp_text_adds(text, n == 1 ? "layer " : "layers ");
    for (size_t i = 0; i < n;) {
        size_t last = i;
        while (last + 1 < n && layer[last + 1] == layer[last] + 1) last++;
        xp_text_addf(text, "%s%d", i == 0 ? "" : last + 1 == n ? " and " : ", ", layer[i]);
        if (last > i) xp_text_addf(text, " to %d", layer[last]);
        i = last + 1;
    }
}
