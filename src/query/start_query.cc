// SPDX-License-Identifier: Apache-2.0
// From a description to a running query: the one place where concrete sources, sinks and disks meet the engine.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/log.h"
#include "connect/delta/delta_sink.h"
#include "connect/file/file_source.h"
#include "connect/memory/callback_sink.h"
#include "connect/memory/console_sink.h"
#include "connect/memory/memory_sink.h"
#include "engine/stream_execution.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf {

namespace {

namespace fs = std::filesystem;

std::string AbsolutePath(const std::string& path) {
  std::string absolute = fs::absolute(path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.back() == '/') {
    absolute.pop_back();
  }
  return absolute;
}

Status CheckComplete(const QueryDescription& description) {
  if (description.checkpoint_location.empty()) {
    return Invalid("checkpointLocation is missing: a stateful query needs a directory for its checkpoint");
  }
  if (description.processor == nullptr) {
    return Invalid("the query has no stateful processor; call TransformWithState");
  }
  if (description.source == nullptr && description.source_path.empty()) {
    return Invalid("the query has no input; call Load with a path");
  }
  if (description.output_mode == OutputMode::kComplete) {
    return Invalid("output mode Complete is not possible for a stateful processor; choose Append or Update",
                   "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION");
  }
  if (description.time_mode != TimeMode::kNone) {
    return Invalid(fmt::format("time mode {} is not supported by this version of Holdfast; choose None",
                               TimeModeName(description.time_mode)));
  }
  return Status();
}

Result<std::shared_ptr<Source>> MakeSource(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint) {
  if (description.source != nullptr) {
    return description.source;
  }
  Options options = description.source_options;
  options["path"] = AbsolutePath(description.source_path);
  HF_ASSIGN_OR_RETURN(auto source, FileSource::Open(*environment.files, *environment.files, *environment.clock,
                                                    {.format = description.source_format,
                                                     .options = std::move(options),
                                                     .schema = description.source_schema,
                                                     .log_directory = checkpoint + "/sources/0",
                                                     .time_zone = conf.Get(conf_key::kSessionTimeZone)}));
  return std::shared_ptr<Source>(std::move(source));
}

Result<std::shared_ptr<Sink>> MakeSink(const QueryDescription& description, const Conf& conf) {
  if (description.sink != nullptr) {
    return description.sink;
  }
  const std::string& format = description.sink_format;
  if (format == "delta") {
    if (description.sink_path.empty()) {
      return Invalid("the delta sink needs a path: give it to Start");
    }
    HF_ASSIGN_OR_RETURN(auto sink, DeltaSink::Create(AbsolutePath(description.sink_path), description.sink_options,
                                                     std::string(OutputModeName(description.output_mode))));
    return std::shared_ptr<Sink>(std::move(sink));
  }
  if (format == "console") {
    const auto write =
        description.on_message ? description.on_message : [](std::string_view text) { Log(LogLevel::kInfo, text); };
    HF_ASSIGN_OR_RETURN(auto sink,
                        ConsoleSink::Create(write, description.sink_options, conf.Get(conf_key::kSessionTimeZone)));
    return std::shared_ptr<Sink>(std::move(sink));
  }
  return Invalid(
      fmt::format("unknown sink format \"{}\"; choose delta or console, or give a sink of your own", format));
}

// RocksDB's directory: local, ours alone, never trusted. The run's own name keeps two processes apart.
std::string ScratchDirectory(const Conf& conf, Random& random) {
  const std::string configured = conf.Get(conf_key::kScratchDirectory);
  std::error_code error;
  const fs::path base = configured.empty() ? fs::temp_directory_path(error) : fs::path(configured);
  return (base / ("holdfast-" + random.NewUuid())).string();
}

// For the syncs of a barrier: a file system takes those that wait at the same time in one stroke.
void RunOnThreads(std::span<const std::function<void()>> work) {
  constexpr std::size_t kThreadsMax = 8;
  std::atomic<std::size_t> next = 0;
  const auto serve = [&] {
    for (std::size_t i = next++; i < work.size(); i = next++) {
      work[i]();
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(kThreadsMax, work.size()); ++i) {
    others.emplace_back(serve);
  }
  serve();
}

}  // namespace

Environment ProcessEnvironment() {
  static PosixDisk disk;
  static SystemClock clock;
  static SystemRandom random;
  return {.files = std::make_shared<DiskFileSystem>(disk, RunOnThreads), .clock = &clock, .random = &random};
}

Result<std::unique_ptr<StreamingQuery>> StartQuery(QueryDescription description, const Environment& environment) {
  HF_RETURN_IF_ERROR(CheckComplete(description));
  StreamPlan plan;
  HF_ASSIGN_OR_RETURN(plan.conf, Conf::Make(description.conf));
  plan.files = environment.files;
  plan.clock = environment.clock;
  plan.random = environment.random;
  plan.name = description.name;
  plan.checkpoint = AbsolutePath(description.checkpoint_location);
  plan.scratch = ScratchDirectory(plan.conf, *environment.random);
  plan.grouping_columns = description.grouping_columns;
  plan.processor = description.processor;
  plan.output_mode = description.output_mode;
  plan.time_mode = description.time_mode;
  plan.trigger = description.trigger;
  plan.on_progress = description.on_progress;
  plan.on_message = description.on_message;
  // Before the source looks at its log: nobody may write there from now on.
  HF_ASSIGN_OR_RETURN(plan.lock, environment.files->Lock(plan.checkpoint));
  HF_ASSIGN_OR_RETURN(plan.source, MakeSource(description, plan.conf, environment, plan.checkpoint));
  HF_ASSIGN_OR_RETURN(plan.sink, MakeSink(description, plan.conf));
  HF_ASSIGN_OR_RETURN(auto execution, StreamExecution::Start(std::move(plan)));
  return std::unique_ptr<StreamingQuery>(std::move(execution));
}

Result<std::unique_ptr<StreamingQuery>> StartQuery(QueryDescription description) {
  return StartQuery(std::move(description), ProcessEnvironment());
}

DataStreamWriter DataStreamWriter::ForeachBatch(
    std::function<Status(const ColumnBatch& rows, std::int64_t batch_id)> call) && {
  description_.sink = std::make_shared<CallbackSink>(std::move(call));
  return std::move(*this);
}

}  // namespace hf
