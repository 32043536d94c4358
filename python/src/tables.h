// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace hfpy {

void BindTables(nanobind::module_& module);

}  // namespace hfpy
