// SPDX-License-Identifier: Apache-2.0
#include "connect/file/sink_log.h"

#include <fmt/core.h>

#include "base/file_uri.h"
#include "base/json.h"
#include "checkpoint/numbered_log.h"

namespace hf {
namespace {

// What Hadoop's RawLocalFileSystem says of every local file (fs.local.block.size).
constexpr std::int64_t kLocalBlockBytes = 33'554'432;

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

Result<SinkLog> SinkLog::Open(FileSystem& files, const std::string& directory, const CompactibleLogOptions& options) {
  std::string log_directory = fmt::format("{}/{}", directory, kSinkLogDirectory);
  HF_ASSIGN_OR_RETURN(CompactibleLog log, CompactibleLog::Open(files, log_directory, options));
  return SinkLog(std::move(log), std::move(log_directory));
}

Result<std::optional<std::int64_t>> SinkLog::LatestBatch() const {
  HF_ASSIGN_OR_RETURN(const std::vector<CompactibleLog::Entry> entries, log_.List());
  return entries.empty() ? std::nullopt : std::optional(entries.back().id);
}

Result<std::vector<std::string>> SinkLog::ReadLines(std::int64_t first, std::int64_t last) const {
  std::vector<std::string> lines;
  for (std::int64_t batch = first; batch <= last; ++batch) {
    Result<std::string> read = log_.files().Read(PathOf(batch));
    if (!read.ok() && IsNotFound(read.status())) {
      return Corrupt(
          fmt::format("{} is missing: the log of the file sink is needed from {} to {} (compact interval {})",
                      PathOf(batch), first, last, log_.interval()));
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
  HF_ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(log_.FirstNeeded(*latest), *latest));
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
  const std::int64_t oldest = log_.FirstNeeded(log_.IsCompaction(batch) ? batch - 1 : batch);
  for (std::int64_t missing = latest.has_value() ? *latest + 1 : oldest; missing < batch; ++missing) {
    HF_RETURN_IF_ERROR(latest.has_value() ? AddOne(missing, {}) : log_.files().PutNew(PathOf(missing), "v1"));
  }
  std::vector<std::string> lines;
  for (const SinkFile& file : added) {
    lines.push_back(PrintLine(file));
  }
  return AddOne(batch, std::move(lines));
}

Status SinkLog::AddOne(std::int64_t batch, std::vector<std::string> lines) {
  std::string text = "v1";
  if (log_.IsCompaction(batch) && batch > 0) {
    HF_ASSIGN_OR_RETURN(const std::vector<std::string> earlier, ReadLines(log_.FirstNeeded(batch - 1), batch - 1));
    lines.insert(lines.begin(), earlier.begin(), earlier.end());
  }
  for (const std::string& line : lines) {
    text += '\n';
    text += line;
  }
  const Status put = log_.files().PutNew(PathOf(batch), text);
  if (!put.ok() && put.kind() == ErrorKind::kConflict) {
    return Conflict(fmt::format("{} is there already: another query writes to this directory", PathOf(batch)),
                    "CONCURRENT_STREAM_LOG_UPDATE");
  }
  return put;
}

}  // namespace hf
