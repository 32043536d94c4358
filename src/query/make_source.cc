// SPDX-License-Identifier: Apache-2.0
#include "query/make_source.h"

#include <fmt/format.h>

#include "base/log.h"
#include "connect/delta/delta_source.h"
#include "connect/file/file_source.h"
#include "connect/file/input_format.h"
#include "connect/rate/rate_micro_batch_source.h"
#include "connect/rate/rate_source.h"
#include "connect/socket/socket_source.h"
#include "query/local_path.h"

namespace hf {

namespace {

bool IsFileFormat(const std::string& format) { return format == "parquet" || format == "json" || format == "csv"; }

// Spark's name of the directory of the source's own log.
std::string LogDirectory(const std::string& checkpoint) { return checkpoint + "/sources/0"; }

Result<Options> FileOptions(const QueryDescription& description) {
  Options options = description.source_options;
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", options, description.source_path));
  if (path.empty()) {
    return Invalid("the query has no input; call Load with a path");
  }
  HF_ASSIGN_OR_RETURN(options["path"], LocalPath(path));
  return options;
}

Status CheckNoPath(const QueryDescription& description) {
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", description.source_options, description.source_path));
  return path.empty() ? Status()
                      : Invalid(fmt::format("the {} source takes no path, and {} was given to Load",
                                            description.source_format, path));
}

Status CheckFileSource(const QueryDescription& description, const Conf& conf) {
  HF_ASSIGN_OR_RETURN(const Options options, FileOptions(description));
  HF_ASSIGN_OR_RETURN(const FileSourceOptions parsed, ParseFileSourceOptions(options));
  return MakeInputFormat(description.source_format, description.source_schema, parsed.format_options,
                         conf.Get(conf_key::kSessionTimeZone))
      .status();
}

Result<std::shared_ptr<Source>> MakeFileSource(const QueryDescription& description, const Conf& conf,
                                               const Environment& environment, const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::int64_t cleanup_delay_ms, ParseDurationMs(std::string(conf_key::kSourceCleanupDelay),
                                                                           conf.Get(conf_key::kSourceCleanupDelay)));
  HF_ASSIGN_OR_RETURN(Options options, FileOptions(description));
  HF_ASSIGN_OR_RETURN(auto source,
                      FileSource::Open(*environment.files, *environment.files, *environment.clock,
                                       {.format = description.source_format,
                                        .options = std::move(options),
                                        .schema = description.source_schema,
                                        .log_directory = LogDirectory(checkpoint),
                                        .time_zone = conf.Get(conf_key::kSessionTimeZone),
                                        .log = {.compact_interval = conf.GetInt(conf_key::kSourceCompactInterval),
                                                .cleanup_delay_ms = cleanup_delay_ms,
                                                .delete_expired = conf.GetBool(conf_key::kSourceDeletion),
                                                .min_batches_to_retain = conf.GetInt(conf_key::kMinBatchesToRetain)}}));
  return std::shared_ptr<Source>(std::move(source));
}

Result<DeltaSourceOptions> ReadDeltaOptions(const QueryDescription& description, const Conf& conf) {
  HF_ASSIGN_OR_RETURN(const Options options, FileOptions(description));
  return ParseDeltaSourceOptions(options, conf.Get(conf_key::kSessionTimeZone));
}

Result<std::shared_ptr<Source>> MakeDeltaSource(const QueryDescription& description, const Conf& conf,
                                                const Environment& environment) {
  HF_ASSIGN_OR_RETURN(const DeltaSourceOptions options, ReadDeltaOptions(description, conf));
  HF_ASSIGN_OR_RETURN(const std::string path, SourceDirectory(description));
  HF_ASSIGN_OR_RETURN(auto source, DeltaSource::Open(*environment.files, path, options));
  return std::shared_ptr<Source>(std::move(source));
}

Result<std::shared_ptr<Source>> MakeRateMicroBatchSource(const QueryDescription& description) {
  HF_ASSIGN_OR_RETURN(const auto options, ParseRateMicroBatchOptions(description.source_options));
  return std::shared_ptr<Source>(std::make_shared<RateMicroBatchSource>(options));
}

Result<std::shared_ptr<Source>> MakeSocketSource(const QueryDescription& description, const Environment& environment) {
  HF_ASSIGN_OR_RETURN(SocketOptions options, ParseSocketOptions(description.source_options));
  Log(LogLevel::kWarning, kSocketWarning);
  if (description.on_message) {
    description.on_message(kSocketWarning);
  }
  HF_ASSIGN_OR_RETURN(auto source, SocketSource::Open(*environment.clock, std::move(options)));
  return std::shared_ptr<Source>(std::move(source));
}

}  // namespace

bool HasOwnSchema(const std::string& source_format) {
  return source_format == "rate" || source_format == "rate-micro-batch" || source_format == "socket" ||
         source_format == "delta";
}

SourceKind SourceKindOf(const QueryDescription& description) {
  // Only what a file source's offsets look like is known beforehand; every other source judges them itself.
  return description.source == nullptr && IsFileFormat(description.source_format) ? SourceKind::kFiles
                                                                                  : SourceKind::kHost;
}

Status CheckSource(const QueryDescription& description, const Conf& conf) {
  const std::string& format = description.source_format;
  if (description.source != nullptr) {
    return description.source_options.empty()
               ? Status()
               : Invalid(fmt::format("the source was given as an object and takes no option '{}'",
                                     description.source_options.begin()->first));
  }
  // Spark 4.3: DataSourceV2Utils.getTableFromProvider, "source does not support user-specified schema".
  if (HasOwnSchema(format) && description.source_schema.size() > 0) {
    return Invalid(
        fmt::format("{} source does not support user-specified schema: its columns are its own; leave Schema "
                    "out",
                    format));
  }
  if (format == "rate") {
    HF_RETURN_IF_ERROR(CheckNoPath(description));
    return ParseRateOptions(description.source_options).status();
  }
  if (format == "rate-micro-batch") {
    HF_RETURN_IF_ERROR(CheckNoPath(description));
    return ParseRateMicroBatchOptions(description.source_options).status();
  }
  if (format == "socket") {
    HF_RETURN_IF_ERROR(CheckNoPath(description));
    return ParseSocketOptions(description.source_options).status();
  }
  if (format == "delta") {
    return ReadDeltaOptions(description, conf).status();
  }
  return CheckFileSource(description, conf);
}

Result<std::shared_ptr<Source>> MakeSource(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint) {
  const std::string& format = description.source_format;
  if (description.source != nullptr) {
    return description.source;
  }
  if (format == "rate") {
    HF_ASSIGN_OR_RETURN(auto source, RateSource::Open(*environment.files, *environment.clock,
                                                      description.source_options, LogDirectory(checkpoint)));
    return std::shared_ptr<Source>(std::move(source));
  }
  if (format == "rate-micro-batch") {
    return MakeRateMicroBatchSource(description);
  }
  if (format == "socket") {
    return MakeSocketSource(description, environment);
  }
  if (format == "delta") {
    return MakeDeltaSource(description, conf, environment);
  }
  return MakeFileSource(description, conf, environment, checkpoint);
}

Result<std::string> SourceDirectory(const QueryDescription& description) {
  const std::string& format = description.source_format;
  if (description.source != nullptr || (HasOwnSchema(format) && format != "delta")) {
    return std::string();
  }
  HF_ASSIGN_OR_RETURN(const Options options, FileOptions(description));
  return options.at("path");
}

}  // namespace hf
