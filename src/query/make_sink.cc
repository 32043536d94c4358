// SPDX-License-Identifier: Apache-2.0
#include "query/make_sink.h"

#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "base/nearest_name.h"
#include "connect/delta/delta_sink.h"
#include "connect/file/file_sink.h"
#include "connect/memory/console_sink.h"
#include "connect/memory/memory_sink.h"
#include "query/local_path.h"
#include "query/make_source.h"

namespace hf {

namespace {

Result<std::string> OutputPath(const QueryDescription& description) {
  const std::string subject = description.sink_format + " sink";
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath(subject, description.sink_options, description.sink_path));
  if (path.empty()) {
    return Invalid(fmt::format("the {} needs a path: give it to Start", subject));
  }
  return LocalPath(path);
}

// A sink that can only append would keep every row that an Update query emits for a key, old ones and new ones.
Status RequireAppend(const QueryDescription& description, std::string_view condition) {
  if (description.output_mode == OutputMode::kAppend) {
    return Status();
  }
  return Invalid(
      fmt::format("Data source {} does not support {} output mode: it only appends, and would keep the rows that a "
                  "later batch replaces. Use ForeachBatch and merge each batch into the table by its key, or choose "
                  "Append and emit a row only when it is final",
                  description.sink_format, OutputModeName(description.output_mode)),
      std::string(condition));
}

Result<std::shared_ptr<Sink>> MakeDeltaSink(const QueryDescription& description) {
  HF_RETURN_IF_ERROR(RequireAppend(description, "DELTA_UNSUPPORTED_OUTPUT_MODE"));
  HF_ASSIGN_OR_RETURN(const std::string path, OutputPath(description));
  HF_ASSIGN_OR_RETURN(
      auto sink, DeltaSink::Create(path, description.sink_options, std::string(OutputModeName(description.output_mode)),
                                   nullptr, description.partition_by));
  return std::shared_ptr<Sink>(std::move(sink));
}

Result<std::shared_ptr<Sink>> MakeFileSink(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment) {
  HF_RETURN_IF_ERROR(RequireAppend(description, "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE"));
  FileSinkSpec spec = {.format = description.sink_format,
                       .options = description.sink_options,
                       .time_zone = conf.Get(conf_key::kSessionTimeZone),
                       .log = {.min_batches_to_retain = conf.GetInt(conf_key::kMinBatchesToRetain)}};
  HF_ASSIGN_OR_RETURN(spec.options["path"], OutputPath(description));
  HF_ASSIGN_OR_RETURN(auto sink,
                      FileSink::Create(*environment.files, *environment.clock, *environment.random, std::move(spec)));
  return std::shared_ptr<Sink>(std::move(sink));
}

Result<std::shared_ptr<Sink>> MakeMemorySink(const QueryDescription& description, const Environment& environment,
                                             const std::string& checkpoint) {
  if (description.name.empty()) {
    return Invalid("queryName must be specified for memory sink: its rows are read under that name");
  }
  if (!description.sink_path.empty()) {
    return Invalid(fmt::format("the memory sink takes no path, and {} was given to Start", description.sink_path));
  }
  if (!description.sink_options.empty()) {
    return Invalid(fmt::format("the memory sink has no option '{}'", description.sink_options.begin()->first));
  }
  // Spark 4.3: DataStreamWriter.start lets only a Complete query go on, since the earlier rows are gone.
  HF_ASSIGN_OR_RETURN(const auto offsets, environment.files->List(checkpoint + "/offsets"));
  if (!offsets.empty()) {
    return Invalid(
        fmt::format("a query with the memory sink cannot go on with {}: the rows of its earlier batches were in memory "
                    "and are gone. Delete the checkpoint to start over, or choose another sink",
                    checkpoint));
  }
  return std::shared_ptr<Sink>(std::make_shared<MemorySink>());
}

Result<std::shared_ptr<Sink>> MakeConsoleSink(const QueryDescription& description, const Conf& conf) {
  const auto write = description.on_console ? description.on_console : [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  };
  HF_ASSIGN_OR_RETURN(auto sink,
                      ConsoleSink::Create(write, description.sink_options, conf.Get(conf_key::kSessionTimeZone)));
  return std::shared_ptr<Sink>(std::move(sink));
}

}  // namespace

Status CheckColumnNames(const Schema& result, const std::string& format) {
  std::set<std::string> names;
  for (const StructField& field : result.fields()) {
    if (!names.insert(LowerCase(field.name)).second) {
      return Invalid(
          fmt::format(
              "there would be two columns with the name {1} in the format {0}, of {2}; give one of them another "
              "name",
              format, field.name, result.ToDdl()),
          "COLUMN_ALREADY_EXISTS");
    }
  }
  return Status();
}

Result<std::string> SinkDirectory(const QueryDescription& description) {
  const bool has_directory = description.sink_format == "delta" || IsFileFormat(description.sink_format);
  return description.sink == nullptr && has_directory ? OutputPath(description) : std::string();
}

Result<std::shared_ptr<Sink>> MakeSink(const QueryDescription& description, const Schema& result, const Conf& conf,
                                       const Environment& environment, const std::string& checkpoint) {
  const std::string& format = description.sink_format;
  if (!description.partition_by.empty() && (description.sink != nullptr || format != "delta")) {
    return Invalid(fmt::format("only the delta sink can partition its output, and partitionBy names {}",
                               fmt::join(description.partition_by, ", ")));
  }
  if (description.sink != nullptr) {
    if (!description.sink_options.empty()) {
      return Invalid(fmt::format("the sink was given as an object and takes no option '{}'",
                                 description.sink_options.begin()->first));
    }
    return description.sink;
  }
  if (format == "delta" || IsFileFormat(format)) {
    HF_RETURN_IF_ERROR(CheckColumnNames(result, format));
  }
  if (format == "delta") {
    return MakeDeltaSink(description);
  }
  if (IsFileFormat(format)) {
    return MakeFileSink(description, conf, environment);
  }
  if (format == "memory") {
    return MakeMemorySink(description, environment, checkpoint);
  }
  if (format == "console") {
    return MakeConsoleSink(description, conf);
  }
  static const std::vector<std::string_view> kFormats = {"delta", "parquet", "json",   "csv",
                                                         "text",  "memory",  "console"};
  return Invalid(fmt::format(
      "unknown sink format \"{}\"; choose delta, parquet, json, csv, text, memory or console, or give a sink of "
      "your own{}",
      format, DidYouMean(format, kFormats)));
}

}  // namespace hf
