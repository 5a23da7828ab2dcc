// Loaded into a program before anything else (LD_PRELOAD): files below the folder DUNLIN_FULL_FOLDER cannot be written while
// the file DUNLIN_FULL_WHEN exists, as if the disk was full, or read-only if that file has an "r" in it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int refuses(int file) {
  const char *when = getenv("DUNLIN_FULL_WHEN"), *folder = getenv("DUNLIN_FULL_FOLDER");
  if (when == NULL || folder == NULL || access(when, F_OK) != 0) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t prefix = strlen(folder);
  if (strncmp(path, folder, prefix) != 0 || path[prefix] != '/') return 0;
  char kind = 0;
  int marker = open(when, O_RDONLY);
  if (marker >= 0) {
    if (read(marker, &kind, 1) != 1) kind = 0;
    close(marker);
  }
  errno = kind == 'r' ? EROFS : ENOSPC;
  return 1;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int file, const void *bytes, size_t length) {
  if (refuses(file)) return -1;
  return REAL("write", ssize_t (*)(int, const void *, size_t))(file, bytes, length);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
  if (refuses(file)) return -1;
  return REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t))(file, bytes, length, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
  if (refuses(file)) return -1;
  return REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(file, bytes, length, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (refuses(file)) return -1;
  return REAL("writev", ssize_t (*)(int, const struct iovec *, int))(file, parts, count);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  if (refuses(file)) return -1;
  return REAL("pwritev", ssize_t (*)(int, const struct iovec *, int, off_t))(file, parts, count, offset);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  if (refuses(file)) return -1;
  return REAL("fallocate", int (*)(int, int, off_t, off_t))(file, mode, offset, length);
}

int ftruncate(int file, off_t length) {
  if (refuses(file)) return -1;
  return REAL("ftruncate", int (*)(int, off_t))(file, length);
}
