// SPDX-License-Identifier: Apache-2.0
// PartitionTask: one partition of one operator through a batch.
//
//   Load(id)     confirms a version and forgets everything later
//   Feed(rows)   adds input rows of this partition, in source order
//   Finish()     groups them, runs the processor over every key, returns output and the version to commit
//   Abort()      forgets the batch
//
// A task knows nothing of checkpoint logs, sources and sinks and starts no thread, so that somebody else can drive
// one partition. A processor may be exchanged between two batches (a new task on the same version): decoded values are
// not kept, bytes are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/grouping.h"
#include "engine/operator_plan.h"
#include "engine/processor_handle.h"
#include "state/partition_state.h"

namespace hf {

// What a batch fixes for all its tasks.
struct TaskBatch {
  QueryInfo query;
  TimerValues timer_values;
};

struct TaskOutput {
  ColumnBatch rows;
  PreparedVersion version;
};

class PartitionTask {
 public:
  // Nothing is opened yet. `plan` outlives the task.
  PartitionTask(const OperatorPlan& plan, PartitionStateOptions state_options)
      : plan_(&plan), options_(std::move(state_options)) {}

  // The first call recovers the version. Later calls confirm it when it is the prepared one, do nothing when it is the
  // present one, and otherwise recover it anew.
  Status Load(const VersionId& id);
  // `rows` are positions in `batch`, whose schema is the plan's input.
  void Feed(ColumnBatch batch, std::vector<std::uint32_t> rows);
  // On failure the batch is as aborted.
  Result<TaskOutput> Finish(const TaskBatch& batch);
  // Brings a version with PreparedVersion::publish_now to its snapshot; between Finish and Load.
  Status PublishNow() { return state_->PublishNow(); }
  void Abort();
  // The earliest time, in milliseconds of the time mode's clock, at which the loaded version has something to do
  // without rows; nullopt: never, as values have no expiry.
  [[nodiscard]] Result<std::optional<std::int64_t>> NextExpiry() const { return std::optional<std::int64_t>(); }

  // The store of the loaded version, for maintenance between batches.
  [[nodiscard]] Store& store() { return state_->store(); }
  [[nodiscard]] std::size_t cell_bytes() const { return state_->cell_bytes(); }

 private:
  void GroupRows();
  // Groups begin to end - 1.
  struct KeyRange {
    std::size_t begin;
    std::size_t end;
  };
  Status RunKeys(AnyProcessor& processor, const TaskBatch& batch, RowAppender& out);
  // `key` is an object of the key's layout to work with.
  void EncodeKeys(KeyRange range, void* key);
  Status CallProcessor(KeyRange range, AnyProcessor& processor, const TaskBatch& batch, RowAppender& out, void* key);
  Result<TaskOutput> Process(const TaskBatch& batch);
  // For messages: the current key as text.
  [[nodiscard]] std::string KeyText(std::size_t group) const;

  const OperatorPlan* plan_;
  const PartitionStateOptions options_;
  std::unique_ptr<PartitionState> state_;
  VersionId loaded_;
  std::optional<VersionId> prepared_;
  std::vector<ColumnBatch> batches_;
  std::vector<std::vector<std::uint32_t>> rows_;  // by batch
  std::vector<std::string> key_arenas_;           // order-preserving keys that are not views of a column
  Grouping grouping_;
  GroupKeys keys_;
};

}  // namespace hf
