/* Opening a ledger, and closing it. */
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

#include "base/memory.h"
#include "store/ledger_private.h"
#include "store/ledger_units.h"

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
    xp_free_all(ledger->path, ledger);
}
