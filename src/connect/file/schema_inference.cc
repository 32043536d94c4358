// SPDX-License-Identifier: Apache-2.0
#include "connect/file/schema_inference.h"

#include <fmt/core.h>

#include <algorithm>

#include "codec/parquet/parquet_reader.h"
#include "connect/file/input_formats.h"
#include "connect/file/nullable_schema.h"
#include "files/file_random_access.h"

namespace hf {
namespace {

Status UnableToInfer(std::string_view format) {
  return Invalid(fmt::format("Unable to infer schema for {}. It must be specified manually: there is no file to look "
                             "into",
                             format),
                 "UNABLE_TO_INFER_SCHEMA");
}

Result<Schema> OfLines(FileSystem& files, FoundColumns& columns, const std::vector<InputFile>& found,
                       GivingUp giving_up) {
  const std::shared_ptr<const InputFormat> looker = columns.Looker();
  for (const InputFile& file : found) {
    HF_RETURN_IF_ERROR(looker->CheckName(file.path));
    FileSplit split(files, looker, file, giving_up);
    HF_RETURN_IF_ERROR(split.Next().status());  // there are no rows
  }
  HF_ASSIGN_OR_RETURN(const Schema schema, columns.Columns());
  return AsNullable(schema);
}

// Spark 4.3 ParquetUtils.inferSchema without mergeSchema: the first file by name. Files without a byte are none.
Result<Schema> OfParquet(FileSystem& files, std::vector<InputFile> found) {
  std::erase_if(found, [](const InputFile& file) { return file.size_bytes == 0; });
  const auto first = std::min_element(found.begin(), found.end(),
                                      [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
  if (first == found.end()) {
    return UnableToInfer("Parquet");
  }
  HF_ASSIGN_OR_RETURN(auto bytes, FileRandomAccess::Open(files, first->path));
  HF_ASSIGN_OR_RETURN(const Schema schema, ReadParquetSchema(std::move(bytes), first->path));
  return AsNullable(schema);
}

}  // namespace

Result<Schema> InferSchema(FileSystem& files, const std::string& format, const std::vector<InputFile>& found,
                           const OptionMap& options, const std::string& time_zone, GivingUp giving_up) {
  const std::string name = LowerCase(format);
  if (name == "parquet") {
    return OfParquet(files, found);
  }
  const bool json = name == "json";
  HF_ASSIGN_OR_RETURN(const auto columns,
                      json ? FindJsonColumns(options, time_zone) : FindCsvColumns(options, time_zone));
  if (found.empty()) {
    return UnableToInfer(json ? "JSON" : "CSV");
  }
  return OfLines(files, *columns, found, giving_up);
}

}  // namespace hf
