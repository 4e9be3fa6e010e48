#include "holdfast_support.h"
#include <pthread.h>
#include <string.h>

/* Slice-by-8 (Kounavis and Berry, 2005): table[k][b] is the checksum of byte b followed by k zero bytes. */
static uint32_t table[8][256];

static void fill_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte; /* reflected polynomial 0x1EDC6F41 */
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    table[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; byte++)
    for (int slice = 1; slice < 8; slice++)
      table[slice][byte] = table[0][table[slice - 1][byte] & 0xFFu] ^ (table[slice - 1][byte] >> 8);
}

static uint32_t little_endian(const unsigned char *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t portable(uint32_t crc, const unsigned char *p, size_t size) {
  for (; size >= 8; p += 8, size -= 8) {
    uint32_t low = crc ^ little_endian(p), high = little_endian(p + 4);
    crc = table[7][low & 0xFFu] ^ table[6][(low >> 8) & 0xFFu] ^ table[5][(low >> 16) & 0xFFu] ^
          table[4][low >> 24] ^ table[3][high & 0xFFu] ^ table[2][(high >> 8) & 0xFFu] ^
          table[1][(high >> 16) & 0xFFu] ^ table[0][high >> 24];
  }
  while (size--) crc = table[0][(crc ^ *p++) & 0xFFu] ^ (crc >> 8);
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

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t (*fastest)(uint32_t crc, const unsigned char *p, size_t size);

static void choose(void) {
  fill_table();
  fastest = has_instruction() ? accelerated : portable;
}

uint32_t hf_crc32c(uint32_t seed, const void *data, size_t size) {
  pthread_once(&once, choose);
  return ~fastest(~seed, data, size);
}

uint32_t hf_crc32c_portable(uint32_t seed, const void *data, size_t size) {
  pthread_once(&once, choose);
  return ~portable(~seed, data, size);
}
