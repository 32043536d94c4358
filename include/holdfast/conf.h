// SPDX-License-Identifier: Apache-2.0
// The settings of queries.
#pragma once

#include <optional>
#include <string>

namespace hf {

// The value that a setting has in a new checkpoint when nobody gives one; nullopt for a key that no query knows.
std::optional<std::string> SettingDefault(const std::string& key);

}  // namespace hf
