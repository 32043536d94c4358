// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr int kDigitsMax = 38;
constexpr int kDigitsOfLong = 20;  // DecimalType.forType(LongType)

// The order of Java's String.compareTo: by UTF-16 units, in which characters beyond U+FFFF stand before some below.
struct JavaLess {
  bool operator()(const std::string& left, const std::string& right) const {
    std::string_view a = left;
    std::string_view b = right;
    while (!a.empty() && !b.empty()) {
      const CodePoint x = DecodeUtf8(a);
      const CodePoint y = DecodeUtf8(b);
      if (x.value != y.value) {
        return Unit(x.value) != Unit(y.value) ? Unit(x.value) < Unit(y.value) : x.value < y.value;
      }
      a.remove_prefix(std::max<std::size_t>(x.size_bytes, 1));
      b.remove_prefix(std::max<std::size_t>(y.size_bytes, 1));
    }
    return a.size() < b.size();
  }
  // The first unit; of two characters beyond U+FFFF with the same one the larger is the later.
  static std::uint32_t Unit(std::uint32_t value) {
    return value < 0x10000 ? value : 0xD800 + ((value - 0x10000) >> 10);
  }
};

std::string LowerAscii(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

Status CheckNames(const DataType& type) {
  std::set<std::string> names;
  for (const StructField& field : type.children()) {
    if (type.kind() == TypeKind::kStruct && !names.insert(LowerAscii(field.name)).second) {
      return Invalid(
          fmt::format("The column `{}` already exists: names that differ by case alone are one column; give a schema",
                      LowerAscii(field.name)),
          "COLUMN_ALREADY_EXISTS");
    }
    HF_RETURN_IF_ERROR(CheckNames(field.type));
  }
  return {};
}

}  // namespace

// What was seen in one place of the records.
struct JsonTypes::Node {
  enum class Kind { kNull, kBoolean, kLong, kDecimal, kDouble, kTimestamp, kString, kArray, kStruct };
  Kind kind = Kind::kNull;
  int digits = 0;  // of a decimal, whose scale is 0
  std::unique_ptr<Node> element;
  std::map<std::string, Node, JavaLess> fields;

  // compatibleType of JsonInferSchema.
  void Meet(Kind other, int other_digits = 0) {
    if (kind == Kind::kNull || kind == other) {
      kind = other;
      digits = std::max(digits, other_digits);
      return;
    }
    const auto is_number = [](Kind one) { return one >= Kind::kLong && one <= Kind::kDouble; };
    if (!is_number(kind) || !is_number(other)) {
      kind = Kind::kString;
      element.reset();
      fields.clear();
      return;
    }
    // BIGINT beside a decimal is a decimal that holds both.
    digits = std::max({digits, other_digits, kDigitsOfLong});
    kind = std::max(kind, other);
  }
};

JsonTypes::JsonTypes(JsonTypeOptions options) : options_(std::move(options)), root_(std::make_unique<Node>()) {
  root_->kind = Node::Kind::kStruct;
}
JsonTypes::~JsonTypes() = default;

Status JsonTypes::AddLine(std::string_view line, const std::string& place) {
  if (line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  const std::string text = std::string(line) + "\n";
  JsonCursor cursor(text.data(), text.data() + text.size());
  cursor.SkipSpace();
  if (cursor.AtLineEnd()) {
    return {};
  }
  // Looked at as a whole first: a record that is none says nothing.
  const char* begin = cursor.at();
  const bool is_json = cursor.SkipValue().has_value();
  cursor.MoveTo(begin);
  if (is_json && AddRecord(cursor)) {
    return {};
  }
  if (options_.mode == ParseMode::kFailFast) {
    return is_json ? Corrupt(fmt::format("the columns of {} cannot be found: it is no object", place),
                             "INVALID_JSON_RECORD_TYPE")
                   : Corrupt(fmt::format("the columns of {} cannot be found: it is not valid JSON", place),
                             "MALFORMED_RECORD_IN_PARSING");
  }
  has_corrupt_ = has_corrupt_ || options_.mode == ParseMode::kPermissive;
  return {};
}

// False for what is no record: a scalar, or a list of others than records.
bool JsonTypes::AddRecord(JsonCursor& cursor) {
  switch (cursor.Peek()) {
    case JsonToken::kObject: AddObject(cursor, root_.get()); return true;
    case JsonToken::kNull: return true;
    case JsonToken::kArray: break;
    default: return false;
  }
  const char* begin = cursor.at();
  cursor.Take('[');
  while (!cursor.Take(']')) {
    if (cursor.Peek() != JsonToken::kObject && cursor.Peek() != JsonToken::kNull) {
      return false;
    }
    cursor.SkipValue();
    cursor.Take(',');
  }
  cursor.MoveTo(begin);
  cursor.Take('[');
  while (!cursor.Take(']')) {
    if (cursor.Peek() == JsonToken::kObject) {
      AddObject(cursor, root_.get());
    } else {
      cursor.SkipValue();
    }
    cursor.Take(',');
  }
  return true;
}

// From here on the text is known to be JSON.
void JsonTypes::AddValue(JsonCursor& cursor, Node* node) {
  const JsonToken token = cursor.Peek();
  switch (token) {
    case JsonToken::kObject:
      node->Meet(Node::Kind::kStruct);
      return node->kind == Node::Kind::kStruct ? AddObject(cursor, node) : static_cast<void>(cursor.SkipValue());
    case JsonToken::kArray:
      node->Meet(Node::Kind::kArray);
      return node->kind == Node::Kind::kArray ? AddArray(cursor, node) : static_cast<void>(cursor.SkipValue());
    case JsonToken::kString: AddText(cursor.ReadString().value_or(""), node); return;
    case JsonToken::kInteger:
    case JsonToken::kFraction: {
      JsonToken read = token;
      const std::string_view digits = cursor.ReadNumber(&read).value_or("");
      AddNumber(digits, read, node);
      return;
    }
    case JsonToken::kTrue:
    case JsonToken::kFalse:
      node->Meet(options_.primitives_as_string ? Node::Kind::kString : Node::Kind::kBoolean);
      cursor.SkipLiteral(token);
      return;
    case JsonToken::kNull:
    case JsonToken::kOther: cursor.SkipValue(); return;
  }
}

void JsonTypes::AddObject(JsonCursor& cursor, Node* node) {
  std::set<std::string_view> names;  // of this record; they are those of the node
  cursor.Take('{');
  while (!cursor.Take('}') && cursor.Peek() == JsonToken::kString) {
    const std::string name(cursor.ReadString().value_or(""));
    cursor.Take(':');
    const auto field = node->fields.try_emplace(name).first;
    if (!names.insert(field->first).second) {
      twice_ = name;
    }
    AddValue(cursor, &field->second);
    cursor.Take(',');
  }
}

void JsonTypes::AddArray(JsonCursor& cursor, Node* node) {
  if (node->element == nullptr) {
    node->element = std::make_unique<Node>();
  }
  cursor.Take('[');
  while (!cursor.Take(']')) {
    AddValue(cursor, node->element.get());
    cursor.Take(',');
  }
}

void JsonTypes::AddText(std::string_view text, Node* node) {
  if (text.empty()) {
    return;  // Spark: some write an empty text for a null
  }
  const bool is_moment = options_.infer_timestamps && ReadTimestamp(text, options_.times).has_value();
  node->Meet(is_moment ? Node::Kind::kTimestamp : Node::Kind::kString);
}

void JsonTypes::AddNumber(std::string_view digits, JsonToken token, Node* node) {
  if (options_.primitives_as_string) {
    node->Meet(Node::Kind::kString);
  } else if (token != JsonToken::kInteger) {
    node->Meet(Node::Kind::kDouble);
  } else if (ParseInteger(digits, INT64_MIN, INT64_MAX).has_value()) {
    node->Meet(Node::Kind::kLong);
  } else {
    const auto count = static_cast<int>(std::min<std::size_t>(digits.size() - (digits[0] == '-' ? 1 : 0), 1000));
    node->Meet(count <= kDigitsMax ? Node::Kind::kDecimal : Node::Kind::kDouble, count);
  }
}

// canonicalizeType of JsonInferSchema; nullopt: no column.
std::optional<DataType> JsonTypes::TypeOf(const Node& node) const {
  switch (node.kind) {
    case Node::Kind::kNull: return options_.drop_all_null ? std::nullopt : std::optional(DataType::String());
    case Node::Kind::kBoolean: return DataType::Boolean();
    case Node::Kind::kLong: return DataType::Long();
    case Node::Kind::kDecimal: return DataType::Decimal(std::min(node.digits, kDigitsMax), 0);
    case Node::Kind::kDouble: return DataType::Double();
    case Node::Kind::kTimestamp: return DataType::Timestamp();
    case Node::Kind::kString: return DataType::String();
    case Node::Kind::kArray: {
      auto element = TypeOf(*node.element);
      return element.has_value() ? std::optional(DataType::Array(std::move(*element))) : std::nullopt;
    }
    case Node::Kind::kStruct: return StructOf(node);
  }
  return std::nullopt;
}

std::optional<DataType> JsonTypes::StructOf(const Node& node) const {
  std::vector<StructField> fields;
  for (const auto& [name, field] : node.fields) {
    auto type = name.empty() ? std::nullopt : TypeOf(field);
    if (type.has_value()) {
      fields.push_back({.name = name, .type = std::move(*type)});
    }
  }
  return fields.empty() ? std::nullopt : std::optional(DataType::Struct(std::move(fields)));
}

Result<Schema> JsonTypes::Columns() const {
  if (twice_.has_value()) {
    return Invalid(fmt::format("The column `{}` already exists: a record has the name twice; give a schema", *twice_),
                   "COLUMN_ALREADY_EXISTS");
  }
  std::vector<StructField> fields = StructOf(*root_).value_or(DataType::Struct({})).children();
  const auto is_corrupt = [this](const StructField& field) { return field.name == options_.corrupt_record_column; };
  if (has_corrupt_ && std::none_of(fields.begin(), fields.end(), is_corrupt)) {
    const auto place = std::find_if(fields.begin(), fields.end(), [this](const StructField& field) {
      return JavaLess()(options_.corrupt_record_column, field.name);
    });
    fields.insert(place, {.name = options_.corrupt_record_column, .type = DataType::String()});
  }
  Schema schema(std::move(fields));
  HF_RETURN_IF_ERROR(CheckNames(schema.type()));
  return schema;
}

Result<JsonTypesReader::Chunk> JsonTypesReader::Read(std::string_view bytes, Rest rest, std::int64_t) {
  Chunk chunk;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
    if (end == bytes.size() && rest == Rest::kFollows) {
      break;
    }
    ++line_number_;
    HF_RETURN_IF_ERROR(
        types_->AddLine(bytes.substr(at, end - at), fmt::format("{}, line {}", file_name_, line_number_)));
    at = std::min(end + 1, bytes.size());  // of \r\n the second ends an empty line
  }
  chunk.consumed_bytes = at;
  return chunk;
}

}  // namespace hf
