// SPDX-License-Identifier: Apache-2.0
// The C functions of libholdfast_delta.so: one Delta table in a local directory, written by a
// streaming sink and read back. Implemented in third_party/delta_kernel over the Delta project's
// kernel.
//
// Rules for every function:
//  1. It returns HF_DELTA_OK or one of the codes below and then fills *error (which may be null).
//     Outputs are written only on success.
//  2. It never prints, exits or lets a panic out: a panic becomes HF_DELTA_INTERNAL.
//  3. Strings are UTF-8, end with a zero byte and are borrowed for the call only.
//  4. Calls on one table may come from any thread and are done one after the other; different
//     tables do not wait for each other. Streams and file lists stay valid after hf_delta_close.
//  5. Two tables opened on the same directory, in one process or in several, are two writers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Arrow's C data interface, by its public structure tags.
struct ArrowSchema;
struct ArrowArrayStream;

// Changes whenever a signature or a structure below does. Compare with hf_delta_abi_version().
#define HF_DELTA_ABI_VERSION 4

// Room for the id of a table, which is a UUID with nearly everybody.
#define HF_DELTA_TABLE_ID_BYTES 128

// Sorted by what the reader does next; the numbers are those of hf::ErrorKind plus one.
enum {
  HF_DELTA_OK = 0,
  HF_DELTA_INVALID = 1,       // an argument, a schema or a value does not fit the table
  HF_DELTA_UNAVAILABLE = 2,   // the file system refused: try again later
  HF_DELTA_CORRUPT = 3,       // the log or a data file is not what the protocol says
  HF_DELTA_INCOMPATIBLE = 4,  // the table needs a feature that is not supported; it is named
  HF_DELTA_CONFLICT = 5,      // another writer changed the table in a way that cannot be merged
  HF_DELTA_INTERNAL = 7,      // a bug
};

// Filled by a failed call: its code and one sentence, cut at the end if it is too long.
typedef struct hf_delta_error {
  int32_t code;
  char message[2044];
} hf_delta_error;

typedef struct hf_delta_table hf_delta_table;
typedef struct hf_delta_files hf_delta_files;
typedef struct hf_delta_staged hf_delta_staged;

// Returns the HF_DELTA_ABI_VERSION that the library was built with.
uint32_t hf_delta_abi_version(void);

// Opens the table in the local directory `path`, absolute or relative to the current directory.
// Touches nothing: neither the directory nor the table has to exist. *out is owned by the caller
// until hf_delta_close.
int32_t hf_delta_open(const char* path, hf_delta_table** out, hf_delta_error* error);

// Releases the table; null is allowed. No other call on it may be running.
void hf_delta_close(hf_delta_table* table);

typedef struct hf_delta_state {
  int32_t exists;            // 0: no Delta table there yet, and the rest is not meaningful
  int32_t partitioned;       // 1: has partition columns
  int64_t version;           // the newest version
  int64_t checkpoint_every;  // delta.checkpointInterval, 10 when the table does not say
  // metaData.id; cut at the end if it is too long
  char table_id[HF_DELTA_TABLE_ID_BYTES];
} hf_delta_state;

// Looks for the newest version, as every function does that takes no version.
int32_t hf_delta_get_state(hf_delta_table* table, hf_delta_state* out, hf_delta_error* error);

// Exports the schema at `version` (-1: newest) without field metadata. Strings are utf8, timestamps
// microseconds in UTC, timestamp_ntz microseconds without zone, lists and maps plain.
// The caller releases *out. HF_DELTA_INVALID when there is no table or no such version.
int32_t hf_delta_get_schema(hf_delta_table* table, int64_t version, struct ArrowSchema* out, hf_delta_error* error);

// Checks that a sink may append rows of `schema` (null: look at the protocol only). Writes nothing.
// HF_DELTA_INCOMPATIBLE names the writer feature that is missing; HF_DELTA_INVALID names the column
// that is missing, unknown or of another type, and both types. With `merge_schema` only a type that
// differs is refused, a column of the table that must not be null and is missing, and a new column
// that differs from one of the table by case alone. `partition_by` are `partitions` column names; if
// there are any, the table must be partitioned by them (HF_DELTA_INVALID). Takes ownership of *schema.
int32_t hf_delta_check_append(hf_delta_table* table, struct ArrowSchema* schema, const char* const* partition_by,
                              size_t partitions, int32_t merge_schema, hf_delta_error* error);

// Creates the table (version 0, no rows) with directories as needed, durable on return. It is partitioned
// by the `partitions` columns named in `partition_by`, in this order.
// `keys` and `values` are `properties` pairs of table properties (delta.* as the protocol names
// them, others kept as they are). A timestamp without zone turns the timestampNtz feature on.
// Types that Delta does not have (unsigned, time, nanoseconds ...) are HF_DELTA_INVALID by column.
// HF_DELTA_CONFLICT when a table is already there. Takes ownership of *schema, also on failure.
int32_t hf_delta_create(hf_delta_table* table, struct ArrowSchema* schema, const char* const* partition_by,
                        size_t partitions, const char* const* keys, const char* const* values, size_t properties,
                        hf_delta_error* error);

// Sets *out to the last version that `app_id` committed, or -1.
int32_t hf_delta_txn_version(hf_delta_table* table, const char* app_id, int64_t* out, hf_delta_error* error);

typedef struct hf_delta_append_options {
  const char* app_id;       // who writes (the query id); null: no transaction, nothing is skipped
  int64_t app_version;      // what it writes (the batch id)
  const char* output_mode;  // for the history of the table ("Append"); may be null
  int32_t commit_empty;     // 1: a stream without rows still commits the txn, as Spark's sink does
  int32_t merge_schema;     // 1: columns that the table lacks are added to it, and those that the rows lack are null
  int64_t file_bytes_max;   // start another data file after so many bytes in memory; 0: 256 MiB
  // Of a batch write, "Append" or "Overwrite", which takes every row away that the table had; null: of a stream.
  const char* write_mode;
} hf_delta_append_options;

enum {
  HF_DELTA_COMMITTED = 0,  // `version` holds the rows and the txn
  HF_DELTA_SKIPPED = 1,    // app_version or a later one was committed before; nothing was written
  HF_DELTA_EMPTY = 2,      // no rows and commit_empty was 0; nothing was written
};

typedef struct hf_delta_append_result {
  int32_t outcome;         // one of the three above
  int32_t checkpoint_due;  // 1: time for hf_delta_checkpoint, by the table's checkpoint interval
  int64_t version;         // the version committed; the newest one when skipped or empty
  int64_t files;
  int64_t rows;
  int64_t bytes;
} hf_delta_append_result;

// Writes all rows of *stream as data files that nobody sees before hf_delta_append.
// 1. If the table says that app_id is at app_version or later, nothing is written, and hf_delta_append
//    will say HF_DELTA_SKIPPED. What the earlier attempt wrote is synced first, since a killed process
//    may not have come so far.
// 2. Columns are matched by name, in any order; nothing is written unless all fit (see
//    hf_delta_check_append). A null in a column that must not have one is HF_DELTA_INVALID.
// 3. With merge_schema new columns and fields of structs come behind the table's, nullable, in the
//    commit that has the rows.
// 4. In a partitioned table each combination of values has files of its own, in directories named
//    after them (c=1/d=x) unless the table maps columns or wants random prefixes.
// On success the files and their directories are on disk, and *out is owned by the caller until
// hf_delta_append or hf_delta_unstage. Always takes ownership of *stream. Needs the table to exist
// (HF_DELTA_INVALID).
int32_t hf_delta_stage(hf_delta_table* table, const hf_delta_append_options* options, struct ArrowArrayStream* stream,
                       hf_delta_staged** out, hf_delta_error* error);

// Removes the data files of rows that will not be appended; null is allowed.
void hf_delta_unstage(hf_delta_staged* staged);

// Appends what was staged for this table in one commit that carries txn{app_id, app_version}. A commit
// of another writer since then is retried with the same data files after looking at the txn again. If
// it changed schema, properties or protocol, or others win too often, or the rows overwrite the table:
// HF_DELTA_CONFLICT.
// On success data files, log entry and directories are on disk, and the content of the log entry
// was there before its name. On failure data files without a commit may remain; readers never see
// them and VACUUM removes them. An error after the log entry was named (a failing disk) leaves the
// commit in place: staging the same app_version again finds out.
// Always takes ownership of `staged`.
int32_t hf_delta_append(hf_delta_table* table, hf_delta_staged* staged, hf_delta_append_result* result,
                        hf_delta_error* error);

// Exports the rows at `version` (-1: newest) in no particular order, with the schema of
// hf_delta_get_schema. Deletion vectors, column mapping and partition values are applied. Files are
// read while the stream is; the caller releases *out.
int32_t hf_delta_scan(hf_delta_table* table, int64_t version, struct ArrowArrayStream* out, hf_delta_error* error);

// Exports the rows of `count` data files of `version`, file by file in this order. `paths` are as the
// log has them (log_path). Columns are those of `schema`: one that `version` does not have is null, and
// one of `version` that `schema` lacks, or has with another type, is HF_DELTA_INVALID. HF_DELTA_CORRUPT
// when a file is not part of `version`. Deletion vectors, column mapping and partition values of `version`
// are applied. Files are read while the stream is; the caller releases *out. Takes ownership of *schema.
int32_t hf_delta_scan_files(hf_delta_table* table, int64_t version, struct ArrowSchema* schema,
                            const char* const* paths, size_t count, struct ArrowArrayStream* out,
                            hf_delta_error* error);

typedef struct hf_delta_file {
  const char* path;      // absolute; valid until hf_delta_files_close, as is the next
  const char* log_path;  // as the log has it: relative to the table and escaped as in a URL
  int64_t size;          // bytes
  int64_t rows;          // from the statistics in the log; -1: not recorded
  int64_t modified_ms;   // as the log has it, since the epoch
} hf_delta_file;

// Lists the data files that make up `version` (-1: newest).
int32_t hf_delta_files_open(hf_delta_table* table, int64_t version, hf_delta_files** out, hf_delta_error* error);
size_t hf_delta_files_count(const hf_delta_files* files);
// Fills *out for index < count.
void hf_delta_files_get(const hf_delta_files* files, size_t index, hf_delta_file* out);
// Returns null when the rows are just the union of the files by column name (a column that a file
// lacks is null there), else why not: deletion vectors, column mapping, partition columns or
// widened types. Then only hf_delta_scan gives the right rows.
const char* hf_delta_files_not_plain(const hf_delta_files* files);
void hf_delta_files_close(hf_delta_files* files);

// Writes a checkpoint of the newest version, durable on return, unless it has one. Readers and the
// next commits get faster; nothing else changes. A failure leaves the table as it was.
int32_t hf_delta_checkpoint(hf_delta_table* table, hf_delta_error* error);

#ifdef __cplusplus
}  // extern "C"
#endif
