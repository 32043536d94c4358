// SPDX-License-Identifier: Apache-2.0
#include "query/make_source.h"

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "connect/delta/delta_source.h"
#include "connect/file/file_source.h"
#include "connect/file/input_format.h"
#include "connect/file/nullable_schema.h"
#include "connect/rate/number_split.h"
#include "connect/rate/rate_micro_batch_source.h"
#include "connect/rate/rate_source.h"
#include "connect/socket/socket_source.h"
#include "holdfast/log.h"
#include "query/local_path.h"

namespace hf {

namespace {

// Spark's name of the directory of the source's own log.
std::string LogDirectory(const SourcePlace& place) {
  return fmt::format("{}/sources/{}", place.checkpoint, place.number);
}

Status CheckNoPath(const InputDescription& input) {
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", input.options, input.path));
  return path.empty()
             ? Status()
             : Invalid(fmt::format("the {} source takes no path, and {} was given to Load", input.format, path));
}

Status CheckFileSource(const InputDescription& input, const Conf& conf) {
  HF_ASSIGN_OR_RETURN(const Options options, FileOptionsOf(input));
  HF_ASSIGN_OR_RETURN(const FileSourceOptions parsed, ParseFileSourceOptions(options));
  return MakeInputFormat(input.format, DeclaredSchema(input), parsed.format_options,
                         conf.Get(conf_key::kSessionTimeZone))
      .status();
}

Result<std::shared_ptr<Source>> MakeFileSource(const InputDescription& input, const Conf& conf,
                                               const Environment& environment, const SourcePlace& place) {
  HF_ASSIGN_OR_RETURN(const std::int64_t cleanup_delay_ms, ParseDurationMs(std::string(conf_key::kSourceCleanupDelay),
                                                                           conf.Get(conf_key::kSourceCleanupDelay)));
  HF_ASSIGN_OR_RETURN(Options options, FileOptionsOf(input));
  HF_ASSIGN_OR_RETURN(auto source,
                      FileSource::Open(*environment.files, *environment.files, *environment.clock,
                                       {.format = input.format,
                                        .options = std::move(options),
                                        .schema = DeclaredSchema(input),
                                        .log_directory = LogDirectory(place),
                                        .time_zone = conf.Get(conf_key::kSessionTimeZone),
                                        .log = {.compact_interval = conf.GetInt(conf_key::kSourceCompactInterval),
                                                .cleanup_delay_ms = cleanup_delay_ms,
                                                .delete_expired = conf.GetBool(conf_key::kSourceDeletion),
                                                .min_batches_to_retain = conf.GetInt(conf_key::kMinBatchesToRetain)}}));
  return std::shared_ptr<Source>(std::move(source));
}

Result<DeltaSourceOptions> ReadDeltaOptions(const InputDescription& input, const Conf& conf) {
  HF_ASSIGN_OR_RETURN(const Options options, FileOptionsOf(input));
  return ParseDeltaSourceOptions(options, conf.Get(conf_key::kSessionTimeZone));
}

Result<std::shared_ptr<Source>> MakeDeltaSource(const InputDescription& input, const Conf& conf,
                                                const Environment& environment) {
  HF_ASSIGN_OR_RETURN(const DeltaSourceOptions options, ReadDeltaOptions(input, conf));
  HF_ASSIGN_OR_RETURN(const std::string path, InputDirectory(input));
  HF_ASSIGN_OR_RETURN(auto source, DeltaSource::Open(*environment.files, path, options));
  return std::shared_ptr<Source>(std::move(source));
}

Result<std::shared_ptr<Source>> MakeRateMicroBatchSource(const InputDescription& input) {
  HF_ASSIGN_OR_RETURN(const auto options, ParseRateMicroBatchOptions(input.options));
  return std::shared_ptr<Source>(std::make_shared<RateMicroBatchSource>(options));
}

Result<std::shared_ptr<Source>> MakeSocketSource(const InputDescription& input, const Environment& environment,
                                                 const SourcePlace& place) {
  HF_ASSIGN_OR_RETURN(SocketOptions options, ParseSocketOptions(input.options));
  place.tell(LogLevel::kWarning, kSocketWarning);
  HF_ASSIGN_OR_RETURN(auto source, SocketSource::Open(*environment.clock, std::move(options)));
  return std::shared_ptr<Source>(std::move(source));
}

}  // namespace

Result<Options> FileOptionsOf(const InputDescription& input) {
  Options options = input.options;
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", options, input.path));
  if (path.empty()) {
    return Invalid("the query has no input; call Load with a path");
  }
  HF_ASSIGN_OR_RETURN(options["path"], LocalPath(path));
  return options;
}

// Text needs none: Spark 4.3 TextFileFormat.inferSchema.
Schema DeclaredSchema(const InputDescription& input) {
  return input.schema.size() == 0 && IsText(input.format) ? Schema({{"value", DataType::String()}}) : input.schema;
}

bool IsFileFormat(const std::string& format) {
  const std::string name = LowerCase(format);
  return name == "parquet" || name == "json" || name == "csv" || IsText(name);
}

bool IsText(const std::string& format) { return LowerCase(format) == "text"; }

bool HasOwnSchema(const std::string& source_format) {
  return source_format == "rate" || source_format == "rate-micro-batch" || source_format == "socket" ||
         source_format == "delta";
}

SourceKind SourceKindOf(const InputDescription& input) {
  // Only what a file source's offsets look like is known beforehand; every other source judges them itself.
  return input.source == nullptr && IsFileFormat(input.format) ? SourceKind::kFiles : SourceKind::kJudgesItself;
}

Status CheckInput(const InputDescription& input, const Conf& conf) {
  static const std::vector<std::string_view> kFormats = {"json",  "csv",  "parquet",          "text",
                                                         "delta", "rate", "rate-micro-batch", "socket"};
  const std::string& format = input.format;
  if (input.source != nullptr) {
    return input.options.empty() ? Status()
                                 : Invalid(fmt::format("the source was given as an object and takes no option '{}'",
                                                       input.options.begin()->first));
  }
  // Spark 4.3: DataSourceV2Utils.getTableFromProvider, "source does not support user-specified schema".
  if (HasOwnSchema(format) && input.schema.size() > 0) {
    return Invalid(
        fmt::format("{} source does not support user-specified schema: its columns are its own; leave Schema "
                    "out",
                    format));
  }
  if (format == "rate") {
    HF_RETURN_IF_ERROR(CheckNoPath(input));
    return ParseRateOptions(input.options).status();
  }
  if (format == "rate-micro-batch") {
    HF_RETURN_IF_ERROR(CheckNoPath(input));
    return ParseRateMicroBatchOptions(input.options).status();
  }
  if (format == "socket") {
    HF_RETURN_IF_ERROR(CheckNoPath(input));
    return ParseSocketOptions(input.options).status();
  }
  if (format == "delta") {
    return ReadDeltaOptions(input, conf).status();
  }
  if (!IsFileFormat(format)) {
    return Invalid(
        fmt::format("unknown source format \"{}\"; choose json, csv, parquet, text, delta, rate, rate-micro-batch or "
                    "socket, or give a source of your own{}",
                    format, DidYouMean(format, kFormats)));
  }
  if (DeclaredSchema(input).size() == 0) {
    return Invalid(fmt::format("the {} source needs the columns of its rows: call Schema", format));
  }
  return CheckFileSource(input, conf);
}

Result<std::shared_ptr<Source>> OpenSource(const InputDescription& input, const Conf& conf,
                                           const Environment& environment, const SourcePlace& place) {
  const std::string& format = input.format;
  if (input.source != nullptr) {
    return input.source;
  }
  if (format == "rate") {
    HF_ASSIGN_OR_RETURN(auto source,
                        RateSource::Open(*environment.files, *environment.clock, input.options, LogDirectory(place)));
    return std::shared_ptr<Source>(std::move(source));
  }
  if (format == "rate-micro-batch") {
    return MakeRateMicroBatchSource(input);
  }
  if (format == "socket") {
    return MakeSocketSource(input, environment, place);
  }
  if (format == "delta") {
    return MakeDeltaSource(input, conf, environment);
  }
  return MakeFileSource(input, conf, environment, place);
}

Result<Schema> SchemaOfInput(const InputDescription& input) {
  if (input.source != nullptr) {
    return input.source->schema();
  }
  if (input.format == "rate" || input.format == "rate-micro-batch") {
    return RateSchema();
  }
  if (input.format == "socket") {
    HF_ASSIGN_OR_RETURN(const SocketOptions options, ParseSocketOptions(input.options));
    return SocketSchema(options);
  }
  if (input.format == "delta") {
    HF_ASSIGN_OR_RETURN(const std::string path, InputDirectory(input));
    return DeltaSource::ReadSchema(path);
  }
  return AsNullable(DeclaredSchema(input));
}

Result<std::string> InputDirectory(const InputDescription& input) {
  const std::string& format = input.format;
  if (input.source != nullptr || (HasOwnSchema(format) && format != "delta")) {
    return std::string();
  }
  HF_ASSIGN_OR_RETURN(const Options options, FileOptionsOf(input));
  return options.at("path");
}

}  // namespace hf
