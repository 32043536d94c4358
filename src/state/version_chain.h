// SPDX-License-Identifier: Apache-2.0
// VersionChain: which files of a partition lead to one version.
//
// In checkpoint format 1 a version's number names its files. In format 2 the commit names the id of the version wanted,
// and the lineage in each changelog the ids of the versions before it, back to a snapshot; that snapshot's own
// changelog leads further back, to an older one (Spark 4.3 RocksDB.loadWithCheckpointId stops at the first).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "state/changelog.h"
#include "state/state_files.h"
#include "state/store.h"

namespace hf {

// Reads the changelog of one version and verifies what it has of checksums; those of rows stay around their values.
// kInvalid with FILE_NOT_FOUND when there is none.
Result<Changelog> ReadChangelogOf(const StoreOptions& options, const VersionId& version);

class VersionChain {
 public:
  // `options` outlive the chain. `present`: the partition's files.
  VersionChain(const StoreOptions& options, VersionId target, StateFiles present);

  // The newest version below `below` that has a snapshot; nullopt when there is none, or the lineage ends before it.
  // Fails where a changelog is damaged, as everything further back needs that, too.
  Result<std::optional<VersionId>> SnapshotBefore(StateVersion below);
  // kCorrupt names a changelog behind `snapshot` that is missing. REQUIRES: SnapshotBefore has returned the snapshot.
  [[nodiscard]] Status CheckChangelogs(const VersionId& snapshot) const;
  // Reads the version's changelog and verifies what it has of checksums. REQUIRES: as for CheckChangelogs.
  Result<Changelog> TakeChangelog(StateVersion version);

  // The ids from `snapshot` to the target; empty in format 1.
  [[nodiscard]] std::vector<VersionId> LineageFrom(StateVersion snapshot) const;
  [[nodiscard]] std::string PathOfChangelog(StateVersion version) const;
  // The versions of all snapshots, for a sentence: "1, 4".
  [[nodiscard]] std::string SnapshotsPresent() const;
  // Where the lineage leads nowhere; empty when it does not.
  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  Result<Changelog> Read(StateVersion version) const;
  // Learns the ids of the versions before the oldest known. False when there is no changelog to tell them.
  Result<bool> Extend();

  const StoreOptions& options_;
  const VersionId target_;
  const StateFiles present_;
  std::map<StateVersion, std::string> ids_;  // known so far: one run of versions that ends with the target
  std::map<StateVersion, Changelog> read_;   // for their lineage, and not taken yet
  std::string broken_;
};

}  // namespace hf
