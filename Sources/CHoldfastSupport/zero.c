#include "holdfast_support.h"
#include <string.h>

size_t hf_zero_prefix(const void *data, size_t size) {
  const unsigned char *p = data;
  size_t done = 0;
  for (; size - done >= 8; done += 8) {
    uint64_t word;
    memcpy(&word, p + done, 8);
    if (word) break;
  }
  while (done < size && !p[done]) done++;
  return done;
}
