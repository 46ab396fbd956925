/* A stand-in for explaint_attend: numbers like those measured on MiniLM. FAKE_FAIL=attend fails there. */
#include <stdlib.h>
#include <string.h>

#include "explaint/attend.h"

explaint_attend_options explaint_attend_defaults(void) {
    return (explaint_attend_options){
        .measures = "all", .damage = "all", .g = "identity,linear", .layers = "all", .share = .9, .seed = 1};
}

#define ROW .text = -1, .head = -1, .standardised = -1, .undone = -1
#define IDENTITY(at, map, of, shuffled, number)                                                                        \
    {                                                                                                                  \
        ROW, .layer = at, .measure = "identity_recovered", .g = map, .candidates = "sentence", .reference = "word",    \
             .distance = "cosine", .hit = "id", .rows = "all", .model = of, .pairs = shuffled, .value = number         \
    }
#define DAMAGE(at, name, where, number)                                                                                \
    { ROW, .layer = at, .measure = "damage_pearson", .damage = name, .scope = where, .value = number }

static const explaint_attend_row rows[] = {
    IDENTITY(0, "identity", "trained", "true", 1),
    IDENTITY(1, "identity", "trained", "true", .98),
    IDENTITY(2, "identity", "trained", "true", .64),
    IDENTITY(2, "linear", "trained", "true", .97),
    IDENTITY(2, "linear", "trained", "shuffled", .09),
    IDENTITY(2, "identity", "random", "true", 1),
    DAMAGE(1, "reverse", "whole", .77),
    DAMAGE(1, "reverse", "content", -.08),
    DAMAGE(2, "reverse", "whole", .49),
};
static const explaint_attend_assumption assumptions[] = {
    {"A0", "the map is what the model computed", "holds", "Rows add up to 1 within 1e-07."},
    {"A1", "rows stand for their tokens", "holds", "A linear map gives back 0.97 of the rows."},
    {"A3", "the picture depends on the tokens", "holds", "r = -0.08."},
};
static const explaint_attend_verdict verdicts[] = {
    {"tokens", {1, 2}, "supported", "", "In layers 1 to 2 rows stand for their tokens.", assumptions, 3},
    {"sink", {1, 2}, "supported", "sink", "In layers 1 to 2 the map shows a sink, not a relation.", NULL, 0},
};
static const explaint_lint lints[] = {{"illustration", "note", "2 texts: fewer than 30 do not decide"}};
static const explaint_input inputs[] = {{.role = "model", .name = "tiny"}};
static explaint_attend_result made;

explaint_status explaint_attend(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                const explaint_texts *texts, const explaint_attend_options *o,
                                explaint_attend_result **result, explaint_error *error) {
    (void)model, (void)tokenizer, (void)texts;
    *result = NULL;
    const char *asked = getenv("FAKE_FAIL");
    if (asked != NULL && strcmp(asked, "attend") == 0) {
        snprintf(error->message, sizeof error->message, "no measure is named 'x'");
        return error->code = EXPLAINT_USAGE;
    }
    made = (explaint_attend_result){.record = {&explaint_attend_kind},
                                    .version = "0.1.0",
                                    .command = o->command,
                                    .inputs = inputs,
                                    .n_inputs = 1,
                                    .rows = rows,
                                    .n_rows = sizeof rows / sizeof *rows,
                                    .lints = lints,
                                    .n_lints = 1,
                                    .verdicts = verdicts,
                                    .n_verdicts = 2,
                                    .n_texts = 2,
                                    .n_pieces = 21,
                                    .n_judged = 60,
                                    .judged_length = 11};
    *result = &made;
    return EXPLAINT_OK;
}
void explaint_attend_free(explaint_attend_result *result) { (void)result; }
explaint_status explaint_attend_write_maps(const explaint_attend_result *r, const char *path, explaint_error *error) {
    (void)r, (void)error;
    FILE *file = fopen(path, "w");
    return file != NULL && fclose(file) == 0 ? EXPLAINT_OK : EXPLAINT_FAILED;
}
