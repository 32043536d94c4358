// SPDX-License-Identifier: Apache-2.0
// PartitionTask: one partition of one operator through a batch.
//
//   Load(id)     confirms a version and forgets everything later
//   Feed(rows)   adds input rows of this partition, in source order
//   Finish()     groups them, runs the processor over every key and every timer that is due, removes what has expired,
//                returns output and the version to commit
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
  std::int64_t input_rows = 0;
  // Timers that fired; calls that registered and deleted some, the deletions of those that fired included (Spark's
  // numDeletedTimers).
  std::int64_t expired_timers = 0;
  std::int64_t registered_timers = 0;
  std::int64_t deleted_timers = 0;
  std::int64_t expired_values = 0;  // of variables with TTL
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
  // The earliest time, in ms of the clock of the time mode, at which the loaded version has a timer or, with TTL, a
  // value to end; nullopt: never.
  Result<std::optional<std::int64_t>> NextExpiry();

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
  // What a batch's processor runs with.
  struct Run {
    AnyProcessor& processor;
    ProcessorHandle& handle;
    const TaskBatch& batch;
    RowAppender& out;
    void* key;  // an object of the key's layout to work with
    TaskOutput* output;
  };
  Status RunAll(const Run& run);
  Status RunKeys(const Run& run);
  void EncodeKeys(KeyRange range, void* key);
  // `first`: the number of the range's first key in the state.
  Status CallProcessor(KeyRange range, std::size_t first, const Run& run);
  Status RunTimers(const Run& run);
  Status CallTimers(const TimeEntries& due, KeyRange range, const Run& run);
  Result<TaskOutput> Process(const TaskBatch& batch);
  // For messages: the current key as text.
  [[nodiscard]] std::string KeyText(std::size_t group) const;
  [[nodiscard]] std::string StoredKeyText(std::string_view key) const;

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
