// SPDX-License-Identifier: Apache-2.0
// What the text formats (JSON lines, CSV, text) share: reading a file in pieces that end with a line, and options.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "connect/file/file_content.h"
#include "connect/file/input_formats.h"
#include "rows/text_format.h"

namespace hf {

inline constexpr std::uint64_t kTextPieceBytes = std::uint64_t{8} << 20;
// A longer line is no text but a mistake; beyond 2 GiB a column could not hold it.
inline constexpr std::uint64_t kTextLineBytesMax = std::uint64_t{1} << 30;

// The options that mean the same in both formats: mode, columnNameOfCorruptRecord, dateFormat, timestampFormat,
// timestampNTZFormat, timeZone; and encoding, where there is only UTF-8.
Status TakeTextOptions(OptionTaker& options, const std::string& session_time_zone, ParseMode& mode,
                       std::string& corrupt_record_column, TimeFormats& times);

// The option encoding alone.
Status TakeEncoding(OptionTaker& options);

// The option samplingRatio: which columns there are is found out from all rows, never from some.
Status TakeSampling(OptionTaker& options);

// Reads a file through a codec's reader, which has Read(bytes, rest, rows_max) -> Chunk as JsonLinesReader.
template <typename Reader>
class TextSplit final : public SourceSplit {
 public:
  TextSplit(FileSystem& files, std::string path, std::uint64_t size_bytes, std::unique_ptr<Reader> reader)
      : content_(FileContent::Open(files, path, size_bytes)), path_(std::move(path)), reader_(std::move(reader)) {}

  Result<std::optional<ColumnBatch>> Next() override {
    HF_RETURN_IF_ERROR(cut_off_);
    while (true) {
      const bool is_last = content_->at_end();
      const std::string_view piece = std::string_view(piece_).substr(used_bytes_);
      if (piece.empty() && is_last) {
        return std::optional<ColumnBatch>();
      }
      if (!piece.empty()) {
        HF_ASSIGN_OR_RETURN(
            auto chunk, reader_->Read(piece, is_last ? Reader::Rest::kNone : Reader::Rest::kFollows, kInputRowsMax));
        if (chunk.truncated_last_line) {
          // The rows in front of it first: they count when the rest is given up.
          cut_off_ = Corrupt(
              fmt::format("the last line of {} is cut off (it has no line end and cannot be read): {}. Complete it "
                          "in place and give the file back the modification time that it has now",
                          path_, chunk.truncated_reason));
        }
        used_bytes_ += chunk.consumed_bytes;
        if (chunk.consumed_bytes > 0) {
          return std::optional<ColumnBatch>(std::move(chunk.batch));
        }
        if (is_last) {
          return Internal(fmt::format("{}: the reader left {} bytes over", path_, piece.size()));
        }
      }
      HF_RETURN_IF_ERROR(ReadMore());
    }
  }

 private:
  // Keeps the line that has begun and adds to it; a long line is read in ever larger pieces.
  Status ReadMore() {
    piece_.erase(0, used_bytes_);
    used_bytes_ = 0;
    if (piece_.size() > kTextLineBytesMax) {
      return Corrupt(fmt::format("{} has a line of more than {} bytes", path_, kTextLineBytesMax));
    }
    HF_ASSIGN_OR_RETURN(std::string more, content_->Next(std::max<std::uint64_t>(kTextPieceBytes, piece_.size())));
    if (piece_.empty()) {
      piece_ = std::move(more);
    } else {
      piece_ += more;
    }
    return {};
  }

  const std::unique_ptr<FileContent> content_;
  const std::string path_;
  const std::unique_ptr<Reader> reader_;
  Status cut_off_;  // what follows the rows handed out last
  std::string piece_;
  std::uint64_t used_bytes_ = 0;  // of piece_
};

}  // namespace hf
