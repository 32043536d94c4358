// SPDX-License-Identifier: Apache-2.0
// Recovery of one version of a partition: the newest usable snapshot at or before it, then the changelogs.
//
// A damaged snapshot (zip, SST, or a database that does not open) is logged by name and an older one taken: the
// changelogs lead from there to the same content. A changelog has no substitute but a snapshot behind it. Which files
// those are says version_chain.h.
// Every change of column families publishes a snapshot (Spark 4.3 RocksDB.commit), so the families of a version are
// those of the newest snapshot at or before it, also when only its metadata is readable.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "state/layers.h"
#include "state/snapshot.h"

namespace hf {

// How many keys a recovered version has. Counting reads the base, which a restart should not wait for, so it happens
// when somebody asks. Thread-safe.
class RecoveredCount {
 public:
  explicit RecoveredCount(KeyCounts known) : known_(known), result_(known) {}
  // `known`: the counts of `layers.base` (negative: not counted by its writer).
  RecoveredCount(KeyCounts known, Layers layers, std::vector<FamilyInfo> families);

  Result<KeyCounts> Get();

 private:
  Result<KeyCounts> Count() const;

  std::mutex mutex_;  // guards all below
  const KeyCounts known_;
  Layers layers_;
  std::vector<FamilyInfo> families_;
  std::optional<Result<KeyCounts>> result_;
};

struct RecoveredState {
  std::shared_ptr<RocksdbBase> base;
  StateVersion snapshot_version = 0;  // that the base holds
  std::vector<SnapshotSst> uploaded;
  Layers layers;
  FamilySet families;
  std::shared_ptr<RecoveredCount> counts;
  std::vector<VersionId> lineage;  // from the snapshot to the version; empty in checkpoint format 1
};

// The column family that every store has, with id 1 (Spark 4.3 StateStore.DEFAULT_COL_FAMILY_NAME).
inline constexpr std::string_view kStoreDefaultFamily = "default";

// REQUIRES: options.random; an id with options.unique_ids and a version above 0 only.
Result<RecoveredState> Recover(const StoreOptions& options, const VersionId& target);

}  // namespace hf
