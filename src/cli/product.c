#include "product.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static explaint_status fail(explaint_error *error, explaint_status code, const char *path, const char *what) {
    error->code = code;
    error->line = 0;
    snprintf(error->file, sizeof error->file, "%.500s", path);
    snprintf(error->message, sizeof error->message, "%.500s: %s (%s)", path, what, strerror(errno));
    return code;
}

explaint_status product_fail(explaint_error *error, explaint_status code, const char *format, ...) {
    va_list list;
    *error = (explaint_error){.code = code};
    va_start(list, format);
    vsnprintf(error->message, sizeof error->message, format, list);
    va_end(list);
    return code;
}

static void forget(product *p) {
    free(p->path);
    free(p->temporary);
    if (p->guarded) sigprocmask(SIG_SETMASK, &p->signals, NULL);
    *p = (product){0};
}

/* Ctrl-C waits until the file is whole or gone: nobody wants half a name left behind. */
static void guard(product *p) {
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGHUP);
    p->guarded = sigprocmask(SIG_BLOCK, &stopping, &p->signals) == 0;
}

explaint_status product_open(product *p, const char *path, explaint_error *error) {
    *p = (product){0};
    struct stat existing;
    if (stat(path, &existing) == 0 && S_ISDIR(existing.st_mode)) {
        errno = EISDIR;
        return fail(error, EXPLAINT_FAILED, path, "cannot be written");
    }
    bool special = stat(path, &existing) == 0 && !S_ISREG(existing.st_mode); /* /dev/stdout: no rename over it */
    size_t size = strlen(path) + 8;
    p->path = malloc(size);
    p->temporary = special ? NULL : malloc(size);
    if (p->path == NULL || (p->temporary == NULL && !special)) {
        forget(p);
        return fail(error, EXPLAINT_FAILED, path, "not enough memory");
    }
    snprintf(p->path, size, "%s", path);
    int file;
    if (special) {
        file = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        snprintf(p->temporary, size, "%s.XXXXXX", path);
        guard(p);
        file = mkostemp(p->temporary, O_CLOEXEC);
        mode_t mask = umask(0);
        umask(mask);
        if (file >= 0) (void)fchmod(file, 0666 & ~mask);
    }
    p->out = file >= 0 ? fdopen(file, "w") : NULL;
    if (p->out == NULL) {
        explaint_status status = fail(error, EXPLAINT_FAILED, path, "cannot be written");
        if (file >= 0) {
            close(file);
            if (p->temporary != NULL) unlink(p->temporary);
        }
        forget(p);
        return status;
    }
    return EXPLAINT_OK;
}

/* The rename itself must reach the disk. */
static void sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
    int file = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
    free(folder);
}

explaint_status product_named(explaint_status status, FILE *out, const char *name, explaint_error *error) {
    if (status == EXPLAINT_OK || !ferror(out) || error->file[0] != 0) return status;
    char said[sizeof error->message];
    memcpy(said, error->message, sizeof said);
    snprintf(error->message, sizeof error->message, "%.500s: %.*s", name, (int)(sizeof said - 512), said);
    return status;
}

explaint_status product_close(product *p, explaint_status status, explaint_error *error) {
    if (p->out == NULL) return status;
    status = product_named(status, p->out, p->path, error);
    if (status == EXPLAINT_OK && (fflush(p->out) != 0 || ferror(p->out)))
        status = fail(error, EXPLAINT_FAILED, p->path, "cannot be written");
    if (status == EXPLAINT_OK && p->temporary != NULL && fsync(fileno(p->out)) != 0)
        status = fail(error, EXPLAINT_FAILED, p->path, "cannot be written to the disk");
    if (fclose(p->out) != 0 && status == EXPLAINT_OK)
        status = fail(error, EXPLAINT_FAILED, p->path, "cannot be written");
    if (p->temporary != NULL) {
        if (status == EXPLAINT_OK && rename(p->temporary, p->path) != 0)
            status = fail(error, EXPLAINT_FAILED, p->path, "cannot be renamed");
        if (status != EXPLAINT_OK)
            unlink(p->temporary);
        else
            sync_folder(p->path);
    }
    forget(p);
    return status;
}

/* ---- suffixes ---- */

bool product_ends(const char *path, const char *suffix) {
    const size_t n = path != NULL ? strlen(path) : 0, m = strlen(suffix);
    return n >= m && strcasecmp(path + n - m, suffix) == 0;
}

/* ".csv", or NULL: none. */
static const char *suffix_of(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path, *dot = strrchr(name, '.');
    if (dot == NULL || dot == name) return NULL;
    for (const char *p = dot + 1; *p != 0; p++)
        if (isalpha((unsigned char)*p)) return dot;
    return NULL; /* run-0.5 */
}

int product_suffix(const cli_command *command, const char *option, const char *path, const char *known, bool needed) {
    char list[128] = "";
    const char *suffix = path != NULL ? suffix_of(path) : NULL;
    if (suffix == NULL && (path == NULL || !needed)) return 0;
    for (const char *at = known; *at != 0;) {
        const size_t length = strcspn(at, "|"), used = strlen(list);
        const char *next = at + length + (at[length] != 0);
        if (suffix != NULL && strlen(suffix) == length && strncasecmp(suffix, at, length) == 0) return 0;
        snprintf(list + used, sizeof list - used, "%s%.*s",
                 at == known  ? ""
                 : *next != 0 ? ", "
                              : " or ",
                 (int)length, at);
        at = next;
    }
    return cli_usage_error(command, "--%s: expected a name that ends in %s, found '%s'", option, list, path);
}

/* ---- pages ---- */

explaint_status product_keep_page(const char *path, bool force, explaint_error *error) {
    struct stat existing;
    if (!product_ends(path, ".html") || force || stat(path, &existing) != 0 || !S_ISREG(existing.st_mode))
        return EXPLAINT_OK;
    return product_fail(error, EXPLAINT_USAGE, "%.500s exists already; --force replaces it", path);
}

void product_show(const char *path) {
    const pid_t child = fork();
    if (child == 0) {
        if (fork() != 0) _exit(0); /* the grandchild is nobody's to wait for */
        const int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere >= 0) {
            dup2(nowhere, STDOUT_FILENO);
            dup2(nowhere, STDERR_FILENO);
        }
        execlp("xdg-open", "xdg-open", path, (char *)NULL);
        _exit(127);
    }
    if (child > 0) waitpid(child, NULL, 0);
}

bool product_is_page(const product_wish *wish) {
    return !wish->json && !wish->csv && product_ends(wish->output, ".html");
}

/* ---- results ---- */

int product_check(const cli_command *command, const product_wish *wish, bool pages) {
    explaint_error error;
    if (wish->json && wish->csv) return cli_usage_error(command, "--json and --csv exclude each other");
    if (cli_given("decimal") && !wish->csv && (wish->json || !product_ends(wish->output, ".csv")))
        return cli_usage_error(command, "--decimal is of CSV: --csv, or an --output that ends in .csv");
    if (wish->open && !product_is_page(wish))
        return cli_usage_error(command, "--open is about a page; name one, --output FILE.html");
    if (wish->json || wish->csv) return 0;
    if (pages && product_keep_page(wish->output, wish->force, &error) != EXPLAINT_OK)
        return cli_usage_error(command, "%s", error.message);
    return product_suffix(command, "output", wish->output, pages ? ".html|.json|.csv|.txt" : ".json|.csv|.txt", false);
}

/* path NULL: standard output. */
static explaint_status write_as(const product_wish *wish, const product_content *c, const char *path, const term *t,
                                explaint_error *error) {
    const explaint_report_options page = {.format = "html"};
    if (wish->json || (!wish->csv && product_ends(path, ".json")))
        return explaint_record_write_json(c->record, t->out, error);
    if (wish->csv || product_ends(path, ".csv"))
        return explaint_record_write_csv(c->record, c->list, wish->decimal[0], t->out, error);
    if (product_ends(path, ".html"))
        return explaint_report_write_result(c->record, c->ledger, &c->maps, c->maps != NULL, &page, t->out, error);
    const view_kept kept = {c->path, c->path != NULL ? explaint_ledger_run(c->ledger) : 0, c->predictions};
    c->view(c->self, &kept, t);
    return EXPLAINT_OK;
}

explaint_status product_print(const explaint_record *record, explaint_error *error) {
    return product_named(explaint_record_write_json(record, stdout, error), stdout, "standard output", error);
}

explaint_status product_write(const product_wish *wish, const product_content *content, explaint_error *error) {
    if (wish->output != NULL && strcmp(wish->output, "-") != 0) { /* -: standard output, as everywhere */
        product p;
        explaint_status status = product_open(&p, wish->output, error);
        if (status != EXPLAINT_OK) return status;
        term place = term_of_file(p.out);
        status = product_close(&p, write_as(wish, content, wish->output, &place, error), error);
        if (status != EXPLAINT_OK || wish->json || wish->csv) return status; /* the document is in the file */
        if (wish->open) product_show(wish->output);
    }
    if (wish->quiet && !wish->json && !wish->csv) return EXPLAINT_OK;
    term t = term_of(stdout);
    return product_named(write_as(wish, content, NULL, &t, error), stdout, "standard output", error);
}
