// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/file_source_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/json.h"

namespace hf {
namespace {

// How many bytes from the first on stand for themselves in JSON: ASCII that needs no escape.
std::size_t PlainBytes(std::string_view text) {
  const auto* const end =
      std::find_if(text.begin(), text.end(), [](char c) { return c == '"' || c == '\\' || c < ' ' || c == 0x7F; });
  return static_cast<std::size_t>(end - text.begin());
}

// Takes `text` off the front of `line`.
bool Take(std::string_view& line, std::string_view text) {
  const bool found = line.starts_with(text);
  line.remove_prefix(found ? text.size() : 0);
  return found;
}

bool TakeNumber(std::string_view& line, std::int64_t* number) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), *number);
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return error == std::errc();
}

// A line exactly as PrintFileEntries and Spark write it. A compact file has one for every file that the query ever
// read, and each start reads it: this is a tenth of what the JSON parser takes.
std::optional<FileEntry> ParsePlainEntry(std::string_view line) {
  FileEntry entry;
  if (!Take(line, R"({"path":")")) {
    return std::nullopt;
  }
  entry.path.assign(line.substr(0, PlainBytes(line)));
  line.remove_prefix(entry.path.size());
  const bool is_plain = Take(line, R"(","timestamp":)") && TakeNumber(line, &entry.timestamp_ms) &&
                        Take(line, R"(,"batchId":)") && TakeNumber(line, &entry.id) && line == "}";
  return is_plain ? std::optional(std::move(entry)) : std::nullopt;
}

Result<FileEntry> ParseEntry(std::string_view line) {
  if (std::optional<FileEntry> plain = ParsePlainEntry(line); plain.has_value()) {
    return std::move(*plain);
  }
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(line));
  FileEntry entry;
  HF_ASSIGN_OR_RETURN(entry.path, GetString(json, "path"));
  HF_ASSIGN_OR_RETURN(entry.timestamp_ms, GetInt64(json, "timestamp"));
  HF_ASSIGN_OR_RETURN(entry.id, GetInt64(json, "batchId"));
  return entry;
}

}  // namespace

Result<std::vector<FileEntry>> ParseFileEntries(std::string_view text, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const int version, TakeVersionLine(text, 1, path));
  static_cast<void>(version);
  std::vector<FileEntry> entries;
  while (const std::optional<std::string_view> line = TakeLine(text)) {
    auto entry = ParseEntry(*line);
    if (!entry.ok()) {
      return entry.status().WithContext(fmt::format("{}, line {}", path, entries.size() + 2));
    }
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::string PrintFileEntries(const std::vector<FileEntry>& entries) {
  std::string text = "v1";
  for (const FileEntry& entry : entries) {
    text += '\n';
    if (PlainBytes(entry.path) == entry.path.size()) {  // nearly always, and then as cheap as its reading
      fmt::format_to(std::back_inserter(text), R"({{"path":"{}","timestamp":{},"batchId":{}}})", entry.path,
                     entry.timestamp_ms, entry.id);
      continue;
    }
    Json json;
    json["path"] = entry.path;
    json["timestamp"] = entry.timestamp_ms;
    json["batchId"] = entry.id;
    text += DumpJson(json);
  }
  return text;
}

Result<FileSourceLog> FileSourceLog::Open(FileSystem& files, const std::string& directory,
                                          const CompactibleLogOptions& options) {
  if (options.compact_interval < 1) {
    return Invalid(fmt::format("spark.sql.streaming.fileSource.log.compactInterval must be positive, not {}",
                               options.compact_interval));
  }
  HF_ASSIGN_OR_RETURN(CompactibleLog log, CompactibleLog::Open(files, directory, options));
  return FileSourceLog(std::move(log));
}

Result<std::optional<SourceLogId>> FileSourceLog::LatestId() const {
  HF_ASSIGN_OR_RETURN(const std::vector<CompactibleLog::Entry> entries, log_.List());
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->is_compact == log_.IsCompaction(entry->id)) {
      return std::optional(entry->id);
    }
  }
  return std::optional<SourceLogId>();
}

Result<std::vector<FileEntry>> FileSourceLog::ReadFile(SourceLogId id) const {
  HF_ASSIGN_OR_RETURN(const std::string text, log_.files().Read(log_.PathOf(id)));
  return ParseFileEntries(text, log_.PathOf(id));
}

Result<std::vector<FileEntry>> FileSourceLog::ReadRange(SourceLogId first, SourceLogId last) const {
  std::vector<FileEntry> all;
  for (SourceLogId id = first; id <= last; ++id) {
    auto entries = ReadFile(id);
    if (!entries.ok() && IsNotFound(entries.status())) {
      return Corrupt(fmt::format("{} is missing: the source log is needed from {} to {} (compact interval {})",
                                 log_.PathOf(id), first, last, log_.interval()));
    }
    if (!entries.ok()) {
      return entries.status();
    }
    std::move(entries->begin(), entries->end(), std::back_inserter(all));
  }
  return all;
}

Result<std::vector<FileEntry>> FileSourceLog::All() const {
  HF_ASSIGN_OR_RETURN(const std::optional<SourceLogId> latest, LatestId());
  return latest.has_value() ? ReadRange(log_.FirstNeeded(*latest), *latest) : std::vector<FileEntry>();
}

Result<std::vector<FileEntry>> FileSourceLog::Get(SourceLogId id) const {
  auto entries = ReadFile(id);
  if (!entries.ok() && IsNotFound(entries.status())) {
    HF_ASSIGN_OR_RETURN(const std::optional<SourceLogId> latest, LatestId());
    if (!latest.has_value() || *latest < id) {
      return entries.status();
    }
    HF_ASSIGN_OR_RETURN(entries, All());
  }
  if (entries.ok()) {
    std::erase_if(*entries, [id](const FileEntry& entry) { return entry.id != id; });
  }
  return entries;
}

Status FileSourceLog::Add(SourceLogId id, std::vector<FileEntry> entries) {
  for (FileEntry& entry : entries) {
    entry.id = id;
  }
  if (log_.IsCompaction(id)) {
    HF_ASSIGN_OR_RETURN(std::vector<FileEntry> all, ReadRange(std::max<SourceLogId>(0, id - log_.interval()), id - 1));
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
    entries = std::move(all);
  }
  return PutNewEntry(log_.files(), log_.PathOf(id), PrintFileEntries(entries));
}

}  // namespace hf
