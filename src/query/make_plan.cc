// SPDX-License-Identifier: Apache-2.0
#include "query/make_plan.h"

#include <fmt/format.h>

#include "files/scratch_directory.h"
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
  if (description.processor == nullptr) {
    return Invalid("the query has no stateful processor; call TransformWithState");
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

Status CheckPaths(const QueryDescription& description, const std::string& checkpoint) {
  QueryPaths paths = {.source = {}, .sink = {}, .checkpoint = checkpoint};
  HF_ASSIGN_OR_RETURN(paths.source, SourceDirectory(description));
  HF_ASSIGN_OR_RETURN(paths.sink, SinkDirectory(description));
  return CheckSeparate(paths);
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

}  // namespace hf
