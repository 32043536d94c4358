// SPDX-License-Identifier: Apache-2.0
#include "state/state_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace hf {
namespace {

constexpr std::string_view kChangelogSuffix = ".changelog";
constexpr std::string_view kSnapshotSuffix = ".zip";
constexpr std::string_view kChecksumSuffix = ".crc";

struct StateFileName {
  StateVersion version = 0;
  bool is_snapshot = false;
  bool is_identified = false;
};

std::optional<StateFileName> ParseStateFileName(std::string_view name) {
  StateFileName parsed;
  parsed.is_snapshot = name.ends_with(kSnapshotSuffix);
  if (!parsed.is_snapshot && !name.ends_with(kChangelogSuffix)) {
    return std::nullopt;
  }
  name.remove_suffix(parsed.is_snapshot ? kSnapshotSuffix.size() : kChangelogSuffix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parsed.version);
  if (error != std::errc() || parsed.version < 0) {
    return std::nullopt;
  }
  parsed.is_identified = end != name.data() + name.size() && *end == '_';
  if (end != name.data() + name.size() && !parsed.is_identified) {
    return std::nullopt;
  }
  return parsed;
}

}  // namespace

std::string ChangelogPath(std::string_view directory, StateVersion version) {
  return fmt::format("{}/{}{}", directory, version, kChangelogSuffix);
}

std::string SnapshotPath(std::string_view directory, StateVersion version) {
  return fmt::format("{}/{}{}", directory, version, kSnapshotSuffix);
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
    if (name->is_identified) {
      found.identified.push_back(file.name);
    } else {
      (name->is_snapshot ? found.snapshots : found.changelogs).push_back(name->version);
    }
  }
  std::sort(found.changelogs.begin(), found.changelogs.end());
  std::sort(found.snapshots.begin(), found.snapshots.end());
  return found;
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
    if (!parsed.has_value() || parsed->is_identified || parsed->version <= version || file.is_directory) {
      continue;
    }
    HF_RETURN_IF_ERROR(files.Delete(fmt::format("{}/{}", directory, file.name)));
    removed = true;
  }
  return removed ? files.Sync() : Status();
}

}  // namespace hf
