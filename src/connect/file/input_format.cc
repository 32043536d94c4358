// SPDX-License-Identifier: Apache-2.0
#include "connect/file/input_format.h"

#include <fmt/core.h>

#include "connect/file/input_formats.h"
#include "holdfast/log.h"

namespace hf {

Result<std::shared_ptr<const InputFormat>> MakeInputFormat(const std::string& format, const Schema& schema,
                                                           const OptionMap& options, const std::string& time_zone,
                                                           InputUse use) {
  const std::string name = LowerCase(format);
  if (name == "json") {
    return MakeJsonInput(schema, options, time_zone, use);
  }
  if (name == "csv") {
    return MakeCsvInput(schema, options, time_zone, use);
  }
  if (name == "parquet") {
    return MakeParquetInput(schema, options);
  }
  if (name == "text") {
    return MakeLinesInput(schema, options);
  }
  return Invalid(fmt::format("there is no file source of format '{}'; there are json, csv, parquet and text", format));
}

namespace {

// The source log knows a file by its path and time; what a person types to give the time back.
std::string WithItsTime(const InputFile& file) {
  return fmt::format(" and give it its time (touch -d @{}.{:03} '{}')", file.modified_ms / 1000,
                     file.modified_ms % 1000, file.path);
}

}  // namespace

Result<FileInfo> CheckUnchanged(FileSystem& files, const InputFile& discovered) {
  HF_ASSIGN_OR_RETURN(std::optional<FileInfo> info, files.Stat(discovered.path));
  if (!info.has_value() || info->is_directory) {
    return Corrupt(
        fmt::format("the input file {} vanished after it had been discovered, and the query cannot go on without its "
                    "rows; put the file back{}, or give its rows up with the source's option {}=true",
                    discovered.path, WithItsTime(discovered), kIgnoreMissingFiles),
        std::string(kFileMissing));
  }
  if (discovered.size_bytes.has_value() && info->size_bytes != *discovered.size_bytes) {
    return Corrupt(
        fmt::format("the input file {} was changed after it had been discovered: it had {} bytes and has {}. Put "
                    "the file of that time back{}, and add new data as new files",
                    discovered.path, *discovered.size_bytes, info->size_bytes, WithItsTime(discovered)));
  }
  const bool same_time = discovered.modified_us.has_value()
                             ? info->modified_us == *discovered.modified_us
                             : MillisOfMicros(info->modified_us) == discovered.modified_ms;
  if (!same_time) {
    return Corrupt(fmt::format(
        "the input file {} was changed after it had been discovered: its modification time was {} ms "
        "and is {} ms. Put the file of that time back{}, and add new data as new files",
        discovered.path, discovered.modified_ms, MillisOfMicros(info->modified_us), WithItsTime(discovered)));
  }
  return std::move(*info);
}

Status FileSplit::Begin() {
  const Result<FileInfo> unchanged = CheckUnchanged(*files_, discovered_);
  if (giving_up_.missing_files && unchanged.status().condition() == kFileMissing) {
    Log(LogLevel::kWarning, fmt::format("Skipped missing file: {} ({})", discovered_.path, kIgnoreMissingFiles));
    End();
    return {};
  }
  HF_RETURN_IF_ERROR(unchanged.status());
  const FileInfo& info = *unchanged;
  // From here on the end must find what the beginning found, whatever the discoverer knew.
  discovered_.size_bytes = info.size_bytes;
  discovered_.modified_us = info.modified_us;
  Result<std::unique_ptr<SourceSplit>> opened = format_->OpenFile(*files_, discovered_.path, info.size_bytes);
  if (!opened.ok()) {
    return Failed(opened.status());
  }
  rows_ = std::move(opened).value();
  return {};
}

Status FileSplit::Failed(const Status& failure) {
  HF_RETURN_IF_ERROR(CheckUnchanged(*files_, discovered_).status());
  if (failure.kind() != ErrorKind::kCorrupt || failure.condition() == "MALFORMED_RECORD_IN_PARSING") {
    return failure;
  }
  if (!giving_up_.corrupt_files) {
    return Status(failure.kind(),
                  fmt::format("{}; what cannot be read of the file can be given up with the source's option {}=true",
                              failure.message(), kIgnoreCorruptFiles),
                  std::string(failure.condition()));
  }
  Log(LogLevel::kWarning, fmt::format("Skipped the rest of the content in the corrupted file: {} ({}): {}",
                                      discovered_.path, kIgnoreCorruptFiles, failure.message()));
  End();
  return {};
}

void FileSplit::End() {
  ended_ = true;
  rows_.reset();
}

Result<std::optional<ColumnBatch>> FileSplit::Next() {
  if (ended_) {
    return std::optional<ColumnBatch>();
  }
  if (rows_ == nullptr) {
    HF_RETURN_IF_ERROR(Begin());
  }
  while (!rest_.has_value()) {
    if (ended_) {  // given up
      return std::optional<ColumnBatch>();
    }
    Result<std::optional<ColumnBatch>> next = rows_->Next();
    if (!next.ok()) {
      HF_RETURN_IF_ERROR(Failed(next.status()));
      continue;
    }
    if (!next->has_value()) {
      HF_RETURN_IF_ERROR(CheckUnchanged(*files_, discovered_).status());
      End();
      return std::optional<ColumnBatch>();
    }
    if ((*next)->rows() > 0) {
      rest_ = std::move(**next);
    }
  }
  if (rest_->rows() <= kInputRowsMax) {
    return std::exchange(rest_, std::nullopt);
  }
  std::optional<ColumnBatch> head = rest_->Slice(0, kInputRowsMax);
  rest_ = rest_->Slice(kInputRowsMax, rest_->rows() - kInputRowsMax);
  return head;
}

}  // namespace hf
