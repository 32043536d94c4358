// SPDX-License-Identifier: Apache-2.0
// The processor of a recorded program (programs/README.md): it does the operations that its rows bring, as
// programs/java/holdfast/programs/ProgramProcessor.java does them in Spark.
#pragma once

#include <memory>

#include "base/json.h"
#include "holdfast/processor.h"

namespace hf::test {

// The columns of the program's input.
Schema ProgramInput(const Json& program);
// The program in its run `run`. Output rows have one column, JSON text [key, row or timer, operation, result].
std::shared_ptr<const ProcessorFactory> ProgramProcessor(const Json& program, int run);

}  // namespace hf::test
