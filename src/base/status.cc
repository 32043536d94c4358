// SPDX-License-Identifier: Apache-2.0
#include "holdfast/status.h"

#include <fmt/core.h>

namespace hf {

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid: return "invalid";
    case ErrorKind::kUnavailable: return "unavailable";
    case ErrorKind::kCorrupt: return "corrupt";
    case ErrorKind::kIncompatible: return "incompatible";
    case ErrorKind::kConflict: return "conflict";
    case ErrorKind::kUser: return "user";
    case ErrorKind::kInternal: return "internal";
  }
  return "unknown";
}

std::string Status::ToString() const {
  if (ok()) {
    return "ok";
  }
  if (failure_->condition.empty()) {
    return failure_->message;
  }
  return fmt::format("[{}] {}", failure_->condition, failure_->message);
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) {
    return {};
  }
  return {failure_->kind, fmt::format("{}: {}", context, failure_->message), failure_->condition};
}

}  // namespace hf
