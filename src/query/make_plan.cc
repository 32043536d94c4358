// SPDX-License-Identifier: Apache-2.0
#include "query/make_plan.h"

#include <fmt/format.h>

#include "connect/file/file_source.h"
#include "connect/file/input_format.h"
#include "files/scratch_directory.h"
#include "query/local_path.h"
#include "query/make_sink.h"
#include "query/separate_paths.h"

namespace hf {

namespace {

Status CheckComplete(const QueryDescription& description) {
  if (description.checkpoint_location.empty()) {
    return Invalid("checkpointLocation is missing: a stateful query needs a directory for its checkpoint");
  }
  if (description.processor == nullptr) {
    return Invalid("the query has no stateful processor; call TransformWithState");
  }
  if (description.output_mode == OutputMode::kComplete) {
    return Invalid("output mode Complete is not possible for a stateful processor; choose Append or Update",
                   "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION");
  }
  return Status();
}

Result<Options> SourceOptions(const QueryDescription& description) {
  Options options = description.source_options;
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", options, description.source_path));
  if (path.empty()) {
    return Invalid("the query has no input; call Load with a path");
  }
  HF_ASSIGN_OR_RETURN(options["path"], LocalPath(path));
  return options;
}

Status CheckPaths(const QueryDescription& description, const std::string& checkpoint) {
  QueryPaths paths = {.source = {}, .sink = {}, .checkpoint = checkpoint};
  if (description.source == nullptr) {
    HF_ASSIGN_OR_RETURN(const Options options, SourceOptions(description));
    paths.source = options.at("path");
  }
  HF_ASSIGN_OR_RETURN(paths.sink, SinkDirectory(description));
  return CheckSeparate(paths);
}

// What can be refused of the source before the checkpoint is touched.
Status CheckSource(const QueryDescription& description, const Conf& conf) {
  if (description.source != nullptr) {
    return description.source_options.empty()
               ? Status()
               : Invalid(fmt::format("the source was given as an object and takes no option '{}'",
                                     description.source_options.begin()->first));
  }
  HF_ASSIGN_OR_RETURN(const Options options, SourceOptions(description));
  HF_ASSIGN_OR_RETURN(const FileSourceOptions parsed, ParseFileSourceOptions(options));
  return MakeInputFormat(description.source_format, description.source_schema, parsed.format_options,
                         conf.Get(conf_key::kSessionTimeZone))
      .status();
}

}  // namespace

Result<StreamPlan> MakePlan(const QueryDescription& description, const Environment& environment) {
  HF_RETURN_IF_ERROR(CheckComplete(description));
  StreamPlan plan;
  HF_ASSIGN_OR_RETURN(plan.conf, Conf::Make(description.conf));
  plan.files = environment.files;
  plan.clock = environment.clock;
  plan.random = environment.random;
  plan.name = description.name;
  HF_ASSIGN_OR_RETURN(plan.checkpoint, LocalPath(description.checkpoint_location));
  plan.grouping_columns = description.grouping_columns;
  plan.processor = description.processor;
  plan.output_mode = description.output_mode;
  plan.time_mode = description.time_mode;
  plan.trigger = description.trigger;
  plan.on_progress = description.on_progress;
  plan.on_message = description.on_message;
  HF_RETURN_IF_ERROR(CheckSource(description, plan.conf));
  HF_ASSIGN_OR_RETURN(plan.sink, MakeSink(description, plan.conf, environment, plan.checkpoint));
  HF_RETURN_IF_ERROR(CheckPaths(description, plan.checkpoint));
  HF_ASSIGN_OR_RETURN(std::shared_ptr<ScratchDirectory> scratch,
                      ScratchDirectory::Make(plan.conf.Get(conf_key::kScratchDirectory), *environment.random));
  plan.scratch = std::shared_ptr<const std::string>(scratch, &scratch->path());
  return plan;
}

Result<std::shared_ptr<Source>> MakeSource(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint) {
  if (description.source != nullptr) {
    return description.source;
  }
  HF_ASSIGN_OR_RETURN(const std::int64_t cleanup_delay_ms, ParseDurationMs(std::string(conf_key::kSourceCleanupDelay),
                                                                           conf.Get(conf_key::kSourceCleanupDelay)));
  HF_ASSIGN_OR_RETURN(Options options, SourceOptions(description));
  HF_ASSIGN_OR_RETURN(auto source,
                      FileSource::Open(*environment.files, *environment.files, *environment.clock,
                                       {.format = description.source_format,
                                        .options = std::move(options),
                                        .schema = description.source_schema,
                                        .log_directory = checkpoint + "/sources/0",
                                        .time_zone = conf.Get(conf_key::kSessionTimeZone),
                                        .log = {.compact_interval = conf.GetInt(conf_key::kSourceCompactInterval),
                                                .cleanup_delay_ms = cleanup_delay_ms,
                                                .delete_expired = conf.GetBool(conf_key::kSourceDeletion),
                                                .min_batches_to_retain = conf.GetInt(conf_key::kMinBatchesToRetain)}}));
  return std::shared_ptr<Source>(std::move(source));
}

}  // namespace hf
