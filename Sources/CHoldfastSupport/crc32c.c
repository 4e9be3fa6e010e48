#include "holdfast_support.h"
#include <string.h>

/* One table entry per byte value; reflected polynomial 0x1EDC6F41. */
static uint32_t table_entry(uint32_t byte) {
  for (int bit = 0; bit < 8; bit++) byte = (byte >> 1) ^ (0x82F63B78u & (0u - (byte & 1u)));
  return byte;
}

static uint32_t portable(uint32_t crc, const unsigned char *p, size_t size) {
  while (size--) crc = table_entry((crc ^ *p++) & 0xFFu) ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
__attribute__((target("sse4.2"))) static uint32_t accelerated(uint32_t crc, const unsigned char *p, size_t size) {
  uint64_t wide = crc;
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = (uint32_t)wide;
  while (size--) crc = _mm_crc32_u8(crc, *p++);
  return crc;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
static uint32_t accelerated(uint32_t crc, const unsigned char *p, size_t size) {
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
  }
  while (size--) crc = __crc32cb(crc, *p++);
  return crc;
}
static int has_instruction(void) { return 1; }
#else
#define accelerated portable
static int has_instruction(void) { return 0; }
#endif

uint32_t hf_crc32c(uint32_t seed, const void *data, size_t size) {
  const unsigned char *p = data;
  return ~(has_instruction() ? accelerated(~seed, p, size) : portable(~seed, p, size));
}
