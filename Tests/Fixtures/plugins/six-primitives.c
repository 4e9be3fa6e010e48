/* six-primitives.c: a storage plugin with nothing but the six primitives, made from holdfast_provider.h alone.
 *
 * It keeps its records in one sorted array. With the option "path" every change is also appended to a journal, which is
 * read back at the next open; without it the records go when the store is closed.
 */
#define _GNU_SOURCE
#include "holdfast_provider.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

/* One record, tombstone or floor. What is behind it: namespace, key, value, in one allocation. */
typedef struct entry {
  uint32_t flags, ns_size, key_size, value_size;
  hf_version id, version;
  int64_t expires_ms;
  char bytes[];
} entry;

struct hf_store {
  const hf_host *host;
  entry **entries; /* by namespace, key, then the floor, the document, the items by id */
  size_t count, capacity;
  int journal; /* -1 without "path" */
};

static const hf_version zero_version;
static int fail(const hf_call *call, hf_status status, const char *text) {
  snprintf(call->error->message, call->error->message_capacity, "%s", text);
  return status;
}

static int compare_versions(hf_version a, hf_version b) { return memcmp(a.bytes, b.bytes, sizeof a.bytes); }

static int compare_bytes(const char *a, size_t a_size, const char *b, size_t b_size) {
  size_t shared = a_size < b_size ? a_size : b_size;
  int order = shared ? memcmp(a, b, shared) : 0;
  return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* The place of an entry in the order: (namespace, key, id), the floor before the document. */
static int compare(const entry *e, hf_bytes ns, hf_bytes key, hf_version id, int floor) {
  int order = compare_bytes(e->bytes, e->ns_size, ns.data, ns.size);
  if (!order) order = compare_bytes(e->bytes + e->ns_size, e->key_size, key.data, key.size);
  if (!order) order = compare_versions(e->id, id);
  return order ? order : floor - ((e->flags & HF_RECORD_FLOOR) != 0);
}

/* The first entry at or behind a place. */
static size_t position(const hf_store *s, hf_bytes ns, hf_bytes key, hf_version id, int floor) {
  size_t low = 0, high = s->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(s->entries[middle], ns, key, id, floor) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static entry *at(const hf_store *s, size_t place, hf_bytes ns, hf_bytes key, hf_version id, int floor) {
  return place < s->count && !compare(s->entries[place], ns, key, id, floor) ? s->entries[place] : NULL;
}

static hf_version floor_of(const hf_store *s, hf_bytes ns, hf_bytes key) {
  entry *e = at(s, position(s, ns, key, zero_version, 1), ns, key, zero_version, 1);
  return e ? e->version : zero_version;
}

static void remove_at(hf_store *s, size_t place, size_t count) {
  for (size_t i = 0; i < count; i++) free(s->entries[place + i]);
  memmove(s->entries + place, s->entries + place + count, (s->count - place - count) * sizeof *s->entries);
  s->count -= count;
}

/* Stores a record at its place, in the place of what is there. */
static int store(hf_store *s, const hf_record *r) {
  int floor = (r->flags & HF_RECORD_FLOOR) != 0;
  size_t place = position(s, r->ns, r->key, r->id, floor);
  entry *e = malloc(sizeof *e + r->ns.size + r->key.size + r->value.size);
  if (!e) return 0;
  e->flags = r->flags, e->id = r->id, e->version = r->version, e->expires_ms = r->expires_ms;
  e->ns_size = r->ns.size, e->key_size = r->key.size, e->value_size = r->value.size;
  memcpy(e->bytes, r->ns.data, r->ns.size);
  memcpy(e->bytes + r->ns.size, r->key.data, r->key.size);
  if (r->value.size) memcpy(e->bytes + r->ns.size + r->key.size, r->value.data, r->value.size);
  if (at(s, place, r->ns, r->key, r->id, floor)) {
    free(s->entries[place]);
  } else {
    if (s->count == s->capacity) {
      size_t capacity = s->capacity ? s->capacity * 2 : 64;
      entry **grown = realloc(s->entries, capacity * sizeof *grown);
      if (!grown) return free(e), 0;
      s->entries = grown, s->capacity = capacity;
    }
    memmove(s->entries + place + 1, s->entries + place, (s->count - place) * sizeof *s->entries);
    s->count++;
  }
  s->entries[place] = e;
  return 1;
}

/* 1: changes something, 0: the stored state wins. */
static int wins(const hf_store *s, const hf_record *r) {
  hf_version floor = floor_of(s, r->ns, r->key);
  int is_item = compare_versions(r->id, zero_version) != 0;
  if (compare_versions(is_item ? r->id : r->version, floor) <= 0) return 0;
  entry *e = at(s, position(s, r->ns, r->key, r->id, 0), r->ns, r->key, r->id, 0);
  return !e || compare_versions(r->version, e->version) > 0;
}

static int merge_drop(hf_store *s, const hf_record *r) {
  size_t first = position(s, r->ns, r->key, zero_version, 0);
  entry *document = at(s, first, r->ns, r->key, zero_version, 0);
  if (document && compare_versions(document->version, r->version) <= 0) remove_at(s, first, 1);
  else if (document) first++;
  size_t end = first;
  while (end < s->count && !compare(s->entries[end], r->ns, r->key, s->entries[end]->id, 0) &&
         compare_versions(s->entries[end]->id, r->version) <= 0) end++;
  remove_at(s, first, end - first);
  if (compare_versions(r->version, floor_of(s, r->ns, r->key)) <= 0) return 1;
  hf_record floor = *r;
  floor.flags = HF_RECORD_FLOOR, floor.id = zero_version, floor.value = (hf_bytes){0}, floor.expires_ms = 0;
  return store(s, &floor);
}

/* The journal has one frame per change; a half-written last one is cut off at open. */
typedef struct frame { uint32_t size, drop; entry head; } frame;

static int journal(hf_store *s, const hf_record *r, int drop) {
  if (s->journal < 0) return 1;
  size_t size = sizeof(frame) + r->ns.size + r->key.size + r->value.size;
  frame *f = calloc(1, size);
  if (!f) return 0;
  f->size = (uint32_t)size, f->drop = (uint32_t)drop;
  f->head = (entry){r->flags, r->ns.size, r->key.size, r->value.size, r->id, r->version, r->expires_ms};
  char *bytes = (char *)(f + 1);
  memcpy(bytes, r->ns.data, r->ns.size);
  memcpy(bytes + r->ns.size, r->key.data, r->key.size);
  if (r->value.size) memcpy(bytes + r->ns.size + r->key.size, r->value.data, r->value.size);
  off_t end = lseek(s->journal, 0, SEEK_END);
  int done = write(s->journal, f, size) == (ssize_t)size && fdatasync(s->journal) == 0;
  free(f);
  if (!done && ftruncate(s->journal, end) != 0) abort(); /* half a frame in the middle would hide all behind it */
  return done;
}

static int replay(hf_store *s) {
  frame f;
  off_t place = lseek(s->journal, 64, SEEK_SET);
  while (read(s->journal, &f, sizeof f) == (ssize_t)sizeof f) {
    size_t size = f.size - sizeof f;
    char *bytes = f.size >= sizeof f ? malloc(size + 1) : NULL;
    if (!bytes || read(s->journal, bytes, size) != (ssize_t)size) { free(bytes); break; }
    hf_record r = {sizeof r, f.head.flags, {bytes, f.head.ns_size}, {bytes + f.head.ns_size, f.head.key_size},
                   f.head.id, f.head.version, {bytes + f.head.ns_size + f.head.key_size, f.head.value_size},
                   f.head.expires_ms};
    int done = f.drop ? merge_drop(s, &r) : !wins(s, &r) || store(s, &r);
    free(bytes);
    if (!done) return 0;
    place += f.size;
  }
  return ftruncate(s->journal, place) == 0;
}

static hf_status put(hf_store *s, const hf_call *call, const hf_record *r) {
  if (!wins(s, r)) return HF_UNCHANGED;
  if (!journal(s, r, 0)) return fail(call, HF_E_EXHAUSTED, "the journal cannot be written");
  return store(s, r) ? HF_OK : fail(call, HF_E_EXHAUSTED, "out of memory");
}

static hf_status drop(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, hf_version upto) {
  hf_record r = {.struct_size = sizeof r, .ns = ns, .key = key, .version = upto};
  if (!journal(s, &r, 1)) return fail(call, HF_E_EXHAUSTED, "the journal cannot be written");
  return merge_drop(s, &r) ? HF_OK : fail(call, HF_E_EXHAUSTED, "out of memory");
}

/* Hands an entry to the sink unless readers never see it. Returns whether to go on. */
static int emit(const hf_store *s, const entry *e, const hf_sink *sink, int keys_only, uint64_t *remaining) {
  if (e->flags & (HF_RECORD_REMOVED | HF_RECORD_FLOOR)) return 1;
  if (e->expires_ms && e->expires_ms <= s->host->unix_ms(s->host->context)) return 1;
  hf_record r = {sizeof r, e->flags, {e->bytes, e->ns_size}, {e->bytes + e->ns_size, e->key_size}, e->id, e->version,
                 {e->bytes + e->ns_size + e->key_size, keys_only ? 0 : e->value_size}, e->expires_ms};
  return sink->records(sink->context, &r, 1, sizeof r) == 0 && --*remaining > 0;
}

static hf_status get(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_sink *sink) {
  (void)call;
  uint64_t remaining = 2;
  entry *e = at(s, position(s, ns, key, zero_version, 0), ns, key, zero_version, 0);
  if (!e) return HF_NOT_FOUND;
  emit(s, e, sink, 0, &remaining);
  return remaining == 2 ? HF_NOT_FOUND : HF_OK;
}

static hf_status get_list(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_range *range,
                          const hf_sink *sink) {
  (void)call;
  hf_version last;
  memset(&last, 255, sizeof last);
  int is_open = compare_versions(range->before, zero_version) == 0;
  size_t first = position(s, ns, key, range->after, 0);
  if (at(s, first, ns, key, range->after, 0)) first++;
  size_t end = position(s, ns, key, is_open ? last : range->before, 0);
  if (is_open && at(s, end, ns, key, last, 0)) end++;
  uint64_t remaining = range->limit ? range->limit : UINT64_MAX;
  for (size_t i = first; i < end; i++)
    if (!emit(s, s->entries[range->reverse ? end - 1 - (i - first) : i], sink, 0, &remaining)) break;
  return HF_OK;
}

static hf_status query(hf_store *s, const hf_call *call, const hf_query *q, const hf_sink *sink) {
  (void)call;
  uint64_t remaining = q->limit ? q->limit : UINT64_MAX;
  int reverse = (q->flags & HF_QUERY_REVERSE) != 0;
  for (size_t n = 0; n < s->count; n++) {
    const entry *e = s->entries[reverse ? s->count - 1 - n : n];
    if (compare_bytes(e->bytes, e->ns_size, q->ns.data, q->ns.size)) continue;
    const char *key = e->bytes + e->ns_size;
    if (e->key_size < q->key_prefix.size || (q->key_prefix.size && memcmp(key, q->key_prefix.data, q->key_prefix.size)))
      continue;
    int is_item = compare_versions(e->id, zero_version) != 0;
    if (!(q->flags & (is_item ? HF_QUERY_ITEMS : HF_QUERY_DOCUMENTS))) continue;
    int order = q->after_key.size ? compare(e, q->ns, q->after_key, q->after_id, 0) : reverse ? -1 : 1;
    if (reverse ? order >= 0 : order <= 0) continue;
    hf_bytes value = {key + e->key_size, e->value_size};
    if (q->match_count && ((e->flags & HF_RECORD_BYTES) ||
        s->host->json_match(s->host->context, value, q->matches, q->match_count) != HF_OK)) continue;
    if (!emit(s, e, sink, (q->flags & HF_QUERY_KEYS_ONLY) != 0, &remaining)) break;
  }
  return HF_OK;
}

static void take_path(void *context, hf_bytes value) {
  char **path = context;
  *path = strndup(value.data, value.size);
}

static void close_store(hf_store *s) {
  remove_at(s, 0, s->count);
  free(s->entries);
  if (s->journal >= 0) close(s->journal);
  free(s);
}

/* The first 64 bytes of the journal name its incarnation; a store without a journal has a new one each time. */
static int name_incarnation(char incarnation[64]) {
  unsigned char random[16];
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return 0;
  for (int i = 0; i < 16; i++) snprintf(incarnation + 2 * i, 3, "%02x", random[i]);
  return 1;
}

static hf_status open_store(const hf_host *host, const hf_open *request, const hf_call *call, hf_store **out,
                            hf_store_info *info) {
  char *path = NULL;
  if (request->options_json.size &&
      host->json_get(host->context, request->options_json, (hf_bytes){"/path", 5}, take_path, &path) < 0)
    return fail(call, HF_E_INVALID, "the options are not JSON");
  if (request->role == HF_ROLE_CHECK) return free(path), HF_OK;
  hf_store *s = calloc(1, sizeof *s);
  if (!s) return free(path), fail(call, HF_E_EXHAUSTED, "out of memory");
  s->host = host;
  s->journal = -1;
  int is_whole = name_incarnation(info->incarnation);
  if (path) {
    s->journal = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->journal < 0 || flock(s->journal, LOCK_EX | LOCK_NB) != 0) {
      close_store(s), free(path);
      return fail(call, HF_E_UNAVAILABLE, errno == EWOULDBLOCK ? "another process holds the journal" : strerror(errno));
    }
    char found[64];
    if (pread(s->journal, found, 64, 0) == 64) memcpy(info->incarnation, found, 64);
    else is_whole = is_whole && pwrite(s->journal, info->incarnation, 64, 0) == 64 && fsync(s->journal) == 0;
    is_whole = is_whole && replay(s);
  }
  free(path);
  if (!is_whole) return close_store(s), fail(call, HF_E_CORRUPT, "the journal cannot be read");
  info->capabilities = s->journal >= 0 ? HF_CAP_DURABLE : 0;
  *out = s;
  return HF_OK;
}

static const hf_provider provider = {
    .struct_size = sizeof(hf_provider), .type = "six-primitives-only",
    .options_schema = "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},\"additionalProperties\":false}",
    .open = open_store, .close = close_store, .get = get, .set = put, .drop = drop, .append = put,
    .get_list = get_list, .query = query};
static const hf_provider *const providers[] = {&provider};
static const hf_plugin plugin = {
    .struct_size = sizeof(hf_plugin), .magic = HF_MAGIC, .abi_major = HF_ABI_MAJOR, .abi_minor = HF_ABI_MINOR,
    .provider_count = 1, .name = "six-primitives", .version = "1.0.0", .license = "Apache-2.0", .providers = providers};

const hf_plugin *holdfast_plugin_v1(const hf_host *host) { return host->abi_major == HF_ABI_MAJOR ? &plugin : NULL; }
