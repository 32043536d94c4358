// SPDX-License-Identifier: Apache-2.0
#include "state/row_checksum.h"

#include <fmt/format.h>

#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "state/delta.h"

namespace hf {
namespace {

constexpr std::size_t kChecksumBytes = 4;

std::string KeyText(std::string_view key) {
  std::string text;
  for (const char byte : key) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<std::uint8_t>(byte));
  }
  return text;
}

Status WrongSum(std::string_view key, std::uint32_t stored, std::uint32_t computed) {
  return Corrupt(fmt::format("the row checksum of key {} does not match: stored is {:08x}, computed {:08x}",
                             KeyText(key), stored, computed),
                 "STATE_STORE_ROW_CHECKSUM_VERIFICATION_FAILED");
}

// Takes the first row off `stored`, with its checksum and the delimiter behind it.
Result<std::string_view> TakeRow(std::string_view key, std::string_view delimiter, std::string_view* stored) {
  ByteReader reader(*stored);
  const std::uint32_t sum = reader.ReadLittle32();
  const std::string_view row = reader.ReadBytes(reader.ReadLittle32());
  std::string_view rest = reader.rest();
  const bool has_next = !rest.empty();
  if (reader.failed() || (has_next && (!rest.starts_with(delimiter) || rest.size() == delimiter.size()))) {
    return Corrupt(fmt::format("the value of key {} is not a row behind its checksum and size", KeyText(key)),
                   "STATE_STORE_ROW_CHECKSUM_VERIFICATION_FAILED");
  }
  if (const std::uint32_t computed = Crc32c(row, Crc32c(key)); computed != sum) {
    return WrongSum(key, sum, computed);
  }
  *stored = has_next ? rest.substr(delimiter.size()) : rest;
  return row;
}

}  // namespace

void AppendChecksummed(std::string_view key, std::string_view row, std::string& out) {
  AppendLittle32(out, Crc32c(row, Crc32c(key)));
  AppendLittle32(out, static_cast<std::uint32_t>(row.size()));
  out.append(row);
}

Result<std::string_view> VerifyRows(std::string_view key, std::string_view stored, std::string_view delimiter,
                                    std::string* joined) {
  HF_ASSIGN_OR_RETURN(const std::string_view first, TakeRow(key, delimiter, &stored));
  if (stored.empty()) {
    return first;
  }
  joined->assign(first);
  while (!stored.empty()) {
    HF_ASSIGN_OR_RETURN(const std::string_view row, TakeRow(key, delimiter, &stored));
    AppendElement(*joined, delimiter, row);
  }
  return std::string_view(*joined);
}

Status VerifyChangelog(Changelog* changelog, std::string_view delimiter) {
  std::string joined;
  bool has_deletes = false;
  for (std::size_t i = 0; i < changelog->offsets.size(); ++i) {
    const ChangelogRecord record = changelog->record(i);
    if (record.op != StateOp::kDelete) {
      HF_RETURN_IF_ERROR(VerifyRows(record.key, record.value, delimiter, &joined).status());
      continue;
    }
    has_deletes = true;
    if (record.key.size() < kChecksumBytes + kFamilyBytes) {
      return Corrupt(fmt::format("the deleted key {} has no checksum", KeyText(record.key)));
    }
    const std::string_view key = record.key.substr(kChecksumBytes);
    const std::uint32_t sum = LoadLittle32(record.key.data());
    if (const std::uint32_t computed = Crc32c(key); computed != sum) {
      return WrongSum(key, sum, computed);
    }
  }
  if (!has_deletes) {
    return {};
  }
  std::string content = changelog->content.substr(0, changelog->offsets.front());
  content.reserve(changelog->content.size());
  for (std::uint32_t& offset : changelog->offsets) {
    const ChangelogRecord record = RecordAt(changelog->content.data() + offset);
    offset = static_cast<std::uint32_t>(content.size());
    const std::size_t sum_bytes = record.op == StateOp::kDelete ? kChecksumBytes : 0;
    AppendRecord(content, record.op, record.key.substr(sum_bytes), record.value);
  }
  content.push_back(kChangelogEnd);
  changelog->content = std::move(content);
  return {};
}

std::string ChecksumDeletes(std::string_view content, std::size_t first) {
  std::string out(content.substr(0, first));
  out.reserve(content.size());
  std::string key;
  for (const char* at = content.data() + first; *at != kChangelogEnd;) {
    const ChangelogRecord record = RecordAt(at);
    at += RecordBytes(record.key, record.value);
    if (record.op == StateOp::kDelete) {
      key.clear();
      AppendLittle32(key, Crc32c(record.key));
      key.append(record.key);
      AppendRecord(out, record.op, key, {});
    } else {
      AppendRecord(out, record.op, record.key, record.value);
    }
  }
  out.push_back(kChangelogEnd);
  return out;
}

}  // namespace hf
