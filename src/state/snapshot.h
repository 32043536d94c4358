// SPDX-License-Identifier: Apache-2.0
// Snapshot: one state version as the files of a RocksDB database (Spark 4.3 RocksDBFileManager).
//
//   <version>.zip  MANIFEST-n, CURRENT, OPTIONS-n, n.log (empty) and `metadata`: "v1\n" and a JSON object
//   SSTs/          the database's SST files, each uploaded once under a name of its own, shared by snapshots
// The metadata is the only place that names the column families.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"
#include "state/rocksdb_base.h"
#include "state/store.h"

namespace hf {

// The families of one version. Ids are never used again, so the highest ever given is kept.
struct FamilySet {
  std::vector<FamilyInfo> families;  // ascending ids
  FamilyId id_max = 0;
};

struct SnapshotSst {
  std::string local_name;  // "000008.sst"
  std::string dfs_name;    // "000008-<uuid>.sst"
  std::uint64_t size_bytes = 0;
};

struct SnapshotMetadata {
  std::vector<SnapshotSst> ssts;
  // Distinct keys in user and internal families; -1 when the writer did not count.
  std::int64_t keys = -1;
  std::int64_t internal_keys = -1;
  FamilySet families;
};

struct Snapshot {
  SnapshotMetadata metadata;
  std::vector<std::pair<std::string, std::string>> small_files;  // names and contents
};

std::string EncodeSnapshotMetadata(const SnapshotMetadata& metadata);
// kCorrupt for what Spark would not write, kIncompatible for what is not supported (no column families, archived logs).
Result<SnapshotMetadata> ParseSnapshotMetadata(std::string_view text);

Result<std::string> EncodeSnapshotZip(const Snapshot& snapshot);
Result<Snapshot> DecodeSnapshotZip(std::string_view zip);

// Reads and decodes the version's zip; failures name the file.
Result<Snapshot> ReadSnapshot(FileSystem& files, const std::string& directory, StateVersion version,
                              std::string_view unique_id = {});

// Puts the snapshot's database where RocksdbBase::Open finds it, with every SST under its local name and its size
// checked. *unverified: whether an SST had no checksum file, so that its blocks are still to be verified. Failures
// name the file.
Status RestoreSnapshot(FileSystem& files, const std::string& directory, const Snapshot& snapshot,
                       const BaseOptions& options, bool* unverified);

}  // namespace hf
