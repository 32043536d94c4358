// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_commit.h"

#include <fmt/core.h>

#include <charconv>

#include "base/json.h"
#include "checkpoint/numbered_log.h"

namespace hf {
namespace {

constexpr std::size_t kVersionDigits = 20;
constexpr std::string_view kCommitEnd = ".json";

Status TakeAction(const Json& action, DeltaCommit* commit) {
  if (!action.is_object()) {
    return Corrupt("is not a JSON object");
  }
  if (const Json* add = FindKey(action, "add"); add != nullptr) {
    HF_ASSIGN_OR_RETURN(const bool brings_rows, GetBool(*add, "dataChange"));
    if (brings_rows) {
      DeltaAdd file;
      HF_ASSIGN_OR_RETURN(file.path, GetString(*add, "path"));
      HF_ASSIGN_OR_RETURN(file.size_bytes, GetInt64(*add, "size"));
      commit->adds.push_back(std::move(file));
    }
  }
  if (const Json* remove = FindKey(action, "remove"); remove != nullptr) {
    HF_ASSIGN_OR_RETURN(const bool takes_rows, GetBool(*remove, "dataChange"));
    if (takes_rows && !commit->removed.has_value()) {
      HF_ASSIGN_OR_RETURN(commit->removed, GetString(*remove, "path"));
    }
  }
  if (const Json* metadata = FindKey(action, "metaData"); metadata != nullptr) {
    HF_ASSIGN_OR_RETURN(commit->schema, GetString(*metadata, "schemaString"));
  }
  if (const Json* info = FindKey(action, "commitInfo"); info != nullptr) {
    commit->has_in_commit_timestamp = FindKey(*info, "inCommitTimestamp") != nullptr;
  }
  return {};
}

}  // namespace

Result<DeltaCommit> ParseDeltaCommit(std::string_view text, const std::string& path) {
  DeltaCommit commit;
  std::int64_t number = 0;
  while (const std::optional<std::string_view> line = TakeLine(text)) {
    ++number;
    if (line->find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const Result<Json> action = ParseJson(*line);
    const Status taken = action.ok() ? TakeAction(*action, &commit) : action.status();
    if (!taken.ok()) {
      return taken.WithContext(fmt::format("{}, line {}", path, number));
    }
  }
  return commit;
}

std::string DeltaCommitPath(const std::string& table, std::int64_t version) {
  return fmt::format("{}/_delta_log/{:020}.json", table, version);
}

std::optional<std::int64_t> ParseDeltaCommitName(std::string_view name) {
  if (name.size() != kVersionDigits + kCommitEnd.size() || !name.ends_with(kCommitEnd)) {
    return std::nullopt;
  }
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kVersionDigits, version);
  return error == std::errc() && end == name.data() + kVersionDigits && version >= 0 ? std::optional(version)
                                                                                     : std::nullopt;
}

}  // namespace hf
