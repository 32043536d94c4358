// SPDX-License-Identifier: Apache-2.0
#include "state/changelog.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/json.h"

namespace hf {
namespace {

constexpr int kFormatWithFamilies = 2;
constexpr int kFormatWithLineage = 4;

// The number behind "v"; 1 when the bytes do not begin with such a text, as Spark's StateStoreChangelogReaderFactory
// decides it.
int FormatOf(ByteReader& reader) {
  const std::string text = reader.ReadJavaUtf();
  int format = 0;
  if (reader.failed() || text.size() < 2 || text[0] != 'v') {
    return 1;
  }
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), format);
  return error == std::errc() && end == text.data() + text.size() ? format : 1;
}

Result<std::vector<VersionId>> ParseLineage(std::string_view text) {
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(text));
  if (!json.is_array()) {
    return Corrupt("the lineage is no JSON array");
  }
  std::vector<VersionId> lineage;
  for (const Json& item : json) {
    VersionId entry;
    HF_ASSIGN_OR_RETURN(entry.version, GetInt64(item, "version"));
    HF_ASSIGN_OR_RETURN(entry.unique_id, GetString(item, "checkpointUniqueId"));
    lineage.push_back(std::move(entry));
  }
  std::sort(lineage.begin(), lineage.end());
  return lineage;
}

// Reads the records from `reader` on and notes where they begin.
Status ReadRecords(ByteReader& reader, std::vector<std::uint32_t>* offsets) {
  constexpr std::uint32_t kNoValue = 0xFFFFFFFF;
  constexpr std::uint32_t kSizeMax = 0x7FFFFFFF;  // Java's int
  while (!reader.failed()) {
    const std::size_t begin = reader.position();
    const std::uint8_t op = reader.ReadByte();
    if (reader.failed()) {
      return Corrupt(fmt::format("no end-of-file record after {} records: the file is cut off", offsets->size()));
    }
    if (op == static_cast<std::uint8_t>(kChangelogEnd)) {
      break;
    }
    const bool is_delete = op == static_cast<std::uint8_t>(StateOp::kDelete);
    if (!is_delete && op != static_cast<std::uint8_t>(StateOp::kPut) &&
        op != static_cast<std::uint8_t>(StateOp::kMerge)) {
      reader.Fail("unknown type of a record");
    }
    const std::uint32_t key_bytes = reader.ReadBig32();
    if (key_bytes < kFamilyBytes || key_bytes > kSizeMax) {
      reader.Fail("impossible size of a key");
    }
    reader.Skip(key_bytes);
    const std::uint32_t value_bytes = reader.ReadBig32();
    if (is_delete ? value_bytes != kNoValue : value_bytes > kSizeMax) {
      reader.Fail("impossible size of a value");
    }
    reader.Skip(is_delete ? 0 : value_bytes);
    if (!reader.failed()) {
      offsets->push_back(static_cast<std::uint32_t>(begin));
    }
  }
  return reader.StatusAtEnd(fmt::format("record {}", offsets->size()));
}

}  // namespace

ChangelogRecord Changelog::record(std::size_t index) const { return RecordAt(content.data() + offsets[index]); }

Result<Changelog> ReadChangelog(std::string_view file, CompressionCodec codec) {
  Changelog changelog;
  HF_ASSIGN_OR_RETURN(changelog.content, Decompress(codec, file, kChangelogBytesMax));
  ByteReader reader(changelog.content);
  changelog.format = FormatOf(reader);
  if (changelog.format != kFormatWithFamilies && changelog.format != kFormatWithLineage) {
    return Incompatible(fmt::format("changelog format {} is not supported: only formats 2 and 4 hold column families",
                                    changelog.format));
  }
  if (changelog.format == kFormatWithLineage) {
    const std::string lineage = reader.ReadJavaUtf();
    HF_RETURN_IF_ERROR(reader.status("lineage"));
    HF_ASSIGN_OR_RETURN(changelog.lineage, ParseLineage(lineage));
  }
  HF_RETURN_IF_ERROR(ReadRecords(reader, &changelog.offsets));
  return changelog;
}

std::string HeaderWithLineage(std::span<const VersionId> lineage) {
  constexpr std::size_t kEntriesMax = 0xFFFF / 100;  // of at most 93 bytes
  lineage = lineage.last(std::min(lineage.size(), kEntriesMax));
  Json json = Json::array();
  for (const VersionId& id : lineage) {
    json.push_back(Json{{"version", id.version}, {"checkpointUniqueId", id.unique_id}});
  }
  const std::string text = DumpJson(json);
  std::string header("\0\2v4", 4);
  AppendBig16(header,
              static_cast<std::uint16_t>(text.size()));  // ids and numbers are ASCII, so writeUTF changes nothing
  return header + text;
}

void AppendRecord(std::string& out, StateOp op, std::string_view key, std::string_view value) {
  const std::size_t at = out.size();
  out.resize(at + RecordBytes(key, value));
  StoreRecord(out.data() + at, op, key, value);
}

}  // namespace hf
