// SPDX-License-Identifier: Apache-2.0
#include "state/evolution_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/avro/avro_schema.h"

namespace hf {
namespace {

struct ScalarChange {
  TypeKind written;
  TypeKind reading;
  TypeRule rule;
};

constexpr TypeRule Widened() { return {TypeEffect::kWidened, "", ""}; }
constexpr TypeRule Lossy(std::string_view reason) { return {TypeEffect::kLossy, reason, ""}; }
constexpr TypeRule Bent(std::string_view reason) { return {TypeEffect::kBent, reason, ""}; }
constexpr TypeRule Unreturnable() {
  return {TypeEffect::kBent, "Spark writes this type to Avro state but cannot read it back",
          "IncompatibleSchemaException as soon as a value is read"};
}

constexpr std::string_view kDaysAsNumber = "days since 1970-01-01 would be taken for a number";
constexpr std::string_view kNumberAsDays = "the number would be taken for days since 1970-01-01";
constexpr std::string_view kNumberAsMicros = "the number would be taken for microseconds since 1970-01-01";
constexpr std::string_view kMicrosAsNumber = "microseconds since 1970-01-01 would be taken for a number";
constexpr std::string_view kDaysAsMicros = "days would be taken for microseconds: every date becomes a moment in 1970";
constexpr std::string_view kZones =
    "an instant and a wall clock reading are the same number, but not the same time outside UTC";
constexpr std::string_view kTextAsBytes = "text and bytes would be taken for each other";

using enum TypeKind;

// Every pair of different types that Avro resolves; a pair that is not here is unreadable.
constexpr ScalarChange kScalarChanges[] = {
    {kByte, kShort, Unreturnable()},
    {kByte, kInt, Widened()},
    {kByte, kLong, Widened()},
    {kByte, kFloat, Widened()},
    {kByte, kDouble, Widened()},
    {kByte, kDate, Bent(kNumberAsDays)},
    {kByte, kTimestamp, Bent(kNumberAsMicros)},
    {kByte, kTimestampNtz, Bent(kNumberAsMicros)},

    {kShort, kByte, Unreturnable()},
    {kShort, kInt, Widened()},
    {kShort, kLong, Widened()},
    {kShort, kFloat, Widened()},
    {kShort, kDouble, Widened()},
    {kShort, kDate, Bent(kNumberAsDays)},
    {kShort, kTimestamp, Bent(kNumberAsMicros)},
    {kShort, kTimestampNtz, Bent(kNumberAsMicros)},

    {kInt, kByte, Unreturnable()},
    {kInt, kShort, Unreturnable()},
    {kInt, kLong, Widened()},
    {kInt, kFloat, Lossy("a float holds 24 binary digits of an int's 31")},
    {kInt, kDouble, Widened()},
    {kInt, kDate, Bent(kNumberAsDays)},
    {kInt, kTimestamp, Bent(kNumberAsMicros)},
    {kInt, kTimestampNtz, Bent(kNumberAsMicros)},

    {kLong, kFloat, Lossy("a float holds 24 binary digits of a long's 63")},
    {kLong, kDouble, Lossy("a double holds 53 binary digits of a long's 63")},
    {kLong, kTimestamp, Bent(kNumberAsMicros)},
    {kLong, kTimestampNtz, Bent(kNumberAsMicros)},

    {kFloat, kDouble, Widened()},

    {kDate, kByte, Unreturnable()},
    {kDate, kShort, Unreturnable()},
    {kDate, kInt, Bent(kDaysAsNumber)},
    {kDate, kLong, Bent(kDaysAsNumber)},
    {kDate, kFloat, Bent(kDaysAsNumber)},
    {kDate, kDouble, Bent(kDaysAsNumber)},
    {kDate, kTimestamp, Bent(kDaysAsMicros)},
    {kDate, kTimestampNtz, Bent(kDaysAsMicros)},

    {kTimestamp, kLong, Bent(kMicrosAsNumber)},
    {kTimestamp, kFloat, Bent(kMicrosAsNumber)},
    {kTimestamp, kDouble, Bent(kMicrosAsNumber)},
    {kTimestamp, kTimestampNtz, Bent(kZones)},

    {kTimestampNtz, kLong, Bent(kMicrosAsNumber)},
    {kTimestampNtz, kFloat, Bent(kMicrosAsNumber)},
    {kTimestampNtz, kDouble, Bent(kMicrosAsNumber)},
    {kTimestampNtz, kTimestamp, Bent(kZones)},

    {kString, kBinary, Bent(kTextAsBytes)},
    {kBinary, kString, Bent(kTextAsBytes)},
};

// Avro keeps a decimal's unscaled number in as many bytes as the precision needs; neither precision nor scale is
// compared as long as those are the same.
TypeRule DecimalRule(const DataType& written, const DataType& reading) {
  if (DecimalSizeBytes(written.precision()) != DecimalSizeBytes(reading.precision())) {
    return {};
  }
  if (written.scale() != reading.scale()) {
    return Bent("the digits stay and the decimal point moves: every value changes by a power of ten");
  }
  if (written.precision() > reading.precision()) {
    return Bent("values may have more digits than the new type allows");
  }
  return written.precision() == reading.precision() ? TypeRule{TypeEffect::kSame, "", ""} : Widened();
}

bool SameLetters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const StructField* FindField(const DataType& type, std::string_view name) {
  for (const StructField& field : type.children()) {
    if (field.name == name) {
      return &field;
    }
  }
  return nullptr;
}

std::string Joined(const std::string& root, std::string_view name) {
  return root.empty() ? std::string(name) : fmt::format("{}.{}", root, name);
}

ChangeKind KindOf(TypeEffect effect) {
  switch (effect) {
    case TypeEffect::kLossy: return ChangeKind::kLossy;
    case TypeEffect::kBent: return ChangeKind::kBent;
    case TypeEffect::kUnreadable: return ChangeKind::kUnreadable;
    case TypeEffect::kSame:
    case TypeEffect::kWidened: return ChangeKind::kWidened;
  }
  return ChangeKind::kUnreadable;
}

class StructComparison {
 public:
  void Structs(const DataType& written, const DataType& reading, const std::string& path) {
    std::vector<const StructField*> added;
    for (const StructField& field : reading.children()) {
      if (FindField(written, field.name) == nullptr) {
        added.push_back(&field);
      }
    }
    std::vector<const StructField*> candidates = added;
    for (const StructField& field : written.children()) {
      if (const StructField* match = FindField(reading, field.name); match != nullptr) {
        Types(field.type, match->type, Joined(path, field.name), true);
      } else {
        Gone(field, candidates, path);
      }
    }
    for (const StructField* field : added) {
      changes.push_back({.kind = ChangeKind::kAdded,
                         .path = Joined(path, field->name),
                         .written = {},
                         .reading = field->type,
                         .other = {},
                         .rule = {}});
    }
    if (IsReordered(written, reading)) {
      changes.push_back({.kind = ChangeKind::kReordered,
                         .path = path,
                         .written = written,
                         .reading = reading,
                         .other = {},
                         .rule = {}});
    }
  }

  std::vector<FieldChange> changes;

 private:
  // A new field answers for one that is gone, the one with the same letters first.
  void Gone(const StructField& field, std::vector<const StructField*>& candidates, const std::string& path) {
    FieldChange change{.kind = ChangeKind::kRemoved,
                       .path = Joined(path, field.name),
                       .written = field.type,
                       .reading = {},
                       .other = {},
                       .rule = {}};
    const DataType type = field.type;
    auto found = std::find_if(candidates.begin(), candidates.end(),
                              [&](const auto* other) { return SameLetters(other->name, field.name); });
    if (found == candidates.end() && type.kind() != TypeKind::kNull) {
      found =
          std::find_if(candidates.begin(), candidates.end(), [&](const auto* other) { return other->type == type; });
    }
    if (found != candidates.end()) {
      change.kind = ChangeKind::kRenamed;
      change.reading = (*found)->type;
      change.other = Joined(path, (*found)->name);
      candidates.erase(found);
    }
    changes.push_back(std::move(change));
  }

  // `is_field`: the place may be null; scalar elements and map values may not
  // (SchemaConverters.toAvroTypeWithDefaults).
  void Types(const DataType& written, const DataType& reading, const std::string& path, bool is_field) {
    if (written.kind() == reading.kind() && written.is_nested()) {
      if (written.kind() == TypeKind::kStruct) {
        Structs(written, reading, path);
      } else if (written.kind() == TypeKind::kArray) {
        Types(written.children()[0].type, reading.children()[0].type, path + "[]", false);
      } else {
        Types(written.children()[0].type, reading.children()[0].type, path + "{key}", false);
        Types(written.children()[1].type, reading.children()[1].type, path + "{}", false);
      }
      return;
    }
    if (written.kind() == TypeKind::kNull && reading.kind() != TypeKind::kNull && (is_field || reading.is_nested())) {
      changes.push_back(
          {.kind = ChangeKind::kAdded, .path = path, .written = written, .reading = reading, .other = {}, .rule = {}});
      return;
    }
    const TypeRule rule = written.is_nested() || reading.is_nested() ? TypeRule{} : ScalarRule(written, reading);
    if (rule.effect != TypeEffect::kSame) {
      changes.push_back({.kind = KindOf(rule.effect),
                         .path = path,
                         .written = written,
                         .reading = reading,
                         .other = {},
                         .rule = rule});
    }
  }

  static bool IsReordered(const DataType& written, const DataType& reading) {
    std::size_t last = 0;
    for (const StructField& field : written.children()) {
      const auto& fields = reading.children();
      const auto at =
          static_cast<std::size_t>(std::find_if(fields.begin(), fields.end(),
                                                [&](const StructField& other) { return other.name == field.name; }) -
                                   fields.begin());
      if (at == fields.size()) {
        continue;
      }
      if (at < last) {
        return true;
      }
      last = at;
    }
    return false;
  }
};

}  // namespace

TypeRule ScalarRule(const DataType& written, const DataType& reading) {
  if (written.kind() == reading.kind()) {
    return written.kind() == TypeKind::kDecimal ? DecimalRule(written, reading) : TypeRule{TypeEffect::kSame, "", ""};
  }
  for (const ScalarChange& change : kScalarChanges) {
    if (change.written == written.kind() && change.reading == reading.kind()) {
      return change.rule;
    }
  }
  return {};
}

std::vector<FieldChange> CompareStructs(const DataType& written, const DataType& reading, const std::string& root) {
  StructComparison comparison;
  comparison.Structs(written, reading, root);
  return std::move(comparison.changes);
}

bool FitsByPosition(const DataType& reading, const DataType& written) {
  if (reading.kind() != written.kind() || reading.children().size() != written.children().size()) {
    return false;
  }
  if (!reading.is_nested()) {
    return reading == written;
  }
  for (std::size_t i = 0; i < reading.children().size(); ++i) {
    const StructField& now = reading.children()[i];
    const StructField& before = written.children()[i];
    if ((now.nullable && !before.nullable) || !FitsByPosition(now.type, before.type)) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> FindMovedName(const DataType& reading, const DataType& written) {
  for (std::size_t i = 0; i < reading.children().size(); ++i) {
    const StructField& now = reading.children()[i];
    const StructField& before = written.children()[i];
    if (now.name != before.name && FindField(written, now.name) != nullptr) {
      return now.name;
    }
    if (auto moved = FindMovedName(now.type, before.type); moved.has_value()) {
      return moved;
    }
  }
  return std::nullopt;
}

bool LacksField(const DataType& written, std::string_view path) {
  DataType at = written;
  while (!path.empty()) {
    if (path.starts_with('.')) {
      path.remove_prefix(1);
    }
    if (path.starts_with("[]") || path.starts_with("{}") || path.starts_with("{key}")) {
      const TypeKind wanted = path.starts_with('[') ? TypeKind::kArray : TypeKind::kMap;
      if (at.kind() != wanted) {
        return false;
      }
      const std::size_t child = path.starts_with("{}") ? 1 : 0;
      path.remove_prefix(path.starts_with("{key}") ? 5 : 2);
      at = DataType(at.children()[child].type);
      continue;
    }
    const std::string_view name = path.substr(0, path.find_first_of(".[{"));
    path.remove_prefix(name.size());
    if (name.empty() || at.kind() != TypeKind::kStruct) {
      return false;
    }
    const StructField* field = FindField(at, name);
    if (field == nullptr || field->type.kind() == TypeKind::kNull) {
      return path.empty();
    }
    at = DataType(field->type);
  }
  return false;
}

}  // namespace hf
