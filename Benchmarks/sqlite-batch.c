/* Batched inserts through the sqlite plugin, against the same rows inserted by hand, in turns, in one run.
 *
 *   clang -std=c11 -O2 -ISources/CHoldfastProvider/include Benchmarks/sqlite-batch.c -lsqlite3 -ldl -o /tmp/sqlite-batch
 *   /tmp/sqlite-batch .build/release/libholdfast-sqlite.so DIRECTORY [SYNCHRONOUS [VALUES]]
 *
 * VALUES is a file with one value per line; without it the values are made up, 100 to 1100 bytes each. */
#define _GNU_SOURCE
#include "holdfast_provider.h"
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 500, BATCHES = 80, LISTS = 64, ROUNDS = 7 };

static char *values[100000];
static size_t value_count;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "sqlite-batch: %s: %s\n", what, why);
  exit(1);
}

static int64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static int64_t monotonic_ns(void *context) { (void)context; return clock_ns(CLOCK_MONOTONIC); }
static int64_t unix_ms(void *context) { (void)context; return clock_ns(CLOCK_REALTIME) / 1000000; }

static hf_version version_at(uint64_t n) {
  hf_version v = {{0}};
  uint64_t ms = 1700000000000ull + n / 1000, counter = n % 1000;
  for (int i = 0; i < 6; i++) v.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
  v.bytes[6] = (uint8_t)(0x70 | (counter >> 8));
  v.bytes[7] = (uint8_t)counter;
  v.bytes[8] = 0x80;
  return v;
}

static void load_values(const char *path) {
  if (!path) {
    srand(1);
    for (value_count = 0; value_count < 5000; value_count++) {
      size_t size = 100 + (size_t)rand() % 1000;
      char *text = malloc(size + 64);
      int head = sprintf(text, "{\"role\":\"user\",\"content\":\"");
      for (size_t i = (size_t)head; i < size; i++) text[i] = (char)('a' + rand() % 26);
      strcpy(text + size, "\"}");
      values[value_count] = text;
    }
    return;
  }
  FILE *file = fopen(path, "r");
  char *line = NULL;
  size_t room = 0;
  if (!file) fail("open", path);
  for (ssize_t n; value_count < 100000 && (n = getline(&line, &room, file)) > 0;) {
    if (line[n - 1] == '\n') line[n - 1] = 0;
    values[value_count++] = strdup(line);
  }
  free(line);
  fclose(file);
}

static void remove_database(const char *path) {
  char name[4096];
  const char *suffixes[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
}

static void key_of(uint64_t n, char *key) { sprintf(key, "session-%08llu-0000", (unsigned long long)(n % LISTS)); }

/* ---- by hand --------------------------------------------------------------------------------------------- */

static void run(sqlite3 *db, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql, sqlite3_errmsg(db));
}

static double by_hand(const char *path, const char *synchronous) {
  sqlite3 *db;
  sqlite3_stmt *insert;
  char pragma[64];
  remove_database(path);
  if (sqlite3_open(path, &db) != SQLITE_OK) fail("open", path);
  run(db, "PRAGMA journal_mode = WAL");
  snprintf(pragma, sizeof pragma, "PRAGMA synchronous = %s", synchronous);
  run(db, pragma);
  run(db, "PRAGMA cache_size = -16384"); /* the settings of the plugin, so that the difference is its own work */
  run(db, "PRAGMA wal_autocheckpoint = 8192");
  run(db, "CREATE TABLE records (ns TEXT NOT NULL, key TEXT NOT NULL, id BLOB NOT NULL, version BLOB NOT NULL, "
          "flags INTEGER NOT NULL, expires INTEGER NOT NULL, value NOT NULL, PRIMARY KEY (ns, key, id)) WITHOUT ROWID");
  sqlite3_prepare_v2(db, "INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1, &insert, NULL);
  int64_t start = clock_ns(CLOCK_MONOTONIC);
  for (uint64_t n = 0; n < (uint64_t)BATCH * BATCHES; n++) {
    hf_version id = version_at(n);
    char key[64];
    const char *value = values[n % value_count];
    if (n % BATCH == 0) run(db, "BEGIN IMMEDIATE");
    key_of(n, key);
    sqlite3_bind_text(insert, 1, "messages", -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 3, &id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 4, &id, 16, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 5, 0);
    sqlite3_bind_int64(insert, 6, 0);
    sqlite3_bind_text(insert, 7, value, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert", sqlite3_errmsg(db));
    sqlite3_reset(insert);
    if (n % BATCH == BATCH - 1) run(db, "COMMIT");
  }
  int64_t end = clock_ns(CLOCK_MONOTONIC);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return (double)BATCH * BATCHES * 1e9 / (double)(end - start);
}

/* ---- through the plugin ---------------------------------------------------------------------------------- */

static double through_plugin(const hf_host *host, const hf_provider *provider, const char *path, const char *synchronous) {
  static hf_change changes[BATCH];
  static char keys[BATCH][64];
  char options[4096], message[512] = "";
  hf_error error = {.struct_size = sizeof error, .message = message, .message_capacity = sizeof message};
  hf_call call = {.struct_size = sizeof call, .error = &error};
  hf_store_info info = {.struct_size = sizeof info};
  hf_store *store = NULL;
  remove_database(path);
  snprintf(options, sizeof options, "{\"path\": \"%s\", \"synchronous\": \"%s\"}", path, synchronous);
  hf_open request = {.struct_size = sizeof request, .role = HF_ROLE_STORE, .options_json = {options, strlen(options)}};
  if (provider->open(host, &request, &call, &store, &info) != HF_OK) fail("open", message);
  const hf_ext_batch *batch = provider->get_extension(store, HF_EXT_BATCH);
  int64_t start = clock_ns(CLOCK_MONOTONIC);
  for (uint64_t n = 0; n < (uint64_t)BATCH * BATCHES;) {
    for (int i = 0; i < BATCH; i++, n++) {
      const char *value = values[n % value_count];
      key_of(n, keys[i]);
      changes[i] = (hf_change){.kind = HF_CHANGE_PUT, .flags = HF_IF_NEWEST};
      changes[i].record = (hf_record){.struct_size = sizeof(hf_record), .ns = {"messages", 8},
        .key = {keys[i], strlen(keys[i])}, .id = version_at(n), .version = version_at(n), .value = {value, strlen(value)}};
    }
    if (batch->apply(store, &call, changes, BATCH, sizeof changes[0], 0) != HF_OK) fail("apply", message);
    for (int i = 0; i < BATCH; i++) if (changes[i].status != HF_OK) fail("apply", "a change was refused");
  }
  int64_t end = clock_ns(CLOCK_MONOTONIC);
  provider->close(store);
  return (double)BATCH * BATCHES * 1e9 / (double)(end - start);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc < 3) fail("usage", "sqlite-batch LIBRARY DIRECTORY [SYNCHRONOUS [VALUES]]");
  const char *synchronous = argc > 3 ? argv[3] : "normal";
  load_values(argc > 4 ? argv[4] : NULL);
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) fail("dlopen", dlerror());
  const hf_plugin *(*entry)(const hf_host *) = (const hf_plugin *(*)(const hf_host *))dlsym(library, HF_ENTRY_SYMBOL);
  hf_host host = {.struct_size = sizeof host, .abi_major = HF_ABI_MAJOR, .monotonic_ns = monotonic_ns, .unix_ms = unix_ms};
  const hf_plugin *plugin = entry ? entry(&host) : NULL;
  if (!plugin) fail("load", "the library refused this host");
  char path[4096];
  double hand[ROUNDS], plug[ROUNDS], ratio[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    snprintf(path, sizeof path, "%s/by-hand.db", argv[2]);
    hand[round] = by_hand(path, synchronous);
    remove_database(path);
    snprintf(path, sizeof path, "%s/plugin.db", argv[2]);
    plug[round] = through_plugin(&host, plugin->providers[0], path, synchronous);
    remove_database(path);
    ratio[round] = plug[round] / hand[round];
  }
  qsort(hand, ROUNDS, sizeof hand[0], compare);
  qsort(plug, ROUNDS, sizeof plug[0], compare);
  qsort(ratio, ROUNDS, sizeof ratio[0], compare);
  printf("synchronous %s, %d rows in batches of %d over %d lists, median of %d (lowest to highest)\n", synchronous,
         BATCH * BATCHES, BATCH, LISTS, ROUNDS);
  printf("by hand  %9.0f rows/s (%.0f to %.0f)\n", hand[ROUNDS / 2], hand[0], hand[ROUNDS - 1]);
  printf("plugin   %9.0f rows/s (%.0f to %.0f)\n", plug[ROUNDS / 2], plug[0], plug[ROUNDS - 1]);
  printf("ratio    %9.2f        (%.2f to %.2f)\n", ratio[ROUNDS / 2], ratio[0], ratio[ROUNDS - 1]);
  return 0;
}
