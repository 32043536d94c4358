// SPDX-License-Identifier: Apache-2.0
#include "holdfast/plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace hf {

Result<std::shared_ptr<const ProcessorFactory>> LoadProcessor(const std::string& library, const std::string& name) {
  // Never closed: objects that the library made may outlive the query.
  void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (opened == nullptr) {
    return Invalid(fmt::format("cannot open the processor library {}: {}", library, dlerror()));
  }
  using AbiFunction = int (*)();
  using FactoryFunction = ProcessorFactory* (*)();
  const auto abi = reinterpret_cast<AbiFunction>(dlsym(opened, ("holdfast_abi_" + name).c_str()));
  const auto factory = reinterpret_cast<FactoryFunction>(dlsym(opened, ("holdfast_processor_" + name).c_str()));
  if (abi == nullptr || factory == nullptr) {
    return Invalid(
        fmt::format("{} exports no processor {}; write HOLDFAST_PROCESSOR({}) beside the class", library, name, name));
  }
  if (abi() != kProcessorAbi) {
    return Incompatible(fmt::format("{} was built against processor ABI {}, this Holdfast has {}; build it again",
                                    library, abi(), kProcessorAbi));
  }
  return std::shared_ptr<const ProcessorFactory>(factory());
}

}  // namespace hf
