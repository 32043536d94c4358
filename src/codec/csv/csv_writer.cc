// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_writer.h"

#include <fmt/core.h>

#include "base/java_text.h"
#include "rows/scalar_format.h"
#include "rows/time_text.h"

namespace hf {
namespace {

bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

class Writer {
 public:
  explicit Writer(const CsvWriteOptions& options)
      : options_(options), times_(options.zone, options.timestamp, options.timestamp_ntz, options.date) {}

  void AppendText(std::string& out, std::string_view text) {
    while (options_.trim_leading && !text.empty() && IsSpace(text.front())) {
      text.remove_prefix(1);
    }
    while (options_.trim_trailing && !text.empty() && IsSpace(text.back())) {
      text.remove_suffix(1);
    }
    if (text.empty()) {
      out += options_.empty_value;
      return;
    }
    if (!options_.quote_all && !NeedsQuotes(text)) {
      out += text;
      return;
    }
    out += options_.quote;
    for (const char c : text) {
      if (c == options_.quote || c == options_.escape) {
        out += options_.escape;
      }
      out += c;
    }
    out += options_.quote;
  }

  void AppendNull(std::string& out) {
    if (options_.quote_all) {
      out += options_.quote + options_.null_value + options_.quote;
    } else {
      out += options_.null_value;
    }
  }

  void AppendCell(std::string& out, const Column& column, std::int64_t row) {
    if (column.IsNull(row)) {
      AppendNull(out);
      return;
    }
    if (column.type.kind() == TypeKind::kString) {
      AppendText(out, column.Bytes(row));
      return;
    }
    AppendText(out, ScalarText(column, row));
  }

 private:
  [[nodiscard]] bool NeedsQuotes(std::string_view text) const {
    return text.find(options_.separator) != std::string_view::npos ||
           text.find(options_.quote) != std::string_view::npos || text.find_first_of("\r\n") != std::string_view::npos;
  }

  // "[68 69]" (ToStringBase.getBinaryFormatter, spark.sql.binaryOutputStyle unset).
  static std::string BinaryText(std::string_view bytes) {
    std::string out = "[";
    for (const char c : bytes) {
      out += fmt::format("{}{:02X}", out.size() > 1 ? " " : "", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out + "]";
  }

  std::string ScalarText(const Column& column, std::int64_t row) {
    switch (column.type.kind()) {
      case TypeKind::kBoolean: return column.Bool(row) ? "true" : "false";
      case TypeKind::kByte: return std::to_string(column.Fixed<std::int8_t>(row));
      case TypeKind::kShort: return std::to_string(column.Fixed<std::int16_t>(row));
      case TypeKind::kInt: return std::to_string(column.Fixed<std::int32_t>(row));
      case TypeKind::kLong: return std::to_string(column.Fixed<std::int64_t>(row));
      case TypeKind::kFloat: return JavaFloatText(column.Fixed<float>(row));
      case TypeKind::kDouble: return JavaDoubleText(column.Fixed<double>(row));
      case TypeKind::kDecimal: {
        std::string out;
        AppendDecimalText(out, column.Fixed<__int128>(row), column.type.scale());
        return out;
      }
      case TypeKind::kBinary: return BinaryText(column.Bytes(row));
      case TypeKind::kDate: return std::string(times_.DateText(column.Fixed<std::int32_t>(row)));
      case TypeKind::kTimestamp: return std::string(times_.TimestampText(column.Fixed<std::int64_t>(row)));
      case TypeKind::kTimestampNtz: return std::string(times_.TimestampNtzText(column.Fixed<std::int64_t>(row)));
      case TypeKind::kNull:
      case TypeKind::kString:
      case TypeKind::kArray:
      case TypeKind::kMap:
      case TypeKind::kStruct: break;
    }
    return {};
  }

  const CsvWriteOptions& options_;
  TimeText times_;
};

}  // namespace

Result<std::string> WriteCsv(const ColumnBatch& batch, const CsvWriteOptions& options) {
  for (const StructField& field : batch.schema().fields()) {
    if (field.type.is_nested()) {
      return Invalid(fmt::format("column {}: CSV has no type {}", field.name, field.type.ToSql()),
                     "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
    }
  }
  Writer writer(options);
  std::string out;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    for (std::size_t i = 0; i < batch.columns().size(); ++i) {
      out += i > 0 ? options.separator : "";
      writer.AppendCell(out, batch.column(i), row);
    }
    out += '\n';
  }
  return out;
}

std::string WriteCsvHeader(const Schema& schema, const CsvWriteOptions& options) {
  Writer writer(options);
  std::string out;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    out += i > 0 ? options.separator : "";
    writer.AppendText(out, schema.field(i).name);
  }
  return out + '\n';
}

}  // namespace hf
