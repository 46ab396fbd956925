/* How a head is called: "3.7". */
#include "base/view.h"
#include "explaint/attend.h"

#include <string.h>

bool explaint_head_read(const char **at, size_t *layer, size_t *head) {
    const char *end = *at + strlen(*at);
    if (!xp_view_number(at, end, layer) || **at != '.') return false;
    ++*at;
    return xp_view_number(at, end, head) && *layer > 0 && *head > 0;
}
