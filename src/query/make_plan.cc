// SPDX-License-Identifier: Apache-2.0
#include "query/make_plan.h"

#include <fmt/format.h>

#include <set>

#include "connect/file/file_source.h"
#include "connect/file/input_format.h"
#include "files/scratch_directory.h"
#include "query/input_streams.h"
#include "query/local_path.h"
#include "query/make_sink.h"
#include "query/separate_paths.h"

namespace hf {

namespace {

Status CheckComplete(const QueryDescription& description) {
  if (description.checkpoint_location.empty()) {
    return Invalid("checkpointLocation is missing: a stateful query needs a directory for its checkpoint");
  }
  if (description.inputs.empty()) {
    return Invalid("the query has no input; call ReadStream");
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

Result<Options> OptionsOf(const InputDescription& input) {
  Options options = input.options;
  HF_ASSIGN_OR_RETURN(const std::string path, OnePath("source", options, input.path));
  if (path.empty()) {
    return Invalid("the query has no input; call Load with a path");
  }
  HF_ASSIGN_OR_RETURN(options["path"], LocalPath(path));
  return options;
}

Status CheckPaths(const QueryDescription& description, const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::string sink, SinkDirectory(description));
  for (const InputDescription& input : description.inputs) {
    QueryPaths paths = {.source = {}, .sink = sink, .checkpoint = checkpoint};
    if (input.source == nullptr) {
      HF_ASSIGN_OR_RETURN(const Options options, OptionsOf(input));
      paths.source = options.at("path");
    }
    HF_RETURN_IF_ERROR(CheckSeparate(paths));
  }
  return Status();
}

// What can be refused of a source before the checkpoint is touched.
Status CheckInput(const InputDescription& input, const Conf& conf) {
  if (input.source != nullptr) {
    return input.options.empty() ? Status()
                                 : Invalid(fmt::format("the source was given as an object and takes no option '{}'",
                                                       input.options.begin()->first));
  }
  HF_ASSIGN_OR_RETURN(const Options options, OptionsOf(input));
  HF_ASSIGN_OR_RETURN(const FileSourceOptions parsed, ParseFileSourceOptions(options));
  return MakeInputFormat(input.format, input.schema, parsed.format_options, conf.Get(conf_key::kSessionTimeZone))
      .status();
}

Status CheckInputs(const QueryDescription& description, const Conf& conf) {
  std::set<const Source*> sources;
  for (const InputDescription& input : description.inputs) {
    HF_RETURN_IF_ERROR(CheckInput(input, conf));
    if (input.source != nullptr && !sources.insert(input.source.get()).second) {
      return Invalid(
          "two inputs of a union are the same source object; each needs one of its own, since it keeps where "
          "its input has come to");
    }
  }
  return Status();
}

Result<std::shared_ptr<Source>> OpenSource(const InputDescription& input, std::size_t number, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint) {
  if (input.source != nullptr) {
    return input.source;
  }
  HF_ASSIGN_OR_RETURN(const std::int64_t cleanup_delay_ms, ParseDurationMs(std::string(conf_key::kSourceCleanupDelay),
                                                                           conf.Get(conf_key::kSourceCleanupDelay)));
  HF_ASSIGN_OR_RETURN(Options options, OptionsOf(input));
  HF_ASSIGN_OR_RETURN(auto source,
                      FileSource::Open(*environment.files, *environment.files, *environment.clock,
                                       {.format = input.format,
                                        .options = std::move(options),
                                        .schema = input.schema,
                                        .log_directory = fmt::format("{}/sources/{}", checkpoint, number),
                                        .time_zone = conf.Get(conf_key::kSessionTimeZone),
                                        .log = {.compact_interval = conf.GetInt(conf_key::kSourceCompactInterval),
                                                .cleanup_delay_ms = cleanup_delay_ms,
                                                .delete_expired = conf.GetBool(conf_key::kSourceDeletion),
                                                .min_batches_to_retain = conf.GetInt(conf_key::kMinBatchesToRetain)}}));
  return std::shared_ptr<Source>(std::move(source));
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
  plan.initial_state = description.initial_state;
  plan.output_mode = description.output_mode;
  plan.time_mode = description.time_mode;
  plan.trigger = description.trigger;
  plan.on_progress = description.on_progress;
  plan.on_message = description.on_message;
  HF_RETURN_IF_ERROR(CheckInputs(description, plan.conf));
  HF_ASSIGN_OR_RETURN(InputStreams streams, JoinInputs(description));
  plan.input = std::move(streams.schema);
  plan.watermarks = std::move(streams.watermarks);
  plan.event_time = streams.event_time;
  for (const std::optional<std::size_t>& watermark : streams.watermark_of) {
    plan.inputs.push_back({.source = nullptr, .watermark = watermark});
  }
  HF_ASSIGN_OR_RETURN(plan.sink, MakeSink(description, plan.conf, environment, plan.checkpoint));
  HF_RETURN_IF_ERROR(CheckPaths(description, plan.checkpoint));
  HF_ASSIGN_OR_RETURN(std::shared_ptr<ScratchDirectory> scratch,
                      ScratchDirectory::Make(plan.conf.Get(conf_key::kScratchDirectory), *environment.random));
  plan.scratch = std::shared_ptr<const std::string>(scratch, &scratch->path());
  return plan;
}

Status OpenSources(const QueryDescription& description, const Environment& environment, StreamPlan* plan) {
  for (std::size_t input = 0; input < plan->inputs.size(); ++input) {
    HF_ASSIGN_OR_RETURN(plan->inputs[input].source,
                        OpenSource(description.inputs[input], input, plan->conf, environment, plan->checkpoint));
  }
  return Status();
}

std::vector<SourceKind> SourceKindsOf(const QueryDescription& description) {
  std::vector<SourceKind> kinds;
  for (const InputDescription& input : description.inputs) {
    kinds.push_back(input.source == nullptr ? SourceKind::kFiles : SourceKind::kHost);
  }
  return kinds;
}

}  // namespace hf
