// SPDX-License-Identifier: Apache-2.0
// FileSource: new files in a directory, each taken once (Spark 4.3: FileStreamSource).
//
// An offset is {"logOffset":k}: the batch that ends there ends with the files of entry k of the source log, which lies
// at sources/<i> in the checkpoint. The rules of that log:
//  1. Entry k+1 is durable before Latest returns it, hence before any offset log names it.
//  2. An entry is never overwritten. One that no offset names yet (the process died in between) is the next batch as
//     it stands, and so are those after it, one by one: Latest(k) answers k+1 while the log has it.
//  3. The seen files are those of the whole log; it alone decides what is new.
//
// Files come by modification time (milliseconds, as the log records it), then by path; `latestFirst` reverses both.
// Spark leaves the order of equal times open. Rows of a batch are those of its files in that order.
//
// A file must be the same from its discovery to the end of its reading; where it is not, the batch fails with its
// name (CheckUnchanged). A file that changed before it was recorded fails likewise, but leaves no trace: the next
// start discovers it anew. With ignoreCorruptFiles and ignoreMissingFiles files are given up (FileSplit).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "checkpoint/file_source_log.h"
#include "connect/file/ahead_reader.h"
#include "connect/file/file_finder.h"
#include "connect/file/file_options.h"
#include "connect/file/input_format.h"
#include "connect/file/seen_files.h"
#include "holdfast/source.h"

namespace hf {

struct FileSourceSpec {
  std::string format;             // json, csv, parquet, text
  OptionMap options;              // file_options.h and those of the format
  Schema schema;                  // what the user declares; rows come with every field nullable, as in Spark
  std::string log_directory;      // <checkpoint>/sources/<i>
  std::string time_zone = "UTC";  // spark.sql.session.timeZone
  CompactibleLogOptions log = {};
};

// One thread at a time; splits of a plan may be read by others.
class FileSource final : public Source {
 public:
  // `input` holds the files, `checkpoint` the log; both and `clock` must outlive the source and its splits. Writes
  // nothing. kInvalid names the option, format or path that cannot be had.
  static Result<std::unique_ptr<FileSource>> Open(FileSystem& input, FileSystem& checkpoint, Clock& clock,
                                                  FileSourceSpec spec);

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override;
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override { limits_apply_ = false; }
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void NextPlanMustBeWhole() override { next_plan_is_whole_ = true; }
  void ReadAhead(const SourceOffset& start) override;
  Status Commit(const SourceOffset& end) override;

 private:
  struct Parts {
    FileSystem* input;
    FileSystem* checkpoint;
    Clock* clock;
    FileSourceOptions options;
    Schema schema;
    FileSourceLog log;
    FileFinder finder;
    std::shared_ptr<const InputFormat> format;
  };
  explicit FileSource(Parts parts);

  Status Restore();
  // The entry that an offset names, -1 for none.
  Result<SourceLogId> EntryOf(const SourceOffset& offset) const;
  // What is there and not seen, in order.
  Result<std::deque<InputFile>> ListNew();
  // How many of `unread_` the limits let into one batch.
  [[nodiscard]] std::size_t CountForBatch() const;
  // Whether so much is left of a listing that the next batch is taken from it (Spark: discardCachedInputRatio).
  [[nodiscard]] bool IsWorthKeeping() const;
  // Takes the first `count` files of `unread_` as the next entry of the log.
  Status Record(std::size_t count);
  Result<std::vector<InputFile>> FilesOf(SourceLogId entry);
  [[nodiscard]] std::string UriOfPath(const std::string& path) const;
  Result<std::string> PathOfUri(const std::string& uri) const;
  [[nodiscard]] bool IsBelowSourceUri(const std::string& uri) const;

  FileSystem* input_;
  FileSystem* checkpoint_;
  Clock* clock_;
  const FileSourceOptions options_;
  const Schema schema_;
  FileSourceLog log_;
  FileFinder finder_;
  const std::shared_ptr<const InputFormat> format_;
  const std::string base_path_;  // the directories of the path in front of any pattern
  SourceLogId latest_ = -1;      // the newest entry of the log
  SeenFiles seen_;
  bool limits_apply_ = true;
  bool available_fixed_ = false;
  bool next_plan_is_whole_ = false;
  // New files of the last listing that were not taken, in order. The next batch is taken from them while
  // `unread_counts_`; else they only tell ReadAhead what will probably come.
  std::deque<InputFile> unread_;
  bool unread_counts_ = false;
  // Entries that this process recorded and that are not committed: it knows more of their files than the log does.
  std::map<SourceLogId, std::vector<InputFile>> recorded_;
  AheadReader ahead_;
};

}  // namespace hf
