// SPDX-License-Identifier: Apache-2.0
// What becomes of values written with one type when they are read with another: the table of Avro's promotions
// (Avro 1.12 specification, "Schema Resolution"), split by what happens to the meaning.
//
// Paths: a field within a struct is ".name", an array's element "[]", a map's value "{}", a map's key "{key}":
// "address.zip", "tags[]", "attrs{}.n".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/types.h"

namespace hf {

enum class TypeEffect {
  kSame,
  kWidened,     // every old value is kept exactly
  kLossy,       // read, but some values are rounded
  kBent,        // read, but as something else; Spark does it without a word
  kUnreadable,  // Spark refuses it too
};

struct TypeRule {
  TypeEffect effect = TypeEffect::kUnreadable;
  std::string_view reason;      // why it is lossy or bent; empty otherwise
  std::string_view spark_then;  // how Spark fails later though its check accepts; empty when it does not
};

// For two types of which neither is an array, map or struct.
TypeRule ScalarRule(const DataType& written, const DataType& reading);

enum class ChangeKind {
  kAdded,  // null in what is there
  kRemoved,
  kRenamed,  // one gone, and `other`, of the same type or with the same letters, is new: rename or both?
  kReordered,
  kWidened,
  kLossy,
  kBent,
  kUnreadable,
};

struct FieldChange {
  ChangeKind kind = ChangeKind::kAdded;
  std::string path;
  std::optional<DataType> written;  // nullopt when added
  std::optional<DataType> reading;  // nullopt when removed
  std::string other;                // the path of the new field of a probable rename
  TypeRule rule;                    // of a change of type
};

// All changes between two structs, fields matched by name, in the order of the written fields, added ones last.
// Paths begin with `root`. Nullability is not compared: in Avro state everything may be null.
std::vector<FieldChange> CompareStructs(const DataType& written, const DataType& reading, const std::string& root);

// Whether values of rows that are read by position (UnsafeRow, keys) keep their places: types and count match, names
// do not count, and what may be null now could be null before (Spark 4.3
// DataType.equalsIgnoreNameAndCompatibleNullability, asked as StateSchemaCompatibilityChecker does: from the new type
// to the stored one).
bool FitsByPosition(const DataType& reading, const DataType& written);

// The name of a field that stands at another place than before, in two structs that fit by position: then values would
// be read under each other's names. nullopt when there is none.
std::optional<std::string> FindMovedName(const DataType& reading, const DataType& written);

// Whether the place that `path` names can be without a value in what `written` wrote because its own struct lacks it.
// False when a struct around it is missing: then that one is.
bool LacksField(const DataType& written, std::string_view path);

}  // namespace hf
