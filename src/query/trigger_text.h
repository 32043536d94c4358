// SPDX-License-Identifier: Apache-2.0
// The words for modes and intervals, as Spark's API takes them.
#pragma once

#include <chrono>
#include <string>

#include "holdfast/processor.h"

namespace hf {

// "append", "update", "complete"; any case.
Result<OutputMode> ParseOutputMode(const std::string& text);
// "none", "processingTime", "eventTime"; any case.
Result<TimeMode> ParseTimeMode(const std::string& text);
// "10 seconds", "1 hour 30 minutes", "0": Spark's interval text with one or more units, of a trigger or a delay. Months
// and years are refused.
Result<std::chrono::milliseconds> ParseInterval(const std::string& text);

}  // namespace hf
