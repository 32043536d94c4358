// SPDX-License-Identifier: Apache-2.0
// What real Spark read and wrote (files/README.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace hf {

// The lines of a recording in files/.
std::vector<Json> RecordedFiles(const std::string& name);

std::string FromBase64(std::string_view text);

}  // namespace hf
