/* Faults at a chosen place of this process: the n-th allocation, the n-th write or the n-th read fails, whoever makes
 * it, the program, SQLite, jansson, zlib or libc itself.
 *
 *     inject *fault = inject_shared();            // seen by parent and children
 *     if (fork() == 0) {
 *         inject_install(fault);                  // once in a child: cannot be taken back
 *         *fault = (inject){.kind = INJECT_WRITE, .at = 3};
 *         fault->armed = true;
 *
 * Allocations: malloc, calloc and realloc are defined here and stand before those of libc (or of the address
 * sanitizer, which they call). Reads and writes: a seccomp filter sends the system calls of libc, and of nobody else,
 * to a signal handler, which performs or refuses them; libc's streams cannot be reached otherwise. */
#ifndef XP_TESTS_FAULTS_INJECT_H
#define XP_TESTS_FAULTS_INJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum inject_kind { INJECT_MEMORY, INJECT_WRITE, INJECT_READ } inject_kind;

typedef enum inject_how {
    INJECT_ONCE,    /* the n-th fails, the next ones work */
    INJECT_FOREVER, /* and so does every later one that takes memory or space: what a full disk is like */
    INJECT_SHORT    /* the n-th read or write moves half of what was asked for, which is no error */
} inject_how;

typedef struct inject {
    inject_kind kind;
    inject_how how;
    size_t at;          /* from 1; 0: count only */
    atomic_size_t seen; /* events of this kind since it was armed */
    atomic_bool armed;
} inject;

/* In memory that a child shares with its parent. NULL: none. */
inject *inject_shared(void);

/* Puts the filter in place for this process and its children. false: this machine has no seccomp. */
bool inject_install(inject *fault);

#endif
