#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/strings.h"

static void release(xp_output *output) {
    xp_free_all(output->path, output->target, output->temporary);
    *output = (xp_output){0};
}

/* The name to replace: the end of a chain of symbolic links, or the path itself where nothing is yet. NULL without
 * memory, never the link's own name for want of it. */
static char *resolve(const char *path) {
    errno = 0;
    char *real = realpath(path, NULL);
    if (real == NULL && errno == ENOMEM) return NULL;
    char *copy = xp_strdup(real != NULL ? real : path);
    free(real);
    return copy;
}

/* O_EXCL, so that nobody's link is followed. A file of this name was left by a dead process that had our id (usual in
 * containers, where ids repeat): it is removed once. */
static int create(const char *temporary, mode_t mode) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = open(temporary, flags, mode);
    if (fd < 0 && errno == EEXIST && unlink(temporary) == 0) fd = open(temporary, flags, mode);
    return fd;
}

explaint_status xp_output_open(xp_output *output, const char *path, explaint_error *error) {
    *output = (xp_output){0};
    output->path = xp_strdup(path);
    if (output->path == NULL) return xp_no_memory(error, "the name of an output file");
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        return EXPLAINT_OK;
    }
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        release(output);
        return xp_fail(error, EXPLAINT_FAILED, path, 0, "expected the name of a file to write, found a folder");
    }
    if (exists && !S_ISREG(status.st_mode)) {
        output->file = fopen(path, "wbe");
    } else {
        xp_text name = {0};
        output->target = resolve(path);
        if (output->target != NULL) xp_text_addf(&name, "%s.tmp.%ld", output->target, (long)getpid());
        output->temporary = name.data;
        if (output->target == NULL || name.failed) {
            release(output);
            return xp_no_memory(error, "the name of an output file");
        }
        int fd = create(output->temporary, exists ? status.st_mode & 0777 : 0666);
        if (fd >= 0) {
            output->file = fdopen(fd, "wb");
            if (output->file == NULL) {
                int why = errno;
                close(fd);
                unlink(output->temporary);
                errno = why;
            }
        }
    }
    if (output->file == NULL) {
        explaint_status code = xp_fail(error, EXPLAINT_FAILED, path, 0, "cannot be written: %s", strerror(errno));
        release(output);
        return code;
    }
    return EXPLAINT_OK;
}

/* A rename is on the disk only once its folder is. Where a file system cannot sync folders, nothing is lost but
 * that. */
static void sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? xp_strdup(".") : xp_strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (folder == NULL) return;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    xp_free(folder);
}

explaint_status xp_output_commit(xp_output *output, explaint_error *error) {
    FILE *file = output->file;
    errno = 0;
    bool good = fflush(file) == 0 && ferror(file) == 0;
    if (output->temporary != NULL && good) good = fsync(fileno(file)) == 0;
    int why = errno;
    if (file != stdout && fclose(file) != 0 && good) {
        good = false;
        why = errno;
    }
    output->file = NULL;
    if (good && output->temporary != NULL && rename(output->temporary, output->target) != 0) {
        good = false;
        why = errno;
    }
    explaint_status code = EXPLAINT_OK;
    if (good) {
        if (output->target != NULL) sync_folder(output->target);
    } else {
        if (output->temporary != NULL) unlink(output->temporary);
        const char *shown = strcmp(output->path, "-") == 0 ? "standard output" : output->path;
        code = xp_fail(error, EXPLAINT_FAILED, shown, 0, "writing failed: %s; %s",
                       why != 0 ? strerror(why) : "the disk is full, or refused a write",
                       output->temporary != NULL ? "the file was not made, free some space and run again"
                                                 : "what was written is not complete");
    }
    release(output);
    return code;
}

void xp_output_discard(xp_output *output) {
    if (output->file != NULL && output->file != stdout) fclose(output->file);
    if (output->temporary != NULL) unlink(output->temporary);
    release(output);
}

explaint_status xp_write_text(const xp_text *text, const char *what, FILE *out, explaint_error *error) {
    if (text->failed) return xp_no_memory(error, what);
    errno = 0;
    size_t written = text->length > 0 ? fwrite(text->data, 1, text->length, out) : 0;
    if (written == text->length && fflush(out) == 0 && !ferror(out)) return EXPLAINT_OK;
    int reason = errno;
    return xp_fail(error, EXPLAINT_FAILED, NULL, 0, "%s (%zu bytes) could not be written: %s%s", what, text->length,
                   reason != 0 ? strerror(reason) : "the stream had failed before",
                   reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? "; free space, or write to another place"
                                                                           : "");
}
