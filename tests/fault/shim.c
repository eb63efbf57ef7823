/* Counts what a process changes below a folder, and stops it at the n-th change.
 *
 * Preloaded into the program under test (LD_PRELOAD), it stands between the program and the C library, so no write path of
 * the program, or of a library in it, can be forgotten. The environment says what to do:
 *
 *   FAULT_ROOT   the folder; changes elsewhere don't count
 *   FAULT_AT     the number of the change to stop at, from 1; 0 only counts
 *   FAULT_HOW    KILL ends the process before the change; RUN and a command runs that before it; a number is the errno that the
 *                change fails with
 *   FAULT_LOCK   the errno that every lock fails with, as on a file system that has none
 *   FAULT_COUNT  a file that the number of changes is written to when the process ends
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long changes;

static int below(const char *path) {
    const char *root = getenv("FAULT_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int open_below(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0) return 0;
    path[len] = 0;
    return below(path);
}

/* Takes a change into account. True if it is to fail; errno says how. */
static int stops(int counts) {
    if (!counts) return 0;
    long number = atomic_fetch_add(&changes, 1) + 1;
    const char *at = getenv("FAULT_AT"), *how = getenv("FAULT_HOW");
    if (!at || !how || atol(at) != number) return 0;
    if (strcmp(how, "KILL") == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    if (strncmp(how, "RUN ", 4) == 0) {
        /* The command's own changes don't count. */
        unsetenv("LD_PRELOAD");
        if (system(how + 4) != 0) abort();
        return 0;
    }
    errno = atoi(how);
    return 1;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FAULT_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file, "%ld", atomic_load(&changes));
    fclose(file);
}

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int writes(int flags) { return (flags & O_CREAT) || (flags & O_ACCMODE) != O_RDONLY; }

#define MODE                                  \
    mode_t mode = 0;                          \
    if (flags & (O_CREAT | O_TMPFILE)) {      \
        va_list rest;                         \
        va_start(rest, flags);                \
        mode = va_arg(rest, mode_t);          \
        va_end(rest);                         \
    }

int open(const char *path, int flags, ...) {
    MODE
    NEXT(open);
    return stops(writes(flags) && below(path)) ? -1 : next(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE
    NEXT(open64);
    return stops(writes(flags) && below(path)) ? -1 : next(path, flags, mode);
}
int openat(int dir, const char *path, int flags, ...) {
    MODE
    NEXT(openat);
    return stops(writes(flags) && below(path)) ? -1 : next(dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...) {
    MODE
    NEXT(openat64);
    return stops(writes(flags) && below(path)) ? -1 : next(dir, path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t len) {
    NEXT(write);
    return stops(open_below(fd)) ? -1 : next(fd, bytes, len);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    NEXT(writev);
    return stops(open_below(fd)) ? -1 : next(fd, parts, count);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) {
    NEXT(pwrite64);
    return stops(open_below(fd)) ? -1 : next(fd, bytes, len, at);
}
int ftruncate64(int fd, off64_t len) {
    NEXT(ftruncate64);
    return stops(open_below(fd)) ? -1 : next(fd, len);
}
int fsync(int fd) {
    NEXT(fsync);
    return stops(open_below(fd)) ? -1 : next(fd);
}
int fdatasync(int fd) {
    NEXT(fdatasync);
    return stops(open_below(fd)) ? -1 : next(fd);
}
int flock(int fd, int how) {
    NEXT(flock);
    const char *error = getenv("FAULT_LOCK");
    if (!error || !open_below(fd)) return next(fd, how);
    errno = atoi(error);
    return -1;
}
int rename(const char *from, const char *to) {
    NEXT(rename);
    return stops(below(to)) ? -1 : next(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
    NEXT(renameat);
    return stops(below(to)) ? -1 : next(a, from, b, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    NEXT(renameat2);
    return stops(below(to)) ? -1 : next(a, from, b, to, flags);
}
int link(const char *from, const char *to) {
    NEXT(link);
    return stops(below(to)) ? -1 : next(from, to);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    NEXT(linkat);
    return stops(below(to)) ? -1 : next(a, from, b, to, flags);
}
int unlink(const char *path) {
    NEXT(unlink);
    return stops(below(path)) ? -1 : next(path);
}
int rmdir(const char *path) {
    NEXT(rmdir);
    return stops(below(path)) ? -1 : next(path);
}
int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    return stops(below(path)) ? -1 : next(path, mode);
}
int chmod(const char *path, mode_t mode) {
    NEXT(chmod);
    return stops(below(path)) ? -1 : next(path, mode);
}
int fchmod(int fd, mode_t mode) {
    NEXT(fchmod);
    return stops(open_below(fd)) ? -1 : next(fd, mode);
}
