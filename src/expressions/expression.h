// SPDX-License-Identifier: Apache-2.0
// An expression whose columns and types are known. It is evaluated for many rows at once; what Spark does not evaluate
// for a row (the other branch of a CASE, what is right of a null) is not evaluated for it here, so that its errors do
// not come up.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "expressions/routine.h"
#include "expressions/vector.h"

namespace hf {

// What rand() and uuid() draw from: a hash of these and of the place of the row, so that a batch that is run again
// draws the same.
struct Chance {
  std::uint64_t seed = 0;      // of the query, the batch, and the place of the expression in the query
  std::uint64_t batch = 0;     // alone where the user gave a seed
  std::int64_t first_row = 0;  // the place of the first row in the batch
};

// The rows that an expression is evaluated for.
struct RowSet {
  const ColumnBatch& batch;
  const TimeZone& zone;
  std::optional<std::span<const std::int64_t>> chosen = {};  // absent: every row of the batch
  std::optional<std::int64_t> now_micros = {};               // current_timestamp(), where it is known
  std::optional<Chance> chance = {};                         // the same of rand()

  [[nodiscard]] std::int64_t size() const {
    return chosen.has_value() ? static_cast<std::int64_t>(chosen->size()) : batch.rows();
  }
};

class Expression {
 public:
  virtual ~Expression() = default;
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  // One value a row of `rows`, in their order. kInvalid carries the condition that Spark would end the query with.
  // REQUIRES: rows.size() > 0.
  [[nodiscard]] virtual Result<Vector> Evaluate(const RowSet& rows) const = 0;
  // The column of the batch that this is, unchanged.
  [[nodiscard]] virtual std::optional<std::size_t> column() const { return std::nullopt; }
  // What a list, struct or map that is made right here is made of; null for any other expression.
  [[nodiscard]] virtual std::vector<std::unique_ptr<Expression>>* parts() { return nullptr; }
  // The value when it is a literal.
  [[nodiscard]] virtual const Value* literal() const { return nullptr; }

  DataType type;
  bool nullable = true;
  bool can_fail = false;
  bool foldable = false;   // the same for every row
  std::string name;        // as Spark names a column that has no alias; empty when that is not known
  std::string name_alone;  // the same where it is the whole text, if another

 protected:
  Expression() = default;
};

using ExpressionPtr = std::unique_ptr<Expression>;

ExpressionPtr MakeColumn(std::size_t index, const StructField& field);
ExpressionPtr MakeLiteral(const Value& value, const DataType& type);
// current_timestamp(): the same for every row of a batch.
ExpressionPtr MakeCurrentTimestamp();
// rand() and uuid(): for every row something else. `place` is that of the call in its text: a call that is evaluated
// twice draws the same. With a seed every place draws the same, as in Spark.
ExpressionPtr MakeRandomNumber(std::size_t place, std::optional<std::int64_t> seed);
ExpressionPtr MakeRandomUuid(std::size_t place, std::optional<std::int64_t> seed);
// A field of a struct.
ExpressionPtr MakeField(ExpressionPtr parent, std::size_t index);
// A field of each struct of a list.
ExpressionPtr MakeElementField(ExpressionPtr list, std::size_t index);
// `cast`, which must not fail, of each element of a list; `to` is the list's type then.
ExpressionPtr MakeElementCast(ExpressionPtr list, const Routine& cast, DataType to);
// `routine` over arguments of its types.
ExpressionPtr MakeCall(const Routine& routine, std::vector<ExpressionPtr> arguments, DataType type);

// Special forms.
ExpressionPtr MakeLogical(bool is_and, ExpressionPtr left, ExpressionPtr right);
// when, then, when, then, ..., otherwise; the last is never absent.
ExpressionPtr MakeCase(std::vector<ExpressionPtr> parts, DataType type);
ExpressionPtr MakeCoalesce(std::vector<ExpressionPtr> arguments, DataType type);
// The first argument in the others; `equals` compares two of them.
ExpressionPtr MakeIn(std::vector<ExpressionPtr> arguments, const Routine& equals);
ExpressionPtr MakeIsNull(ExpressionPtr argument, bool is_null);

// `expression` for those rows of `rows` whose positions are given; absent when there are none.
Result<std::optional<Vector>> EvaluateAt(const Expression& expression, const RowSet& rows,
                                         std::span<const std::int64_t> positions);

}  // namespace hf
