#include "attention/glosses.h"

#include "text/texts.h"

/* Defined in glosses_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const unsigned char xp_glosses_gz[], xp_glosses_gz_end[];

explaint_status xp_glosses_open(explaint_texts **texts, explaint_error *error) {
    static const char name[] = "wordnet-glosses";
    xp_stream *stream = NULL;
    xp_bytes bytes = {0};
    *texts = NULL;
    explaint_status status =
        xp_stream_open_memory(name, xp_glosses_gz, (size_t)(xp_glosses_gz_end - xp_glosses_gz), &stream, error);
    if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_texts_read(name, &bytes, texts, error);
    xp_bytes_free(&bytes);
    xp_stream_close(stream);
    return status;
}
