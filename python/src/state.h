// SPDX-License-Identifier: Apache-2.0
// StatefulProcessorHandle, ValueState, ListState and MapState as Python users know them.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "holdfast/processor.h"

namespace hfpy {

namespace nb = nanobind;

// What every state object of one handle shares. User code may keep such an object for longer than the engine keeps what
// it stands for, and may use it on a thread of its own while the engine is at work: whatever is used fails with a
// sentence unless a function of the processor is running. Guarded by the interpreter's lock.
struct HandleLife {
  hf::StatefulProcessorHandle* handle = nullptr;
  bool in_call = false;
};

// A new StatefulProcessorHandle on the engine's.
nb::object MakeHandle(std::shared_ptr<HandleLife> life);

void BindState(nb::module_& module);

}  // namespace hfpy
