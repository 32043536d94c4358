// SPDX-License-Identifier: Apache-2.0
// SeenFiles: which files a source has taken already (Spark: FileStreamSource.SeenFilesMap).
//
// With a maximum age, files older than (newest file seen - age) are forgotten and never taken: the age is measured
// against the newest file, not the clock. Without one nothing ages out, so that no file is ever skipped; Spark's
// default of seven days skips late ones without a word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hf {

class SeenFiles {
 public:
  SeenFiles(std::optional<std::int64_t> age_ms_max, bool file_name_only)
      : age_ms_max_(age_ms_max), file_name_only_(file_name_only) {}

  void Add(std::string_view path, std::int64_t modified_ms);
  // Tested against the last Purge, so that a file is not missed which aged since without being forgotten.
  [[nodiscard]] bool IsNew(std::string_view path, std::int64_t modified_ms) const;
  // Forgets what has aged.
  void Purge();

  [[nodiscard]] std::size_t size() const { return seen_.size(); }

 private:
  [[nodiscard]] std::string KeyOf(std::string_view path) const;

  const std::optional<std::int64_t> age_ms_max_;
  const bool file_name_only_;
  std::unordered_map<std::string, std::int64_t> seen_;
  std::int64_t newest_ms_ = 0;
  std::int64_t purged_before_ms_ = 0;
};

}  // namespace hf
