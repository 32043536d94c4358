// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hf {

// "; did you mean NAME?" with the name that the fewest changes of a letter lead to (case does not count), for the end
// of a refusal. Empty when more than half of the letters would have to change, and nothing is near.
std::string DidYouMean(std::string_view wanted, std::span<const std::string_view> names);

}  // namespace hf
