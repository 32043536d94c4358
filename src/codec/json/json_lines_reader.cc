// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_lines_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/utf8.h"

namespace hf {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Schema Without(const Schema& schema, std::size_t column) {
  std::vector<StructField> fields = schema.fields();
  if (column < fields.size()) {
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(column));
  }
  return Schema(std::move(fields));
}

Status CheckMapKeys(const DataType& type, const std::string& path) {
  if (type.kind() == TypeKind::kMap && type.children()[0].type.kind() != TypeKind::kString) {
    return Invalid(
        fmt::format("column {}: JSON has no map with keys of type {}", path, type.children()[0].type.ToSql()),
        "INVALID_JSON_MAP_KEY_TYPE");
  }
  for (const StructField& field : type.children()) {
    HF_RETURN_IF_ERROR(CheckMapKeys(field.type, path.empty() ? field.name : path + "." + field.name));
  }
  return {};
}

// Where the line that begins at `from` ends, at its \n or \r. REQUIRES: there is one before `end`.
const char* FindLineEnd(const char* from, const char* end) {
  const auto* feed = static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
  const char* limit = feed != nullptr ? feed : end;
  const auto* carriage = static_cast<const char*>(std::memchr(from, '\r', static_cast<std::size_t>(limit - from)));
  return carriage != nullptr ? carriage : limit;
}

// Behind the line end at `at`.
const char* NextLine(const char* at, const char* end) {
  return at + (at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1);
}

// How many bytes in front are whole lines. A \r at the very end counts only when nothing follows that could be its \n.
std::size_t WholeLines(std::string_view bytes, JsonLinesReader::Rest rest) {
  const bool more = rest == JsonLinesReader::Rest::kFollows;
  const std::string_view searched = more && bytes.ends_with('\r') ? bytes.substr(0, bytes.size() - 1) : bytes;
  const std::size_t last = searched.find_last_of("\r\n");
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace

JsonLinesReader::JsonLinesReader(const Schema& schema, JsonReadOptions options, std::size_t corrupt_column)
    : schema_(schema),
      options_(std::move(options)),
      corrupt_column_(corrupt_column),
      data_schema_(Without(schema, corrupt_column)),
      root_(data_schema_.type(), "", &options_.times),
      builders_(MakeBuilders(data_schema_)),
      corrupt_(DataType::String()) {}

Result<std::unique_ptr<JsonLinesReader>> JsonLinesReader::Make(const Schema& schema, JsonReadOptions options) {
  HF_ASSIGN_OR_RETURN(const std::optional<std::size_t> corrupt,
                      FindCorruptColumn(schema, options.corrupt_record_column));
  HF_RETURN_IF_ERROR(CheckMapKeys(schema.type(), ""));
  return std::unique_ptr<JsonLinesReader>(new JsonLinesReader(schema, std::move(options), corrupt.value_or(kNoColumn)));
}

std::string JsonLinesReader::Describe() const {
  const std::string field = problem_.field.empty() ? "" : fmt::format(", field {}", problem_.field);
  return fmt::format("{}, line {}{}: {}", options_.file_name, line_number_, field, problem_.reason);
}

void JsonLinesReader::TruncateTo(std::int64_t rows) {
  for (ColumnBuilder& builder : builders_) {
    builder.Truncate(rows);
  }
  rows_ = rows;
}

void JsonLinesReader::AppendCorrupt(const std::string* text) {
  if (corrupt_column_ == kNoColumn) {
    return;
  }
  if (text != nullptr) {
    corrupt_.AppendBytes(*text);
  } else {
    corrupt_.AppendNull();
  }
}

JsonLinesReader::Line JsonLinesReader::ReadArrayOfRecords(JsonCursor& cursor) {
  Line line = Line::kRows;
  cursor.Take('[');
  if (cursor.Take(']')) {
    return line;
  }
  do {
    if (cursor.Peek() != JsonToken::kObject) {
      problem_.Note("", "an element of the array is no object");
      return Line::kMalformed;
    }
    const JsonOutcome outcome = root_.ReadMembers(cursor, builders_.data(), problem_);
    if (outcome == JsonOutcome::kMalformed) {
      return Line::kMalformed;
    }
    line = outcome == JsonOutcome::kPartial ? Line::kPartial : line;
    ++rows_;
  } while (cursor.Take(','));
  if (!cursor.Take(']')) {
    problem_.Note("", "not valid JSON");
    return Line::kMalformed;
  }
  return line;
}

JsonLinesReader::Line JsonLinesReader::ReadRecords(JsonCursor& cursor) {
  switch (cursor.Peek()) {
    case JsonToken::kObject: {
      const JsonOutcome outcome = root_.ReadMembers(cursor, builders_.data(), problem_);
      if (outcome == JsonOutcome::kMalformed) {
        return Line::kMalformed;
      }
      ++rows_;
      return outcome == JsonOutcome::kPartial ? Line::kPartial : Line::kRows;
    }
    case JsonToken::kArray: return ReadArrayOfRecords(cursor);
    default: break;
  }
  if (cursor.AtLineEnd()) {
    return Line::kBlank;
  }
  problem_.Note("", cursor.SkipValue().has_value() ? "the record is no object" : "not valid JSON");
  return Line::kMalformed;
}

JsonLinesReader::Line JsonLinesReader::ReadLine(std::string_view text, const char* readable_end) {
  ++line_number_;
  problem_.field.clear();
  problem_.reason.clear();
  if (text.starts_with(kByteOrderMark)) [[unlikely]] {
    text.remove_prefix(kByteOrderMark.size());
  }
  JsonCursor cursor(text.data(), readable_end);
  const Line line = ReadRecords(cursor);
  stopped_at_ = cursor.at();
  return line;
}

// Settles the rows that a line made; they are the last of the builders, beyond those the corrupt column has.
Status JsonLinesReader::KeepOrDrop(Line line, std::string_view text, Chunk* chunk) {
  const std::int64_t before = rows_before_line_;
  if (line == Line::kBlank) {
    return {};
  }
  if (line == Line::kRows) {
    for (std::int64_t row = before; row < rows_; ++row) {
      AppendCorrupt(nullptr);
    }
    return {};
  }
  if (line == Line::kMalformed) {
    TruncateTo(before);
  }
  if (options_.mode == ParseMode::kFailFast) {
    return Corrupt(fmt::format("malformed record: {}", Describe()), "MALFORMED_RECORD_IN_PARSING");
  }
  ++chunk->malformed_rows;
  if (options_.mode == ParseMode::kDropMalformed) {
    TruncateTo(before);
    return {};
  }
  if (line == Line::kMalformed) {
    for (ColumnBuilder& builder : builders_) {
      builder.AppendNull();
    }
    ++rows_;
  }
  const std::string kept = ReplaceInvalidUtf8(text);
  for (std::int64_t row = before; row < rows_; ++row) {
    AppendCorrupt(&kept);
  }
  return {};
}

Status JsonLinesReader::ReadLines(std::string_view bytes, std::int64_t rows_max, Chunk* chunk) {
  const char* at = bytes.data();
  const char* end = bytes.data() + bytes.size();
  while (at < end && rows_ < rows_max) {
    rows_before_line_ = rows_;
    const Line line = ReadLine({at, static_cast<std::size_t>(end - at)}, end);
    const char* line_end = FindLineEnd(stopped_at_, end);
    HF_RETURN_IF_ERROR(KeepOrDrop(line, {at, static_cast<std::size_t>(line_end - at)}, chunk));
    at = NextLine(line_end, end);
  }
  chunk->consumed_bytes = static_cast<std::size_t>(at - bytes.data());
  return {};
}

Status JsonLinesReader::ReadUnended(std::string_view bytes, Chunk* chunk) {
  const std::string line = std::string(bytes) + '\n';
  rows_before_line_ = rows_;
  const Line outcome = ReadLine(line, line.data() + line.size());
  chunk->consumed_bytes += bytes.size();
  if (outcome == Line::kMalformed && options_.last_line_may_be_cut) {
    TruncateTo(rows_before_line_);
    chunk->truncated_last_line = true;
    chunk->truncated_reason = Describe();
    return {};
  }
  return KeepOrDrop(outcome, bytes, chunk);
}

Result<JsonLinesReader::Chunk> JsonLinesReader::Read(std::string_view bytes, Rest rest, std::int64_t rows_max) {
  Chunk chunk;
  try {
    const std::size_t whole = WholeLines(bytes, rest);
    Status status = ReadLines(bytes.substr(0, whole), rows_max, &chunk);
    const bool all = chunk.consumed_bytes == whole && rows_ < rows_max;
    if (status.ok() && rest == Rest::kNone && all && whole < bytes.size()) {
      status = ReadUnended(bytes.substr(whole), &chunk);
    }
    if (!status.ok()) {
      TruncateTo(0);
      corrupt_.Truncate(0);
      return status;
    }
  } catch (const StatusError& error) {
    return error.status();
  }
  std::vector<Column> columns;
  for (ColumnBuilder& builder : builders_) {
    columns.push_back(builder.Finish());
  }
  if (corrupt_column_ != kNoColumn) {
    columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(corrupt_column_), corrupt_.Finish());
  }
  chunk.batch = ColumnBatch(schema_, std::move(columns), std::exchange(rows_, 0));
  return chunk;
}

}  // namespace hf
