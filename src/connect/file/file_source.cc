// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/file_uri.h"
#include "base/json.h"
#include "connect/file/nullable_schema.h"
#include "holdfast/log.h"

namespace hf {
namespace {

bool ComesBefore(const InputFile& a, const InputFile& b) {
  return a.modified_ms != b.modified_ms ? a.modified_ms < b.modified_ms : a.path < b.path;
}

std::string OffsetText(SourceLogId entry) { return fmt::format("{{\"logOffset\":{}}}", entry); }

// Spark 4.3: FileStreamSourceOffset takes the JSON and, from old checkpoints, a bare number.
Result<SourceLogId> ParseOffset(const std::string& text) {
  SourceLogId entry = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), entry);
  if (error != std::errc() || end != text.data() + text.size()) {
    Result<Json> json = ParseJson(text);
    Result<std::int64_t> named = json.ok() ? GetInt64(*json, "logOffset") : Result<std::int64_t>(json.status());
    if (!named.ok()) {
      return Corrupt(fmt::format("the checkpoint holds an offset that is none of a file source: {}", text));
    }
    entry = *named;
  }
  if (entry < -1) {
    return Corrupt(fmt::format("the checkpoint holds an offset of a file source that is negative: {}", text));
  }
  return entry;
}

std::string FixedPart(const std::string& path) {
  const std::size_t pattern = path.find_first_of("{}[]*?\\");
  return pattern == std::string::npos ? path : path.substr(0, path.rfind('/', pattern));
}

// Spark ignores the age when it takes the newest files of several triggers first: the others would never have a
// turn (SPARK-19813).
std::optional<std::int64_t> EffectiveAge(const FileSourceOptions& options) {
  const bool limited = options.files_per_trigger_max.has_value() || options.bytes_per_trigger_max.has_value();
  return options.latest_first && limited ? std::nullopt : options.file_age_ms_max;
}

GivingUp GivingUpOf(const FileSourceOptions& options) {
  return {.corrupt_files = options.ignore_corrupt_files, .missing_files = options.ignore_missing_files};
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::Open(FileSystem& input, FileSystem& checkpoint, Clock& clock,
                                                     FileSourceSpec spec) {
  HF_ASSIGN_OR_RETURN(FileSourceOptions options, ParseFileSourceOptions(spec.options));
  Schema schema = AsNullable(spec.schema);
  HF_ASSIGN_OR_RETURN(auto format, MakeInputFormat(spec.format, schema, options.format_options, spec.time_zone));
  HF_ASSIGN_OR_RETURN(FileFinder finder, FileFinder::Open(input, {.path = options.path,
                                                                  .recursive = options.recursive,
                                                                  .name_pattern = options.name_pattern}));
  HF_ASSIGN_OR_RETURN(FileSourceLog log, FileSourceLog::Open(checkpoint, spec.log_directory, spec.log));
  std::unique_ptr<FileSource> source(new FileSource({.input = &input,
                                                     .checkpoint = &checkpoint,
                                                     .clock = &clock,
                                                     .options = std::move(options),
                                                     .schema = std::move(schema),
                                                     .log = std::move(log),
                                                     .finder = std::move(finder),
                                                     .format = std::move(format)}));
  HF_RETURN_IF_ERROR(source->Restore());
  return source;
}

FileSource::FileSource(Parts parts)
    : input_(parts.input),
      checkpoint_(parts.checkpoint),
      clock_(parts.clock),
      options_(std::move(parts.options)),
      schema_(std::move(parts.schema)),
      log_(std::move(parts.log)),
      finder_(std::move(parts.finder)),
      format_(std::move(parts.format)),
      base_path_(FixedPart(options_.path)),
      seen_(EffectiveAge(options_), options_.file_name_only),
      ahead_([this](const InputFile& file) {
        return std::make_unique<FileSplit>(*input_, format_, file, GivingUpOf(options_));
      }) {}

Status FileSource::Restore() {
  HF_ASSIGN_OR_RETURN(const std::optional<SourceLogId> latest, log_.LatestId());
  HF_ASSIGN_OR_RETURN(const std::vector<FileEntry> entries, log_.All());
  // A URI that is only written differently (%40 for @) would make every file a new one.
  const auto below = [this](const FileEntry& entry) { return IsBelowSourceUri(entry.path); };
  if (!options_.source_uri.empty() && !entries.empty() && std::none_of(entries.begin(), entries.end(), below)) {
    return Incompatible(fmt::format(
        "the option sourceUri is {}, but the source log names {}: Holdfast or Spark would take all files for "
        "new ones. Set it to the URI that the log has for {}",
        options_.source_uri, entries.front().path, base_path_));
  }
  std::size_t known_here = 0;
  for (const FileEntry& entry : entries) {
    const Result<std::string> path = PathOfUri(entry.path);
    if (!path.ok()) {
      return path.status().WithContext(fmt::format(
          "the source log names {}; set the option sourceUri to the URI that it has for {}", entry.path, base_path_));
    }
    seen_.Add(*path, entry.timestamp_ms);
    known_here += *path == base_path_ || path->starts_with(base_path_ + "/") ? 1 : 0;
  }
  if (!entries.empty() && known_here == 0) {
    Log(LogLevel::kWarning,
        fmt::format(
            "the source log knows {} files, such as {}, and none below {}: whatever lies there is new input. If "
            "it is the same input in another place, stop and set the source's option sourceUri to the URI that "
            "the log has for that place",
            entries.size(), entries.front().path, base_path_));
  }
  seen_.Purge();
  latest_ = latest.value_or(-1);
  return {};
}

std::string FileSource::description() const {
  return fmt::format("FileStreamSource[{}]", HadoopPathFromPath(options_.path));
}

std::string FileSource::UriOfPath(const std::string& path) const {
  if (options_.source_uri.empty() || !path.starts_with(base_path_ + "/")) {
    return path == base_path_ && !options_.source_uri.empty() ? options_.source_uri : FileUriFromPath(path);
  }
  // Only what is below is escaped: the URI of the base is the user's.
  const std::string escaped = FileUriFromPath(path.substr(base_path_.size()));
  return options_.source_uri + escaped.substr(std::string_view("file://").size());
}

bool FileSource::IsBelowSourceUri(const std::string& uri) const {
  const std::string& base = options_.source_uri;
  return !base.empty() && uri.starts_with(base) && (uri.size() == base.size() || uri[base.size()] == '/');
}

Result<std::string> FileSource::PathOfUri(const std::string& uri) const {
  if (!IsBelowSourceUri(uri)) {
    return PathFromFileUri(uri);
  }
  const std::string below = uri.substr(options_.source_uri.size());
  if (below.empty()) {
    return base_path_;
  }
  HF_ASSIGN_OR_RETURN(const std::string path, PathFromFileUri("file://" + below));
  return base_path_ + path;
}

Result<SourceLogId> FileSource::EntryOf(const SourceOffset& offset) const {
  if (!offset.has_value()) {
    return -1;
  }
  HF_ASSIGN_OR_RETURN(const SourceLogId entry, ParseOffset(*offset));
  if (entry > latest_) {
    return Corrupt(fmt::format(
        "the checkpoint names entry {} of the source log, but the log ends at {}: entries were lost", entry, latest_));
  }
  return entry;
}

Result<std::deque<InputFile>> FileSource::ListNew() {
  HF_ASSIGN_OR_RETURN(std::vector<InputFile> found, finder_.Find());
  std::erase_if(found, [this](const InputFile& file) { return !seen_.IsNew(file.path, file.modified_ms); });
  std::sort(found.begin(), found.end(), [this](const InputFile& a, const InputFile& b) {
    return options_.latest_first ? ComesBefore(b, a) : ComesBefore(a, b);
  });
  std::deque<InputFile> fresh;
  SeenFiles names(std::nullopt, options_.file_name_only);
  for (InputFile& file : found) {
    if (names.IsNew(file.path, file.modified_ms)) {
      HF_RETURN_IF_ERROR(format_->CheckName(file.path));
      names.Add(file.path, file.modified_ms);
      fresh.push_back(std::move(file));
    }
  }
  return fresh;
}

std::size_t FileSource::CountForBatch() const {
  if (limits_apply_ && options_.files_per_trigger_max.has_value()) {
    return std::min(unread_.size(), static_cast<std::size_t>(*options_.files_per_trigger_max));
  }
  if (limits_apply_ && options_.bytes_per_trigger_max.has_value()) {
    // The first file is taken whatever its size, else it would never be (Spark: takeFilesUntilMax).
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    while (count < unread_.size()) {
      bytes += unread_[count].size_bytes.value_or(0);
      if (count > 0 && bytes > static_cast<std::uint64_t>(*options_.bytes_per_trigger_max)) {
        break;
      }
      ++count;
    }
    return count;
  }
  return unread_.size();
}

bool FileSource::IsWorthKeeping() const {
  if (available_fixed_) {
    return true;
  }
  if (options_.latest_first || options_.cached_files_max == 0 || !limits_apply_ || unread_.empty()) {
    return false;
  }
  if (options_.files_per_trigger_max.has_value()) {
    const auto files_max = static_cast<double>(*options_.files_per_trigger_max);
    return static_cast<double>(unread_.size()) >= files_max * options_.discard_cached_ratio;
  }
  double bytes = 0;
  for (const InputFile& file : unread_) {
    bytes += static_cast<double>(file.size_bytes.value_or(0));
  }
  return options_.bytes_per_trigger_max.has_value() &&
         bytes >= static_cast<double>(*options_.bytes_per_trigger_max) * options_.discard_cached_ratio;
}

Result<SourceOffset> FileSource::Latest(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(const SourceLogId entry, EntryOf(start));
  if (entry < latest_ && limits_apply_) {
    return SourceOffset(OffsetText(entry + 1));
  }
  if (!unread_counts_ || (unread_.empty() && !available_fixed_)) {
    HF_ASSIGN_OR_RETURN(unread_, ListNew());
  }
  // More than once where files that are gone are skipped and all of a batch's are.
  for (const SourceLogId before = latest_; before == latest_ && !unread_.empty();) {
    HF_RETURN_IF_ERROR(Record(CountForBatch()));
    unread_counts_ = IsWorthKeeping();
    if (unread_counts_ && !available_fixed_ && unread_.size() > options_.cached_files_max) {
      unread_.resize(options_.cached_files_max);
    }
  }
  return entry == latest_ ? start : SourceOffset(OffsetText(latest_));
}

Status FileSource::Record(std::size_t count) {
  std::vector<InputFile> files;
  std::vector<FileEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    // What was lost or changed since the listing must not get into the log: there it would stop every later start.
    const InputFile& file = unread_[i];
    const Status unchanged = CheckUnchanged(*input_, file).status();
    if (options_.ignore_missing_files && unchanged.condition() == kFileMissing) {
      continue;
    }
    HF_RETURN_IF_ERROR(unchanged);
    files.push_back(file);
    entries.push_back({.path = UriOfPath(file.path), .timestamp_ms = file.modified_ms, .id = latest_ + 1});
  }
  if (files.empty()) {
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(count));
    return {};
  }
  HF_RETURN_IF_ERROR(log_.Add(latest_ + 1, std::move(entries)));
  HF_RETURN_IF_ERROR(checkpoint_->Sync());
  ++latest_;
  for (const InputFile& file : files) {
    seen_.Add(file.path, file.modified_ms);
  }
  seen_.Purge();
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(count));
  recorded_.emplace(latest_, files);
  // What is left over only takes room, and the next entry tries again.
  if (const Status deleted = log_.DeleteExpired(latest_, clock_->NowMs()); !deleted.ok()) {
    Log(LogLevel::kWarning, fmt::format("old entries of the source log were not deleted: {}", deleted.ToString()));
  }
  return {};
}

Status FileSource::FixAvailable(const SourceOffset& start) {
  HF_RETURN_IF_ERROR(EntryOf(start).status());
  HF_ASSIGN_OR_RETURN(unread_, ListNew());
  unread_counts_ = true;
  available_fixed_ = true;
  return {};
}

Result<std::vector<InputFile>> FileSource::FilesOf(SourceLogId entry) {
  if (const auto known = recorded_.find(entry); known != recorded_.end()) {
    return known->second;
  }
  HF_ASSIGN_OR_RETURN(const std::vector<FileEntry> entries, log_.Get(entry));
  std::vector<InputFile> files;
  for (const FileEntry& file : entries) {
    HF_ASSIGN_OR_RETURN(std::string path, PathOfUri(file.path));
    files.push_back({.path = std::move(path), .modified_ms = file.timestamp_ms});
  }
  return files;
}

Result<std::vector<std::unique_ptr<SourceSplit>>> FileSource::Plan(const SourceOffset& start, const SourceOffset& end) {
  HF_ASSIGN_OR_RETURN(const SourceLogId first, EntryOf(start));
  HF_ASSIGN_OR_RETURN(const SourceLogId last, EntryOf(end));
  if (first > last) {
    return Corrupt(fmt::format(
        "the checkpoint has a batch of the file source that ends at entry {}, before its start {}", last, first));
  }
  std::vector<std::unique_ptr<SourceSplit>> splits;
  for (SourceLogId entry = first + 1; entry <= last; ++entry) {
    HF_ASSIGN_OR_RETURN(const std::vector<InputFile> files, FilesOf(entry));
    for (const InputFile& file : files) {
      // A file that changed since it was read ahead is read anew, which tells what became of it.
      std::unique_ptr<SourceSplit> split = ahead_.Take(file);
      if (split == nullptr || !CheckUnchanged(*input_, file).ok()) {
        GivingUp giving_up = GivingUpOf(options_);
        giving_up.missing_files = giving_up.missing_files && !next_plan_is_whole_;
        split = std::make_unique<FileSplit>(*input_, format_, file, giving_up);
      }
      splits.push_back(std::move(split));
    }
  }
  next_plan_is_whole_ = false;
  return splits;
}

void FileSource::ReadAhead(const SourceOffset& start) {
  const Result<SourceLogId> entry = EntryOf(start);
  if (!entry.ok()) {
    return;
  }
  if (*entry < latest_) {
    const Result<std::vector<InputFile>> files = FilesOf(*entry + 1);
    ahead_.Want(files.ok() ? *files : std::vector<InputFile>());
    return;
  }
  // Also beyond the next batch, since a batch may be a single file.
  const std::size_t count = std::min(unread_.size(), AheadReader::kFilesMax);
  ahead_.Want({unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(count)});
}

Status FileSource::Commit(const SourceOffset& end) {
  HF_ASSIGN_OR_RETURN(const SourceLogId entry, EntryOf(end));
  recorded_.erase(recorded_.begin(), recorded_.upper_bound(entry));
  return {};
}

}  // namespace hf
