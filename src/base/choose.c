#include "base/choose.h"

#include <string.h>

#include "base/error.h"
#include "base/strings.h"

static explaint_status refuse(const char *given, const char *const *names, size_t n, const char *what,
                              explaint_error *error) {
    xp_text list = {0};
    for (size_t i = 0; i < n; i++) xp_text_addf(&list, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", names[i]);
    return xp_text_fail(&list, "a message", error, EXPLAINT_USAGE, NULL, 0, "expected %s %s, found \"%s\"", what,
                        list.data, given);
}

explaint_status xp_choose(const char *given, const char *const *names, size_t n, const char *what, size_t *index,
                          explaint_error *error) {
    *index = 0;
    for (size_t i = 0; given != NULL && i < n; i++)
        if (strcmp(given, names[i]) == 0) {
            *index = i;
            return EXPLAINT_OK;
        }
    return given == NULL ? EXPLAINT_OK : refuse(given, names, n, what, error);
}
