// SPDX-License-Identifier: Apache-2.0
#include "engine/operator_plan.h"

#include <fmt/format.h>

namespace hf {

Result<std::shared_ptr<OperatorPlan>> OperatorPlan::Make(std::shared_ptr<const ProcessorFactory> factory,
                                                         TimeMode time_mode, StateEncoding encoding,
                                                         const Schema& input,
                                                         const std::vector<std::string>& grouping_columns) {
  auto plan = std::make_shared<OperatorPlan>();
  plan->input = input;
  plan->output = SchemaOf(factory->output_layout());
  plan->key_layout = factory->key_layout();
  if (grouping_columns.empty()) {
    return Invalid("GroupBy names no column; a stateful processor needs at least one");
  }
  if (grouping_columns.size() != plan->key_layout.fields.size()) {
    return Invalid(fmt::format("GroupBy names {} columns, but the processor's key has {} members",
                               grouping_columns.size(), plan->key_layout.fields.size()));
  }
  std::vector<StructField> key_fields;
  for (std::size_t i = 0; i < grouping_columns.size(); ++i) {
    const auto column = input.IndexOf(grouping_columns[i]);
    if (!column.has_value()) {
      return Invalid(
          fmt::format("GroupBy column {} is not in the input; its columns are {}", grouping_columns[i], input.ToDdl()));
    }
    plan->key_columns.push_back(*column);
    plan->key_layout.fields[i].name = grouping_columns[i];
    key_fields.push_back(input.field(*column));
  }
  plan->key = Schema(std::move(key_fields));
  plan->key_layout.type = plan->key.type();
  HF_ASSIGN_OR_RETURN(plan->key_reader, RowReader::Compile(input, plan->key_layout));
  HF_ASSIGN_OR_RETURN(plan->input_reader, RowReader::Compile(input, factory->input_layout()));
  HF_ASSIGN_OR_RETURN(plan->key_writer, StateRowWriter::Compile(encoding, plan->key, plan->key_layout));
  plan->time_mode = time_mode;
  if (time_mode != TimeMode::kNone) {
    auto reader = StateRowReader::Compile(encoding, plan->key, plan->key_layout);
    if (!reader.ok()) {
      return reader.status().WithContext("the grouping key, as timers bring it back");
    }
    plan->stored_key_reader = std::move(reader).value();
  }
  plan->state.key_schema = plan->key;
  plan->factory = std::move(factory);
  return plan;
}

}  // namespace hf
