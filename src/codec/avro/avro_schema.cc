// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/avro_schema.h"

#include <fmt/format.h>

#include <vector>

namespace hf {
namespace {

bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Avro's rule for names (Avro 1.12 NameValidator): a letter or '_', then letters, digits and '_'. Letters beyond
// ASCII are letters to Java as well.
bool IsAvroName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) {
    return false;
  }
  for (const char c : name) {
    if (!IsAsciiLetter(c) && c != '_' && !(c >= '0' && c <= '9') && static_cast<signed char>(c) >= 0) {
      return false;
    }
  }
  return true;
}

std::string ToLowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return lower;
}

class StateTypeCheck {
 public:
  explicit StateTypeCheck(std::string_view subject) : subject_(subject) {}

  Status CheckFields(const std::vector<StructField>& fields, const std::string& prefix) {
    std::vector<std::string> seen;
    for (const StructField& field : fields) {
      const std::string path = prefix.empty() ? field.name : prefix + "." + field.name;
      if (!IsAvroName(field.name)) {
        return Refuse(path,
                      "its name is not an Avro name: begin with a letter or '_' and use only letters, digits and '_'");
      }
      std::string lower = ToLowerAscii(field.name);
      for (const std::string& earlier : seen) {
        if (earlier == lower) {
          return Refuse(path, "two fields of one struct have this name, upper and lower case not told apart");
        }
      }
      seen.push_back(std::move(lower));
      HF_RETURN_IF_ERROR(CheckType(field.type, field.name, path));
    }
    return {};
  }

 private:
  // `record_name` is the name that a struct here would have as an Avro record.
  Status CheckType(const DataType& type, const std::string& record_name, const std::string& path) {
    switch (type.kind()) {
      case TypeKind::kByte:
      case TypeKind::kShort:
        return Refuse(path,
                      fmt::format("Spark cannot read {} back from Avro state (IncompatibleSchemaException); use int",
                                  type.ToSql()));
      case TypeKind::kArray:
        if (type.children()[0].type.kind() == TypeKind::kNull) {
          return Refuse(path, "an array of void has nothing to keep");
        }
        return CheckElement(type.children()[0].type, record_name, path + "[]");
      case TypeKind::kMap:
        if (type.children()[0].type.kind() != TypeKind::kString) {
          return Refuse(
              path, fmt::format("keys of a map in Avro state are strings, not {}", type.children()[0].type.ToSql()));
        }
        return CheckElement(type.children()[1].type, record_name, path + "{}");
      case TypeKind::kStruct: return CheckStruct(type, record_name, path);
      case TypeKind::kNull:
      case TypeKind::kBoolean:
      case TypeKind::kInt:
      case TypeKind::kLong:
      case TypeKind::kFloat:
      case TypeKind::kDouble:
      case TypeKind::kDecimal:
      case TypeKind::kString:
      case TypeKind::kBinary:
      case TypeKind::kDate:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampNtz: return {};
    }
    return {};
  }

  // The element of an array or map, which as a struct would have the name of the field around it.
  Status CheckElement(const DataType& type, const std::string& record_name, const std::string& path) {
    if (++depth_ > kAvroDepthMax) {
      return Refuse(path, fmt::format("types nest deeper than {}", kAvroDepthMax));
    }
    const Status status = CheckType(type, record_name, path);
    --depth_;
    return status;
  }

  Status CheckStruct(const DataType& type, const std::string& record_name, const std::string& path) {
    for (const std::string& outer : records_) {
      if (outer == record_name) {
        return Refuse(path,
                      "a struct lies within a struct of the same field name; Spark takes the two Avro records for a "
                      "recursive type");
      }
    }
    if (records_.size() >= kAvroDepthMax) {
      return Refuse(path, fmt::format("types nest deeper than {}", kAvroDepthMax));
    }
    records_.push_back(record_name);
    Status status = CheckFields(type.children(), path);
    records_.pop_back();
    return status;
  }

  Status Refuse(const std::string& path, std::string_view reason) const {
    return Invalid(fmt::format("{}: field '{}' cannot be kept in Avro state: {}", subject_, path, reason));
  }

  std::string_view subject_;
  std::vector<std::string> records_;  // the struct fields around the one being checked
  int depth_ = 0;
};

// Numeric promotion and string<->bytes (Avro 1.12 specification, "Schema Resolution").
bool ScalarReads(AvroType writer, AvroType reader) {
  switch (writer) {
    case AvroType::kInt:
      return reader == AvroType::kInt || reader == AvroType::kLong || reader == AvroType::kFloat ||
             reader == AvroType::kDouble;
    case AvroType::kLong: return reader == AvroType::kLong || reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kFloat: return reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kString:
    case AvroType::kBytes: return reader == AvroType::kString || reader == AvroType::kBytes;
    case AvroType::kNull:
    case AvroType::kBoolean:
    case AvroType::kDouble:
    case AvroType::kFixed:
    case AvroType::kArray:
    case AvroType::kMap:
    case AvroType::kRecord: return reader == writer;
  }
  return false;
}

std::string Joined(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

// `writer_union`, `reader_union`: whether the place is union ["null", T] on that side.
std::optional<AvroMismatch> Mismatch(const DataType& writer, bool writer_union, const DataType& reader,
                                     bool reader_union, const std::string& path) {
  const AvroType from = AvroTypeOf(writer);
  const AvroType to = AvroTypeOf(reader);
  // Every branch of the writer's union must be readable, its null included. A void is a plain null, which a union
  // takes.
  if (from == AvroType::kNull) {
    return to == AvroType::kNull || reader_union ? std::nullopt : std::optional(AvroMismatch{path, writer, reader});
  }
  if (!ScalarReads(from, to) || (writer_union && !reader_union)) {
    return AvroMismatch{path, writer, reader};
  }
  if (from == AvroType::kFixed && DecimalSizeBytes(writer.precision()) != DecimalSizeBytes(reader.precision())) {
    return AvroMismatch{path, writer, reader};
  }
  if (from == AvroType::kArray) {
    const DataType& a = writer.children()[0].type;
    const DataType& b = reader.children()[0].type;
    return Mismatch(a, a.is_nested(), b, b.is_nested(), path + "[]");
  }
  if (from == AvroType::kMap) {
    const DataType& a = writer.children()[1].type;
    const DataType& b = reader.children()[1].type;
    return Mismatch(a, a.is_nested(), b, b.is_nested(), path + "{}");
  }
  if (from == AvroType::kRecord) {
    for (const StructField& field : reader.children()) {
      for (const StructField& written : writer.children()) {
        if (written.name == field.name) {
          auto found = Mismatch(written.type, written.type.kind() != TypeKind::kNull, field.type,
                                field.type.kind() != TypeKind::kNull, Joined(path, field.name));
          if (found.has_value()) {
            return found;
          }
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

AvroType AvroTypeOf(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kNull: return AvroType::kNull;
    case TypeKind::kBoolean: return AvroType::kBoolean;
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInt:
    case TypeKind::kDate: return AvroType::kInt;
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: return AvroType::kLong;
    case TypeKind::kFloat: return AvroType::kFloat;
    case TypeKind::kDouble: return AvroType::kDouble;
    case TypeKind::kDecimal: return AvroType::kFixed;
    case TypeKind::kString: return AvroType::kString;
    case TypeKind::kBinary: return AvroType::kBytes;
    case TypeKind::kArray: return AvroType::kArray;
    case TypeKind::kMap: return AvroType::kMap;
    case TypeKind::kStruct: return AvroType::kRecord;
  }
  return AvroType::kNull;
}

int DecimalSizeBytes(int precision) {
  // The smallest n with 2^(8n-1) >= 10^precision.
  static constexpr std::uint8_t kSize[39] = {1, 1, 1,  2,  2,  3,  3,  4,  4,  4,  5,  5,  6,  6,  6,  7,  7,  8,  8, 9,
                                             9, 9, 10, 10, 11, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16, 16};
  return kSize[precision];
}

Status CheckAvroState(const Schema& schema, std::string_view subject) {
  return StateTypeCheck(subject).CheckFields(schema.fields(), "");
}

std::optional<AvroMismatch> FindAvroMismatch(const DataType& writer, const DataType& reader) {
  return Mismatch(writer, false, reader, false, "");
}

}  // namespace hf
