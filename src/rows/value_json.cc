// SPDX-License-Identifier: Apache-2.0
// Values as Spark 4.3's to_json prints them (JacksonGenerator), with timestamps in UTC to the microsecond.
#include <fmt/core.h>

#include <bit>
#include <optional>

#include "base/bytes.h"
#include "base/java_text.h"
#include "holdfast/value.h"
#include "rows/civil_time.h"
#include "rows/scalar_format.h"

namespace hf {
namespace {

void Append(std::string& out, const Value& value, const DataType& type);

void AppendStruct(std::string& out, const Row& fields, const DataType& type) {
  out += '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    AppendJsonText(out, type.children()[i].name);
    out += ':';
    Append(out, fields[i], type.children()[i].type);
  }
  out += '}';
}

// One word of an UnsafeRow's slot for a fixed-width datum; nullopt when the datum lies behind the slots.
std::optional<std::uint64_t> UnsafeSlot(const Value& value) {
  struct Visitor {
    std::optional<std::uint64_t> operator()(bool v) const { return v ? 1 : 0; }
    std::optional<std::uint64_t> operator()(std::int8_t v) const { return static_cast<std::uint8_t>(v); }
    std::optional<std::uint64_t> operator()(std::int16_t v) const { return static_cast<std::uint16_t>(v); }
    std::optional<std::uint64_t> operator()(std::int32_t v) const { return static_cast<std::uint32_t>(v); }
    std::optional<std::uint64_t> operator()(std::int64_t v) const { return static_cast<std::uint64_t>(v); }
    std::optional<std::uint64_t> operator()(float v) const { return std::bit_cast<std::uint32_t>(v); }
    std::optional<std::uint64_t> operator()(double v) const { return std::bit_cast<std::uint64_t>(v); }
    std::optional<std::uint64_t> operator()(const Date& v) const { return static_cast<std::uint32_t>(v.days); }
    std::optional<std::uint64_t> operator()(const Timestamp& v) const { return static_cast<std::uint64_t>(v.micros); }
    std::optional<std::uint64_t> operator()(const TimestampNtz& v) const {
      return static_cast<std::uint64_t>(v.micros);
    }
    std::optional<std::uint64_t> operator()(const Decimal& v) const { return static_cast<std::uint64_t>(v.unscaled); }
    std::optional<std::uint64_t> operator()(const std::monostate&) const { return 0; }
    std::optional<std::uint64_t> operator()(const std::string&) const { return std::nullopt; }
    std::optional<std::uint64_t> operator()(const Binary&) const { return std::nullopt; }
    std::optional<std::uint64_t> operator()(const ArrayValue&) const { return std::nullopt; }
    std::optional<std::uint64_t> operator()(const MapValue&) const { return std::nullopt; }
    std::optional<std::uint64_t> operator()(const StructValue&) const { return std::nullopt; }
  };
  return std::visit(Visitor{}, static_cast<const ValueVariant&>(value));
}

bool HasUnsafeText(const DataType& type) {
  for (const StructField& field : type.children()) {
    if (field.type.is_nested() || (field.type.kind() == TypeKind::kDecimal && field.type.precision() > 18)) {
      return false;
    }
  }
  return true;
}

// Spark prints a struct that is a map's key by its memory: UnsafeRow.toString, the row's 8-byte words in hex.
std::string UnsafeRowText(const Row& row) {
  const std::size_t null_words = (row.size() + 63) / 64;
  std::string bytes(8 * (null_words + row.size()), '\0');
  for (std::size_t i = 0; i < row.size(); ++i) {
    char* slot = bytes.data() + 8 * (null_words + i);
    if (row[i].is_null()) {
      bytes[i / 8] = static_cast<char>(bytes[i / 8] | 1 << i % 8);
    } else if (const auto word = UnsafeSlot(row[i])) {
      StoreLittle64(slot, *word);
    } else {
      const auto* text = std::get_if<std::string>(&row[i]);
      const std::string& payload = text != nullptr ? *text : std::get<Binary>(row[i]).bytes;
      StoreLittle64(slot, static_cast<std::uint64_t>(bytes.size()) << 32 | payload.size());
      bytes += payload;
      bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
    }
  }
  std::string out = "[";
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    out += fmt::format("{}{:x}", at > 0 ? "," : "", LoadLittle64(bytes.data() + at));
  }
  return out + "]";
}

void AppendMap(std::string& out, const MapValue& map, const DataType& type) {
  out += '{';
  bool first = true;
  for (const auto& [key, mapped] : map.entries) {
    if (!first) {
      out += ',';
    }
    first = false;
    AppendJsonText(out, MapKeyText(key, type.children()[0].type));
    out += ':';
    Append(out, mapped, type.children()[1].type);
  }
  out += '}';
}

struct Appender {
  std::string& out;
  const DataType& type;

  void operator()(const std::monostate&) const { out += "null"; }
  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(std::int8_t v) const { out += std::to_string(v); }
  void operator()(std::int16_t v) const { out += std::to_string(v); }
  void operator()(std::int32_t v) const { out += std::to_string(v); }
  void operator()(std::int64_t v) const { out += std::to_string(v); }
  void operator()(float v) const { AppendJsonNumber(out, v); }
  void operator()(double v) const { AppendJsonNumber(out, v); }
  void operator()(const Decimal& v) const { AppendDecimalText(out, v.unscaled, v.scale); }
  void operator()(const std::string& v) const { AppendJsonText(out, v); }
  void operator()(const Binary& v) const {
    out += '"';
    AppendBase64(out, v.bytes);
    out += '"';
  }
  void operator()(const Date& v) const {
    out += '"';
    AppendDateText(out, v.days);
    out += '"';
  }
  void operator()(const Timestamp& v) const {
    out += '"';
    AppendDateTimeText(out, v.micros, 6);
    out += "Z\"";
  }
  void operator()(const TimestampNtz& v) const {
    out += '"';
    AppendDateTimeText(out, v.micros, 6);
    out += '"';
  }
  void operator()(const ArrayValue& v) const {
    out += '[';
    for (std::size_t i = 0; i < v.elements.size(); ++i) {
      if (i > 0) {
        out += ',';
      }
      Append(out, v.elements[i], type.children()[0].type);
    }
    out += ']';
  }
  void operator()(const MapValue& v) const { AppendMap(out, v, type); }
  void operator()(const StructValue& v) const { AppendStruct(out, v.fields, type); }
};

void Append(std::string& out, const Value& value, const DataType& type) {
  std::visit(Appender{out, type}, static_cast<const ValueVariant&>(value));
}

}  // namespace

std::string MapKeyText(const Value& key, const DataType& type) {
  if (const auto* text = std::get_if<std::string>(&key)) {
    return *text;
  }
  if (const auto* row = std::get_if<StructValue>(&key); row != nullptr && HasUnsafeText(type)) {
    return UnsafeRowText(row->fields);
  }
  if (const auto* date = std::get_if<Date>(&key)) {
    return std::to_string(date->days);
  }
  if (const auto* time = std::get_if<Timestamp>(&key)) {
    return std::to_string(time->micros);
  }
  if (const auto* time = std::get_if<TimestampNtz>(&key)) {
    return std::to_string(time->micros);
  }
  if (const auto* number = std::get_if<double>(&key)) {
    return JavaDoubleText(*number);
  }
  if (const auto* number = std::get_if<float>(&key)) {
    return JavaFloatText(*number);
  }
  std::string out;
  Append(out, key, type);
  return out;
}

std::string ToJson(const Value& value, const DataType& type) {
  std::string out;
  Append(out, value, type);
  return out;
}

std::string ToJson(const Row& row, const Schema& schema) {
  std::string out;
  AppendStruct(out, row, schema.type());
  return out;
}

}  // namespace hf
