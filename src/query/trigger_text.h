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
// "10 seconds", "500 milliseconds", "1 minute", "2 hours", "0": Spark's interval text with one or more units.
Result<std::chrono::milliseconds> ParseInterval(const std::string& text);

}  // namespace hf
