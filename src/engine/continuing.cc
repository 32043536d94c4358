// SPDX-License-Identifier: Apache-2.0
#include "engine/continuing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/json.h"
#include "checkpoint/offset_log.h"
#include "checkpoint/operator_metadata.h"
#include "engine/conf.h"

namespace hf {

namespace {

constexpr std::size_t kOffsetShown = 120;
constexpr std::string_view kDeltaTable = "a Delta table";
constexpr std::string_view kUnknown = "a source that is not known";

// {"topic":{"0":23,"1":45}}
bool IsKafka(const Json& offset) {
  return !offset.empty() && std::all_of(offset.begin(), offset.end(), [](const Json& partitions) {
    return partitions.is_object() && !partitions.empty() &&
           std::all_of(partitions.begin(), partitions.end(), [](const Json& at) { return at.is_number_integer(); });
  });
}

// Which source wrote an offset that none of files did; empty for what they may have written.
std::string_view SourceOf(const std::string& offset) {
  const Result<Json> json = ParseJson(offset);
  if (!json.ok() || !json->is_object()) {
    return "";  // a bare number, as from memory; the source decides
  }
  if (json->contains("logOffset")) {
    return "";
  }
  if (json->contains("reservoirId") || json->contains("reservoirVersion")) {
    return kDeltaTable;
  }
  if (json->contains("seqNum")) {
    return "Databricks' Auto Loader (cloudFiles)";
  }
  return IsKafka(*json) ? "Kafka" : kUnknown;
}

class Obstacles {
 public:
  void Add(Status status) { found_.push_back(std::move(status)); }

  Status All(const std::string& checkpoint) {
    if (found_.size() <= 1) {
      return found_.empty() ? Status() : found_.front();
    }
    std::string sentences;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      sentences += fmt::format("{}({}) {}", i == 0 ? "" : "; ", i + 1, found_[i].message());
    }
    return Incompatible(fmt::format("{} obstacles to going on with {}: {}", found_.size(), checkpoint, sentences),
                        "HOLDFAST_CANNOT_CONTINUE");
  }

 private:
  std::vector<Status> found_;
};

void CheckSources(const OffsetSeq& entry, const std::string& path,
                  const std::optional<std::vector<SourceKind>>& kinds_now, Obstacles& obstacles) {
  if (kinds_now.has_value() && entry.offsets.size() != kinds_now->size()) {
    obstacles.Add(Incompatible(
        fmt::format("{} has {} sources, this query has {}; a checkpoint goes on only with the sources it began with",
                    path, entry.offsets.size(), kinds_now->size()),
        "HOLDFAST_CANNOT_CONTINUE"));
  }
  for (std::size_t source = 0; source < entry.offsets.size(); ++source) {
    const std::string offset = entry.offsets[source].value_or("");
    const std::string_view kind = SourceOf(offset);
    const bool is_taken = !kinds_now.has_value()
                              ? kind == kDeltaTable || kind == kUnknown
                              : source < kinds_now->size() && (*kinds_now)[source] == SourceKind::kJudgesItself;
    if (!is_taken && !kind.empty()) {
      obstacles.Add(Incompatible(
          fmt::format("{} has for source {} the offset of {}, {}{}", path, source, kind, offset.substr(0, kOffsetShown),
                      kinds_now.has_value() ? ", and the query reads files there (json, csv, parquet, text)"
                                            : ", for which Holdfast has no source"),
          "HOLDFAST_CANNOT_CONTINUE"));
    }
  }
}

Status CheckOperators(FileSystem& files, const std::string& checkpoint, BatchId batch, Obstacles& obstacles) {
  HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(files, checkpoint));
  for (const std::int64_t operator_id : operators) {
    const auto metadata = OperatorMetadataLog(files, checkpoint, operator_id).LatestAt(batch);
    if (!metadata.ok() && metadata.status().kind() == ErrorKind::kIncompatible) {
      obstacles.Add(metadata.status());
    }
  }
  return Status();
}

}  // namespace

Status CheckContinuable(FileSystem& files, const std::string& checkpoint,
                        const std::optional<std::vector<SourceKind>>& sources) {
  const OffsetLog offsets(files, checkpoint);
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> planned, offsets.log().Ids());
  if (planned.empty()) {
    return Status();
  }
  // A damaged entry is recovery's matter.
  const Result<OffsetSeq> entry = offsets.Get(planned.back());
  Obstacles obstacles;
  if (entry.ok()) {
    CheckSources(*entry, offsets.log().PathOf(planned.back()), sources, obstacles);
  }
  if (entry.ok() && entry->metadata.has_value()) {
    for (Status& setting : Conf::Unsupported(entry->metadata->conf)) {
      obstacles.Add(std::move(setting));
    }
  }
  HF_RETURN_IF_ERROR(CheckOperators(files, checkpoint, planned.back(), obstacles));
  return obstacles.All(checkpoint);
}

}  // namespace hf
