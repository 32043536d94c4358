// SPDX-License-Identifier: Apache-2.0
// InputFormat: how the bytes of an input file become rows. FileSplit: one file read from its beginning to its end,
// with the promise that it was the same file all the while.
#pragma once

#include <memory>
#include <string>

#include "connect/file/file_options.h"
#include "connect/file/input_file.h"
#include "files/file_system.h"
#include "holdfast/source.h"

namespace hf {

// Batches of rows that a source hands out are not longer.
inline constexpr std::int64_t kInputRowsMax = std::int64_t{1} << 17;

class InputFormat {
 public:
  virtual ~InputFormat() = default;
  // kInvalid for a file that its name says cannot be read; asked before a batch with it is promised.
  [[nodiscard]] virtual Status CheckName(const std::string& /*path*/) const { return {}; }
  // Begins to read the file, which has `size_bytes` bytes. `files` must outlive the split. Thread-safe.
  [[nodiscard]] virtual Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                                      std::uint64_t size_bytes) const = 0;
};

// What files are read for. In a stream a last line without a line end may be half written; for all that is there now it
// is a line like any other, and options that say how a schema is found are known.
enum class InputUse { kStream, kBatch };

// `format` is json, csv, parquet or text. kInvalid names the format, the option or the type of a column that cannot be
// had.
Result<std::shared_ptr<const InputFormat>> MakeInputFormat(const std::string& format, const Schema& schema,
                                                           const OptionMap& options, const std::string& time_zone,
                                                           InputUse use = InputUse::kStream);

// The condition of a file that was discovered and is gone.
inline constexpr std::string_view kFileMissing = "FAILED_READ_FILE.FILE_NOT_EXIST";

// Ok when what is at `path` now is still what was discovered; else kCorrupt that names the file and says whether it
// vanished, changed its size or changed its time. Returns the file as it is now.
Result<FileInfo> CheckUnchanged(FileSystem& files, const InputFile& discovered);

// Which files are given up, with a warning that names them.
struct GivingUp {
  bool corrupt_files = false;  // ignoreCorruptFiles: the rest of a file that cannot be read from some place on
  bool missing_files = false;  // ignoreMissingFiles
};

// Reads one file in batches of at most kInputRowsMax rows. The file is checked against `discovered` before the first
// row and after the last, and after any failure: a file that changed under the reader is reported as that.
//
// What is given up depends on the file's bytes alone, so that a batch that is run again has the same rows: a failing
// disk gives up nothing, and neither does a file that changes or vanishes while it is read, nor a record that mode
// FAILFAST stops at.
class FileSplit final : public SourceSplit {
 public:
  FileSplit(FileSystem& files, std::shared_ptr<const InputFormat> format, InputFile discovered, GivingUp giving_up = {})
      : files_(&files), format_(std::move(format)), discovered_(std::move(discovered)), giving_up_(giving_up) {}

  Result<std::optional<ColumnBatch>> Next() override;

 private:
  Status Begin();
  // Ok when the file is given up, which has ended then.
  Status Failed(const Status& failure);
  void End();

  FileSystem* files_;
  const std::shared_ptr<const InputFormat> format_;
  InputFile discovered_;
  const GivingUp giving_up_;
  std::unique_ptr<SourceSplit> rows_;
  bool ended_ = false;
  std::optional<ColumnBatch> rest_;  // of a batch that was too long
};

}  // namespace hf
