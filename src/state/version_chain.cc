// SPDX-License-Identifier: Apache-2.0
#include "state/version_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "state/row_checksum.h"
#include "state/visible_checksum.h"

namespace hf {

VersionChain::VersionChain(const StoreOptions& options, VersionId target, StateFiles present)
    : options_(options), target_(std::move(target)), present_(std::move(present)) {
  ids_.emplace(target_.version, target_.unique_id);
}

Result<std::optional<VersionId>> VersionChain::SnapshotBefore(StateVersion below) {
  if (!options_.unique_ids) {
    const auto end = std::lower_bound(present_.snapshots.begin(), present_.snapshots.end(), VersionId{below});
    const auto found = std::find_if(std::make_reverse_iterator(end), present_.snapshots.rend(),
                                    [](const VersionId& id) { return id.unique_id.empty(); });
    return found == present_.snapshots.rend() ? std::nullopt : std::optional<VersionId>(*found);
  }
  for (StateVersion version = below - 1; version >= 1; --version) {
    if (!ids_.contains(version)) {
      HF_ASSIGN_OR_RETURN(const bool extended, Extend());
      if (!extended) {
        break;
      }
    }
    const VersionId id{version, ids_.at(version)};
    if (std::binary_search(present_.snapshots.begin(), present_.snapshots.end(), id)) {
      return std::optional<VersionId>(id);
    }
  }
  return std::optional<VersionId>();
}

Result<bool> VersionChain::Extend() {
  const auto& [oldest, id] = *ids_.begin();
  const std::string path = ChangelogPath(options_.directory, oldest, id);
  if (!std::binary_search(present_.changelogs.begin(), present_.changelogs.end(), VersionId{oldest, id})) {
    broken_ = std::binary_search(present_.snapshots.begin(), present_.snapshots.end(), VersionId{oldest, id})
                  ? fmt::format("{} is missing", path)
                  : fmt::format("neither {} nor a snapshot of that version is there", path);
    return false;
  }
  Result<Changelog> changelog = Read(oldest);
  if (!changelog.ok()) {
    return changelog.status().WithContext(path);
  }
  StateVersion expected = oldest;
  for (auto ancestor = changelog->lineage.rbegin(); ancestor != changelog->lineage.rend(); ++ancestor) {
    if (ancestor->version != --expected || ancestor->version < 1 || ancestor->unique_id.empty()) {
      return Corrupt(fmt::format("the lineage of {} names version {} where version {} belongs", path, ancestor->version,
                                 expected));
    }
    ids_.emplace(ancestor->version, ancestor->unique_id);
  }
  const bool extended = expected < oldest;
  if (!extended) {
    broken_ = fmt::format("the lineage of {} is empty", path);
  }
  read_.emplace(oldest, std::move(changelog).value());
  return extended;
}

std::string VersionChain::SnapshotsPresent() const {
  std::vector<StateVersion> versions;
  for (const VersionId& snapshot : present_.snapshots) {
    if (versions.empty() || versions.back() != snapshot.version) {
      versions.push_back(snapshot.version);
    }
  }
  return versions.empty() ? "none" : fmt::format("{}", fmt::join(versions, ", "));
}

Status VersionChain::CheckChangelogs(const VersionId& snapshot) const {
  for (StateVersion version = snapshot.version + 1; version <= target_.version; ++version) {
    const VersionId id{version, options_.unique_ids ? ids_.at(version) : std::string()};
    if (!std::binary_search(present_.changelogs.begin(), present_.changelogs.end(), id)) {
      return Corrupt(fmt::format("{} is missing", PathOfChangelog(version)));
    }
  }
  return {};
}

Result<Changelog> VersionChain::Read(StateVersion version) const {
  return ReadChangelogOf(options_, {version, options_.unique_ids ? ids_.at(version) : std::string()});
}

Result<Changelog> VersionChain::TakeChangelog(StateVersion version) {
  if (const auto known = read_.find(version); known != read_.end()) {
    Changelog changelog = std::move(known->second);
    read_.erase(known);
    return changelog;
  }
  return Read(version);
}

std::vector<VersionId> VersionChain::LineageFrom(StateVersion snapshot) const {
  std::vector<VersionId> lineage;
  if (options_.unique_ids) {
    for (auto known = ids_.lower_bound(snapshot); known != ids_.end(); ++known) {
      lineage.push_back({known->first, known->second});
    }
  }
  return lineage;
}

std::string VersionChain::PathOfChangelog(StateVersion version) const {
  return ChangelogPath(options_.directory, version, options_.unique_ids ? ids_.at(version) : std::string());
}

Result<Changelog> ReadChangelogOf(const StoreOptions& options, const VersionId& version) {
  const std::string path = ChangelogPath(options.directory, version.version, version.unique_id);
  HF_ASSIGN_OR_RETURN(const std::string file, ReadChecked(*options.files, path));
  HF_ASSIGN_OR_RETURN(Changelog changelog, ReadChangelog(file, options.codec));
  if (options.row_checksums) {
    HF_RETURN_IF_ERROR(VerifyChangelog(&changelog, options.list_delimiter));
  }
  return changelog;
}

}  // namespace hf
