// SPDX-License-Identifier: Apache-2.0
#include "state/recovery.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "holdfast/log.h"
#include "state/state_files.h"
#include "state/version_chain.h"

namespace hf {
namespace {

// Whether bytes are lost or wrong, so that other bytes may serve; anything else would meet those as well.
bool IsDamage(const Status& status) { return status.kind() == ErrorKind::kCorrupt || IsNotFound(status); }

class Recoverer {
 public:
  Recoverer(const StoreOptions& options, VersionId target, StateFiles present)
      : options_(options), target_(target), chain_(options, std::move(target), std::move(present)) {}

  Result<RecoveredState> Run() {
    if (target_.version == 0) {
      return Empty();
    }
    if (options_.start_snapshot.has_value()) {
      return RunFrom(*options_.start_snapshot);
    }
    StateVersion below = target_.version + 1;
    while (true) {
      const Result<std::optional<VersionId>> found = chain_.SnapshotBefore(below);
      if (!found.ok()) {
        return found.status().WithContext(WithDamage(Failed()));
      }
      if (!found->has_value()) {
        break;
      }
      const VersionId& snapshot = **found;
      HF_ASSIGN_OR_RETURN(const bool restored, Restore(snapshot));
      if (const Status complete = chain_.CheckChangelogs(snapshot); !complete.ok()) {
        // An older snapshot would need the same changelogs and more, so a gap is final.
        return Corrupt(WithDamage(fmt::format("{}: {}", Failed(), complete.message())));
      }
      if (restored) {
        HF_RETURN_IF_ERROR(Replay(snapshot.version));
        state_.lineage = chain_.LineageFrom(snapshot.version);
        return std::move(state_);
      }
      below = snapshot.version;
    }
    const std::string why = chain_.broken().empty() ? "no usable snapshot at or before it" : chain_.broken();
    return Corrupt(WithDamage(fmt::format("{}: {}", Failed(), why)));
  }

 private:
  // From one snapshot; what comes after it only says which families the target has.
  Result<RecoveredState> RunFrom(StateVersion start) {
    StateVersion below = target_.version + 1;
    while (true) {
      const Result<std::optional<VersionId>> found = chain_.SnapshotBefore(below);
      if (!found.ok()) {
        return found.status().WithContext(Failed());
      }
      if (!found->has_value() && !chain_.broken().empty()) {
        return Invalid(fmt::format("{} from the snapshot of version {}: {}", Failed(), start, chain_.broken()),
                       "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS");
      }
      if (!found->has_value() || (*found)->version < start) {
        return Invalid(fmt::format("{} has no snapshot of version {}; it has those of {}", options_.directory, start,
                                   chain_.SnapshotsPresent()),
                       "CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE");
      }
      const VersionId& snapshot = **found;
      if (snapshot.version == start) {
        return ReplayFrom(snapshot);
      }
      HF_RETURN_IF_ERROR(LearnFamilies(snapshot));
      below = snapshot.version;
    }
  }

  Result<RecoveredState> ReplayFrom(const VersionId& start) {
    if (const Status complete = chain_.CheckChangelogs(start); !complete.ok()) {
      return Invalid(fmt::format("{} from the snapshot of version {}: {}", Failed(), start.version, complete.message()),
                     "CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS");
    }
    HF_ASSIGN_OR_RETURN(const bool restored, Restore(start));
    if (!restored) {
      return Corrupt(WithDamage(Failed()));
    }
    HF_RETURN_IF_ERROR(Replay(start.version));
    return std::move(state_);
  }

  Status LearnFamilies(const VersionId& id) {
    if (state_.families.id_max > 0) {
      return Status();
    }
    const Result<Snapshot> snapshot = ReadSnapshot(*options_.files, options_.directory, id.version, id.unique_id);
    if (snapshot.ok()) {
      state_.families = snapshot->metadata.families;
      return Status();
    }
    return IsDamage(snapshot.status()) ? Status() : snapshot.status();
  }

  Result<RecoveredState> Empty() {
    const BaseOptions base_options = NewBaseOptions();
    HF_RETURN_IF_ERROR(RocksdbBase::MakeDirectories(base_options));
    HF_ASSIGN_OR_RETURN(state_.base, RocksdbBase::Open(base_options));
    state_.families = {.families = {{.name = std::string(kStoreDefaultFamily), .id = 1, .is_internal = false}},
                       .id_max = 1};
    state_.layers = {.base = state_.base->View(), .deltas = {}, .list_delimiter = options_.list_delimiter};
    state_.counts = std::make_shared<RecoveredCount>(KeyCounts{});
    return std::move(state_);
  }

  // A directory for this attempt alone: a job of a store before this one may still hold its own.
  BaseOptions NewBaseOptions() const {
    return {.directory = fmt::format("{}/{}", options_.scratch_directory, options_.random->NewUuid()),
            .list_delimiter = options_.list_delimiter,
            .cache_bytes = options_.rocksdb_cache_bytes};
  }

  std::string Failed() const {
    return fmt::format("version {} of {} cannot be recovered", target_.version, options_.directory);
  }

  std::string WithDamage(std::string message) const {
    return damage_.empty() ? message : fmt::format("{}; {}", message, damage_);
  }

  void NoteDamage(const VersionId& snapshot, const Status& status) {
    if (!options_.start_snapshot.has_value()) {
      Log(LogLevel::kWarning, fmt::format("the snapshot {} cannot be used, an older one is taken: {}", PathOf(snapshot),
                                          status.ToString()));
    }
    if (damage_.empty()) {
      damage_ = status.WithContext(fmt::format("the snapshot of version {}", snapshot.version)).ToString();
    }
  }

  std::string PathOf(const VersionId& snapshot) const {
    return SnapshotPath(options_.directory, snapshot.version, snapshot.unique_id);
  }

  // False when the snapshot is damaged.
  Result<bool> Restore(const VersionId& id) {
    const BaseOptions base_options = NewBaseOptions();
    state_.base.reset();  // a database of an attempt before this one
    const Result<Snapshot> snapshot = ReadSnapshot(*options_.files, options_.directory, id.version, id.unique_id);
    if (!snapshot.ok()) {
      if (!IsDamage(snapshot.status())) {
        return snapshot.status();
      }
      NoteDamage(id, snapshot.status());
      return false;
    }
    if (state_.families.id_max == 0) {
      state_.families = snapshot->metadata.families;
    }
    bool unverified = false;
    Status status = RestoreSnapshot(*options_.files, options_.directory, *snapshot, base_options, &unverified);
    if (!status.ok() && !IsDamage(status)) {
      return status;
    }
    if (status.ok()) {
      status = OpenBase(base_options, unverified);
      if (!status.ok()) {
        status = status.WithContext(BlamedFile(id, *snapshot, status));
      }
    }
    if (!status.ok()) {
      NoteDamage(id, status);
      return false;
    }
    state_.snapshot_version = id.version;
    state_.uploaded = snapshot->metadata.ssts;
    state_.layers = {.base = state_.base->View(), .deltas = {}, .list_delimiter = options_.list_delimiter};
    known_ = {snapshot->metadata.keys, snapshot->metadata.internal_keys};
    base_families_ = snapshot->metadata.families.families;
    return true;
  }

  // RocksDB speaks of its local files; whoever must restore data knows the checkpoint's.
  std::string BlamedFile(const VersionId& id, const Snapshot& snapshot, const Status& status) const {
    for (const SnapshotSst& sst : snapshot.metadata.ssts) {
      if (status.message().find(sst.local_name) != std::string_view::npos) {
        return fmt::format("{}/{}", SstDirectory(options_.directory), sst.dfs_name);
      }
    }
    return PathOf(id);
  }

  Status OpenBase(const BaseOptions& base_options, bool unverified) {
    HF_ASSIGN_OR_RETURN(state_.base, RocksdbBase::Open(base_options));
    return unverified ? state_.base->VerifyChecksums() : Status();
  }

  Status Replay(StateVersion snapshot) {
    for (StateVersion version = snapshot + 1; version <= target_.version; ++version) {
      const auto context = [&](const Status& status) {
        return status.WithContext(
            fmt::format("version {} cannot be recovered: {}", target_.version, chain_.PathOfChangelog(version)));
      };
      Result<Changelog> changelog = chain_.TakeChangelog(version);
      if (!changelog.ok()) {
        return context(changelog.status());
      }
      auto delta = Delta::FromChangelog(std::move(changelog).value(), options_.list_delimiter);
      if (!delta.ok()) {
        return context(delta.status());
      }
      for (const std::string_view key : (*delta)->FirstKeys()) {
        if (FamilyOf(key) < 1 || FamilyOf(key) > state_.families.id_max) {
          return context(Corrupt(
              WithDamage(fmt::format("column family {} is unknown to every readable snapshot", FamilyOf(key)))));
        }
      }
      state_.layers.deltas.push_back({version, std::move(delta).value()});
    }
    const bool counted = known_.keys >= 0 && known_.internal_keys >= 0;
    if (state_.layers.deltas.empty() && counted) {
      state_.counts = std::make_shared<RecoveredCount>(known_);
    } else {
      std::vector<FamilyInfo> families = state_.families.families;
      families.insert(families.end(), base_families_.begin(), base_families_.end());
      state_.counts = std::make_shared<RecoveredCount>(known_, state_.layers, std::move(families));
    }
    return {};
  }

  const StoreOptions& options_;
  const VersionId target_;
  VersionChain chain_;
  RecoveredState state_;
  KeyCounts known_;
  std::vector<FamilyInfo> base_families_;
  std::string damage_;  // what was wrong with the newest damaged snapshot
};

}  // namespace

RecoveredCount::RecoveredCount(KeyCounts known, Layers layers, std::vector<FamilyInfo> families)
    : known_(known), layers_(std::move(layers)), families_(std::move(families)) {}

Result<KeyCounts> RecoveredCount::Get() {
  const std::lock_guard lock(mutex_);
  if (!result_.has_value()) {
    HF_ASSIGN_OR_RETURN(result_, Count());
    layers_ = {};
  }
  return *result_;
}

Result<KeyCounts> RecoveredCount::Count() const {
  const auto is_internal = [&](std::string_view key) {
    const FamilyId id = FamilyOf(key);
    return std::any_of(families_.begin(), families_.end(),
                       [id](const FamilyInfo& family) { return family.id == id && family.is_internal; });
  };
  KeyCounts counts = known_;
  if (counts.keys < 0 || counts.internal_keys < 0) {
    HF_ASSIGN_OR_RETURN(counts, CountAll(*layers_.base, is_internal));
  }
  HF_ASSIGN_OR_RETURN(const KeyCounts change,
                      CountChange(*layers_.base, layers_.deltas, layers_.list_delimiter, is_internal));
  counts += change;
  return counts;
}

Result<RecoveredState> Recover(const StoreOptions& options, const VersionId& target) {
  HF_RETURN_IF_ERROR(RocksdbBase::ClearScratch(options.scratch_directory));
  StateFiles present;
  if (target.version > 0) {
    HF_ASSIGN_OR_RETURN(present, ListStateFiles(*options.files, options.directory));
  }
  return Recoverer(options, target, std::move(present)).Run();
}

}  // namespace hf
