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

Json StateOperator(const BatchMeasures& measures) {
  Json state = Json::object();
  state["operatorName"] = measures.operator_name;
  state["numRowsTotal"] = measures.rows_total;
  state["numRowsUpdated"] = measures.rows_updated;
  state["numRowsRemoved"] = measures.rows_removed;
  state["allUpdatesTimeMs"] = measures.duration_ms.count("addBatch") != 0 ? measures.duration_ms.at("addBatch") : 0;
  state["allRemovalsTimeMs"] = 0;
  const auto commit = measures.duration_ms.find(kCommitStateDuration);
  state["commitTimeMs"] = commit == measures.duration_ms.end() ? 0 : commit->second;
  state["memoryUsedBytes"] = measures.memory_bytes;
  state["numRowsDroppedByWatermark"] = 0;
  state["numShufflePartitions"] = measures.partitions;
  state["numStateStoreInstances"] = measures.partitions;
  state["customMetrics"] = Metrics(measures.custom_metrics);
  return state;
}

}  // namespace

std::string IsoMillis(std::int64_t epoch_ms) {
  const date::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(epoch_ms)};
  return date::format("%FT%TZ", time);
}

StreamingQueryProgress MakeProgress(const BatchMeasures& measures) {
  const auto total = measures.duration_ms.find("triggerExecution");
  const std::int64_t batch_ms = total == measures.duration_ms.end() ? 0 : total->second;
  const double batch_seconds = static_cast<double>(batch_ms) / 1000.0;
  Json json = Json::object();
  json["id"] = measures.query_id;
  json["runId"] = measures.run_id;
  json["name"] = measures.name.empty() ? Json(nullptr) : Json(measures.name);
  json["timestamp"] = IsoMillis(measures.started_ms);
  json["batchId"] = measures.batch_id;
  json["batchDuration"] = batch_ms;
  json["numInputRows"] = measures.input_rows;
  SetRate(json, "inputRowsPerSecond", measures.input_rows, measures.seconds_since_last_trigger);
  SetRate(json, "processedRowsPerSecond", measures.input_rows, batch_seconds);
  json["durationMs"] = Metrics(measures.duration_ms);
  json["eventTime"] = Json::object();
  json["stateOperators"] = Json::array({StateOperator(measures)});
  Json source = Json::object();
  source["description"] = measures.source_description;
  source["startOffset"] = OffsetJson(measures.start_offset);
  source["endOffset"] = OffsetJson(measures.end_offset);
  source["latestOffset"] = nullptr;
  source["numInputRows"] = measures.input_rows;
  SetRate(source, "inputRowsPerSecond", measures.input_rows, measures.seconds_since_last_trigger);
  SetRate(source, "processedRowsPerSecond", measures.input_rows, batch_seconds);
  json["sources"] = Json::array({source});
  Json sink = Json::object();
  sink["description"] = measures.sink_description;
  sink["numOutputRows"] = measures.output_rows;
  json["sink"] = sink;
  json["observedMetrics"] = Json::object();
  return {.batch_id = measures.batch_id, .num_input_rows = measures.input_rows, .json = DumpJson(json)};
}

}  // namespace hf
