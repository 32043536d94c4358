// SPDX-License-Identifier: Apache-2.0
// AND, OR, CASE, coalesce, IN and IS NULL, which do not evaluate every argument for every row.
#include <array>

#include "expressions/expression.h"

namespace hf {
namespace {

enum class Truth : std::uint8_t { kFalse, kTrue, kNull };

Truth TruthAt(const Vector& vector, std::int64_t row) {
  const std::int64_t at = vector.At(row);
  return vector.column.IsNull(at) ? Truth::kNull : vector.column.Bool(at) ? Truth::kTrue : Truth::kFalse;
}

void AppendTruth(ColumnBuilder& out, Truth truth) {
  if (truth == Truth::kNull) {
    out.AppendNull();
  } else {
    out.AppendBool(truth == Truth::kTrue);
  }
}

std::vector<std::int64_t> AllRows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<std::int64_t>(i);
  }
  return rows;
}

class LogicalExpression final : public Expression {
 public:
  LogicalExpression(bool is_and, ExpressionPtr left, ExpressionPtr right)
      : decides_(is_and ? Truth::kFalse : Truth::kTrue), left_(std::move(left)), right_(std::move(right)) {
    type = DataType::Boolean();
    nullable = left_->nullable || right_->nullable;
    can_fail = left_->can_fail || right_->can_fail;
    foldable = left_->foldable && right_->foldable;
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const Vector left, left_->Evaluate(rows));
    HF_ASSIGN_OR_RETURN(const Vector right, EvaluateRight(rows, left));
    const bool constant = left.constant && right.constant;
    ColumnBuilder out(type);
    for (std::int64_t row = 0; row < (constant ? 1 : rows.size()); ++row) {
      const Truth a = TruthAt(left, row);
      const Truth b = a == decides_ ? Truth::kNull : TruthAt(right, row);
      AppendTruth(out, a == decides_ || b == decides_ ? decides_ : a == Truth::kNull ? a : b);
    }
    return Vector{out.Finish(), constant};
  }

 private:
  [[nodiscard]] Result<Vector> EvaluateRight(const RowSet& rows, const Vector& left) const {
    if (!right_->can_fail) {
      return right_->Evaluate(rows);
    }
    std::vector<std::int64_t> undecided;
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      if (TruthAt(left, row) != decides_) {
        undecided.push_back(row);
      }
    }
    HF_ASSIGN_OR_RETURN(const auto some, EvaluateAt(*right_, rows, undecided));
    ColumnBuilder none(type);
    return Vector{Scatter(some.has_value() ? *some : Vector{none.Finish(), false}, undecided, rows.size()), false};
  }

  Truth decides_;  // the truth that makes the other side not matter
  ExpressionPtr left_;
  ExpressionPtr right_;
};

// For each row, which of some vectors has its value, and where.
class Choice {
 public:
  explicit Choice(std::int64_t rows) : places_(static_cast<std::size_t>(rows)) {}

  // Rows `positions[i]` take row i of `vector`.
  void Take(const Vector& vector, std::span<const std::int64_t> positions) {
    held_.push_back(vector);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      places_[static_cast<std::size_t>(positions[i])] = {held_.size(), vector.At(static_cast<std::int64_t>(i))};
    }
  }
  [[nodiscard]] Column Build(const DataType& type) const {
    ColumnBuilder out(type);
    out.Reserve(static_cast<std::int64_t>(places_.size()));
    for (const Place& place : places_) {
      if (place.vector == 0) {
        out.AppendNull();
      } else {
        out.AppendFrom(held_[place.vector - 1].column, place.row);
      }
    }
    return out.Finish();
  }

 private:
  struct Place {
    std::size_t vector = 0;  // 0: null
    std::int64_t row = 0;
  };
  std::vector<Place> places_;
  std::vector<Vector> held_;
};

class CaseExpression final : public Expression {
 public:
  CaseExpression(std::vector<ExpressionPtr> parts, DataType of) : parts_(std::move(parts)) {
    type = std::move(of);
    foldable = true;
    for (const ExpressionPtr& part : parts_) {
      can_fail = can_fail || part->can_fail;
      foldable = foldable && part->foldable;
    }
    nullable = false;
    for (std::size_t i = 0; i < parts_.size(); i += 2) {
      const bool is_else = i + 1 == parts_.size();
      nullable = nullable || parts_[is_else ? i : i + 1]->nullable;
      const Value* when = parts_[i]->literal();
      if (!is_else && when != nullptr && *when == Value(true)) {
        break;  // what follows is never taken
      }
    }
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    Choice choice(rows.size());
    std::vector<std::int64_t> open = AllRows(rows.size());
    for (std::size_t i = 0; i + 1 < parts_.size() && !open.empty(); i += 2) {
      HF_ASSIGN_OR_RETURN(const auto when, EvaluateAt(*parts_[i], rows, open));
      std::vector<std::int64_t> taken;
      std::vector<std::int64_t> left;
      for (std::size_t row = 0; row < open.size(); ++row) {
        const bool is_true = TruthAt(*when, static_cast<std::int64_t>(row)) == Truth::kTrue;
        (is_true ? taken : left).push_back(open[row]);
      }
      HF_RETURN_IF_ERROR(Take(*parts_[i + 1], rows, taken, &choice));
      open = std::move(left);
    }
    HF_RETURN_IF_ERROR(Take(*parts_.back(), rows, open, &choice));
    return Vector{choice.Build(type), false};
  }

 private:
  static Status Take(const Expression& then, const RowSet& rows, std::span<const std::int64_t> taken, Choice* choice) {
    HF_ASSIGN_OR_RETURN(const auto values, EvaluateAt(then, rows, taken));
    if (values.has_value()) {
      choice->Take(*values, taken);
    }
    return {};
  }

  std::vector<ExpressionPtr> parts_;
};

class CoalesceExpression final : public Expression {
 public:
  CoalesceExpression(std::vector<ExpressionPtr> arguments, DataType of) : arguments_(std::move(arguments)) {
    type = std::move(of);
    foldable = true;
    for (const ExpressionPtr& argument : arguments_) {
      can_fail = can_fail || argument->can_fail;
      foldable = foldable && argument->foldable;
      nullable = nullable && argument->nullable;
    }
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    Choice choice(rows.size());
    std::vector<std::int64_t> open = AllRows(rows.size());
    for (const ExpressionPtr& argument : arguments_) {
      HF_ASSIGN_OR_RETURN(const auto values, EvaluateAt(*argument, rows, open));
      if (!values.has_value()) {
        break;
      }
      choice.Take(*values, open);
      std::vector<std::int64_t> left;
      for (std::size_t row = 0; row < open.size(); ++row) {
        if (values->IsNull(static_cast<std::int64_t>(row))) {
          left.push_back(open[row]);
        }
      }
      open = std::move(left);
    }
    return Vector{choice.Build(type), false};
  }

 private:
  std::vector<ExpressionPtr> arguments_;
};

class InExpression final : public Expression {
 public:
  InExpression(std::vector<ExpressionPtr> arguments, const Routine& equals)
      : arguments_(std::move(arguments)), equals_(equals) {
    type = DataType::Boolean();
    nullable = false;
    foldable = true;
    for (const ExpressionPtr& argument : arguments_) {
      can_fail = can_fail || argument->can_fail;
      foldable = foldable && argument->foldable;
      nullable = nullable || argument->nullable;
    }
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const Vector value, arguments_[0]->Evaluate(rows));
    std::vector<Truth> found(static_cast<std::size_t>(rows.size()), Truth::kFalse);
    std::vector<std::int64_t> open;
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      if (value.IsNull(row)) {
        found[static_cast<std::size_t>(row)] = Truth::kNull;
      } else {
        open.push_back(row);
      }
    }
    for (std::size_t i = 1; i < arguments_.size() && !open.empty(); ++i) {
      HF_RETURN_IF_ERROR(Compare(*arguments_[i], rows, value, &open, &found));
    }
    ColumnBuilder out(type);
    for (const Truth truth : found) {
      AppendTruth(out, truth);
    }
    return Vector{out.Finish(), false};
  }

 private:
  // Looks whether the open rows equal `item`; those that do are open no more.
  Status Compare(const Expression& item, const RowSet& rows, const Vector& value, std::vector<std::int64_t>* open,
                 std::vector<Truth>* found) const {
    HF_ASSIGN_OR_RETURN(const auto items, EvaluateAt(item, rows, *open));
    const std::array<Vector, 2> both = {value.constant ? value : Vector{Gather(value.column, *open), false}, *items};
    ColumnBuilder builder(type);
    const auto count = static_cast<std::int64_t>(open->size());
    HF_RETURN_IF_ERROR(equals_.kernel(Arguments{both, count, type, rows.zone}, builder));
    const Vector equal{builder.Finish(), false};
    std::vector<std::int64_t> left;
    for (std::int64_t row = 0; row < count; ++row) {
      const std::int64_t at = (*open)[static_cast<std::size_t>(row)];
      const Truth truth = TruthAt(equal, row);
      if (truth != Truth::kTrue) {
        left.push_back(at);
      }
      if (truth != Truth::kFalse) {
        (*found)[static_cast<std::size_t>(at)] = truth;
      }
    }
    *open = std::move(left);
    return {};
  }

  std::vector<ExpressionPtr> arguments_;
  const Routine& equals_;
};

class IsNullExpression final : public Expression {
 public:
  IsNullExpression(ExpressionPtr argument, bool is_null) : argument_(std::move(argument)), is_null_(is_null) {
    type = DataType::Boolean();
    nullable = false;
    can_fail = argument_->can_fail;
    foldable = argument_->foldable;
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const Vector value, argument_->Evaluate(rows));
    ColumnBuilder out(type);
    for (std::int64_t row = 0; row < (value.constant ? 1 : rows.size()); ++row) {
      out.AppendBool(value.IsNull(row) == is_null_);
    }
    return Vector{out.Finish(), value.constant};
  }

 private:
  ExpressionPtr argument_;
  bool is_null_;
};

}  // namespace

ExpressionPtr MakeLogical(bool is_and, ExpressionPtr left, ExpressionPtr right) {
  return std::make_unique<LogicalExpression>(is_and, std::move(left), std::move(right));
}
ExpressionPtr MakeCase(std::vector<ExpressionPtr> parts, DataType type) {
  return std::make_unique<CaseExpression>(std::move(parts), std::move(type));
}
ExpressionPtr MakeCoalesce(std::vector<ExpressionPtr> arguments, DataType type) {
  return std::make_unique<CoalesceExpression>(std::move(arguments), std::move(type));
}
ExpressionPtr MakeIn(std::vector<ExpressionPtr> arguments, const Routine& equals) {
  return std::make_unique<InExpression>(std::move(arguments), equals);
}
ExpressionPtr MakeIsNull(ExpressionPtr argument, bool is_null) {
  return std::make_unique<IsNullExpression>(std::move(argument), is_null);
}

void AddSpecialForms(std::vector<Routine>& list) {
  constexpr std::array kScalars = {TypeKind::kBoolean,     TypeKind::kByte,   TypeKind::kShort,  TypeKind::kInt,
                                   TypeKind::kLong,        TypeKind::kFloat,  TypeKind::kDouble, TypeKind::kDecimal,
                                   TypeKind::kString,      TypeKind::kBinary, TypeKind::kDate,   TypeKind::kTimestamp,
                                   TypeKind::kTimestampNtz};
  for (const TypeKind kind : kScalars) {
    list.push_back(
        {.name = "coalesce", .arguments = {kind}, .result = kind, .nulls = NullRule::kSpecialForm, .variadic = true});
    list.push_back(
        {.name = "case", .arguments = {kind}, .result = kind, .nulls = NullRule::kSpecialForm, .variadic = true});
    list.push_back({.name = "in",
                    .arguments = {kind},
                    .result = TypeKind::kBoolean,
                    .nulls = NullRule::kSpecialForm,
                    .variadic = true});
    list.push_back(
        {.name = "isnull", .arguments = {kind}, .result = TypeKind::kBoolean, .nulls = NullRule::kSpecialForm});
  }
  for (const TypeKind kind : {TypeKind::kArray, TypeKind::kMap, TypeKind::kStruct}) {
    for (const std::string_view name : {"coalesce", "case"}) {
      list.push_back({.name = std::string(name),
                      .arguments = {kind},
                      .result = kind,
                      .nulls = NullRule::kSpecialForm,
                      .variadic = true});
    }
  }
  for (const std::string_view name : {"and", "or"}) {
    list.push_back({.name = std::string(name),
                    .arguments = {TypeKind::kBoolean, TypeKind::kBoolean},
                    .result = TypeKind::kBoolean,
                    .nulls = NullRule::kSpecialForm});
  }
}

}  // namespace hf
