// SPDX-License-Identifier: Apache-2.0
// OperatorPlan: one transformWithState operator, fully decided: what its tasks need to run, and nothing of where
// input comes from or where output and checkpoint go. Immutable while the query runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/processor.h"
#include "holdfast/query.h"
#include "state/state_plan.h"
#include "state/state_row_codec.h"

namespace hf {

// Rows that a processor takes in by key: its input, or its initial state.
struct InputPlan {
  Schema schema;
  Schema key;                                    // the grouping columns
  std::vector<std::size_t> key_columns;          // their places in `schema`
  std::shared_ptr<const TypeLayout> key_layout;  // the processor's key, its members named as the grouping columns
  std::optional<RowReader> key_reader;           // row -> key object
  std::optional<RowReader> row_reader;           // row -> object of the processor's type
};

struct OperatorPlan {
  std::int64_t operator_id = 0;  // its place in the query, from the sink on
  std::shared_ptr<const ProcessorFactory> factory;
  InputPlan input;
  std::optional<InputPlan> initial_state;
  Schema output;
  Schema key;                 // the grouping columns
  StateRowWriter key_writer;  // key object -> stored key
  TimeMode time_mode = TimeMode::kNone;
  std::optional<StateRowReader> stored_key_reader;  // stored key -> key object, for timers; with a time mode
  StatePlan state;

  // Resolves the grouping columns and compiles the readers and writers; `operator_id` and `state` are left to the
  // caller. kInvalid names the column or member that does not fit.
  static Result<std::shared_ptr<OperatorPlan>> Make(std::shared_ptr<const ProcessorFactory> factory, TimeMode time_mode,
                                                    StateEncoding encoding, const Schema& input,
                                                    const std::vector<std::string>& grouping_columns);
  // The processor takes over these rows; their keys must be of the types of the input's. kInvalid says what does not
  // fit.
  Status TakeInitialState(const InitialState& initial);
};

}  // namespace hf
