/* Progress on a terminal, and what the first Ctrl-C means: stop after saving. */
#ifndef XP_CLI_PROGRESS_H
#define XP_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "explaint/infer.h"

typedef struct progress {
    bool shown;                   /* a terminal, and not --quiet */
    bool drawn;                   /* something stands on the line */
    double began, last, previous; /* seconds; of the run, the last drawing, the last rate */
    double first, done, rate;     /* work units */
    size_t units, n_units;        /* finished (stored ones included), in the plan */
    size_t kept;                  /* finished in this process */
    const explaint_units *store;  /* where units really go; NULL: nowhere */
} progress;

/* From here to progress_end the first SIGINT, SIGTERM or SIGHUP only asks to stop; the second one kills. */
void progress_begin(progress *p, bool shown, size_t n_units, const explaint_units *store);
void progress_end(progress *p);
/* The signal that asked to stop, or 0. */
int progress_signal(void);

/* Says what an interruption left, in one sentence, and gives the exit code. ledger: NULL, where nothing is kept. */
int progress_interrupted(const char *ledger, size_t stored, size_t n_units);

/* What explaint_plan_run is given. */
explaint_progress progress_callback(progress *p);
explaint_units progress_units(progress *p);

/* "1:05:09", "3:20", "12 s" */
void progress_duration(double seconds, char *buffer, size_t size);

#endif
