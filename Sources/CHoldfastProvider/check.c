/* Compiles the header as C and pins the layout of every struct that crosses the boundary.
 *
 * A line that fails here means that plugins which were built before would read other bytes than the host writes.
 * Fields may only be appended (R1 of the header), which changes nothing above and adds lines below. */
#include "holdfast_provider.h"

#if UINTPTR_MAX == 0xffffffffffffffffu
#define AT(type, field, offset) HF_STATIC_ASSERT(offsetof(type, field) == (offset), "abi: " #type "." #field)
/* The first revision's size: later ones may be larger, never smaller. */
#define AT_LEAST(type, size) HF_STATIC_ASSERT(sizeof(type) >= (size), "abi: size of " #type)
/* Lies inside other structs or in arrays without a stride: full. */
#define EXACTLY(type, size) HF_STATIC_ASSERT(sizeof(type) == (size), "abi: size of " #type)

EXACTLY(hf_bytes, 16);
AT(hf_bytes, data, 0); AT(hf_bytes, size, 8);
EXACTLY(hf_version, 16);
EXACTLY(hf_match, 32);
AT(hf_match, field, 0); AT(hf_match, json, 16);

EXACTLY(hf_record, 96);
AT(hf_record, struct_size, 0); AT(hf_record, flags, 4); AT(hf_record, ns, 8); AT(hf_record, key, 24);
AT(hf_record, id, 40); AT(hf_record, version, 56); AT(hf_record, value, 72); AT(hf_record, expires_ms, 88);

AT_LEAST(hf_error, 40);
AT(hf_error, struct_size, 0); AT(hf_error, flags, 4); AT(hf_error, vendor_code, 8); AT(hf_error, sqlstate, 16);
AT(hf_error, retry_after_ms, 24); AT(hf_error, message_capacity, 28); AT(hf_error, message, 32);

AT_LEAST(hf_call, 48);
AT(hf_call, struct_size, 0); AT(hf_call, flags, 4); AT(hf_call, deadline_ns, 8); AT(hf_call, cancelled, 16);
AT(hf_call, trace_parent, 24); AT(hf_call, error, 40);

AT_LEAST(hf_sink, 24);
AT(hf_sink, struct_size, 0); AT(hf_sink, reserved, 4); AT(hf_sink, context, 8); AT(hf_sink, records, 16);

AT_LEAST(hf_range, 48);
AT(hf_range, struct_size, 0); AT(hf_range, reverse, 4); AT(hf_range, after, 8); AT(hf_range, before, 24);
AT(hf_range, limit, 40);

AT_LEAST(hf_query, 112);
AT(hf_query, struct_size, 0); AT(hf_query, flags, 4); AT(hf_query, ns, 8); AT(hf_query, key_prefix, 24);
AT(hf_query, matches, 40); AT(hf_query, match_count, 48); AT(hf_query, after_key, 56); AT(hf_query, after_id, 72);
AT(hf_query, limit, 88); AT(hf_query, after_ns, 96);

AT_LEAST(hf_host, 80);
AT(hf_host, struct_size, 0); AT(hf_host, abi_major, 4); AT(hf_host, abi_minor, 6); AT(hf_host, context, 8);
AT(hf_host, name, 16); AT(hf_host, version, 24); AT(hf_host, log, 32); AT(hf_host, monotonic_ns, 40);
AT(hf_host, unix_ms, 48); AT(hf_host, json_get, 56); AT(hf_host, get_extension, 64); AT(hf_host, json_match, 72);

AT_LEAST(hf_store_info, 104);
AT(hf_store_info, struct_size, 0); AT(hf_store_info, max_stores, 4); AT(hf_store_info, capabilities, 8);
AT(hf_store_info, max_value_size, 16); AT(hf_store_info, max_batch_changes, 24);
AT(hf_store_info, max_batch_size, 32); AT(hf_store_info, incarnation, 40);

AT_LEAST(hf_open, 56);
AT(hf_open, struct_size, 0); AT(hf_open, role, 4); AT(hf_open, instance, 8); AT(hf_open, options_json, 24);
AT(hf_open, indexes_json, 40);

AT_LEAST(hf_provider, 104);
AT(hf_provider, struct_size, 0); AT(hf_provider, reserved, 4); AT(hf_provider, type, 8);
AT(hf_provider, options_schema, 16); AT(hf_provider, open, 24); AT(hf_provider, close, 32);
AT(hf_provider, ping, 40); AT(hf_provider, get, 48); AT(hf_provider, set, 56); AT(hf_provider, drop, 64);
AT(hf_provider, append, 72); AT(hf_provider, get_list, 80); AT(hf_provider, query, 88);
AT(hf_provider, get_extension, 96);

AT_LEAST(hf_plugin, 56);
AT(hf_plugin, struct_size, 0); AT(hf_plugin, magic, 4); AT(hf_plugin, abi_major, 8); AT(hf_plugin, abi_minor, 10);
AT(hf_plugin, provider_count, 12); AT(hf_plugin, name, 16); AT(hf_plugin, version, 24);
AT(hf_plugin, license, 32); AT(hf_plugin, providers, 40); AT(hf_plugin, shutdown, 48);

AT_LEAST(hf_change, 144);
AT(hf_change, kind, 0); AT(hf_change, flags, 4); AT(hf_change, record, 8); AT(hf_change, expected, 104);
AT(hf_change, status, 120); AT(hf_change, reserved, 124); AT(hf_change, seen, 128);

AT_LEAST(hf_ext_batch, 24);
AT(hf_ext_batch, struct_size, 0); AT(hf_ext_batch, preferred_changes, 4); AT(hf_ext_batch, apply, 8);
AT(hf_ext_batch, read, 16);
AT_LEAST(hf_ext_select, 16);
AT(hf_ext_select, select, 8);
AT_LEAST(hf_ext_flush, 16);
AT(hf_ext_flush, flush, 8);

AT_LEAST(hf_log_finding, 72);
AT(hf_log_finding, struct_size, 0); AT(hf_log_finding, kind, 4); AT(hf_log_finding, first_lsn, 8);
AT(hf_log_finding, last_lsn, 16); AT(hf_log_finding, offset, 24); AT(hf_log_finding, size, 32);
AT(hf_log_finding, file, 40); AT(hf_log_finding, message, 56);
AT_LEAST(hf_ext_log, 56);
AT(hf_ext_log, append, 8); AT(hf_ext_log, read, 16); AT(hf_ext_log, bounds, 24); AT(hf_ext_log, trim, 32);
AT(hf_ext_log, verify, 40); AT(hf_ext_log, salvage, 48);

AT_LEAST(hf_ext_domain, 24);
AT(hf_ext_domain, operations, 8); AT(hf_ext_domain, invoke, 16);
AT_LEAST(hf_ext_stats, 16);
AT(hf_ext_stats, snapshot, 8);
AT_LEAST(hf_ext_patience, 16);
AT(hf_ext_patience, extend, 8);
#endif
