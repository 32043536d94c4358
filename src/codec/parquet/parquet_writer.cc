// SPDX-License-Identifier: Apache-2.0
#include "codec/parquet/parquet_writer.h"

#include <arrow/c/bridge.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/core.h>
#include <parquet/arrow/writer.h>

#include "codec/parquet/arrow_file.h"
#include "holdfast/arrow_c.h"

namespace hf {
namespace {

Result<arrow::Compression::type> CompressionOf(const std::string& name) {
  if (name == "snappy") {
    return arrow::Compression::SNAPPY;
  }
  if (name == "none" || name == "uncompressed") {
    return arrow::Compression::UNCOMPRESSED;
  }
  if (name == "gzip") {
    return arrow::Compression::GZIP;
  }
  if (name == "zstd") {
    return arrow::Compression::ZSTD;
  }
  if (name == "lz4") {
    return arrow::Compression::LZ4_HADOOP;  // Parquet's LZ4, which is framed
  }
  if (name == "lz4_raw") {
    return arrow::Compression::LZ4;
  }
  return Invalid(
      fmt::format("unknown Parquet compression \"{}\"; there are snappy, none, gzip, zstd, lz4 and lz4_raw", name));
}

Status OutOf(const arrow::Status& status) { return FromArrow(status, "writing Parquet"); }

Result<std::shared_ptr<arrow::Schema>> ToArrowSchema(const Schema& schema) {
  ArrowSchema exported{};
  HF_RETURN_IF_ERROR(ExportSchema(schema, &exported));
  auto imported = arrow::ImportSchema(&exported);
  HF_RETURN_IF_ERROR(OutOf(imported.status()));
  return (*imported)->WithMetadata(
      arrow::key_value_metadata({{"org.apache.spark.sql.parquet.row.metadata", schema.ToJson()}}));
}

Status WriteBatches(parquet::arrow::FileWriter& writer, const std::shared_ptr<arrow::Schema>& arrow_schema,
                    const Schema& schema, std::span<const ColumnBatch> batches) {
  for (const ColumnBatch& batch : batches) {
    if (!(batch.schema() == schema)) {
      return Invalid(fmt::format("a file of {} cannot hold a batch of {}", schema.ToDdl(), batch.schema().ToDdl()));
    }
    ArrowArray exported{};
    HF_RETURN_IF_ERROR(ExportBatch(batch, &exported));
    auto imported = arrow::ImportRecordBatch(&exported, arrow_schema);
    HF_RETURN_IF_ERROR(OutOf(imported.status()));
    HF_RETURN_IF_ERROR(OutOf(writer.WriteRecordBatch(**imported)));
  }
  return OutOf(writer.Close());
}

}  // namespace

Result<std::string> WriteParquet(const Schema& schema, std::span<const ColumnBatch> batches,
                                 const ParquetWriteOptions& options) {
  HF_ASSIGN_OR_RETURN(const arrow::Compression::type compression, CompressionOf(options.compression));
  HF_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Schema> arrow_schema, ToArrowSchema(schema));
  try {
    auto sink = arrow::io::BufferOutputStream::Create();
    HF_RETURN_IF_ERROR(OutOf(sink.status()));
    const auto properties = parquet::WriterProperties::Builder()
                                .compression(compression)
                                ->created_by("holdfast")
                                ->max_row_group_length(options.row_group_rows_max)
                                ->enable_store_decimal_as_integer()
                                ->build();
    auto writer = parquet::arrow::FileWriter::Open(*arrow_schema, arrow::default_memory_pool(), *sink, properties,
                                                   parquet::default_arrow_writer_properties());
    HF_RETURN_IF_ERROR(OutOf(writer.status()));
    HF_RETURN_IF_ERROR(WriteBatches(**writer, arrow_schema, schema, batches));
    auto buffer = (*sink)->Finish();
    HF_RETURN_IF_ERROR(OutOf(buffer.status()));
    return (*buffer)->ToString();
  } catch (const std::exception& error) {
    return Internal(fmt::format("writing Parquet: {}", error.what()));
  }
}

}  // namespace hf
