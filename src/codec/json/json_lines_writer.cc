// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_lines_writer.h"

#include <fmt/format.h>

#include "rows/scalar_format.h"
#include "rows/time_text.h"

namespace hf {
namespace {

// The names of a type's fields as they stand in front of values: "name": with quotes and escapes.
struct Names {
  explicit Names(const std::vector<StructField>& fields) {
    for (const StructField& field : fields) {
      std::string& name = texts.emplace_back();
      AppendJsonText(name, field.name);
      name += ':';
      children.emplace_back(field.type.children());
    }
  }

  std::vector<std::string> texts;
  std::vector<Names> children;
};

class Writer {
 public:
  explicit Writer(const JsonWriteOptions& options)
      : times_(options.zone, options.timestamp, options.timestamp_ntz, options.date),
        ignore_nulls_(options.ignore_null_fields) {}

  void AppendStruct(std::string& out, const Names& names, const std::vector<Column>& columns, std::int64_t row) {
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool is_null = columns[i].IsNull(row);
      if (is_null && ignore_nulls_) {
        continue;
      }
      if (!first) {
        out += ',';
      }
      first = false;
      out += names.texts[i];
      Append(out, names.children[i], columns[i], row);
    }
    out += '}';
  }

  void Append(std::string& out, const Names& names, const Column& column, std::int64_t row) {
    if (column.IsNull(row)) {
      out += "null";
      return;
    }
    switch (column.type.kind()) {
      case TypeKind::kNull: out += "null"; return;
      case TypeKind::kBoolean: out += column.Bool(row) ? "true" : "false"; return;
      case TypeKind::kByte: AppendInteger(out, column.Fixed<std::int8_t>(row)); return;
      case TypeKind::kShort: AppendInteger(out, column.Fixed<std::int16_t>(row)); return;
      case TypeKind::kInt: AppendInteger(out, column.Fixed<std::int32_t>(row)); return;
      case TypeKind::kLong: AppendInteger(out, column.Fixed<std::int64_t>(row)); return;
      case TypeKind::kFloat: AppendJsonNumber(out, column.Fixed<float>(row)); return;
      case TypeKind::kDouble: AppendJsonNumber(out, column.Fixed<double>(row)); return;
      case TypeKind::kDecimal: AppendDecimalText(out, column.Fixed<__int128>(row), column.type.scale()); return;
      case TypeKind::kString: AppendJsonText(out, column.Bytes(row)); return;
      case TypeKind::kBinary:
        out += '"';
        AppendBase64(out, column.Bytes(row));
        out += '"';
        return;
      case TypeKind::kDate: AppendQuoted(out, times_.DateText(column.Fixed<std::int32_t>(row))); return;
      case TypeKind::kTimestamp: AppendQuoted(out, times_.TimestampText(column.Fixed<std::int64_t>(row))); return;
      case TypeKind::kTimestampNtz: AppendQuoted(out, times_.TimestampNtzText(column.Fixed<std::int64_t>(row))); return;
      case TypeKind::kArray: AppendArray(out, names, column, row); return;
      case TypeKind::kMap: AppendMap(out, names, column, row); return;
      case TypeKind::kStruct: AppendStruct(out, names, column.children, column.offset + row); return;
    }
  }

 private:
  void AppendQuoted(std::string& out, std::string_view text) {
    out += '"';
    out += text;
    out += '"';
  }

  void AppendInteger(std::string& out, std::int64_t value) {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
  }

  void AppendArray(std::string& out, const Names& names, const Column& column, std::int64_t row) {
    const std::int64_t begin = column.offsets[column.offset + row];
    const std::int64_t end = column.offsets[column.offset + row + 1];
    out += '[';
    for (std::int64_t i = begin; i < end; ++i) {
      out += i > begin ? "," : "";
      Append(out, names.children[0], column.children[0], i);
    }
    out += ']';
  }

  // A map keeps its nulls, whatever becomes of those of structs (JacksonGenerator.writeMapData).
  void AppendMap(std::string& out, const Names& names, const Column& column, std::int64_t row) {
    const std::int64_t begin = column.offsets[column.offset + row];
    const std::int64_t end = column.offsets[column.offset + row + 1];
    out += '{';
    for (std::int64_t i = begin; i < end; ++i) {
      out += i > begin ? "," : "";
      AppendJsonText(out, MapKeyText(ValueAt(column.children[0], i), column.children[0].type));
      out += ':';
      Append(out, names.children[1], column.children[1], i);
    }
    out += '}';
  }

  TimeText times_;
  bool ignore_nulls_;
};

}  // namespace

std::string WriteJsonLines(const ColumnBatch& batch, const JsonWriteOptions& options) {
  Writer writer(options);
  const Names names(batch.schema().fields());
  std::string out;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    writer.AppendStruct(out, names, batch.columns(), row);
    out += '\n';
  }
  return out;
}

struct JsonValueWriter::Parts {
  Writer writer;
  Names names;
};

JsonValueWriter::JsonValueWriter(const DataType& type, const JsonWriteOptions& options)
    : parts_(std::make_unique<Parts>(Parts{Writer(options), Names(type.children())})) {}

JsonValueWriter::~JsonValueWriter() = default;

void JsonValueWriter::Append(std::string& out, const Column& column, std::int64_t row) {
  parts_->writer.Append(out, parts_->names, column, row);
}

}  // namespace hf
