// A preloaded library that makes the n-th write to a store's files fail, for tests alone.
//
// One counter for the whole process counts write, pwrite, fsync, fdatasync and ftruncate on files whose path contains
// WRITE_FAULT_PATH. Call number WRITE_FAULT_AT fails with the error WRITE_FAULT_ERROR (a number of errno.h), and with
// WRITE_FAULT_LASTING set every later one too. At the program's end the count is written to the file WRITE_FAULT_COUNT.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long counter;

static int is_watched(int descriptor) {
    const char *wanted = getenv("WRITE_FAULT_PATH");
    if (!wanted) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, wanted) != NULL;
}

// The error that this call has to fail with, or 0.
static int fault(int descriptor) {
    if (!is_watched(descriptor)) return 0;
    long number = atomic_fetch_add(&counter, 1) + 1;
    const char *at = getenv("WRITE_FAULT_AT"), *error = getenv("WRITE_FAULT_ERROR");
    if (!at || !error) return 0;
    long wanted = atol(at);
    return number == wanted || (number > wanted && getenv("WRITE_FAULT_LASTING")) ? atoi(error) : 0;
}

#define NEXT(type, name, parameters, arguments)                          \
    type name parameters {                                               \
        static type(*next) parameters;                                   \
        if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);            \
        int error = fault(descriptor);                                   \
        if (error) {                                                     \
            errno = error;                                               \
            return -1;                                                   \
        }                                                                \
        return next arguments;                                           \
    }

NEXT(ssize_t, write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
NEXT(ssize_t, pwrite, (int descriptor, const void *bytes, size_t count, off_t at), (descriptor, bytes, count, at))
NEXT(ssize_t, pwrite64, (int descriptor, const void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at))
NEXT(int, fsync, (int descriptor), (descriptor))
NEXT(int, fdatasync, (int descriptor), (descriptor))
NEXT(int, ftruncate, (int descriptor, off_t size), (descriptor, size))
NEXT(int, ftruncate64, (int descriptor, off64_t size), (descriptor, size))

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("WRITE_FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&counter));
    fclose(file);
}
