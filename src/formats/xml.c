#include "formats/xml.h"

#include <expat.h>

#include "base/memory.h"

enum {
    LONGEST = 1 << 20, /* bytes of a tag: expat reads a tag anew with every piece that does not end it */
    DEEPEST = 64       /* elements within each other; office files have about ten */
};

struct xp_xml {
    const char *path, *part;
    xp_xml_handler handler;
    XML_Parser parser;
    size_t fed, depth;
    explaint_status status; /* of a handler, or of the document type */
    explaint_error *error;  /* of the call at hand */
};

/* Expat calls some failed allocations by another name ("unbound prefix"), so that they are noted here. */
static _Thread_local bool no_memory;

static void *allocate(size_t size) {
    void *made = xp_alloc(size, 1);
    no_memory = no_memory || made == NULL;
    return made;
}

static void *reallocate(void *pointer, size_t size) {
    void *made = xp_realloc(pointer, size, 1);
    no_memory = no_memory || made == NULL;
    return made;
}

/* After the separator that expat puts between a namespace and a name. */
static const char *local(const char *name) {
    const char *at = strrchr(name, '|');
    return at != NULL ? at + 1 : name;
}

const char *xp_xml_attribute(const char *const *attributes, const char *name) {
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(local(attributes[i]), name) == 0) return attributes[i + 1];
    return NULL;
}

static void stop(xp_xml *xml, explaint_status status) {
    if (status == EXPLAINT_OK || xml->status != EXPLAINT_OK) return;
    xml->status = status;
    XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_begin(void *context, const XML_Char *name, const XML_Char **attributes) {
    xp_xml *xml = context;
    if (xml->status != EXPLAINT_OK) return;
    if (++xml->depth > DEEPEST)
        stop(xml, xp_fail(xml->error, EXPLAINT_INVALID, xml->path, 0,
                          "\"%.200s\" has elements more than %d deep: not a workbook", xml->part, DEEPEST));
    else
        stop(xml, xml->handler.begin(xml->handler.context, local(name), (const char *const *)attributes, xml->error));
}

static void XMLCALL on_end(void *context, const XML_Char *name) {
    xp_xml *xml = context;
    if (xml->status != EXPLAINT_OK) return;
    xml->depth--;
    if (xml->handler.end != NULL) stop(xml, xml->handler.end(xml->handler.context, local(name), xml->error));
}

static void XMLCALL on_text(void *context, const XML_Char *text, int length) {
    xp_xml *xml = context;
    if (xml->status == EXPLAINT_OK && xml->handler.text != NULL)
        stop(xml, xml->handler.text(xml->handler.context, (xp_view){text, (size_t)length}, xml->error));
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public_id,
                               int has_subset) {
    xp_xml *xml = context;
    (void)name, (void)system, (void)public_id, (void)has_subset;
    stop(xml,
         xp_fail(xml->error, EXPLAINT_INVALID, xml->path, 0,
                 "\"%.200s\" has a document type, which no workbook has and which may hide an entity bomb", xml->part));
}

explaint_status xp_xml_create(const char *path, const char *part, const xp_xml_handler *handler, xp_xml **xml,
                              explaint_error *error) {
    static const XML_Memory_Handling_Suite memory = {allocate, reallocate, xp_free};
    xp_xml *made = xp_calloc(1, sizeof *made);
    if (made != NULL) made->parser = XML_ParserCreate_MM(NULL, &memory, "|");
    *xml = NULL;
    if (made == NULL || made->parser == NULL) {
        xp_free(made);
        return xp_no_memory(error, "an XML parser");
    }
    made->path = path;
    made->part = part;
    made->handler = *handler;
    XML_SetUserData(made->parser, made);
    XML_SetElementHandler(made->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(made->parser, on_text);
    XML_SetStartDoctypeDeclHandler(made->parser, on_doctype);
    *xml = made;
    return EXPLAINT_OK;
}

void xp_xml_destroy(xp_xml *xml) {
    if (xml == NULL) return;
    XML_ParserFree(xml->parser);
    xp_free(xml);
}

static explaint_status parse(xp_xml *xml, const char *piece, size_t size, bool last, explaint_error *error) {
    xml->error = error;
    no_memory = false;
    enum XML_Status parsed = XML_Parse(xml->parser, piece, (int)size, last);
    if (xml->status != EXPLAINT_OK) return xml->status;
    if (parsed == XML_STATUS_OK) return EXPLAINT_OK;
    enum XML_Error why = XML_GetErrorCode(xml->parser);
    if (why == XML_ERROR_NO_MEMORY || no_memory) return xp_no_memory(error, "an XML parser");
    return xp_fail(error, EXPLAINT_INVALID, xml->path, 0,
                   "\"%.200s\" is not valid XML: %s at byte %lld; was it cut off?", xml->part, XML_ErrorString(why),
                   (long long)XML_GetCurrentByteIndex(xml->parser));
}

explaint_status xp_xml_feed(xp_xml *xml, const char *piece, size_t size, explaint_error *error) {
    explaint_status status = parse(xml, piece, size, false, error);
    if (status != EXPLAINT_OK) return status;
    xml->fed += size;
    XML_Index at = XML_GetCurrentByteIndex(xml->parser);
    if (at >= 0 && xml->fed - (size_t)at > LONGEST + size)
        return xp_fail(error, EXPLAINT_INVALID, xml->path, 0,
                       "\"%.200s\" has a tag of more than %d bytes: not a workbook", xml->part, LONGEST);
    return EXPLAINT_OK;
}

explaint_status xp_xml_finish(xp_xml *xml, explaint_error *error) { return parse(xml, "", 0, true, error); }
