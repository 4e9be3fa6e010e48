/* CRC32C with the processor's instruction where there is one. */
#ifndef HOLDFAST_SUPPORT_H
#define HOLDFAST_SUPPORT_H
#include <stddef.h>
#include <stdint.h>

/* The Castagnoli checksum of RFC 3720, appendix B.4. `seed` is an earlier result, or 0. [any thread] */
uint32_t hf_crc32c(uint32_t seed, const void *data, size_t size);

/* Names the calling thread, in at most 15 bytes. [any thread] */
void hf_name_thread(const char *name);

/* The same without the instruction, so that a test can compare the two. [any thread] */
uint32_t hf_crc32c_portable(uint32_t seed, const void *data, size_t size);

/* A nameless file in memory that nobody can change any more. Returns its descriptor, or -errno. [any thread] */
int hf_sealed_file(const char *name, const void *data, size_t size);

/* Whether the process has rights that its user lacks: set-user-ID, set-group-ID or file capabilities. [any thread] */
int hf_is_privileged(void);

/* How many bytes at the front are zero. [any thread] */
size_t hf_zero_prefix(const void *data, size_t size);

/* Whether an open file is the one at a path; 0 also where nobody can tell. Leaves the times of the file alone. [any thread] */
int hf_is_at(int descriptor, const char *path);

/* Has the kernel begin to write what its cache holds of a part of a file; makes nothing durable. [any thread] */
void hf_begin_write(int descriptor, int64_t offset, int64_t count);

/* A file for writing in a directory, without a name: it is gone with its last descriptor. Returns it, or -errno where the
   file system or the process cannot. [any thread] */
int hf_unnamed_file(const char *directory);

/* Gives such a file a name that nothing has. Returns 0, or -errno. [any thread] */
int hf_name_file(int descriptor, const char *path);
#endif
