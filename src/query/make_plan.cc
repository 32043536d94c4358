// SPDX-License-Identifier: Apache-2.0
#include "query/make_plan.h"

#include <fmt/format.h>

#include <set>

#include "files/scratch_directory.h"
#include "query/input_streams.h"
#include "query/local_path.h"
#include "query/make_sink.h"
#include "query/make_source.h"
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

Status CheckPaths(const QueryDescription& description, const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::string sink, SinkDirectory(description));
  for (const InputDescription& input : description.inputs) {
    QueryPaths paths = {.source = {}, .sink = sink, .checkpoint = checkpoint};
    HF_ASSIGN_OR_RETURN(paths.source, InputDirectory(input));
    HF_RETURN_IF_ERROR(CheckSeparate(paths));
  }
  return Status();
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

// A table may have got other columns since the plan was made.
Status CheckColumns(const Schema& opened, const Schema& planned) {
  bool is_same = opened.size() == planned.size();
  for (std::size_t column = 0; is_same && column < opened.size(); ++column) {
    is_same = opened.field(column).type == planned.field(column).type;
  }
  return is_same
             ? Status()
             : Unavailable(fmt::format("the columns of the input changed from {} to {} while the query was started; "
                                       "start it again",
                                       planned.ToDdl(), opened.ToDdl()));
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
    const SourcePlace place = {.number = input, .checkpoint = plan->checkpoint, .on_message = plan->on_message};
    HF_ASSIGN_OR_RETURN(plan->inputs[input].source,
                        OpenSource(description.inputs[input], plan->conf, environment, place));
    HF_RETURN_IF_ERROR(CheckColumns(plan->inputs[input].source->schema(), plan->input));
  }
  return Status();
}

std::vector<SourceKind> SourceKindsOf(const QueryDescription& description) {
  std::vector<SourceKind> kinds;
  for (const InputDescription& input : description.inputs) {
    kinds.push_back(SourceKindOf(input));
  }
  return kinds;
}

}  // namespace hf
