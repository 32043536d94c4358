// SPDX-License-Identifier: Apache-2.0
#include "state/state_families.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace hf {
namespace {

constexpr std::string_view kRowCounter = "$rowCounter_";
constexpr std::string_view kTtl = "$ttl_";
constexpr std::string_view kMin = "$min_";
constexpr std::string_view kCount = "$count_";
constexpr std::string_view kDefault = "default";
constexpr std::string_view kTimers[] = {"$procTimers_keyToTimestamp", "$procTimers_timestampToKey",
                                        "$eventTimers_keyToTimestamp", "$eventTimers_timestampToKey"};

constexpr const char* kNoPrefix = R"({"keyStateEncoderType":"NoPrefixKeyStateEncoderSpec"})";
constexpr const char* kPrefixOfOne = R"({"keyStateEncoderType":"PrefixKeyScanStateEncoderSpec","numColsPrefixKey":1})";
constexpr const char* kRangeOfFirst =
    R"({"keyStateEncoderType":"RangeKeyScanStateEncoderSpec","orderingOrdinals":[0]})";

std::string Named(std::string_view prefix, std::string_view variable) { return fmt::format("{}{}", prefix, variable); }

Schema OneColumn(const char* name, DataType type) {
  return Schema(std::vector<StructField>{{.name = name, .type = std::move(type)}});
}

StateFamilySchema Family(std::string name, Schema key, Schema value, const char* key_encoder) {
  return {.family = std::move(name),
          .key_schema = std::move(key),
          .value_schema = std::move(value),
          .key_encoder_json = key_encoder};
}

void AddTtlFamilies(std::vector<StateFamilySchema>& out, const DeclaredVariable& variable, const Schema& element_key) {
  const Schema index_key(
      {{.name = "expirationMs", .type = DataType::Long()}, {.name = "elementKey", .type = element_key.type()}});
  out.push_back(
      Family(ExpirationFamily(variable.name), index_key, OneColumn("__empty__", DataType::Null()), kRangeOfFirst));
  if (variable.kind == VariableKind::kList) {
    out.push_back(Family(LeastExpirationFamily(variable.name), element_key, OneColumn("expirationMs", DataType::Long()),
                         kNoPrefix));
    out.push_back(
        Family(ElementCountFamily(variable.name), element_key, OneColumn("count", DataType::Long()), kNoPrefix));
  }
}

void AddVariable(std::vector<StateFamilySchema>& out, const DeclaredVariable& variable, const Schema& key,
                 StateEncoding encoding) {
  Schema value = variable.value;
  if (variable.has_ttl) {
    value = Schema({{.name = "value", .type = value.type()}, {.name = "ttlExpirationMs", .type = DataType::Long()}});
  }
  if (encoding == StateEncoding::kAvro) {
    value = Schema(AsNullable(value.type()));
  }
  Schema element_key = key;
  if (variable.kind == VariableKind::kMap) {
    HF_CHECK(variable.user_key.has_value(), "map state {}", variable.name);
    element_key = Schema({{.name = "key", .type = key.type()}, {.name = "userKey", .type = variable.user_key->type()}});
    out.push_back(Family(variable.name, element_key, std::move(value), kPrefixOfOne));
    out.back().user_key_schema_json = variable.user_key->ToJson();
  } else {
    out.push_back(Family(variable.name, key, std::move(value), kNoPrefix));
  }
  if (variable.kind == VariableKind::kList) {
    out.push_back(Family(RowCounterFamily(variable.name), key, OneColumn("count", DataType::Long()), kNoPrefix));
  }
  if (variable.has_ttl) {
    AddTtlFamilies(out, variable, element_key);
  }
}

void AddTimers(std::vector<StateFamilySchema>& out, const DeclaredState& declared) {
  if (declared.time_mode == "NoTime") {
    return;
  }
  const TimerFamilies timers = TimerFamiliesOf(declared.time_mode);
  const StructField key{.name = "key", .type = declared.key.type()};
  const StructField expiry{.name = "expiryTimestampMs", .type = DataType::Long(), .nullable = false};
  const Schema dummy = OneColumn("__dummy__", DataType::Null());
  out.push_back(Family(std::string(timers.by_key), Schema({key, expiry}), dummy, kPrefixOfOne));
  out.push_back(Family(std::string(timers.by_time), Schema({expiry, key}), dummy, kRangeOfFirst));
}

}  // namespace

std::string_view VariableKindName(VariableKind kind) {
  switch (kind) {
    case VariableKind::kValue: return "ValueState";
    case VariableKind::kList: return "ListState";
    case VariableKind::kMap: return "MapState";
  }
  return "";
}

DataType AsNullable(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kArray: return DataType::Array(AsNullable(type.children()[0].type));
    case TypeKind::kMap: return DataType::Map(AsNullable(type.children()[0].type), AsNullable(type.children()[1].type));
    case TypeKind::kStruct: {
      std::vector<StructField> fields = type.children();
      for (StructField& field : fields) {
        field.type = AsNullable(field.type);
        field.nullable = true;
      }
      return DataType::Struct(std::move(fields));
    }
    default: return type;
  }
}

std::vector<StateFamilySchema> FamiliesOf(const DeclaredState& declared, StateEncoding encoding, bool with_default) {
  std::vector<StateFamilySchema> out;
  if (with_default) {
    // Spark 4.3 TransformWithStateExecBase.DUMMY_VALUE_ROW_SCHEMA.
    out.push_back(Family(std::string(kDefault), declared.key, OneColumn("value", DataType::Binary()), kNoPrefix));
  }
  for (const DeclaredVariable& variable : declared.variables) {
    AddVariable(out, variable, declared.key, encoding);
  }
  AddTimers(out, declared);
  return out;
}

const DataType& UserValue(const StateFamilySchema& family, bool has_ttl) {
  const DataType& whole = family.value_schema.type();
  if (has_ttl && whole.children().size() == 2 && whole.children()[0].name == "value" &&
      whole.children()[0].type.kind() == TypeKind::kStruct) {
    return whole.children()[0].type;
  }
  return whole;
}

VariableKind KindOfFamily(const StateFamilySchema& family, const std::vector<StateFamilySchema>& file) {
  if (family.user_key_schema_json != kNoUserKeySchema) {
    return VariableKind::kMap;
  }
  const std::string counter = RowCounterFamily(family.family);
  const bool counted =
      std::any_of(file.begin(), file.end(), [&](const StateFamilySchema& other) { return other.family == counter; });
  return counted ? VariableKind::kList : VariableKind::kValue;
}

bool HasTtlFamily(std::string_view variable, const std::vector<StateFamilySchema>& file) {
  const std::string index = ExpirationFamily(variable);
  return std::any_of(file.begin(), file.end(), [&](const StateFamilySchema& other) { return other.family == index; });
}

std::string ExpirationFamily(std::string_view variable) { return Named(kTtl, variable); }
std::string RowCounterFamily(std::string_view variable) { return Named(kRowCounter, variable); }
std::string LeastExpirationFamily(std::string_view variable) { return Named(kMin, variable); }
std::string ElementCountFamily(std::string_view variable) { return Named(kCount, variable); }

TimerFamilies TimerFamiliesOf(std::string_view time_mode) {
  const std::size_t first = time_mode == "ProcessingTime" ? 0 : 2;
  return {.by_key = kTimers[first], .by_time = kTimers[first + 1]};
}

bool IsKnownFamily(std::string_view family) {
  if (!IsInternalFamily(family)) {
    return true;
  }
  for (const std::string_view prefix : {kRowCounter, kTtl, kMin, kCount}) {
    if (family.starts_with(prefix) && family.size() > prefix.size()) {
      return true;
    }
  }
  return std::find(std::begin(kTimers), std::end(kTimers), family) != std::end(kTimers);
}

}  // namespace hf
