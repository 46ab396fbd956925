/* XML as a stream of elements and text. Adapter of expat.
 *
 * Names come without their namespace: the readers of office files need no more. A document type (entities, and with them
 * bombs) is refused: these formats have none. Memory is that of base/memory.h. */
#ifndef XP_FORMATS_XML_H
#define XP_FORMATS_XML_H

#include "base/error.h"
#include "base/view.h"

typedef struct xp_xml xp_xml;

/* Attributes of an element: names and values by turns, NULL at the end. end and text: NULL where nobody asks. */
typedef struct xp_xml_handler {
    explaint_status (*begin)(void *context, const char *name, const char *const *attributes, explaint_error *error);
    explaint_status (*end)(void *context, const char *name, explaint_error *error);
    explaint_status (*text)(void *context, xp_view piece, explaint_error *error); /* a text may come in pieces */
    void *context;
} xp_xml_handler;

/* The value of an attribute by its local name, or NULL. */
const char *xp_xml_attribute(const char *const *attributes, const char *name);

/* path and part are for messages and borrowed: "part" of the file at path. */
explaint_status xp_xml_create(const char *path, const char *part, const xp_xml_handler *handler, xp_xml **xml,
                              explaint_error *error);
void xp_xml_destroy(xp_xml *xml);
explaint_status xp_xml_feed(xp_xml *xml, const char *piece, size_t size, explaint_error *error);
explaint_status xp_xml_finish(xp_xml *xml, explaint_error *error);

#endif
