/* faults KIND [SCENARIO] [-v] [--all]: whole commands of the program while the n-th allocation, write or read fails, for
 * every n. KIND: memory, write, read. -v prints every sentence that was said; --all leaves no n out.
 *
 * Each n is a process of its own, forked before the program's main, on a folder as it was. A command that meets a fault
 * does what it would have done without, or it fails: with the exit code that is documented, one line on stderr, nothing
 * on stdout (after a failed write: the beginning), every file as it was or whole, no other file, and no leak (under the
 * address sanitizer). What a ledger kept is then used: --resume gives the document of an undisturbed run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explaint/explaint.h"
#include "faults/fixtures.h"
#include "faults/inject.h"

/* ---- the scenarios: a line each ---- */

#define NORMS " --norms long.csv --embeddings v.txt"
#define SMALL " --components 2 --folds 3 --threads 1 --permutations 0 --quiet"
#define AUTO " --components auto:1-2 --folds 3 --threads 1 --permutations 0 --quiet"
#define FEW " --conditions system,mean,shuffle --metrics f1_at_10"
#define KEEP(file) "infer" NORMS SMALL FEW " --json --ledger " file
#define ATTEND(file)                                                                                                   \
    "attend --model model --texts texts.txt --fit-texts seen.txt --threads 1 --quiet --json --layers last --damage "   \
    "permute --ledger " file
#define LINEAR                                                                                                         \
    "attend --model model --texts texts.txt --fit-texts seen.txt --threads 1 --quiet --json --layers last --measures " \
    "identity_recovered --cache ."
#define TESTS                                                                                                          \
    "infer" NORMS " --components 2 --folds 3 --threads 1 --permutations 19 --refits 1 --bootstrap 100 --quiet "        \
    "--conditions system"

typedef struct scenario {
    const char *name, *command;
    const char *again; /* afterwards, undisturbed: the same as after an undisturbed command */
} scenario;

static const scenario scenarios[] = {
    {"version", "version", NULL},
    {"version as JSON", "version --json", NULL},
    {"help", "infer --help", NULL},
    {"manual", "--man", NULL},
    {"list", "norms list --json", NULL},
    {"long", "norms describe long.csv", NULL},
    {"gzip", "norms describe long.csv.gz --json", NULL},
    {"wide", "norms describe wide.csv --na mask", NULL},
    {"mcrae", "norms describe mcrae --values binary", NULL},
    {"workbook", "norms describe norms.xlsx", NULL},
    {"columns", "norms describe columns.csv --json", NULL},
    {"columns chosen", "norms describe columns.csv --columns concept=WORD --drop-columns *.SD,letters,b*mean --json",
     NULL},
    {"responses", "norms describe responses.csv --drop-columns n,pct", NULL},
    {"value by name", "norms describe responses.csv --json", NULL},
    {"sums", "norms describe --norms sums.csv --json", NULL},
    {"sheets", "norms describe sheets.xlsx", NULL},
    {"a sheet", "norms describe sheets.xlsx --sheet b", NULL},
    {"numbers", "norms describe v.npy --concepts words.txt", NULL},
    {"baseline", "norms baseline long.csv --claim .25 --categories categories.csv --folds 3 --threads 1 --json", NULL},
    {"baseline in words", "norms baseline wide.csv --na mask --folds 3 --threads 1 --output out.txt", NULL},
    {"a plan", TESTS " --dry-run", NULL},
    {"convert", "norms convert wide.csv --na zero --output out.csv", NULL},
    {"link", "norms convert long.csv --output link.csv", NULL},
    {"convert to stdout", "norms convert long.csv --output -", NULL},
    {"wordnet", "norms wordnet wordnet --vocabulary wordnet/vocabulary.txt --output out.csv", NULL},
    {"json", "infer" NORMS SMALL " --json", NULL},
    {"view", "infer --norms wide.csv --na mask --embeddings v.txt.gz" SMALL " --output out.txt", NULL},
    {"array", "infer --norms mcrae --embeddings v.npy --words words.txt" SMALL FEW " --csv", NULL},
    {"labels", "infer" NORMS SMALL FEW " --folds folds.csv --categories categories.csv --by-fold --output out.json",
     NULL},
    {"predictions", "infer" NORMS SMALL FEW " --csv --output out.csv --predictions top.csv", NULL},
    {"matrices", "infer" NORMS SMALL FEW " --predictions all.safetensors", NULL},
    {"binary", "infer --norms mcrae --embeddings v.bin" SMALL FEW " --pls sklearn --csv", NULL},
    {"table", "infer --norms mcrae --embeddings v.csv --tensor layer.3" SMALL FEW " --csv", NULL},
    {"words of arrays", "infer --norms mcrae --embeddings w.npz" SMALL FEW " --csv", NULL},
    {"safetensors", "infer --norms mcrae --embeddings v.safetensors --words words.txt" SMALL FEW " --csv", NULL},
    {"archive", "infer --norms mcrae --embeddings v.npz --words words.txt" AUTO FEW " --csv", NULL},
    {"ffnn",
     "infer" NORMS " --mapping ffnn --hidden 3 --epochs 2 --folds 3 --threads 1 --permutations 0 --by-fold --json" FEW,
     NULL},
    {"knn", "infer" NORMS " --mapping knn --folds 3 --threads 1 --permutations 0 --json" FEW, NULL},
    {"tests", TESTS " --json --fail-on supported", NULL},
    {"ledger", KEEP("runs.db"), KEEP("runs.db") " --resume"},
    {"finished", KEEP("kept.db") " --resume", KEEP("kept.db") " --resume"},
    {"stopped", KEEP("half.db") " --resume", KEEP("half.db") " --resume"},
    {"runs list", "runs list --ledger kept.db", "runs list --ledger kept.db"},
    {"runs show", "runs show --ledger kept.db", "runs show --ledger kept.db"},
    {"runs export", "runs export --ledger kept.db --output out.json", "runs export --ledger kept.db"},
    {"runs list, stopped", "runs list --ledger half.db", "runs list --ledger half.db"},
    {"buchanan", "norms describe buchanan.csv --pair-value sum --json", NULL},
    {"inspect", "model inspect --model bare --json", NULL},
    {"torch archive", "model inspect --model zipped --json", NULL},
    {"torch stream", "model inspect --model streamed --json", NULL},
    {"inspect a GGUF", "model inspect --model blocks.gguf --json", NULL},
    {"inspect a model in a GGUF", "model inspect --model model.gguf --json", NULL},
    {"embed of a GGUF",
     "embed --model model.gguf --words seen.txt --template {}. --pieces next --output out.safetensors --threads 1",
     NULL},
    {"dump", "model dump --model model --texts texts.txt --output out.safetensors", NULL},
    {"dump of a decoder", "model dump --model decoder --texts texts.txt --output out.safetensors --logits", NULL},
    {"generate", "model generate --model decoder --text sun --max-tokens 2 --threads 1 --json", NULL},
    {"score", "model score --model decoder --texts texts.txt --threads 1 --json", NULL},
    {"embed", "embed --model model --words seen.txt --template {}. --output out.safetensors --threads 1", NULL},
    {"embed in a ledger",
     "embed --model model --words seen.txt --layers 1 --output out.npy --threads 1 --ledger embed.db --json",
     "embed --model model --words seen.txt --layers 1 --output out.npy --threads 1 --ledger embed.db --json --resume"},
    {"embed in contexts",
     "embed --model model --words seen.txt --contexts texts.txt --layers 1 --prototypes 2 --standardise --remove-top 1 "
     "--output out.csv --threads 1",
     NULL},
    {"embed typed texts", "embed --model model --text dog --text cat --output out.npy --threads 1 --json", NULL},
    {"embed texts", "embed --model model --texts texts.txt --pooling mean --output out.npy --threads 1 --json", NULL},
    {"embed texts of a table", "embed --model model --texts texts.csv --pooling mean --output out.npy --threads 1",
     NULL},
    {"embed texts of objects", "embed --model model --texts texts.jsonl --pooling mean --output out.npy --threads 1",
     NULL},
    {"embed sentences", "embed --model model --texts texts.txt --truncate --output out.npy --threads 1 --json", NULL},
    {"attend",
     "attend --model model --texts texts.txt --fit-texts seen.txt --threads 1 --quiet --json --head 1.1 "
     "--relate related.json --maps all.safetensors",
     NULL},
    {"attend to a decoder",
     "attend --model decoder --texts phrases.txt --threads 1 --quiet --json --measures "
     "attention,damage,flow --columns 0,1 --attribution 2 --damage permute-content --maps decoder.safetensors "
     "--level word --special out",
     NULL},
    {"attend picture",
     "attend --model model --texts texts.txt --fit-texts seen.txt --threads 1 --quiet --measures damage --damage "
     "permute "
     "--picture out.svg --layer 1 --head 1",
     NULL},
    {"attend, maps are kept", LINEAR " --seed 2", LINEAR " --seed 2"},
    {"attend, maps were kept", LINEAR, LINEAR},
    {"attend in a ledger", ATTEND("related.db") " --head 1.1", ATTEND("related.db") " --head 1.1 --resume"},
    {"layers",
     "infer --norms seen.csv --model model --layers all --template {} --components 1 --folds 2 --threads 1 "
     "--permutations 0 "
     "--quiet --json" FEW,
     NULL},
    {"layers of a file", "infer --norms mcrae --embeddings layers.safetensors --tensor all" SMALL FEW " --json", NULL},
    {"report", "report --markdown kept.db half.db", "report --markdown kept.db half.db"},
    {"report of everything", "report --all --markdown kept.db half.db", "report --all --markdown kept.db half.db"},
    {"report of a document", "report --latex made.json --output out.txt", NULL},
    {"report of attention", "report --latex pictures.json", NULL},
    {"report page", "report tested.db half.db --output out.html --force",
     "report tested.db half.db --output out.html --force"},
    {"report page of attention", "report pictures.json made.json --output out.html --force", NULL},
    {"report page of maps", "report pictures.json pictures.safetensors --output out.html --force", NULL},
    {"report of a relation", "report --markdown --all relation.json", NULL},
    {"report page of a relation", "report relation.json --output out.html --force", NULL},
    {"infer as a page", "infer" NORMS SMALL FEW " --output out.html", NULL},
    {"comparison as a page", "compare kept.db:1 kept.db --output out.html --quiet --flips 99 --bootstrap 100",
     "compare kept.db:1 kept.db --flips 99 --bootstrap 100"},
    {"compare", "compare kept.db:1 kept.db --json --flips 99 --bootstrap 100",
     "compare kept.db:1 kept.db --json --flips 99 --bootstrap 100"},
    {"compare attention", "compare pictures.json pictures.json --json --flips 99 --bootstrap 100", NULL},
    {"compare relations", "compare relation.json relation.json --json", NULL},
    {"adjust", "adjust tested.db --json", "adjust tested.db --json"},
    {"compare documents", "compare made.json kept.db --flips 99 --bootstrap 100 --output out.csv", NULL},
    {"tests beyond covariates", TESTS " --json --covariates covariates.csv --claim information --within all", NULL},
    {"tests over categories", TESTS " --json --interval categories", NULL},
    {"runs rows", "runs export --csv --ledger kept.db", "runs export --csv --ledger kept.db"},
    {"runs nulls", "runs export --nulls tested.db", "runs export --nulls tested.db"},
    {"runs concepts", "runs export --concepts tested.db", "runs export --concepts tested.db"},
    {"runs neighbours", "runs export tested.db --neighbours --output out.csv", "runs export --neighbours tested.db"},
};

/* How faults of a kind come, and how a command may end. */
typedef struct mode {
    const char *kind, *name;
    inject_kind what;
    inject_how how;
    const char *codes; /* of a failure */
} mode;

static const mode modes[] = {
    {"memory", "one allocation fails", INJECT_MEMORY, INJECT_ONCE, "1"},
    {"memory", "memory is used up", INJECT_MEMORY, INJECT_FOREVER, "1"},
    {"write", "one write fails", INJECT_WRITE, INJECT_ONCE, "1"},
    {"write", "the disk stays full", INJECT_WRITE, INJECT_FOREVER, "1"},
    {"write", "one write is short", INJECT_WRITE, INJECT_SHORT, ""},
    {"read", "one read fails", INJECT_READ, INJECT_ONCE, "13"},
    {"read", "one read is short", INJECT_READ, INJECT_SHORT, ""},
};

/* Where all n would take minutes: all up to here, and then as many again at equal distances. */
#ifdef __SANITIZE_ADDRESS__
enum { ALL = 3 }; /* twenty times slower there: the release build tries the rest */
#else
enum { ALL = 64 };
#endif

#define LENGTH(list) (sizeof(list) / sizeof *(list))

/* ---- files ---- */

typedef struct file {
    char name[80], *bytes;
    size_t size;
} file;

typedef struct folder {
    file item[128];
    size_t n;
} folder;

static void stop(const char *what) {
    perror(what);
    exit(2);
}

static char *slurp(const char *path, size_t *size) {
    int fd = open(path, O_RDONLY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) stop(path);
    char *bytes = malloc((size_t)status.st_size + 1);
    *size = 0;
    for (ssize_t got; (got = read(fd, bytes + *size, (size_t)status.st_size - *size)) > 0;) *size += (size_t)got;
    bytes[*size] = 0;
    close(fd);
    return bytes;
}

static folder *walked;

static int visit(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)at;
    if (type != FTW_F) return 0;
    if (walked->n == LENGTH(walked->item)) stop("too many files");
    file *f = &walked->item[walked->n++];
    snprintf(f->name, sizeof f->name, "%s", path + 2);
    f->bytes = slurp(path, &f->size);
    return 0;
}

static void folder_read(folder *f) {
    walked = f;
    f->n = 0;
    if (nftw(".", visit, 8, FTW_PHYS) != 0) stop("reading the folder");
}

static void folder_free(folder *f) {
    for (size_t i = 0; i < f->n; i++) free(f->item[i].bytes);
    f->n = 0;
}

static const file *folder_find(const folder *f, const char *name) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->item[i].name, name) == 0) return &f->item[i];
    return NULL;
}

static bool same(const file *a, const file *b) {
    return a != NULL && b != NULL && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void folder_restore(const folder *now, const folder *then) {
    for (size_t i = 0; i < now->n; i++)
        if (folder_find(then, now->item[i].name) == NULL) unlink(now->item[i].name);
    for (size_t i = 0; i < then->n; i++) {
        const file *f = &then->item[i];
        if (same(folder_find(now, f->name), f)) continue;
        FILE *out = fopen(f->name, "wb");
        if (out == NULL || fwrite(f->bytes, 1, f->size, out) != f->size || fclose(out) != 0) stop(f->name);
    }
}

/* ---- a command in a process of its own ---- */

typedef struct outcome {
    int code; /* -n: ended by signal n */
    char *out, *err;
    size_t out_size, err_size;
} outcome;

enum { LEAKED = 99, NO_FILTER = 98 };
static char out_path[96], err_path[96];
static inject *fault;

int explaint_main(int argc, char **argv); /* src/cli/main.c */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
extern void __gcov_dump(void) __attribute__((weak));

static void redirect(const char *path, int to) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, to) < 0) _exit(2);
    close(fd);
}

_Noreturn static void perform(const char *command, const mode *m, size_t at) {
    static char words[1024];
    char *argv[64] = {(char[]){"explaint"}};
    int argc = 1;
    snprintf(words, sizeof words, "%s", command);
    for (char *word = strtok(words, " "); word != NULL && argc < 63; word = strtok(NULL, " ")) argv[argc++] = word;
    redirect(out_path, STDOUT_FILENO);
    redirect(err_path, STDERR_FILENO);
    alarm(300);                                   /* a command that hangs */
    if (!inject_install(fault)) _exit(NO_FILTER); /* always: it also spares the waiting for the disk */
    if (m != NULL) {
        fault->kind = m->what;
        fault->how = m->how;
        fault->at = at;
        atomic_store(&fault->seen, 0);
        atomic_store(&fault->armed, true);
    }
    int code = explaint_main(argc, argv);
    atomic_store(&fault->armed, false);
    if (__gcov_dump != NULL) __gcov_dump();
    if (__lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0) code = LEAKED;
    _exit(code);
}

/* m NULL: undisturbed. */
static outcome run(const char *command, const mode *m, size_t at) {
    pid_t child = fork();
    if (child < 0) stop("fork");
    if (child == 0) perform(command, m, at);
    int status;
    if (waitpid(child, &status, 0) != child) stop("waitpid");
    atomic_store(&fault->armed, false);
    outcome o = {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)};
    o.out = slurp(out_path, &o.out_size);
    o.err = slurp(err_path, &o.err_size);
    return o;
}

static void outcome_free(outcome *o) {
    free(o->out);
    free(o->err);
}

/* ---- what must hold ---- */

static folder before, reference, after;

static bool of_ledger(const char *name) { return strstr(name, ".db") != NULL; } /* and -wal, -shm beside it */

static bool same_output(const outcome *a, const outcome *b) {
    return a->code == b->code && a->out_size == b->out_size && memcmp(a->out, b->out, a->out_size) == 0;
}

/* What is wrong with a command that met a fault; NULL: nothing. */
static const char *judge(const mode *m, const outcome *expected, const outcome *o) {
    static char text[200];
    bool unharmed = same_output(o, expected) && o->err_size == expected->err_size;
    if (o->code == LEAKED) return "memory leaks";
    if (o->code < 0) return "ended by a signal";
    if (!unharmed) {
        char code[2] = {(char)('0' + o->code), 0};
        if (o->code < 1 || o->code > 9 || strstr(m->codes, code) == NULL) return "another result, or a wrong exit code";
        const char *line = strchr(o->err, '\n');
        if (line == NULL || line[1] != 0 || strncmp(o->err, "explaint: ", 10) != 0) return "not one line on stderr";
        if (m->what == INJECT_MEMORY && strstr(o->err, "memory") == NULL) return "memory is not named on stderr";
        if (m->what != INJECT_WRITE && o->out_size > 0) return "stdout is not empty after an error";
        /* A stream goes on after the one write that failed, and then lacks its middle. */
        if (o->out_size > expected->out_size ||
            (m->how != INJECT_ONCE && memcmp(o->out, expected->out, o->out_size) != 0))
            return "stdout is not the beginning of what it should be";
    }
    for (size_t i = 0; i < after.n; i++) {
        const file *f = &after.item[i], *old = folder_find(&before, f->name), *new = folder_find(&reference, f->name);
        snprintf(text, sizeof text, "%s is neither old nor whole", f->name);
        if (!of_ledger(f->name) && !same(f, new) && (unharmed || !same(f, old))) return text;
    }
    for (size_t i = 0; i < before.n; i++) {
        snprintf(text, sizeof text, "%s is gone", before.item[i].name);
        if (strstr(before.item[i].name, ".db-") == NULL && folder_find(&after, before.item[i].name) == NULL)
            return text;
    }
    return NULL;
}

static size_t failures, runs;
static bool loud, every;

static void complain(const scenario *s, const mode *m, size_t at, const char *why, const outcome *o) {
    failures++;
    fprintf(stderr, "FAILS: %s, %s: %zu: %s (exit %d)\n    explaint %s\n    %.3000s\n", s->name, m->name, at, why,
            o->code, s->command, o->err);
}

static void said(const outcome *o) {
    static char *seen[2000];
    static size_t n;
    for (size_t i = 0; i < n; i++)
        if (strcmp(seen[i], o->err) == 0) return;
    if (n < LENGTH(seen)) seen[n++] = strdup(o->err);
    fprintf(stderr, "    %d %s", o->code, o->err);
}

static bool attempt(const scenario *s, const mode *m, size_t at, const outcome *expected, const outcome *again) {
    outcome o = run(s->command, m, at);
    runs++;
    folder_read(&after);
    const char *why = judge(m, expected, &o);
    if (why == NULL && again->out != NULL) {
        outcome next = run(s->again, NULL, 0);
        if (!same_output(&next, again)) {
            why = "afterwards the result is another";
            fprintf(stderr, "%.2000s", next.err);
        }
        outcome_free(&next);
        folder_free(&after);
        folder_read(&after);
    }
    if (why != NULL)
        complain(s, m, at, why, &o);
    else if (loud && o.err_size > 0)
        said(&o);
    folder_restore(&after, &before);
    folder_free(&after);
    outcome_free(&o);
    return why == NULL;
}

static void every_fault(const scenario *s, const mode *m) {
    outcome again = {0}, expected = run(s->command, m, 0);
    size_t total = atomic_load(&fault->seen), wrong = 0, tried = 0;
    folder_read(&reference);
    if (s->again != NULL) again = run(s->again, NULL, 0);
    folder_free(&after);
    folder_read(&after);
    folder_restore(&after, &before);
    folder_free(&after);
    if ((expected.code != 0 && expected.code != 5) || again.code != 0) {
        complain(s, m, 0, "does not work undisturbed", expected.code != 0 ? &expected : &again);
    } else {
        size_t step = every || total <= 2 * ALL ? 1 : (total - ALL) / ALL + 1;
        for (size_t at = 1; at <= total && wrong < 3; at += at < ALL ? 1 : step, tried++)
            wrong += !attempt(s, m, at, &expected, &again);
        fprintf(stderr, "%s, %s: %zu of %zu\n", s->name, m->name, tried, total);
    }
    folder_free(&reference);
    outcome_free(&expected);
    if (again.out != NULL) outcome_free(&again);
}

/* ---- the place ---- */

static char place[64] = "/tmp/explaint-faults-XXXXXX";

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)type, (void)at;
    return remove(path);
}

/* related.json and related.db: a run of relate about head 1.1 of the model that pictures.json is of, whose few words make no pairs. */
static void make_relation(void) {
    static const char rows[] = "\"rows\": [], \"verdicts\": [], \"heads\": [{\"layer\": 1, \"head\": 1, \"outcome\": "
                               "\"holds\", \"auc\": 0.9, \"p\": 0.01, \"p_adjusted\": 0.01, \"decided_by\": \"\"}]}";
    static const char identity[] =
        "{\"explaint\": \"0.1.0\", \"command\": [\"relate\"], \"inputs\": [], \"settings\": {}}";
    size_t size;
    char *pictures = slurp("pictures.json", &size), *inputs = strstr(pictures, "\"inputs\": ["), document[8192];
    if (inputs == NULL) stop("pictures.json");
    const int length = snprintf(document, sizeof document,
                                "{\"explaint\": \"0.1.0\", \"command\": [\"relate\"], %.*s, \"settings\": {}, %s",
                                (int)(strstr(inputs, "\n  ]") + 4 - inputs), inputs, rows);
    FILE *out = fopen("related.json", "w");
    if (out == NULL || fwrite(document, 1, (size_t)length, out) != (size_t)length || fclose(out) != 0)
        stop("related.json");
    explaint_record *record = NULL;
    explaint_ledger *ledger = NULL;
    explaint_units units;
    explaint_error error = {0};
    if (explaint_record_read(document, (size_t)length, NULL, &record, &error) != EXPLAINT_OK ||
        explaint_ledger_open("related.db", true, &ledger, &error) != EXPLAINT_OK ||
        explaint_ledger_begin(ledger, identity, false, &units, &error) != EXPLAINT_OK ||
        explaint_ledger_finish(ledger, record, &error) != EXPLAINT_OK) {
        fprintf(stderr, "no relation to begin with: %s\n", error.message);
        exit(2);
    }
    explaint_record_free(record);
    explaint_ledger_close(ledger);
    free(pictures);
}

/* kept.db and made.json hold a finished run, tested.db one with tests, pictures.json one of attend, half.db one whose disk was full after some units. */
static void make_ledgers(void) {
    static const mode full = {"write", "", INJECT_WRITE, INJECT_FOREVER, "1"};
    outcome whole = run(KEEP("kept.db") " --output made.json", &full, 0);
    size_t writes = atomic_load(&fault->seen);
    outcome half = run(KEEP("half.db"), &full, writes * 2 / 3);
    outcome pictured = run(ATTEND("pictures.db") " --output pictures.json --maps pictures.safetensors", &full, 0);
    outcome fitted = run(LINEAR, &full, 0);
    outcome tested = run(TESTS " --ledger tested.db", &full, 0);
    if (whole.code == NO_FILTER) exit(77);
    if (whole.code != 0 || half.code != 1 || tested.code != 0 || pictured.code != 0 || fitted.code != 0) {
        fprintf(stderr, "no ledgers to begin with: %s%s%s%s\n", whole.err, half.err, tested.err, pictured.err);
        exit(2);
    }
    make_relation();
    outcome_free(&tested);
    outcome_free(&pictured);
    outcome_free(&fitted);
    outcome_free(&whole);
    outcome_free(&half);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    setenv("EXPLAINT_CACHE", "off", 1); /* but where a scenario names a folder */
    const char *only = NULL;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            loud = true;
        else if (strcmp(argv[i], "--all") == 0)
            every = true;
        else
            only = argv[i];
    }
    unsetenv("EXPLAINT_LEDGER");
    setenv("LC_ALL", "C", 1);
    setenv("COLUMNS", "100", 1);
    fault = inject_shared();
    if (fault == NULL || mkdtemp(place) == NULL) stop(place);
    snprintf(out_path, sizeof out_path, "%s/out", place);
    snprintf(err_path, sizeof err_path, "%s/err", place);
    if (chdir(place) != 0 || mkdir("work", 0700) != 0 || chdir("work") != 0) stop(place);
    fixtures_make();
    make_ledgers();
    folder_read(&before);
    for (size_t i = 0; i < LENGTH(scenarios); i++)
        for (size_t k = 0; k < LENGTH(modes); k++)
            if (strcmp(modes[k].kind, argv[1]) == 0 && (only == NULL || strcmp(only, scenarios[i].name) == 0))
                every_fault(&scenarios[i], &modes[k]);
    folder_free(&before);
    if (chdir("/") != 0 || nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) stop(place);
    fprintf(stderr, "%zu commands, %zu failures\n", runs, failures);
    return failures > 0 || runs == 0;
}
