// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "holdfast/status.h"

namespace hf {

// The absolute path behind what a user writes: a path (relative to the working directory) or, as Spark takes it,
// "file:/x" and "file:///x". kInvalid for another scheme, which would otherwise become a directory of that name.
Result<std::string> LocalPath(const std::string& text);

}  // namespace hf
