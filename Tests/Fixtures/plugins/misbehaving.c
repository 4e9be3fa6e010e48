/* misbehaving.c: the plugin of six-primitives.c with one thing wrong, chosen by -DNAME. */
#define holdfast_plugin_v1 good_plugin
#include "six-primitives.c"
#undef holdfast_plugin_v1
#include <pthread.h>
#include <stdatomic.h>

HF_EXPORT const hf_plugin *holdfast_plugin_v1(const hf_host *host);

static hf_provider table;
static const hf_provider *const tables[] = {&table};
static hf_plugin answer;

static int is_text(hf_bytes bytes, const char *text) {
  return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static hf_record record_of(hf_bytes ns, hf_bytes key, uint8_t number, const char *value) {
  hf_record r = {.struct_size = sizeof r, .ns = ns, .key = key, .value = {value, strlen(value)}};
  r.version.bytes[5] = number;
  return r;
}

static int push(const hf_sink *sink, const hf_record *r) { return sink->records(sink->context, r, 1, sizeof *r); }

#ifdef GARBAGE
/* The key names what is wrong with the answer. */
static hf_sink kept;

static hf_status bad_get(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_sink *sink) {
  hf_record r = record_of(ns, key, 9, "value");
  hf_record two[2] = {r, r};
  if (is_text(key, "status")) return 77;
  if (is_text(key, "negative")) return -99;
  if (is_text(key, "stopped")) return HF_STOPPED;
  if (is_text(key, "error-text")) {
    memset(call->error->message, 0xFE, call->error->message_capacity);
    return HF_E_CORRUPT;
  }
  if (is_text(key, "no-reason")) return HF_E_PERMISSION;
  if (is_text(key, "dead")) {
    call->error->flags = HF_ERROR_STORE_DEAD;
    return fail(call, HF_E_UNAVAILABLE, "connection reset");
  }
  if (is_text(key, "null")) r.value = (hf_bytes){NULL, 5};
  if (is_text(key, "huge")) r.value.size = SIZE_MAX / 2;
  if (is_text(key, "other-key")) r.key = (hf_bytes){"other", 5};
  if (is_text(key, "tombstone")) r.flags = HF_RECORD_REMOVED;
  if (is_text(key, "no-version")) r.version = zero_version;
  if (is_text(key, "item")) r.id = r.version;
  if (is_text(key, "short-record")) r.struct_size = 8;
  if (is_text(key, "expired")) r.expires_ms = 1;
  if (is_text(key, "null-records")) return sink->records(sink->context, NULL, 3, sizeof r), HF_OK;
  if (is_text(key, "stride")) return sink->records(sink->context, two, 2, 12), HF_OK;
  if (is_text(key, "two")) return sink->records(sink->context, two, 2, sizeof r), HF_OK;
  if (is_text(key, "keep")) kept = *sink;
  if (is_text(key, "late")) push(&kept, &r);
  push(sink, &r);
  return is_text(key, "not-found") ? HF_NOT_FOUND : ((void)s, HF_OK);
}

static hf_status bad_list(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_range *range,
                          const hf_sink *sink) {
  (void)s, (void)call, (void)range;
  hf_record items[3];
  for (uint8_t i = 0; i < 3; i++) items[i] = record_of(ns, key, 10 + i, "item"), items[i].id = items[i].version;
  if (is_text(key, "disorder")) items[2] = items[0];
  if (is_text(key, "document")) items[1].id = zero_version;
  if (is_text(key, "outside")) items[2].id.bytes[0] = 1;
  sink->records(sink->context, items, 3, sizeof items[0]);
  return HF_OK;
}

static hf_status bad_query(hf_store *s, const hf_call *call, const hf_query *q, const hf_sink *sink) {
  (void)s, (void)call;
  hf_record r = record_of(q->ns, (hf_bytes){"key", 3}, 9, "value");
  if (is_text(q->key_prefix, "utf8")) r.key = (hf_bytes){"utf8\xff", 5};
  if (is_text(q->key_prefix, "nul")) r.key = (hf_bytes){"nul\0", 4};
  if (is_text(q->key_prefix, "k")) r.ns = (hf_bytes){"elsewhere", 9};
  push(sink, &r);
  return HF_OK;
}

/* The namespace names what is wrong with the answer. */
static hf_status bad_select(hf_store *s, const hf_call *call, hf_bytes query, const hf_sink *sink) {
  (void)s, (void)call;
  char text[1024] = {0}, *name, *end;
  memcpy(text, query.data, query.size < sizeof text ? query.size : sizeof text - 1);
  if (!(name = strstr(text, "\"namespace\":\"")) || !(end = strchr(name += 13, '"'))) return HF_E_INVALID;
  hf_bytes ns = {name, (size_t)(end - name)}, key = {"key", 3}, later = {"kez", 3};
  hf_record a = record_of(ns, key, 9, "{\"f\":1}"), b = record_of(ns, later, 9, "{\"f\":2}");
  hf_record row = {.struct_size = sizeof row};
  const char *json = NULL;
  if (is_text(ns, "unsupported")) return push(sink, &a), HF_E_UNSUPPORTED;
  if (is_text(ns, "disorder")) return push(sink, &b), push(sink, &a), HF_OK;
  if (is_text(ns, "double")) return push(sink, &a), push(sink, &a), HF_OK;
  if (is_text(ns, "many")) return push(sink, &a), push(sink, &b), push(sink, &b), HF_OK;
  if (is_text(ns, "foreign")) a.ns = (hf_bytes){"m", 1};
  if (is_text(ns, "prefix")) a.key = (hf_bytes){"x", 1};
  if (is_text(ns, "tombstone")) a.flags = HF_RECORD_REMOVED;
  if (is_text(ns, "filter")) a.value = (hf_bytes){"{\"f\":7}", 7};
  if (is_text(ns, "item")) a.id = a.version;
  if (is_text(ns, "count")) json = "{\"count\":-1}";
  if (is_text(ns, "row")) json = "{\"by\":[[1],[2]],\"count\":1,\"figures\":[]}";
  if (is_text(ns, "twice")) json = "{\"by\":[[1]],\"count\":1,\"figures\":[]}";
  if (!json) return push(sink, &a), HF_OK;
  row.value = (hf_bytes){json, strlen(json)};
  push(sink, &row);
  if (is_text(ns, "twice")) push(sink, &row);
  return HF_OK;
}

/* The operation names what is wrong with the answer. */
static hf_status bad_invoke(hf_store *s, const hf_call *call, const char *operation, hf_bytes json, const hf_sink *sink) {
  (void)s, (void)call, (void)json;
  hf_bytes op = {operation, strlen(operation)}, ns = {"items", 5}, key = {"key", 3}, later = {"kez", 3};
  hf_record a = record_of(ns, key, 9, "{\"f\":1}"), b = record_of(ns, later, 10, "{\"f\":2}");
  hf_record d = record_of((hf_bytes){"docs", 4}, key, 9, "{}"), row = {.struct_size = sizeof row, .key = {"row", 3}};
  hf_record count = {.struct_size = sizeof count, .key = {"count", 5}, .value = {"{\"count\":1}", 11}};
  a.id = a.version, b.id = b.version;
  if (is_text(op, "unsupported")) return push(sink, &a), HF_E_UNSUPPORTED;
  if (is_text(op, "fails")) return fail(call, HF_E_PERMISSION, "not today");
  if (is_text(op, "status")) return 77;
  if (is_text(op, "stranger")) a.ns = (hf_bytes){"items2", 6};
  if (is_text(op, "tombstone")) a.flags = HF_RECORD_REMOVED;
  if (is_text(op, "no-version")) a.version = zero_version;
  if (is_text(op, "prefix")) a.key = (hf_bytes){"x", 1};
  if (is_text(op, "utf8")) a.key = (hf_bytes){"k\xff", 2};
  if (is_text(op, "filter")) a.value = (hf_bytes){"{\"f\":7}", 7};
  if (is_text(op, "expired")) a.expires_ms = 1;
  if (is_text(op, "disorder")) return push(sink, &b), push(sink, &a), push(sink, &count), HF_OK;
  if (is_text(op, "double")) push(sink, &a);
  if (is_text(op, "many")) push(sink, &a), push(sink, &b);
  if (is_text(op, "no-count")) return push(sink, &a), HF_OK;
  if (is_text(op, "counts")) push(sink, &count);
  if (is_text(op, "count")) count.value.size = 4;
  if (is_text(op, "rows")) push(sink, &row), push(sink, &row), push(sink, &row);
  if (is_text(op, "no-part")) row.key = (hf_bytes){"other", 5}, push(sink, &row);
  if (is_text(op, "orphan")) d.key = later, push(sink, &d);
  if (is_text(op, "item")) d.id = d.version, d.ns = (hf_bytes){"docs", 4}, push(sink, &d);
  if (is_text(op, "looked-at")) d.ns = (hf_bytes){"looked", 6}, push(sink, &d);
  if (is_text(op, "null")) a.value = (hf_bytes){NULL, 5};
  if (is_text(op, "huge")) { /* refused by its size, before a byte of it is looked at */
    row.value = (hf_bytes){"1", 300u << 20};
    if (push(sink, &row) != 0) return HF_STOPPED;
  }
  push(sink, &a), push(sink, &count);
  if (is_text(op, "fine")) push(sink, &d), push(sink, &row), push(sink, &row);
  return HF_OK;
}

static const void *garbage_extension(hf_store *s, const char *id) {
  static const hf_ext_select select = {.struct_size = sizeof select, .select = bad_select};
  static const char *const names[] = {
      "unsupported", "fails", "status", "stranger", "tombstone", "no-version", "prefix", "utf8", "filter", "expired",
      "disorder", "double", "many", "no-count", "counts", "count", "rows", "no-part", "orphan", "item", "looked-at",
      "null", "huge", "fine", NULL};
  static const hf_ext_domain domain = {.struct_size = sizeof domain, .operations = names, .invoke = bad_invoke};
  return (void)s, strcmp(id, HF_EXT_SELECT) == 0 ? (const void *)&select
                  : strcmp(id, HF_EXT_DOMAIN) == 0 ? (const void *)&domain : NULL;
}
#endif

#ifdef HANG
/* A value names how to hang: "until-cancelled" comes back late and touches all that it was lent; "for-ever" never does. */
static hf_status hanging_put(hf_store *s, const hf_call *call, const hf_record *r) {
  if (is_text(r->value, "for-ever")) for (;;) pause();
  if (is_text(r->value, "until-cancelled")) {
    while (!*call->cancelled) usleep(500);
    memset(call->error->message, 'x', call->error->message_capacity);
    call->error->flags = HF_ERROR_MAYBE_APPLIED;
    return HF_E_INTERNAL;
  }
  return put(s, call, r);
}

/* Takes ten minutes of the host's clock, of which it asks for one at a time; logs what it is told. */
static hf_status patient_open(const hf_host *host, const hf_open *request, const hf_call *call, hf_store **out,
                              hf_store_info *info) {
  const hf_ext_patience *patience = host->get_extension(host->context, HF_EXT_PATIENCE);
  const hf_bytes purpose = {"records are filed", 17};
  const int64_t minute = 60000000000;
  const hf_call other = *call;
  char line[80];
  int64_t end = host->monotonic_ns(host->context) + 10 * minute;
  int64_t first = call->deadline_ns;
  if (patience->extend(host->context, &other, end, purpose) != HF_E_UNSUPPORTED) return HF_E_INTERNAL;
  if (patience->extend(host->context, NULL, end, purpose) != HF_E_UNSUPPORTED) return HF_E_INTERNAL;
  if (patience->extend(host->context, call, 1, purpose) != HF_OK || call->deadline_ns != first) return HF_E_INTERNAL;
  while (host->monotonic_ns(host->context) < end) {
    int64_t now = host->monotonic_ns(host->context);
    if (call->deadline_ns < now + minute / 2) {
      if (patience->extend(host->context, call, now + minute, purpose) != HF_OK)
        return fail(call, HF_E_TIMEOUT, "nobody waits any more");
      host->log(host->context, HF_LOG_DEBUG, request->instance, purpose);
    }
    usleep(500);
  }
  if (patience->extend(host->context, call, INT64_MAX, purpose) != HF_OK) return HF_E_INTERNAL;
  snprintf(line, sizeof line, "%d", (int)((call->deadline_ns - host->monotonic_ns(host->context)) / minute));
  host->log(host->context, HF_LOG_INFO, request->instance, (hf_bytes){line, strlen(line)});
  return open_store(host, request, call, out, info);
}

static hf_status hanging_open(const hf_host *host, const hf_open *request, const hf_call *call, hf_store **out,
                              hf_store_info *info) {
  if (is_text(request->instance, "patient")) return patient_open(host, request, call, out, info);
  if (is_text(request->instance, "hanging")) while (!*call->cancelled) usleep(500);
  return open_store(host, request, call, out, info);
}
#endif

#ifdef SHARED_STATE
/* All stores are views of one, as the connections of a server are. */
static hf_store *shared;
static atomic_int apply_calls, open_stores, reads_together;
static char shared_incarnation[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static hf_status shared_open(const hf_host *host, const hf_open *request, const hf_call *call, hf_store **out,
                             hf_store_info *info) {
  hf_status status = HF_OK;
  if (request->role == HF_ROLE_CHECK) return fail(call, HF_E_INVALID, "option \"sync\" is not known");
  if (!shared) {
    status = open_store(host, request, call, &shared, info);
    memcpy(shared_incarnation, info->incarnation, 64);
  }
  memcpy(info->incarnation, shared_incarnation, 64);
  info->capabilities = HF_CAP_MULTI_OPEN;
#ifdef BATCH
  info->capabilities |= HF_CAP_ATOMIC_BATCH;
#endif
  *out = shared;
  open_stores++;
  return status;
}

static void shared_close(hf_store *s) { (void)s, open_stores--; }

/* A read of the key "calls" answers how often apply ran; a put of "bump" changes the incarnation. */
static hf_status shared_get(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_sink *sink) {
  if (is_text(key, "dead")) {
    call->error->flags = HF_ERROR_STORE_DEAD;
    return fail(call, HF_E_UNAVAILABLE, "connection reset");
  }
  while (is_text(key, "hang") && !*call->cancelled) usleep(500);
  char text[64];
  snprintf(text, sizeof text, "%d %d %d", apply_calls, open_stores, reads_together);
  hf_record r = record_of(ns, key, 1, text);
  if (is_text(key, "calls")) return push(sink, &r), HF_OK;
  pthread_mutex_lock(&lock);
  hf_status status = get(s, call, ns, key, sink);
  pthread_mutex_unlock(&lock);
  return status;
}

static hf_status shared_list(hf_store *s, const hf_call *call, hf_bytes ns, hf_bytes key, const hf_range *range,
                             const hf_sink *sink) {
  pthread_mutex_lock(&lock);
  hf_status status = get_list(s, call, ns, key, range, sink);
  pthread_mutex_unlock(&lock);
  return status;
}

/* A question about the prefix "hang" takes until it is cancelled, one about "slow" longer than it may. */
static hf_status shared_query(hf_store *s, const hf_call *call, const hf_query *q, const hf_sink *sink) {
  while (is_text(q->key_prefix, "hang") && !*call->cancelled) usleep(500);
  if (is_text(q->key_prefix, "slow")) return fail(call, HF_E_TIMEOUT, "SELECT was interrupted");
  return query(s, call, q, sink);
}

static hf_status shared_put(hf_store *s, const hf_call *call, const hf_record *r) {
  if (is_text(r->value, "poison")) return fail(call, HF_E_INVALID, "it tastes bad");
  if (is_text(r->value, "slow")) { /* until the file that the key names is there */
    char path[1025];
    snprintf(path, sizeof path, "%.*s", (int)r->key.size, (const char *)r->key.data);
    while (access(path, F_OK) != 0) usleep(500);
  }
  if (is_text(r->value, "bump")) shared_incarnation[0] = 'X';
  pthread_mutex_lock(&lock);
  hf_status status = put(s, call, r);
  pthread_mutex_unlock(&lock);
  return status;
}

static hf_status apply(hf_store *s, const hf_call *call, hf_change *changes, size_t count, size_t stride, uint32_t flags) {
  apply_calls++;
  int refused = 0;
  for (size_t i = 0; i < count; i++) {
    hf_change *c = (hf_change *)((char *)changes + i * stride);
    c->status = HF_OK;
    if (is_text(c->record.value, "unset")) c->status = INT32_MIN;
    if (is_text(c->record.value, "foreign")) c->status = 42;
    if (is_text(c->record.value, "reset")) {
      call->error->flags = HF_ERROR_MAYBE_APPLIED | HF_ERROR_STORE_DEAD;
      return fail(call, HF_E_UNAVAILABLE, "connection reset in mid-commit");
    }
    if (is_text(c->record.value, "full")) return fail(call, HF_E_EXHAUSTED, "disk full");
    if (is_text(c->record.value, "poison")) c->status = fail(call, HF_E_INVALID, "it tastes bad"), refused = 1;
  }
  for (size_t i = 0; i < count && !(refused && (flags & HF_BATCH_ATOMIC)); i++) {
    hf_change *c = (hf_change *)((char *)changes + i * stride);
    if (c->status == HF_OK)
      c->status = c->kind == HF_CHANGE_DROP ? drop(s, call, c->record.ns, c->record.key, c->record.version)
                                            : shared_put(s, call, &c->record);
  }
  return HF_OK;
}

static hf_status read_many(hf_store *s, const hf_call *call, const hf_record *addresses, const hf_range *const *ranges,
                           const hf_sink *sinks, size_t count, size_t stride) {
  reads_together++;
  for (size_t i = 0; i < count; i++) {
    const hf_record *a = (const hf_record *)((const char *)addresses + i * stride);
    hf_status status = ranges[i] ? shared_list(s, call, a->ns, a->key, ranges[i], &sinks[i])
                                 : shared_get(s, call, a->ns, a->key, &sinks[i]);
    if (status < 0) return status;
  }
  return HF_OK;
}

static const hf_ext_batch batch = {sizeof batch, 256, apply, read_many};

static const void *batch_extension(hf_store *s, const char *id) {
  return (void)s, strcmp(id, HF_EXT_BATCH) == 0 ? &batch : NULL;
}
#endif

static const void *no_extension(hf_store *s, const char *id) { return (void)s, (void)id, NULL; }

#if defined(DOMAIN_WITHOUT_INVOKE) || defined(DOMAIN_WITHOUT_NAMES) || defined(DOMAIN_NAME)
static hf_status no_invoke(hf_store *s, const hf_call *call, const char *operation, hf_bytes json, const hf_sink *sink) {
  return (void)s, (void)call, (void)operation, (void)json, (void)sink, HF_E_UNSUPPORTED;
}

static const void *domain_extension(hf_store *s, const char *id) {
#ifndef DOMAIN_NAME
#define DOMAIN_NAME "search"
#endif
  static const char *const names[] = {"fine", DOMAIN_NAME, NULL};
  static hf_ext_domain domain = {.struct_size = sizeof domain, .operations = names, .invoke = no_invoke};
#ifdef DOMAIN_WITHOUT_INVOKE
  domain.invoke = NULL;
#endif
#ifdef DOMAIN_WITHOUT_NAMES
  domain.operations = NULL;
#endif
  return (void)s, strcmp(id, HF_EXT_DOMAIN) == 0 ? &domain : NULL;
}
#endif

#if defined(CLAIM) || defined(INCARNATION) || defined(NO_STORE)
static hf_status claiming_open(const hf_host *host, const hf_open *request, const hf_call *call, hf_store **out,
                               hf_store_info *info) {
  hf_status status = open_store(host, request, call, out, info);
#ifdef CLAIM
  info->capabilities |= CLAIM;
#endif
#ifdef INCARNATION
  memset(info->incarnation, INCARNATION, 64);
#endif
#ifdef NO_STORE
  close_store(*out), *out = NULL;
#endif
  return status;
}
#endif

#ifndef TYPE
#define TYPE "misbehaving"
#endif

HF_EXPORT const hf_plugin *holdfast_plugin_v1(const hf_host *host) {
  answer = plugin, table = provider;
  answer.providers = tables;
  table.type = TYPE;
  table.get_extension = no_extension;
#ifdef WRONG_MAJOR
  answer.abi_major = 2;
#elif defined(WRONG_MAGIC)
  answer.magic = 0xbad;
#elif defined(SHORT_PLUGIN)
  answer.struct_size = offsetof(hf_plugin, providers);
#elif defined(SHORT_TABLE)
  table.struct_size = offsetof(hf_provider, get_list);
#elif defined(LONG_TABLE)
  static struct { hf_provider known; void *poison[4]; } longer;
  memset(&longer, 0xFF, sizeof longer);
  longer.known = table, longer.known.struct_size = sizeof longer;
  static const hf_provider *const longer_tables[] = {&longer.known};
  answer.providers = longer_tables;
#elif defined(MISSING_FUNCTION)
  table.append = NULL;
#elif defined(BAD_TYPE)
  table.type = "Not A Type";
#elif defined(NO_PROVIDERS)
  answer.provider_count = 0;
#elif defined(BAD_SCHEMA)
  table.options_schema = "{not json";
#elif defined(REFUSES)
  const char text[] = "this build needs a licence file";
  host->log(host->context, HF_LOG_ERROR, (hf_bytes){TYPE, strlen(TYPE)}, (hf_bytes){text, sizeof text - 1});
  return NULL;
#elif defined(GARBAGE)
  table.get = bad_get, table.get_list = bad_list, table.query = bad_query;
  table.get_extension = garbage_extension;
#elif defined(DOMAIN_WITHOUT_INVOKE) || defined(DOMAIN_WITHOUT_NAMES) || defined(DOMAIN_NAME)
  table.get_extension = domain_extension;
#elif defined(HANG)
  table.append = table.set = hanging_put, table.open = hanging_open;
#elif defined(SHARED_STATE)
  table.open = shared_open, table.close = shared_close, table.get = shared_get, table.get_list = shared_list;
  table.append = table.set = shared_put, table.query = shared_query;
#ifdef BATCH
  table.get_extension = batch_extension;
#else
  (void)batch_extension;
#endif
#elif defined(CLAIM) || defined(INCARNATION) || defined(NO_STORE)
  table.open = claiming_open;
#endif
  return (void)host, (void)push, (void)is_text, (void)record_of, &answer;
}
