// SPDX-License-Identifier: Apache-2.0
// Tables of Unicode for upper and lower case; case_tables.cc says where they are from.
#pragma once

#include <array>
#include <cstdint>

namespace hf {

extern const std::array<std::int32_t, 792> kUpperRanges;
extern const std::array<std::int32_t, 740> kLowerRanges;
extern const std::array<std::int32_t, 408> kUpperSeveral;
extern const std::array<std::int32_t, 4> kLowerSeveral;
// At the beginning of a word, where that is another than the upper case: characters that stay, as ranges, and others.
extern const std::array<std::int32_t, 24> kTitleSame;
extern const std::array<std::int32_t, 232> kTitleSeveral;
extern const std::array<std::int32_t, 316> kCased;
extern const std::array<std::int32_t, 928> kCaseIgnorable;

}  // namespace hf
