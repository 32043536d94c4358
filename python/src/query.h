// SPDX-License-Identifier: Apache-2.0
// Describing, starting and watching queries from Python.
#pragma once

#include <nanobind/nanobind.h>

namespace hfpy {

void BindQuery(nanobind::module_& module);
void BindListeners(nanobind::module_& module);

}  // namespace hfpy
