// SPDX-License-Identifier: Apache-2.0
// SnapshotPublisher: brings the base to a version and publishes what it then holds as that version's snapshot; deletes
// what retention no longer needs. The store and its job share it: the one place where two threads of a partition meet.
//
// Invariants:
//  1. The base only goes forward, and holds exactly one version whenever no publication is under way.
//  2. A zip becomes visible after every SST that it names is durable; an SST goes after every zip that named it.
//  3. An SST that the base may still name in a later snapshot is never deleted.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "state/layers.h"
#include "state/snapshot.h"

namespace hf {

struct Publication {
  VersionId id;
  std::vector<FrozenDelta> deltas;  // oldest first; those that the base has already are passed over
  FamilySet families;
  KeyCounts counts;
};

// Thread-safe.
class SnapshotPublisher {
 public:
  // `base` holds `base_version`; `uploaded` are the SSTs of the snapshot that it was restored from. `row_delimiter`:
  // what stands between rows with checksums; nullopt when they have none. `files` and `random` outlive the publisher.
  SnapshotPublisher(FileSystem* files, Random* random, std::string directory, std::shared_ptr<RocksdbBase> base,
                    StateVersion base_version, const std::vector<SnapshotSst>& uploaded,
                    std::optional<std::string> row_delimiter);

  // Publishes durably and returns the view of the version. kConflict when the base is already beyond it; after another
  // failure the same publication may be tried again. Where rows have checksums all are verified first: kCorrupt names
  // one that is not what was written, and no snapshot of it comes to be; the changelogs before it stay needed.
  Result<std::shared_ptr<const BaseView>> Publish(const Publication& publication);

  // See Store::Purge. Does nothing while a publication is under way. `unique_ids`: of StoreOptions.
  Status Purge(StateVersion version, std::int64_t versions_to_retain, bool unique_ids);

 private:
  using Names = std::set<std::string, std::less<>>;

  [[nodiscard]] Status VerifyRowsOf(const BaseView& view) const;
  Result<std::vector<SnapshotSst>> Upload(const BaseCheckpoint& checkpoint);
  // The SSTs that a snapshot names. Those of committed versions never change, so they are read once.
  Result<const Names*> SstsOf(const VersionId& snapshot);
  Status DeleteSsts(const Names& needed, const Names& unneeded);

  FileSystem* const files_;
  Random* const random_;
  const std::string directory_;
  const std::optional<std::string> row_delimiter_;
  std::mutex mutex_;  // guards all below
  const std::shared_ptr<RocksdbBase> base_;
  StateVersion base_version_;
  std::map<std::string, SnapshotSst, std::less<>> uploaded_;  // by local name
  std::map<VersionId, Names> ssts_of_;
};

}  // namespace hf
