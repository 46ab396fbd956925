/* A stand-in for explaint_attend: numbers like those measured on MiniLM. FAKE_FAIL=attend fails there. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explaint/attend.h"
#include "result/answer.h"

explaint_attend_options explaint_attend_defaults(void) {
    return (explaint_attend_options){
        .measures = "all", .damage = "all", .g = "identity,linear", .layers = "all", .share = .9, .seed = 1};
}

#define ROW .text = -1, .head = -1, .standardised = -1, .undone = -1, .column = -1
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
    {"A2", "rows come mostly from their tokens", "holds", "The own token gives most to 0.96 of the rows."},
    {"A3", "the picture depends on the tokens", "holds", "r = -0.08."},
};
static explaint_attend_verdict verdicts[] = {
    {"tokens", {1, 2}, 0, "supported", "", "In layers 1 to 2 rows stand for their tokens.", assumptions, 4, NULL},
    {"sink", {1, 2}, 0, "supported", "sink", "In layers 1 to 2 most of the picture is a sink.", NULL, 0, NULL},
    {"head", {2, 2}, 1, "undecided", "A4", "Head 2.1 without special tokens: each row is its token.", NULL, 0, NULL},
};
static const explaint_lint lints[] = {{"illustration", "note", "2 texts: fewer than 30 do not decide"}};
static const explaint_input inputs[] = {{.role = "model", .name = "tiny"}};
enum { UNITS = 40 };
static explaint_attend_result made;
static xp_strings answers;
static const explaint_progress *progress;

static const char *cache; /* that was given */

explaint_status explaint_attend_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_texts *texts, const explaint_attend_options *o,
                                        explaint_attend_plan **plan, explaint_error *error) {
    (void)model, (void)tokenizer, (void)texts;
    *plan = NULL;
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
                                    .n_verdicts = o->head != NULL ? 3 : 2,
                                    .n_texts = 2,
                                    .n_pieces = 21,
                                    .n_judged = 60,
                                    .judged_length = 11};
    verdicts[2].verdict = o->relation != NULL ? "supported" : "undecided";
    verdicts[2].decided_by = o->relation != NULL ? "" : "A4";
    progress = o->progress;
    cache = o->cache;
    *plan = (explaint_attend_plan *)(void *)&made;
    return EXPLAINT_OK;
}
void explaint_attend_plan_close(explaint_attend_plan *plan) { (void)plan; }
const char *explaint_attend_plan_cost(const explaint_attend_plan *plan) {
    return (void)plan, getenv("FAKE_COST") != NULL ? "attribution takes about 5 minutes of a processor" : NULL;
}
const char *explaint_attend_plan_kept(const explaint_attend_plan *plan) { return (void)plan, cache; }
const char *explaint_attend_plan_identity(const explaint_attend_plan *plan) { return (void)plan, "attend"; }
const explaint_attend_memory *explaint_attend_plan_memory(const explaint_attend_plan *plan, size_t *n) {
    static const explaint_attend_memory parts[] = {{"the model", "all", 9e7, 0},
                                                   {"whole maps of all layers", "damage", 2e6, 1}};
    static const explaint_attend_memory large[] = {{"whole maps of all layers", "damage", 7.2e16, 1}};
    (void)plan;
    const bool too_large = getenv("FAKE_MEMORY") != NULL;
    *n = too_large ? 1 : 2;
    return too_large ? large : parts;
}

size_t explaint_attend_plan_n_units(const explaint_attend_plan *plan) { return (void)plan, UNITS; }

/* FAKE_SLOW: a unit takes a twentieth of a second. */
explaint_status explaint_attend_plan_run(explaint_attend_plan *plan, const explaint_units *units,
                                         explaint_attend_result **result, explaint_error *error) {
    (void)plan;
    *result = NULL;
    for (size_t i = 0; i < UNITS; i++) {
        char key[32];
        void *bytes = NULL;
        size_t size = 0;
        snprintf(key, sizeof key, "text/%zu", i);
        if (units != NULL) units->find(units->self, key, &bytes, &size, error);
        const int known = bytes != NULL;
        free(bytes);
        if (!known && getenv("FAKE_SLOW") != NULL) nanosleep(&(struct timespec){0, 50000000}, NULL);
        if (!known && units != NULL) units->keep(units->self, key, "x", 1, error);
        if (!progress->report(progress->self, "damage", (double)(i + 1) / UNITS, 1)) {
            snprintf(error->message, sizeof error->message, "stopped before all units were done");
            return error->code = EXPLAINT_INTERRUPTED;
        }
    }
    if (!xp_answer_record(&made.record, &answers)) abort();
    *result = &made;
    return EXPLAINT_OK;
}
void explaint_attend_free(explaint_attend_result *result) {
    (void)result;
    xp_strings_free(&answers);
}
explaint_picture_options explaint_picture_defaults(void) {
    return (explaint_picture_options){.layer = 1, .damage = "permute"};
}
explaint_status explaint_attend_write_picture(const explaint_attend_result *r, const explaint_picture_options *o,
                                              FILE *out, explaint_error *error) {
    (void)r, (void)error;
    fprintf(out, "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><!-- %zu %zu %zu %s --></svg>\n",
            o->text, o->layer, o->head, o->damage);
    return EXPLAINT_OK;
}
explaint_status explaint_attend_write_maps(const explaint_attend_result *r, const char *path, explaint_error *error) {
    (void)r, (void)error;
    FILE *file = fopen(path, "w");
    return file != NULL && fclose(file) == 0 ? EXPLAINT_OK : EXPLAINT_FAILED;
}
