// SPDX-License-Identifier: Apache-2.0
#include "state/state_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace hf {
namespace {

constexpr std::string_view kChangelogSuffix = ".changelog";
constexpr std::string_view kSnapshotSuffix = ".zip";
constexpr std::string_view kChecksumSuffix = ".crc";

struct StateFileName {
  VersionId id;
  bool is_snapshot = false;
};

std::optional<StateFileName> ParseStateFileName(std::string_view name) {
  StateFileName parsed;
  parsed.is_snapshot = name.ends_with(kSnapshotSuffix);
  if (!parsed.is_snapshot && !name.ends_with(kChangelogSuffix)) {
    return std::nullopt;
  }
  name.remove_suffix(parsed.is_snapshot ? kSnapshotSuffix.size() : kChangelogSuffix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parsed.id.version);
  if (error != std::errc() || parsed.id.version < 0) {
    return std::nullopt;
  }
  name.remove_prefix(static_cast<std::size_t>(end - name.data()));
  if (name == "_" || (!name.empty() && name.front() != '_')) {
    return std::nullopt;
  }
  parsed.id.unique_id = name.substr(name.empty() ? 0 : 1);
  return parsed;
}

std::string StatePath(std::string_view directory, StateVersion version, std::string_view unique_id,
                      std::string_view suffix) {
  return fmt::format("{}/{}{}{}{}", directory, version, unique_id.empty() ? "" : "_", unique_id, suffix);
}

}  // namespace

std::string ChangelogPath(std::string_view directory, StateVersion version, std::string_view unique_id) {
  return StatePath(directory, version, unique_id, kChangelogSuffix);
}

std::string SnapshotPath(std::string_view directory, StateVersion version, std::string_view unique_id) {
  return StatePath(directory, version, unique_id, kSnapshotSuffix);
}

std::string SstDirectory(std::string_view directory) { return fmt::format("{}/SSTs", directory); }

Result<StateFiles> ListStateFiles(FileSystem& files, const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> listed, files.List(directory));
  StateFiles found;
  for (const FileInfo& file : listed) {
    const std::optional<StateFileName> name = ParseStateFileName(file.name);
    if (!name.has_value() || file.is_directory) {
      continue;
    }
    (name->is_snapshot ? found.snapshots : found.changelogs).push_back(name->id);
  }
  std::sort(found.changelogs.begin(), found.changelogs.end());
  std::sort(found.snapshots.begin(), found.snapshots.end());
  return found;
}

std::vector<StateVersion> StateFiles::SnapshotVersions() const {
  std::set<StateVersion> unsure;
  for (const VersionId& changelog : changelogs) {
    if (!changelog.unique_id.empty() && !std::binary_search(snapshots.begin(), snapshots.end(), changelog)) {
      unsure.insert(changelog.version);
    }
  }
  std::vector<StateVersion> versions;
  for (const VersionId& snapshot : snapshots) {
    if (!unsure.contains(snapshot.version) && (versions.empty() || versions.back() != snapshot.version)) {
      versions.push_back(snapshot.version);
    }
  }
  return versions;
}

Status RemoveVersionsAbove(FileSystem& files, const std::string& directory, StateVersion version) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> listed, files.List(directory));
  bool removed = false;
  for (const FileInfo& file : listed) {
    // A visible checksum may have outlived its file, so it is looked at for itself.
    std::string_view name = file.name;
    if (name.ends_with(kChecksumSuffix)) {
      name.remove_suffix(kChecksumSuffix.size());
    }
    const std::optional<StateFileName> parsed = ParseStateFileName(name);
    if (!parsed.has_value() || !parsed->id.unique_id.empty() || parsed->id.version <= version || file.is_directory) {
      continue;
    }
    HF_RETURN_IF_ERROR(files.Delete(fmt::format("{}/{}", directory, file.name)));
    removed = true;
  }
  return removed ? files.Sync() : Status();
}

}  // namespace hf
