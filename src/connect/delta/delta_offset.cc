// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_offset.h"

#include <fmt/core.h>

#include "base/json.h"

namespace hf {
namespace {

// Delta's DeltaSourceOffset: VERSION_1, VERSION_3, BASE_INDEX_V3, the two indexes of a schema change.
constexpr std::int64_t kPlainVersion = 1;
constexpr std::int64_t kNewestVersion = 3;
constexpr std::int64_t kBeforeAllV3 = -100;
constexpr std::int64_t kSchemaChange = -20;
constexpr std::int64_t kAfterSchemaChange = -19;

Result<DeltaOffset> ReadOffset(const Json& json, std::int64_t* source_version) {
  DeltaOffset offset;
  HF_ASSIGN_OR_RETURN(*source_version, GetInt64(json, "sourceVersion"));
  HF_ASSIGN_OR_RETURN(offset.table_id, GetString(json, "reservoirId"));
  HF_ASSIGN_OR_RETURN(offset.version, GetInt64(json, "reservoirVersion"));
  HF_ASSIGN_OR_RETURN(offset.index, GetInt64(json, "index"));
  HF_ASSIGN_OR_RETURN(offset.is_starting, GetBool(json, "isStartingVersion"));
  return offset;
}

}  // namespace

Result<DeltaOffset> ParseDeltaOffset(const std::string& text) {
  const std::string shown = text.substr(0, 200);
  std::int64_t source_version = 0;
  const Result<Json> json = ParseJson(text);
  Result<DeltaOffset> offset = json.ok() ? ReadOffset(*json, &source_version) : Result<DeltaOffset>(json.status());
  if (!offset.ok()) {
    return Corrupt(fmt::format("the checkpoint holds an offset that is none of a Delta table: {}", shown));
  }
  const bool changes_schema = offset->index == kSchemaChange || offset->index == kAfterSchemaChange;
  if (source_version > kNewestVersion || (source_version == kNewestVersion && changes_schema)) {
    return Incompatible(fmt::format("the offset of the Delta source is one of {}, which Holdfast does not have: {}",
                                    changes_schema
                                        ? "a query that tracks changes of the schema (schemaTrackingLocation)"
                                        : fmt::format("a later Delta (sourceVersion {})", source_version),
                                    shown));
  }
  if (source_version == kNewestVersion && offset->index == kBeforeAllV3) {
    offset->index = DeltaOffset::kBeforeAll;
    offset->is_start_mark = true;
  }
  const bool known = source_version == kPlainVersion || source_version == kNewestVersion;
  // One more of either can still be counted.
  constexpr std::int64_t kMax = std::int64_t{1} << 62;
  if (!known || offset->version < 0 || offset->version > kMax || offset->index < DeltaOffset::kBeforeAll ||
      offset->index > kMax) {
    return Corrupt(fmt::format("the checkpoint holds an offset of a Delta table that cannot be: {}", shown));
  }
  return offset;
}

std::string PrintDeltaOffset(const DeltaOffset& offset) {
  Json json;
  json["sourceVersion"] = offset.is_start_mark ? kNewestVersion : kPlainVersion;
  json["reservoirId"] = offset.table_id;
  json["reservoirVersion"] = offset.version;
  json["index"] = offset.is_start_mark ? kBeforeAllV3 : offset.index;
  json["isStartingVersion"] = offset.is_starting;
  return DumpJson(json);
}

}  // namespace hf
