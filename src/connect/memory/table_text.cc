// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/table_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/java_text.h"
#include "base/utf8.h"
#include "rows/civil_time.h"
#include "rows/scalar_format.h"
#include "rows/time_zone.h"

namespace hf {
namespace {

constexpr std::string_view kNull = "NULL";
constexpr std::size_t kColumnWidthMin = 3;

// Spark 4.3: FractionTimestampFormatter. "2026-01-01 10:00:00.5": the fraction without zeros at its end.
std::string DateTimeText(std::int64_t local_micros) {
  std::string text;
  AppendDateTimeText(text, local_micros, 6);
  text[text.find('T')] = ' ';
  while (text.back() == '0') {
    text.pop_back();
  }
  if (text.back() == '.') {
    text.pop_back();
  }
  return text;
}

// java.math.BigDecimal.toPlainString.
std::string PlainDecimal(const Decimal& value) {
  const bool negative = value.unscaled < 0;
  // The magnitude of the smallest __int128 has no signed counterpart.
  unsigned __int128 rest =
      negative ? -static_cast<unsigned __int128>(value.unscaled) : static_cast<unsigned __int128>(value.unscaled);
  std::string digits;
  while (rest > 0 || digits.size() <= static_cast<std::size_t>(std::max(value.scale, 0))) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (value.scale > 0) {
    digits.insert(static_cast<std::size_t>(value.scale), ".");
  }
  if (negative) {
    digits += '-';
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string HexText(std::string_view bytes) {
  std::string text = "[";
  for (const char byte : bytes) {
    text +=
        fmt::format("{}{:02X}", text.size() == 1 ? "" : " ", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  }
  return text + "]";
}

// Spark 4.3: ToPrettyString over ToStringBase.
class PrettyPrinter {
 public:
  explicit PrettyPrinter(TimeZone zone) : zone_(std::move(zone)) {}

  [[nodiscard]] std::string Text(const Value& value, const DataType& type) const {
    if (value.is_null()) {
      return std::string(kNull);
    }
    switch (type.kind()) {
      case TypeKind::kNull: return std::string(kNull);
      case TypeKind::kBoolean: return std::get<bool>(value) ? "true" : "false";
      case TypeKind::kByte: return fmt::format("{}", static_cast<int>(std::get<std::int8_t>(value)));
      case TypeKind::kShort: return fmt::format("{}", std::get<std::int16_t>(value));
      case TypeKind::kInt: return fmt::format("{}", std::get<std::int32_t>(value));
      case TypeKind::kLong: return fmt::format("{}", std::get<std::int64_t>(value));
      case TypeKind::kFloat: return JavaFloatText(std::get<float>(value));
      case TypeKind::kDouble: return JavaDoubleText(std::get<double>(value));
      case TypeKind::kDecimal: return PlainDecimal(std::get<Decimal>(value));
      case TypeKind::kString: return std::get<std::string>(value);
      case TypeKind::kBinary: return HexText(std::get<Binary>(value).bytes);
      case TypeKind::kDate: {
        std::string text;
        AppendDateText(text, std::get<Date>(value).days);
        return text;
      }
      case TypeKind::kTimestamp: return DateTimeText(zone_.LocalOf(std::get<Timestamp>(value).micros));
      case TypeKind::kTimestampNtz: return DateTimeText(std::get<TimestampNtz>(value).micros);
      case TypeKind::kArray:
      case TypeKind::kMap:
      case TypeKind::kStruct: return NestedText(value, type);
    }
    return {};
  }

 private:
  [[nodiscard]] std::string NestedText(const Value& value, const DataType& type) const {
    std::string text;
    if (type.kind() == TypeKind::kArray) {
      for (const Value& element : std::get<ArrayValue>(value).elements) {
        text += (text.empty() ? "" : ", ") + Text(element, type.children()[0].type);
      }
      return "[" + text + "]";
    }
    if (type.kind() == TypeKind::kMap) {
      for (const auto& [key, mapped] : std::get<MapValue>(value).entries) {
        text += fmt::format("{}{} -> {}", text.empty() ? "" : ", ", Text(key, type.children()[0].type),
                            Text(mapped, type.children()[1].type));
      }
      return "{" + text + "}";
    }
    const Row& fields = std::get<StructValue>(value).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      text += (i == 0 ? "" : ", ") + Text(fields[i], type.children()[i].type);
    }
    return "{" + text + "}";
  }

  TimeZone zone_;
};

// Spark 4.3: SchemaUtils.escapeMetaCharacters.
std::string EscapeControls(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const std::size_t at = std::string_view("\n\r\t\f\b\v\a").find(c);
    if (at == std::string_view::npos) {
      escaped += c;
    } else {
      escaped += '\\';
      escaped += "nrtfbva"[at];
    }
  }
  return escaped;
}

// Characters that take two columns on a terminal (Spark 4.3: Utils.fullWidthRegex).
bool IsWide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE10 && c <= 0xFE19) || (c >= 0xFE30 && c <= 0xFE6F) ||
         (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6);
}

struct Character {
  std::size_t size_bytes;
  std::size_t java_units;  // 2 above U+FFFF
  std::size_t width;       // columns as Spark counts them
};

Character CharacterAt(std::string_view text) {
  const CodePoint point = DecodeUtf8(text);
  if (point.size_bytes == 0) {
    return {.size_bytes = 1, .java_units = 1, .width = 1};
  }
  const std::size_t units = point.value > 0xFFFF ? 2U : 1U;
  return {.size_bytes = point.size_bytes, .java_units = units, .width = units + (IsWide(point.value) ? 1U : 0U)};
}

std::size_t JavaLength(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = CharacterAt(text.substr(at));
    length += character.java_units;
    at += character.size_bytes;
  }
  return length;
}

std::size_t WidthOf(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = CharacterAt(text.substr(at));
    width += character.width;
    at += character.size_bytes;
  }
  return width;
}

// The characters at the front that have at most `length` units together: a pair is never cut in two.
std::string_view Prefix(std::string_view text, std::size_t length) {
  std::size_t at = 0;
  std::size_t taken = 0;
  while (at < text.size()) {
    const Character character = CharacterAt(text.substr(at));
    if (taken + character.java_units > length) {
      break;
    }
    taken += character.java_units;
    at += character.size_bytes;
  }
  return text.substr(0, at);
}

std::string Cut(std::string text, std::size_t length_max) {
  if (length_max == 0 || JavaLength(text) <= length_max) {
    return text;
  }
  // Four characters are the least that has room for an ellipsis.
  return length_max < 4 ? std::string(Prefix(text, length_max)) : std::string(Prefix(text, length_max - 3)) + "...";
}

std::string RenderCells(const std::vector<std::vector<std::string>>& cells, bool align_right) {
  std::vector<std::size_t> widths(cells[0].size(), kColumnWidthMin);
  for (const std::vector<std::string>& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(row[i]));
    }
  }
  std::string rule = "+";
  for (const std::size_t width : widths) {
    rule += std::string(width, '-') + "+";
  }
  if (widths.empty()) {
    rule += "+";
  }
  rule += "\n";
  std::string text = rule;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += "|";
    for (std::size_t column = 0; column < widths.size(); ++column) {
      const std::string padding(widths[column] - WidthOf(cells[i][column]), ' ');
      text += align_right ? padding + cells[i][column] : cells[i][column] + padding;
      text += "|";
    }
    text += widths.empty() ? "|\n" : "\n";
    if (i == 0) {
      text += rule;
    }
  }
  return text + rule;
}

}  // namespace

Result<std::string> PrettyText(const Value& value, const DataType& type, const std::string& time_zone) {
  HF_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(time_zone));
  return PrettyPrinter(std::move(zone)).Text(value, type);
}

Result<std::string> FormatTable(const Schema& schema, const std::vector<ColumnBatch>& rows,
                                const TableTextOptions& options) {
  HF_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(options.time_zone));
  const PrettyPrinter printer(std::move(zone));
  std::vector<std::vector<std::string>> cells(1);
  for (const StructField& field : schema.fields()) {
    cells[0].push_back(EscapeControls(field.name));
  }
  const std::int64_t rows_max = std::max<std::int64_t>(options.rows_max, 0);
  std::int64_t total = 0;
  for (const ColumnBatch& batch : rows) {
    for (std::int64_t row = 0; row < batch.rows() && total + row < rows_max; ++row) {
      std::vector<std::string>& line = cells.emplace_back();
      for (std::size_t column = 0; column < schema.size(); ++column) {
        const std::string text = printer.Text(batch.At(column, row), schema.field(column).type);
        line.push_back(Cut(EscapeControls(text), options.cell_length_max));
      }
    }
    total += batch.rows();
  }
  std::string text = RenderCells(cells, options.cell_length_max > 0);
  if (total > rows_max) {
    text += fmt::format("only showing top {} {}\n", rows_max, rows_max == 1 ? "row" : "rows");
  }
  return text;
}

}  // namespace hf
