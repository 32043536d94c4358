// SPDX-License-Identifier: Apache-2.0
// The Arrow C data interface: the structures are Apache Arrow's ABI (arrow.apache.org, "The Arrow C data
// interface"), the functions carry our batches over it without copying values.
#pragma once

#include <cstdint>

#include "holdfast/batch.h"

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
}
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
extern "C" {
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
}
#endif

namespace hf {

// Fill *out; the receiver calls its release function. Timestamps carry the zone "UTC".
Status ExportSchema(const Schema& schema, ArrowSchema* out);
// The exported array is a struct array with one child a column; it shares the batch's buffers and keeps them alive.
Status ExportBatch(const ColumnBatch& batch, ArrowArray* out);
// A stream of the given batches (all of `schema`).
Status ExportStream(const Schema& schema, std::vector<ColumnBatch> batches, ArrowArrayStream* out);

// Take over (move from) what is not const, also on failure. kInvalid names the column whose Arrow type Spark does not
// have. Values are shared where the layouts agree. Converted are: 64-bit offsets, other units of time, dictionaries,
// unsigned integers (to the next wider type), narrow decimals, fixed-size binaries and lists.
Result<Schema> ImportSchema(ArrowSchema* in);
// `source` describes `in`, a struct array with one child a column.
Result<ColumnBatch> ImportBatch(const ArrowSchema& source, ArrowArray* in);
Result<std::vector<ColumnBatch>> ImportStream(ArrowArrayStream* in);

}  // namespace hf
