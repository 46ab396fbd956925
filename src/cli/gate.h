/* What a comparison is asked to be, for scripts: compare --fail-on. */
#ifndef XP_CLI_GATE_H
#define XP_CLI_GATE_H

#include "explaint/compare.h"

typedef struct gate {
    bool changed; /* no verdict may be another */
    bool worse;   /* nothing may be worse by more than `by` */
    double by;    /* of a score or of r */
} gate;

/* "changed", "worse", "worse:.01". false: it is neither. */
bool gate_read(const char *text, gate *g);
/* Does the comparison pass? Otherwise why holds what does not, in a sentence. */
bool gate_pass(const gate *g, const explaint_comparison *comparison, char *why, size_t size);

#endif
