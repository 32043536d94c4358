// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/utf8.h"

namespace hf {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

template <typename T>
bool AppendInteger(std::string_view text, ColumnBuilder& builder) {
  const auto value = ParseInteger(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  if (value.has_value()) {
    builder.AppendFixed(static_cast<T>(*value));
  }
  return value.has_value();
}

template <typename T>
bool AppendIfAny(const std::optional<T>& value, ColumnBuilder& builder) {
  if (value.has_value()) {
    builder.AppendFixed(*value);
  }
  return value.has_value();
}

bool IsBlank(std::string_view record) {
  return std::all_of(record.begin(), record.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

}  // namespace

CsvReader::CsvReader(const Schema& schema, CsvReadOptions options, std::size_t corrupt_column)
    : schema_(schema),
      options_(std::move(options)),
      corrupt_column_(corrupt_column),
      tokens_(options_.dialect),
      builders_(MakeBuilders(schema)),
      header_due_(options_.header) {
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (i != corrupt_column) {
      columns_.push_back(i);
    }
  }
}

Result<std::unique_ptr<CsvReader>> CsvReader::Make(const Schema& schema, CsvReadOptions options) {
  HF_ASSIGN_OR_RETURN(const std::optional<std::size_t> corrupt,
                      FindCorruptColumn(schema, options.corrupt_record_column));
  for (const StructField& field : schema.fields()) {
    if (field.type.is_nested() || field.type.kind() == TypeKind::kNull) {
      return Invalid(fmt::format("column {}: CSV has no type {}", field.name, field.type.ToSql()),
                     "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
    }
  }
  if (options.dialect.separator.empty()) {
    return Invalid("the separator of CSV fields must not be empty", "INVALID_DELIMITER_VALUE");
  }
  return std::unique_ptr<CsvReader>(new CsvReader(schema, std::move(options), corrupt.value_or(kNoColumn)));
}

std::string CsvReader::Describe() const {
  return fmt::format("{}, line {}: {}", options_.file_name, line_number_, problem_);
}

bool CsvReader::AppendFloating(std::string_view text, ColumnBuilder& builder) const {
  const bool is_float = builder.type().kind() == TypeKind::kFloat;
  double value = 0;
  if (text == options_.nan_value) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (text == options_.positive_inf) {
    value = std::numeric_limits<double>::infinity();
  } else if (text == options_.negative_inf) {
    value = -std::numeric_limits<double>::infinity();
  } else {
    return is_float ? AppendIfAny(ParseFloat(text), builder) : AppendIfAny(ParseDouble(text), builder);
  }
  if (is_float) {
    builder.AppendFixed(static_cast<float>(value));
  } else {
    builder.AppendFixed(value);
  }
  return true;
}

bool CsvReader::AppendScalar(std::string_view text, ColumnBuilder& builder) const {
  const DataType& type = builder.type();
  switch (type.kind()) {
    case TypeKind::kString:
      if (IsValidUtf8(text)) {
        builder.AppendBytes(text);
      } else {
        builder.AppendBytes(ReplaceInvalidUtf8(text));
      }
      return true;
    case TypeKind::kBinary: builder.AppendBytes(text); return true;
    case TypeKind::kBoolean: {
      const auto value = ParseBoolean(text);
      if (value.has_value()) {
        builder.AppendBool(*value);
      }
      return value.has_value();
    }
    case TypeKind::kByte: return AppendInteger<std::int8_t>(text, builder);
    case TypeKind::kShort: return AppendInteger<std::int16_t>(text, builder);
    case TypeKind::kInt: return AppendInteger<std::int32_t>(text, builder);
    case TypeKind::kLong: return AppendInteger<std::int64_t>(text, builder);
    case TypeKind::kFloat:
    case TypeKind::kDouble: return AppendFloating(text, builder);
    case TypeKind::kDecimal: {
      // ExprUtils.getDecimalParser of the default locale drops thousands separators.
      std::string plain(text);
      std::erase(plain, ',');
      return AppendIfAny(ParseDecimal(plain, type.precision(), type.scale()), builder);
    }
    case TypeKind::kDate: return AppendIfAny(ReadDate(text, options_.times), builder);
    case TypeKind::kTimestamp: return AppendIfAny(ReadTimestamp(text, options_.times), builder);
    case TypeKind::kTimestampNtz: return AppendIfAny(ReadTimestampNtz(text, options_.times), builder);
    case TypeKind::kNull:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct: return false;
  }
  return false;
}

bool CsvReader::ReadField(const CsvToken& token, ColumnBuilder& builder) const {
  std::string_view text = token.text;
  if (text.empty() && token.quoted) {
    text = options_.empty_value;
  }
  if ((text.empty() && !token.quoted) || text == options_.null_value) {
    builder.AppendNull();
    return true;
  }
  if (AppendScalar(text, builder)) {
    return true;
  }
  builder.AppendNull();
  return false;
}

CsvReader::Outcome CsvReader::ReadRecord(std::string_view record) {
  ++line_number_;
  if (std::exchange(at_file_start_, false) && record.starts_with(kByteOrderMark)) {
    record.remove_prefix(kByteOrderMark.size());
  }
  if (IsBlank(record) || (options_.comment != '\0' && record.starts_with(options_.comment))) {
    return Outcome::kNone;
  }
  if (std::exchange(header_due_, false)) {
    return Outcome::kNone;
  }
  const std::vector<CsvToken>& fields = tokens_.Split(record);
  problem_.clear();
  if (fields.size() != columns_.size()) {
    problem_ = fmt::format("{} fields for {} columns", fields.size(), columns_.size());
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ColumnBuilder& builder = builders_[columns_[i]];
    if (i >= fields.size()) {
      builder.AppendNull();
    } else if (!ReadField(fields[i], builder) && problem_.empty()) {
      const std::string_view text = fields[i].text.substr(0, 100);
      problem_ = fmt::format("field {}: {} is no {}", schema_.field(columns_[i]).name, text, builder.type().ToSql());
    }
  }
  ++rows_;
  return problem_.empty() ? Outcome::kRow : Outcome::kMalformed;
}

void CsvReader::DropLast() {
  --rows_;
  for (const std::size_t column : columns_) {
    builders_[column].Truncate(rows_);
  }
}

Status CsvReader::Settle(Outcome outcome, std::string_view record, Chunk* chunk) {
  if (outcome == Outcome::kNone) {
    return {};
  }
  const bool malformed = outcome == Outcome::kMalformed;
  if (malformed && options_.mode == ParseMode::kFailFast) {
    return Corrupt(fmt::format("malformed record: {}", Describe()), "MALFORMED_RECORD_IN_PARSING");
  }
  chunk->malformed_rows += malformed ? 1 : 0;
  if (malformed && options_.mode == ParseMode::kDropMalformed) {
    DropLast();
    return {};
  }
  if (corrupt_column_ != kNoColumn) {
    if (malformed) {
      builders_[corrupt_column_].AppendBytes(ReplaceInvalidUtf8(record));
    } else {
      builders_[corrupt_column_].AppendNull();
    }
  }
  return {};
}

Status CsvReader::ReadRecords(std::string_view bytes, Rest rest, std::int64_t rows_max, Chunk* chunk) {
  std::size_t at = 0;
  while (at < bytes.size() && rows_ < rows_max) {
    const std::string_view left = bytes.substr(at);
    const std::size_t size =
        options_.multi_line ? tokens_.RecordEnd(left) : std::min(left.find_first_of("\r\n"), left.size());
    const bool ended = size < left.size();
    // A \r at the very end may be half of a line end.
    const bool undecided = ended && left[size] == '\r' && size + 1 == left.size();
    if (rest == Rest::kFollows && (!ended || undecided)) {
      break;
    }
    const std::string_view record = left.substr(0, size);
    const Outcome outcome = ReadRecord(record);
    at += size + (!ended ? 0 : left.substr(size).starts_with("\r\n") ? 2 : 1);
    if (!ended && outcome == Outcome::kMalformed && options_.last_line_may_be_cut) {
      DropLast();
      chunk->truncated_last_line = true;
      chunk->truncated_reason = Describe();
    } else {
      HF_RETURN_IF_ERROR(Settle(outcome, record, chunk));
    }
  }
  chunk->consumed_bytes = at;
  return {};
}

Result<CsvReader::Chunk> CsvReader::Read(std::string_view bytes, Rest rest, std::int64_t rows_max) {
  Chunk chunk;
  try {
    if (Status status = ReadRecords(bytes, rest, rows_max, &chunk); !status.ok()) {
      return status;
    }
    if (schema_.size() == 0) {
      chunk.batch = ColumnBatch(schema_, {}, rows_);
    } else {
      chunk.batch = FinishBatch(schema_, builders_);
    }
    rows_ = 0;
  } catch (const StatusError& error) {
    return error.status();
  }
  return chunk;
}

}  // namespace hf
