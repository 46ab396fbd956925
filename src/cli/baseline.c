/* explaint norms baseline: what a score is worth without any vectors, and how many concepts tests need. A reviewer's page. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/explaint.h"
#include "norms.h"
#include "product.h"
#include "progress.h"
#include "shared.h"
#include "view.h"

static void view(const void *self, const view_kept *kept, const term *t) {
    (void)kept;
    view_baseline(self, cli_given("metrics"), t);
}

/* "f1_at_10=.25", or ".25" in the verdict's metric. The name is written into room. */
static int read_claim(const cli_command *command, const char *text, char *room, size_t size, explaint_score *claim) {
    const char *equals = strchr(text, '='), *number = equals != NULL ? equals + 1 : text;
    const size_t length = equals != NULL ? (size_t)(equals - text) : 0;
    char *end;
    errno = 0;
    claim->value = strtod(number, &end);
    const bool plain = strspn(number, "+-.0123456789eE") == strlen(number); /* no hexadecimal, blanks, nan */
    if (number[0] == 0 || *end != 0 || !plain || errno != 0 || (equals != NULL && (length == 0 || length >= size)))
        return cli_usage_error(command, "expected a claim such as f1_at_10=.25, or .25, found '%s'", text);
    claim->metric = NULL;
    if (equals == NULL) return 0;
    snprintf(room, size, "%.*s", (int)length, text);
    claim->metric = room;
    return 0;
}

static int run(const norms_settings *s, const product_wish *wish, const char *path, const explaint_norms *norms,
               const explaint_score *claim) {
    explaint_error error = {0};
    explaint_baseline *baseline = NULL;
    explaint_infer_options o = s->o;
    if (s->folds.file != NULL)
        o.folds_file = s->folds.file;
    else
        o.folds = s->folds.count;
    o.threads = (unsigned)s->threads;
    const char **words = cli_typed_with("baseline", path);
    if (words == NULL) {
        cli_say("not enough memory for the command");
        return EXPLAINT_FAILED;
    }
    o.command = words;
    progress p;
    progress_begin(&p, !s->wish.quiet && term_of(stderr).colour, 1, NULL);
    const explaint_progress callback = progress_callback(&p);
    explaint_status status = explaint_baseline_run(norms, &o, claim, &callback, &baseline, &error);
    progress_end(&p);
    free(words);
    if (status == EXPLAINT_INTERRUPTED && progress_signal() != 0) {
        cli_say("interrupted, nothing was kept");
        return 128 + progress_signal();
    }
    if (status == EXPLAINT_OK) {
        const product_content content = {.record = &baseline->record, .view = view, .self = baseline};
        status = product_write(wish, &content, &error);
    }
    explaint_baseline_free(baseline);
    return cli_outcome(&error, status);
}

int norms_baseline(const cli_command *command, const norms_settings *s, const char *path) {
    product_wish wish = s->wish;
    if (!cli_given("output")) wish.output = NULL;
    explaint_score claim = {0};
    char metric[64];
    int refused = product_check(command, &wish, false);
    if (refused == 0 && s->claim != NULL) refused = read_claim(command, s->claim, metric, sizeof metric, &claim);
    if (refused != 0) return refused;
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    explaint_norms_options table = s->table;
    table.binary = strcmp(s->values, "binary") == 0;
    const explaint_status status = explaint_norms_open(path, &table, &norms, &error);
    const int code = status != EXPLAINT_OK ? cli_outcome(&error, status)
                                           : run(s, &wish, path, norms, s->claim != NULL ? &claim : NULL);
    explaint_norms_close(norms);
    return code;
}
