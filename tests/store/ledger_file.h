/* Ledgers in a folder of the test's own, which goes away with it. Include after cmocka.h. */
#ifndef TESTS_STORE_LEDGER_FILE_H
#define TESTS_STORE_LEDGER_FILE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explaint/ledger.h"

#define IDENTITY_1 SAMPLE_IDENTITY(SHA_A, "1")
#define IDENTITY_2 SAMPLE_IDENTITY(SHA_A, "2")

static char ledger_directory[64];

static inline const char *directory(void) { return ledger_directory; }

static inline int make_directory(void **unused) {
    (void)unused;
    strcpy(ledger_directory, "/tmp/explaint-ledger-XXXXXX");
    return mkdtemp(ledger_directory) != NULL ? 0 : -1;
}

static inline int remove_directory(void **unused) {
    (void)unused;
    DIR *folder = opendir(ledger_directory);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", ledger_directory, entry->d_name);
        if (entry->d_name[0] != '.') unlink(path);
    }
    if (folder != NULL) closedir(folder);
    return rmdir(ledger_directory);
}

/* The path of a file that does not exist. Valid until the next call. */
static inline const char *fresh(const char *name) {
    static char path[128], side[160];
    snprintf(path, sizeof path, "%s/%s.db", ledger_directory, name);
    static const char *const suffix[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(side, sizeof side, "%s%s", path, suffix[i]);
        unlink(side);
    }
    return path;
}

#define ok(call, error)                                                                                                \
    do {                                                                                                               \
        if ((call) != EXPLAINT_OK) fail_msg("%s: %s", #call, (error)->message);                                        \
    } while (0)

static inline explaint_ledger *open_ledger(const char *path) {
    explaint_error failure = {0};
    explaint_ledger *ledger = NULL;
    ok(explaint_ledger_open(path, true, &ledger, &failure), &failure);
    return ledger;
}

#endif
