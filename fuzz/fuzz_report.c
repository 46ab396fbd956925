/* A hostile document: whatever a JSON file holds, the report of it, and a comparison with itself, is refused in one sentence, or has tables with equal
 * numbers of cells and groups that are closed. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explaint/adjust.h"
#include "explaint/compare.h"
#include "explaint/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char report_path[64];

static void remove_report(void) { unlink(report_path); }

static void write_input(const uint8_t *data, size_t size) {
    if (report_path[0] == 0) {
        strcpy(report_path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz-report-XXXXXX" : "/tmp/fuzz-report-XXXXXX");
        int file = mkstemp(report_path);
        if (file < 0) abort();
        close(file);
        atexit(remove_report);
    }
    FILE *out = fopen(report_path, "wb");
    if (out == NULL || fwrite(data, 1, size, out) != size || fclose(out) != 0) abort();
}

/* A table's lines have as many pipes as its first. */
static void check_pipes(const char *text) {
    size_t expected = 0;
    for (const char *line = text; *line != 0;) {
        size_t length = strcspn(line, "\n"), pipes = 0;
        for (size_t i = 0; i < length && *line == '|'; i++) {
            if (line[i] == '\\')
                i++;
            else
                pipes += line[i] == '|';
        }
        if (expected != 0 && pipes != 0 && pipes != expected) abort();
        expected = pipes;
        line += length + (line[length] == '\n');
    }
}

static void check_groups(const char *text) {
    long depth = 0;
    for (const char *at = text; *at != 0; at++) {
        if (*at == '%') at += strcspn(at, "\n"); /* a comment: our own */
        if (*at == '\\' && at[1] != 0)
            at++;
        else
            depth += (*at == '{') - (*at == '}');
        if (depth < 0 || *at == 0) abort();
    }
    if (depth != 0) abort();
}

/* Beside itself: refused in one sentence, or without a difference. */
static void compare(void) {
    const explaint_compare_options options = {.flips = 99, .bootstrap = 100, .seed = 1};
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    if (explaint_compare(report_path, report_path, &options, &c, &error) != EXPLAINT_OK) {
        if (c != NULL || error.message[0] == 0 || strpbrk(error.message, "\n\x1b\x7f") != NULL) abort();
        return;
    }
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->rows[i].value[0] != c->rows[i].value[1] && !isnan(c->rows[i].value[0])) abort();
    if (c->n_changes != 0) abort();
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (explaint_record_write_json(&c->record, out, &error) != EXPLAINT_OK ||
        explaint_record_write_csv(&c->record, NULL, '.', out, &error) != EXPLAINT_OK)
        abort();
    fclose(out);
    free(text);
    explaint_comparison_free(c);
}

/* Its tests by Benjamini-Hochberg; the permutations that max-T needs are in no document. */
static void adjust(void) {
    const char *const paths[] = {report_path};
    const explaint_adjust_options options = {.method = "bh"};
    explaint_adjustment *a = NULL;
    explaint_error error = {0};
    if (explaint_adjust(paths, 1, &options, &a, &error) != EXPLAINT_OK) {
        if (a != NULL || error.message[0] == 0 || strpbrk(error.message, "\n\x1b\x7f") != NULL) abort();
        return;
    }
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (explaint_record_write_json(&a->record, out, &error) != EXPLAINT_OK ||
        explaint_record_write_csv(&a->record, "tests", '.', out, &error) != EXPLAINT_OK)
        abort();
    fclose(out);
    free(text);
    explaint_adjustment_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    write_input(data, size);
    compare();
    adjust();
    const char *const paths[] = {report_path};
    for (int latex = 0; latex < 2; latex++) {
        explaint_report_options options = {.format = latex == 1 ? "latex" : "markdown",
                                           .all_components = size % 2 == 0};
        explaint_error error = {0};
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        explaint_status status = explaint_report_write(paths, 1, &options, out, &error);
        if (fclose(out) != 0) abort();
        if (status != EXPLAINT_OK) {
            if (length != 0 || error.message[0] == 0 || strpbrk(error.message, "\n\x1b\x7f") != NULL) abort();
        } else {
            if (strlen(text) != length || strpbrk(text, "\r\x1b\x7f") != NULL) abort();
            if (latex == 1)
                check_groups(text);
            else
                check_pipes(text);
        }
        free(text);
    }
    return 0;
}
