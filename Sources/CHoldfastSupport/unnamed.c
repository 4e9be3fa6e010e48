/* O_TMPFILE is an extension of Linux that Swift's module of glibc does not show. */
#define _GNU_SOURCE
#include "holdfast_support.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void path_of(int descriptor, char path[32]) { snprintf(path, 32, "/proc/self/fd/%d", descriptor); }

int hf_unnamed_file(const char *directory) {
  int descriptor = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
  if (descriptor < 0) return -errno;
  char path[32];
  path_of(descriptor, path);
  /* Without /proc it could never be given a name. */
  if (access(path, F_OK) == 0) return descriptor;
  close(descriptor);
  return -EOPNOTSUPP;
}

int hf_name_file(int descriptor, const char *path) {
  char own[32];
  path_of(descriptor, own);
  return linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}
