// SPDX-License-Identifier: Apache-2.0
// BatchRunner: the batch loop's body, in two forms: micro_batch.cc and real_time_batch.cc. One batch is
//
//   the promise   offsets/N names what will be read
//   the work      one operator after the other, in each one task per partition: read, partition, group, process
//   the commit    state ▸ sink ▸ commits/N, the proof
//
// While the state becomes durable the sink may write what nobody sees yet (Sink::Stage). There are two barriers: source
// log, offsets and changelogs are durable before the sink commits; the sink is durable before commits/N is written. The
// name commits/N itself becomes durable with the next barrier: losing it means that the batch is run again and every
// part recognises it.
//
// A real-time batch (real_time_batch.cc) is the same in another order: rows are worked on as they arrive and go to the
// sink at once; state, promise and proof follow at its end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/arrivals.h"
#include "engine/batch_planner.h"
#include "engine/batch_reader.h"
#include "engine/operator_tasks.h"
#include "engine/progress.h"
#include "engine/recovery.h"
#include "engine/stream_plan.h"
#include "engine/task_pool.h"
#include "engine/upkeep.h"

namespace hf {

class BatchRunner {
 public:
  // Recovers the query from its checkpoint and checks the plan, which must outlive the runner, against it; writes
  // nothing but, as its last act, the query id of a new checkpoint.
  static Result<std::unique_ptr<BatchRunner>> Open(const StreamPlan& plan);

  [[nodiscard]] const std::string& query_id() const { return recovered_.query_id; }
  [[nodiscard]] const std::string& run_id() const { return run_id_; }
  // Says what people should know of the start: settings, those that are not in force, how the state evolves.
  void Announce() const;
  // What the checkpoint says, and where the next batch begins.
  [[nodiscard]] const Recovered& recovered() const { return recovered_; }
  // Whether the last RunNextBatch ran a batch with input.
  [[nodiscard]] bool last_trigger_had_input() const { return had_input_; }

  // For the triggers that end: what is available now is all there is. `once`: in a single batch.
  Status FixAvailable(bool once) { return planner_.FixAvailable(once); }
  // Runs the unfinished batch of an earlier run, else the next one; nullopt when there is nothing to do. After a
  // failure the runner is of no more use: nothing of the batch is committed, and a restart runs it again.
  Result<std::optional<StreamingQueryProgress>> RunNextBatch();
  // The same as a real-time batch, which lasts as long as the trigger says or until `stop`. nullopt: nothing came for a
  // while, ask again.
  Result<std::optional<StreamingQueryProgress>> RunRealTimeBatch(const std::stop_token& stop);
  // Ends the query; `clean`: due snapshots are completed.
  Status Close(bool clean);

 private:
  BatchRunner(const StreamPlan& plan, Recovered recovered);

  // By operator; asked once after each batch, since nothing else changes it.
  Result<std::vector<std::optional<std::int64_t>>> NextExpiries();
  Status RunBatch(const Batch& batch, BatchMeasures* measures);
  Status CheckSinkLacks(BatchId batch) const;
  // Both once, around the promise of the first batch; the former also for a query that looks what is due.
  Status LoadState();
  Status WriteStateDescriptions(const Batch& batch);
  Status ReadInput(const Batch& batch, Watermark* next, BatchMeasures* measures);
  void MeasureInput(const BatchInput& input, BatchMeasures* measures) const;
  void BeginSteps(const Batch& batch) const;
  void BeginOperators(const Batch& batch);
  // Of real_time_batch.cc.
  // Whether a source has yet to say where it begins, which takes an ordinary batch.
  [[nodiscard]] bool BeginsSomewhere() const;
  Result<bool> AwaitFirst(const std::stop_token& stop, Batch* batch);
  Status RunUntil(std::int64_t end_us, const std::stop_token& stop, Batch* batch, BatchInput* input);
  Status RunArrived(const Batch& batch, bool all);
  Status EndRealTimeBatch(Batch* batch, const BatchInput& input, BatchMeasures* measures);
  // Gives each operator what the one before it put out, and runs it; returns what comes out of the last.
  Result<std::vector<ColumnBatch>> RunChain(
      const std::function<Result<std::vector<ColumnBatch>>(std::size_t number)>& run);
  // The same for the whole batch.
  Result<std::vector<ColumnBatch>> RunOperators(BatchMeasures* measures);
  void MeasureOperators(BatchMeasures* measures);
  [[nodiscard]] TaskBatch TaskBatchOf(const Batch& batch, const StreamOperator& of) const;
  Status CommitState(const Batch& batch, const std::vector<ColumnBatch>& rows, BatchMeasures* measures);
  Status WriteChangelogs();
  Status PublishSnapshots();
  Status CommitSink(const Batch& batch, const std::vector<ColumnBatch>& rows, BatchMeasures* measures);
  [[nodiscard]] CommitMetadata CommitOf(const Watermark& next) const;
  Status ConfirmState(const Batch& batch, const Watermark& next);
  Status CommitSources();
  void MeasureQuery(const Batch& batch, BatchMeasures* measures);
  void MeasureState(BatchMeasures* measures) const;
  void Warn(const std::string& message) const;

  const StreamPlan& plan_;
  Recovered recovered_;
  OffsetLog offset_log_;
  CommitLog commit_log_;
  const std::string run_id_;
  TaskPool pool_;
  std::vector<std::unique_ptr<OperatorTasks>> operators_;
  Upkeep::Tasks tasks_;  // of all operators
  BatchPlanner planner_;
  bool state_loaded_ = false;
  bool first_batch_ = true;
  bool had_input_ = false;
  Arrivals arrivals_;
  std::optional<std::vector<std::optional<std::int64_t>>> next_expiries_;  // nullopt: not asked since the last batch
  std::vector<SourceOffset> source_commit_;  // by input: processed for good once commits/N is durable; empty: nothing
  std::int64_t last_trigger_ms_ = 0;
  std::int64_t emitted_rows_ = 0;  // of the real-time batch
  Upkeep upkeep_;                  // last: its jobs use the tasks' stores
};

}  // namespace hf
