// SPDX-License-Identifier: Apache-2.0
#include "state/visible_checksum.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/crc32c.h"
#include "base/json.h"
#include "holdfast/log.h"

namespace hf {
namespace {

constexpr std::string_view kAlgorithm = "CRC32C";

struct VisibleChecksum {
  std::int64_t value = 0;  // Java's int: signed
  std::int64_t file_bytes = 0;
};

std::int64_t ValueOf(std::string_view file) { return static_cast<std::int32_t>(Crc32c(file)); }

Result<VisibleChecksum> Parse(std::string_view text) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(text));
  HF_ASSIGN_OR_RETURN(const std::string algorithm, GetString(json, "algorithm"));
  if (algorithm != kAlgorithm) {
    return Incompatible(fmt::format("the algorithm {} is not known", algorithm));
  }
  VisibleChecksum checksum;
  HF_ASSIGN_OR_RETURN(checksum.value, GetInt64(json, "value"));
  HF_ASSIGN_OR_RETURN(checksum.file_bytes, GetInt64(json, "mainFileSize"));
  return checksum;
}

}  // namespace

std::string VisibleChecksumPath(std::string_view path) { return fmt::format("{}.crc", path); }

std::string EncodeVisibleChecksum(std::string_view file) {
  Json json;
  json["algorithm"] = kAlgorithm;
  json["value"] = ValueOf(file);
  json["mainFileSize"] = file.size();
  json["timestampMs"] = 0;  // state does not read the clock, and no reader asks
  json["creator"] = Json{{"executorId", "holdfast"}, {"taskInfo", ""}};
  return DumpJson(json);
}

Result<std::string> ReadChecked(FileSystem& files, const std::string& path) {
  HF_ASSIGN_OR_RETURN(std::string file, files.Read(path));
  const std::string checksum_path = VisibleChecksumPath(path);
  const Result<std::string> text = files.Read(checksum_path);
  if (IsNotFound(text.status())) {
    return file;
  }
  const Result<VisibleChecksum> checksum = text.ok() ? Parse(*text) : text.status();
  if (!checksum.ok()) {
    Log(LogLevel::kWarning,
        fmt::format("{} is not verified: {} cannot be used: {}", path, checksum_path, checksum.status().ToString()));
    return file;
  }
  const auto file_bytes = static_cast<std::int64_t>(file.size());
  if (const std::int64_t value = ValueOf(file); checksum->value != value || checksum->file_bytes != file_bytes) {
    return Corrupt(fmt::format("{} does not match {}: it has {} bytes with CRC32C {}, and should have {} with {}", path,
                               checksum_path, file_bytes, value, checksum->file_bytes, checksum->value),
                   "CHECKPOINT_FILE_CHECKSUM_VERIFICATION_FAILED");
  }
  return file;
}

}  // namespace hf
