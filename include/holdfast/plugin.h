// SPDX-License-Identifier: Apache-2.0
// Processors in a shared library, for `holdfast run` and every other program that learns its processor at run time.
//
//   // sessionizer.cc, built with: c++ -std=c++20 -shared -fPIC sessionizer.cc -lholdfast -o libsessionizer.so
//   #include <holdfast/plugin.h>
//   class Sessionizer final : public hf::StatefulProcessor<...> { ... };
//   HOLDFAST_PROCESSOR(Sessionizer)
#pragma once

#include <memory>
#include <string>

#include "holdfast/processor.h"

namespace hf {

// Raised whenever a class that a processor's code is compiled against changes shape (processor.h, row_access.h,
// struct_layout.h, value_state.h, batch.h, value.h, types.h, status.h): a library built for another
// number is refused by name, not called.
inline constexpr int kProcessorAbi = 1;

// Opens `library` and makes the factory of the processor exported there as `name`. kInvalid names what is missing;
// kIncompatible when the library was built against other headers.
Result<std::shared_ptr<const ProcessorFactory>> LoadProcessor(const std::string& library, const std::string& name);

}  // namespace hf

// Exports class `Name` (with a default constructor) from a shared library. Use once a class, at namespace scope.
#define HOLDFAST_PROCESSOR(Name)                                                                              \
  extern "C" __attribute__((visibility("default"))) int holdfast_abi_##Name() { return ::hf::kProcessorAbi; } \
  extern "C" __attribute__((visibility("default"))) ::hf::ProcessorFactory* holdfast_processor_##Name() {     \
    return new ::hf::TypedProcessorFactory<Name>(Name());                                                     \
  }
