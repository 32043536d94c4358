// SPDX-License-Identifier: Apache-2.0
#include "codec/text/text_lines_reader.h"

#include <algorithm>
#include <utility>

namespace hf {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

TextLinesReader::TextLinesReader(Schema schema, TextReadOptions options)
    : schema_(std::move(schema)), options_(std::move(options)), lines_(DataType::String()) {}

TextLinesReader::LineEnd TextLinesReader::FindEnd(std::string_view left) const {
  if (options_.whole_file) {
    return {left.size(), left.size()};
  }
  if (!options_.line_separator.empty()) {
    const std::size_t at = std::min(left.find(options_.line_separator), left.size());
    return {at, at == left.size() ? at : at + options_.line_separator.size()};
  }
  const std::size_t feed = std::min(left.find('\n'), left.size());
  const std::size_t carriage = left.substr(0, feed).find('\r');
  if (carriage == std::string_view::npos) {
    return {feed, std::min(feed + 1, left.size())};
  }
  return {carriage, carriage + (carriage + 1 == feed && feed < left.size() ? 2 : 1)};
}

std::size_t TextLinesReader::ReadLines(std::string_view bytes, Rest rest, std::int64_t rows_max) {
  std::size_t at = 0;
  while (at < bytes.size() && lines_.length() < rows_max) {
    std::string_view left = bytes.substr(at);
    const LineEnd end = FindEnd(left);
    const bool ended = end.next > end.at;
    // A \r at the very end may be half of a line end.
    const bool undecided = ended && options_.line_separator.empty() && end.next == left.size() && left.back() == '\r';
    if (rest == Rest::kFollows && (!ended || undecided)) {
      break;
    }
    at += end.next;
    std::string_view line = left.substr(0, end.at);
    if (std::exchange(at_file_start_, false) && !options_.whole_file && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
      if (line.empty() && !ended) {
        break;  // Hadoop: nothing but the mark is no line
      }
    }
    lines_.AppendBytes(line);
  }
  return at;
}

Result<TextLinesReader::Chunk> TextLinesReader::Read(std::string_view bytes, Rest rest, std::int64_t rows_max) {
  Chunk chunk;
  try {
    chunk.consumed_bytes = ReadLines(bytes, rest, rows_max);
  } catch (const StatusError& error) {
    return error.status();
  }
  const std::int64_t rows = lines_.length();
  chunk.batch = ColumnBatch(schema_, {lines_.Finish()}, rows);
  return chunk;
}

}  // namespace hf
