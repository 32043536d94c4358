// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "holdfast/status.h"

namespace hf {

// Removes everything below a directory of the local disk, hidden files and directories too, but the files at the paths
// of `kept` and their checksum files. Durable in every directory that stays, when anything does. kUnavailable names
// what cannot be removed.
Status RemoveBelow(const std::string& directory, const std::set<std::string>& kept);

}  // namespace hf
