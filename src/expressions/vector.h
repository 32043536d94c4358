// SPDX-License-Identifier: Apache-2.0
// Columns of values while an expression runs, and the loop over their rows that most functions share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "holdfast/batch.h"
#include "rows/column_builder.h"
#include "rows/time_zone.h"

namespace hf {

// A column, or one value that stands for every row.
struct Vector {
  Column column;
  bool constant = false;

  [[nodiscard]] std::int64_t At(std::int64_t row) const { return constant ? 0 : row; }
  [[nodiscard]] bool IsNull(std::int64_t row) const { return column.IsNull(At(row)); }
  [[nodiscard]] bool HasNulls() const { return column.null_count > 0; }
};

// What a function is called with.
struct Arguments {
  std::span<const Vector> vectors;
  std::int64_t rows = 0;
  const DataType& type;  // of the result
  const TimeZone& zone;  // of the session
};

// What the function makes of one row, beside the value that it returns.
class RowOutcome {
 public:
  explicit RowOutcome(const Arguments& arguments) : arguments_(arguments) {}

  [[nodiscard]] const Arguments& arguments() const { return arguments_; }
  [[nodiscard]] const DataType& type() const { return arguments_.type; }
  [[nodiscard]] const DataType& argument_type(std::size_t index) const { return arguments_.vectors[index].column.type; }
  [[nodiscard]] const TimeZone& zone() const { return arguments_.zone; }

  // The value is null, whatever is returned.
  void SetNull() { is_null_ = true; }
  // The query ends with this condition, as in Spark's ANSI mode.
  void Fail(std::string_view condition, std::string message) {
    failure_ = Status(ErrorKind::kInvalid, std::move(message), std::string(condition));
    failed_ = true;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const Status& failure() const { return failure_; }
  bool TakeNull() { return std::exchange(is_null_, false); }

 private:
  const Arguments& arguments_;
  bool is_null_ = false;
  bool failed_ = false;
  Status failure_;
};

// A function over whole columns: adds a datum for every row to `out`.
using Kernel = Status (*)(const Arguments& arguments, ColumnBuilder& out);

// Reads a vector's values; T is bool, a number, or std::string_view.
template <typename T>
class ValuesOf {
 public:
  explicit ValuesOf(const Vector& vector) : column_(vector.column), step_(vector.constant ? 0 : 1) {}
  T operator[](std::int64_t row) const {
    if constexpr (std::is_same_v<T, bool>) {
      return column_.Bool(row * step_);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      return column_.Bytes(row * step_);
    } else {
      return column_.Fixed<T>(row * step_);
    }
  }

 private:
  const Column& column_;
  std::int64_t step_;
};

template <typename T>
void AppendDatum(ColumnBuilder& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    out.AppendBool(value);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    out.AppendBytes(value);
  } else {
    out.AppendFixed(value);
  }
}

// EachRow<F>::Run is the kernel of a function of one row, `R F(RowOutcome&, A...)`: null when an argument is null.
template <auto F>
struct EachRow;

template <typename R, typename... A, R (*F)(RowOutcome&, A...)>
struct EachRow<F> {
  static Status Run(const Arguments& arguments, ColumnBuilder& out) {
    return Loop(arguments, out, std::index_sequence_for<A...>{});
  }

 private:
  template <std::size_t... I>
  static Status Loop(const Arguments& arguments, ColumnBuilder& out, std::index_sequence<I...>) {
    const std::tuple<ValuesOf<A>...> cells(ValuesOf<A>(arguments.vectors[I])...);
    const bool nulls = (arguments.vectors[I].HasNulls() || ...);
    RowOutcome outcome(arguments);
    for (std::int64_t row = 0; row < arguments.rows; ++row) {
      if (nulls && (arguments.vectors[I].IsNull(row) || ...)) {
        out.AppendNull();
        continue;
      }
      const R value = F(outcome, std::get<I>(cells)[row]...);
      if (outcome.failed()) {
        return outcome.failure();
      }
      if (outcome.TakeNull()) {
        out.AppendNull();
      } else {
        AppendDatum(out, value);
      }
    }
    return {};
  }
};

// The rows `chosen` of a column, in that order.
Column Gather(const Column& column, std::span<const std::int64_t> chosen);
// A column of `rows` rows whose row positions[i] is row i of `vector`; the others are null.
Column Scatter(const Vector& vector, std::span<const std::int64_t> positions, std::int64_t rows);
// A vector as a column of `rows` rows.
Column Spread(const Vector& vector, std::int64_t rows);

}  // namespace hf
