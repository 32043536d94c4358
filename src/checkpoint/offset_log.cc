// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/offset_log.h"

#include <fmt/format.h>

#include "base/json.h"

namespace hf {
namespace {

constexpr std::string_view kNoOffset = "-";

Result<OffsetSeqMetadata> ParseMetadata(std::string_view line) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(line));
  if (!json.is_object()) {
    return Corrupt("the metadata is not a JSON object");
  }
  // Absent fields have their defaults, as in Spark's case class.
  OffsetSeqMetadata metadata;
  HF_ASSIGN_OR_RETURN(const auto watermark, FindInt64(json, "batchWatermarkMs"));
  HF_ASSIGN_OR_RETURN(const auto timestamp, FindInt64(json, "batchTimestampMs"));
  metadata.batch_watermark_ms = watermark.value_or(0);
  metadata.batch_timestamp_ms = timestamp.value_or(0);
  if (FindKey(json, "conf") != nullptr) {
    HF_ASSIGN_OR_RETURN(const Json* conf, GetObject(json, "conf"));
    for (const auto& item : conf->items()) {
      if (!item.value().is_string()) {
        return Corrupt(fmt::format("conf {} is not a string", item.key()));
      }
      metadata.conf.emplace_back(item.key(), item.value().get<std::string>());
    }
  }
  return metadata;
}

}  // namespace

Result<OffsetSeq> ParseOffsetSeq(std::string_view text, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const int version, TakeVersionLine(text, 1, path));
  static_cast<void>(version);
  OffsetSeq seq;
  const std::optional<std::string_view> line = TakeLine(text);
  if (!line.has_value()) {
    return Corrupt(fmt::format("{} ends after its version line: the metadata and the offsets are missing", path));
  }
  if (!line->empty()) {
    auto metadata = ParseMetadata(*line);
    if (!metadata.ok()) {
      return metadata.status().WithContext(fmt::format("{}, line 2", path));
    }
    seq.metadata = std::move(*metadata);
  }
  while (const std::optional<std::string_view> offset = TakeLine(text)) {
    if (*offset == kNoOffset) {
      seq.offsets.emplace_back();
      continue;
    }
    const auto json = ParseJson(*offset);
    if (!json.ok()) {
      return json.status().WithContext(fmt::format("{}, offset of source {}", path, seq.offsets.size()));
    }
    seq.offsets.emplace_back(std::string(*offset));
  }
  if (seq.offsets.empty()) {
    return Corrupt(fmt::format("{} has no offsets: one line for each source is missing", path));
  }
  return seq;
}

std::string PrintOffsetSeq(const OffsetSeq& seq) {
  std::string text = "v1\n";
  if (seq.metadata.has_value()) {
    Json conf = Json::object();
    for (const auto& [name, value] : seq.metadata->conf) {
      conf[name] = value;
    }
    Json metadata;
    metadata["batchWatermarkMs"] = seq.metadata->batch_watermark_ms;
    metadata["batchTimestampMs"] = seq.metadata->batch_timestamp_ms;
    metadata["conf"] = std::move(conf);
    text += DumpJson(metadata);
  }
  for (const std::optional<std::string>& offset : seq.offsets) {
    text += '\n';
    text += offset.has_value() ? std::string_view(*offset) : kNoOffset;
  }
  return text;
}

Result<OffsetSeq> OffsetLog::Get(BatchId batch) const {
  HF_ASSIGN_OR_RETURN(const std::string text, log_.Read(batch));
  return ParseOffsetSeq(text, log_.PathOf(batch));
}

}  // namespace hf
