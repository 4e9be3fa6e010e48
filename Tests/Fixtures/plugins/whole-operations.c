/* whole-operations.c: the plugin of six-primitives.c, which answers operations of the domain whole (holdfast.domain/1).
 *
 * "aggregate_stats", "list_summaries" and "merged_messages" are answered as docs/reference/operations.md says;
 * "query_messages" is named, and left to the host each time. With -DLIES the answers show records of everybody.
 */
#define holdfast_plugin_v1 plain_plugin
#include "six-primitives.c"
#undef holdfast_plugin_v1

HF_EXPORT const hf_plugin *holdfast_plugin_v1(const hf_host *host);

typedef struct text { char *bytes; size_t size; int found; } text;

static void take_text(void *context, hf_bytes value) {
  text *t = context;
  t->bytes = malloc(value.size + 1);
  if (!t->bytes) return;
  memcpy(t->bytes, value.data, value.size);
  t->bytes[value.size] = 0, t->size = value.size, t->found = 1;
}

static text member(const hf_store *s, hf_bytes json, const char *pointer) {
  text t = {0};
  s->host->json_get(s->host->context, json, (hf_bytes){pointer, strlen(pointer)}, take_text, &t);
  return t;
}

static uint64_t number(const hf_store *s, hf_bytes json, const char *pointer) {
  text t = member(s, json, pointer);
  uint64_t value = t.found ? strtoull(t.bytes, NULL, 10) : 0;
  return free(t.bytes), value;
}

static hf_version version_of(const text *t) {
  hf_version v = zero_version;
  for (size_t i = 0; t->found && t->size == 32 && i < 16; i++) {
    char digits[3] = {t->bytes[2 * i], t->bytes[2 * i + 1], 0};
    v.bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  return v;
}

/* Where one of the queries looks. */
typedef struct place { text ns, key, prefix; int items; } place;

static place place_of(const hf_store *s, hf_bytes json, const char *query) {
  char pointer[128];
  place p;
  snprintf(pointer, sizeof pointer, "/queries/%s/namespace", query), p.ns = member(s, json, pointer);
  snprintf(pointer, sizeof pointer, "/queries/%s/key", query), p.key = member(s, json, pointer);
  snprintf(pointer, sizeof pointer, "/queries/%s/prefix", query), p.prefix = member(s, json, pointer);
  snprintf(pointer, sizeof pointer, "/queries/%s/scope", query);
  text scope = member(s, json, pointer);
  p.items = scope.found && strcmp(scope.bytes, "items") == 0;
  return free(scope.bytes), p;
}

static void free_place(place *p) { free(p->ns.bytes), free(p->key.bytes), free(p->prefix.bytes); }

static int holds(const hf_store *s, const place *p, const entry *e) {
  const char *key = e->bytes + e->ns_size;
  if (e->flags & (HF_RECORD_REMOVED | HF_RECORD_FLOOR)) return 0;
  if (e->expires_ms && e->expires_ms <= s->host->unix_ms(s->host->context)) return 0;
  if ((compare_versions(e->id, zero_version) != 0) != p->items) return 0;
#ifdef LIES
  return 1;
#endif
  if (compare_bytes(e->bytes, e->ns_size, p->ns.bytes, p->ns.size)) return 0;
  if (p->key.found) return compare_bytes(key, e->key_size, p->key.bytes, p->key.size) == 0;
  return e->key_size >= p->prefix.size && (!p->prefix.size || memcmp(key, p->prefix.bytes, p->prefix.size) == 0);
}

static void push_row(const hf_sink *sink, const char *query, const char *json, size_t size) {
  hf_record row = {.struct_size = sizeof row, .key = {query, strlen(query)}, .value = {json, size}};
  sink->records(sink->context, &row, 1, sizeof row);
}

static size_t quote(char *to, const char *bytes, size_t size) {
  size_t count = 0;
  to[count++] = '"';
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] == '"' || bytes[i] == '\\') to[count++] = '\\', to[count++] = bytes[i];
    else if ((uint8_t)bytes[i] < 32) count += (size_t)sprintf(to + count, "\\u%04x", bytes[i]);
    else to[count++] = bytes[i];
  }
  to[count++] = '"';
  return count;
}

static void push_count(const hf_store *s, hf_bytes json, const char *query, const hf_sink *sink) {
  place p = place_of(s, json, query);
  size_t count = 0;
  char row[64];
  for (size_t i = 0; i < s->count; i++) count += (size_t)holds(s, &p, s->entries[i]);
  push_row(sink, query, row, (size_t)snprintf(row, sizeof row, "{\"count\":%zu}", count));
  free_place(&p);
}

/* How many records there are of each text in one member; what is no text leaves the operation to the host. */
static int push_groups(const hf_store *s, hf_bytes json, const char *query, const char *name, const hf_sink *sink) {
  enum { most = 64 };
  struct { text name; size_t count; } groups[most];
  size_t group_count = 0;
  int is_whole = 1;
  place p = place_of(s, json, query);
  for (size_t i = 0; i < s->count && is_whole; i++) {
    const entry *e = s->entries[i];
    if (!holds(s, &p, e)) continue;
    hf_bytes value = {e->bytes + e->ns_size + e->key_size, e->value_size};
    text t = member(s, value, name);
    size_t g = 0;
    int order = 1;
    while (t.found && g < group_count &&
           (order = compare_bytes(groups[g].name.bytes, groups[g].name.size, t.bytes, t.size)) < 0) g++;
    if (!t.found || t.size > 200 || (order && group_count == most)) is_whole = 0;
    if (!is_whole || order == 0) {
      if (is_whole) groups[g].count++;
      free(t.bytes);
      continue;
    }
    memmove(groups + g + 1, groups + g, (group_count - g) * sizeof *groups);
    groups[g].name = t, groups[g].count = 1, group_count++;
  }
  for (size_t g = 0; g < group_count; g++) {
    char row[2048];
    size_t size = (size_t)sprintf(row, "{\"by\":[[");
    size += quote(row + size, groups[g].name.bytes, groups[g].name.size);
    size += (size_t)sprintf(row + size, "]],\"count\":%zu,\"figures\":[]}", groups[g].count);
    if (is_whole) push_row(sink, query, row, size);
    free(groups[g].name.bytes);
  }
  return free_place(&p), is_whole;
}

static hf_status aggregate_stats(const hf_store *s, hf_bytes json, const hf_sink *sink) {
  push_count(s, json, "messages", sink);
  push_count(s, json, "toolCalls", sink);
  push_count(s, json, "snapshots", sink);
  return push_groups(s, json, "toolCallsByName", "/name", sink) &&
                 push_groups(s, json, "toolCallsByState", "/state", sink)
             ? HF_OK : HF_E_UNSUPPORTED;
}

static hf_status list_summaries(const hf_store *s, hf_bytes json, const hf_sink *sink) {
  place p = place_of(s, json, "lists");
  uint64_t limit = number(s, json, "/queries/lists/limit");
  text after_key = member(s, json, "/queries/lists/after/key"), after_id = member(s, json, "/queries/lists/after/id");
  hf_version after = version_of(&after_id);
  for (size_t i = 0; i < s->count && limit > 0;) {
    const entry *first = NULL, *last = NULL;
    size_t count = 0, end = i;
    for (; end < s->count; end++) {
      const entry *e = s->entries[end];
      if (first && (compare_bytes(e->bytes, e->ns_size, first->bytes, first->ns_size) ||
                    compare_bytes(e->bytes + e->ns_size, e->key_size, first->bytes + first->ns_size, first->key_size)))
        break;
      if (!holds(s, &p, e)) continue;
      int order = after_key.found
          ? compare_bytes(e->bytes + e->ns_size, e->key_size, after_key.bytes, after_key.size) : 1;
      if (order < 0 || (order == 0 && compare_versions(e->id, after) <= 0)) continue;
      if (!first) first = e;
      last = e, count++;
    }
    if (first) {
      char *row = malloc(first->key_size * 6 + 256);
      if (!row) return HF_E_EXHAUSTED;
      size_t size = (size_t)sprintf(row, "{\"key\":");
      size += quote(row + size, first->bytes + first->ns_size, first->key_size);
      size += (size_t)sprintf(row + size, ",\"count\":%zu,\"first\":\"", count);
      for (int b = 0; b < 16; b++) size += (size_t)sprintf(row + size, "%02x", first->id.bytes[b]);
      size += (size_t)sprintf(row + size, "\",\"last\":\"");
      for (int b = 0; b < 16; b++) size += (size_t)sprintf(row + size, "%02x", last->id.bytes[b]);
      size += (size_t)sprintf(row + size, "\"}");
      push_row(sink, "lists", row, size);
      free(row), limit--;
    }
    i = end;
  }
  return free_place(&p), free(after_key.bytes), free(after_id.bytes), HF_OK;
}

static int by_arrival(const void *left, const void *right) {
  const entry *a = *(entry *const *)left, *b = *(entry *const *)right;
  int order = compare_versions(a->id, b->id);
  return order ? order : compare_bytes(a->bytes + a->ns_size, a->key_size, b->bytes + b->ns_size, b->key_size);
}

static hf_status merged_messages(const hf_store *s, hf_bytes json, const hf_sink *sink) {
  place p = place_of(s, json, "records");
  uint64_t limit = number(s, json, "/queries/records/limit");
  text descending = member(s, json, "/queries/records/order/0/descending");
  text after_key = member(s, json, "/queries/records/after/key"), after_id = member(s, json, "/queries/records/after/id");
  hf_version after = version_of(&after_id);
  entry **found = malloc((s->count + 1) * sizeof *found);
  if (!found) return HF_E_EXHAUSTED;
  size_t count = 0;
  for (size_t i = 0; i < s->count; i++) {
    entry *e = s->entries[i];
    if (!holds(s, &p, e)) continue;
    int order = compare_versions(e->id, after);
    if (!order) order = compare_bytes(e->bytes + e->ns_size, e->key_size, after_key.bytes, after_key.size);
    if (after_key.found && (descending.found ? order >= 0 : order <= 0)) continue;
    found[count++] = e;
  }
  qsort(found, count, sizeof *found, by_arrival);
  for (size_t i = 0; i < count && limit > 0; i++)
    if (!emit(s, found[descending.found ? count - 1 - i : i], sink, 0, &limit)) break;
  free(found), free_place(&p), free(descending.bytes), free(after_key.bytes), free(after_id.bytes);
  return HF_OK;
}

static hf_status invoke(hf_store *s, const hf_call *call, const char *operation, hf_bytes json, const hf_sink *sink) {
  (void)call;
  if (strcmp(operation, "aggregate_stats") == 0) return aggregate_stats(s, json, sink);
  if (strcmp(operation, "list_summaries") == 0) return list_summaries(s, json, sink);
  if (strcmp(operation, "merged_messages") == 0) return merged_messages(s, json, sink);
  return HF_E_UNSUPPORTED;
}

static const void *domain_extension(hf_store *s, const char *id) {
  static const char *const names[] = {"aggregate_stats", "list_summaries", "merged_messages", "query_messages", NULL};
  static const hf_ext_domain domain = {.struct_size = sizeof domain, .operations = names, .invoke = invoke};
  return (void)s, strcmp(id, HF_EXT_DOMAIN) == 0 ? &domain : NULL;
}

static hf_provider table;
static const hf_provider *const tables[] = {&table};
static hf_plugin answer;

HF_EXPORT const hf_plugin *holdfast_plugin_v1(const hf_host *host) {
  answer = plugin, table = provider;
  answer.providers = tables, answer.name = "whole-operations";
  table.type = "whole-operations", table.get_extension = domain_extension;
  return host->abi_major == HF_ABI_MAJOR ? &answer : NULL;
}
