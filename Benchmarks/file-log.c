/* Durable appends through the file-log plugin, against raw 4096-byte overwrites with fdatasync on the same disk, in turns.
 *
 *   clang -std=c11 -O2 -ISources/CHoldfastProvider/include Benchmarks/file-log.c -ldl -o /tmp/file-log
 *   /tmp/file-log measure .build/release/libholdfast-file-log.so DIRECTORY
 *   /tmp/file-log write .build/release/libholdfast-file-log.so DIRECTORY   appends until it is killed, and prints each LSN
 *
 * Entries have 300 bytes. `write` gives each entry content that its LSN determines, so that a reader can check it. */
#define _GNU_SOURCE
#include "holdfast_provider.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ENTRY = 300, BATCH_MAX = 512, ROUNDS = 7, ROUND_MS = 400, SAMPLES = 40000 };

static void fail(const char *what, const char *why) {
  fprintf(stderr, "file-log: %s: %s\n", what, why);
  exit(1);
}

static int64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static int64_t monotonic_ns(void *context) { (void)context; return clock_ns(CLOCK_MONOTONIC); }
static int64_t unix_ms(void *context) { (void)context; return clock_ns(CLOCK_REALTIME) / 1000000; }

static char message[512];
static hf_error error = {.struct_size = sizeof error, .message_capacity = sizeof message, .message = message};
static hf_call call = {.struct_size = sizeof call, .error = &error};
static hf_host host = {.struct_size = sizeof host, .abi_major = HF_ABI_MAJOR, .abi_minor = HF_ABI_MINOR,
                       .name = "file-log", .version = "1", .monotonic_ns = monotonic_ns, .unix_ms = unix_ms};
static const hf_ext_log *table;
static const hf_provider *provider;

static hf_store *open_log(const char *library, const char *directory) {
  void *image = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!image) fail(library, dlerror());
  const hf_plugin *(*entry)(const hf_host *);
  *(void **)&entry = dlsym(image, HF_ENTRY_SYMBOL);
  if (!entry) fail(library, "no entry symbol");
  provider = entry(&host)->providers[0];
  char options[4096];
  int size = snprintf(options, sizeof options, "{\"path\": \"%s\"}", directory);
  hf_open request = {.struct_size = sizeof request, .role = HF_ROLE_LOG, .instance = {"log", 3},
                     .options_json = {options, (size_t)size}};
  hf_store *store = NULL;
  hf_store_info info = {.struct_size = sizeof info};
  if (provider->open(&host, &request, &call, &store, &info) != HF_OK) fail("open", message);
  table = provider->get_extension(store, HF_EXT_LOG);
  return store;
}

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static int64_t samples[SAMPLES];

/* Appends batches for one round. Returns entries per second; *median and *p99 are of one batch, in ns. */
static double round_of(hf_store *store, size_t batch, int64_t *median, int64_t *p99) {
  static char bytes[ENTRY];
  hf_bytes entries[BATCH_MAX];
  for (size_t i = 0; i < batch; i++) entries[i] = (hf_bytes){bytes, ENTRY};
  int64_t start = monotonic_ns(NULL), end = start, lsn_count = 0;
  size_t count = 0;
  uint64_t first = 0;
  while (end - start < ROUND_MS * 1000000ll && count < SAMPLES) {
    int64_t before = end;
    if (table->append(store, &call, entries, batch, &first) != HF_OK) fail("append", message);
    end = monotonic_ns(NULL);
    samples[count++] = end - before;
    lsn_count += (int64_t)batch;
  }
  if (table->trim(store, &call, first) != HF_OK) fail("trim", message);
  qsort(samples, count, sizeof *samples, compare);
  *median = samples[count / 2];
  *p99 = samples[count * 99 / 100];
  return (double)lsn_count * 1e9 / (double)(end - start);
}

/* The median of one overwrite of a written 4096-byte block with fdatasync, in ns. */
static int64_t raw(int file) {
  static char block[4096];
  int64_t start = monotonic_ns(NULL), end = start;
  size_t count = 0;
  while (end - start < ROUND_MS * 1000000ll && count < SAMPLES) {
    int64_t before = end;
    memset(block, (int)count, sizeof block);
    if (pwrite(file, block, sizeof block, (off_t)(count % 4096) * 4096) != 4096 || fdatasync(file)) fail("raw", "write");
    end = monotonic_ns(NULL);
    samples[count++] = end - before;
  }
  qsort(samples, count, sizeof *samples, compare);
  return samples[count / 2];
}

static int compare_double(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void measure(hf_store *store, const char *directory) {
  char path[4096];
  snprintf(path, sizeof path, "%s/raw", directory);
  int file = open(path, O_RDWR | O_CREAT, 0600);
  static char zeros[1 << 20];
  for (int i = 0; i < 16; i++) if (pwrite(file, zeros, sizeof zeros, (off_t)i << 20) < 0) fail("raw", "prepare");
  fsync(file);
  static const size_t batches[] = {1, 8, 64, 512};
  double rates[4][ROUNDS], p50[4][ROUNDS], p99[4][ROUNDS], raws[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    raws[round] = (double)raw(file);
    for (int i = 0; i < 4; i++) {
      int64_t median, tail;
      rates[i][round] = round_of(store, batches[i], &median, &tail);
      p50[i][round] = (double)median;
      p99[i][round] = (double)tail;
    }
  }
  qsort(raws, ROUNDS, sizeof *raws, compare_double);
  double r = 1e9 / raws[ROUNDS / 2];
  printf("raw 4096-byte overwrite + fdatasync: %.1f us, R = %.0f/s\n", raws[ROUNDS / 2] / 1000, r);
  for (int i = 0; i < 4; i++) {
    qsort(rates[i], ROUNDS, sizeof *rates[i], compare_double);
    qsort(p50[i], ROUNDS, sizeof *p50[i], compare_double);
    qsort(p99[i], ROUNDS, sizeof *p99[i], compare_double);
    printf("%4zu entries a batch: %9.0f acks/s [%.0f..%.0f] = %6.2f R, batch p50 %.1f us, p99 %.1f us\n", batches[i],
           rates[i][ROUNDS / 2], rates[i][0], rates[i][ROUNDS - 1], rates[i][ROUNDS / 2] / r,
           p50[i][ROUNDS / 2] / 1000, p99[i][ROUNDS / 2] / 1000);
  }
  close(file);
  unlink(path);
}

static void write_until_killed(hf_store *store) {
  static char bytes[16][ENTRY];
  uint64_t first_lsn, last, size;
  if (table->bounds(store, &call, &first_lsn, &last, &size) != HF_OK) fail("bounds", message);
  for (;;) {
    hf_bytes entries[16];
    size_t batch = 1 + last % 16;
    for (size_t i = 0; i < batch; i++) {
      uint64_t lsn = last + 1 + i;
      memset(bytes[i], (int)(lsn % 251), ENTRY);
      memcpy(bytes[i], &lsn, sizeof lsn);
      entries[i] = (hf_bytes){bytes[i], 8 + lsn % (ENTRY - 8)};
    }
    if (table->append(store, &call, entries, batch, &first_lsn) != HF_OK) fail("append", message);
    last = first_lsn + batch - 1;
    dprintf(1, "%llu\n", (unsigned long long)last);
  }
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage", "measure|write LIBRARY DIRECTORY");
  char log[4096];
  snprintf(log, sizeof log, "%s/log", arguments[3]);
  hf_store *store = open_log(arguments[2], log);
  if (!strcmp(arguments[1], "write")) write_until_killed(store);
  measure(store, arguments[3]);
  provider->close(store);
  return 0;
}
