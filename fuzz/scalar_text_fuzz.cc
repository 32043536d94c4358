// SPDX-License-Identifier: Apache-2.0
// Texts of single values: numbers, times, zones, patterns, paths. A piece that is a pattern, then the text.
#include <cmath>

#include "base/file_uri.h"
#include "base/java_text.h"
#include "connect/file/path_pattern.h"
#include "fuzz_target.h"
#include "rows/datetime_pattern.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

void TryNumbers(std::string_view text) {
  if (const auto whole = ParseInteger(text, INT64_MIN, INT64_MAX); whole.has_value()) {
    HF_FUZZ_CHECK(ParseInteger(std::to_string(*whole), INT64_MIN, INT64_MAX) == whole);
  }
  if (const auto real = ParseDouble(text); real.has_value() && std::isfinite(*real)) {
    HF_FUZZ_CHECK(ParseDouble(JavaDoubleText(*real)) == real);
  }
  static_cast<void>(ParseFloat(text));
  static_cast<void>(ParseDecimal(text, 38, 18));
  static_cast<void>(ParseDecimal(text, 5, 0));
  static_cast<void>(ParseBoolean(text));
  if (const auto decoded = ParseBase64(text); decoded.has_value()) {
    HF_FUZZ_CHECK(decoded->size() <= text.size());
  }
}

void TryTimes(std::string_view pattern, std::string_view text) {
  static_cast<void>(ParseDate(text));
  const auto zone = TimeZone::Find(pattern);
  if (const auto instant = ParseTimestamp(text, zone.ok() ? *zone : TimeZone()); instant.has_value() && zone.ok()) {
    static_cast<void>(zone->LocalOf(*instant));
    static_cast<void>(zone->OffsetSecondsAt(*instant));
  }
  static_cast<void>(ParseTimestampNtz(text));
  const auto compiled = DateTimePattern::Compile(pattern, DateTimePattern::Use::kRead);
  if (compiled.ok()) {
    static_cast<void>(compiled->Read(text));
  }
  const auto writing = DateTimePattern::Compile(pattern, DateTimePattern::Use::kWrite);
  if (writing.ok()) {
    std::string out;
    writing->Append(out, CivilTime(), 3600, TimeZone());
  }
}

void TryPaths(std::string_view pattern, std::string_view text) {
  if (const auto path = PathFromFileUri(text); path.ok() && path->starts_with('/')) {
    const auto again = PathFromFileUri(FileUriFromPath(*path));
    HF_FUZZ_CHECK(!again.ok() || *again == *path || path->find('\0') != std::string::npos);
  }
  static_cast<void>(PathFromHadoopPath(text));
  if (const auto filter = NameFilter::Parse(pattern); filter.ok()) {
    static_cast<void>(filter->Matches(text));
  }
  static_cast<void>(IsPathPattern(pattern));
}

}  // namespace

HOLDFAST_FUZZ_TARGET(scalar_text) {
  const std::string_view pattern = fuzz::TakePiece(bytes);
  TryNumbers(bytes);
  TryTimes(pattern, bytes);
  TryPaths(pattern, bytes);
}

}  // namespace hf
