// SPDX-License-Identifier: Apache-2.0
// ColumnCast: a column of a file as a column of the schema that was asked for, where no value is lost.
//
// Allowed, as in Spark 4.3's ParquetVectorUpdaterFactory: equal types; byte, short, int, long to a wider one of them;
// byte, short and int to double; float to double; integers and decimals to decimals that hold every value; date to
// timestamp_ntz; string and binary to each other; timestamp and timestamp_ntz to each other, as the same number;
// void to anything. In arrays and maps by element, in structs by field: a field that the file lacks is null.
// Spark also narrows an int to byte or short without looking at the values; we refuse that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

class ColumnCast {
 public:
  // kIncompatible names `path` and both types.
  static Result<ColumnCast> Make(const DataType& from, const DataType& to, const std::string& path);

  [[nodiscard]] Result<Column> Apply(Column column) const;

  enum class Kind { kRelabel, kWiden, kToDouble, kDateToMicros, kToDecimal, kChildren };

 private:
  struct Child {
    int source = -1;  // index of the field in the file's struct; -1: it is missing there
    std::shared_ptr<const ColumnCast> cast;
  };
  Status AddField(const DataType& from, const StructField& to, const std::string& path);

  Kind kind_ = Kind::kRelabel;
  DataType to_;
  std::vector<Child> children_;  // kChildren
};

// The index of the field that stands for `name`: equal, else equal but for case; -1 when there is none.
// kIncompatible when several differ from it in case only.
Result<int> FieldIgnoringCase(const std::vector<StructField>& fields, const std::string& name);

// A column of nothing but nulls.
Column NullColumn(const DataType& type, std::int64_t rows);

}  // namespace hf
