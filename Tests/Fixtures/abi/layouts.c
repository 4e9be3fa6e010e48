/* Prints the layout of everything that crosses the boundary: struct, size, and offset and size of each field. */
#include <stdio.h>
#include "holdfast_provider.h"

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("  %s %zu %zu\n", #field, offsetof(type, field), sizeof(((type *)0)->field))
#define F1(t, a) FIELD(t, a);
#define F2(t, a, ...) FIELD(t, a); F1(t, __VA_ARGS__)
#define F3(t, a, ...) FIELD(t, a); F2(t, __VA_ARGS__)
#define F4(t, a, ...) FIELD(t, a); F3(t, __VA_ARGS__)
#define F5(t, a, ...) FIELD(t, a); F4(t, __VA_ARGS__)
#define F6(t, a, ...) FIELD(t, a); F5(t, __VA_ARGS__)
#define F7(t, a, ...) FIELD(t, a); F6(t, __VA_ARGS__)
#define F8(t, a, ...) FIELD(t, a); F7(t, __VA_ARGS__)
#define F9(t, a, ...) FIELD(t, a); F8(t, __VA_ARGS__)
#define F10(t, a, ...) FIELD(t, a); F9(t, __VA_ARGS__)
#define F11(t, a, ...) FIELD(t, a); F10(t, __VA_ARGS__)
#define F12(t, a, ...) FIELD(t, a); F11(t, __VA_ARGS__)
#define F13(t, a, ...) FIELD(t, a); F12(t, __VA_ARGS__)
#define F14(t, a, ...) FIELD(t, a); F13(t, __VA_ARGS__)
#define NUMBER(name) printf("%s %lld\n", #name, (long long)(name))
#define TEXT(name) printf("%s %s\n", #name, name)

int main(void) {
  STRUCT(hf_bytes); F2(hf_bytes, data, size)
  STRUCT(hf_version); F1(hf_version, bytes)
  STRUCT(hf_error); F7(hf_error, struct_size, flags, vendor_code, sqlstate, retry_after_ms, message_capacity, message)
  STRUCT(hf_call); F6(hf_call, struct_size, flags, deadline_ns, cancelled, trace_parent, error)
  STRUCT(hf_record); F8(hf_record, struct_size, flags, ns, key, id, version, value, expires_ms)
  STRUCT(hf_sink); F4(hf_sink, struct_size, reserved, context, records)
  STRUCT(hf_range); F5(hf_range, struct_size, reverse, after, before, limit)
  STRUCT(hf_match); F2(hf_match, field, json)
  STRUCT(hf_query); F10(hf_query, struct_size, flags, ns, key_prefix, matches, match_count, after_key, after_id, limit, after_ns)
  STRUCT(hf_host); F12(hf_host, struct_size, abi_major, abi_minor, context, name, version, log, monotonic_ns, unix_ms, json_get, get_extension, json_match)
  STRUCT(hf_store_info); F7(hf_store_info, struct_size, max_stores, capabilities, max_value_size, max_batch_changes, max_batch_size, incarnation)
  STRUCT(hf_open); F5(hf_open, struct_size, role, instance, options_json, indexes_json)
  STRUCT(hf_provider); F14(hf_provider, struct_size, reserved, type, options_schema, open, close, ping, get, set, drop, append, get_list, query, get_extension)
  STRUCT(hf_plugin); F10(hf_plugin, struct_size, magic, abi_major, abi_minor, provider_count, name, version, license, providers, shutdown)
  STRUCT(hf_change); F7(hf_change, kind, flags, record, expected, status, reserved, seen)
  STRUCT(hf_ext_batch); F4(hf_ext_batch, struct_size, preferred_changes, apply, read)
  STRUCT(hf_ext_select); F3(hf_ext_select, struct_size, reserved, select)
  STRUCT(hf_ext_flush); F3(hf_ext_flush, struct_size, reserved, flush)
  STRUCT(hf_log_finding); F8(hf_log_finding, struct_size, kind, first_lsn, last_lsn, offset, size, file, message)
  STRUCT(hf_ext_log); F8(hf_ext_log, struct_size, reserved, append, read, bounds, trim, verify, salvage)
  STRUCT(hf_ext_domain); F4(hf_ext_domain, struct_size, reserved, operations, invoke)
  STRUCT(hf_ext_stats); F3(hf_ext_stats, struct_size, reserved, snapshot)
  STRUCT(hf_ext_patience); F3(hf_ext_patience, struct_size, reserved, extend)
  NUMBER(HF_ABI_MAJOR); NUMBER(HF_ABI_MINOR); NUMBER(HF_MAGIC); TEXT(HF_ENTRY_SYMBOL);
  NUMBER(HF_OK); NUMBER(HF_NOT_FOUND); NUMBER(HF_STOPPED); NUMBER(HF_UNCHANGED); NUMBER(HF_E_INVALID);
  NUMBER(HF_E_UNSUPPORTED); NUMBER(HF_E_CONFLICT); NUMBER(HF_E_STALE); NUMBER(HF_E_UNAVAILABLE); NUMBER(HF_E_TIMEOUT);
  NUMBER(HF_E_EXHAUSTED); NUMBER(HF_E_PERMISSION); NUMBER(HF_E_CORRUPT); NUMBER(HF_E_CANCELLED); NUMBER(HF_E_INTERNAL);
  NUMBER(HF_ERROR_RETRYABLE); NUMBER(HF_ERROR_MAYBE_APPLIED); NUMBER(HF_ERROR_STORE_DEAD); NUMBER(HF_CALL_INTEGRITY);
  NUMBER(HF_RECORD_BYTES); NUMBER(HF_RECORD_REMOVED); NUMBER(HF_RECORD_FLOOR);
  NUMBER(HF_QUERY_DOCUMENTS); NUMBER(HF_QUERY_ITEMS); NUMBER(HF_QUERY_KEYS_ONLY); NUMBER(HF_QUERY_REVERSE);
  NUMBER(HF_QUERY_RAW); NUMBER(HF_LOG_TRACE); NUMBER(HF_LOG_ERROR);
  NUMBER(HF_CAP_CONCURRENT); NUMBER(HF_CAP_MULTI_OPEN); NUMBER(HF_CAP_NONBLOCKING); NUMBER(HF_CAP_ATOMIC_BATCH);
  NUMBER(HF_CAP_DURABLE); NUMBER(HF_CAP_CONDITIONS); NUMBER(HF_CAP_SHARED); NUMBER(HF_CAP_RAW_SCAN);
  NUMBER(HF_ROLE_STORE); NUMBER(HF_ROLE_LOG); NUMBER(HF_ROLE_CHECK);
  NUMBER(HF_CHANGE_PUT); NUMBER(HF_CHANGE_DROP); NUMBER(HF_CHANGE_CHECK); NUMBER(HF_IF_VERSION); NUMBER(HF_IF_NEWEST);
  NUMBER(HF_IF_EXISTS); NUMBER(HF_BATCH_ATOMIC); NUMBER(HF_FINDING_SEGMENT); NUMBER(HF_FINDING_TORN);
  NUMBER(HF_FINDING_DAMAGED);
  TEXT(HF_EXT_BATCH); TEXT(HF_EXT_SELECT); TEXT(HF_EXT_FLUSH); TEXT(HF_EXT_LOG); TEXT(HF_EXT_DOMAIN);
  TEXT(HF_EXT_STATS);
  TEXT(HF_EXT_PATIENCE);
  return 0;
}
