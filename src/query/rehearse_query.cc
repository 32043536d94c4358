// SPDX-License-Identifier: Apache-2.0
#include "holdfast/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/caught.h"
#include "connect/memory/memory_sink.h"
#include "engine/batch_runner.h"
#include "engine/continuing.h"
#include "files/overlay_file_system.h"
#include "files/scratch_directory.h"
#include "inspect/beside_writer.h"
#include "inspect/state_difference.h"
#include "query/environment.h"
#include "query/local_path.h"
#include "query/make_plan.h"

namespace hf {

namespace {

// What a rehearsal leaves for whoever looks at the difference.
struct Stage {
  std::unique_ptr<ScratchDirectory> scratch;  // first, so that it goes last
  std::shared_ptr<FileSystem> base;
  std::shared_ptr<FileSystem> overlay;
  Random* random = nullptr;
  std::string checkpoint;
  // By operator id.
  std::map<std::int64_t, CheckpointView> before;  // empty: nothing was committed yet
  std::map<std::int64_t, CheckpointView> after;   // empty: no batch was run
};

// An overlay that shows the query's logs as they were at one moment, also when a query is writing them: between two
// looks at the offsets that are the same nothing was begun, so that the commits seen between them go with these.
Result<std::shared_ptr<FileSystem>> MakeOverlay(const std::shared_ptr<FileSystem>& base, const std::string& checkpoint,
                                                std::size_t inputs, const std::string& written) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto overlay = std::make_shared<OverlayFileSystem>(base, ProcessEnvironment().files, written);
    HF_ASSIGN_OR_RETURN(const auto offsets, overlay->List(checkpoint + "/offsets"));
    HF_RETURN_IF_ERROR(overlay->List(checkpoint + "/commits").status());
    for (std::size_t input = 0; input < inputs; ++input) {
      HF_RETURN_IF_ERROR(overlay->List(fmt::format("{}/sources/{}", checkpoint, input)).status());
    }
    HF_ASSIGN_OR_RETURN(const auto offsets_now, base->List(checkpoint + "/offsets"));
    if (std::equal(offsets.begin(), offsets.end(), offsets_now.begin(), offsets_now.end(),
                   [](const FileInfo& a, const FileInfo& b) { return a.name == b.name; })) {
      return std::shared_ptr<FileSystem>(std::move(overlay));
    }
  }
  return Unavailable(
      fmt::format("a query begins one batch after the other in {}, too fast to look at one between them; try again, or "
                  "rehearse on a copy",
                  checkpoint));
}

const CheckpointView* ViewOf(const std::map<std::int64_t, CheckpointView>& views, std::int64_t operator_id) {
  const auto found = views.find(operator_id);
  return found == views.end() ? nullptr : &found->second;
}

// What the variable was, where the checkpoint has it, else what it is now.
const StateVariableInfo* FindVariable(const Stage& stage, const RehearsedVariable& asked) {
  for (const auto* views : {&stage.before, &stage.after}) {
    const CheckpointView* view = ViewOf(*views, asked.operator_id);
    if (view == nullptr) {
      continue;
    }
    for (const StateVariableInfo& variable : view->metadata.variables) {
      if (variable.name == asked.name && variable.type != kTimerStateType) {
        return &variable;
      }
    }
  }
  return nullptr;
}

Result<StateDifference> ReadDifference(const Stage& stage, const RehearsedVariable& asked,
                                       const std::function<Status(const ColumnBatch&)>& visit) {
  const CheckpointView* after = ViewOf(stage.after, asked.operator_id);
  if (after == nullptr) {
    return Invalid("no batch was rehearsed, so that there is no difference to read");
  }
  const StateVariableInfo* variable = FindVariable(stage, asked);
  if (variable == nullptr) {
    return Invalid(fmt::format("neither the checkpoint nor the new version has a state variable {}", asked.name));
  }
  return CompareState({.files = stage.base.get(),
                       .view = ViewOf(stage.before, asked.operator_id),
                       .scratch = stage.scratch->path() + "/before"},
                      {.files = stage.overlay.get(), .view = after, .scratch = stage.scratch->path() + "/after"},
                      *variable, stage.random, visit);
}

// Those of the checkpoint, then those that are new.
std::vector<RehearsedVariable> VariablesOf(const Stage& stage, std::int64_t operator_id,
                                           const StateDescription& declared) {
  std::vector<RehearsedVariable> variables;
  if (const CheckpointView* before = ViewOf(stage.before, operator_id); before != nullptr) {
    for (const StateVariableInfo& variable : before->metadata.variables) {
      const StateFamilySchema* latest = before->Latest(variable.name);
      if (variable.type != kTimerStateType && latest != nullptr) {
        variables.push_back({.operator_id = operator_id,
                             .name = variable.name,
                             .kind = variable.type,
                             .schema_id_before = latest->value_schema_id,
                             .schema_id_after = std::nullopt});
      }
    }
  }
  for (const StateVariableInfo& variable : declared.metadata.variables) {
    if (variable.type == kTimerStateType) {
      continue;
    }
    auto found = std::find_if(variables.begin(), variables.end(),
                              [&](const RehearsedVariable& known) { return known.name == variable.name; });
    if (found == variables.end()) {
      variables.push_back({.operator_id = operator_id,
                           .name = variable.name,
                           .kind = variable.type,
                           .schema_id_before = std::nullopt,
                           .schema_id_after = std::nullopt});
      found = variables.end() - 1;
    }
    if (const VariablePlan* plan = declared.plan.Find(variable.name); plan != nullptr) {
      found->schema_id_after = plan->stored_id;
    }
  }
  return variables;
}

// A foreign checkpoint is opened all the same: nothing is written into it.
Result<std::unique_ptr<BatchRunner>> Open(StreamPlan* plan, const QueryDescription& description,
                                          std::vector<std::string>* notes) {
  auto runner = BatchRunner::Open(*plan);
  if (runner.ok() || runner.status().condition() != kForeignCheckpoint) {
    return runner;
  }
  notes->push_back(
      fmt::format("the last batch of {} was planned by another engine: the real run needs {}=true (holdfast run "
                  "--continue-foreign), once the other query is stopped for good",
                  plan->checkpoint, conf_key::kContinueForeign));
  Options conf = description.conf;
  conf[std::string(conf_key::kContinueForeign)] = "true";
  HF_ASSIGN_OR_RETURN(plan->conf, Conf::Make(conf));
  return BatchRunner::Open(*plan);
}

Status RunBatch(const StreamPlan& plan, BatchRunner* runner, Rehearsal* rehearsal) {
  if (plan.trigger.kind != Trigger::Kind::kProcessingTime) {
    HF_RETURN_IF_ERROR(runner->FixAvailable(plan.trigger.kind == Trigger::Kind::kOnce));
  }
  HF_ASSIGN_OR_RETURN(const auto progress, runner->RunNextBatch());
  if (progress.has_value()) {
    rehearsal->batch_id = progress->batch_id;
    rehearsal->input_rows = progress->num_input_rows;
  }
  // Not clean: the source would be told that the batch is processed.
  return runner->Close(false);
}

Result<Rehearsal> RehearseOnce(const QueryDescription& description, const Environment& environment) {
  HF_ASSIGN_OR_RETURN(const Conf conf, Conf::Make(description.conf));
  auto stage = std::make_shared<Stage>();
  HF_ASSIGN_OR_RETURN(stage->scratch,
                      ScratchDirectory::Make(conf.Get(conf_key::kScratchDirectory), *environment.random));
  stage->base = environment.files;
  HF_ASSIGN_OR_RETURN(const std::string checkpoint, LocalPath(description.checkpoint_location));
  HF_ASSIGN_OR_RETURN(stage->overlay, MakeOverlay(environment.files, checkpoint, description.inputs.size(),
                                                  stage->scratch->path() + "/written"));
  stage->random = environment.random;
  stage->checkpoint = checkpoint;
  const Environment overlaid = {.files = stage->overlay, .clock = environment.clock, .random = environment.random};
  HF_ASSIGN_OR_RETURN(StreamPlan plan, MakePlan(description, overlaid));
  HF_RETURN_IF_ERROR(CheckContinuable(*stage->overlay, plan.checkpoint, SourceKindsOf(description)));
  const auto sink = std::make_shared<MemorySink>();
  plan.sink = sink;
  plan.on_progress = nullptr;
  HF_RETURN_IF_ERROR(OpenSources(description, overlaid, &plan));
  Rehearsal rehearsal;
  HF_ASSIGN_OR_RETURN(const auto runner, Open(&plan, description, &rehearsal.notes));
  const Recovered& recovered = runner->recovered();
  for (const std::string& sentence : recovered.conf.NotInForce()) {
    rehearsal.notes.push_back(sentence);
  }
  rehearsal.is_rerun = recovered.unfinished.has_value();
  for (const RecoveredOperator& each : recovered.operators) {
    const std::int64_t operator_id = each.plan->operator_id;
    rehearsal.notes.insert(rehearsal.notes.end(), each.state.notes.begin(), each.state.notes.end());
    if (recovered.next_batch > 0) {
      HF_ASSIGN_OR_RETURN(stage->before[operator_id],
                          CheckpointView::Open(*stage->base, plan.checkpoint, operator_id, recovered.next_batch - 1));
    }
    const std::vector<RehearsedVariable> variables = VariablesOf(*stage, operator_id, each.state);
    rehearsal.variables.insert(rehearsal.variables.end(), variables.begin(), variables.end());
  }
  HF_RETURN_IF_ERROR(Caught([&] { return RunBatch(plan, runner.get(), &rehearsal); }));
  rehearsal.output_schema = sink->schema();
  rehearsal.output = sink->batches();
  for (const RecoveredOperator& each : recovered.operators) {
    if (rehearsal.batch_id.has_value()) {
      HF_ASSIGN_OR_RETURN(
          stage->after[each.plan->operator_id],
          CheckpointView::Open(*stage->overlay, plan.checkpoint, each.plan->operator_id, rehearsal.batch_id));
    }
  }
  rehearsal.read_difference = [stage](const RehearsedVariable& variable,
                                      const std::function<Status(const ColumnBatch&)>& visit) {
    Result<StateDifference> difference = ReadDifference(*stage, variable, visit);
    // Read once only: `visit` has seen a part of it.
    const auto now = CommittedBatches(*stage->base, stage->checkpoint);
    if (!difference.ok() && !stage->before.empty() && MayBePurged(difference.status()) && now.ok() &&
        now->back() != stage->before.begin()->second.batch) {
      return Result<StateDifference>(BatchPurged(stage->checkpoint, variable.name,
                                                 {stage->before.begin()->second.batch}, *now, difference.status()));
    }
    return difference;
  };
  return rehearsal;
}

}  // namespace

Result<Rehearsal> RehearseQuery(const QueryDescription& description, const Environment& environment) {
  HF_ASSIGN_OR_RETURN(const std::string checkpoint, LocalPath(description.checkpoint_location));
  return ReadBesideWriter(*environment.files, checkpoint, [&] { return RehearseOnce(description, environment); });
}

Result<Rehearsal> RehearseQuery(const QueryDescription& description) {
  return RehearseQuery(description, ProcessEnvironment());
}

}  // namespace hf
