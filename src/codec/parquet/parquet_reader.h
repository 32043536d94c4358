// SPDX-License-Identifier: Apache-2.0
// ParquetReader: the columns of a Parquet file as column batches, in the order of its rows.
//
//  1. Columns match by name: exactly, else ignoring case when only one fits (Spark's spark.sql.caseSensitive=false).
//     A column that the file lacks is null in every row; columns that nobody asked for are not read.
//  2. A type may differ where no value is lost: codec/parquet/column_cast.h has the list.
//  3. The bytes are hostile: whatever they hold, the reader ends with a Status.
// At most one row group's chunks of the wanted columns are in memory besides the batch handed out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/random_access.h"
#include "holdfast/batch.h"

namespace hf {

struct ParquetReadOptions {
  std::string file_name = "Parquet file";  // for messages
  std::int64_t batch_rows_max = 64 * 1024;
  bool use_threads = false;  // decode the columns of a row group in parallel, on threads of the Arrow library
};

class ParquetReader {
 public:
  // Takes the bytes over. kCorrupt when they are not a Parquet file; kIncompatible names the column whose type in the
  // file cannot be read as the schema's, with both types.
  static Result<std::unique_ptr<ParquetReader>> Open(std::unique_ptr<RandomAccess> bytes, const Schema& schema,
                                                     const ParquetReadOptions& options = {});
  virtual ~ParquetReader() = default;

  // The next rows; nullopt behind the last.
  virtual Result<std::optional<ColumnBatch>> Next() = 0;
  // Of the whole file.
  [[nodiscard]] virtual std::int64_t rows() const = 0;
};

// The columns of a Parquet file: those that Spark wrote into it (ParquetReadSupport.SPARK_METADATA_KEY), else those of
// its own schema. Nothing of the rows is read.
Result<Schema> ReadParquetSchema(std::unique_ptr<RandomAccess> bytes, const std::string& file_name);

}  // namespace hf
