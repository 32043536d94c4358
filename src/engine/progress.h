// SPDX-License-Identifier: Apache-2.0
// Progress: what a batch did, as Spark's StreamingQueryProgress JSON (Spark 4.3 progress.scala: field names and order).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/operator_plan.h"
#include "engine/partition_task.h"
#include "engine/stopwatch.h"
#include "engine/watermark.h"
#include "holdfast/query.h"

namespace hf {

// The part of addBatch that makes state durable; also the operator's commitTimeMs.
inline constexpr const char* kCommitStateDuration = "holdfastCommitState";

struct SourceMeasures {
  std::string description = {};
  SourceOffset start_offset = {};
  SourceOffset end_offset = {};
  std::int64_t rows = 0;
};

struct OperatorMeasures {
  std::string operator_name = {};
  std::int64_t rows_total = 0;
  std::int64_t rows_updated = 0;
  std::int64_t rows_removed = 0;
  std::int64_t rows_dropped_by_watermark = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t partitions = 0;
  std::int64_t removals_ms = 0;
  std::map<std::string, std::int64_t> custom_metrics = {};
  // Of the variables with several schemas, by name; Spark has nothing like it.
  struct Evolution {
    int stored_id = 0;  // of the schema that rows are written with
    SchemaUse use = {};
  };
  std::map<std::string, Evolution> evolution = {};
};

// What the engine measures in a batch. Durations in milliseconds under Spark's names (addBatch, walCommit ...).
struct BatchMeasures {
  std::string query_id;
  std::string run_id;
  std::string name;
  std::int64_t batch_id = 0;
  std::int64_t started_ms = 0;  // since the epoch
  // Beside Spark's, three parts of addBatch: holdfastProcess, holdfastCommitState and holdfastCommitSink.
  std::map<std::string, std::int64_t> duration_ms;
  double seconds_since_last_trigger = 0;  // 0: unknown
  std::vector<SourceMeasures> sources;
  // nullopt: the query has no watermark.
  std::optional<std::int64_t> watermark_ms;
  EventTimes event_times;  // of the first watermark operator that saw any, as in Spark
  std::string sink_description;
  std::int64_t output_rows = 0;
  std::vector<OperatorMeasures> operators;  // in their order in the query

  // Measures one of the durations as long as it lives.
  [[nodiscard]] Stopwatch Time(Clock& clock, const char* duration) {
    return Stopwatch(clock, &duration_ms[duration], Stopwatch::kMillis);
  }
};

// What the tasks of an operator did, by partition.
OperatorMeasures MeasureTasks(const OperatorPlan& plan, const std::vector<TaskOutput>& outputs);

StreamingQueryProgress MakeProgress(const BatchMeasures& measures);

// "2026-01-01T00:00:00.000Z"
std::string IsoMillis(std::int64_t epoch_ms);

}  // namespace hf
