// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/operator_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace hf {
namespace {

// Spark 4.3: the short names of its stateful operators, and what a reader of this project may know them as.
constexpr std::pair<std::string_view, std::string_view> kOtherOperators[] = {
    {"stateStoreSave", "an aggregation"},
    {"sessionWindowStateStoreSaveExec", "an aggregation over session windows"},
    {"dedupe", "dropDuplicates"},
    {"dedupeWithinWatermark", "dropDuplicatesWithinWatermark"},
    {"symmetricHashJoin", "a join of two streams"},
    {"flatMapGroupsWithState", "flatMapGroupsWithState or mapGroupsWithState"},
    {"applyInPandasWithState", "applyInPandasWithState"},
    {"globalLimit", "a limit"},
};

Status UnsupportedOperator(const OperatorOutline& outline, const std::string& path) {
  std::string_view known = "of a kind that is not known";
  for (const auto& [name, meaning] : kOtherOperators) {
    known = name == outline.operator_name ? meaning : known;
  }
  return Incompatible(fmt::format("{}: operator {} is {}, {}; Holdfast reads and goes on with transformWithState alone",
                                  path, outline.operator_id, outline.operator_name, known),
                      "HOLDFAST_UNSUPPORTED_OPERATOR");
}

Result<StateStoreInfo> ParseStore(const Json& json, int version) {
  StateStoreInfo store;
  HF_ASSIGN_OR_RETURN(store.store_name, GetString(json, "storeName"));
  HF_ASSIGN_OR_RETURN(store.num_cols_prefix_key, GetInt64(json, "numColsPrefixKey"));
  HF_ASSIGN_OR_RETURN(store.num_partitions, GetInt64(json, "numPartitions"));
  if (store.num_partitions < 1) {
    return Corrupt(fmt::format("numPartitions is {}", store.num_partitions));
  }
  if (version == 1) {
    return store;
  }
  HF_ASSIGN_OR_RETURN(const Json* paths, GetArray(json, "stateSchemaFilePaths"));
  for (const Json& path : *paths) {
    if (!path.is_string()) {
      return Corrupt("stateSchemaFilePaths has an entry that is not a text");
    }
    store.schema_file_paths.push_back(path.get<std::string>());
  }
  return store;
}

Status ParseProperties(const std::string& text, OperatorMetadata& metadata) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(text));
  HF_ASSIGN_OR_RETURN(metadata.time_mode, GetString(json, "timeMode"));
  HF_ASSIGN_OR_RETURN(metadata.output_mode, GetString(json, "outputMode"));
  HF_ASSIGN_OR_RETURN(const Json* variables, GetArray(json, "stateVariables"));
  for (const Json& variable : *variables) {
    StateVariableInfo& info = metadata.variables.emplace_back();
    HF_ASSIGN_OR_RETURN(info.name, GetString(variable, "stateName"));
    HF_ASSIGN_OR_RETURN(info.type, GetString(variable, "stateVariableType"));
    HF_ASSIGN_OR_RETURN(info.ttl_enabled, GetBool(variable, "ttlEnabled"));
  }
  return {};
}

Result<OperatorOutline> ParseLine(std::string_view line, int version) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(line));
  OperatorOutline outline;
  HF_ASSIGN_OR_RETURN(const Json* info, GetObject(json, "operatorInfo"));
  HF_ASSIGN_OR_RETURN(outline.operator_id, GetInt64(*info, "operatorId"));
  HF_ASSIGN_OR_RETURN(outline.operator_name, GetString(*info, "operatorName"));
  HF_ASSIGN_OR_RETURN(const Json* stores, GetArray(json, "stateStoreInfo"));
  for (const Json& store : *stores) {
    HF_ASSIGN_OR_RETURN(StateStoreInfo parsed, ParseStore(store, version));
    outline.stores.push_back(std::move(parsed));
  }
  if (version > 1) {
    HF_ASSIGN_OR_RETURN(outline.properties, GetString(json, "operatorPropertiesJson"));
  }
  return outline;
}

Result<OperatorOutline> ParseOutline(std::string_view text, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const int version, TakeVersionLine(text, 2, path));
  const std::optional<std::string_view> line = TakeLine(text);
  if (!line.has_value() || !text.empty()) {
    return Corrupt(fmt::format("{}: there must be one line after the version line", path));
  }
  auto outline = ParseLine(*line, version);
  return outline.ok() ? std::move(outline) : outline.status().WithContext(path);
}

// {"timeMode":..,"outputMode":..,"stateVariables":[..]}
std::string PrintOperatorProperties(const OperatorMetadata& metadata) {
  Json properties;
  properties["timeMode"] = metadata.time_mode;
  properties["outputMode"] = metadata.output_mode;
  properties["stateVariables"] = Json::array();
  for (const StateVariableInfo& variable : metadata.variables) {
    Json json;
    json["stateName"] = variable.name;
    json["stateVariableType"] = variable.type;
    json["ttlEnabled"] = variable.ttl_enabled;
    properties["stateVariables"].push_back(std::move(json));
  }
  return DumpJson(properties);
}

}  // namespace

bool SameMetadata(const OperatorMetadata& a, const OperatorMetadata& b) {
  auto sorted = [](std::vector<StateVariableInfo> variables) {
    std::sort(variables.begin(), variables.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
    return variables;
  };
  return a.operator_id == b.operator_id && a.operator_name == b.operator_name && a.stores == b.stores &&
         a.time_mode == b.time_mode && a.output_mode == b.output_mode && sorted(a.variables) == sorted(b.variables);
}

Result<OperatorMetadata> ParseOperatorMetadata(std::string_view text, const std::string& path) {
  HF_ASSIGN_OR_RETURN(OperatorOutline outline, ParseOutline(text, path));
  if (!outline.operator_name.starts_with(kStatefulOperatorPrefix)) {
    return UnsupportedOperator(outline, path);
  }
  OperatorMetadata metadata{.operator_id = outline.operator_id,
                            .operator_name = std::move(outline.operator_name),
                            .stores = std::move(outline.stores),
                            .time_mode = {},
                            .output_mode = {},
                            .variables = {}};
  HF_RETURN_IF_ERROR(ParseProperties(outline.properties, metadata).WithContext(path));
  return metadata;
}

std::string PrintOperatorMetadata(const OperatorMetadata& metadata) {
  Json line;
  line["operatorInfo"]["operatorId"] = metadata.operator_id;
  line["operatorInfo"]["operatorName"] = metadata.operator_name;
  line["stateStoreInfo"] = Json::array();
  for (const StateStoreInfo& store : metadata.stores) {
    Json json;
    json["storeName"] = store.store_name;
    json["numColsPrefixKey"] = store.num_cols_prefix_key;
    json["numPartitions"] = store.num_partitions;
    json["stateSchemaFilePaths"] = store.schema_file_paths;
    line["stateStoreInfo"].push_back(std::move(json));
  }
  line["operatorPropertiesJson"] = PrintOperatorProperties(metadata);
  return "v2\n" + DumpJson(line);
}

OperatorMetadataLog::OperatorMetadataLog(FileSystem& files, const std::string& checkpoint, std::int64_t operator_id)
    : log_(files, fmt::format("{}/state/{}/_metadata/v2", checkpoint, operator_id)),
      version_1_path_(fmt::format("{}/state/{}/_metadata/metadata", checkpoint, operator_id)) {}

Result<std::optional<OperatorMetadataLog::Text>> OperatorMetadataLog::ReadAt(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> ids, log_.Ids());
  const auto above = std::upper_bound(ids.begin(), ids.end(), batch);
  if (above != ids.begin()) {
    const BatchId found = *std::prev(above);
    HF_ASSIGN_OR_RETURN(std::string text, log_.Read(found));
    return std::optional(Text{found, log_.PathOf(found), std::move(text)});
  }
  Result<std::string> text = log_.files().Read(version_1_path_);
  if (IsNotFound(text.status())) {
    return std::optional<Text>();
  }
  HF_RETURN_IF_ERROR(text.status());
  return std::optional(Text{0, version_1_path_, std::move(text).value()});
}

Result<std::optional<OperatorMetadataLog::Entry>> OperatorMetadataLog::LatestAt(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const std::optional<Text> found, ReadAt(batch));
  if (!found.has_value()) {
    return std::optional<Entry>();
  }
  HF_ASSIGN_OR_RETURN(OperatorMetadata metadata, ParseOperatorMetadata(found->text, found->path));
  return std::optional(Entry{found->batch, std::move(metadata)});
}

Result<std::optional<OperatorOutline>> OperatorMetadataLog::OutlineAt(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const std::optional<Text> found, ReadAt(batch));
  if (!found.has_value()) {
    return std::optional<OperatorOutline>();
  }
  HF_ASSIGN_OR_RETURN(OperatorOutline outline, ParseOutline(found->text, found->path));
  return std::optional(std::move(outline));
}

Status OperatorMetadataLog::Put(BatchId batch, const OperatorMetadata& metadata) {
  const std::string path = log_.PathOf(batch);
  const std::string text = PrintOperatorMetadata(metadata);
  auto existing = log_.Read(batch);
  if (!existing.ok()) {
    return IsNotFound(existing.status()) ? log_.PutNew(batch, text) : existing.status();
  }
  const auto parsed = ParseOperatorMetadata(*existing, path);
  if (parsed.ok() && SameMetadata(*parsed, metadata)) {
    return {};
  }
  return log_.files().Replace(path, text);
}

Status OperatorMetadataLog::Purge(BatchId first_retained) {
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> ids, log_.Ids());
  const auto above = std::upper_bound(ids.begin(), ids.end(), first_retained);
  return above == ids.begin() ? Status() : log_.Purge(*std::prev(above));
}

Result<std::vector<std::int64_t>> ListOperators(FileSystem& files, const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files.List(checkpoint + "/state"));
  std::vector<std::int64_t> ids;
  for (const FileInfo& entry : found) {
    if (const auto id = ParseBatchId(entry.name); id.has_value() && entry.is_directory) {
      ids.push_back(*id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace hf
