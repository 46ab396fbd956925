/* What an embedding says of itself. */
#include "base/memory.h"
#include "embed/embedding.h"
#include "explaint/version.h"

static const char *or_null(const char *text) { return text[0] != 0 ? text : NULL; }

explaint_status explaint_embedding_record(explaint_embedding *e, const char *const *command,
                                          const explaint_record **record, explaint_error *error) {
    explaint_embed_result *r = &e->result;
    *record = NULL;
    r->n_inputs = e->input_parts.count / 4;
    r->n_settings = e->settings.count / 2;
    r->n_dropped = e->dropped.count / 2;
    if (e->input == NULL) e->input = xp_calloc(r->n_inputs, sizeof *e->input);
    if (e->setting == NULL) e->setting = xp_alloc(r->n_settings, sizeof *e->setting);
    if (e->drop == NULL) e->drop = xp_calloc(r->n_dropped, sizeof *e->drop);
    if (e->input == NULL || e->setting == NULL || e->drop == NULL) return xp_no_memory(error, "an embedding");
    for (size_t i = 0; i < r->n_inputs; i++) {
        char **part = e->input_parts.item + 4 * i;
        e->input[i] = (explaint_input){
            .role = part[0], .name = or_null(part[1]), .path = or_null(part[2]), .sha256 = or_null(part[3])};
    }
    for (size_t i = 0; i < r->n_settings; i++)
        e->setting[i] = (explaint_setting){e->settings.item[2 * i], e->settings.item[2 * i + 1]};
    for (size_t i = 0; i < r->n_dropped; i++) {
        const char *what = e->dropped.item[2 * i];
        e->drop[i] = (explaint_embed_dropped){
            .word = e->of_texts ? NULL : what, .text = e->of_texts ? what : NULL, .why = e->dropped.item[2 * i + 1]};
    }
    r->record.kind = &explaint_embed_kind;
    r->version = explaint_version();
    r->command = command;
    r->inputs = e->input;
    r->settings = e->setting;
    r->n_texts = e->of_texts ? e->n_given : 0;
    r->n_words = e->of_texts ? 0 : e->n_given;
    r->n_rows = e->n_rows;
    r->width = e->width;
    r->layers = e->layer;
    r->n_layers = e->n_layers;
    r->several_pieces = e->of_texts ? -1 : (int)e->n_several;
    r->cut = e->n_cut;
    r->dropped = e->drop;
    r->notes = (const char *const *)e->notes.item;
    r->n_notes = e->notes.count;
    *record = &r->record;
    return EXPLAINT_OK;
}
