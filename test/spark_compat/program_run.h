// SPDX-License-Identifier: Apache-2.0
// A recorded program (programs/README.md) through a query of Holdfast, trigger by trigger, with the clock that the
// program has.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf::test {

// What one trigger did.
struct TriggerAnswer {
  std::optional<std::int64_t> batch;  // nullopt: no batch was run
  Json out = Json::array();           // its output rows, in order
  std::optional<std::int64_t> watermark_ms;
  Json progress;
};

struct ProgramPlaces {
  Environment environment;  // its clock is that of the files; a query gets the program's
  std::string input;        // a directory
  std::string checkpoint;
  std::string scratch;  // on the machine's disk
  // Puts a file with this text into `input`, younger than those of the triggers before.
  std::function<Status(std::size_t trigger, const std::string& text)> add_input;
};

// Plays the triggers from `first` to before `last` on the checkpoint as it is and stops the query. A run begins with
// its first trigger that has input: Spark does nothing before that, while Holdfast would see to timers and TTL that are
// due. Whoever goes on with a checkpoint of another engine says so in `conf`.
Result<std::vector<TriggerAnswer>> RunProgram(const Json& program, const ProgramPlaces& places, std::size_t first,
                                              std::size_t last, const Options& conf);

// The rows of a read, each the array of its columns; {"error": ...} when it is refused.
Json ReadProgramState(const ProgramPlaces& places, const StateReadOptions& options);

}  // namespace hf::test
