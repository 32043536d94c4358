// SPDX-License-Identifier: Apache-2.0
// RowFrame: what stands around the rows in the keys and values of state. All of it is here, so that nobody else
// counts bytes (Spark 4.3 RocksDBStateEncoder; docs/formats/state_key.md, state_value.md):
//
//   key                          family row                      value state, list state, counters
//   key that is scanned          family part(prefix) row         map state, timers by key
//   key in the order of a range  family part(range) row          expiry indexes, timers by time
//   value                        row
//   value of a list              part(row), joined by the delimiter of the database
//
//   family   int16           which column family; it stays in front in every encoding
//   row      head, bytes     head: version byte 0 and, with Avro only, the int16 id of the schema that wrote the bytes
//   part     int32 size, row the size counts the row's head; a prefix's or range's row has no schema id
//
// All numbers are little-endian. A row's bytes belong to the codecs, as do those of a range (codec/avro/range_key.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace hf {

using FamilyId = std::int16_t;  // 1 = "default"; ids are never used again

inline constexpr std::size_t kFamilyBytes = sizeof(FamilyId);

// REQUIRES of these: kFamilyBytes bytes at `key`.
inline FamilyId FamilyOf(std::string_view key) {
  return static_cast<FamilyId>(LoadLittle16(key.data()));  // NOLINT(bugprone-suspicious-stringview-data-usage)
}
inline std::string_view BehindFamily(std::string_view key) { return key.substr(kFamilyBytes); }
inline void SetFamily(char* key, FamilyId family) {
  StoreOrdered(key, static_cast<std::uint16_t>(family), std::endian::little);
}
// What every key of the family begins with.
inline std::string FamilyPrefix(FamilyId family) {
  std::string prefix(kFamilyBytes, '\0');
  SetFamily(prefix.data(), family);
  return prefix;
}

// How rows are encoded. Spark's spark.sql.streaming.stateStore.encodingFormat.
enum class StateEncoding : std::uint8_t { kAvro, kUnsafeRow };

struct FramedRow {
  int schema_id = 0;  // 0 where the encoding has none
  std::string_view bytes;
};

struct FramedKey {
  FamilyId family = 0;
  std::string_view prefix = {};  // the bytes of a prefix's or range's row
  FramedRow row;                 // what follows it; without a prefix, the whole key
};

struct RowFrame {
  StateEncoding encoding = StateEncoding::kAvro;

  [[nodiscard]] std::size_t head_bytes() const {
    return encoding == StateEncoding::kAvro ? kVersionBytes + kSchemaIdBytes : kVersionBytes;
  }

  // ---- Writing: the codec appends a row's bytes behind its head -------------------------------------------------
  // Makes `out` the head of a row, whatever it held: how a value begins. For values of which there are many.
  void BeginRow(int schema_id, std::string& out) const {
    out.resize(head_bytes());
    StoreHead(schema_id, out.data());
  }
  void AppendHead(int schema_id, std::string& out) const {
    char head[kVersionBytes + kSchemaIdBytes];
    StoreHead(schema_id, head);
    out.append(head, head_bytes());
  }
  // How a key without a prefix begins.
  void AppendKeyHead(FamilyId family, int schema_id, std::string& out) const {
    char head[kFamilyBytes + kVersionBytes + kSchemaIdBytes];
    SetFamily(head, family);
    StoreHead(schema_id, head + kFamilyBytes);
    out.append(head, kFamilyBytes + head_bytes());
  }
  // The prefix or range behind a key's family; returns what EndPart wants. What stands then in the key is what all
  // keys with that prefix begin with; AppendHead and the bytes of the rest make one key of it.
  static std::size_t BeginPrefix(std::string& out) {
    const std::size_t begin = BeginPart(out);
    AppendByte(out, kVersion);
    return begin;
  }
  // An element of a list.
  std::size_t BeginElement(int schema_id, std::string& out) const {
    const std::size_t begin = BeginPart(out);
    AppendHead(schema_id, out);
    return begin;
  }
  // Sets the size, now that the row stands behind it.
  static void EndPart(std::size_t begin, std::string& out) {
    StoreLittle32(out.data() + begin, static_cast<std::uint32_t>(out.size() - begin - kSizeBytes));
  }

  // ---- Reading: hostile bytes; nullopt when they are not so framed ------------------------------------------------
  [[nodiscard]] std::optional<FramedRow> ReadRow(std::string_view bytes) const {
    if (bytes.size() < head_bytes() || bytes[0] != kVersion) [[unlikely]] {
      return std::nullopt;
    }
    const int schema_id = encoding == StateEncoding::kAvro ? LoadLittle16(bytes.data() + kVersionBytes) : 0;
    return FramedRow{.schema_id = schema_id, .bytes = bytes.substr(head_bytes())};
  }
  [[nodiscard]] std::optional<FramedKey> ReadKey(std::string_view key) const;
  // Of a key with a prefix or range in front.
  [[nodiscard]] std::optional<FramedKey> ReadPrefixedKey(std::string_view key) const;
  // Takes the first element off the value of a list, and the delimiter behind it (StoreOptions::list_delimiter).
  // REQUIRES: `list` is not empty.
  [[nodiscard]] std::optional<FramedRow> TakeElement(std::string_view delimiter, std::string_view* list) const;

 private:
  static constexpr char kVersion = 0;
  static constexpr std::size_t kVersionBytes = 1;
  static constexpr std::size_t kSchemaIdBytes = sizeof(std::int16_t);
  static constexpr std::size_t kSizeBytes = sizeof(std::int32_t);

  void StoreHead(int schema_id, char* head) const {
    head[0] = kVersion;
    if (encoding == StateEncoding::kAvro) {
      StoreOrdered(head + kVersionBytes, static_cast<std::uint16_t>(schema_id), std::endian::little);
    }
  }
  static std::size_t BeginPart(std::string& out) {
    const std::size_t begin = out.size();
    out.append(kSizeBytes, '\0');
    return begin;
  }
};

}  // namespace hf
