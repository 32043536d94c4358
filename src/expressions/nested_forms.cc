// SPDX-License-Identifier: Apache-2.0
// What is done to parts of nested values without a routine: a field of every struct of a list, and casts of the
// elements of a list.
#include <algorithm>

#include "expressions/expression.h"

namespace hf {
namespace {

// list.field (Spark 4.3 GetArrayStructFields): null for an element that is null.
class ElementFieldExpression final : public Expression {
 public:
  ElementFieldExpression(ExpressionPtr list, std::size_t index) : list_(std::move(list)), index_(index) {
    const StructField& element = list_->type.children()[0];
    const StructField& field = element.type.children()[index];
    type = DataType::Array(field.type, element.nullable || field.nullable);
    nullable = list_->nullable;
    can_fail = list_->can_fail;
    foldable = list_->foldable;
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(const Vector lists, list_->Evaluate(rows));
    const Column& structs = lists.column.children[0];
    const Column& field = structs.children[index_];
    ColumnBuilder builder(type);
    for (std::int64_t row = 0; row < lists.column.length; ++row) {
      if (lists.column.IsNull(row)) {
        builder.AppendNull();
        continue;
      }
      const std::int64_t end = lists.column.offsets[lists.column.offset + row + 1];
      for (std::int64_t i = lists.column.offsets[lists.column.offset + row]; i < end; ++i) {
        if (structs.IsNull(i)) {
          builder.child(0).AppendNull();
        } else {
          builder.child(0).AppendFrom(field, structs.offset + i);
        }
      }
      builder.AppendList();
    }
    return Vector{builder.Finish(), lists.constant};
  }

 private:
  ExpressionPtr list_;
  std::size_t index_;
};

class ElementCastExpression final : public Expression {
 public:
  ElementCastExpression(ExpressionPtr list, const Routine& cast, DataType to) : list_(std::move(list)), cast_(cast) {
    type = std::move(to);
    nullable = list_->nullable;
    can_fail = list_->can_fail;
    foldable = list_->foldable;
  }
  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    HF_ASSIGN_OR_RETURN(Vector lists, list_->Evaluate(rows));
    Column& column = lists.column;
    const std::array<Vector, 1> elements = {Vector{column.children[0], false}};
    const DataType& element = type.children()[0].type;
    ColumnBuilder builder(element);
    HF_RETURN_IF_ERROR(cast_.kernel(Arguments{elements, column.children[0].length, element, rows.zone}, builder));
    column.children[0] = builder.Finish();
    column.type = type;
    return lists;
  }

 private:
  ExpressionPtr list_;
  const Routine& cast_;
};

}  // namespace

ExpressionPtr MakeElementField(ExpressionPtr list, std::size_t index) {
  return std::make_unique<ElementFieldExpression>(std::move(list), index);
}
ExpressionPtr MakeElementCast(ExpressionPtr list, const Routine& cast, DataType to) {
  return std::make_unique<ElementCastExpression>(std::move(list), cast, std::move(to));
}

}  // namespace hf
