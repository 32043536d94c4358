// SPDX-License-Identifier: Apache-2.0
// The engine behind holdfast's TwsTester: a Python processor without a query, files or threads.
#pragma once

#include <nanobind/nanobind.h>

namespace hfpy {

void BindTester(nanobind::module_& module);

}  // namespace hfpy
