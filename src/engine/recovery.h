// SPDX-License-Identifier: Apache-2.0
// Recovery: what a checkpoint says about a query, and whether this query may go on from it.
//
// Everything is decided before anything is written. A batch with offsets/N but no commits/N is unfinished: it is run
// again with the offsets, timestamp, watermark and confs recorded there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/commit_log.h"
#include "checkpoint/offset_log.h"
#include "checkpoint/recovery_point.h"
#include "engine/conf.h"
#include "engine/operator_plan.h"
#include "engine/partition_task.h"
#include "engine/state_description.h"
#include "engine/stream_plan.h"
#include "engine/watermark.h"

namespace hf {

// Condition of a start on a checkpoint that another engine wrote last, without holdfast.continueForeign.
inline constexpr std::string_view kForeignCheckpoint = "HOLDFAST_FOREIGN_CHECKPOINT";

struct RecoveredOperator {
  std::vector<std::string> state_ids;  // of the state that the next batch reads, by partition; empty when that has none
  StateDescription state;
  std::shared_ptr<const OperatorPlan> plan;
};

struct Recovered {
  std::string query_id;
  bool is_new = false;  // no metadata file yet
  Conf conf;
  std::int64_t next_batch = 0;
  std::vector<SourceOffset> end_offsets;  // by input: where the last committed batch ended
  Watermark watermark;                    // of next_batch
  std::optional<OffsetSeq> unfinished;    // of next_batch
  std::size_t partitions = 0;
  bool unique_ids = false;                   // checkpoint format 2
  std::vector<RecoveredOperator> operators;  // as in the plan
};

// Reads the logs, runs the declaration pass and checks the declarations against every earlier schema
// (state/evolution.h). Writes nothing.
Result<Recovered> Recover(const StreamPlan& stream);
// The watermark of the batch that is run next. What another engine's event times made of it stays.
Watermark RecoverWatermark(const RecoveryPoint& point, const Conf& conf,
                           const std::vector<WatermarkOperator>& operators);
// Gives a new checkpoint its id. The last act of a start.
Status CreateCheckpoint(const StreamPlan& stream, const Recovered& recovered);

// The ids that a commit gives the state of one operator, by partition. kCorrupt when they are not `partitions`.
Result<std::vector<std::string>> StateIdsOf(const CommitMetadata& commit, std::int64_t operator_id,
                                            std::size_t partitions);
// How the checkpoint's state files are written, as its confs say: codec, list delimiter, row checksums. The rest is as
// StoreOptions has it.
StoreOptions StoreFormatOf(const Conf& conf);
// Spark 4.3 counts a plan's stateful operators from the sink on (IncrementalExecution; its chained checkpoints say so).
// `number`: the place in the query, from the sources on.
std::int64_t OperatorIdOf(const StreamPlan& stream, std::size_t number);
// <checkpoint>/state/<operator>/<partition>
std::string StateDirectory(const std::string& checkpoint, std::int64_t operator_id, std::size_t partition);
PartitionStateOptions StateOptionsOf(const StreamPlan& stream, const Recovered& recovered, std::int64_t operator_id,
                                     std::size_t partition);

}  // namespace hf
