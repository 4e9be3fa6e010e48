/* memfd_create and its seals are extensions of Linux that Swift's module of glibc does not show. */
#define _GNU_SOURCE
#include "holdfast_support.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int hf_sealed_file(const char *name, const void *data, size_t size) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  const char *next = data;
  while (size > 0) {
    ssize_t count = write(descriptor, next, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) goto failed;
    next += count;
    size -= (size_t)count;
  }
  if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) return descriptor;
failed:;
  int reason = errno;
  close(descriptor);
  return -reason;
}
