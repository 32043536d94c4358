// SPDX-License-Identifier: Apache-2.0
#include "holdfast/write_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/file_uri.h"
#include "base/nearest_name.h"
#include "connect/delta/delta_writer.h"
#include "connect/file/file_writer.h"
#include "connect/file/sink_log.h"
#include "expressions/sql_step.h"
#include "expressions/vector.h"
#include "query/environment.h"
#include "query/local_path.h"
#include "query/make_sink.h"
#include "query/make_source.h"

namespace hf {
namespace {

// Spark 4.3 ExternalCatalogUtils: how a name or value stands in the name of a directory.
constexpr std::string_view kNullDirectory = "__HIVE_DEFAULT_PARTITION__";
constexpr std::string_view kEscaped = "\"#%'*/:=?\\{[]^\x7F";

std::string EscapedForPath(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte > 0 && byte < 0x20) || (byte != 0 && kEscaped.find(c) != std::string_view::npos)) {
      escaped += fmt::format("%{:02X}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

Status CheckNotEmpty(const DataType& type, const std::string& format) {
  if (type.kind() == TypeKind::kStruct && type.children().empty()) {
    return Invalid(fmt::format("The {} datasource does not support writing empty or nested empty schemas: a struct "
                               "without a field",
                               format),
                   "EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE");
  }
  for (const StructField& child : type.children()) {
    HF_RETURN_IF_ERROR(CheckNotEmpty(child.type, format));
  }
  return Status();
}

// The columns of directories, by the names that are asked for; case does not count.
Result<std::vector<std::size_t>> FindPartitionColumns(const std::vector<std::string>& names, const Schema& schema) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    std::size_t place = 0;
    while (place < schema.size() && LowerCase(schema.field(place).name) != LowerCase(name)) {
      ++place;
    }
    if (place == schema.size()) {
      return Invalid(fmt::format("the partition column {} is none of the rows' columns ({})", name, schema.ToDdl()));
    }
    if (std::find(columns.begin(), columns.end(), place) != columns.end()) {
      return Invalid(fmt::format("The column `{}` already exists: it is named twice as a partition column", name),
                     "COLUMN_ALREADY_EXISTS");
    }
    const DataType& type = schema.field(place).type;
    if (type.is_nested() || type.kind() == TypeKind::kBinary || type.kind() == TypeKind::kNull) {
      return Invalid(fmt::format("rows cannot be partitioned by {}, which is {}", name, type.ToSql()),
                     "INVALID_PARTITION_COLUMN_DATA_TYPE");
    }
    columns.push_back(place);
  }
  if (!columns.empty() && columns.size() == schema.size()) {
    return Invalid("Cannot use all columns for partition columns: no column would be in the files",
                   "ALL_PARTITION_COLUMNS_NOT_ALLOWED");
  }
  return columns;
}

// Rows by the directory in which they lie.
class Partitions {
 public:
  // REQUIRES: there are partition columns.
  static Result<Partitions> Make(const OutputDescription& output, const Schema& schema,
                                 std::vector<std::size_t> columns, const TimeZone& zone) {
    // Spark writes what CAST(... AS STRING) gives.
    std::vector<std::string> casts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      casts.push_back(fmt::format("CAST(p{} AS STRING)", i));
    }
    std::vector<StructField> keys;
    std::vector<StructField> data;
    for (const std::size_t column : columns) {
      keys.push_back({.name = fmt::format("p{}", keys.size()), .type = schema.field(column).type});
    }
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (std::find(columns.begin(), columns.end(), i) == columns.end()) {
        rest.push_back(i);
        data.push_back(schema.field(i));
      }
    }
    HF_ASSIGN_OR_RETURN(auto texts, SqlStep::Select(Schema(keys), casts, zone));
    Partitions made;
    made.names_ = output.partition_by;
    made.keys_ = Schema(std::move(keys));
    made.data_ = Schema(std::move(data));
    made.columns_ = std::move(columns);
    made.rest_ = std::move(rest);
    made.texts_ = std::move(texts);
    return made;
  }

  Status Add(const ColumnBatch& batch) {
    std::vector<Column> keys;
    for (const std::size_t column : columns_) {
      keys.push_back(batch.column(column));
    }
    HF_ASSIGN_OR_RETURN(const ColumnBatch texts, texts_->Apply(ColumnBatch(keys_, std::move(keys), batch.rows())));
    std::map<std::string, std::vector<std::int64_t>> rows;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      rows[DirectoryOf(texts, row)].push_back(row);
    }
    for (const auto& [directory, chosen] : rows) {
      std::vector<Column> gathered;
      for (const std::size_t column : rest_) {
        gathered.push_back(Gather(batch.column(column), chosen));
      }
      FilePart& part = parts_[directory];
      part.directory = directory;
      part.schema = data_;
      part.rows.emplace_back(data_, std::move(gathered), static_cast<std::int64_t>(chosen.size()));
    }
    return Status();
  }

  [[nodiscard]] const Schema& data() const { return data_; }
  std::vector<FilePart> Take() {
    std::vector<FilePart> taken;
    for (auto& [directory, part] : parts_) {
      taken.push_back(std::move(part));
    }
    return taken;
  }

 private:
  [[nodiscard]] std::string DirectoryOf(const ColumnBatch& texts, std::int64_t row) const {
    std::string directory;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Column& column = texts.column(i);
      const std::string_view value = column.IsNull(row) ? std::string_view() : column.Bytes(row);
      directory += fmt::format("{}{}={}", i > 0 ? "/" : "", EscapedForPath(names_[i]),
                               value.empty() ? std::string(kNullDirectory) : EscapedForPath(value));
    }
    return directory;
  }

  std::vector<std::string> names_;
  Schema keys_;
  Schema data_;
  std::vector<std::size_t> columns_;
  std::vector<std::size_t> rest_;
  std::unique_ptr<SqlStep> texts_;
  std::map<std::string, FilePart> parts_;
};

Status AlreadyThere(const std::string& path) {
  return Invalid(fmt::format("Path {} already exists. Set mode as \"overwrite\" to overwrite the existing path, or "
                             "append to it",
                             HadoopPathFromPath(path)),
                 "PATH_ALREADY_EXISTS");
}

Status WriteToFiles(const OutputDescription& output, const std::string& path, const Conf& conf, const Schema& schema,
                    const std::vector<ColumnBatch>& rows) {
  const Environment environment = ProcessEnvironment();
  FileSystem& files = *environment.files;
  HF_RETURN_IF_ERROR(CheckNotEmpty(schema.type(), output.format));
  Options options = output.options;
  options.erase("path");
  const std::string time_zone = conf.Get(conf_key::kSessionTimeZone);
  HF_ASSIGN_OR_RETURN(const auto format, MakeOutputFormat(output.format, options, time_zone));
  HF_ASSIGN_OR_RETURN(std::vector<std::size_t> columns, FindPartitionColumns(output.partition_by, schema));
  HF_ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find(time_zone));
  std::optional<Partitions> partitions;
  if (!columns.empty()) {
    HF_ASSIGN_OR_RETURN(partitions, Partitions::Make(output, schema, std::move(columns), zone));
  }
  HF_RETURN_IF_ERROR(format->CheckSchema(partitions.has_value() ? partitions->data() : schema));

  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> there, files.Stat(path));
  if (there.has_value() && output.mode == SaveMode::kErrorIfExists) {
    return AlreadyThere(path);
  }
  if (there.has_value() && output.mode == SaveMode::kIgnore) {
    return Status();
  }
  if (there.has_value() && !there->is_directory) {
    return Invalid(fmt::format("rows are written to a directory, and {} is a file", path));
  }
  HF_ASSIGN_OR_RETURN(const bool of_sink, HasSinkLog(files, path));
  if (of_sink && output.mode == SaveMode::kAppend) {
    return Invalid(
        fmt::format("{} is the directory of a streaming query's sink, whose readers see only what its log "
                    "({}) lists: the rows would never be read. Write to another directory",
                    path, kSinkLogDirectory));
  }
  std::vector<FilePart> parts;
  if (partitions.has_value()) {
    for (const ColumnBatch& batch : rows) {
      HF_RETURN_IF_ERROR(partitions->Add(batch));
    }
    parts = partitions->Take();
  } else {
    parts.push_back({.schema = schema, .rows = rows});
  }
  return WriteFiles(
      files, *environment.random,
      {.path = path, .partitioned = partitions.has_value(), .overwrite = output.mode == SaveMode::kOverwrite}, *format,
      parts);
}

}  // namespace

Status WriteRows(const OutputDescription& output, const Schema& schema, const std::vector<ColumnBatch>& rows) {
  if (!IsFileFormat(output.format) && output.format != "delta") {
    static const std::vector<std::string_view> kFormats = {"json", "csv", "parquet", "text", "delta"};
    return Invalid(
        fmt::format("rows cannot be written in the format \"{}\"; choose json, csv, parquet, text or delta{}",
                    output.format, DidYouMean(output.format, kFormats)));
  }
  HF_ASSIGN_OR_RETURN(const Conf conf, Conf::Make(output.conf));
  HF_ASSIGN_OR_RETURN(const std::string given, OnePath("output", output.options, output.path));
  if (given.empty()) {
    return Invalid("there is no path to write the rows to");
  }
  HF_ASSIGN_OR_RETURN(const std::string path, LocalPath(given));
  HF_RETURN_IF_ERROR(CheckColumnNames(schema, output.format));
  if (output.format != "delta") {
    return WriteToFiles(output, path, conf, schema, rows);
  }
  Options options = output.options;
  options.erase("path");
  return WriteDelta(
      {.path = path, .options = std::move(options), .mode = output.mode, .partition_by = output.partition_by}, schema,
      rows);
}

}  // namespace hf
