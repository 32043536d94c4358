// SPDX-License-Identifier: Apache-2.0
// What a streaming read wants to know of one version of a Delta table: its entry in the log, as the protocol of Delta
// tables describes it (a JSON action a line).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

struct DeltaAdd {
  std::string path;  // as the log has it: relative to the table and escaped as in a URL
  std::int64_t size_bytes = 0;
  bool operator==(const DeltaAdd&) const = default;
};

struct DeltaCommit {
  std::vector<DeltaAdd> adds;          // those that bring rows (dataChange), in the order of the log
  std::optional<std::string> removed;  // the first file whose rows are taken away (dataChange)
  std::optional<std::string> schema;   // schemaString of a metaData action
  bool has_in_commit_timestamp = false;
};

// `path` names the entry in errors. kCorrupt: a line is no JSON, or a field is missing or of another type.
Result<DeltaCommit> ParseDeltaCommit(std::string_view text, const std::string& path);

// "<table>/_delta_log/00000000000000000007.json".
std::string DeltaCommitPath(const std::string& table, std::int64_t version);
// The version whose entry has this file name; nullopt for every other file of the log.
std::optional<std::int64_t> ParseDeltaCommitName(std::string_view name);

}  // namespace hf
