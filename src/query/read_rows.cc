// SPDX-License-Identifier: Apache-2.0
#include "holdfast/read_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file_uri.h"
#include "base/nearest_name.h"
#include "connect/delta/delta_source.h"
#include "connect/delta/delta_table.h"
#include "connect/file/file_finder.h"
#include "connect/file/input_format.h"
#include "connect/file/nullable_schema.h"
#include "connect/file/schema_inference.h"
#include "query/environment.h"
#include "query/make_source.h"

namespace hf {
namespace {

// Options of the file source that say how a stream goes on.
constexpr std::array<std::string_view, 8> kOfStreams = {
    "maxFilesPerTrigger", "maxBytesPerTrigger",      "latestFirst", "fileNameOnly", "maxFileAge",
    "maxCachedFiles",     "discardCachedInputRatio", "sourceUri"};

Status CheckFormat(const InputDescription& input) {
  if (input.source != nullptr) {
    return Invalid("rows that are there now are read from a format and a path, not from a source of the program");
  }
  if (IsFileFormat(input.format) || input.format == "delta") {
    return Status();
  }
  static const std::vector<std::string_view> kFormats = {"json", "csv", "parquet", "text", "delta"};
  return Invalid(
      fmt::format("unknown format \"{}\" of rows that are there now; choose json, csv, parquet, text or "
                  "delta{}",
                  input.format, DidYouMean(input.format, kFormats)));
}

// The files of an input, in the order in which they are read.
struct FoundFiles {
  std::shared_ptr<FileSystem> files;
  FileSourceOptions options;
  std::vector<InputFile> found;
  std::string time_zone;

  [[nodiscard]] GivingUp giving_up() const {
    return {.corrupt_files = options.ignore_corrupt_files, .missing_files = options.ignore_missing_files};
  }
};

Result<FoundFiles> FindFiles(const InputDescription& input, const Conf& conf) {
  for (const auto& [name, value] : input.options) {
    for (const std::string_view refused : kOfStreams) {
      if (LowerCase(name) == LowerCase(refused)) {
        return Invalid(fmt::format("option '{}' is for streams, and means nothing for rows that are there now", name));
      }
    }
  }
  FoundFiles made;
  made.files = ProcessEnvironment().files;
  made.time_zone = conf.Get(conf_key::kSessionTimeZone);
  HF_ASSIGN_OR_RETURN(const Options options, FileOptionsOf(input));
  HF_ASSIGN_OR_RETURN(made.options, ParseFileSourceOptions(options));
  HF_ASSIGN_OR_RETURN(FileFinder finder, FileFinder::Open(*made.files, {.path = made.options.path,
                                                                        .recursive = made.options.recursive,
                                                                        .name_pattern = made.options.name_pattern}));
  HF_ASSIGN_OR_RETURN(made.found, finder.Find());
  if (!finder.found_path()) {
    return Invalid(fmt::format("Path does not exist: {}.", HadoopPathFromPath(made.options.path)), "PATH_NOT_FOUND");
  }
  // Spark 4.3: FilePartition.getFilePartitions.
  std::sort(made.found.begin(), made.found.end(), [](const InputFile& a, const InputFile& b) {
    return a.size_bytes != b.size_bytes ? a.size_bytes > b.size_bytes : a.path < b.path;
  });
  return made;
}

Result<Schema> SchemaOfFiles(const InputDescription& input, const FoundFiles& files) {
  const Schema declared = DeclaredSchema(input);
  return declared.size() > 0 ? AsNullable(declared)
                             : InferSchema(*files.files, input.format, files.found, files.options.format_options,
                                           files.time_zone, files.giving_up());
}

Status ReadFiles(const InputDescription& input, const Conf& conf,
                 const std::function<Status(const ColumnBatch& rows)>& visit) {
  HF_ASSIGN_OR_RETURN(const FoundFiles files, FindFiles(input, conf));
  HF_ASSIGN_OR_RETURN(const Schema schema, SchemaOfFiles(input, files));
  HF_ASSIGN_OR_RETURN(const auto format, MakeInputFormat(input.format, schema, files.options.format_options,
                                                         files.time_zone, InputUse::kBatch));
  // Spark 4.3: QueryCompilationErrors.queryFromRawFilesIncludeCorruptRecordColumnError.
  const std::string corrupt = OptionTaker(input.options).Take("columnNameOfCorruptRecord").value_or("_corrupt_record");
  const bool is_text = LowerCase(input.format) == "json" || LowerCase(input.format) == "csv";
  if (is_text && schema.size() == 1 && schema.field(0).name == corrupt) {
    return Invalid(fmt::format("the files hold no record that can be read, and {}, which has the texts of those that "
                               "cannot, is not read alone; give a schema, or read them as text",
                               corrupt),
                   "UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN");
  }
  for (const InputFile& file : files.found) {
    if (file.size_bytes == 0) {
      continue;  // Spark makes no split of it, whatever the format
    }
    HF_RETURN_IF_ERROR(format->CheckName(file.path));
    FileSplit split(*files.files, format, file, files.giving_up());
    while (true) {
      HF_ASSIGN_OR_RETURN(const std::optional<ColumnBatch> rows, split.Next());
      if (!rows.has_value()) {
        break;
      }
      HF_RETURN_IF_ERROR(visit(*rows));
    }
  }
  return Status();
}

struct DeltaVersion {
  DeltaTable table;
  std::int64_t version = kDeltaNewest;
};

Result<DeltaVersion> OpenDelta(const InputDescription& input) {
  if (input.schema.size() > 0) {
    return Invalid("delta does not support a user-specified schema: the columns are the table's; leave Schema out");
  }
  HF_ASSIGN_OR_RETURN(const std::string path, InputDirectory(input));
  OptionTaker options(input.options);
  options.Take("path");
  const auto version = options.Take("versionAsOf");
  if (options.Take("timestampAsOf").has_value()) {
    return Invalid("option 'timestampAsOf' is not supported: set versionAsOf");
  }
  HF_RETURN_IF_ERROR(options.RefuseRest("reading a Delta table"));
  HF_RETURN_IF_ERROR(DeltaSource::ReadSchema(path).status());
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(path));
  DeltaVersion made = {.table = std::move(table)};
  if (version.has_value()) {
    HF_ASSIGN_OR_RETURN(const DeltaState state, made.table.State());
    OptionTaker number({{"versionAsOf", *version}});
    HF_ASSIGN_OR_RETURN(made.version,
                        TakeInteger(number, "versionAsOf", 0, {.min = 0, .max = INT64_MAX}, "a version of the table"));
    const Status there = made.version > state.version ? Invalid("") : made.table.SchemaAt(made.version).status();
    if (!there.ok() && there.kind() == ErrorKind::kInvalid) {
      return Invalid(fmt::format("versionAsOf is {}, which the log of the Delta table {} does not have; its newest "
                                 "version is {}",
                                 made.version, path, state.version),
                     "DELTA_VERSION_NOT_FOUND");
    }
    HF_RETURN_IF_ERROR(there);
  }
  return made;
}

Status ReadDelta(const InputDescription& input, const std::function<Status(const ColumnBatch& rows)>& visit) {
  HF_ASSIGN_OR_RETURN(DeltaVersion opened, OpenDelta(input));
  HF_ASSIGN_OR_RETURN(DeltaScan scan, opened.table.Scan(opened.version));
  const Schema schema = AsNullable(scan.schema());
  while (true) {
    HF_ASSIGN_OR_RETURN(const std::optional<ColumnBatch> rows, scan.Next());
    if (!rows.has_value()) {
      return Status();
    }
    if (rows->rows() > 0) {
      HF_RETURN_IF_ERROR(visit(ColumnBatch(schema, rows->columns(), rows->rows())));
    }
  }
}

}  // namespace

Result<Schema> SchemaOfRows(const InputDescription& input, const Options& conf) {
  HF_RETURN_IF_ERROR(CheckFormat(input));
  HF_ASSIGN_OR_RETURN(const Conf settings, Conf::Make(conf));
  if (input.format == "delta") {
    HF_ASSIGN_OR_RETURN(DeltaVersion opened, OpenDelta(input));
    HF_ASSIGN_OR_RETURN(const Schema schema, opened.table.SchemaAt(opened.version));
    return AsNullable(schema);
  }
  HF_ASSIGN_OR_RETURN(const FoundFiles files, FindFiles(input, settings));
  HF_ASSIGN_OR_RETURN(const Schema schema, SchemaOfFiles(input, files));
  // Refuses what reading would refuse of schema and options.
  HF_RETURN_IF_ERROR(
      MakeInputFormat(input.format, schema, files.options.format_options, files.time_zone, InputUse::kBatch).status());
  return schema;
}

Status ReadRows(const InputDescription& input, const Options& conf,
                const std::function<Status(const ColumnBatch& rows)>& visit) {
  HF_RETURN_IF_ERROR(CheckFormat(input));
  HF_ASSIGN_OR_RETURN(const Conf settings, Conf::Make(conf));
  return input.format == "delta" ? ReadDelta(input, visit) : ReadFiles(input, settings, visit);
}

}  // namespace hf
