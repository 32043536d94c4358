// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/numbered_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hf {

std::optional<BatchId> ParseBatchId(std::string_view name) {
  BatchId id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (id > kBatchIdMax) {
    return std::nullopt;
  }
  const bool is_canonical = !name.empty() && (name[0] != '0' || name.size() == 1) && name[0] != '-';
  return error == std::errc() && end == name.data() + name.size() && is_canonical ? std::optional(id) : std::nullopt;
}

std::int64_t DeriveCompactInterval(std::int64_t wanted, BatchId latest_compact) {
  const std::int64_t all = latest_compact + 1;
  if (all <= wanted || wanted >= all / 2) {
    return all;
  }
  // Divisors come in pairs, so none is looked for beyond the root: ids come from file names, which may say anything.
  std::int64_t divisor = wanted;
  for (; divisor <= all / divisor; ++divisor) {
    if (all % divisor == 0) {
      return divisor;
    }
  }
  for (std::int64_t other = std::min(divisor - 1, all / wanted); other > 1; --other) {
    if (all % other == 0) {
      return all / other;
    }
  }
  return all;
}

std::string NumberedLog::PathOf(BatchId id) const { return fmt::format("{}/{}", directory_, id); }

Result<std::vector<BatchId>> NumberedLog::Ids() const {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files_->List(directory_));
  std::vector<BatchId> ids;
  for (const FileInfo& file : found) {
    const std::optional<BatchId> id = ParseBatchId(file.name);
    if (id.has_value() && !file.is_directory) {
      ids.push_back(*id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::optional<BatchId>> NumberedLog::LatestId() const {
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> ids, Ids());
  return ids.empty() ? std::nullopt : std::optional(ids.back());
}

Result<std::string> NumberedLog::Read(BatchId id) const { return files_->Read(PathOf(id)); }

Status NumberedLog::PutNew(BatchId id, std::string_view bytes) { return PutNewEntry(*files_, PathOf(id), bytes); }

Status NumberedLog::Purge(BatchId threshold) {
  // A directory is looked through once; afterwards it is known what is there.
  std::vector<BatchId> old;
  if (purged_below_.has_value()) {
    for (BatchId id = *purged_below_; id < threshold; ++id) {
      old.push_back(id);
    }
  } else {
    HF_ASSIGN_OR_RETURN(old, Ids());
    std::erase_if(old, [threshold](BatchId id) { return id >= threshold; });
  }
  purged_below_.reset();
  // A name whose removal is not durable may come back, and each one on its own, which would leave a hole. So of several
  // one is gone for good before the next goes; a query that runs has one to delete at a time.
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (i > 0) {
      HF_RETURN_IF_ERROR(files_->Sync());
    }
    HF_RETURN_IF_ERROR(files_->Delete(PathOf(old[i])));
  }
  purged_below_ = threshold;
  return {};
}

std::optional<std::string_view> TakeLine(std::string_view& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Status PutNewEntry(FileSystem& files, const std::string& path, std::string_view bytes) {
  Status status = files.PutNew(path, bytes);
  if (!status.ok() && status.kind() == ErrorKind::kConflict) {
    return Conflict(
        fmt::format("{} is there already: another query writes to this checkpoint. Only one may run on it at a time.",
                    path),
        "CONCURRENT_STREAM_LOG_UPDATE");
  }
  return status;
}

Result<int> TakeVersionLine(std::string_view& text, int newest, const std::string& path) {
  const std::optional<std::string_view> line = TakeLine(text);
  if (!line.has_value()) {
    return Corrupt(fmt::format("{} is empty: its first line must be a version such as v1", path));
  }
  int version = 0;
  const char* end = line->data() + line->size();
  if (line->size() < 2 || (*line)[0] != 'v' || std::from_chars(line->data() + 1, end, version).ptr != end ||
      version < 1) {
    return Corrupt(
        fmt::format("{}: the first line must be a version such as v1, but is \"{}\"", path, line->substr(0, 40)));
  }
  if (version > newest) {
    return Incompatible(fmt::format("{}: version v{} of this log is not known, the newest known is v{}. A later Spark "
                                    "or Holdfast wrote it, or a "
                                    "feature of Spark that Holdfast lacks.",
                                    path, version, newest),
                        "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION");
  }
  return version;
}

}  // namespace hf
