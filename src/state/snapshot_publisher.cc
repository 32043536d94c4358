// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot_publisher.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "holdfast/log.h"
#include "state/row_checksum.h"
#include "state/state_files.h"
#include "state/visible_checksum.h"

namespace hf {

SnapshotPublisher::SnapshotPublisher(FileSystem* files, Random* random, std::string directory,
                                     std::shared_ptr<RocksdbBase> base, StateVersion base_version,
                                     const std::vector<SnapshotSst>& uploaded, std::optional<std::string> row_delimiter)
    : files_(files),
      random_(random),
      directory_(std::move(directory)),
      row_delimiter_(std::move(row_delimiter)),
      base_(std::move(base)),
      base_version_(base_version) {
  for (const SnapshotSst& sst : uploaded) {
    uploaded_.emplace(sst.local_name, sst);
  }
}

Result<std::shared_ptr<const BaseView>> SnapshotPublisher::Publish(const Publication& publication) {
  const std::lock_guard lock(mutex_);
  if (base_version_ > publication.id.version) {
    return Conflict(
        fmt::format("the snapshot of version {} is overtaken by version {}", publication.id.version, base_version_));
  }
  std::vector<const Delta*> missing;
  for (const FrozenDelta& frozen : publication.deltas) {
    if (frozen.version > base_version_) {
      missing.push_back(frozen.delta.get());
    }
  }
  HF_RETURN_IF_ERROR(base_->TakeOver(missing));
  base_version_ = publication.id.version;
  std::shared_ptr<const BaseView> view = base_->View();
  if (row_delimiter_.has_value()) {
    HF_RETURN_IF_ERROR(VerifyRowsOf(*view).WithContext(
        fmt::format("{}, version {}: no snapshot is made of it", directory_, publication.id.version)));
  }

  HF_ASSIGN_OR_RETURN(const auto checkpoint, base_->Checkpoint());
  Snapshot snapshot;
  HF_ASSIGN_OR_RETURN(snapshot.metadata.ssts, Upload(*checkpoint));
  snapshot.metadata.keys = publication.counts.keys;
  snapshot.metadata.internal_keys = publication.counts.internal_keys;
  snapshot.metadata.families = publication.families;
  snapshot.small_files = checkpoint->small_files;
  HF_ASSIGN_OR_RETURN(const std::string zip, EncodeSnapshotZip(snapshot));
  const std::string path = SnapshotPath(directory_, publication.id.version, publication.id.unique_id);
  HF_RETURN_IF_ERROR(files_->Replace(path, zip));
  if (!publication.id.unique_id.empty()) {
    HF_RETURN_IF_ERROR(files_->Replace(VisibleChecksumPath(path), EncodeVisibleChecksum(zip)));
  }
  HF_RETURN_IF_ERROR(files_->Sync());

  Names& names = ssts_of_[publication.id];
  names.clear();
  // A local name that is gone never comes back, so only what is alive can be named again.
  uploaded_.clear();
  for (const SnapshotSst& sst : snapshot.metadata.ssts) {
    names.insert(sst.dfs_name);
    uploaded_.emplace(sst.local_name, sst);
  }
  return view;
}

Status SnapshotPublisher::VerifyRowsOf(const BaseView& view) const {
  std::string joined;
  const auto cursor = view.ScanOnce();
  for (; cursor->valid(); cursor->Next()) {
    HF_RETURN_IF_ERROR(VerifyRows(cursor->key(), cursor->value(), *row_delimiter_, &joined).status());
  }
  return cursor->status();
}

Result<std::vector<SnapshotSst>> SnapshotPublisher::Upload(const BaseCheckpoint& checkpoint) {
  std::vector<SnapshotSst> ssts;
  std::string uuid;  // one a snapshot, as Spark has it
  for (const BaseFile& file : checkpoint.ssts) {
    const auto known = uploaded_.find(file.name);
    if (known != uploaded_.end() && known->second.size_bytes == file.size_bytes) {
      ssts.push_back(known->second);
      continue;
    }
    if (uuid.empty()) {
      uuid = random_->NewUuid();
    }
    const std::string stem = file.name.substr(0, file.name.rfind('.'));
    SnapshotSst sst{
        .local_name = file.name, .dfs_name = fmt::format("{}-{}.sst", stem, uuid), .size_bytes = file.size_bytes};
    HF_RETURN_IF_ERROR(files_->LinkFrom(fmt::format("{}/{}", checkpoint.directory, file.name),
                                        fmt::format("{}/{}", SstDirectory(directory_), sst.dfs_name)));
    uploaded_.insert_or_assign(file.name, sst);
    ssts.push_back(std::move(sst));
  }
  if (!uuid.empty()) {
    HF_RETURN_IF_ERROR(files_->Sync());
  }
  return ssts;
}

Result<const SnapshotPublisher::Names*> SnapshotPublisher::SstsOf(const VersionId& snapshot) {
  const auto known = ssts_of_.find(snapshot);
  if (known != ssts_of_.end()) {
    return &known->second;
  }
  HF_ASSIGN_OR_RETURN(const Snapshot read, ReadSnapshot(*files_, directory_, snapshot.version, snapshot.unique_id));
  Names& names = ssts_of_[snapshot];
  for (const SnapshotSst& sst : read.metadata.ssts) {
    names.insert(sst.dfs_name);
  }
  return &names;
}

Status SnapshotPublisher::Purge(StateVersion version, std::int64_t versions_to_retain, bool unique_ids) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return {};
  }
  HF_ASSIGN_OR_RETURN(const StateFiles present, ListStateFiles(*files_, directory_));
  const std::vector<StateVersion> snapshots = present.SnapshotVersions(unique_ids);
  const auto newest = std::upper_bound(snapshots.begin(), snapshots.end(), version);
  if (newest == snapshots.begin()) {
    return {};
  }
  // Spark 4.3 RocksDBFileManager.deleteOldVersions counts from the newest snapshot.
  const StateVersion oldest_needed = *std::prev(newest) - versions_to_retain + 1;
  const auto after_kept = std::upper_bound(snapshots.begin(), newest, oldest_needed);
  if (after_kept == snapshots.begin()) {
    return {};
  }
  const StateVersion kept = *std::prev(after_kept);
  const auto begins_at = [](const std::vector<VersionId>& ids, StateVersion at) {
    return std::lower_bound(ids.begin(), ids.end(), VersionId{at});
  };
  const auto kept_snapshots = begins_at(present.snapshots, kept);
  const auto kept_changelogs = begins_at(present.changelogs, kept);
  if (kept_snapshots == present.snapshots.begin() && kept_changelogs == present.changelogs.begin()) {
    return {};
  }

  Names needed;
  for (auto snapshot = kept_snapshots; snapshot != present.snapshots.end(); ++snapshot) {
    if (snapshot->version > version) {
      ssts_of_.erase(*snapshot);  // not committed: somebody may have replaced it
    }
    const Result<const Names*> names = SstsOf(*snapshot);
    if (!names.ok()) {
      Log(LogLevel::kWarning, fmt::format("nothing is purged in {}: {}", directory_, names.status().ToString()));
      return {};
    }
    needed.insert((*names)->begin(), (*names)->end());
  }
  Names unneeded;
  for (auto snapshot = present.snapshots.begin(); snapshot != kept_snapshots; ++snapshot) {
    if (const Result<const Names*> names = SstsOf(*snapshot); names.ok()) {
      unneeded.insert((*names)->begin(), (*names)->end());
    }
    HF_RETURN_IF_ERROR(files_->Delete(SnapshotPath(directory_, snapshot->version, snapshot->unique_id)));
    ssts_of_.erase(*snapshot);
  }
  for (auto changelog = present.changelogs.begin(); changelog != kept_changelogs; ++changelog) {
    HF_RETURN_IF_ERROR(files_->Delete(ChangelogPath(directory_, changelog->version, changelog->unique_id)));
  }
  HF_RETURN_IF_ERROR(files_->Sync());
  return DeleteSsts(needed, unneeded);
}

Status SnapshotPublisher::DeleteSsts(const Names& needed, const Names& unneeded) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> present, files_->List(SstDirectory(directory_)));
  // What no snapshot names may belong to one that is being made, unless it is older than all that are named
  // (Spark 4.3 RocksDBFileManager.findOrphanFiles).
  std::int64_t oldest_needed_us = std::numeric_limits<std::int64_t>::min();
  for (const FileInfo& file : present) {
    if (needed.contains(file.name)) {
      oldest_needed_us = oldest_needed_us == std::numeric_limits<std::int64_t>::min()
                             ? file.modified_us
                             : std::min(oldest_needed_us, file.modified_us);
    }
  }
  Names ours;
  for (const auto& [local_name, sst] : uploaded_) {
    ours.insert(sst.dfs_name);
  }
  bool deleted = false;
  for (const FileInfo& file : present) {
    const bool is_sst = file.name.ends_with(".sst") && !file.is_directory;
    const bool is_past = unneeded.contains(file.name) || file.modified_us < oldest_needed_us;
    if (!is_sst || !is_past || needed.contains(file.name) || ours.contains(file.name)) {
      continue;
    }
    HF_RETURN_IF_ERROR(files_->Delete(fmt::format("{}/{}", SstDirectory(directory_), file.name)));
    deleted = true;
  }
  return deleted ? files_->Sync() : Status();
}

}  // namespace hf
