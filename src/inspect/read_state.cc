// SPDX-License-Identifier: Apache-2.0
#include "inspect/read_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/caught.h"
#include "checkpoint/commit_log.h"
#include "inspect/beside_writer.h"
#include "inspect/state_rows.h"
#include "state/row_checksum.h"
#include "state/version_chain.h"

namespace hf {

namespace {

constexpr std::size_t kRowsPerBatch = 16 * 1024;
constexpr std::size_t kBytesPerBatch = 64 << 20;

Status CheckOptions(const StateReadOptions& options) {
  const auto conflict = [](const char* one, const char* other) {
    return Invalid(fmt::format("{} and {} cannot be asked for together", one, other), "STDS_CONFLICT_OPTIONS");
  };
  const auto negative = [](const char* name, std::int64_t value) {
    return Invalid(fmt::format("{} is {}, which is negative", name, value), "STDS_INVALID_OPTION_VALUE.IS_NEGATIVE");
  };
  if (options.timers && !options.variable.empty()) {
    return conflict("readRegisteredTimers", "stateVarName");
  }
  if (options.changes.has_value() && options.timers) {
    return conflict("readChangeFeed", "readRegisteredTimers");
  }
  if (options.changes.has_value() && options.batch_id.has_value()) {
    return conflict("readChangeFeed", "batchId");
  }
  if (options.changes.has_value() && options.snapshot_start.has_value()) {
    return conflict("readChangeFeed", "snapshotStartBatchId");
  }
  if (options.snapshot_start.has_value() && options.snapshot_start->batch_id < 0) {
    return negative("snapshotStartBatchId", options.snapshot_start->batch_id);
  }
  if (options.snapshot_start.has_value() && options.snapshot_start->partition_id.value_or(0) < 0) {
    return negative("snapshotPartitionId", *options.snapshot_start->partition_id);
  }
  if (options.batch_id.value_or(0) < 0) {
    return negative("batchId", *options.batch_id);
  }
  if (options.operator_id < 0) {
    return negative("operatorId", options.operator_id);
  }
  if (options.changes.has_value() && options.changes->first < 0) {
    return negative("changeStartBatchId", options.changes->first);
  }
  return Status();
}

// Which family is read, and how its entries become rows.
struct Reading {
  std::string family;
  StateRows::Shape shape;
};

Result<Reading> TimersOf(const CheckpointView& view) {
  if (view.metadata.time_mode != "ProcessingTime" && view.metadata.time_mode != "EventTime") {
    return Invalid(fmt::format("the operator has time mode {}, which has no timers", view.metadata.time_mode),
                   "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  return Reading{.family = std::string(TimerFamiliesOf(view.metadata.time_mode).by_key),
                 .shape = {.kind = StateRows::Kind::kTimers}};
}

Result<Reading> ReadingOf(const CheckpointView& view, const StateReadOptions& options) {
  if (options.timers) {
    return TimersOf(view);
  }
  HF_ASSIGN_OR_RETURN(const StateVariableInfo variable, view.FindVariable(options.variable));
  Reading reading{.family = variable.name,
                  .shape = {.flatten = options.flatten, .changes = options.changes.has_value()}};
  HF_ASSIGN_OR_RETURN(reading.shape.kind, StateRows::KindOf(variable));
  if (reading.shape.changes && !options.flatten) {
    return Invalid("a change feed is always flat: leave out flattenCollectionTypes=false", "STDS_CONFLICT_OPTIONS");
  }
  return reading;
}

// Spark 4.3 StateSourceOptions and StateScan, which ask the same of these options.
Status CheckSnapshotStart(const StateReadPlace& place, const CheckpointView& view,
                          const StateReadOptions::SnapshotStart& start) {
  if (start.batch_id > view.batch) {
    return Invalid(
        fmt::format("snapshotStartBatchId is {}, which lies behind the batch to read, {}", start.batch_id, view.batch),
        "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  const auto commit = CommitLog(*place.files, place.checkpoint).Get(start.batch_id);
  if (IsNotFound(commit.status())) {
    return Invalid(fmt::format("snapshotStartBatchId is {}, of which {} has no commit any more; retained are batches "
                               "{} to {}",
                               start.batch_id, place.checkpoint, view.first_batch, view.batch),
                   "STDS_COMMITTED_BATCH_UNAVAILABLE");
  }
  HF_RETURN_IF_ERROR(commit.status());
  if (start.partition_id.value_or(0) >= view.partitions()) {
    return Invalid(fmt::format("snapshotPartitionId is {}; operator {} has the partitions 0 to {}", *start.partition_id,
                               view.operator_id, view.partitions() - 1),
                   "CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND");
  }
  return Status();
}

class StateRead {
 public:
  StateRead(const StateReadPlace& place, const CheckpointView& view, StateRows& rows, std::string family,
            const std::function<Status(const ColumnBatch&)>& visit)
      : place_(place), view_(view), rows_(rows), family_(std::move(family)), visit_(visit) {}

  Status ReadEntries(std::int64_t partition, std::optional<BatchId> start) {
    HF_ASSIGN_OR_RETURN(const auto store, OpenStore(partition, start));
    const auto family = store->FindFamily(family_);
    if (!family.has_value()) {
      return Status();  // declared, but this partition has not written it yet
    }
    Status failed;
    HF_RETURN_IF_ERROR(store->ScanPrefix(FamilyPrefix(*family), [&](std::string_view key, std::string_view value) {
      failed = rows_.AddEntry(key, value, static_cast<std::int32_t>(partition));
      // Bytes that do not fit the schemas: either may be at fault.
      failed =
          failed.ok() ? FlushFull() : failed.WithContext("with the schemas that " + view_.metadata_path + " lists");
      return failed.ok();
    }));
    HF_RETURN_IF_ERROR(failed);
    rows_.EndPartition();
    return Status();
  }

  // Versions whose changelog is missing are an error: the feed would be silent about them.
  Status ReadChanges(std::int64_t partition, BatchId first) {
    HF_ASSIGN_OR_RETURN(const auto store, OpenStore(partition, std::nullopt));
    const auto family = store->FindFamily(family_);
    const StoreOptions options = view_.OptionsOf(*place_.files, partition, place_.scratch);
    for (BatchId batch = first; batch <= view_.batch; ++batch) {
      HF_RETURN_IF_ERROR(ReadIds(batch));
      const std::vector<std::string>& ids = ids_[batch];
      const VersionId version{batch + 1, ids.empty() ? "" : ids[static_cast<std::size_t>(partition)]};
      const Result<Changelog> changelog = ReadChangelogOf(options, version);
      if (IsNotFound(changelog.status())) {
        return Invalid(fmt::format("batch {} has no changelog, so that its changes cannot be read: {}", batch,
                                   changelog.status().message()),
                       "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS");
      }
      HF_RETURN_IF_ERROR(changelog.status());
      if (family.has_value()) {
        HF_RETURN_IF_ERROR(AddChanges(*changelog, *family, options, batch, partition)
                               .WithContext(fmt::format("the changelog of version {}", batch + 1)));
      }
    }
    return Status();
  }

  Status Finish() { return rows_.size() > 0 || !visited_ ? Flush() : Status(); }

 private:
  Result<std::unique_ptr<Store>> OpenStore(std::int64_t partition, std::optional<BatchId> start) {
    return view_.OpenStore(*place_.files, partition, place_.scratch, place_.random, start);
  }
  Status AddChanges(const Changelog& changelog, FamilyId family, const StoreOptions& options, BatchId batch,
                    std::int64_t partition) {
    for (std::size_t i = 0; i < changelog.offsets.size(); ++i) {
      ChangelogRecord record = changelog.record(i);
      if (record.key.size() < kFamilyBytes || FamilyOf(record.key) != family) {
        continue;
      }
      std::string joined;
      if (options.row_checksums && record.op != StateOp::kDelete) {
        HF_ASSIGN_OR_RETURN(record.value, VerifyRows(record.key, record.value, options.list_delimiter, &joined));
      }
      HF_RETURN_IF_ERROR(rows_.AddChange(batch, record, static_cast<std::int32_t>(partition)));
      HF_RETURN_IF_ERROR(FlushFull());
    }
    return Status();
  }
  // Of all partitions, so that a batch's commit is read once.
  Status ReadIds(BatchId batch) {
    if (!view_.state_ids.empty() && !ids_.contains(batch)) {
      HF_ASSIGN_OR_RETURN(ids_[batch], view_.StateIdsAt(*place_.files, batch));
    }
    return Status();
  }
  Status FlushFull() {
    return rows_.size() >= kRowsPerBatch || rows_.size_bytes() >= kBytesPerBatch ? Flush() : Status();
  }
  Status Flush() {
    visited_ = true;
    return visit_(rows_.Take());
  }

  const StateReadPlace& place_;
  const CheckpointView& view_;
  StateRows& rows_;
  const std::string family_;
  const std::function<Status(const ColumnBatch&)>& visit_;
  std::map<BatchId, std::vector<std::string>> ids_;  // of state files, by partition; empty in checkpoint format 1
  bool visited_ = false;
};

Status ReadOnce(const StateReadPlace& place, const StateReadOptions& options,
                const std::function<Status(const ColumnBatch&)>& visit, std::map<int, std::int64_t>* counts) {
  const std::optional<BatchId> batch = options.changes.has_value() ? options.changes->last : options.batch_id;
  HF_ASSIGN_OR_RETURN(const CheckpointView view,
                      CheckpointView::Open(*place.files, place.checkpoint, options.operator_id, batch));
  if (options.changes.has_value() && options.changes->first > view.batch) {
    return Invalid(
        fmt::format("changeStartBatchId {} lies behind the last batch, {}", options.changes->first, view.batch),
        "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  std::optional<BatchId> start;
  std::optional<std::int64_t> only_partition;
  if (options.snapshot_start.has_value()) {
    HF_RETURN_IF_ERROR(CheckSnapshotStart(place, view, *options.snapshot_start));
    start = options.snapshot_start->batch_id;
    only_partition = options.snapshot_start->partition_id;
  }
  HF_ASSIGN_OR_RETURN(const Reading reading, ReadingOf(view, options));
  HF_ASSIGN_OR_RETURN(const auto rows, StateRows::Make(view, reading.family, reading.shape));
  StateRead read(place, view, *rows, reading.family, visit);
  for (std::int64_t partition = 0; partition < view.partitions(); ++partition) {
    if (partition != only_partition.value_or(partition)) {
      continue;
    }
    const Status status = options.changes.has_value() ? read.ReadChanges(partition, options.changes->first)
                                                      : read.ReadEntries(partition, start);
    HF_RETURN_IF_ERROR(status.WithContext(fmt::format("{}, partition {}", reading.family, partition)));
  }
  if (counts != nullptr) {
    *counts = rows->counts();
  }
  return read.Finish();
}

}  // namespace

Status ReadStateRows(const StateReadPlace& place, const StateReadOptions& options,
                     const std::function<Status(const ColumnBatch&)>& visit, std::map<int, std::int64_t>* counts) {
  constexpr int kReadsMax = 3;
  HF_RETURN_IF_ERROR(CheckOptions(options));
  bool visited = false;
  Status refused;  // by `visit`
  const auto noting = [&](const ColumnBatch& rows) {
    visited = true;
    return refused = visit(rows);
  };
  for (int read = 1;; ++read) {
    HF_ASSIGN_OR_RETURN(const std::vector<BatchId> before, CommittedBatches(*place.files, place.checkpoint));
    // Columns that grow beyond their limit throw.
    const Status status = Caught([&] { return ReadOnce(place, options, noting, counts); });
    if (status.ok() || !refused.ok() || !MayBePurged(status)) {
      return status;
    }
    HF_ASSIGN_OR_RETURN(const std::vector<BatchId> now, CommittedBatches(*place.files, place.checkpoint));
    // The same answer as a moment ago, unless a batch was committed since and others were purged.
    const BatchId wanted =
        options.changes.has_value() ? options.changes->first : options.batch_id.value_or(before.back());
    const bool was_there = std::binary_search(before.begin(), before.end(), wanted);
    if (now.back() == before.back() || !was_there) {
      return status;
    }
    const bool reads_latest = !options.batch_id.has_value() && !options.changes.has_value();
    if (!reads_latest || visited || read == kReadsMax) {
      return BatchPurged(place.checkpoint, fmt::format("batch {}", wanted), before, now, status);
    }
  }
}

}  // namespace hf
