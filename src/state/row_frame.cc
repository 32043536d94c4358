// SPDX-License-Identifier: Apache-2.0
#include "state/row_frame.h"

namespace hf {
namespace {

// Takes a size and as many bytes off `bytes`.
std::optional<std::string_view> TakePart(std::string_view* bytes) {
  ByteReader reader(*bytes);
  const std::uint32_t size = reader.ReadLittle32();
  const std::string_view part = reader.ReadBytes(size);
  if (reader.failed()) {
    return std::nullopt;
  }
  *bytes = reader.rest();
  return part;
}

}  // namespace

std::optional<FramedKey> RowFrame::ReadKey(std::string_view key) const {
  if (key.size() < kFamilyBytes) {
    return std::nullopt;
  }
  const std::optional<FramedRow> row = ReadRow(BehindFamily(key));
  return row.has_value() ? std::optional<FramedKey>({.family = FamilyOf(key), .row = *row}) : std::nullopt;
}

std::optional<FramedKey> RowFrame::ReadPrefixedKey(std::string_view key) const {
  if (key.size() < kFamilyBytes) {
    return std::nullopt;
  }
  std::string_view rest = BehindFamily(key);
  const std::optional<std::string_view> prefix = TakePart(&rest);
  if (!prefix.has_value() || prefix->empty() || prefix->front() != kVersion) {
    return std::nullopt;
  }
  const std::optional<FramedRow> row = ReadRow(rest);
  if (!row.has_value()) {
    return std::nullopt;
  }
  return FramedKey{.family = FamilyOf(key), .prefix = prefix->substr(kVersionBytes), .row = *row};
}

std::optional<FramedRow> RowFrame::TakeElement(std::string_view delimiter, std::string_view* list) const {
  std::string_view rest = *list;
  const std::optional<std::string_view> element = TakePart(&rest);
  if (!element.has_value()) {
    return std::nullopt;
  }
  if (!rest.empty()) {
    if (!rest.starts_with(delimiter) || rest.size() == delimiter.size()) {
      return std::nullopt;  // a delimiter stands between two elements
    }
    rest.remove_prefix(delimiter.size());
  }
  *list = rest;
  return ReadRow(*element);
}

}  // namespace hf
