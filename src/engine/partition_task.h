// SPDX-License-Identifier: Apache-2.0
// PartitionTask: one partition of one operator through a batch.
//
//   Load(id)     confirms a version and forgets everything later
//   Feed(rows)   adds input rows of this partition, in source order; FeedInitialState rows of the initial state
//   RunArrived() runs the processor over what was fed, row by row, where the batch goes on (real-time trigger)
//   Finish()     groups them, runs the processor over every key and every timer that is due, removes what has expired,
//                returns output and the version to commit
//   Abort()      forgets the batch
//
// A task knows nothing of checkpoint logs, sources and sinks and starts no thread, so that somebody else can drive
// one partition. A processor may be exchanged between two batches (a new task on the same version): decoded values are
// not kept, bytes are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/keyed_rows.h"
#include "engine/operator_plan.h"
#include "engine/processor_handle.h"
#include "state/partition_state.h"

namespace hf {

// What a batch fixes for all its tasks; under the real-time trigger what a call of RunArrived does.
struct TaskBatch {
  QueryInfo query;
  TimerValues timer_values;
  std::stop_token stop_now = {};  // asks to give the batch up: what runs fails with StoppedNow
  Clock* clock = nullptr;         // for TaskOutput's durations; set when the batch runs
  bool by_row = false;            // HandleInputRows is called for each row, as it came, and not for each key
};

// Of a batch that was given up because the query is to stop at once.
Status StoppedNow();
bool IsStoppedNow(const Status& status);

struct TaskOutput {
  ColumnBatch rows;
  PreparedVersion version;
  // Timers that fired; calls that registered and deleted some, the deletions of those that fired included (Spark's
  // numDeletedTimers).
  std::int64_t expired_timers = 0;
  std::int64_t registered_timers = 0;
  std::int64_t deleted_timers = 0;
  std::int64_t deleted_variables = 0;           // by DeleteIfExists, that were there
  std::int64_t expired_values = 0;              // of variables with TTL
  std::map<std::string, SchemaUse> schema_use;  // of variables with several schemas
  // How long the initial state, the timers and the removal of what had expired took.
  std::int64_t initial_state_us = 0;
  std::int64_t timers_us = 0;
  std::int64_t removal_us = 0;
};

class PartitionTask {
 public:
  // Nothing is opened yet. `plan` outlives the task.
  PartitionTask(const OperatorPlan& plan, PartitionStateOptions state_options);
  ~PartitionTask();

  // The first call recovers the version. Later calls confirm it when it is the prepared one, do nothing when it is the
  // present one, and otherwise recover it anew.
  Status Load(const VersionId& id);
  // `rows` are positions in `batch`, whose schema is the plan's input.
  void Feed(ColumnBatch batch, std::vector<std::uint32_t> rows) { input_.Add(std::move(batch), std::move(rows)); }
  // The same, of the plan's initial state. In the first batch of a checkpoint only.
  void FeedInitialState(ColumnBatch batch, std::vector<std::uint32_t> rows);
  // On failure the batch is as aborted.
  Result<TaskOutput> Finish(const TaskBatch& batch);
  // Runs the processor over what was fed since the last call, and over the timers due by now, the
  // processing time of `batch`; returns what it put out. The first call begins the batch. On failure that is as
  // aborted. What has expired by now is not seen, and removed when the batch ends.
  Result<ColumnBatch> RunArrived(const TaskBatch& batch);
  // Whether anything was fed that no call has processed.
  [[nodiscard]] bool has_input() const { return !input_.empty(); }
  // Brings a version with PreparedVersion::publish_now to its snapshot; between Finish and Load.
  Status PublishNow() { return state_->PublishNow(); }
  void Abort();
  // The earliest time, in ms of the clock of the time mode, at which the loaded version has a timer or, with TTL, a
  // value to end; nullopt: never.
  Result<std::optional<std::int64_t>> NextExpiry();

  // The state of the loaded version, for who looks into it between batches.
  [[nodiscard]] PartitionState& state() { return *state_; }
  // Its store, for maintenance between batches.
  [[nodiscard]] Store& store() { return state_->store(); }
  [[nodiscard]] std::size_t cell_bytes() const { return state_->cell_bytes(); }

 private:
  // What a batch's processor runs with.
  struct Run {
    AnyProcessor& processor;
    ProcessorHandle& handle;
    const TaskBatch& batch;
    RowAppender& out;
    void* key;  // an object of the key's layout to work with
    TaskOutput* output;
  };
  // The batch from its begin to its end: the processor's copy and what it works with.
  class Running;
  // Of one that has begun the clock moves on.
  Status Begin(const TaskBatch& batch);
  // Initial state, input, and timers.
  Status RunFed(const Run& run);
  // Calls `call` for each key of `rows`; `function` is the processor's, for messages.
  using Call = std::function<void(RowSelection rows)>;
  Status RunKeys(const char* function, KeyedRows& rows, const Run& run, const Call& call);
  // The same for each row of the input, with HandleInputRows.
  Status RunRows(const Run& run);
  Status RunTimers(const Run& run);
  Status CallTimers(const TimeEntries& due, const Run& run);
  Result<ColumnBatch> ProcessArrived(const TaskBatch& batch);
  Result<TaskOutput> Process(const TaskBatch& batch);
  // Runs Close on the processor, whatever came before.
  Status End();
  // For messages: a key out of the state as JSON.
  [[nodiscard]] std::string StoredKeyText(std::string_view key) const;

  const OperatorPlan* plan_;
  const PartitionStateOptions options_;
  std::unique_ptr<PartitionState> state_;
  VersionId loaded_;
  std::optional<VersionId> prepared_;
  KeyedRows input_;
  std::optional<KeyedRows> initial_state_;
  GroupKeys keys_;
  std::unique_ptr<Running> running_;  // between the begin of a batch and its end
};

}  // namespace hf
