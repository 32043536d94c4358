// SPDX-License-Identifier: Apache-2.0
// What of a new version of a processor may go on with a checkpoint.
#pragma once

#include <nanobind/nanobind.h>

namespace hfpy {

void BindCheck(nanobind::module_& module);

}  // namespace hfpy
