/* holdfast_provider.h: the contract between the Holdfast host and a storage plugin. Major 1.
 *
 * Header-only, C11 and C++14, no dependencies. A plugin author reads this file and nothing else.
 *
 * EVOLUTION
 *   R1 Fields are appended, never reordered, resized or given another meaning (hf_bytes, hf_version, hf_match and
 *      hf_record, which lie inside others or in arrays without a stride, are full).
 *   R2 A struct that crosses by pointer starts with struct_size, set by whoever allocates it to its own sizeof.
 *      A reader touches a field only if HF_HAS(pointer, field). The host copies a plugin's tables into zeroed
 *      structs of its own, so a function that a plugin lacks is NULL.
 *   R3 Arrays of structs travel with their stride.
 *   R4 An incompatible change is a new entry symbol (holdfast_plugin_v2); one library may export both.
 *   R5 What is optional is an extension table, asked for by id ("holdfast.batch/1"); a change of it is a new id.
 *
 * MEMORY  Nobody frees what the other side allocated. Inputs are borrowed for the call. Results are pushed into a
 *   host sink and borrowed for the sink call. Error text is written into a buffer of the host.
 *
 * THREADS  [any]     concurrently, from any thread
 *          [store]   one call at a time per hf_store, from any thread; [any] if the store reports HF_CAP_CONCURRENT
 *          [control] never beside another call on the same plugin or store
 *   A call may block until its deadline. A sink runs on the calling thread and never after the call has returned.
 *   No exception, panic, trap or longjmp crosses the boundary. An image is never unloaded.
 *
 * MERGE RULE  What a store holds is a function of the set of changes it was given, not of their order or number:
 *   put   of a document changes nothing unless its version is higher than the stored one and than the key's floor;
 *         of an item, unless its id is above the floor and its version higher than the stored one;
 *   drop  removes the document if its version is <= upto, every item with an id <= upto, and raises the floor to upto.
 *   A put whose exact version is stored already is UNCHANGED whatever its condition: it is a replay.
 *   A drop that changes nothing may say OK or UNCHANGED, whichever costs less to know.
 */
#ifndef HOLDFAST_PROVIDER_H
#define HOLDFAST_PROVIDER_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define HF_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define HF_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif
#if defined(__GNUC__) || defined(__clang__)
#define HF_EXPORT __attribute__((visibility("default"))) __attribute__((used))
#else
#define HF_EXPORT
#endif

#define HF_ABI_MAJOR 1u
#define HF_ABI_MINOR 0u
#define HF_MAGIC 0x31464c48u /* "HLF1", little endian */
#define HF_ENTRY_SYMBOL "holdfast_plugin_v1"
#define HF_HAS(p, field) ((p)->struct_size >= offsetof(__typeof__(*(p)), field) + sizeof((p)->field))

/* ---- status ---------------------------------------------------------------------------------------------- */
typedef int32_t hf_status;
enum {
  HF_OK = 0,
  HF_NOT_FOUND = 1,      /* a result, not a failure; no error text                                   */
  HF_STOPPED = 2,        /* the sink asked to stop                                                   */
  HF_UNCHANGED = 3,      /* the merge rule kept what was there: a replay, an older version           */
  HF_E_INVALID = -1,     /* wrong input or configuration; the same call will never succeed           */
  HF_E_UNSUPPORTED = -2,
  HF_E_CONFLICT = -3,    /* if_version did not hold                                                  */
  HF_E_STALE = -4,       /* if_newest did not hold; hf_change.seen carries the higher version        */
  HF_E_UNAVAILABLE = -5, /* backend unreachable or busy                                              */
  HF_E_TIMEOUT = -6,     /* deadline passed                                                          */
  HF_E_EXHAUSTED = -7,   /* disk full, quota, rate limit; see retry_after_ms                         */
  HF_E_PERMISSION = -8,  /* an operator must act                                                     */
  HF_E_CORRUPT = -9,     /* stored bytes fail validation                                             */
  HF_E_CANCELLED = -10,
  HF_E_INTERNAL = -11
};
enum {                               /* hf_error.flags */
  HF_ERROR_RETRYABLE = 1u << 0,
  HF_ERROR_MAYBE_APPLIED = 1u << 1,  /* the connection broke in mid-commit                           */
  HF_ERROR_STORE_DEAD = 1u << 2      /* close this hf_store and open another                         */
};

typedef struct hf_bytes { const void *data; size_t size; } hf_bytes; /* borrowed; not NUL-terminated */
typedef struct hf_version { uint8_t bytes[16]; } hf_version;         /* UUIDv7; memcmp order; zero = none */

typedef struct hf_error {            /* host-allocated, plugin-filled; nothing to free */
  uint32_t struct_size;
  uint32_t flags;                    /* HF_ERROR_* */
  int64_t vendor_code;               /* SQLite extended code, errno, ... */
  char sqlstate[8];
  uint32_t retry_after_ms;
  uint32_t message_capacity;
  char *message;                     /* NUL-terminated UTF-8, no secrets, one sentence */
} hf_error;

typedef struct hf_call {             /* context of one call; every operation takes it */
  uint32_t struct_size;
  uint32_t flags;                    /* HF_CALL_* */
  int64_t deadline_ns;               /* host->monotonic_ns clock; 0 = none */
  const volatile int32_t *cancelled; /* NULL, or becomes non-zero; advisory */
  hf_bytes trace_parent;             /* W3C traceparent or empty */
  hf_error *error;                   /* never NULL */
} hf_call;

enum { HF_CALL_INTEGRITY = 1u << 0 };/* ping: also validate what is stored; may take long */

/* ---- records ---------------------------------------------------------------------------------------------- */
enum { HF_RECORD_BYTES = 1u << 0,    /* value is not JSON */
       HF_RECORD_REMOVED = 1u << 1,  /* tombstone: value is empty, readers never see it */
       HF_RECORD_FLOOR = 1u << 2 };  /* only in answers to HF_QUERY_RAW: version is the floor of the key */

typedef struct hf_record {           /* one document (id zero) or one list item */
  uint32_t struct_size;
  uint32_t flags;                    /* HF_RECORD_* */
  hf_bytes ns, key;
  hf_version id, version;
  hf_bytes value;                    /* returned byte for byte as it came */
  int64_t expires_ms;                /* Unix ms; 0 = never */
} hf_record;

typedef struct hf_sink {             /* called 0..n times, before the operation returns */
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  int32_t (*records)(void *context, const hf_record *records, size_t count, size_t stride); /* 0 = go on */
} hf_sink;

typedef struct hf_range {            /* a page of a list, ascending ids unless reversed */
  uint32_t struct_size;
  uint32_t reverse;                  /* 1: newest first */
  hf_version after, before;          /* exclusive; zero = open */
  uint64_t limit;                    /* 0 = no limit */
} hf_range;

typedef struct hf_match { hf_bytes field; hf_bytes json; } hf_match; /* top-level member `field` equals this JSON scalar; never in a HF_RECORD_BYTES value */

typedef struct hf_query {            /* equality scan of one namespace, in (key, id) order */
  uint32_t struct_size;
  uint32_t flags;                    /* HF_QUERY_* */
  hf_bytes ns, key_prefix;
  const hf_match *matches;           /* all must hold */
  size_t match_count;
  hf_bytes after_key;                /* resume strictly after (after_key, after_id) */
  hf_version after_id;
  uint64_t limit;                    /* 0 = no limit */
  hf_bytes after_ns;                 /* with HF_QUERY_RAW and an empty ns: resume in this namespace */
} hf_query;
enum { HF_QUERY_DOCUMENTS = 1u << 0, HF_QUERY_ITEMS = 1u << 1, HF_QUERY_KEYS_ONLY = 1u << 2 /* values stay empty */,
       HF_QUERY_REVERSE = 1u << 3,
       HF_QUERY_RAW = 1u << 4 };     /* HF_CAP_RAW_SCAN: also tombstones, expired records and floors (flag FLOOR, id zero,
                                        before the key's other records); an empty ns means all, in (ns, key, id) order.
                                        A key's floor and document share the id zero: a page never ends between them,
                                        and the two count once towards the limit. */

/* ---- what the host offers ----------------------------------------------------------------------------------- */
enum { HF_LOG_TRACE, HF_LOG_DEBUG, HF_LOG_INFO, HF_LOG_WARNING, HF_LOG_ERROR };
typedef struct hf_host {             /* with all that it points to, valid until the process ends */
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void *context;
  const char *name, *version;
  void (*log)(void *context, int32_t level, hf_bytes source, hf_bytes message);                    /* [any] */
  int64_t (*monotonic_ns)(void *context);                                                          /* [any] */
  int64_t (*unix_ms)(void *context);                                                               /* [any] */
  /* RFC 6901 pointer into JSON text; strings arrive unescaped, scalars as text, containers as JSON. */
  hf_status (*json_get)(void *context, hf_bytes json, hf_bytes pointer,
                        void (*found)(void *found_context, hf_bytes value), void *found_context);  /* [any] */
  const void *(*get_extension)(void *context, const char *id);                                     /* [any] */
  /* Whether a value is a JSON object whose top-level members equal the scalars of all matches: HF_OK or HF_NOT_FOUND.
   * A string never equals a number; numbers are compared by value. */
  hf_status (*json_match)(void *context, hf_bytes json, const hf_match *matches, size_t match_count); /* [any] */
} hf_host;

/* ---- provider ---------------------------------------------------------------------------------------------------- */
typedef struct hf_store hf_store;    /* opaque; one connection, file or handle of the plugin */

enum {                               /* hf_store_info.capabilities: of this open store, since configuration decides */
  HF_CAP_CONCURRENT = 1ull << 0,     /* calls may overlap on one hf_store                              */
  HF_CAP_MULTI_OPEN = 1ull << 1,     /* open() again with the same options = one more pool member      */
  HF_CAP_NONBLOCKING = 1ull << 2,    /* no I/O, no waiting: may be called inline                       */
  HF_CAP_ATOMIC_BATCH = 1ull << 3,   /* apply() with HF_BATCH_ATOMIC                                   */
  HF_CAP_DURABLE = 1ull << 4,        /* a write that returned survives power loss; else flush() is asked */
  HF_CAP_CONDITIONS = 1ull << 5,     /* if_version and if_newest                                       */
  HF_CAP_SHARED = 1ull << 6,         /* several hosts at once; needs ATOMIC_BATCH and CONDITIONS        */
  HF_CAP_RAW_SCAN = 1ull << 7        /* query() understands HF_QUERY_RAW: a source for resync            */
};
typedef struct hf_store_info {
  uint32_t struct_size;
  uint32_t max_stores;               /* pool ceiling; 0 = no limit */
  uint64_t capabilities;
  uint64_t max_value_size, max_batch_changes, max_batch_size; /* 0 = no limit */
  char incarnation[64];              /* NUL-terminated; another one when the backend may have lost writes that it
                                        had answered: restart without persistence, failover, restore */
} hf_store_info;

enum { HF_ROLE_STORE = 1, HF_ROLE_LOG = 2, HF_ROLE_CHECK = 3 /* validate the options, touch nothing; *out stays NULL */ };
typedef struct hf_open {
  uint32_t struct_size;
  uint32_t role;
  hf_bytes instance;                 /* name in storage.yaml, for logs and metrics */
  hf_bytes options_json;             /* the plugin's part of storage.yaml, secrets resolved */
  hf_bytes indexes_json;             /* {"namespace": ["field", ...]}: fields that queries will filter on */
} hf_open;

typedef struct hf_provider {
  uint32_t struct_size;
  uint32_t reserved;
  const char *type;                  /* storage.yaml `type:`; [a-z0-9][a-z0-9-]* */
  const char *options_schema;        /* JSON Schema of the options; "secret": true marks what is never shown */
  hf_status (*open)(const hf_host *, const hf_open *, const hf_call *, hf_store **out, hf_store_info *); /* [control] */
  void (*close)(hf_store *);                                                                          /* [control] */
  hf_status (*ping)(hf_store *, const hf_call *);                                                     /* [store] */
  /* The six primitives. All that is required; the host builds everything else from them. [store] */
  hf_status (*get)(hf_store *, const hf_call *, hf_bytes ns, hf_bytes key, const hf_sink *);
  hf_status (*set)(hf_store *, const hf_call *, const hf_record *document);
  hf_status (*drop)(hf_store *, const hf_call *, hf_bytes ns, hf_bytes key, hf_version upto);         /* "delete" */
  hf_status (*append)(hf_store *, const hf_call *, const hf_record *item);
  hf_status (*get_list)(hf_store *, const hf_call *, hf_bytes ns, hf_bytes key, const hf_range *, const hf_sink *);
  hf_status (*query)(hf_store *, const hf_call *, const hf_query *, const hf_sink *);
  /* Optional tables, valid until close; NULL for an id the plugin does not know. [any] */
  const void *(*get_extension)(hf_store *, const char *id);
} hf_provider;

typedef struct hf_plugin {
  uint32_t struct_size;
  uint32_t magic;                    /* HF_MAGIC */
  uint16_t abi_major, abi_minor;
  uint32_t provider_count;
  const char *name, *version, *license; /* SPDX */
  const hf_provider *const *providers;
  void (*shutdown)(void);            /* [control] after the last close; the image stays */
} hf_plugin;

/* The only symbol that the host looks up. Cheap, repeatable, no I/O, no threads. NULL = refuse (say why by log). */
HF_EXPORT const hf_plugin *holdfast_plugin_v1(const hf_host *host);

/* ---- extensions --------------------------------------------------------------------------------------------------- */
#define HF_EXT_BATCH "holdfast.batch/1"   /* the group-commit path: one call, many changes */
enum { HF_CHANGE_PUT = 1, HF_CHANGE_DROP = 2,
       HF_CHANGE_CHECK = 3 };             /* writes nothing: the batch applies only if the condition holds; atomic batches */
enum { HF_IF_VERSION = 1u << 0,           /* expected must equal the document's version (zero: absent), or, for an item, the list's last id;
                                             a live put carries HF_IF_NEWEST beside it, which is asked second */
       HF_IF_NEWEST = 1u << 1,            /* the live rule, see docs: else STALE, and seen = the highest version in the way */
       HF_IF_EXISTS = 1u << 2 };          /* the item must be there, neither removed nor expired: else NOT_FOUND; and older: else STALE */
typedef struct hf_change {
  uint32_t kind, flags;
  hf_record record;                       /* DROP: ns, key, version = upto */
  hf_version expected;
  hf_status status;                       /* out; OK, UNCHANGED, or why not: CONFLICT, STALE, NOT_FOUND, INVALID */
  uint32_t reserved;
  hf_version seen;                        /* out, with CONFLICT and STALE */
} hf_change;
enum { HF_BATCH_ATOMIC = 1u << 0 };       /* all or none: one refused change refuses the batch; each status still says what
                                             its own change would have met, conditions seeing the changes before it */
typedef struct hf_ext_batch {
  uint32_t struct_size, preferred_changes;
  /* A negative result means that nothing was applied, unless HF_ERROR_MAYBE_APPLIED; else read each status. */
  hf_status (*apply)(hf_store *, const hf_call *, hf_change *changes, size_t count, size_t stride, uint32_t flags);
  /* Many reads in one round trip: addresses[i] (ns and key) is answered through sinks[i], the sinks being
   * sinks->struct_size bytes apart. A list has a range; a document has NULL. */
  hf_status (*read)(hf_store *, const hf_call *, const hf_record *addresses, const hf_range *const *ranges,
                    const hf_sink *sinks, size_t count, size_t stride);
} hf_ext_batch;

#define HF_EXT_SELECT "holdfast.select/1" /* filters, order, paging, counting and grouping pushed into the backend */
typedef struct hf_ext_select {
  uint32_t struct_size, reserved;
  hf_status (*select)(hf_store *, const hf_call *, hf_bytes query_json, const hf_sink *); /* UNSUPPORTED: the host scans */
} hf_ext_select;

#define HF_EXT_FLUSH "holdfast.flush/1"   /* for stores without HF_CAP_DURABLE: make what was applied durable */
typedef struct hf_ext_flush {
  uint32_t struct_size, reserved;
  hf_status (*flush)(hf_store *, const hf_call *);
} hf_ext_flush;

#define HF_EXT_LOG "holdfast.log/1"       /* the write-ahead-log role; LSNs are dense and start at 1 */
enum { HF_FINDING_SEGMENT = 0 /* whole */, HF_FINDING_TORN = 1 /* cut, nothing acknowledged was behind it */,
       HF_FINDING_DAMAGED = 2 };
typedef struct hf_log_finding {
  uint32_t struct_size, kind;             /* HF_FINDING_* */
  uint64_t first_lsn, last_lsn;           /* what the finding is about; 0 = unknown */
  uint64_t offset, size;                  /* bytes, in file */
  hf_bytes file, message;
} hf_log_finding;
typedef struct hf_ext_log {
  uint32_t struct_size, reserved;
  hf_status (*append)(hf_store *, const hf_call *, const hf_bytes *entries, size_t count, uint64_t *first_lsn); /* durable on return */
  /* In order, from the first entry held at or above from_lsn; ends with the entry that reaches max_size at the latest. */
  hf_status (*read)(hf_store *, const hf_call *, uint64_t from_lsn, uint64_t max_size,
                    int32_t (*entry)(void *context, uint64_t lsn, hf_bytes entry), void *context);
  hf_status (*bounds)(hf_store *, const hf_call *, uint64_t *first_lsn, uint64_t *last_lsn, uint64_t *size);
  hf_status (*trim)(hf_store *, const hf_call *, uint64_t before_lsn);
  /* Optional, for logs that can be damaged. A damaged log opens: append answers CORRUPT, read gives what is whole.
   * verify reads everything and reports each finding; salvage sets the damaged files aside, keeps whatever is whole,
   * and makes the log writable again; *next_lsn is the LSN that the next append gets. [control] */
  hf_status (*verify)(hf_store *, const hf_call *, int32_t (*finding)(void *context, const hf_log_finding *), void *context);
  hf_status (*salvage)(hf_store *, const hf_call *, uint64_t *next_lsn);
} hf_ext_log;

#define HF_EXT_DOMAIN "holdfast.domain/1" /* override any domain operation by name, where a backend can do it in one query */
typedef struct hf_ext_domain {
  uint32_t struct_size, reserved;
  const char *const *operations;          /* NULL-terminated, e.g. "messages_with_blocks", "aggregate_stats", "search" */
  hf_status (*invoke)(hf_store *, const hf_call *, const char *operation, hf_bytes arguments_json, const hf_sink *);
} hf_ext_domain;

#define HF_EXT_STATS "holdfast.stats/1"   /* name = metric, value = number; [any] */
typedef struct hf_ext_stats {
  uint32_t struct_size, reserved;
  hf_status (*snapshot)(hf_store *, void (*metric)(void *context, hf_bytes name, double value), void *context);
} hf_ext_stats;

#define HF_EXT_PATIENCE "holdfast.patience/1" /* of the host, from host->get_extension: more time for what is done once */
typedef struct hf_ext_patience {
  uint32_t struct_size, reserved;
  /* On the thread of an open, before its deadline: moves call->deadline_ns to a time at most ten minutes ahead, never back; as
   * often as it takes. For migrating or filing what is stored, not for waiting for a server. The operator is told the purpose.
   * After the first deadline other [control] calls may run beside this one. HF_E_UNSUPPORTED: another call, or too late. */
  hf_status (*extend)(void *context, const hf_call *, int64_t deadline_ns, hf_bytes purpose); /* context: host->context */
} hf_ext_patience;

#if UINTPTR_MAX == 0xffffffffffffffffu
HF_STATIC_ASSERT(sizeof(hf_bytes) == 16 && sizeof(hf_version) == 16, "abi");
HF_STATIC_ASSERT(sizeof(hf_record) == 96 && offsetof(hf_record, expires_ms) == 88, "abi");
HF_STATIC_ASSERT(sizeof(hf_change) == 144 && offsetof(hf_change, status) == 120, "abi");
HF_STATIC_ASSERT(sizeof(hf_error) == 40 && sizeof(hf_call) == 48, "abi");
#endif
#ifdef __cplusplus
}
#endif
#endif /* HOLDFAST_PROVIDER_H */
