/* The small documents that the program itself prints are records, too (explaint/result.h): a struct, and a list of its fields.
 *
 *     typedef struct about { explaint_record record; const char *build; } about;
 *     static const explaint_field fields[] = {DOCUMENT_FIELD(about, TEXT, "build", build)};
 *     static const explaint_kind kind = DOCUMENT_KIND("version", about, fields); */
#ifndef XP_CLI_DOCUMENT_H
#define XP_CLI_DOCUMENT_H

#include "explaint/result.h"

#define DOCUMENT_FIELD(STRUCT, TYPE, NAME, MEMBER)                                                                     \
    { .name = (NAME), .type = EXPLAINT_FIELD_##TYPE, .offset = offsetof(STRUCT, MEMBER) }
/* A list with its count; more members of explaint_field may follow: .of = &kind. */
#define DOCUMENT_LIST(STRUCT, TYPE, NAME, MEMBER, COUNT, ...)                                                          \
    {                                                                                                                  \
        .name = (NAME), .type = EXPLAINT_FIELD_##TYPE, .offset = offsetof(STRUCT, MEMBER),                             \
        .count = offsetof(STRUCT, COUNT), __VA_ARGS__                                                                  \
    }
#define DOCUMENT_KIND(NAME, STRUCT, FIELDS)                                                                            \
    { .name = (NAME), .size = sizeof(STRUCT), .field = (FIELDS), .n_fields = sizeof(FIELDS) / sizeof *(FIELDS) }

#endif
