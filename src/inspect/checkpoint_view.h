// SPDX-License-Identifier: Apache-2.0
// CheckpointView: one stateful operator of a checkpoint as of one committed batch, read from the logs alone.
//
// Nothing is locked and nothing written: a query may go on meanwhile, with Spark or with Holdfast.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/numbered_log.h"
#include "checkpoint/operator_metadata.h"
#include "engine/conf.h"
#include "state/state_families.h"
#include "state/state_schema_file.h"
#include "state/store.h"

namespace hf {

// Ascending, at least one. kInvalid with STDS_COMMITTED_BATCH_UNAVAILABLE when there is none.
Result<std::vector<BatchId>> CommittedBatches(FileSystem& files, const std::string& checkpoint);

struct CheckpointView {
  // `batch`: nullopt is the last committed one. kInvalid with Spark's condition (STDS_COMMITTED_BATCH_UNAVAILABLE,
  // STDS_OFFSET_LOG_UNAVAILABLE, STDS_FAILED_TO_READ_OPERATOR_METADATA ...) when it cannot be looked at.
  static Result<CheckpointView> Open(FileSystem& files, const std::string& checkpoint, std::int64_t operator_id,
                                     std::optional<BatchId> batch);

  // The variable of that name; without one the only variable there is. kInvalid lists or suggests names.
  [[nodiscard]] Result<StateVariableInfo> FindVariable(const std::string& wanted) const;
  // The family in the newest schema file that has it; nullptr when none does.
  [[nodiscard]] const StateFamilySchema* Latest(const std::string& family) const;
  // Every value schema of the family, by id.
  [[nodiscard]] std::map<int, Schema> Written(const std::string& family) const;
  [[nodiscard]] std::int64_t partitions() const { return metadata.stores.front().num_partitions; }
  // The store of a partition at version batch + 1; `scratch` is a directory of the caller's. `start`: from the snapshot
  // of that batch's version and no other.
  [[nodiscard]] Result<std::unique_ptr<Store>> OpenStore(FileSystem& files, std::int64_t partition,
                                                         const std::string& scratch, Random* random,
                                                         std::optional<BatchId> start = std::nullopt) const;
  // How its files are read.
  [[nodiscard]] StoreOptions OptionsOf(FileSystem& files, std::int64_t partition, const std::string& scratch) const;

  // The ids in the names of the state files that a committed batch made, by partition; empty in checkpoint format 1.
  [[nodiscard]] Result<std::vector<std::string>> StateIdsAt(FileSystem& files, BatchId of) const;
  Status ReadOperator(FileSystem& files);  // metadata and schemas as of `batch`

  std::string checkpoint;
  std::int64_t operator_id = 0;
  BatchId batch = 0;
  BatchId first_batch = 0;  // the oldest that is retained
  Conf conf;
  std::vector<std::string> state_ids;  // of version batch + 1, by partition; empty in checkpoint format 1
  OperatorMetadata metadata;           // has at least one store
  std::string metadata_path;
  std::vector<std::vector<StateFamilySchema>> schemas;  // by schema file, oldest first
};

}  // namespace hf
