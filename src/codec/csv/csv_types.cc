// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/utf8.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDefaultDate = "yyyy-MM-dd";
constexpr int kDigitsMax = 38;

// CSVInferSchema.LENIENT_TS_FORMATTER_SUPPORTED_DATE_FORMATS: dates that can be read as timestamps without a pattern.
constexpr std::array<std::string_view, 7> kDatesLikeTimestamps = {"yyyy-MM-dd", "yyyy-M-d", "yyyy-M-dd", "yyyy-MM-d",
                                                                  "yyyy-MM",    "yyyy-M",   "yyyy"};

std::string LowerAscii(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// How many digits the whole number has that a text is for java.math.BigDecimal; 0 when it is none, or has a scale.
int DigitsOfWhole(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  const std::size_t exponent_at = std::min(rest.find_first_of("eE"), rest.size());
  std::string_view digits = rest.substr(0, exponent_at);
  std::int64_t exponent = 0;
  if (exponent_at < rest.size()) {
    const auto parsed = ParseInteger(rest.substr(exponent_at + 1), -1000, 1000);
    if (!parsed.has_value()) {
      return 0;
    }
    exponent = *parsed;
  }
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string whole = std::string(digits.substr(0, point)) +
                            std::string(point < digits.size() ? digits.substr(point + 1) : std::string_view());
  const std::int64_t scale =
      static_cast<std::int64_t>(point < digits.size() ? digits.size() - point - 1 : 0) - exponent;
  if (whole.empty() || whole.find_first_not_of("0123456789") != std::string::npos || scale != 0) {
    return 0;
  }
  return static_cast<int>(whole.size() - std::min(whole.find_first_not_of('0'), whole.size() - 1));
}

}  // namespace

CsvTypes::CsvTypes(CsvReadOptions reading, CsvTypeOptions options, DateTimePattern date)
    : reading_(std::move(reading)), options_(std::move(options)), date_(std::move(date)), tokens_(reading_.dialect) {}

Result<std::unique_ptr<CsvTypes>> CsvTypes::Make(CsvReadOptions reading, CsvTypeOptions options) {
  const std::string_view format = options.date_format.empty() ? kDefaultDate : std::string_view(options.date_format);
  HF_ASSIGN_OR_RETURN(DateTimePattern date, DateTimePattern::Compile(format, DateTimePattern::Use::kRead));
  return std::unique_ptr<CsvTypes>(new CsvTypes(std::move(reading), std::move(options), std::move(date)));
}

bool CsvTypes::IsNoRecord(std::string_view record) const {
  return std::all_of(record.begin(), record.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; }) ||
         (reading_.comment != '\0' && record.starts_with(reading_.comment));
}

// As CsvReader::ReadField; `text` is what counts.
bool CsvTypes::IsMissing(const CsvToken& field, std::string_view* text) const {
  *text = field.text.empty() && field.quoted ? std::string_view(reading_.empty_value) : field.text;
  return text->empty() || *text == reading_.null_value;
}

void CsvTypes::TakeNames(const std::vector<CsvToken>& fields) {
  std::map<std::string, int> seen;
  std::vector<std::string> names;
  for (const CsvToken& field : fields) {
    std::string_view text;
    const bool missing = IsMissing(field, &text) || !reading_.header;
    names.push_back(missing ? std::string() : ReplaceInvalidUtf8(text));
    ++seen[LowerAscii(names.back())];
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool twice = seen[LowerAscii(names[i])] > 1;
    columns_.push_back({.name = names[i].empty() ? fmt::format("_c{}", i)
                                : twice          ? fmt::format("{}{}", names[i], i)
                                                 : names[i]});
  }
}

void CsvTypes::AddRecord(std::string_view record, bool first) {
  const std::vector<CsvToken>& fields = tokens_.Split(record);
  if (columns_.empty()) {
    TakeNames(fields);
    header_ = record;
    if (reading_.header) {
      return;
    }
  } else if (reading_.header && (reading_.multi_line ? first : record == header_)) {
    return;
  }
  if (!options_.infer_types) {
    return;
  }
  for (std::size_t i = 0; i < std::min(fields.size(), columns_.size()); ++i) {
    std::string_view text;
    if (!IsMissing(fields[i], &text)) {
      AddField(text, &columns_[i]);
    }
  }
}

void CsvTypes::AddField(std::string_view text, Column* column) const {
  if (column->kind == Kind::kString) {
    return;
  }
  int digits = 0;
  const Kind kind = KindOf(text, column->kind, &digits);
  Meet(kind, digits, column);
}

CsvTypes::Kind CsvTypes::KindOf(std::string_view text, Kind least, int* digits) const {
  if (least <= Kind::kInteger && ParseInteger(text, INT32_MIN, INT32_MAX).has_value()) {
    return Kind::kInteger;
  }
  if (least <= Kind::kLong && ParseInteger(text, INT64_MIN, INT64_MAX).has_value()) {
    return Kind::kLong;
  }
  if (least <= Kind::kDecimal) {
    *digits = DigitsOfWhole(text);
    if (*digits > 0 && *digits <= kDigitsMax) {
      return Kind::kDecimal;
    }
  }
  if (least <= Kind::kDouble && (text == reading_.nan_value || text == reading_.positive_inf ||
                                 text == reading_.negative_inf || ParseDouble(text).has_value())) {
    return Kind::kDouble;
  }
  if (least <= Kind::kDate && (options_.prefer_date || least == Kind::kDate)) {
    const auto reading = date_.Read(text);
    if (reading.has_value() && DateOf(reading->time).has_value()) {
      return Kind::kDate;
    }
  }
  if (least <= Kind::kTimestamp && ReadTimestamp(text, reading_.times).has_value()) {
    return Kind::kTimestamp;
  }
  return ParseBoolean(text).has_value() ? Kind::kBoolean : Kind::kString;
}

// compatibleType of CSVInferSchema.
void CsvTypes::Meet(Kind kind, int digits, Column* column) const {
  const Kind before = column->kind;
  if (before == Kind::kNull || before == kind) {
    column->kind = kind;
    column->digits = std::max(column->digits, digits);
    return;
  }
  const auto is_number = [](Kind one) { return one >= Kind::kInteger && one <= Kind::kDouble; };
  if (is_number(before) && is_number(kind)) {
    column->kind = std::max(before, kind);
    const Kind narrow = std::min(before, kind);
    const int least = narrow == Kind::kInteger ? 10 : narrow == Kind::kLong ? 20 : 0;
    column->digits = std::max({column->digits, digits, least});
    return;
  }
  const bool dates =
      (before == Kind::kDate && kind == Kind::kTimestamp) || (before == Kind::kTimestamp && kind == Kind::kDate);
  const std::string_view format = options_.date_format.empty() ? kDefaultDate : std::string_view(options_.date_format);
  const bool readable =
      !reading_.times.timestamp.has_value() &&
      std::find(kDatesLikeTimestamps.begin(), kDatesLikeTimestamps.end(), format) != kDatesLikeTimestamps.end();
  column->kind = dates && readable ? Kind::kTimestamp : Kind::kString;
}

Schema CsvTypes::Columns() const {
  std::vector<StructField> fields;
  for (const Column& column : columns_) {
    StructField field = {.name = column.name, .type = DataType::String()};
    switch (column.kind) {
      case Kind::kInteger: field.type = DataType::Int(); break;
      case Kind::kLong: field.type = DataType::Long(); break;
      case Kind::kDecimal: field.type = DataType::Decimal(std::min(column.digits, kDigitsMax), 0); break;
      case Kind::kDouble: field.type = DataType::Double(); break;
      case Kind::kDate: field.type = DataType::Date(); break;
      case Kind::kTimestamp: field.type = DataType::Timestamp(); break;
      case Kind::kBoolean: field.type = DataType::Boolean(); break;
      case Kind::kNull:
      case Kind::kString: break;
    }
    fields.push_back(std::move(field));
  }
  return Schema(std::move(fields));
}

Result<CsvTypesReader::Chunk> CsvTypesReader::Read(std::string_view bytes, Rest rest, std::int64_t) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (types_->knows_all()) {
      at = bytes.size();
      break;
    }
    const std::string_view left = bytes.substr(at);
    const std::size_t size =
        types_->reading().multi_line ? ends_.RecordEnd(left) : std::min(left.find_first_of("\r\n"), left.size());
    if (size == left.size() && rest == Rest::kFollows) {
      break;
    }
    std::string_view record = left.substr(0, size);
    if (std::exchange(at_file_start_, false) && record.starts_with(kByteOrderMark)) {
      record.remove_prefix(kByteOrderMark.size());
    }
    if (!types_->IsNoRecord(record)) {
      types_->AddRecord(record, !std::exchange(had_record_, true));
    }
    at += std::min(size + 1, left.size());  // of \r\n the second ends an empty line
  }
  Chunk chunk;
  chunk.consumed_bytes = at;
  return chunk;
}

}  // namespace hf
