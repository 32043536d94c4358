// SPDX-License-Identifier: Apache-2.0
#include "rows/arrow_type.h"

#include <fmt/core.h>

#include <charconv>

#include "rows/type_names.h"

namespace hf {
namespace {

constexpr std::int64_t kDecimalDigitsOfArrow = 76;  // of its widest decimal

Result<ArrowType> TypeAt(const ArrowSchema& schema, int depth);

Status NoSuchType(std::string_view format) {
  return Invalid(fmt::format("Arrow type '{}' has no counterpart among Spark's types", format), "UNSUPPORTED_DATATYPE");
}

bool ParseNumber(std::string_view& text, std::int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(',')) {
    text.remove_prefix(1);
  }
  return error == std::errc();
}

// "d:precision,scale[,bits]"
Result<ArrowType> DecimalType(std::string_view format) {
  std::string_view digits = format.substr(2);
  std::int64_t precision = 0;
  std::int64_t scale = 0;
  std::int64_t bits = 128;
  if (!ParseNumber(digits, &precision) || !ParseNumber(digits, &scale) ||
      (!digits.empty() && !ParseNumber(digits, &bits)) || precision < 1 || precision > kDecimalDigitsOfArrow ||
      scale < -precision || scale > precision) {
    return NoSuchType(format);
  }
  HF_ASSIGN_OR_RETURN(DataType type, MakeDecimal(static_cast<int>(precision), static_cast<int>(scale)));
  switch (bits) {
    case 32: return ArrowType{std::move(type), ArrowLayout::kDecimal32};
    case 64: return ArrowType{std::move(type), ArrowLayout::kDecimal64};
    case 128: return ArrowType{std::move(type)};
    case 256: return ArrowType{std::move(type), ArrowLayout::kDecimal256};
    default: return NoSuchType(format);
  }
}

// "ts" + unit + ":" + zone; a zone of any name means an instant.
Result<ArrowType> TimestampType(std::string_view format) {
  if (format.size() < 4 || format[3] != ':') {
    return NoSuchType(format);
  }
  const DataType type = format.size() > 4 ? DataType::Timestamp() : DataType::TimestampNtz();
  switch (format[2]) {
    case 's': return ArrowType{type, ArrowLayout::kSeconds};
    case 'm': return ArrowType{type, ArrowLayout::kMillis};
    case 'u': return ArrowType{type};
    case 'n': return ArrowType{type, ArrowLayout::kNanos};
    default: return NoSuchType(format);
  }
}

Result<StructField> FieldAt(const ArrowSchema& schema, std::int64_t index, int depth) {
  if (index >= schema.n_children) {
    return Invalid(fmt::format("Arrow type '{}' lacks child {}", schema.format, index));
  }
  const ArrowSchema& child = *schema.children[index];
  StructField field{.name = child.name != nullptr ? child.name : ""};
  auto type = TypeAt(child, depth + 1);
  if (!type.ok()) {
    return std::move(type).status().WithContext("column " + field.name);
  }
  field.type = std::move(type->type);
  field.nullable = (child.flags & ARROW_FLAG_NULLABLE) != 0;
  return field;
}

Result<ArrowType> ListType(const ArrowSchema& schema, ArrowLayout layout, int depth) {
  HF_ASSIGN_OR_RETURN(StructField element, FieldAt(schema, 0, depth));
  return ArrowType{DataType::Array(std::move(element.type), element.nullable), layout};
}

Result<ArrowType> NestedType(const ArrowSchema& schema, std::string_view format, int depth) {
  if (format == "+s") {
    std::vector<StructField> fields;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
      HF_ASSIGN_OR_RETURN(fields.emplace_back(), FieldAt(schema, i, depth));
    }
    return ArrowType{DataType::Struct(std::move(fields))};
  }
  if (format == "+l") {
    return ListType(schema, ArrowLayout::kSame, depth);
  }
  if (format == "+L") {
    return ListType(schema, ArrowLayout::kLargeOffsets, depth);
  }
  if (format.starts_with("+w:")) {
    HF_ASSIGN_OR_RETURN(ArrowType type, ListType(schema, ArrowLayout::kFixedList, depth));
    std::string_view digits = format.substr(3);
    return ParseNumber(digits, &type.count) && type.count >= 0 ? Result<ArrowType>(std::move(type))
                                                               : NoSuchType(format);
  }
  if (format == "+m") {
    HF_ASSIGN_OR_RETURN(StructField entries, FieldAt(schema, 0, depth));
    if (entries.type.kind() != TypeKind::kStruct || entries.type.children().size() != 2) {
      return Invalid("an Arrow map lacks its struct of key and value");
    }
    const auto& children = entries.type.children();
    return ArrowType{DataType::Map(children[0].type, children[1].type, children[1].nullable)};
  }
  return NoSuchType(format);
}

Result<ArrowType> ScalarType(std::string_view format) {
  if (format.size() == 1) {
    switch (format[0]) {
      case 'n': return ArrowType{DataType::Null()};
      case 'b': return ArrowType{DataType::Boolean()};
      case 'c': return ArrowType{DataType::Byte()};
      case 's': return ArrowType{DataType::Short()};
      case 'i': return ArrowType{DataType::Int()};
      case 'l': return ArrowType{DataType::Long()};
      case 'f': return ArrowType{DataType::Float()};
      case 'g': return ArrowType{DataType::Double()};
      case 'u': return ArrowType{DataType::String()};
      case 'z': return ArrowType{DataType::Binary()};
      case 'U': return ArrowType{DataType::String(), ArrowLayout::kLargeOffsets};
      case 'Z': return ArrowType{DataType::Binary(), ArrowLayout::kLargeOffsets};
      case 'C': return ArrowType{DataType::Short(), ArrowLayout::kUnsigned8};
      case 'S': return ArrowType{DataType::Int(), ArrowLayout::kUnsigned16};
      case 'I': return ArrowType{DataType::Long(), ArrowLayout::kUnsigned32};
      case 'L': return ArrowType{DataType::Decimal(20, 0), ArrowLayout::kUnsigned64};
      default: return NoSuchType(format);
    }
  }
  if (format == "tdD") {
    return ArrowType{DataType::Date()};
  }
  if (format == "tdm") {
    return ArrowType{DataType::Date(), ArrowLayout::kDateMillis};
  }
  if (format.starts_with("ts")) {
    return TimestampType(format);
  }
  if (format.starts_with("d:")) {
    return DecimalType(format);
  }
  if (format.starts_with("w:")) {
    ArrowType type{DataType::Binary(), ArrowLayout::kFixedBinary};
    std::string_view digits = format.substr(2);
    return ParseNumber(digits, &type.count) && type.count >= 0 ? Result<ArrowType>(std::move(type))
                                                               : NoSuchType(format);
  }
  return NoSuchType(format);
}

Result<ArrowType> TypeAt(const ArrowSchema& schema, int depth) {
  if (depth > kTypeDepthMax) {
    return Invalid(fmt::format("an Arrow type nests deeper than {} levels", kTypeDepthMax));
  }
  if (schema.dictionary != nullptr) {
    HF_ASSIGN_OR_RETURN(ArrowType type, TypeAt(*schema.dictionary, depth + 1));
    return ArrowType{std::move(type.type)};
  }
  const std::string_view format = schema.format;
  return format.starts_with('+') ? NestedType(schema, format, depth) : ScalarType(format);
}

}  // namespace

Result<ArrowType> ArrowTypeOf(const ArrowSchema& schema) { return TypeAt(schema, 0); }

IndexType IndexTypeOf(const ArrowSchema& schema) {
  switch (std::string_view(schema.format).size() == 1 ? schema.format[0] : '\0') {
    case 'c': return {1, true};
    case 'C': return {1, false};
    case 's': return {2, true};
    case 'S': return {2, false};
    case 'i': return {4, true};
    case 'I': return {4, false};
    case 'l': return {8, true};
    case 'L': return {8, false};
    default: return {};
  }
}

}  // namespace hf
