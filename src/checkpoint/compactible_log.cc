// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/compactible_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace hf {
namespace {

constexpr std::string_view kCompactSuffix = ".compact";

std::int64_t IntervalOf(const std::vector<CompactibleLog::Entry>& entries, std::int64_t wanted) {
  std::vector<BatchId> compact;
  for (const CompactibleLog::Entry& entry : entries) {
    if (entry.is_compact) {
      compact.push_back(entry.id);
    }
  }
  if (compact.size() >= 2) {
    return compact.back() - compact[compact.size() - 2];
  }
  return compact.empty() ? wanted : DeriveCompactInterval(wanted, compact.back());
}

}  // namespace

Result<CompactibleLog> CompactibleLog::Open(FileSystem& files, const std::string& directory,
                                            const CompactibleLogOptions& options) {
  HF_CHECK(options.compact_interval > 0);
  CompactibleLog log(files, directory, options);
  HF_ASSIGN_OR_RETURN(const std::vector<Entry> entries, log.List());
  log.interval_ = IntervalOf(entries, options.compact_interval);
  return log;
}

std::string CompactibleLog::PathOf(BatchId id) const {
  return fmt::format("{}/{}{}", directory_, id, IsCompaction(id) ? kCompactSuffix : std::string_view());
}

BatchId CompactibleLog::FirstNeeded(BatchId id) const {
  return std::max<BatchId>(0, (id + 1) / interval_ * interval_ - 1);
}

Result<std::vector<CompactibleLog::Entry>> CompactibleLog::List() const {
  HF_ASSIGN_OR_RETURN(std::vector<FileInfo> found, files_->List(directory_));
  std::vector<Entry> entries;
  for (FileInfo& file : found) {
    std::string_view name = file.name;
    const bool is_compact = name.ends_with(kCompactSuffix);
    name.remove_suffix(is_compact ? kCompactSuffix.size() : 0);
    if (const std::optional<BatchId> id = ParseBatchId(name); id.has_value() && !file.is_directory) {
      entries.push_back({.id = *id, .is_compact = is_compact, .file = std::move(file)});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  return entries;
}

Status CompactibleLog::DeleteExpired(BatchId id, std::int64_t now_ms) {
  const BatchId first_retained = id + 1 - options_.min_batches_to_retain;
  if (!options_.delete_expired || interval_ > first_retained) {
    return {};
  }
  const BatchId compact = first_retained - first_retained % interval_ - 1;
  HF_ASSIGN_OR_RETURN(const std::vector<Entry> entries, List());
  for (const Entry& entry : entries) {
    if (entry.id < compact && entry.file.modified_us / 1000 <= now_ms - options_.cleanup_delay_ms) {
      HF_RETURN_IF_ERROR(files_->Delete(fmt::format("{}/{}", directory_, entry.file.name)));
    }
  }
  return {};
}

}  // namespace hf
