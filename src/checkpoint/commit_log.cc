// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/commit_log.h"

#include <fmt/format.h>

#include "base/json.h"

namespace hf {
namespace {

Result<OperatorUniqueIds> ParseIds(const Json& partitions) {
  OperatorUniqueIds ids;
  const Status wrong = Corrupt("stateUniqueIds is not a list of lists of texts for each operator");
  if (!partitions.is_array()) {
    return wrong;
  }
  for (const Json& stores : partitions) {
    if (!stores.is_array()) {
      return wrong;
    }
    std::vector<std::string>& of_partition = ids.emplace_back();
    for (const Json& id : stores) {
      if (!id.is_string()) {
        return wrong;
      }
      of_partition.push_back(id.get<std::string>());
    }
  }
  return ids;
}

Result<CommitMetadata> ParseJsonLine(std::string_view line, int version) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(line));
  if (!json.is_object()) {
    return Corrupt("the metadata is not a JSON object");
  }
  CommitMetadata commit;
  HF_ASSIGN_OR_RETURN(const auto watermark, FindInt64(json, "nextBatchWatermarkMs"));
  commit.next_batch_watermark_ms = watermark.value_or(0);
  const Json* operators = FindKey(json, "stateUniqueIds");
  if (version == 1 || operators == nullptr || operators->is_null()) {
    return commit;
  }
  if (!operators->is_object()) {
    return Corrupt("stateUniqueIds is not a JSON object");
  }
  commit.state_unique_ids.emplace();
  for (const auto& item : operators->items()) {
    const std::optional<BatchId> id = ParseBatchId(item.key());
    if (!id.has_value()) {
      return Corrupt(fmt::format("stateUniqueIds has the operator id \"{}\"", item.key()));
    }
    HF_ASSIGN_OR_RETURN(OperatorUniqueIds ids, ParseIds(item.value()));
    commit.state_unique_ids->emplace_back(*id, std::move(ids));
  }
  return commit;
}

}  // namespace

Result<CommitMetadata> ParseCommit(std::string_view text, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const int version, TakeVersionLine(text, 2, path));
  const std::optional<std::string_view> line = TakeLine(text);
  if (!line.has_value()) {
    return Corrupt(fmt::format("{} ends after its version line: the metadata is missing", path));
  }
  if (!text.empty()) {
    return Corrupt(fmt::format("{} goes on after its second line", path));
  }
  auto commit = ParseJsonLine(*line, version);
  return commit.ok() ? std::move(commit) : commit.status().WithContext(path);
}

std::string PrintCommit(const CommitMetadata& commit) {
  Json json;
  json["nextBatchWatermarkMs"] = commit.next_batch_watermark_ms;
  if (!commit.state_unique_ids.has_value()) {
    return "v1\n" + DumpJson(json);
  }
  Json operators = Json::object();
  for (const auto& [id, ids] : *commit.state_unique_ids) {
    operators[std::to_string(id)] = ids;
  }
  json["stateUniqueIds"] = std::move(operators);
  return "v2\n" + DumpJson(json);
}

Result<CommitMetadata> CommitLog::Get(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const std::string text, log_.Read(batch));
  return ParseCommit(text, log_.PathOf(batch));
}

}  // namespace hf
