/* sync_file_range is an extension of Linux that Swift's module of glibc does not show. */
#define _GNU_SOURCE
#include "holdfast_support.h"
#include <fcntl.h>

void hf_begin_write(int descriptor, int64_t offset, int64_t count) {
  /* Whoever relies on the bytes syncs them, and hears of an error there. */
  (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}
