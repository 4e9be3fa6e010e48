/* A plugin as it was when ABI 1.0 was frozen: the six primitives over an array in memory, and nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "holdfast_provider.h"

typedef struct entry {               /* a record, or with HF_RECORD_FLOOR the floor of its key */
  hf_record record;
  char *ns, *key, *value;
} entry;

struct hf_store {
  const hf_host *host;
  entry *entries;                    /* in (ns, key, id) order, a floor before what else has the id zero */
  size_t count, capacity;
};

static int compare_bytes(hf_bytes a, hf_bytes b) {
  size_t common = a.size < b.size ? a.size : b.size;
  int order = common ? memcmp(a.data, b.data, common) : 0;
  return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare(const hf_record *a, const hf_record *b) {
  int order = compare_bytes(a->ns, b->ns);
  if (!order) order = compare_bytes(a->key, b->key);
  if (!order) order = memcmp(a->id.bytes, b->id.bytes, 16);
  return order ? order : (int)(b->flags & HF_RECORD_FLOOR) - (int)(a->flags & HF_RECORD_FLOOR);
}

static hf_status fail(const hf_call *call, hf_status status, const char *message) {
  hf_error *error = call->error;
  if (error && HF_HAS(error, message) && error->message && error->message_capacity) {
    size_t size = strlen(message);
    if (size >= error->message_capacity) size = error->message_capacity - 1;
    memcpy(error->message, message, size);
    error->message[size] = 0;
  }
  return status;
}

static size_t position(const hf_store *store, const hf_record *record) {
  size_t low = 0, high = store->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare(&store->entries[middle].record, record) < 0) low = middle + 1; else high = middle;
  }
  return low;
}

static entry *find(hf_store *store, const hf_record *record) {
  size_t at = position(store, record);
  return at < store->count && !compare(&store->entries[at].record, record) ? &store->entries[at] : NULL;
}

static void forget(entry *e) { free(e->ns); free(e->key); free(e->value); }

static char *copy(hf_bytes *bytes) {
  char *memory = malloc(bytes->size + 1);
  if (memory && bytes->size) memcpy(memory, bytes->data, bytes->size);
  bytes->data = memory;
  return memory;
}

static hf_status store_record(hf_store *store, const hf_call *call, const hf_record *record) {
  if (store->count == store->capacity) {
    size_t capacity = store->capacity ? store->capacity * 2 : 64;
    entry *grown = realloc(store->entries, capacity * sizeof *grown);
    if (!grown) return fail(call, HF_E_EXHAUSTED, "out of memory");
    store->entries = grown;
    store->capacity = capacity;
  }
  entry made = {.record = *record};
  made.ns = copy(&made.record.ns);
  made.key = copy(&made.record.key);
  made.value = copy(&made.record.value);
  if (!made.ns || !made.key || !made.value) { forget(&made); return fail(call, HF_E_EXHAUSTED, "out of memory"); }
  size_t at = position(store, record);
  if (at < store->count && !compare(&store->entries[at].record, record)) {
    forget(&store->entries[at]);
  } else {
    memmove(store->entries + at + 1, store->entries + at, (store->count - at) * sizeof made);
    store->count++;
  }
  store->entries[at] = made;
  return HF_OK;
}

static hf_version floor_of(hf_store *store, hf_bytes ns, hf_bytes key) {
  hf_record probe = {.ns = ns, .key = key, .flags = HF_RECORD_FLOOR};
  entry *found = find(store, &probe);
  return found ? found->record.version : (hf_version){{0}};
}

static hf_status put(hf_store *store, const hf_call *call, const hf_record *record) {
  static const hf_version zero;
  hf_version bound = floor_of(store, record->ns, record->key);
  const hf_version *rank = memcmp(&record->id, &zero, 16) ? &record->id : &record->version;
  if (memcmp(rank, &bound, 16) <= 0) return HF_UNCHANGED;
  hf_record probe = *record;
  probe.flags = 0;
  entry *found = find(store, &probe);
  if (found && memcmp(&record->version, &found->record.version, 16) <= 0) return HF_UNCHANGED;
  return store_record(store, call, record);
}

static hf_status drop(hf_store *store, const hf_call *call, hf_bytes ns, hf_bytes key, hf_version upto) {
  static const hf_version zero;
  hf_version bound = floor_of(store, ns, key);
  size_t kept = 0, count = store->count;
  if (memcmp(&upto, &bound, 16) <= 0) return HF_UNCHANGED; /* nothing at or below the floor is stored */
  for (size_t i = 0; i < count; i++) {
    entry *e = &store->entries[i];
    const hf_version *rank = memcmp(&e->record.id, &zero, 16) ? &e->record.id : &e->record.version;
    int here = !compare_bytes(e->record.ns, ns) && !compare_bytes(e->record.key, key);
    if (here && memcmp(rank, &upto, 16) <= 0) forget(e); else store->entries[kept++] = *e;
  }
  store->count = kept;
  hf_record floor = {.struct_size = sizeof floor, .flags = HF_RECORD_FLOOR, .ns = ns, .key = key, .version = upto};
  return store_record(store, call, &floor);
}

static int is_visible(const hf_store *store, const hf_record *record) {
  if (record->flags & (HF_RECORD_REMOVED | HF_RECORD_FLOOR)) return 0;
  return !record->expires_ms || record->expires_ms > store->host->unix_ms(store->host->context);
}

static hf_status get(hf_store *store, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_sink *sink) {
  (void)call;
  hf_record probe = {.ns = ns, .key = key};
  entry *found = find(store, &probe);
  if (!found || !is_visible(store, &found->record)) return HF_NOT_FOUND;
  return sink->records(sink->context, &found->record, 1, sizeof found->record) ? HF_STOPPED : HF_OK;
}

static hf_status get_list(hf_store *store, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_range *range,
                          const hf_sink *sink) {
  static const hf_version zero;
  uint64_t remaining = range->limit ? range->limit : UINT64_MAX;
  (void)call;
  for (size_t step = 0; step < store->count && remaining; step++) {
    const hf_record *r = &store->entries[range->reverse ? store->count - 1 - step : step].record;
    if (compare_bytes(r->ns, ns) || compare_bytes(r->key, key) || !memcmp(&r->id, &zero, 16)) continue;
    if (memcmp(&r->id, &range->after, 16) <= 0 || !is_visible(store, r)) continue;
    if (memcmp(&range->before, &zero, 16) && memcmp(&r->id, &range->before, 16) >= 0) continue;
    remaining--;
    if (sink->records(sink->context, r, 1, sizeof *r)) return HF_STOPPED;
  }
  return HF_OK;
}

static hf_status query(hf_store *store, const hf_call *call, const hf_query *query, const hf_sink *sink) {
  static const hf_version zero;
  int reversed = query->flags & HF_QUERY_REVERSE ? 1 : 0;
  hf_record after = {.ns = query->ns, .key = query->after_key, .id = query->after_id};
  uint64_t remaining = query->limit ? query->limit : UINT64_MAX;
  if (query->flags & HF_QUERY_RAW) return fail(call, HF_E_UNSUPPORTED, "no raw scans");
  for (size_t step = 0; step < store->count && remaining; step++) {
    hf_record r = store->entries[reversed ? store->count - 1 - step : step].record;
    uint32_t scope = memcmp(&r.id, &zero, 16) ? HF_QUERY_ITEMS : HF_QUERY_DOCUMENTS;
    if (!(query->flags & scope) || compare_bytes(r.ns, query->ns) || !is_visible(store, &r)) continue;
    if (r.key.size < query->key_prefix.size) continue;
    if (query->key_prefix.size && memcmp(r.key.data, query->key_prefix.data, query->key_prefix.size)) continue;
    if (after.key.size && (reversed ? compare(&r, &after) >= 0 : compare(&r, &after) <= 0)) continue;
    if (query->match_count && (r.flags & HF_RECORD_BYTES)) continue;
    if (query->match_count && store->host->json_match(store->host->context, r.value, query->matches,
                                                      query->match_count) != HF_OK) continue;
    if (query->flags & HF_QUERY_KEYS_ONLY) r.value = (hf_bytes){NULL, 0};
    remaining--;
    if (sink->records(sink->context, &r, 1, sizeof r)) return HF_STOPPED;
  }
  return HF_OK;
}

static hf_status open_store(const hf_host *host, const hf_open *open, const hf_call *call, hf_store **out,
                            hf_store_info *info) {
  *out = NULL;
  if (open->role == HF_ROLE_CHECK) return HF_OK;
  if (open->role != HF_ROLE_STORE) return fail(call, HF_E_UNSUPPORTED, "frozen is a store, not a log");
  hf_store *store = calloc(1, sizeof *store);
  if (!store) return fail(call, HF_E_EXHAUSTED, "out of memory");
  store->host = host;
  info->capabilities = HF_CAP_NONBLOCKING;
  info->max_stores = 1;
  snprintf(info->incarnation, sizeof info->incarnation, "frozen-%llx", /* what was stored went with the last close */
           (unsigned long long)host->monotonic_ns(host->context));
  *out = store;
  return HF_OK;
}

static void close_store(hf_store *store) {
  for (size_t i = 0; i < store->count; i++) forget(&store->entries[i]);
  free(store->entries);
  free(store);
}

static hf_status ping(hf_store *store, const hf_call *call) { (void)store; (void)call; return HF_OK; }

static const void *get_extension(hf_store *store, const char *id) { (void)store; (void)id; return NULL; }

static const hf_provider provider = {
  .struct_size = sizeof provider, .type = "frozen", .options_schema = "{\"type\":\"object\",\"properties\":{}}",
  .open = open_store, .close = close_store, .ping = ping, .get = get, .set = put, .drop = drop, .append = put,
  .get_list = get_list, .query = query, .get_extension = get_extension,
};
static const hf_provider *const providers[] = {&provider};
static const hf_plugin plugin = {
  .struct_size = sizeof plugin, .magic = HF_MAGIC, .abi_major = HF_ABI_MAJOR, .abi_minor = HF_ABI_MINOR,
  .provider_count = 1, .name = "frozen", .version = "1.0.0", .license = "Apache-2.0", .providers = providers,
};

const hf_plugin *holdfast_plugin_v1(const hf_host *host) { (void)host; return &plugin; }
