/* What the page's script reads: blocks of bytes, deflated and in base64, and facts in JSON. Neither runs: their types are no script's. */
#include "base/json.h"
#include "base/memory.h"
#include "formats/deflate.h"
#include "report/page.h"

void xp_page_base64(const unsigned char *bytes, size_t n, xp_text *out) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[4 * 256];
    size_t used = 0;
    for (size_t i = 0; i < n; i += 3) {
        const unsigned three =
            (unsigned)bytes[i] << 16 | (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) | (i + 2 < n ? bytes[i + 2] : 0);
        for (int k = 3; k >= 0; k--) line[used++] = digit[three >> (6 * k) & 63];
        if (i + 1 >= n) line[used - 2] = '=';
        if (i + 2 >= n) line[used - 1] = '=';
        if (used == sizeof line || i + 3 >= n) {
            xp_text_add(out, line, used);
            used = 0;
        }
    }
}

void xp_page_block(xp_text *out, const char *id, const void *bytes, size_t size) {
    void *packed = NULL;
    size_t length = 0;
    if (!xp_deflate_pack(bytes, size, &packed, &length)) {
        out->failed = true;
        return;
    }
    xp_page_put(out, "<script type=\"application/octet-stream\" id=\"%s\">", id);
    xp_page_base64(packed, length, out);
    xp_text_adds(out, "</script>\n");
    xp_free(packed);
}

void xp_page_planes(xp_text *out, const char *id, const int32_t *value, size_t n) {
    unsigned char *byte = xp_alloc(n, 4);
    if (byte == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (unsigned plane = 0; plane < 4; plane++)
            byte[plane * n + i] = (unsigned char)((uint32_t)value[i] >> (8 * plane));
    xp_page_block(out, id, byte, 4 * n);
    xp_free(byte);
}

void xp_page_facts(xp_text *out, const char *id, xp_json *json) {
    const bool good = xp_json_end(json);
    out->failed |= !good;
    xp_page_put(out, "<script type=\"application/json\" id=\"%s\">", id);
    for (const char *at = good ? json->text.data : ""; *at != 0;
         at++) /* no text ends the element, or begins a comment */
        if (*at == '<')
            xp_text_adds(out, "\\u003c");
        else
            xp_text_add(out, at, 1);
    xp_text_adds(out, "</script>\n");
    xp_json_free(json);
}
