#include "figures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static explaint_status fail(explaint_error *error, explaint_status code, const char *path, const char *why) {
    *error = (explaint_error){.code = code};
    snprintf(error->message, sizeof error->message, "%.500s: %s", path, why);
    return code;
}

typedef struct folder {
    const char *path;
    bool force;
    size_t n, n_pdf;
    int pdf; /* 0 as long as there is a converter */
} folder;

static char *path_of(const folder *f, const char *name, const char *suffix) {
    const size_t size = strlen(f->path) + strlen(name) + strlen(suffix) + 2;
    char *path = malloc(size);
    if (path != NULL) snprintf(path, size, "%s/%s%s", f->path, name, suffix);
    return path;
}

int figures_to_pdf(const char *svg, const char *pdf) {
    int state = 0;
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_RDWR);
        if (nowhere >= 0)
            for (int stream = 0; stream < 3; stream++) dup2(nowhere, stream);
        execlp("rsvg-convert", "rsvg-convert", "-f", "pdf", "-o", pdf, svg, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
    return child > 0 && WIFEXITED(state) ? WEXITSTATUS(state) : 1;
}

/* Under another name first. */
static explaint_status convert(folder *f, const char *svg, const char *name, explaint_error *error) {
    char *temporary = path_of(f, name, ".pdf.part"), *pdf = path_of(f, name, ".pdf");
    explaint_status status = EXPLAINT_OK;
    if (temporary == NULL || pdf == NULL) status = fail(error, EXPLAINT_FAILED, f->path, "not enough memory");
    if (status == EXPLAINT_OK) f->pdf = figures_to_pdf(svg, temporary);
    if (status == EXPLAINT_OK && f->pdf == 0 && rename(temporary, pdf) == 0)
        f->n_pdf++;
    else if (status == EXPLAINT_OK)
        unlink(temporary);
    free(temporary);
    free(pdf);
    return status;
}

static explaint_status take(void *self, const char *name, const char *title, const char *svg, size_t length,
                            explaint_error *error) {
    folder *f = self;
    struct stat existing;
    (void)title;
    char *path = path_of(f, name, ".svg");
    if (path == NULL) return fail(error, EXPLAINT_FAILED, f->path, "not enough memory");
    product p = {0};
    explaint_status status = !f->force && stat(path, &existing) == 0
                                 ? fail(error, EXPLAINT_USAGE, path, "exists already; --force replaces it")
                                 : product_open(&p, path, error);
    if (status == EXPLAINT_OK) {
        fwrite(svg, 1, length, p.out);
        status = product_close(&p, status, error);
    }
    if (status == EXPLAINT_OK) f->n++;
    if (status == EXPLAINT_OK && f->pdf == 0) status = convert(f, path, name, error);
    free(path);
    return status;
}

explaint_status figures_write(const char *path, bool force, const char *const *paths, size_t n_paths,
                              const explaint_report_options *options, explaint_error *error) {
    folder f = {.path = path, .force = force};
    if (mkdir(path, 0777) != 0 && errno != EEXIST) return fail(error, EXPLAINT_FAILED, path, strerror(errno));
    const explaint_status status = explaint_report_figures(paths, n_paths, options, take, &f, error);
    if (status != EXPLAINT_OK) {
        if (f.n == 0) rmdir(path); /* if it is empty */
        return status;
    }
    if (f.n_pdf < f.n)
        fprintf(stderr, "note: SVG of %zu figures, PDF of %zu; %s\n", f.n, f.n_pdf,
                f.pdf == 127 ? "rsvg-convert (package librsvg2-bin) makes them, and is not here"
                             : "rsvg-convert could not make the others");
    return status;
}

explaint_status figures_turn_to_pdf(product *p, explaint_error *error) {
    if (p->temporary == NULL || fflush(p->out) != 0)
        return fail(error, EXPLAINT_FAILED, p->path, "a PDF is written to a file alone; name another, or .svg");
    const size_t size = strlen(p->temporary) + 5;
    char *pdf = malloc(size);
    if (pdf == NULL) return fail(error, EXPLAINT_FAILED, p->path, "not enough memory");
    snprintf(pdf, size, "%s.pdf", p->temporary);
    const int code = figures_to_pdf(p->temporary, pdf);
    explaint_status status = EXPLAINT_OK;
    if (code != 0 || rename(pdf, p->temporary) != 0) {
        status =
            fail(error, EXPLAINT_FAILED, p->path,
                 code == 127 ? "rsvg-convert (package librsvg2-bin) makes a PDF, and is not here; name a picture .svg"
                             : "rsvg-convert could not make it");
        unlink(pdf);
    }
    free(pdf);
    return status;
}
