/* What names a run in a ledger: one JSON object of version, command, inputs and settings. */
#include "base/json.h"
#include "explaint/version.h"
#include "result/record.h"

bool xp_record_identity(const char *const *command, const explaint_input *input, size_t n_inputs,
                        const explaint_setting *setting, size_t n_settings, char **identity) {
    xp_json json = {0};
    *identity = NULL;
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "explaint", EXPLAINT_VERSION);
    xp_json_open(&json, "command", '[', XP_JSON_LINE);
    for (; command != NULL && *command != NULL; command++) xp_json_string(&json, NULL, *command);
    xp_json_close(&json);
    xp_json_open(&json, "inputs", '[', XP_JSON_LINE);
    for (size_t i = 0; i < n_inputs; i++) {
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "role", input[i].role);
        xp_json_string(&json, "name", input[i].name);
        xp_json_string(&json, "path", input[i].path);
        xp_json_string(&json, "sha256", input[i].sha256);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "settings", '{', XP_JSON_LINE);
    for (size_t i = 0; i < n_settings; i++) xp_json_raw(&json, setting[i].key, setting[i].json);
    xp_json_close(&json);
    xp_json_close(&json);
    if (!xp_json_end(&json)) {
        xp_json_free(&json);
        return false;
    }
    *identity = json.text.data;
    return true;
}
