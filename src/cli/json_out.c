#include "json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_text(const char *text) {
    putchar('"');
    for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
        if (*p == '"' || *p == '\\')
            printf("\\%c", *p);
        else if (*p < 0x20 || *p == 0x7f)
            printf("\\u%04x", *p);
        else
            putchar(*p);
    }
    putchar('"');
}

/* The fewest digits that read back to the same double. */
void json_number(const char *name, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.0f", fabs(value) < 1e15 ? value : 0);
    for (int digits = 1; digits <= 17 && strtod(text, NULL) != value; digits++)
        snprintf(text, sizeof text, "%.*g", digits, value);
    printf(", \"%s\": %s", name, text);
}

void json_member(const char *name, const char *text) {
    printf(", \"%s\": ", name);
    json_text(text);
}
