// SPDX-License-Identifier: Apache-2.0
// Column batches as the bytes of a Parquet file.
//
// The layout is the one that Spark 4.3 and Delta readers expect: lists and maps of three levels, decimals of up to 18
// digits as integers, timestamps as INT64 microseconds (Spark's own default is the deprecated INT96), the schema as
// StructType JSON under org.apache.spark.sql.parquet.row.metadata.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "holdfast/batch.h"

namespace hf {

struct ParquetWriteOptions {
  std::string compression = "snappy";  // or none, gzip, zstd, lz4, lz4_raw
  std::int64_t row_group_rows_max = 1024 * 1024;
};

// kInvalid when a batch has another schema, or the compression is unknown. No batches give a file without rows.
Result<std::string> WriteParquet(const Schema& schema, std::span<const ColumnBatch> batches,
                                 const ParquetWriteOptions& options = {});

}  // namespace hf
