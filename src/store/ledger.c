/* Opening a ledger, and the statements and failures that its other files share. */
#include "explaint/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/ledger_private.h"
#include "store/ledger_units.h"

/* ---- failures ---- */

static bool no_space(int reason) { return reason == ENOSPC || reason == EDQUOT || reason == EFBIG; }

/* SQLite keeps the system's reason in one place or the other (a full disk, but not a spent quota, has a code of its
 * own). */
static int system_reason(const explaint_ledger *ledger) {
    int now = errno, reason = sqlite3_system_errno(ledger->db);
    if (reason == 0) sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    return reason != 0 ? reason : now;
}

/* SQLite calls a page that the disk did not give a corrupt one. The reason why, 0 if the disk gave all that was asked. */
static int unread(const explaint_ledger *ledger) {
    int reason = 0, of_journal = 0;
    sqlite3_file *journal = NULL;
    sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    sqlite3_file_control(ledger->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal != NULL && journal->pMethods != NULL)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &of_journal);
    if (reason == 0) reason = of_journal;
    return reason == EIO || reason == ENXIO || reason == ERANGE ? reason : 0;
}

explaint_status xp_ledger_failed(const explaint_ledger *ledger, int code, const char *doing, explaint_error *error) {
    int reason = system_reason(ledger);
    /* The last to close a ledger moves the journal's pages into it and removes the journal. After a failure of the disk
     * SQLite may believe a journal empty that it could not read, and removes what was stored: whoever opens the ledger
     * next does that work. */
    int kind = code & 0xff;
    if ((kind == SQLITE_IOERR && !no_space(reason)) || (kind == SQLITE_CORRUPT && unread(ledger) != 0))
        sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    switch (kind) {
    case SQLITE_NOMEM: return xp_no_memory(error, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: another process has held the ledger for %d seconds; what is stored is kept, "
                       "wait for it and repeat the command with --resume",
                       doing, XP_LEDGER_BUSY_MS / 1000);
    case SQLITE_FULL:
        if (ledger->scratch)
            return xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                           "%s failed: the disk for temporary files is full; free space, name another folder in "
                           "SQLITE_TMPDIR, or keep the run with --ledger FILE",
                           doing);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: the disk is full; what was stored before is kept, free space and repeat the command "
                       "with --resume",
                       doing);
    case SQLITE_IOERR:
        if (no_space(reason)) return xp_ledger_failed(ledger, SQLITE_FULL, doing, error);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0, "%s failed: %s (%s); check the disk", doing,
                       sqlite3_errmsg(ledger->db), reason != 0 ? strerror(reason) : "no reason given");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        if (reason == ENOENT) /* a file that could not be made is then looked for, and is not there */
            return xp_fail(
                error, EXPLAINT_FAILED, ledger->path, 0,
                "%s failed: the ledger, or a file beside it, cannot be written; a ledger needs a folder that is there "
                "and writable, and free space",
                doing);
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: the ledger or its folder cannot be written (%s); a ledger needs both to be writable",
                       doing, reason != 0 ? strerror(reason) : sqlite3_errmsg(ledger->db));
    case SQLITE_TOOBIG:
        return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                       "%s failed: more than 1,000,000,000 bytes in one piece, which no ledger holds", doing);
    case SQLITE_NOTADB:
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "is no explaint ledger: an SQLite database was expected; name another --ledger FILE");
    default: /* a table or column that is not there, a corrupt page */
        if (kind == SQLITE_CORRUPT && (reason = unread(ledger)) != 0)
            return xp_fail(error, EXPLAINT_FAILED, ledger->path, 0, "%s failed: reading the file: %s; check the disk",
                           doing, strerror(reason));
        return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                       "is a damaged ledger: %s failed with \"%s\"; restore a copy or begin a new ledger", doing,
                       sqlite3_errmsg(ledger->db));
    }
}

explaint_status xp_ledger_damaged(const explaint_ledger *ledger, const char *what, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, ledger->path, 0,
                   "is a damaged ledger: %s; restore a copy or begin a new ledger", what);
}

/* ---- statements ---- */

explaint_status xp_ledger_run_sql(explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error) {
    int code = sqlite3_exec(ledger->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? EXPLAINT_OK : xp_ledger_failed(ledger, code, doing, error);
}

static void note_failure(xp_query *q, int code) {
    if (q->status == EXPLAINT_OK) q->status = xp_ledger_failed(q->ledger, code, q->doing, q->error);
}

xp_query xp_query_begin(const explaint_ledger *ledger, const char *sql, const char *doing, explaint_error *error) {
    xp_query q = {.ledger = ledger, .doing = doing, .error = error};
    const int code = sqlite3_prepare_v2(ledger->db, sql, -1, &q.statement, NULL);
    if (code != SQLITE_OK) note_failure(&q, code);
    return q;
}

void xp_query_bound(xp_query *q, bool bound) {
    if (!bound && q->status == EXPLAINT_OK) q->status = xp_no_memory(q->error, q->doing);
}

void xp_query_integer(xp_query *q, int at, long long value) {
    if (q->status == EXPLAINT_OK) sqlite3_bind_int64(q->statement, at, value);
}

void xp_query_text(xp_query *q, int at, const char *text) {
    if (q->status == EXPLAINT_OK) xp_query_bound(q, xp_ledger_bind_text(q->statement, at, text));
}

void xp_query_bytes(xp_query *q, int at, const void *bytes, size_t size, bool text) {
    if (q->status != EXPLAINT_OK) return;
    const int code = text ? sqlite3_bind_text64(q->statement, at, bytes, size, SQLITE_STATIC, SQLITE_UTF8)
                          : sqlite3_bind_blob64(q->statement, at, size > 0 ? bytes : "", size, SQLITE_STATIC);
    if (code != SQLITE_OK) note_failure(q, code);
}

bool xp_query_next(xp_query *q) {
    if (q->status != EXPLAINT_OK) return false;
    const int code = sqlite3_step(q->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) note_failure(q, code);
    return code == SQLITE_ROW;
}

void xp_query_run(xp_query *q) {
    (void)xp_query_next(q);
    sqlite3_reset(q->statement); /* ends the read transaction: a later writer must not wait for us */
}

explaint_status xp_query_end(xp_query *q) {
    const int code = sqlite3_finalize(q->statement);
    if (code != SQLITE_OK) note_failure(q, code);
    return q->status;
}

/* IMMEDIATE: the write lock is taken at once, where waiting is possible. A transaction that reads first and then wants
 * to write is refused without waiting if another process wrote in between. */
explaint_status xp_ledger_transaction(explaint_ledger *ledger, const char *doing, explaint_error *error) {
    return xp_ledger_run_sql(ledger, "BEGIN IMMEDIATE", doing, error);
}

explaint_status xp_ledger_end(explaint_ledger *ledger, explaint_status status, const char *doing,
                              explaint_error *error) {
    if (status == EXPLAINT_OK) status = xp_ledger_run_sql(ledger, "COMMIT", doing, error);
    /* A full disk may have rolled back already. */
    if (status != EXPLAINT_OK && !sqlite3_get_autocommit(ledger->db))
        sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

bool xp_ledger_bind_text(sqlite3_stmt *statement, int at, const char *text) {
    if (text == NULL) return sqlite3_bind_null(statement, at) == SQLITE_OK;
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    for (size_t step; p < end && (step = xp_utf8_length(p, end)) > 0;) p += step;
    if (p == end) return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
    /* Text that is no UTF-8 (a file's name may be anything) would make readers such as Python's fail: U+FFFD, as in
     * JSON. */
    xp_text clean = {0};
    for (p = (const unsigned char *)text; p < end;) {
        size_t step = xp_utf8_length(p, end);
        xp_text_add(&clean, step > 0 ? (const char *)p : "\xef\xbf\xbd", step > 0 ? step : 3);
        p += step > 0 ? step : 1;
    }
    bool bound = !clean.failed && sqlite3_bind_text(statement, at, clean.data, -1, SQLITE_TRANSIENT) == SQLITE_OK;
    xp_text_free(&clean);
    return bound;
}

bool xp_ledger_bind_number(sqlite3_stmt *statement, int at, double value) {
    return (isfinite(value) ? sqlite3_bind_double(statement, at, value) : sqlite3_bind_null(statement, at)) ==
           SQLITE_OK;
}

bool xp_ledger_bind_size(sqlite3_stmt *statement, int at, size_t value) {
    return sqlite3_bind_int64(statement, at, value <= INT64_MAX ? (sqlite3_int64)value : INT64_MAX) == SQLITE_OK;
}

bool xp_ledger_bind_count(sqlite3_stmt *statement, int at, size_t value) {
    return value > 0 ? xp_ledger_bind_size(statement, at, value) : sqlite3_bind_null(statement, at) == SQLITE_OK;
}

const char *xp_ledger_column_text(sqlite3_stmt *statement, int at) {
    const unsigned char *text = sqlite3_column_text(statement, at);
    return text != NULL ? (const char *)text : "";
}

double xp_ledger_column_number(sqlite3_stmt *statement, int at) {
    int type = sqlite3_column_type(statement, at);
    return type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(statement, at) : (double)NAN;
}

size_t xp_ledger_column_size(sqlite3_stmt *statement, int at) {
    if (sqlite3_column_type(statement, at) != SQLITE_INTEGER) return 0;
    sqlite3_int64 value = sqlite3_column_int64(statement, at);
    return value > 0 ? (size_t)value : 0;
}

/* ---- opening ---- */

/* WAL needs memory shared by all processes that use the file, which no network file system gives: two hosts would
 * corrupt the ledger. FUSE is among them because sshfs is, and nobody can tell it from a local one. */
static bool is_network(const char *path) {
    static const uint32_t magic[] = {
        0x00006969, 0xff534d42, 0xfe534d42, 0x0000517b, /* NFS, CIFS, SMB2, SMB */
        0x65735546, 0x01021997, 0x0bd00bd0, 0x47504653, /* FUSE, 9P, Lustre, GPFS */
        0x19830326, 0x00c36400, 0x5346414f, 0x6b414653, /* BeeGFS, Ceph, AFS, kAFS */
        0x73757245, 0x0000564c, 0x7461636f, 0x01161970, /* Coda, NCP, OCFS2, GFS2 */
        0xaad7aaea, 0x786f4256,                         /* PanFS, VirtualBox shares */
    };
    struct statfs info;
    if (statfs(path, &info) != 0) return true; /* unknown: the journal that works everywhere */
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if ((uint32_t)info.f_type == magic[i]) return true;
    return false;
}

/* *has: whether a log of the file's last changes lies beside it; true as well where there is no memory to know. false without memory. */
static bool has_log(const char *path, const char *suffix, bool *has) {
    xp_text beside = {0};
    struct stat info;
    xp_text_adds(&beside, path);
    xp_text_adds(&beside, suffix);
    const bool known = !beside.failed;
    *has = !known || (stat(beside.data, &info) == 0 && info.st_size > 0);
    xp_text_free(&beside);
    return known;
}

/* The first bytes of the file: how many, negative without them. A stream would need memory. */
static ssize_t first_bytes(const char *path, unsigned char *head, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t got = 0;
    for (ssize_t more = 1; more > 0 && got<(ssize_t)size; got += more> 0 ? more : 0) {
        more = read(file, head + got, size - (size_t)got);
        if (more < 0) got = -1;
        if (more < 0) break;
    }
    int why = errno;
    close(file);
    errno = why;
    return got;
}

/* What the file says before SQLite is asked, whose "unable to open database file" tells nobody what to do, and whose opening
 * tidies up after a program that was ended: another program's file must be as it was. */
static explaint_status look(const char *path, bool create, explaint_error *error) {
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT)
            return xp_fail(error, EXPLAINT_INVALID, path, 0, "the ledger cannot be opened: %s", strerror(errno));
        if (!create)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "there is no such ledger; a run with --ledger FILE makes one");
        return EXPLAINT_OK;
    }
    if (S_ISDIR(info.st_mode))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "is no explaint ledger but a folder; name a file within it, such as results.db");
    if (!S_ISREG(info.st_mode))
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "is no explaint ledger but a device or pipe; name a file");
    unsigned char head[XP_LEDGER_HEAD] = {0};
    const ssize_t got = first_bytes(path, head, sizeof head);
    if (got < 0) return xp_fail(error, EXPLAINT_INVALID, path, 0, "the ledger cannot be read: %s", strerror(errno));
    if (got == 0 && !create)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "is no explaint ledger but an empty file; a run with --ledger FILE fills it");
    if (got == 0) return EXPLAINT_OK;
    if (got < (ssize_t)sizeof head || memcmp(head, "SQLite format 3", 16) != 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "is no explaint ledger: an SQLite database was expected; name another --ledger FILE");
    /* Another process that makes a ledger keeps a journal until the file says whose it is; it has one page, if any, till then. */
    const off_t stored = head[16] << 8 | head[17], page = stored == 1 ? 65536 : stored;
    bool log, journal;
    if (!has_log(path, "-wal", &log) || !has_log(path, "-journal", &journal)) return xp_no_memory(error, "the ledger");
    return xp_ledger_head(path, head, log || (journal && info.st_size > page), error);
}

/* The file is input from anywhere: its triggers and views must not run, its schema is not trusted. */
static void distrust(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, XP_LEDGER_BUSY_MS);
}

/* Every commit is on the disk before `keep` returns: a unit takes seconds to minutes to compute and a sync a few
 * milliseconds, and the exit code 75 promises that a stored unit is there after a power loss. kill -9 alone would allow
 * NORMAL: the pages are the kernel's by then. EXTRA is FULL that also syncs the folder when a rollback journal was
 * removed, without which a power loss could bring the journal back and undo the last unit. */
static explaint_status set_journal(explaint_ledger *ledger, bool to_write, explaint_error *error) {
    explaint_status status =
        xp_ledger_run_sql(ledger, "PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON",
                          "opening the ledger", error);
    if (status != EXPLAINT_OK || sqlite3_db_readonly(ledger->db, "main") == 1) return status;
    bool network = is_network(ledger->path);
    if (!to_write && !network) return EXPLAINT_OK; /* who only reads changes nothing, not even the header */
    xp_query q = xp_query_begin(ledger, network ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL",
                                "setting the journal", error);
    if (q.status != EXPLAINT_OK) return q.status;
    const int code = sqlite3_step(q.statement);
    const bool row = code == SQLITE_ROW;
    /* The mode can only change while nobody else is at work. Busy: the other process's journal is as safe. */
    if (!row && code != SQLITE_DONE && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
        status = xp_ledger_failed(ledger, code, q.doing, error);
    if (status == EXPLAINT_OK && network && row && strcmp(xp_ledger_column_text(q.statement, 0), "wal") == 0)
        status = xp_fail(error, EXPLAINT_FAILED, ledger->path, 0,
                         "the ledger is on a network file system and in WAL mode, which needs a local one; close other "
                         "programs that use it and repeat the command");
    sqlite3_finalize(q.statement);
    return status;
}

/* The file's name as SQLite takes it. "./" and the escapes keep it from reading a name such as ":memory:", "file:x" or
 * "a?b" as anything but a name. */
static void sqlite_name(const char *path, bool immutable, xp_text *name) {
    if (immutable) xp_text_adds(name, "file:");
    if (path[0] != '/') xp_text_adds(name, "./");
    for (const unsigned char *p = (const unsigned char *)path; *p != 0; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                     strchr("/._-", *p) != NULL;
        if (plain || !immutable)
            xp_text_add(name, (const char *)p, 1);
        else
            xp_text_addf(name, "%%%02x", (unsigned)*p);
    }
    if (immutable) xp_text_adds(name, "?immutable=1");
}

static explaint_status open_database(explaint_ledger *ledger, bool create, bool immutable, explaint_error *error) {
    xp_text name = {0};
    if (ledger->scratch)
        xp_text_adds(&name, ""); /* so SQLite calls a temporary file */
    else
        sqlite_name(ledger->path, immutable, &name);
    if (name.failed) {
        xp_text_free(&name);
        return xp_no_memory(error, "the ledger");
    }
    int flags = SQLITE_OPEN_FULLMUTEX | (immutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE) |
                (create ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(name.data, &ledger->db, flags, NULL);
    xp_text_free(&name);
    if (ledger->db == NULL) return xp_no_memory(error, "the ledger");
    if (code != SQLITE_OK)
        return xp_ledger_failed(ledger, sqlite3_extended_errcode(ledger->db), "opening the ledger", error);
    distrust(ledger->db);
    /* The journal last: with the schema in place before WAL is on, the file's own header names its kind. */
    explaint_status status = xp_ledger_check(ledger, create, error);
    if (status == EXPLAINT_OK && ledger->scratch)
        return xp_ledger_run_sql(ledger, "PRAGMA synchronous = OFF", "opening the ledger", error);
    if (status == EXPLAINT_OK) return set_journal(ledger, create, error);
    /* What is refused stays as it is: what waits in the log of another process is not moved into the file. */
    bool log;
    (void)has_log(ledger->path, "-wal", &log);
    if (log) sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return status;
}

/* Whether nobody is writing a ledger that we may not write: its folder is closed to us and no log lies beside it.
 * Reading in WAL mode needs a file of shared memory there, so such a ledger (a colleague's, or on a read-only disk) is
 * opened as one that does not change. */
static bool is_still(const char *path) {
    xp_text beside = {0}, folder = {0};
    const char *slash = strrchr(path, '/');
    xp_text_add(&folder, slash != NULL ? path : ".", slash != NULL ? (size_t)(slash - path) + 1 : 1);
    xp_text_adds(&beside, path);
    xp_text_adds(&beside, "-wal");
    bool still = !folder.failed && !beside.failed && access(folder.data, W_OK) != 0 && access(beside.data, F_OK) != 0;
    xp_text_free(&beside);
    xp_text_free(&folder);
    return still;
}

/* path: NULL: in no file that anybody finds. */
static explaint_status open_ledger(const char *path, bool create, explaint_ledger **ledger, explaint_error *error) {
    explaint_ledger *opened = xp_calloc(1, sizeof *opened);
    if (opened == NULL || (opened->path = xp_strdup(path != NULL ? path : "a temporary ledger")) == NULL) {
        xp_free(opened);
        return xp_no_memory(error, "the ledger");
    }
    opened->scratch = path == NULL;
    explaint_status status = open_database(opened, create, false, error);
    if (status == EXPLAINT_FAILED && !create && is_still(path)) {
        sqlite3_close(opened->db);
        opened->db = NULL;
        status = open_database(opened, false, true, error);
    }
    if (status == EXPLAINT_OK)
        *ledger = opened;
    else
        explaint_ledger_close(opened);
    return status;
}

explaint_status explaint_ledger_open(const char *path, bool create, explaint_ledger **ledger, explaint_error *error) {
    *ledger = NULL;
    if (path == NULL || path[0] == 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "a ledger needs a file's name, found none; give --ledger FILE");
    const explaint_status status = look(path, create, error);
    return status == EXPLAINT_OK ? open_ledger(path, create, ledger, error) : status;
}

const char *xp_ledger_path(const explaint_ledger *ledger) { return ledger->scratch ? NULL : ledger->path; }

explaint_status explaint_ledger_scratch(explaint_ledger **ledger, explaint_error *error) {
    *ledger = NULL;
    return open_ledger(NULL, true, ledger, error);
}

void explaint_ledger_close(explaint_ledger *ledger) {
    if (ledger == NULL) return;
    sqlite3_close(ledger->db);
    xp_free(ledger->path);
    xp_free(ledger);
}
