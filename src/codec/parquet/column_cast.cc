// SPDX-License-Identifier: Apache-2.0
#include "codec/parquet/column_cast.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "rows/civil_time.h"
#include "rows/column_builder.h"
#include "rows/decimal_limits.h"

namespace hf {
namespace {

// Decimal digits that any value of an integer type fits in, as Spark's DecimalType.forType; 0 for other types.
int IntegerDigits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte: return 3;
    case TypeKind::kShort: return 5;
    case TypeKind::kInt: return 10;
    case TypeKind::kLong: return 20;
    default: return 0;
  }
}

bool IsText(TypeKind kind) { return kind == TypeKind::kString || kind == TypeKind::kBinary; }
bool IsTime(TypeKind kind) { return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz; }

std::optional<ColumnCast::Kind> ScalarCast(const DataType& from, const DataType& to) {
  using Kind = ColumnCast::Kind;
  const int digits = IntegerDigits(from.kind());
  if (to.kind() == TypeKind::kDecimal) {
    const int whole = from.kind() == TypeKind::kDecimal ? from.precision() - from.scale() : digits;
    if (from.kind() == TypeKind::kDecimal && from == to) {
      return Kind::kRelabel;
    }
    const bool fits = whole > 0 || from.kind() == TypeKind::kDecimal;
    return fits && to.scale() >= from.scale() && to.precision() - to.scale() >= whole ? std::optional(Kind::kToDecimal)
                                                                                      : std::nullopt;
  }
  if (from.kind() == to.kind() || (IsText(from.kind()) && IsText(to.kind())) ||
      (IsTime(from.kind()) && IsTime(to.kind()))) {
    return Kind::kRelabel;
  }
  if (digits > 0 && IntegerDigits(to.kind()) > digits) {
    return Kind::kWiden;
  }
  if (to.kind() == TypeKind::kDouble && (from.kind() == TypeKind::kFloat || (digits > 0 && digits <= 10))) {
    return Kind::kToDouble;
  }
  if (from.kind() == TypeKind::kDate && to.kind() == TypeKind::kTimestampNtz) {
    return Kind::kDateToMicros;
  }
  return std::nullopt;
}

std::int64_t IntegerAt(const Column& column, std::int64_t row) {
  switch (FixedWidth(column.type.kind())) {
    case 1: return column.Fixed<std::int8_t>(row);
    case 2: return column.Fixed<std::int16_t>(row);
    case 4: return column.Fixed<std::int32_t>(row);
    default: return column.Fixed<std::int64_t>(row);
  }
}

// `convert` gives the datum of a row, or nullopt: the file's type bounds the values, but nothing makes a file keep to
// it.
template <typename Convert>
Result<Column> Rebuild(const Column& column, const DataType& to, Convert convert) {
  ColumnBuilder builder(to);
  builder.Reserve(column.length);
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (column.IsNull(row)) {
      builder.AppendNull();
      continue;
    }
    const auto value = convert(row);
    if (!value.has_value()) {
      return Corrupt(fmt::format("a value of type {} is beyond the range of {}", column.type.ToSql(), to.ToSql()));
    }
    builder.AppendFixed(*value);
  }
  return builder.Finish();
}

template <typename To>
Result<Column> WidenTo(const Column& column, const DataType& to) {
  return Rebuild(column, to, [&](std::int64_t row) { return std::optional(static_cast<To>(IntegerAt(column, row))); });
}

Result<Column> WidenIntegers(const Column& column, const DataType& to) {
  switch (FixedWidth(to.kind())) {
    case 2: return WidenTo<std::int16_t>(column, to);
    case 4: return WidenTo<std::int32_t>(column, to);
    default: return WidenTo<std::int64_t>(column, to);
  }
}

Result<Column> ToDoubles(const Column& column, const DataType& to) {
  if (column.type.kind() == TypeKind::kFloat) {
    return Rebuild(column, to,
                   [&](std::int64_t row) { return std::optional(static_cast<double>(column.Fixed<float>(row))); });
  }
  return Rebuild(column, to,
                 [&](std::int64_t row) { return std::optional(static_cast<double>(IntegerAt(column, row))); });
}

Result<Column> ToDecimals(const Column& column, const DataType& to) {
  const __int128 factor = PowerOfTen(to.scale() - column.type.scale());
  const bool is_decimal = column.type.kind() == TypeKind::kDecimal;
  return Rebuild(column, to, [&](std::int64_t row) {
    const __int128 value = is_decimal ? column.Fixed<__int128>(row) : __int128{IntegerAt(column, row)};
    const bool fits = !is_decimal || FitsDecimal(value, column.type.precision());
    return fits ? std::optional<__int128>(value * factor) : std::nullopt;
  });
}

Result<Column> DatesToMicros(const Column& column, const DataType& to) {
  return Rebuild(column, to, [&](std::int64_t row) {
    std::int64_t micros = 0;
    const bool overflows =
        __builtin_mul_overflow(std::int64_t{column.Fixed<std::int32_t>(row)}, kMicrosPerDay, &micros);
    return overflows ? std::nullopt : std::optional(micros);
  });
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

Result<int> FieldIgnoringCase(const std::vector<StructField>& fields, const std::string& name) {
  int found = -1;
  bool several = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) {
      return static_cast<int>(i);
    }
    if (EqualIgnoringCase(fields[i].name, name)) {
      several = several || found >= 0;
      found = static_cast<int>(i);
    }
  }
  if (several) {
    return Incompatible(fmt::format("column {}: the file has several that differ in case only", name));
  }
  return found;
}

Column NullColumn(const DataType& type, std::int64_t rows) {
  ColumnBuilder builder(type);
  builder.Reserve(rows);
  for (std::int64_t i = 0; i < rows; ++i) {
    builder.AppendNull();
  }
  return builder.Finish();
}

Status ColumnCast::AddField(const DataType& from, const StructField& to, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const int source, FieldIgnoringCase(from.children(), to.name));
  Child child{.source = source, .cast = nullptr};
  if (source >= 0) {
    HF_ASSIGN_OR_RETURN(ColumnCast cast,
                        Make(from.children()[static_cast<std::size_t>(source)].type, to.type, path + "." + to.name));
    child.cast = std::make_shared<const ColumnCast>(std::move(cast));
  }
  children_.push_back(std::move(child));
  return {};
}

Result<ColumnCast> ColumnCast::Make(const DataType& from, const DataType& to, const std::string& path) {
  ColumnCast cast;
  cast.to_ = to;
  if (from.kind() == TypeKind::kNull || (from == to && from.kind() != TypeKind::kNull)) {
    return cast;
  }
  if (from.is_nested() && from.kind() == to.kind()) {
    cast.kind_ = Kind::kChildren;
    if (to.kind() == TypeKind::kStruct) {
      for (const StructField& field : to.children()) {
        HF_RETURN_IF_ERROR(cast.AddField(from, field, path));
      }
      return cast;
    }
    for (std::size_t i = 0; i < to.children().size(); ++i) {
      const std::string child_path = path + "." + to.children()[i].name;
      HF_ASSIGN_OR_RETURN(ColumnCast child, Make(from.children()[i].type, to.children()[i].type, child_path));
      cast.children_.push_back({static_cast<int>(i), std::make_shared<const ColumnCast>(std::move(child))});
    }
    return cast;
  }
  const std::optional<Kind> kind = from.is_nested() || to.is_nested() ? std::nullopt : ScalarCast(from, to);
  if (!kind.has_value()) {
    return Incompatible(fmt::format("column {}: the file has type {}, which cannot be read as {} without loss", path,
                                    from.ToSql(), to.ToSql()),
                        "PARQUET_COLUMN_DATA_TYPE_MISMATCH");
  }
  cast.kind_ = *kind;
  return cast;
}

Result<Column> ColumnCast::Apply(Column column) const {
  if (column.type.kind() == TypeKind::kNull) {
    return NullColumn(to_, column.length);
  }
  switch (kind_) {
    case Kind::kRelabel: column.type = to_; return column;
    case Kind::kWiden: return WidenIntegers(column, to_);
    case Kind::kToDouble: return ToDoubles(column, to_);
    case Kind::kToDecimal: return ToDecimals(column, to_);
    case Kind::kDateToMicros: return DatesToMicros(column, to_);
    case Kind::kChildren: break;
  }
  const std::int64_t rows = column.offset + column.length;  // of a struct's fields
  const std::vector<Column> sources = std::move(column.children);
  column.children.clear();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const Child& child = children_[i];
    if (child.source < 0) {
      column.children.push_back(NullColumn(to_.children()[i].type, rows));
    } else {
      HF_ASSIGN_OR_RETURN(column.children.emplace_back(),
                          child.cast->Apply(sources[static_cast<std::size_t>(child.source)]));
    }
  }
  column.type = to_;
  return column;
}

}  // namespace hf
