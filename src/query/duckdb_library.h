// SPDX-License-Identifier: Apache-2.0
// DuckDB's shared library, opened at first use: it is 70 MB and most runs never ask it anything.
#pragma once

#include <duckdb.h>

#include "holdfast/status.h"

namespace hf {

// The functions of DuckDB's C API that Holdfast calls.
struct DuckDbLibrary {
#define HF_DUCKDB_FUNCTIONS(X)             \
  X(duckdb_open)                           \
  X(duckdb_close)                          \
  X(duckdb_connect)                        \
  X(duckdb_disconnect)                     \
  X(duckdb_query)                          \
  X(duckdb_result_error)                   \
  X(duckdb_destroy_result)                 \
  X(duckdb_column_count)                   \
  X(duckdb_column_name)                    \
  X(duckdb_column_logical_type)            \
  X(duckdb_destroy_logical_type)           \
  X(duckdb_fetch_chunk)                    \
  X(duckdb_destroy_data_chunk)             \
  X(duckdb_result_get_arrow_options)       \
  X(duckdb_destroy_arrow_options)          \
  X(duckdb_to_arrow_schema)                \
  X(duckdb_data_chunk_to_arrow)            \
  X(duckdb_schema_from_arrow)              \
  X(duckdb_data_chunk_from_arrow)          \
  X(duckdb_destroy_arrow_converted_schema) \
  X(duckdb_error_data_message)             \
  X(duckdb_destroy_error_data)             \
  X(duckdb_appender_create)                \
  X(duckdb_appender_error)                 \
  X(duckdb_appender_destroy)               \
  X(duckdb_append_data_chunk)
#define HF_DUCKDB_MEMBER(name) decltype(&::name) name = nullptr;
  HF_DUCKDB_FUNCTIONS(HF_DUCKDB_MEMBER)
#undef HF_DUCKDB_MEMBER

  // Opens libduckdb.so beside Holdfast's own library, where $HOLDFAST_DUCKDB_LIBRARY says, or on the system's path;
  // once a process. kUnavailable says where it was looked for.
  static Result<const DuckDbLibrary*> Get();
};

}  // namespace hf
