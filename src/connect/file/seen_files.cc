// SPDX-License-Identifier: Apache-2.0
#include "connect/file/seen_files.h"

#include <algorithm>

namespace hf {

std::string SeenFiles::KeyOf(std::string_view path) const {
  return std::string(file_name_only_ ? path.substr(path.rfind('/') + 1) : path);
}

void SeenFiles::Add(std::string_view path, std::int64_t modified_ms) {
  seen_.insert_or_assign(KeyOf(path), modified_ms);
  newest_ms_ = std::max(newest_ms_, modified_ms);
}

bool SeenFiles::IsNew(std::string_view path, std::int64_t modified_ms) const {
  if (age_ms_max_.has_value() && modified_ms < purged_before_ms_) {
    return false;
  }
  return !seen_.contains(KeyOf(path));
}

void SeenFiles::Purge() {
  if (!age_ms_max_.has_value()) {
    return;
  }
  purged_before_ms_ = newest_ms_ - *age_ms_max_;
  std::erase_if(seen_, [this](const auto& entry) { return entry.second < purged_before_ms_; });
}

}  // namespace hf
