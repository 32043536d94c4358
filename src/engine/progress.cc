// SPDX-License-Identifier: Apache-2.0
#include "engine/progress.h"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "base/json.h"

namespace hf {

namespace {

// An offset is JSON of the source's own; what does not parse is shown as text (Spark does the same).
Json OffsetJson(const SourceOffset& offset) {
  if (!offset.has_value()) {
    return nullptr;
  }
  auto parsed = ParseJson(*offset);
  return parsed.ok() ? std::move(parsed).value() : Json(*offset);
}

Json Metrics(const std::map<std::string, std::int64_t>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) {
    object[key] = value;
  }
  return object;
}

// Spark leaves a rate out when it is not a number.
void SetRate(Json& object, const char* key, std::int64_t rows, double seconds) {
  if (seconds > 0) {
    object[key] = static_cast<double>(rows) / seconds;
  }
}

Json BySchemaId(const std::map<int, std::int64_t>& rows) {
  Json object = Json::object();
  for (const auto& [id, count] : rows) {
    object[std::to_string(id)] = count;
  }
  return object;
}

Json Evolution(const OperatorMeasures& of) {
  Json variables = Json::object();
  for (const auto& [name, evolution] : of.evolution) {
    Json& variable = variables[name] = Json::object();
    variable["schemaId"] = evolution.stored_id;
    variable["rowsRead"] = BySchemaId(evolution.use.read);
    variable["rowsRewritten"] = BySchemaId(evolution.use.rewritten);
  }
  return variables;
}

Json StateOperator(const OperatorMeasures& of, const BatchMeasures& measures) {
  Json state = Json::object();
  state["operatorName"] = of.operator_name;
  state["numRowsTotal"] = of.rows_total;
  state["numRowsUpdated"] = of.rows_updated;
  state["numRowsRemoved"] = of.rows_removed;
  state["allUpdatesTimeMs"] = measures.duration_ms.count("addBatch") != 0 ? measures.duration_ms.at("addBatch") : 0;
  state["allRemovalsTimeMs"] = of.removals_ms;
  const auto commit = measures.duration_ms.find(kCommitStateDuration);
  state["commitTimeMs"] = commit == measures.duration_ms.end() ? 0 : commit->second;
  state["memoryUsedBytes"] = of.memory_bytes;
  state["numRowsDroppedByWatermark"] = of.rows_dropped_by_watermark;
  state["numShufflePartitions"] = of.partitions;
  state["numStateStoreInstances"] = of.partitions;
  state["customMetrics"] = Metrics(of.custom_metrics);
  if (!of.evolution.empty()) {
    state["evolution"] = Evolution(of);
  }
  return state;
}

// Spark 4.3 ProgressReporter: the watermark of the batch, and the event times of its rows when it has any.
Json EventTime(const BatchMeasures& measures) {
  Json event_time = Json::object();
  if (!measures.watermark_ms.has_value()) {
    return event_time;
  }
  if (!measures.event_times.empty()) {
    event_time["avg"] = IsoMillis(measures.event_times.avg_ms());
    event_time["max"] = IsoMillis(measures.event_times.max_ms());
    event_time["min"] = IsoMillis(measures.event_times.min_ms());
  }
  event_time["watermark"] = IsoMillis(*measures.watermark_ms);
  return event_time;
}

Json SourceProgress(const SourceMeasures& measures, double seconds_since_last_trigger, double batch_seconds) {
  Json source = Json::object();
  source["description"] = measures.description;
  source["startOffset"] = OffsetJson(measures.start_offset);
  source["endOffset"] = OffsetJson(measures.end_offset);
  source["latestOffset"] = nullptr;
  source["numInputRows"] = measures.rows;
  SetRate(source, "inputRowsPerSecond", measures.rows, seconds_since_last_trigger);
  SetRate(source, "processedRowsPerSecond", measures.rows, batch_seconds);
  return source;
}

// Spark 4.3 StatefulProcessorHandleImpl: counted once a partition.
const char* VariableMetric(const VariablePlan& variable) {
  switch (variable.kind) {
    case VariableKind::kValue: return variable.has_ttl ? "numValueStateWithTTLVars" : "numValueStateVars";
    case VariableKind::kList: return variable.has_ttl ? "numListStateWithTTLVars" : "numListStateVars";
    case VariableKind::kMap: return variable.has_ttl ? "numMapStateWithTTLVars" : "numMapStateVars";
  }
  return "";
}

void Add(const std::map<int, std::int64_t>& rows, std::map<int, std::int64_t>* sum) {
  for (const auto& [id, count] : rows) {
    (*sum)[id] += count;
  }
}

void AddUse(const OperatorPlan& plan, const TaskOutput& output, OperatorMeasures* measures) {
  for (const auto& [name, use] : output.schema_use) {
    OperatorMeasures::Evolution& evolution = measures->evolution[name];
    evolution.stored_id = plan.state.Find(name)->stored_id;
    Add(use.read, &evolution.use.read);
    Add(use.rewritten, &evolution.use.rewritten);
  }
}

}  // namespace

OperatorMeasures MeasureTasks(const OperatorPlan& plan, const std::vector<TaskOutput>& outputs) {
  OperatorMeasures measures;
  std::map<std::string, std::int64_t>& metrics = measures.custom_metrics;
  for (const char* name :
       {"numValueStateVars", "numValueStateWithTTLVars", "numListStateVars", "numListStateWithTTLVars",
        "numMapStateVars", "numMapStateWithTTLVars", "numDeletedStateVars"}) {
    metrics[name] = 0;
  }
  measures.partitions = static_cast<std::int64_t>(outputs.size());
  for (const VariablePlan& variable : plan.state.variables) {
    metrics[VariableMetric(variable)] += measures.partitions;
  }
  std::int64_t initial_state_us = 0;
  std::int64_t timers_us = 0;
  std::int64_t removals_us = 0;
  for (const TaskOutput& output : outputs) {  // Spark adds up the times of its tasks, too
    initial_state_us += output.initial_state_us;
    timers_us += output.timers_us;
    removals_us += output.removal_us;
    measures.rows_updated += output.version.rows_put;
    measures.rows_removed += output.version.rows_removed;
    metrics["numDeletedStateVars"] += output.deleted_variables;
    metrics["numRegisteredTimers"] += output.registered_timers;
    metrics["numDeletedTimers"] += output.deleted_timers;
    metrics["numExpiredTimers"] += output.expired_timers;
    metrics["numValuesRemovedDueToTTLExpiry"] += output.expired_values;
    AddUse(plan, output, &measures);
  }
  metrics["initialStateProcessingTimeMs"] = initial_state_us / 1000;
  metrics["timerProcessingTimeMs"] = timers_us / 1000;
  measures.removals_ms = removals_us / 1000;
  return measures;
}

std::string IsoMillis(std::int64_t epoch_ms) {
  const date::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(epoch_ms)};
  return date::format("%FT%TZ", time);
}

StreamingQueryProgress MakeProgress(const BatchMeasures& measures) {
  const auto total = measures.duration_ms.find("triggerExecution");
  const std::int64_t batch_ms = total == measures.duration_ms.end() ? 0 : total->second;
  const double batch_seconds = static_cast<double>(batch_ms) / 1000.0;
  std::int64_t input_rows = 0;
  for (const SourceMeasures& source : measures.sources) {
    input_rows += source.rows;
  }
  Json json = Json::object();
  json["id"] = measures.query_id;
  json["runId"] = measures.run_id;
  json["name"] = measures.name.empty() ? Json(nullptr) : Json(measures.name);
  json["timestamp"] = IsoMillis(measures.started_ms);
  json["batchId"] = measures.batch_id;
  json["batchDuration"] = batch_ms;
  json["numInputRows"] = input_rows;
  SetRate(json, "inputRowsPerSecond", input_rows, measures.seconds_since_last_trigger);
  SetRate(json, "processedRowsPerSecond", input_rows, batch_seconds);
  json["durationMs"] = Metrics(measures.duration_ms);
  json["eventTime"] = EventTime(measures);
  // Spark 4.3 ProgressContext: as they are met from the sink on.
  json["stateOperators"] = Json::array();
  for (auto each = measures.operators.rbegin(); each != measures.operators.rend(); ++each) {
    json["stateOperators"].push_back(StateOperator(*each, measures));
  }
  json["sources"] = Json::array();
  for (const SourceMeasures& source : measures.sources) {
    json["sources"].push_back(SourceProgress(source, measures.seconds_since_last_trigger, batch_seconds));
  }
  Json sink = Json::object();
  sink["description"] = measures.sink_description;
  sink["numOutputRows"] = measures.output_rows;
  json["sink"] = sink;
  json["observedMetrics"] = Json::object();
  return {.batch_id = measures.batch_id, .num_input_rows = input_rows, .json = DumpJson(json)};
}

}  // namespace hf
