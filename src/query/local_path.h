// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "holdfast/status.h"

namespace hf {

// The absolute path behind what a user writes: a path (relative to the working directory) or, as Spark takes it,
// "file:/x" and "file:///x". kInvalid for none at all, and for another scheme, which would otherwise become a directory
// of that name.
Result<std::string> LocalPath(const std::string& text);

// The path of a source or sink, given to Load or Start or as the option "path"; empty when given nowhere. kInvalid,
// beginning with `subject`, when given twice (Spark refuses that too).
Result<std::string> OnePath(const std::string& subject, const std::map<std::string, std::string>& options,
                            const std::string& path);

}  // namespace hf
