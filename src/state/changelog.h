// SPDX-License-Identifier: Apache-2.0
// Changelog: the operations of one state version as a file (Spark 4.3 StateStoreChangelog, formats 2 and 4).
//
//   content  = header record* end                 in the stream of a CompressionCodec
//   header   = UTF "v2"  |  UTF "v4" UTF lineage  (lineage: JSON, the versions back to the last uploaded snapshot)
//   record   = op(1) key_size(int32) key value_size(int32) value; a delete has value_size -1 and no value
//   end      = 0x00
// Integers are big-endian, UTF is Java's writeUTF. Formats 1 and 3 hold no column families: they are refused by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "holdfast/status.h"
#include "state/store.h"

namespace hf {

inline constexpr std::string_view kChangelogHeader("\0\2v2", 4);
inline constexpr char kChangelogEnd = 0x00;
// Offsets into the content are 32 bits wide.
inline constexpr std::size_t kChangelogBytesMax = 0xFFFFFFFF;
inline constexpr std::size_t kRecordFrameBytes = 1 + 4 + 4;

struct ChangelogRecord {
  StateOp op = StateOp::kPut;
  std::string_view key;
  std::string_view value;  // empty for kDelete
};

struct Changelog {
  int format = 2;
  std::vector<VersionId> lineage;      // format 4 only, ascending
  std::string content;                 // decompressed, with header and end
  std::vector<std::uint32_t> offsets;  // where each record begins, in the order of the file

  [[nodiscard]] ChangelogRecord record(std::size_t index) const;
};

// What stands before the records in format 4. Of a lineage that is too long for Java's writeUTF only the newest part is
// in it: who writes that publishes a snapshot of the version, too.
std::string HeaderWithLineage(std::span<const VersionId> lineage);
inline constexpr std::size_t kChangelogHeaderMax = 2 + 2 + 2 + 0xFFFF;

// Decodes a whole file. kCorrupt says what is wrong at which byte, kIncompatible names a format that is not supported;
// the caller adds the file's name.
Result<Changelog> ReadChangelog(std::string_view file, CompressionCodec codec);

// The record that begins at `at`. REQUIRES: a record that ReadChangelog or AppendRecord has made.
inline ChangelogRecord RecordAt(const char* at) {
  ChangelogRecord record{.op = static_cast<StateOp>(*at), .key = {at + 5, LoadBig32(at + 1)}, .value = {}};
  if (record.op != StateOp::kDelete) {
    const char* value = record.key.data() + record.key.size();
    record.value = {value + 4, LoadBig32(value)};
  }
  return record;
}
inline std::string_view RecordKeyAt(const char* at) { return {at + 5, LoadBig32(at + 1)}; }

inline std::size_t RecordBytes(std::string_view key, std::string_view value) {
  return kRecordFrameBytes + key.size() + value.size();
}
// Writes a record and returns the byte behind it. REQUIRES: RecordBytes of room, a key; no value with kDelete.
inline char* StoreRecord(char* to, StateOp op, std::string_view key, std::string_view value) {
  *to = static_cast<char>(op);
  StoreBig32(to + 1, static_cast<std::uint32_t>(key.size()));
  std::memcpy(to + 5, key.data(), key.size());
  to += 5 + key.size();
  StoreBig32(to, op == StateOp::kDelete ? 0xFFFFFFFF : static_cast<std::uint32_t>(value.size()));
  if (!value.empty()) {  // an empty view may have no address, which memcpy must not be given
    std::memcpy(to + 4, value.data(), value.size());
  }
  return to + 4 + value.size();
}
void AppendRecord(std::string& out, StateOp op, std::string_view key, std::string_view value);

}  // namespace hf
