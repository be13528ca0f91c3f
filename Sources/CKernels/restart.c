#define _GNU_SOURCE
#include "CKernels.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int ck_restart_with(const char *name, const char *value) {
#if defined(__linux__)
    static char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return ENOENT;
    program[length] = 0;
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    // The arguments as the kernel has them: each ends with a zero byte.
    size_t used = 0, room = 1 << 16;
    char *text = malloc(room + 1);
    for (ssize_t count; text && (count = read(file, text + used, room - used)) > 0;) {
        used += (size_t)count;
        if (used == room) text = realloc(text, (room *= 2) + 1);
    }
    close(file);
    if (!text || used == 0) return free(text), ENOMEM;
    text[used] = 0;
    size_t words = 0;
    for (size_t i = 0; i < used; i++) words += text[i] == 0;
    char **arguments = calloc(words + 1, sizeof *arguments);
    if (!arguments) return free(text), ENOMEM;
    for (size_t i = 0, word = 0; word < words; word++) {
        arguments[word] = text + i;
        while (text[i]) i++;
        i++;
    }
    if (setenv(name, value, 1) == 0) execv(program, arguments);
    int failure = errno;
    free(arguments);
    free(text);
    return failure;
#else
    (void)name, (void)value;
    return ENOSYS;
#endif
}
