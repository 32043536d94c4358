// SPDX-License-Identifier: Apache-2.0
// What Spark 4.3.0 accepts at a restart and we refuse, with the verdict. docs/evolution.md has the same rows with the
// reasons; matrix_test.cc sees to it that the document, this table and the code agree.
#pragma once

#include <string_view>

namespace hf::test {

// Types of one place, as the matrix names them; several are separated by ", ".
struct TypeReason {
  std::string_view before;
  std::string_view after;
  std::string_view verdict;
};

inline constexpr TypeReason kTypeReasons[] = {
    {"byte, short, int", "date", "REJECTED"},
    {"byte, short, int, long", "timestamp, timestamp_ntz", "REJECTED"},
    {"date", "int, long, float, double", "REJECTED"},
    {"date", "timestamp, timestamp_ntz", "REJECTED"},
    {"timestamp, timestamp_ntz", "long, float, double", "REJECTED"},
    {"timestamp", "timestamp_ntz", "REJECTED"},
    {"timestamp_ntz", "timestamp", "REJECTED"},
    {"string", "binary", "REJECTED"},
    {"binary", "string", "REJECTED"},
    {"decimal(8,2), decimal(9,2)", "decimal(9,3)", "REJECTED"},
    {"decimal(9,3)", "decimal(8,2), decimal(9,2)", "REJECTED"},
    {"decimal(10,2), decimal(11,2)", "decimal(11,3)", "REJECTED"},
    {"decimal(11,3)", "decimal(10,2), decimal(11,2)", "REJECTED"},
    {"decimal(9,2)", "decimal(8,2)", "REJECTED"},
    {"decimal(11,2)", "decimal(10,2)", "REJECTED"},
    {"int", "float", "LOSSY"},
    {"long", "float, double", "LOSSY"},
};

// Changes of structure, as test/spark_compat/matrix/cases.py names them.
struct ShapeReason {
  std::string_view change;
  std::string_view encoding;  // "avro", "unsaferow" or "any"
  std::string_view verdict;
};

inline constexpr ShapeReason kShapeReasons[] = {
    {"remove", "avro", "LOSSY"},           {"rename", "avro", "AMBIGUOUS"},
    {"leave out", "any", "LOSSY"},         {"rename variable", "any", "AMBIGUOUS"},
    {"TTL on", "avro", "REJECTED"},        {"TTL off", "avro", "REJECTED"},
    {"removed kind", "any", "REJECTED"},   {"key order", "any", "REJECTED"},
    {"reorder", "unsaferow", "REJECTED"},  {"not null", "avro", "REJECTED"},
    {"byte or short", "avro", "REJECTED"},
};

}  // namespace hf::test
