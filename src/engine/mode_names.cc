// SPDX-License-Identifier: Apache-2.0
#include "holdfast/processor.h"

namespace hf {

std::string_view OutputModeName(OutputMode mode) {
  switch (mode) {
    case OutputMode::kAppend: return "Append";
    case OutputMode::kUpdate: return "Update";
    case OutputMode::kComplete: return "Complete";
  }
  return "";
}

std::string_view TimeModeName(TimeMode mode) {
  switch (mode) {
    case TimeMode::kNone: return "NoTime";
    case TimeMode::kProcessingTime: return "ProcessingTime";
    case TimeMode::kEventTime: return "EventTime";
  }
  return "";
}

}  // namespace hf
