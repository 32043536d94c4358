// SPDX-License-Identifier: Apache-2.0
#include "codec/parquet/parquet_reader.h"
#include "connect/file/input_formats.h"
#include "files/file_random_access.h"

namespace hf {
namespace {

class ParquetSplit final : public SourceSplit {
 public:
  explicit ParquetSplit(std::unique_ptr<ParquetReader> reader) : reader_(std::move(reader)) {}

  Result<std::optional<ColumnBatch>> Next() override { return reader_->Next(); }

 private:
  const std::unique_ptr<ParquetReader> reader_;
};

class ParquetInput final : public InputFormat {
 public:
  explicit ParquetInput(Schema schema) : schema_(std::move(schema)) {}

  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t) const override {
    HF_ASSIGN_OR_RETURN(std::unique_ptr<FileRandomAccess> bytes, FileRandomAccess::Open(files, path));
    const ParquetReadOptions options = {.file_name = path, .batch_rows_max = kInputRowsMax, .use_threads = false};
    HF_ASSIGN_OR_RETURN(std::unique_ptr<ParquetReader> reader, ParquetReader::Open(std::move(bytes), schema_, options));
    return std::unique_ptr<SourceSplit>(std::make_unique<ParquetSplit>(std::move(reader)));
  }

 private:
  const Schema schema_;
};

}  // namespace

Result<std::shared_ptr<const InputFormat>> MakeParquetInput(const Schema& schema, const OptionMap& options) {
  HF_RETURN_IF_ERROR(OptionTaker(options).RefuseRest("the parquet file source", FileSourceOptionNames()));
  return std::shared_ptr<const InputFormat>(std::make_shared<ParquetInput>(schema));
}

}  // namespace hf
