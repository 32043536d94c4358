// SPDX-License-Identifier: Apache-2.0
#include "engine/operator_plan.h"

#include <fmt/format.h>

namespace hf {

namespace {

Status CheckColumns(const std::vector<std::string>& grouping_columns, const TypeLayout& key_layout) {
  if (grouping_columns.empty()) {
    return Invalid("GroupBy names no column; a stateful processor needs at least one");
  }
  if (grouping_columns.size() != key_layout.fields.size()) {
    return Invalid(fmt::format("GroupBy names {} columns, but the processor's key has {} members",
                               grouping_columns.size(), key_layout.fields.size()));
  }
  return Status();
}

Result<InputPlan> MakeInput(const Schema& schema, const std::vector<std::string>& grouping_columns,
                            const TypeLayout& row_layout, const TypeLayout& processor_key) {
  HF_RETURN_IF_ERROR(CheckColumns(grouping_columns, processor_key));
  InputPlan plan;
  plan.schema = schema;
  auto key_layout = std::make_shared<TypeLayout>(processor_key);
  std::vector<StructField> key_fields;
  for (std::size_t i = 0; i < grouping_columns.size(); ++i) {
    auto found = schema.FindOne(grouping_columns[i]);
    if (!found.ok()) {
      return found.status().WithContext("GroupBy");
    }
    const std::optional<std::size_t> column = *found;
    if (!column.has_value()) {
      return Invalid(fmt::format("GroupBy column {} is not in the input; its columns are {}", grouping_columns[i],
                                 schema.ToDdl()));
    }
    plan.key_columns.push_back(*column);
    key_layout->fields[i].name = grouping_columns[i];
    key_fields.push_back(schema.field(*column));
  }
  plan.key = Schema(std::move(key_fields));
  key_layout->type = plan.key.type();
  plan.key_layout = key_layout;
  HF_ASSIGN_OR_RETURN(plan.key_reader, RowReader::Compile(schema, *plan.key_layout));
  HF_ASSIGN_OR_RETURN(plan.row_reader, RowReader::Compile(schema, row_layout));
  return plan;
}

}  // namespace

Result<std::shared_ptr<OperatorPlan>> OperatorPlan::Make(std::shared_ptr<const ProcessorFactory> factory,
                                                         TimeMode time_mode, StateEncoding encoding,
                                                         const Schema& input,
                                                         const std::vector<std::string>& grouping_columns) {
  auto plan = std::make_shared<OperatorPlan>();
  plan->output = SchemaOf(factory->output_layout());
  HF_ASSIGN_OR_RETURN(plan->input, MakeInput(input, grouping_columns, factory->input_layout(), factory->key_layout()));
  plan->key = plan->input.key;
  HF_ASSIGN_OR_RETURN(plan->key_writer, StateRowWriter::Compile(encoding, plan->key, *plan->input.key_layout));
  plan->time_mode = time_mode;
  if (time_mode != TimeMode::kNone) {
    auto reader = StateRowReader::Compile(encoding, plan->key, *plan->input.key_layout);
    if (!reader.ok()) {
      return reader.status().WithContext("the grouping key, as timers bring it back");
    }
    plan->stored_key_reader = std::move(reader).value();
  }
  plan->state.key_schema = plan->key;
  plan->factory = std::move(factory);
  return plan;
}

Status OperatorPlan::TakeInitialState(const InitialState& initial) {
  const TypeLayout* layout = factory->initial_state_layout();
  if (layout == nullptr) {
    return Invalid(
        "the query has an initial state, but its processor takes none: derive it from "
        "StatefulProcessorWithInitialState");
  }
  auto made = MakeInput(initial.schema, initial.grouping_columns, *layout, factory->key_layout());
  if (!made.ok()) {
    return made.status().WithContext("the initial state");
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    const StructField& column = made->key.field(i);
    if (column.type.ToString() != key.field(i).type.ToString()) {
      return Invalid(
          fmt::format("the initial state: column {} is {}, but the query's key {} is {}; cast one of the two",
                      column.name, column.type.ToSql(), key.field(i).name, key.field(i).type.ToSql()));
    }
  }
  for (const ColumnBatch& rows : initial.rows) {
    if (rows.schema().type().ToString() != initial.schema.type().ToString()) {
      return Invalid(fmt::format("the initial state: a batch of rows has the columns {}, but its schema says {}",
                                 rows.schema().ToDdl(), initial.schema.ToDdl()));
    }
  }
  initial_state = std::move(made).value();
  return Status();
}

}  // namespace hf
