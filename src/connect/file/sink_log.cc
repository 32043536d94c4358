// SPDX-License-Identifier: Apache-2.0
#include "connect/file/sink_log.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "base/file_uri.h"
#include "base/json.h"
#include "checkpoint/numbered_log.h"

namespace hf {
namespace {

constexpr std::string_view kCompactSuffix = ".compact";
// What Hadoop's RawLocalFileSystem says of every local file (fs.local.block.size).
constexpr std::int64_t kLocalBlockBytes = 33'554'432;

struct LogName {
  std::int64_t batch = 0;
  bool is_compact = false;
  FileInfo file;
};

Result<std::vector<LogName>> ListLog(FileSystem& files, const std::string& directory) {
  HF_ASSIGN_OR_RETURN(std::vector<FileInfo> found, files.List(directory));
  std::vector<LogName> names;
  for (FileInfo& file : found) {
    std::string_view name = file.name;
    const bool is_compact = name.ends_with(kCompactSuffix);
    name.remove_suffix(is_compact ? kCompactSuffix.size() : 0);
    if (const std::optional<BatchId> batch = ParseBatchId(name); batch.has_value() && !file.is_directory) {
      names.push_back({.batch = *batch, .is_compact = is_compact, .file = std::move(file)});
    }
  }
  std::sort(names.begin(), names.end(), [](const LogName& a, const LogName& b) { return a.batch < b.batch; });
  return names;
}

// Spark 4.3: CompactibleFileStreamLog.compactInterval. The compact files that are there must stay compact files.
std::int64_t IntervalOf(const std::vector<LogName>& names, std::int64_t wanted) {
  std::vector<std::int64_t> compact;
  for (const LogName& name : names) {
    if (name.is_compact) {
      compact.push_back(name.batch);
    }
  }
  if (compact.size() >= 2) {
    return compact.back() - compact[compact.size() - 2];
  }
  return compact.empty() ? wanted : DeriveCompactInterval(wanted, compact.back());
}

std::string PrintLine(const SinkFile& file) {
  Json json;
  json["path"] = FileUriFromPath(file.path);
  json["size"] = file.size_bytes;
  json["isDir"] = false;
  json["modificationTime"] = file.modified_ms;
  json["blockReplication"] = 1;
  json["blockSize"] = kLocalBlockBytes;
  json["action"] = "add";
  return DumpJson(json);
}

// nullopt for a directory, which Spark's MetadataLogFileIndex passes over.
Result<std::optional<SinkFile>> ParseLine(const std::string& line) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(line));
  HF_ASSIGN_OR_RETURN(const std::string uri, GetString(json, "path"));
  HF_ASSIGN_OR_RETURN(const std::int64_t size, GetInt64(json, "size"));
  HF_ASSIGN_OR_RETURN(const bool is_directory, GetBool(json, "isDir"));
  HF_ASSIGN_OR_RETURN(const std::int64_t modified_ms, GetInt64(json, "modificationTime"));
  HF_ASSIGN_OR_RETURN(const std::string action, GetString(json, "action"));
  if (action != "add" || size < 0) {
    return Corrupt(fmt::format("a line that adds no file: {}", line));
  }
  if (is_directory) {
    return std::optional<SinkFile>();
  }
  HF_ASSIGN_OR_RETURN(std::string path, PathFromFileUri(uri));
  return std::optional<SinkFile>(
      {.path = std::move(path), .size_bytes = static_cast<std::uint64_t>(size), .modified_ms = modified_ms});
}

}  // namespace

Result<bool> HasSinkLog(FileSystem& files, const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info,
                      files.Stat(fmt::format("{}/{}", directory, kSinkLogDirectory)));
  return info.has_value();
}

Result<SinkLog> SinkLog::Open(FileSystem& files, const std::string& directory, const SinkLogOptions& options) {
  HF_CHECK(options.compact_interval > 0);
  std::string log_directory = fmt::format("{}/{}", directory, kSinkLogDirectory);
  HF_ASSIGN_OR_RETURN(const std::vector<LogName> names, ListLog(files, log_directory));
  return SinkLog(files, std::move(log_directory), options, IntervalOf(names, options.compact_interval));
}

std::string SinkLog::PathOf(std::int64_t batch) const {
  return fmt::format("{}/{}{}", directory_, batch, IsCompaction(batch) ? kCompactSuffix : std::string_view());
}

std::int64_t SinkLog::FirstNeeded(std::int64_t batch) const {
  return std::max<std::int64_t>(0, (batch + 1) / interval_ * interval_ - 1);
}

Result<std::optional<std::int64_t>> SinkLog::LatestBatch() const {
  HF_ASSIGN_OR_RETURN(const std::vector<LogName> names, ListLog(*files_, directory_));
  return names.empty() ? std::nullopt : std::optional(names.back().batch);
}

Result<std::vector<std::string>> SinkLog::ReadLines(std::int64_t first, std::int64_t last) const {
  std::vector<std::string> lines;
  for (std::int64_t batch = first; batch <= last; ++batch) {
    Result<std::string> read = files_->Read(PathOf(batch));
    if (!read.ok() && IsNotFound(read.status())) {
      return Corrupt(
          fmt::format("{} is missing: the log of the file sink is needed from {} to {} (compact interval {})",
                      PathOf(batch), first, last, interval_));
    }
    if (!read.ok()) {
      return read.status();
    }
    std::string_view text = *read;
    HF_RETURN_IF_ERROR(TakeVersionLine(text, 1, PathOf(batch)).status());
    while (const std::optional<std::string_view> line = TakeLine(text)) {
      lines.emplace_back(*line);
    }
  }
  return lines;
}

Result<std::vector<SinkFile>> SinkLog::AllFiles() const {
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> latest, LatestBatch());
  if (!latest.has_value()) {
    return std::vector<SinkFile>();
  }
  HF_ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(FirstNeeded(*latest), *latest));
  std::vector<SinkFile> all;
  for (const std::string& line : lines) {
    Result<std::optional<SinkFile>> file = ParseLine(line);
    if (!file.ok()) {
      return file.status().WithContext(directory_);
    }
    if (file->has_value()) {
      all.push_back(std::move(**file));
    }
  }
  return all;
}

Status SinkLog::Add(std::int64_t batch, const std::vector<SinkFile>& added) {
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> latest, LatestBatch());
  // A compaction needs what the compact file before it needs.
  const std::int64_t oldest = FirstNeeded(IsCompaction(batch) ? batch - 1 : batch);
  for (std::int64_t missing = latest.has_value() ? *latest + 1 : oldest; missing < batch; ++missing) {
    HF_RETURN_IF_ERROR(latest.has_value() ? AddOne(missing, {}) : files_->PutNew(PathOf(missing), "v1"));
  }
  std::vector<std::string> lines;
  for (const SinkFile& file : added) {
    lines.push_back(PrintLine(file));
  }
  return AddOne(batch, std::move(lines));
}

Status SinkLog::AddOne(std::int64_t batch, std::vector<std::string> lines) {
  std::string text = "v1";
  if (IsCompaction(batch) && batch > 0) {
    HF_ASSIGN_OR_RETURN(const std::vector<std::string> earlier, ReadLines(FirstNeeded(batch - 1), batch - 1));
    lines.insert(lines.begin(), earlier.begin(), earlier.end());
  }
  for (const std::string& line : lines) {
    text += '\n';
    text += line;
  }
  const Status put = files_->PutNew(PathOf(batch), text);
  if (!put.ok() && put.kind() == ErrorKind::kConflict) {
    return Conflict(fmt::format("{} is there already: another query writes to this directory", PathOf(batch)),
                    "CONCURRENT_STREAM_LOG_UPDATE");
  }
  return put;
}

Status SinkLog::DeleteExpired(std::int64_t batch, std::int64_t now_ms) {
  const std::int64_t first_retained = batch + 1 - options_.min_batches_to_retain;
  if (!options_.delete_expired || interval_ > first_retained) {
    return {};
  }
  const std::int64_t compact = first_retained - first_retained % interval_ - 1;
  HF_ASSIGN_OR_RETURN(const std::vector<LogName> names, ListLog(*files_, directory_));
  for (const LogName& name : names) {
    if (name.batch < compact && name.file.modified_us / 1000 <= now_ms - options_.cleanup_delay_ms) {
      HF_RETURN_IF_ERROR(files_->Delete(fmt::format("{}/{}", directory_, name.file.name)));
    }
  }
  return {};
}

}  // namespace hf
