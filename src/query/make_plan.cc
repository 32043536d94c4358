// SPDX-License-Identifier: Apache-2.0
#include "query/make_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "files/scratch_directory.h"
#include "query/local_path.h"
#include "query/make_sink.h"
#include "query/make_source.h"
#include "query/row_steps.h"
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
  if (description.operators.empty() ||
      std::any_of(description.operators.begin(), description.operators.end(),
                  [](const OperatorDescription& each) { return each.processor == nullptr; })) {
    return Invalid("the query has no stateful processor; call TransformWithState");
  }
  if (description.trigger.interval.count() < 0) {
    return Invalid(fmt::format("the interval of the trigger is {} ms, and should not be negative",
                               description.trigger.interval.count()));
  }
  if (description.output_mode == OutputMode::kComplete ||
      std::any_of(description.operators.begin(), description.operators.end(),
                  [](const OperatorDescription& each) { return each.output_mode == OutputMode::kComplete; })) {
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

// Spark 4.3 RealTimeModeAllowlist and MicroBatchExecution. The format of an existing checkpoint is recovery's matter.
Status CheckRealTime(const QueryDescription& description, const StreamPlan& plan) {
  if (description.trigger.kind != Trigger::Kind::kRealTime) {
    return Status();
  }
  const std::int64_t least_ms = plan.conf.GetInt(conf_key::kRealTimeMinMs);
  if (description.trigger.interval.count() < std::max<std::int64_t>(least_ms, 1)) {
    return Invalid(fmt::format("the real-time trigger interval is {} ms, and {} asks for {} ms at least",
                               description.trigger.interval.count(), conf_key::kRealTimeMinMs, least_ms),
                   "INVALID_STREAMING_REAL_TIME_MODE_TRIGGER_INTERVAL");
  }
  if (description.output_mode != OutputMode::kUpdate) {
    return Invalid("the real-time trigger is for output mode Update: rows go out before their batch is committed",
                   "STREAMING_REAL_TIME_MODE.OUTPUT_MODE_NOT_SUPPORTED");
  }
  if (!plan.sink->TakesRowsAtOnce()) {
    return Invalid(fmt::format("the sink {} takes the rows of a batch when that ends, and cannot be used with the "
                               "real-time trigger; use foreach, foreachBatch, memory or console",
                               plan.sink->description()),
                   "STREAMING_REAL_TIME_MODE.OPERATOR_OR_SINK_NOT_IN_ALLOWLIST");
  }
  return Status();
}

// Of a query with the real-time trigger a new checkpoint has format 2, where nothing else is said (Spark 4.3).
Options ConfOf(const QueryDescription& description) {
  Options conf = description.conf;
  if (description.trigger.kind == Trigger::Kind::kRealTime) {
    conf.emplace(conf_key::kFormatVersion, "2");
  }
  return conf;
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

// Expressions are those of Spark's default dialect; another one would have other values for the same words.
Status CheckDialect(const Options& conf) {
  static const std::pair<std::string_view, std::string_view> kDefaults[] = {
      {"spark.sql.ansi.enabled", "true"},
      {"spark.sql.caseSensitive", "false"},
      {"spark.sql.timestampType", "TIMESTAMP_LTZ"},
      {"spark.sql.parser.escapedStringLiterals", "false"},
      {"spark.sql.ansi.doubleQuotedIdentifiers", "false"},
      {"spark.sql.decimalOperations.allowPrecisionLoss", "true"},
  };
  for (const auto& [key, value] : kDefaults) {
    const auto set = conf.find(std::string(key));
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(b); };
    if (set != conf.end() && !std::equal(set->second.begin(), set->second.end(), value.begin(), value.end(), same)) {
      return Invalid(
          fmt::format("the query has SQL expressions, which are evaluated with {}={}, but {} is set; leave it "
                      "out, or use MapBatches",
                      key, value, set->second),
          "HOLDFAST_UNPROVEN_EXPRESSION");
    }
  }
  return Status();
}

bool HasExpressions(const std::vector<StepDescription>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const StepDescription& step) {
    return !std::holds_alternative<WatermarkDescription>(step.what) &&
           !std::holds_alternative<MapBatchesDescription>(step.what);
  });
}

std::string MissingEventTime(const StreamPlan& plan, std::size_t number) {
  if (number > 0) {
    return fmt::format("processor {} of the query gets none from the one before it; name it by OutputEventTime there{}",
                       number + 1, plan.watermarks.empty() ? ", and call WithWatermark on the query's input" : "");
  }
  if (plan.watermarks.empty()) {
    return "call WithWatermark with the column of event times and a delay";
  }
  return plan.inputs.front().watermark.has_value()
             ? "that of the watermark is left out on the way to the processor; keep it"
             : "call WithWatermark on the first input of the union, too";
}

// Returns the columns that the sink gets.
Result<Schema> PlanOperators(const QueryDescription& description, const InputStreams& streams, const TimeZone& zone,
                             StreamPlan* plan) {
  Schema input = streams.schema;
  std::optional<std::size_t> event_time = streams.event_time;
  bool has_watermark = true;
  for (std::size_t number = 0; number < description.operators.size(); ++number) {
    const OperatorDescription& described = description.operators[number];
    HF_RETURN_IF_ERROR(CheckEventTime(described.time_mode, event_time, MissingEventTime(*plan, number)));
    HF_ASSIGN_OR_RETURN(OperatorOutput output, ResolveOutput(described, !plan->watermarks.empty(), zone));
    plan->operators.push_back({.input = std::move(input),
                               .grouping_columns = described.grouping_columns,
                               .processor = described.processor,
                               .initial_state = described.initial_state,
                               .time_mode = described.time_mode,
                               .output_mode = described.output_mode.value_or(description.output_mode),
                               .event_time = event_time,
                               .output_event_time = output.processor_event_time,
                               .steps = std::move(output.steps),
                               .has_watermark = has_watermark});
    has_watermark = has_watermark && described.time_mode != TimeMode::kProcessingTime;
    input = std::move(output.schema);
    event_time = output.event_time;
  }
  return input;
}

}  // namespace

Result<StreamPlan> MakePlan(const QueryDescription& description, const Environment& environment) {
  HF_RETURN_IF_ERROR(CheckComplete(description));
  StreamPlan plan;
  HF_ASSIGN_OR_RETURN(plan.conf, Conf::Make(ConfOf(description)));
  plan.files = environment.files;
  plan.clock = environment.clock;
  plan.random = environment.random;
  plan.name = description.name;
  HF_ASSIGN_OR_RETURN(plan.checkpoint, LocalPath(description.checkpoint_location));
  plan.trigger = description.trigger;
  plan.on_progress = description.on_progress;
  plan.on_message = description.on_message;
  HF_RETURN_IF_ERROR(CheckInputs(description, plan.conf));
  if (HasExpressions(description.steps) ||
      std::any_of(description.operators.begin(), description.operators.end(),
                  [](const OperatorDescription& each) { return HasExpressions(each.steps); })) {
    HF_RETURN_IF_ERROR(CheckDialect(description.conf));
  }
  HF_ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find(plan.conf.Get(conf_key::kSessionTimeZone)));
  HF_ASSIGN_OR_RETURN(InputStreams streams, JoinInputs(description, zone));
  plan.inputs = std::move(streams.inputs);
  plan.watermarks = std::move(streams.watermarks);
  HF_ASSIGN_OR_RETURN(const Schema result, PlanOperators(description, streams, zone, &plan));
  HF_ASSIGN_OR_RETURN(plan.sink, MakeSink(description, result, plan.conf, environment, plan.checkpoint));
  HF_RETURN_IF_ERROR(CheckRealTime(description, plan));
  HF_RETURN_IF_ERROR(CheckPaths(description, plan.checkpoint));
  HF_ASSIGN_OR_RETURN(std::shared_ptr<ScratchDirectory> scratch,
                      ScratchDirectory::Make(plan.conf.Get(conf_key::kScratchDirectory), *environment.random));
  plan.scratch = std::shared_ptr<const std::string>(scratch, &scratch->path());
  return plan;
}

Status OpenSources(const QueryDescription& description, const Environment& environment, StreamPlan* plan) {
  for (std::size_t input = 0; input < plan->inputs.size(); ++input) {
    const auto tell = [plan](LogLevel level, std::string_view message) { plan->Tell(level, message); };
    const SourcePlace place = {.number = input, .checkpoint = plan->checkpoint, .tell = tell};
    HF_ASSIGN_OR_RETURN(plan->inputs[input].source,
                        OpenSource(description.inputs[input], plan->conf, environment, place));
    HF_RETURN_IF_ERROR(CheckColumns(plan->inputs[input].source->schema(), plan->inputs[input].schema));
    plan->inputs[input].source->BeginQuery();
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
