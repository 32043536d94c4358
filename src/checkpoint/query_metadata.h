// SPDX-License-Identifier: Apache-2.0
// <checkpoint>/metadata: the id of the query, for the life of the checkpoint.
// Spark 4.3 StreamMetadata: exactly {"id":"<uuid>"}, without a version line and without a line end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "files/file_system.h"
#include "holdfast/status.h"

namespace hf {

struct QueryMetadata {
  std::string id;
  bool operator==(const QueryMetadata&) const = default;
};

Result<QueryMetadata> ParseQueryMetadata(std::string_view text, const std::string& path);
std::string PrintQueryMetadata(const QueryMetadata& metadata);

std::string QueryMetadataPath(const std::string& checkpoint);
// nullopt when the checkpoint has none: nothing ever ran on it.
Result<std::optional<QueryMetadata>> ReadQueryMetadata(FileSystem& files, const std::string& checkpoint);
// kConflict when there is one.
Status WriteQueryMetadata(FileSystem& files, const std::string& checkpoint, const QueryMetadata& metadata);

}  // namespace hf
