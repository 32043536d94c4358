// SPDX-License-Identifier: Apache-2.0
#include "expressions/sql_step.h"

#include <fmt/format.h>

#include "base/random.h"
#include "expressions/analyzer.h"
#include "expressions/token.h"

namespace hf {
namespace {

struct Output {
  std::string name;
  ExpressionPtr expression;
};

// Columns that may be as large as they like end in a StatusError of the builder.
template <typename F>
auto Guarded(const F& run) -> decltype(run()) {
  try {
    return run();
  } catch (const StatusError& failure) {
    return failure.status();
  }
}

// What a batch fixes beside its rows.
class Fixed {
 public:
  void SetTime(std::int64_t now_micros) { now_micros_ = now_micros; }
  void SetChance(std::uint64_t seed, std::uint64_t batch) { chance_ = {seed, batch, 0}; }

  // All of `rows`, for the expression number `output` of a step.
  [[nodiscard]] RowSet AllOf(const ColumnBatch& rows, const TimeZone& zone, std::size_t output = 0) const {
    RowSet all{rows, zone, std::nullopt, now_micros_, chance_};
    if (all.chance.has_value()) {
      all.chance->seed = Mixed(all.chance->seed, output);
    }
    return all;
  }
  // `rows` are done.
  void Count(const ColumnBatch& rows) {
    if (chance_.has_value()) {
      chance_->first_row += rows.rows();
    }
  }

 private:
  std::optional<std::int64_t> now_micros_;
  std::optional<Chance> chance_;
};

class Projection final : public SqlStep {
 public:
  Projection(std::vector<Output> outputs, TimeZone zone, std::set<const Routine*> routines)
      : outputs_(std::move(outputs)), zone_(std::move(zone)), routines_(routines.begin(), routines.end()) {
    std::vector<StructField> fields;
    for (const Output& output : outputs_) {
      fields.push_back({output.name, output.expression->type, output.expression->nullable});
    }
    schema_ = Schema(std::move(fields));
  }

  [[nodiscard]] const Schema& output() const override { return schema_; }
  [[nodiscard]] std::optional<std::size_t> SourceOf(std::size_t output_column) const override {
    return outputs_[output_column].expression->column();
  }
  [[nodiscard]] std::vector<const Routine*> routines() const override { return routines_; }

  void SetTime(std::int64_t now_micros) override { fixed_.SetTime(now_micros); }
  void SetChance(std::uint64_t seed, std::uint64_t batch) override { fixed_.SetChance(seed, batch); }
  Result<ColumnBatch> Apply(const ColumnBatch& rows) override {
    return Guarded([&]() -> Result<ColumnBatch> {
      std::vector<Column> columns;
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Output& output = outputs_[i];
        if (rows.rows() == 0) {
          columns.push_back(ColumnBuilder(output.expression->type).Finish());
          continue;
        }
        HF_ASSIGN_OR_RETURN(const Vector values, output.expression->Evaluate(fixed_.AllOf(rows, zone_, i)));
        columns.push_back(Spread(values, rows.rows()));
      }
      fixed_.Count(rows);
      return ColumnBatch(schema_, std::move(columns), rows.rows());
    });
  }

 private:
  std::vector<Output> outputs_;
  TimeZone zone_;
  Fixed fixed_;
  std::vector<const Routine*> routines_;
  Schema schema_;
};

class Selection final : public SqlStep {
 public:
  Selection(Schema input, Analyzed condition, TimeZone zone)
      : schema_(std::move(input)), condition_(std::move(condition)), zone_(std::move(zone)) {}

  [[nodiscard]] const Schema& output() const override { return schema_; }
  [[nodiscard]] std::optional<std::size_t> SourceOf(std::size_t output_column) const override { return output_column; }
  [[nodiscard]] std::vector<const Routine*> routines() const override {
    return {condition_.routines.begin(), condition_.routines.end()};
  }

  void SetTime(std::int64_t now_micros) override { fixed_.SetTime(now_micros); }
  void SetChance(std::uint64_t seed, std::uint64_t batch) override { fixed_.SetChance(seed, batch); }
  Result<ColumnBatch> Apply(const ColumnBatch& rows) override {
    return Guarded([&]() -> Result<ColumnBatch> {
      if (rows.rows() == 0) {
        return rows;
      }
      HF_ASSIGN_OR_RETURN(const Vector keep, condition_.expression->Evaluate(fixed_.AllOf(rows, zone_)));
      fixed_.Count(rows);
      std::vector<std::int64_t> chosen;
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        if (!keep.IsNull(row) && keep.column.Bool(keep.At(row))) {
          chosen.push_back(row);
        }
      }
      const auto count = static_cast<std::int64_t>(chosen.size());
      if (count == rows.rows()) {
        return rows;
      }
      std::vector<Column> columns;
      for (const Column& column : rows.columns()) {
        columns.push_back(Gather(column, chosen));
      }
      return ColumnBatch(schema_, std::move(columns), count);
    });
  }

 private:
  Schema schema_;
  Analyzed condition_;
  TimeZone zone_;
  Fixed fixed_;
};

// Adds every column of the input.
void AddAll(const Schema& input, std::vector<Output>* outputs) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    outputs->push_back({input.field(i).name, MakeColumn(i, input.field(i))});
  }
}

Status AddItem(const Schema& input, const std::string& text, const TimeZone& zone, std::vector<Output>* outputs,
               std::set<const Routine*>* routines) {
  HF_ASSIGN_OR_RETURN(const SelectItem item, ParseSelectItem(text));
  if (item.expression.kind == SyntaxKind::kStar) {
    AddAll(input, outputs);
    return {};
  }
  HF_ASSIGN_OR_RETURN(Analyzed analyzed, Analyze(item.expression, text, input, zone));
  const Expression& made = *analyzed.expression;
  const bool is_field =
      item.expression.kind == SyntaxKind::kName && (item.expression.parts.size() > 1 || made.column().has_value());
  std::string name = item.alias.has_value()     ? *item.alias
                     : is_field                 ? item.expression.parts.back()
                     : !made.name_alone.empty() ? made.name_alone
                                                : made.name;
  const bool empty_text = made.literal() != nullptr && made.type.kind() == TypeKind::kString;
  if (name.empty() && !empty_text) {
    return Invalid(fmt::format("the expression \"{}\" needs a name: which one Spark would give it is not known; write "
                               "\"{} AS name\"",
                               text, text),
                   "HOLDFAST_UNPROVEN_EXPRESSION");
  }
  routines->insert(analyzed.routines.begin(), analyzed.routines.end());
  outputs->push_back({std::move(name), std::move(analyzed.expression)});
  return {};
}

}  // namespace

Result<std::unique_ptr<SqlStep>> SqlStep::Select(const Schema& input, const std::vector<std::string>& expressions,
                                                 const TimeZone& zone) {
  std::vector<Output> outputs;
  std::set<const Routine*> routines;
  for (const std::string& text : expressions) {
    HF_RETURN_IF_ERROR(AddItem(input, text, zone, &outputs, &routines));
  }
  return std::unique_ptr<SqlStep>(std::make_unique<Projection>(std::move(outputs), zone, std::move(routines)));
}

Result<std::unique_ptr<SqlStep>> SqlStep::Filter(const Schema& input, const std::string& condition,
                                                 const TimeZone& zone) {
  HF_ASSIGN_OR_RETURN(const Syntax syntax, ParseExpression(condition));
  HF_ASSIGN_OR_RETURN(Analyzed analyzed, Analyze(syntax, condition, input, zone));
  if (analyzed.expression->type.kind() != TypeKind::kBoolean) {
    return Invalid(fmt::format("the condition \"{}\" is {}, not BOOLEAN", condition, analyzed.expression->type.ToSql()),
                   "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN");
  }
  return std::unique_ptr<SqlStep>(std::make_unique<Selection>(input, std::move(analyzed), zone));
}

Result<std::unique_ptr<SqlStep>> SqlStep::WithColumn(const Schema& input, const std::string& name,
                                                     const std::string& expression, const TimeZone& zone) {
  HF_ASSIGN_OR_RETURN(const Syntax syntax, ParseExpression(expression));
  std::vector<Output> outputs;
  AddAll(input, &outputs);
  std::set<const Routine*> routines;
  bool replaced = false;
  for (std::size_t i = 0; i <= input.size(); ++i) {
    const bool matches = i < input.size() ? SameWord(input.field(i).name, name) : !replaced;
    if (!matches) {
      continue;
    }
    HF_ASSIGN_OR_RETURN(Analyzed analyzed, Analyze(syntax, expression, input, zone));
    routines.insert(analyzed.routines.begin(), analyzed.routines.end());
    if (i < input.size()) {
      outputs[i] = {name, std::move(analyzed.expression)};
      replaced = true;
    } else {
      outputs.push_back({name, std::move(analyzed.expression)});
    }
  }
  return std::unique_ptr<SqlStep>(std::make_unique<Projection>(std::move(outputs), zone, std::move(routines)));
}

}  // namespace hf
