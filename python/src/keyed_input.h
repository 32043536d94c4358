// SPDX-License-Identifier: Apache-2.0
// KeyedInput: the rows of many keys, key after key, as a runner turns them into what the user's code gets.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "holdfast/row_access.h"

namespace hfpy {

namespace nb = nanobind;

// Keeps the rows alive for as long as Python holds on to it, or to an iterator of it.
class KeyedInput {
 public:
  explicit KeyedInput(hf::RowSelection rows);

  struct Held;
  [[nodiscard]] const std::shared_ptr<Held>& held() const { return held_; }

 private:
  std::shared_ptr<Held> held_;
};

void BindKeyedInput(nb::module_& module);

}  // namespace hfpy
