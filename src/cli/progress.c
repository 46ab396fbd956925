#include "progress.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "term.h"

static volatile sig_atomic_t asked;

static void on_signal(int number) { asked = number; }

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction former[3];

int progress_signal(void) { return asked; }

int progress_interrupted(const char *ledger, size_t stored, size_t n_units) {
    if (ledger != NULL && stored > 0) {
        cli_say("interrupted with %zu of %zu units stored in %s; the same command with --resume goes "
                "on",
                stored, n_units, ledger);
        return EXPLAINT_INTERRUPTED;
    }
    cli_say("interrupted, nothing was kept%s",
            ledger == NULL ? ": --ledger FILE keeps finished units" : ": no unit was finished yet");
    return 128 + progress_signal();
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void progress_begin(progress *p, bool shown, size_t n_units, const explaint_units *store) {
    *p = (progress){.shown = shown, .began = now(), .n_units = n_units, .store = store, .first = -1};
    asked = 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < 3; i++) {
        sigaction(stopping[i], NULL, &former[i]);
        if (former[i].sa_handler != SIG_IGN) sigaction(stopping[i], &action, NULL); /* nohup stays nohup */
    }
}

static void clear(progress *p) {
    if (p->drawn) fputs("\r\033[K", stderr);
    p->drawn = false;
}

void progress_end(progress *p) {
    clear(p);
    for (size_t i = 0; i < 3; i++)
        if (former[i].sa_handler != SIG_IGN) sigaction(stopping[i], &former[i], NULL);
}

void progress_duration(double seconds, char *buffer, size_t size) {
    long s = seconds < 1e9 ? lround(seconds) : 1000000000;
    if (s < 60)
        snprintf(buffer, size, "%ld s", s);
    else if (s < 3600)
        snprintf(buffer, size, "%ld:%02ld min", s / 60, s % 60);
    else
        snprintf(buffer, size, "%ld:%02ld h", s / 3600, s / 60 % 60);
}

/* Rate over the last seconds: stored units come at once and must not make the rest look short. */
static void measure(progress *p, double time, double done) {
    if (p->first < 0) {
        p->first = done;
        p->done = done;
        p->previous = time;
    }
    double span = time - p->previous;
    if (span < .5) return;
    double current = (done - p->done) / span;
    double weight = p->rate > 0 ? 1 - exp(-span / 10) : 1;
    p->rate += weight * (current - p->rate);
    p->done = done;
    p->previous = time;
}

/* A unit's name in words: "condition/mean/taxonomic-swap" is "scores of mean on taxonomic-swap". What is none stays as it is. */
static const char *in_words(const char *what, char *text, size_t size) {
    static const struct {
        const char *key, *words;
    } known[] = {{"concepts", "names of concepts"},
                 {"features", "names of features"},
                 {"baselines", "copied neighbours, groups"},
                 {"lint/shuffle", "scores on shuffled features"},
                 {"word-form", "spelling"}};
    int layer = -1, at = 0;
    char first[64] = "", second[64] = "", before[32] = "";
    if (sscanf(what, "layer-%d/%n", &layer, &at) == 1 && at > 0)
        snprintf(before, sizeof before, "layer %d: ", layer);
    else
        at = 0;
    what += at;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(what, known[i].key) == 0) {
            snprintf(text, size, "%s%s", before, known[i].words);
            return text;
        }
    if (sscanf(what, "condition/%63[^/]/%63[^/]", first, second) == 2 && strcmp(first, second) != 0 &&
        strcmp(second, "norms") != 0)
        snprintf(text, size, "%sscores of %s on %s", before, first, second);
    else if (sscanf(what, "condition/%63[^/]", first) == 1)
        snprintf(text, size, "%sscores of %s", before, first);
    else if (sscanf(what, "test/%63[^/]", first) == 1)
        snprintf(text, size, "%spermutations of %s", before, first);
    else if (sscanf(what, "effect/%63[^/]", first) == 1)
        snprintf(text, size, "%ssize of %s", before, first);
    else
        snprintf(text, size, "%s%s", before, what);
    return text;
}

static void draw(progress *p, const char *unit, double share, double left) {
    char words[160];
    const char *what = in_words(unit, words, sizeof words);
    term t = term_of(stderr);
    char tail[160] = "", duration[32];
    double elapsed = now() - p->began;
    if (p->kept > 0 && elapsed > 1)
        snprintf(tail, sizeof tail, "  unit %zu/%zu, %.*f/s", p->units, p->n_units,
                 (double)p->kept > 10 * elapsed ? 0 : 1, (double)p->kept / elapsed);
    if (left >= 0) {
        progress_duration(left, duration, sizeof duration);
        size_t at = strlen(tail);
        snprintf(tail + at, sizeof tail - at, "  %s left", duration);
    }
    int cells = t.width >= 70 ? 20 : 10;
    int full = (int)(share * cells + .5);
    fputs("\r\033[K", stderr);
    fprintf(stderr, "%3d %% ", (int)(100 * share));
    for (int i = 0; i < cells; i++) fputs(i < full ? term_sign(&t, "━", "#") : term_sign(&t, "─", "-"), stderr);
    fputc(' ', stderr);
    int room = t.width - 1 - 7 - cells - (int)strlen(tail);
    int columns = term_columns(&t, what);
    if (room > 8) term_field(&t, what, columns < room ? columns : room);
    if (room >= 0) fputs(tail, stderr);
    fflush(stderr);
    p->drawn = true;
}

static bool report(void *self, const char *what, double done, double total) {
    progress *p = self;
    double time = now();
    measure(p, time, done);
    if (asked != 0) {
        clear(p);
        return false;
    }
    if (!p->shown || time - p->last < .1 || !(total > 0)) return true;
    p->last = time;
    double share = done / total;
    draw(p, what, share < 0 ? 0 : share > 1 ? 1 : share, p->rate > 0 ? (total - done) / p->rate : -1);
    return true;
}

explaint_progress progress_callback(progress *p) { return (explaint_progress){p, report}; }

static explaint_status find(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    progress *p = self;
    *bytes = NULL;
    *size = 0;
    if (p->store == NULL) return EXPLAINT_OK;
    explaint_status status = p->store->find(p->store->self, key, bytes, size, error);
    if (status == EXPLAINT_OK && *bytes != NULL) p->units++;
    return status;
}

static explaint_status keep(void *self, const char *key, const void *bytes, size_t size, explaint_error *error) {
    progress *p = self;
    explaint_status status = p->store != NULL ? p->store->keep(p->store->self, key, bytes, size, error) : EXPLAINT_OK;
    if (status == EXPLAINT_OK) {
        p->units++;
        p->kept++;
    }
    return status;
}

explaint_units progress_units(progress *p) { return (explaint_units){p, find, keep}; }
