// SPDX-License-Identifier: Apache-2.0
#include "expressions/expression.h"

#include <fmt/format.h>

#include <algorithm>

#include "rows/bitmap.h"

namespace hf {
namespace {

class ColumnExpression final : public Expression {
 public:
  ColumnExpression(std::size_t index, const StructField& field) : index_(index) {
    type = field.type;
    nullable = field.nullable;
    name = field.name;
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    const Column& all = rows.batch.column(index_);
    return Vector{rows.chosen.has_value() ? Gather(all, *rows.chosen) : all, false};
  }
  [[nodiscard]] std::optional<std::size_t> column() const override { return index_; }

 private:
  std::size_t index_;
};

class LiteralExpression final : public Expression {
 public:
  LiteralExpression(const Value& value, const DataType& of) : value_(value) {
    type = of;
    nullable = value.is_null();
    foldable = true;
    ColumnBuilder builder(of);
    builder.AppendValue(value);
    held_ = {builder.Finish(), true};
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet&) const override { return held_; }
  [[nodiscard]] const Value* literal() const override { return &value_; }

 private:
  Value value_;
  Vector held_;
};

class CurrentTimestamp final : public Expression {
 public:
  CurrentTimestamp() {
    type = DataType::Timestamp();
    nullable = false;
    foldable = true;
    name = "current_timestamp()";
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    if (!rows.now_micros.has_value()) {
      return Internal("current_timestamp() of a step that was not told the time");
    }
    ColumnBuilder builder(type);
    builder.AppendValue(Timestamp{*rows.now_micros});
    return Vector{builder.Finish(), true};
  }
};

class FieldExpression final : public Expression {
 public:
  FieldExpression(ExpressionPtr parent, std::size_t index) : parent_(std::move(parent)), index_(index) {
    const StructField& field = parent_->type.children()[index];
    type = field.type;
    nullable = parent_->nullable || field.nullable;
    can_fail = parent_->can_fail;
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const Vector parent, parent_->Evaluate(rows));
    Column field = parent.column.children[index_];
    field.offset += parent.column.offset;
    field.length = parent.column.length;
    if (parent.HasNulls()) {  // a null struct's fields may hold anything
      ColumnBuilder builder(type);
      for (std::int64_t row = 0; row < field.length; ++row) {
        if (parent.column.IsNull(row)) {
          builder.AppendNull();
        } else {
          builder.AppendFrom(field, row);
        }
      }
      return Vector{builder.Finish(), parent.constant};
    }
    if (field.validity != nullptr) {
      field.null_count = CountZeros(field.validity, field.offset, field.length);
    }
    return Vector{std::move(field), parent.constant};
  }

 private:
  ExpressionPtr parent_;
  std::size_t index_;
};

class CallExpression final : public Expression {
 public:
  CallExpression(const Routine& routine, std::vector<ExpressionPtr> arguments, DataType of)
      : routine_(routine), arguments_(std::move(arguments)) {
    type = std::move(of);
    can_fail = routine.can_fail;
    foldable = true;
    std::size_t nullables = 0;
    for (const ExpressionPtr& argument : arguments_) {
      can_fail = can_fail || argument->can_fail;
      foldable = foldable && argument->foldable;
      nullables += argument->nullable ? 1 : 0;
    }
    nullable = routine.makes_null || (routine.nulls == NullRule::kSeesAll     ? nullables == arguments_.size()
                                      : routine.nulls == NullRule::kSeesFirst ? arguments_[0]->nullable
                                      : routine.nulls == NullRule::kSeesNever ? false
                                                                              : nullables > 0);
  }

  [[nodiscard]] std::vector<ExpressionPtr>* parts() override {
    return routine_.name == "array" || routine_.name == "struct" || routine_.name == "map" ? &arguments_ : nullptr;
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const std::vector<Vector> vectors, EvaluateArguments(rows));
    const bool constant = std::all_of(vectors.begin(), vectors.end(), [](const Vector& one) { return one.constant; });
    ColumnBuilder builder(type);
    const std::int64_t count = constant ? 1 : rows.size();
    builder.Reserve(count);
    const Arguments arguments{vectors, count, type, rows.zone};
    if (Status status = routine_.kernel(arguments, builder); !status.ok()) {
      return status.WithContext(fmt::format("the expression {}", name));
    }
    return Vector{builder.Finish(), constant};
  }

 private:
  // An argument that may fail is evaluated only where those before it are not null, as Spark's generated code does.
  [[nodiscard]] Result<std::vector<Vector>> EvaluateArguments(const RowSet& rows) const {
    std::vector<Vector> made(arguments_.size());
    std::vector<const Vector*> before;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      const std::size_t at = routine_.nulls == NullRule::kRightFirst ? arguments_.size() - 1 - i : i;
      const Expression& argument = *arguments_[at];
      const bool nulls = routine_.nulls <= NullRule::kRightFirst &&
                         std::any_of(before.begin(), before.end(), [](const Vector* one) { return one->HasNulls(); });
      if (argument.can_fail && nulls) {
        HF_ASSIGN_OR_RETURN(made[at], EvaluateBeside(argument, rows, before));
      } else {
        HF_ASSIGN_OR_RETURN(made[at], argument.Evaluate(rows));
      }
      before.push_back(&made[at]);
    }
    return made;
  }

  [[nodiscard]] static Result<Vector> EvaluateBeside(const Expression& argument, const RowSet& rows,
                                                     const std::vector<const Vector*>& before) {
    std::vector<std::int64_t> positions;
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      if (std::none_of(before.begin(), before.end(), [row](const Vector* one) { return one->IsNull(row); })) {
        positions.push_back(row);
      }
    }
    HF_ASSIGN_OR_RETURN(const auto some, EvaluateAt(argument, rows, positions));
    ColumnBuilder none(argument.type);
    return Vector{Scatter(some.has_value() ? *some : Vector{none.Finish(), false}, positions, rows.size()), false};
  }

  const Routine& routine_;
  std::vector<ExpressionPtr> arguments_;
};

}  // namespace

ExpressionPtr MakeColumn(std::size_t index, const StructField& field) {
  return std::make_unique<ColumnExpression>(index, field);
}
ExpressionPtr MakeLiteral(const Value& value, const DataType& type) {
  return std::make_unique<LiteralExpression>(value, type);
}
ExpressionPtr MakeCurrentTimestamp() { return std::make_unique<CurrentTimestamp>(); }
ExpressionPtr MakeField(ExpressionPtr parent, std::size_t index) {
  return std::make_unique<FieldExpression>(std::move(parent), index);
}
ExpressionPtr MakeCall(const Routine& routine, std::vector<ExpressionPtr> arguments, DataType type) {
  return std::make_unique<CallExpression>(routine, std::move(arguments), std::move(type));
}

Result<std::optional<Vector>> EvaluateAt(const Expression& expression, const RowSet& rows,
                                         std::span<const std::int64_t> positions) {
  if (positions.empty()) {
    return std::optional<Vector>();
  }
  std::vector<std::int64_t> chosen(positions.begin(), positions.end());
  if (rows.chosen.has_value()) {
    for (std::int64_t& row : chosen) {
      row = (*rows.chosen)[static_cast<std::size_t>(row)];
    }
  }
  const RowSet part{rows.batch, rows.zone, chosen, rows.now_micros, rows.chance};
  HF_ASSIGN_OR_RETURN(Vector made, expression.Evaluate(part));
  return std::optional(std::move(made));
}

}  // namespace hf
