// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/query_metadata.h"

#include <fmt/format.h>

#include "base/json.h"

namespace hf {

Result<QueryMetadata> ParseQueryMetadata(std::string_view text, const std::string& path) {
  auto json = ParseJson(text);
  if (!json.ok()) {
    return json.status().WithContext(path);
  }
  auto id = GetString(*json, "id");
  if (!id.ok()) {
    return id.status().WithContext(path);
  }
  if (id->empty()) {
    return Corrupt(fmt::format("{}: the id of the query is empty", path));
  }
  return QueryMetadata{std::move(*id)};
}

std::string PrintQueryMetadata(const QueryMetadata& metadata) {
  Json json;
  json["id"] = metadata.id;
  return DumpJson(json);
}

std::string QueryMetadataPath(const std::string& checkpoint) { return checkpoint + "/metadata"; }

Result<std::optional<QueryMetadata>> ReadQueryMetadata(FileSystem& files, const std::string& checkpoint) {
  const std::string path = QueryMetadataPath(checkpoint);
  auto text = files.Read(path);
  if (!text.ok()) {
    return IsNotFound(text.status()) ? Result<std::optional<QueryMetadata>>(std::nullopt) : text.status();
  }
  HF_ASSIGN_OR_RETURN(QueryMetadata metadata, ParseQueryMetadata(*text, path));
  return std::optional(std::move(metadata));
}

Status WriteQueryMetadata(FileSystem& files, const std::string& checkpoint, const QueryMetadata& metadata) {
  return files.PutNew(QueryMetadataPath(checkpoint), PrintQueryMetadata(metadata));
}

}  // namespace hf
